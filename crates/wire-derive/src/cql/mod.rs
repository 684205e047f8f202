//! Structs as rows, markers and user-defined types of CQL.

mod decode;
mod dispatch;
mod encode;
mod input;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Result};

use input::{Input, Role};

/// `FromRow`.
pub(crate) fn from_row(input: &DeriveInput) -> Result<TokenStream> {
    let input = Input::parse(input, Role::Row)?;
    let fields = decode::fields(&input)?;
    let (krate, ident) = (&input.krate, &input.ident);
    let lifetime = input.lifetime()?;
    let (generics, types, bounds) = input.for_decoding(&lifetime);
    let (check, extra) = (input.check(), input.extra());
    Ok(in_scope(quote! {
        #fields

        #[automatically_derived]
        impl #generics #krate::row::FromRow<#lifetime> for #ident #types #bounds {
            fn check(
                columns: &[#krate::message::Column],
            ) -> ::core::result::Result<#krate::row::RowPlan, #krate::Error> {
                #krate::row::#check::<Self>(columns, #extra)
            }

            #[inline]
            fn from_row(
                cells: &mut #krate::row::RowCells<#lifetime>,
            ) -> ::core::result::Result<Self, #krate::Error> {
                cells.fields()
            }
        }
    }))
}

/// `BindRow`.
pub(crate) fn bind_row(input: &DeriveInput) -> Result<TokenStream> {
    let input = Input::parse(input, Role::Row)?;
    let fields = encode::fields(&input);
    let (krate, ident) = (&input.krate, &input.ident);
    let (generics, types, bounds) = input.for_encoding();
    let role = input.role_path();
    let is_named = !input.by_position;
    let bind = if is_named {
        quote!(fields)
    } else {
        quote!(positions)
    };
    Ok(in_scope(quote! {
        #fields

        #[automatically_derived]
        impl #generics #krate::message::Bind for #ident #types #bounds {
            #[inline]
            fn count(&self) -> usize {
                <Self as #krate::types::fields::EncodeFields<#role>>::COUNT
            }

            #[inline]
            fn is_named(&self) -> bool {
                #is_named
            }

            #[inline]
            fn bind(
                &self,
                out: &mut #krate::message::Binder<'_>,
            ) -> ::core::result::Result<(), #krate::Error> {
                out.#bind(self)
            }
        }
    }))
}

/// `Udt`.
pub(crate) fn udt(input: &DeriveInput) -> Result<TokenStream> {
    let input = Input::parse(input, Role::Udt)?;
    let decoded = decode::fields(&input)?;
    let encoded = encode::fields(&input);
    let (krate, ident) = (&input.krate, &input.ident);
    let lifetime = input.lifetime()?;
    let (decode_generics, types, decode_bounds) = input.for_decoding(&lifetime);
    let (encode_generics, _, encode_bounds) = input.for_encoding();
    let extra = input.extra();
    Ok(in_scope(quote! {
        #decoded
        #encoded

        #[automatically_derived]
        impl #decode_generics #krate::types::Decode<#lifetime> for #ident #types #decode_bounds {
            fn accepts(data_type: &#krate::types::DataType) -> bool {
                Self::why_not(data_type).is_none()
            }

            fn why_not(
                data_type: &#krate::types::DataType,
            ) -> ::core::option::Option<::std::string::String> {
                #krate::types::fields::why_not_udt::<Self>(data_type, #extra)
            }

            fn decode(
                data_type: &#krate::types::DataType,
                cell: #krate::types::Cell<#lifetime>,
            ) -> ::core::result::Result<Self, #krate::Error> {
                #krate::types::fields::decode_udt(data_type, cell)
            }
        }

        #[automatically_derived]
        impl #encode_generics #krate::types::Encode for #ident #types #encode_bounds {
            fn encode(
                &self,
                data_type: ::core::option::Option<&#krate::types::DataType>,
                out: #krate::types::CellWriter<'_>,
            ) -> ::core::result::Result<#krate::types::Written, #krate::Error> {
                #krate::types::fields::encode_udt(self, data_type, #extra, out)
            }
        }
    }))
}

