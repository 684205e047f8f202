//! Lists, sets, maps and vectors; the components of tuples and user-defined types.

mod decode;
mod encode;

use wire_core::{DecodeError, DecodeResultExt, Reader};

pub(super) use encode::{encode_components, encode_elements, encode_entries};

use super::decode::{damaged, decode_cell};
use super::{Cell, DataType, Decode, vector};
use crate::codec::prim;
use crate::error::{Error, ErrorKind};

/// The element type of a list, set or vector.
fn element_type(data_type: &DataType) -> Option<&DataType> {
    match data_type {
        DataType::List(element) | DataType::Set(element) | DataType::Vector(element, _) => {
            Some(element)
        }
        _ => None,
    }
}

fn accepts_element(data_type: &DataType, accepts: impl FnOnce(&DataType) -> bool) -> bool {
    element_type(data_type).is_some_and(accepts)
}

fn accepts_pair(data_type: &DataType, accepts: impl FnOnce(&DataType, &DataType) -> bool) -> bool {
    match data_type {
        DataType::Map(pair) => accepts(&pair.0, &pair.1),
        _ => false,
    }
}

/// Reads the elements of a list, set or vector one after the other.
pub(super) struct Elements<'a, 't> {
    cell: Cell<'a>,
    r: Reader<'a>,
    data_type: &'t DataType,
    element: &'t DataType,
    left: usize,
}

impl<'a, 't> Elements<'a, 't> {
    pub(super) fn new(data_type: &'t DataType, cell: Cell<'a>) -> Result<Self, Error> {
        let mut r = Reader::new(cell.data());
        let Some(element) = element_type(data_type) else {
            return Err(not_nested(data_type));
        };
        let left = match data_type {
            // Elements take a byte at least, a length or their own.
            DataType::Vector(_, n) => r.count("dimensions", *n, 1),
            _ => read_count(&mut r, 4),
        };
        let left = left.map_err(|e| damaged(data_type, e))?;
        Ok(Self {
            cell,
            r,
            data_type,
            element,
            left,
        })
    }

    /// How many elements follow; never more than the bytes can hold.
    pub(super) fn left(&self) -> usize {
        self.left
    }

    pub(super) fn next<T: Decode<'a>>(&mut self) -> Result<Option<T>, Error> {
        if self.left == 0 {
            let end = self.r.finish("Collection");
            return end.map(|()| None).map_err(|e| damaged(self.data_type, e));
        }
        self.left = self.left.saturating_sub(1);
        let data = match self.data_type {
            DataType::Vector(..) => vector::next(&mut self.r, self.element).map(Some),
            _ => prim::cell(&mut self.r, "element"),
        };
        let data = data.map_err(|e| damaged(self.data_type, e))?;
        decode_cell(self.element, data.map(|data| self.cell.part(data))).map(Some)
    }
}

/// Reads the entries of a map one after the other.
pub(super) struct Entries<'a, 't> {
    cell: Cell<'a>,
    r: Reader<'a>,
    data_type: &'t DataType,
    pair: &'t (DataType, DataType),
    left: usize,
}

impl<'a, 't> Entries<'a, 't> {
    pub(super) fn new(data_type: &'t DataType, cell: Cell<'a>) -> Result<Self, Error> {
        let mut r = Reader::new(cell.data());
        let DataType::Map(pair) = data_type else {
            return Err(not_nested(data_type));
        };
        let left = read_count(&mut r, 8).map_err(|e| damaged(data_type, e))?;
        Ok(Self {
            cell,
            r,
            data_type,
            pair,
            left,
        })
    }

    pub(super) fn left(&self) -> usize {
        self.left
    }

    pub(super) fn next<K: Decode<'a>, V: Decode<'a>>(&mut self) -> Result<Option<(K, V)>, Error> {
        if self.left == 0 {
            let end = self.r.finish("Map");
            return end.map(|()| None).map_err(|e| damaged(self.data_type, e));
        }
        self.left = self.left.saturating_sub(1);
        let key = prim::cell(&mut self.r, "key").map_err(|e| damaged(self.data_type, e))?;
        let value = prim::cell(&mut self.r, "value").map_err(|e| damaged(self.data_type, e))?;
        let key = decode_cell(&self.pair.0, key.map(|data| self.cell.part(data)))?;
        let value = decode_cell(&self.pair.1, value.map(|data| self.cell.part(data)))?;
        Ok(Some((key, value)))
    }
}

/// Reads the components of a tuple or user-defined type. Components that are missing at the end are null.
pub(super) struct Components<'a> {
    cell: Cell<'a>,
    r: Reader<'a>,
}

impl<'a> Components<'a> {
    pub(super) fn new(cell: Cell<'a>) -> Self {
        Self {
            cell,
            r: Reader::new(cell.data()),
        }
    }

    pub(super) fn next<T: Decode<'a>>(&mut self, data_type: &DataType) -> Result<T, Error> {
        let data = if self.r.is_empty() {
            None
        } else {
            prim::cell(&mut self.r, "component").map_err(|e| damaged(data_type, e))?
        };
        decode_cell(data_type, data.map(|data| self.cell.part(data)))
    }

    pub(super) fn skip(&mut self, data_type: &DataType) -> Result<(), Error> {
        if !self.r.is_empty() {
            prim::cell(&mut self.r, "component").map_err(|e| damaged(data_type, e))?;
        }
        Ok(())
    }
}

fn read_count(r: &mut Reader<'_>, min_bytes: usize) -> Result<usize, DecodeError> {
    let n = r.i32_be("count")?;
    r.count("count", n, min_bytes).within("Collection")
}

#[cold]
fn not_nested(data_type: &DataType) -> Error {
    Error::new(
        ErrorKind::Misuse,
        format!("{data_type} was not checked before it was decoded"),
    )
}
