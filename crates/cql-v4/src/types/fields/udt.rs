//! User-defined types as structs.

use std::any::type_name;

use super::{AsUdt, Cells, DecodeFields, EncodeFields, Extra, find};
use crate::error::{Error, ErrorKind};
use crate::types::nested::Components;
use crate::types::{Cell, CellWriter, DataType, Decode, UdtField, UdtType, Written};

/// Why values of `data_type` cannot be read as `T`; `None` if they can.
pub fn why_not_udt<'a, T: DecodeFields<'a, AsUdt>>(
    data_type: &DataType,
    extra: Extra,
) -> Option<String> {
    let DataType::Udt(udt) = data_type else {
        return Some("it is no user-defined type".to_owned());
    };
    let field_of = |name: &str| find(name, 0, T::COUNT, T::name);
    for UdtField { name, data_type } in &udt.fields {
        match field_of(name) {
            Some(field) if !T::accepts(field, data_type) => {
                let rust = T::rust_type(field);
                return Some(format!(
                    "its field `{name}` is of type {data_type}, not {rust}"
                ));
            }
            None if extra == Extra::Refused => {
                return Some(format!(
                    "its field `{name}` of type {data_type} has no place"
                ));
            }
            _ => {}
        }
    }
    let is_missing = |field: &usize| !T::has_default(*field) && !udt.has(T::name(*field));
    let missing = (0..T::COUNT).find(is_missing)?;
    let (name, rust) = (T::name(missing), T::rust_type(missing));
    Some(format!("it has no field `{name}` for a {rust}"))
}

/// The cells of a value, one for each field of its type.
struct UdtCells<'a, 't> {
    components: Components<'a>,
    fields: std::slice::Iter<'t, UdtField>,
}

impl<'a> Cells<'a> for UdtCells<'a, '_> {
    fn value<T: Decode<'a>>(&mut self) -> Result<T, Error> {
        let Some(field) = self.fields.next() else {
            let text = "more fields were asked for than the type has";
            return Err(Error::new(ErrorKind::Misuse, text));
        };
        self.components
            .next(&field.data_type)
            .map_err(|e| e.context(format_args!("field `{}`", field.name)))
    }
}

/// Reads a value of a type that [`why_not_udt`] has seen.
///
/// # Errors
/// As for [`Decode`].
pub fn decode_udt<'a, T: DecodeFields<'a, AsUdt>>(
    data_type: &DataType,
    cell: Cell<'a>,
) -> Result<T, Error> {
    let DataType::Udt(udt) = data_type else {
        return Err(not_udt::<T>(data_type));
    };
    let mut cells = UdtCells {
        components: Components::new(cell),
        fields: udt.fields.iter(),
    };
    let is_field = |i: usize| udt.fields.get(i).is_some_and(|f| f.name == T::name(i));
    if (0..T::COUNT).all(is_field) {
        return T::read_in_order(&mut cells);
    }
    let mut slots = T::Slots::default();
    for (i, field) in udt.fields.iter().enumerate() {
        match find(&field.name, i, T::COUNT, T::name) {
            Some(number) => T::read(number, &mut slots, &mut cells)?,
            None => {
                cells.fields.next();
                cells.components.skip(&field.data_type)?;
            }
        }
    }
    T::finish(slots)
}

/// Writes a value in the order of its type's fields, null for those that `T` has not.
///
/// # Errors
/// [`ErrorKind::Type`] if a field of either has no place in the other, or another type; [`ErrorKind::Misuse`] if the
/// type is not known.
pub fn encode_udt<T: EncodeFields<AsUdt>>(
    value: &T,
    data_type: Option<&DataType>,
    extra: Extra,
    out: CellWriter<'_>,
) -> Result<Written, Error> {
    let Some(data_type) = data_type else {
        let text = format!(
            "{} is a user-defined type, whose order of fields is known from a prepared statement only; nothing was sent",
            type_name::<T>()
        );
        return Err(Error::new(ErrorKind::Misuse, text));
    };
    let DataType::Udt(udt) = data_type else {
        return Err(crate::types::encode::mismatch::<T>(data_type));
    };
    if let Some(field) = (0..T::COUNT).find(|field| !udt.has(T::name(*field))) {
        return Err(no_such::<T>(T::name(field), udt));
    }
    out.nested(|inner| {
        for (i, UdtField { name, data_type }) in udt.fields.iter().enumerate() {
            let cell = inner.component();
            let written = match find(name, i, T::COUNT, T::name) {
                Some(field) => value.encode(field, Some(data_type), cell),
                None if extra == Extra::Refused => Err(unwanted::<T>(data_type)),
                None => cell.null(),
            };
            written.map_err(|e| e.context(format_args!("field `{name}`")))?;
        }
        Ok(())
    })
}

impl UdtType {
    fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }
}

#[cold]
fn not_udt<T>(data_type: &DataType) -> Error {
    let text = format!(
        "{data_type} was not checked before it was read as {}",
        type_name::<T>()
    );
    Error::new(ErrorKind::Misuse, text)
}

#[cold]
fn no_such<T>(field: &str, udt: &UdtType) -> Error {
    let known: Vec<String> = udt
        .fields
        .iter()
        .map(|field| format!("{} {}", field.name, field.data_type))
        .collect();
    let text = format!(
        "field `{field}` of {} is none of type {}.{} ({}); nothing was sent",
        type_name::<T>(),
        udt.keyspace,
        udt.name,
        known.join(", ")
    );
    Error::new(ErrorKind::Type, text)
}

#[cold]
fn unwanted<T>(data_type: &DataType) -> Error {
    let text = format!(
        "of type {data_type} has no field in {}, which allows no others; nothing was sent",
        type_name::<T>()
    );
    Error::new(ErrorKind::Type, text)
}