/// A scope of its own, so that nothing but implementations comes out.
fn in_scope(items: TokenStream) -> TokenStream {
    quote! {
        #[doc(hidden)]
        #[allow(missing_docs, missing_debug_implementations, unreachable_pub, unnameable_types)]
        const _: () = {
            #items
        };
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    /// What a user is told who asks for something that cannot be.
    fn refusal(derive: fn(&DeriveInput) -> Result<TokenStream>, input: &DeriveInput) -> String {
        derive(input).unwrap_err().to_string()
    }

    #[test]
    fn only_structs_can_be_derived_for() {
        for input in [
            parse_quote!(
                enum E {
                    A,
                }
            ),
            parse_quote!(
                union U {
                    a: u8,
                }
            ),
        ] {
            for derive in [from_row, bind_row, udt] {
                assert!(refusal(derive, &input).contains("only a struct can be derived for"));
            }
        }
        let tuple = parse_quote!(
            struct T(i32);
        );
        assert!(refusal(udt, &tuple).contains("name those of the struct"));
        assert!(from_row(&tuple).is_ok() && bind_row(&tuple).is_ok());
    }

    #[test]
    fn names_must_differ() {
        let input = parse_quote!(
            struct S {
                a: i32,
                #[cql(rename = "a")]
                b: i32,
            }
        );
        for derive in [from_row, bind_row, udt] {
            assert_eq!(
                refusal(derive, &input),
                "there is another field with the name `a`"
            );
        }
        let by_position = parse_quote!(
            #[cql(by_position)]
            struct S {
                a: i32,
                #[cql(rename = "a")]
                b: i32,
            }
        );
        assert!(from_row(&by_position).is_ok());
    }

    #[test]
    fn attributes_must_be_known_and_fit_each_other() {
        let unknown = parse_quote!(
            struct S {
                #[cql(renamed = "a")]
                b: i32,
            }
        );
        assert_eq!(
            refusal(from_row, &unknown),
            "a field may have `rename`, `default`, `skip` and `flatten`"
        );
        let unknown = parse_quote!(
            #[cql(by_name)]
            struct S {
                b: i32,
            }
        );
        assert_eq!(
            refusal(bind_row, &unknown),
            "a struct may have `by_position`, `strict` and `crate`"
        );
        assert_eq!(
            refusal(udt, &unknown),
            "a user-defined type may have `strict` and `crate`"
        );
        let flat = parse_quote!(
            struct S {
                #[cql(flatten)]
                b: T,
            }
        );
        assert!(refusal(udt, &flat).contains("may have `rename`, `default` and `skip`"));
        let both = parse_quote!(
            struct S {
                #[cql(skip, rename = "a")]
                b: T,
            }
        );
        assert!(refusal(from_row, &both).contains("`skip` and `flatten` exclude"));
    }

    #[test]
    fn a_struct_borrows_from_one_page() {
        let input = parse_quote!(
            struct S<'a, 'b> {
                a: &'a str,
                b: &'b str,
            }
        );
        assert!(refusal(from_row, &input).contains("may have one lifetime"));
        assert!(bind_row(&input).is_ok());
    }

    /// What is wrong, and the part of the source that is said to be.
    fn pointed_at(
        derive: fn(&DeriveInput) -> Result<TokenStream>,
        source: &str,
    ) -> (String, String) {
        let error = derive(&syn::parse_str(source).unwrap()).unwrap_err();
        let place = error.span().source_text().unwrap();
        (place, error.to_string())
    }

    #[test]
    fn errors_point_at_the_place_and_say_what_to_do() {
        for (source, place, text) in [
            ("enum Colour { Red }", "Colour", "only a struct"),
            ("union Both { a: u8 }", "Both", "only a struct"),
            (
                "#[cql(by_name)] struct S { a: i32 }",
                "by_name",
                "may have `by_position`",
            ),
            (
                "#[cql(rename_all = \"x\")] struct S { a: i32 }",
                "rename_all",
                "may have `by_position`",
            ),
            (
                "struct S { a: i32, #[cql(nmae)] b: i32 }",
                "nmae",
                "may have `rename`",
            ),
            (
                "struct S { #[cql(rename = 5)] b: i32 }",
                "5",
                "expected string literal",
            ),
            ("struct S { #[cql(rename)] b: i32 }", ")", "expected `=`"),
            (
                "struct S { #[cql(rename = \"\")] b: i32 }",
                "\"\"",
                "not empty",
            ),
            (
                "struct S { #[cql(rename = \"x\", rename = \"y\")] b: i32 }",
                "\"y\"",
                "one name",
            ),
            (
                "struct S { #[cql(skip = true)] b: i32 }",
                "=",
                "expected `,`",
            ),
            ("struct S { #[cql] b: i32 }", "cql", "#[cql(...)]"),
            (
                "struct S { a: i32, #[cql(rename = \"a\")] b: u8 }",
                "#[cql(rename = \"a\")] b: u8",
                "another field with the name `a`",
            ),
            (
                "struct S { #[cql(skip, flatten)] b: T }",
                "#[cql(skip, flatten)] b: T",
                "exclude each other",
            ),
            (
                "struct S { #[cql(flatten, default)] b: T }",
                "#[cql(flatten, default)] b: T",
                "exclude each other, `rename` and `default`",
            ),
            (
                "#[cql(by_position)] struct S { #[cql(flatten)] a: T, b: i32 }",
                "b: i32",
                "put this field before those with `flatten`",
            ),
            (
                "struct S(#[cql(flatten)] T, i32);",
                "i32",
                "put this field before",
            ),
        ] {
            for derive in [from_row, bind_row] {
                let (found, error) = pointed_at(derive, source);
                assert!(error.contains(text), "{source}: {error}");
                assert_eq!(found, place, "{source}: {error}");
            }
        }
    }

    #[test]
    fn errors_of_user_defined_types_point_at_their_place() {
        for (source, place, text) in [
            ("struct T(i32);", "T", "name those of the struct"),
            (
                "#[cql(by_position)] struct S { a: i32 }",
                "by_position",
                "may have `strict` and `crate`",
            ),
            (
                "struct S { #[cql(flatten)] b: T }",
                "flatten",
                "may have `rename`, `default` and `skip`",
            ),
        ] {
            let (found, error) = pointed_at(udt, source);
            assert!(error.contains(text), "{source}: {error}");
            assert_eq!(found, place, "{source}: {error}");
        }
        let two = "struct S<'a, 'b> { a: &'a str, b: &'b str }";
        let (found, error) = pointed_at(from_row, two);
        assert_eq!(found, "'b", "{error}");
    }

    #[test]
    fn other_attributes_are_left_alone() {
        let input = parse_quote!(
            #[serde(rename_all = "camelCase")]
            struct S {
                /// Text.
                #[serde(skip)]
                r#type: i32,
            }
        );
        let written = from_row(&input).unwrap().to_string();
        assert!(written.contains("\"type\""), "{written}");
    }
}
