//! Derive macros of [`cql-v4`](https://docs.rs/cql-v4), to be used from there under the names without `Cql`.
//!
//! Each macro is two functions: one reads the struct and its `#[cql(…)]` attributes, the other writes the
//! implementation. What depends on the database at run time (which column is which field) is ordinary code in `cql-v4`.

mod cql;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Reads a struct from a row: `cql_v4::FromRow`.
///
/// Each field is read from the column of its name, wherever it stands, by way of the field type's `Decode`. Which
/// column is which field is found out once per page; a field without a column, or with a column of another type, is an
/// error there. Other columns are passed over. A tuple struct is read by position, from as many columns or more.
///
/// The struct may borrow from the page: its lifetime is then that of the page.
///
/// | attribute of the struct | |
/// | --- | --- |
/// | `by_position` | The fields are the columns in their order, whatever their names. |
/// | `strict` | Columns without a field are an error. |
/// | `crate = path` | Where `cql_v4` is, if that is not its name. |
///
/// | attribute of a field | |
/// | --- | --- |
/// | `rename = "name"` | The name of the column, as the server has it. |
/// | `default` | `Default` where the column is missing or null. |
/// | `skip` | Not read from the row: `Default`. |
/// | `flatten` | A struct with this derive whose fields stand among those of this one; by position, behind them. |
///
/// ```text
/// #[derive(cql_v4::FromRow)]
/// struct User<'a> {
///     id: i64,
///     #[cql(rename = "fullName")]
///     name: &'a str,
///     #[cql(default)]
///     logins: i32,
/// }
/// ```
#[proc_macro_derive(CqlFromRow, attributes(cql))]
pub fn cql_from_row(input: TokenStream) -> TokenStream {
    expand(&parse_macro_input!(input as DeriveInput), cql::from_row)
}

/// Binds the fields of a struct to the markers of a statement: `cql_v4::BindRow`, which implements `cql_v4::message::Bind`.
///
/// Each field is bound to the marker of its name. Every marker needs a field and every field a marker, save those with
/// `skip`. With a statement that is not prepared the names are sent along, for the server to do the same. A tuple
/// struct is bound by position.
///
/// | attribute of the struct | |
/// | --- | --- |
/// | `by_position` | The fields are the values in their order, whatever their names. |
/// | `crate = path` | Where `cql_v4` is, if that is not its name. |
///
/// | attribute of a field | |
/// | --- | --- |
/// | `rename = "name"` | The name of the marker, as the server has it. |
/// | `skip` | Not bound. |
/// | `flatten` | A struct with this derive whose fields stand among those of this one; by position, behind them. |
///
/// The attributes of `FromRow` are allowed as well, so that a struct can have both.
#[proc_macro_derive(CqlBindRow, attributes(cql))]
pub fn cql_bind_row(input: TokenStream) -> TokenStream {
    expand(&parse_macro_input!(input as DeriveInput), cql::bind_row)
}

/// A user-defined type as a struct: `cql_v4::Udt`, which implements `cql_v4::types::Encode` and `Decode`.
///
/// Each field is the type's field of its name, wherever it stands. A field that the type has not is an error. Fields of
/// the type that the struct has not are passed over when a value is read, and are null in a value that is written.
/// Values that were written before a field was added to their type end early; that field is null then.
///
/// A struct can be bound to markers of prepared statements alone, since the order of the fields must be known.
///
/// | attribute of the struct | |
/// | --- | --- |
/// | `strict` | Fields of the type that the struct has not are an error. |
/// | `crate = path` | Where `cql_v4` is, if that is not its name. |
///
/// | attribute of a field | |
/// | --- | --- |
/// | `rename = "name"` | The name of the type's field, as the server has it. |
/// | `default` | When read: `Default` where the type or the value has no such field, or it is null. |
/// | `skip` | Neither read nor written: `Default`. |
#[proc_macro_derive(CqlUdt, attributes(cql))]
pub fn cql_udt(input: TokenStream) -> TokenStream {
    expand(&parse_macro_input!(input as DeriveInput), cql::udt)
}

fn expand(
    input: &DeriveInput,
    derive: fn(&DeriveInput) -> syn::Result<proc_macro2::TokenStream>,
) -> TokenStream {
    derive(input)
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}
