//! Which column is which field of a struct.

use super::RowPlan;
use super::cells::PASS;
use crate::error::{Error, ErrorKind, Sent};
use crate::message::Column;
use crate::types::fields::{AsRow, DecodeFields, Extra, find};

/// The plan of a struct whose fields are columns of the same names.
///
/// # Errors
/// [`ErrorKind::Type`] names the field or column that does not fit.
#[doc(hidden)]
pub fn check_names<'a, T: DecodeFields<'a, AsRow>>(
    columns: &[Column],
    extra: Extra,
) -> Result<RowPlan, Error> {
    // The usual case takes no memory: a column for each field, in their order.
    let is_field = |i: usize| columns.get(i).is_some_and(|c| c.name() == T::name(i));
    if columns.len() == T::COUNT && (0..T::COUNT).all(is_field) {
        columns
            .iter()
            .enumerate()
            .try_for_each(|(i, column)| check_field::<T>(i, i, column))?;
        return Ok(RowPlan::IN_ORDER);
    }
    let mut fields: Vec<u16> = Vec::new();
    for (i, column) in columns.iter().enumerate() {
        let likely = fields.last().map_or(0, |f| usize::from(f.wrapping_add(1)));
        let field = find(column.name(), likely, T::COUNT, T::name);
        let number = field.map_or(Ok(PASS), u16::try_from).unwrap_or(PASS);
        match field {
            // Of columns with the same name the first is read.
            Some(field) if !fields.contains(&number) => check_field::<T>(field, i, column)?,
            Some(_) => {
                fields.push(PASS);
                continue;
            }
            None if extra == Extra::Refused => return Err(unwanted::<T>(i, column)),
            None => {}
        }
        fields.push(number);
    }
    let is_missing = |field: &usize| {
        !T::has_default(*field) && !fields.iter().any(|f| usize::from(*f) == *field)
    };
    match (0..T::COUNT).find(is_missing) {
        Some(field) => Err(no_column::<T>(field, columns)),
        None => Ok(RowPlan::of(fields.into())),
    }
}

/// The plan of a struct whose fields are the columns in their order, whatever their names.
///
/// # Errors
/// [`ErrorKind::Type`] names the field or column that does not fit.
#[doc(hidden)]
pub fn check_positions<'a, T: DecodeFields<'a, AsRow>>(
    columns: &[Column],
    extra: Extra,
) -> Result<RowPlan, Error> {
    for (i, column) in columns.iter().enumerate() {
        if i < T::COUNT {
            check_field::<T>(i, i, column)?;
        } else if extra == Extra::Refused {
            return Err(unwanted::<T>(i, column));
        }
    }
    if columns.len() >= T::COUNT {
        return Ok(RowPlan::IN_ORDER);
    }
    if let Some(field) = (columns.len()..T::COUNT).find(|field| !T::has_default(*field)) {
        return Err(no_column::<T>(field, columns));
    }
    let fields = (0..=PASS).take(columns.len()).collect();
    Ok(RowPlan::of(fields))
}

fn check_field<'a, T: DecodeFields<'a, AsRow>>(
    field: usize,
    index: usize,
    column: &Column,
) -> Result<(), Error> {
    if T::accepts(field, column.data_type()) {
        return Ok(());
    }
    let text = format!(
        "column {index} `{}` is of type {}, which cannot be read as {}, the type of field `{}` of {}",
        column.name(),
        column.data_type(),
        T::rust_type(field),
        T::name(field),
        std::any::type_name::<T>(),
    );
    Err(type_error(text, T::why_not(field, column.data_type())))
}

/// With the reason, if there is one to tell.
#[cold]
pub(super) fn type_error(mut text: String, why_not: Option<String>) -> Error {
    if let Some(reason) = why_not {
        text.push_str(": ");
        text.push_str(&reason);
    }
    Error::new(ErrorKind::Type, text).with_sent(Sent::Yes)
}

#[cold]
fn no_column<'a, T: DecodeFields<'a, AsRow>>(field: usize, columns: &[Column]) -> Error {
    let text = format!(
        "the result has no column for field `{}` of {}, a {}; its columns are: {}",
        T::name(field),
        std::any::type_name::<T>(),
        T::rust_type(field),
        described(columns)
    );
    Error::new(ErrorKind::Type, text).with_sent(Sent::Yes)
}

#[cold]
fn unwanted<T>(index: usize, column: &Column) -> Error {
    let text = format!(
        "column {index} `{}` of type {} has no field in {}, which allows no other columns",
        column.name(),
        column.data_type(),
        std::any::type_name::<T>(),
    );
    Error::new(ErrorKind::Type, text).with_sent(Sent::Yes)
}

/// Names and types of columns, for an error.
pub(super) fn described(columns: &[Column]) -> String {
    let list: Vec<String> = columns
        .iter()
        .map(|column| format!("{} {}", column.name(), column.data_type()))
        .collect();
    list.join(", ")
}
