//! Structs field by field: what the derive macros implement, and what rows, markers and user-defined types do with it.
//!
//! Not meant to be implemented by hand: `FromRow`, `Bind`, `Encode` and `Decode` are.

mod udt;

pub use udt::{decode_udt, encode_udt, why_not_udt};

use super::{CellWriter, DataType, Decode, Encode, Written};
use crate::error::{Error, ErrorKind};

/// Fields stand for the columns of a row or the markers of a statement.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "it has no content")]
pub struct AsRow;

/// Fields stand for those of a user-defined type.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "it has no content")]
pub struct AsUdt;

/// What is done about columns, or fields of a user-defined type, that have no field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "it is one or the other")]
pub enum Extra {
    /// They are passed over.
    Allowed,
    /// They are an error.
    Refused,
}

/// Gives cells one after the other.
pub trait Cells<'a> {
    /// The next cell as `T`.
    ///
    /// # Errors
    /// As for [`Decode`].
    fn value<T: Decode<'a>>(&mut self) -> Result<T, Error>;
}

/// A struct whose fields are read from cells that come in any order.
pub trait DecodeFields<'a, Role>: Sized {
    /// How many fields are read, those of flattened structs included.
    const COUNT: usize;

    /// Fields that have been read.
    type Slots: Default;

    /// Name of a field in the database; empty from [`Self::COUNT`] on.
    fn name(field: usize) -> &'static str;

    /// Rust type of a field.
    fn rust_type(field: usize) -> &'static str;

    /// Whether a field can be read from this type.
    fn accepts(field: usize, data_type: &DataType) -> bool;

    /// Why not, where that is not plain.
    fn why_not(field: usize, data_type: &DataType) -> Option<String>;

    /// Whether a field has a value if there is none in the database.
    fn has_default(field: usize) -> bool;

    /// Reads the next cell as this field.
    ///
    /// # Errors
    /// As for [`Decode`].
    fn read<C: Cells<'a>>(
        field: usize,
        slots: &mut Self::Slots,
        cells: &mut C,
    ) -> Result<(), Error>;

    /// Reads all fields from the next cells, whose order is theirs.
    ///
    /// # Errors
    /// As for [`Decode`].
    fn read_in_order<C: Cells<'a>>(cells: &mut C) -> Result<Self, Error>;

    /// The struct of the fields that have been read, and of the defaults of the others.
    ///
    /// # Errors
    /// [`ErrorKind::Misuse`] if a field without a default was not read.
    fn finish(slots: Self::Slots) -> Result<Self, Error>;
}

/// Takes values one after the other.
pub trait Values {
    /// The next value.
    ///
    /// # Errors
    /// As for [`Encode`](super::Encode).
    fn put<T: Encode + ?Sized>(&mut self, value: &T) -> Result<(), Error>;
}

/// A struct whose fields are written one by one.
pub trait EncodeFields<Role> {
    /// How many fields are written, those of flattened structs included.
    const COUNT: usize;

    /// Name of a field in the database; empty from [`Self::COUNT`] on.
    fn name(field: usize) -> &'static str;

    /// Writes a field.
    ///
    /// # Errors
    /// As for [`Encode`](super::Encode).
    fn encode(
        &self,
        field: usize,
        data_type: Option<&DataType>,
        out: CellWriter<'_>,
    ) -> Result<Written, Error>;

    /// Writes all fields in their order.
    ///
    /// # Errors
    /// As for [`Encode`](super::Encode).
    fn encode_in_order<V: Values>(&self, out: &mut V) -> Result<(), Error>;
}

/// The field of this name, which probably is `likely`.
#[inline]
pub(crate) fn find(
    name: &str,
    likely: usize,
    count: usize,
    name_of: impl Fn(usize) -> &'static str,
) -> Option<usize> {
    if likely < count && name_of(likely) == name {
        return Some(likely);
    }
    (0..count).find(|field| name_of(*field) == name)
}

/// The error of a field that has neither a value nor a default.
#[cold]
pub fn missing<T>(field: &str) -> Error {
    let text = format!(
        "field `{field}` of {} was not checked before it was read",
        std::any::type_name::<T>()
    );
    Error::new(ErrorKind::Misuse, text)
}

/// The error of a field that there is not.
#[cold]
pub fn no_such_field<T>(field: usize) -> Error {
    let text = format!("{} has no field {field}", std::any::type_name::<T>());
    Error::new(ErrorKind::Misuse, text)
}
