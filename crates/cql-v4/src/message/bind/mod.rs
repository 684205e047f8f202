//! The values that are bound to the markers of a statement.
//!
//! ```text
//! [short n] n x ({flag 0x40: [string name]} [value])      [value]: [int length] bytes, -1 null, -2 unset (v4)
//! ```

mod named;
mod raw;

use wire_core::{Prefix, Writer};

pub use named::Named;
pub use raw::{RawValue, RawValues};

use super::Column;
use crate::codec::{Feature, Version};
use crate::error::{Error, ErrorKind, Fail};
use crate::types::{CellWriter, DataType, Encode, Place, Written};

/// Values for all markers of a statement.
///
/// In the order of the markers: tuples of up to 16 values, `()`, arrays, slices and vectors. By the names of the
/// markers: [`Named`], maps with text as keys, and structs with `#[derive(BindRow)]`.
///
/// ```
/// use cql_v4::{Error, message::{Bind, Binder}};
///
/// struct Point { x: i32, y: i32 }
///
/// impl Bind for Point {
///     fn count(&self) -> usize {
///         2
///     }
///     fn bind(&self, out: &mut Binder<'_>) -> Result<(), Error> {
///         out.value(&self.x)?;
///         out.value(&self.y)
///     }
/// }
/// ```
pub trait Bind {
    /// How many values there are.
    fn count(&self) -> usize;

    /// Whether values belong to markers by their names, so that there may be more or fewer of them than markers. What
    /// says so hands [`Named`] or another such value to [`Self::bind`]'s `out`.
    fn is_named(&self) -> bool {
        false
    }

    /// Hands them to `out`, one after the other.
    ///
    /// # Errors
    /// Those of [`Binder::value`].
    fn bind(&self, out: &mut Binder<'_>) -> Result<(), Error>;
}

/// Writes the values of a statement, and compares each with the type of its marker where that is known.
#[derive(Debug)]
pub struct Binder<'a> {
    w: Writer<'a>,
    markers: Option<&'a [Column]>,
    place: Place,
    bound: usize,
}

impl Binder<'_> {
    /// Binds the next value.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if its type is not that of its marker; [`ErrorKind::Encode`] if it cannot be written.
    #[inline]
    pub fn value<T: Encode + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.next(|data_type, cell| value.encode(data_type, cell))
    }

    #[inline]
    fn next(
        &mut self,
        encode: impl FnOnce(Option<&DataType>, CellWriter<'_>) -> Result<Written, Error>,
    ) -> Result<(), Error> {
        let index = self.bound;
        self.bound = index.saturating_add(1);
        let marker = self.markers.and_then(|markers| markers.get(index));
        let cell = CellWriter::new(self.w.reborrow(), self.place);
        match encode(marker.map(Column::data_type), cell) {
            Ok(_) => Ok(()),
            Err(error) => Err(at_marker(error, index, marker)),
        }
    }
}

#[cold]
fn at_marker(error: Error, index: usize, marker: Option<&Column>) -> Error {
    match marker {
        Some(marker) => error.context(format_args!("value {index} `{}`", marker.name())),
        None => error.context(format_args!("value {index}")),
    }
}

/// Writes the count and the values; `markers` are those of the statement, if it is prepared.
#[inline]
pub(crate) fn write_values<V: Bind + ?Sized>(
    w: &mut Writer<'_>,
    version: Version,
    markers: Option<&[Column]>,
    values: &V,
) -> Result<(), Fail> {
    let n = markers.map_or_else(|| values.count(), <[Column]>::len);
    w.length(Prefix::U16Be, "values", n)?;
    write_bound(w, version, markers, values)?;
    Ok(())
}

/// Writes the values alone, and returns how many they are: as many as markers, if those are known.
#[inline]
fn write_bound<V: Bind + ?Sized>(
    w: &mut Writer<'_>,
    version: Version,
    markers: Option<&[Column]>,
    values: &V,
) -> Result<usize, Error> {
    let given = values.count();
    let n = markers.map_or(given, <[Column]>::len);
    if let Some(markers) = markers
        && given != n
        && !values.is_named()
    {
        return Err(wrong_count(markers, given));
    }
    let place = if version.has(Feature::Unset) {
        Place::Bound
    } else {
        Place::BoundBeforeUnset
    };
    let mut binder = Binder {
        w: w.reborrow(),
        markers,
        place,
        bound: 0,
    };
    values.bind(&mut binder)?;
    if binder.bound == n {
        return Ok(n);
    }
    Err(miscounted(n, binder.bound))
}

#[cold]
fn miscounted(expected: usize, bound: usize) -> Error {
    let text = format!(
        "{expected} values were expected of Bind::bind, which bound {bound}; nothing was sent"
    );
    Error::new(ErrorKind::Misuse, text)
}

#[cold]
fn wrong_count(markers: &[Column], given: usize) -> Error {
    let names: Vec<String> = markers
        .iter()
        .map(|marker| format!("{} {}", marker.name(), marker.data_type()))
        .collect();
    let text = format!(
        "the statement has {} markers ({}), but {given} values were given; nothing was sent",
        markers.len(),
        names.join(", ")
    );
    Error::new(ErrorKind::Type, text)
}

impl<B: Bind + ?Sized> Bind for &B {
    #[inline]
    fn count(&self) -> usize {
        (**self).count()
    }

    #[inline]
    fn is_named(&self) -> bool {
        (**self).is_named()
    }

    #[inline]
    fn bind(&self, out: &mut Binder<'_>) -> Result<(), Error> {
        (**self).bind(out)
    }
}

impl<T: Encode> Bind for [T] {
    fn count(&self) -> usize {
        self.len()
    }

    fn bind(&self, out: &mut Binder<'_>) -> Result<(), Error> {
        self.iter().try_for_each(|value| out.value(value))
    }
}

impl<T: Encode, const N: usize> Bind for [T; N] {
    fn count(&self) -> usize {
        N
    }

    fn bind(&self, out: &mut Binder<'_>) -> Result<(), Error> {
        self.as_slice().bind(out)
    }
}

impl<T: Encode> Bind for Vec<T> {
    fn count(&self) -> usize {
        self.len()
    }

    fn bind(&self, out: &mut Binder<'_>) -> Result<(), Error> {
        self.as_slice().bind(out)
    }
}

impl Bind for () {
    fn count(&self) -> usize {
        0
    }

    fn bind(&self, _: &mut Binder<'_>) -> Result<(), Error> {
        Ok(())
    }
}

macro_rules! tuples {
    ($($($name:ident $index:tt),+;)*) => {
        $(
            impl<$($name: Encode),+> Bind for ($($name,)+) {
                #[inline]
                fn count(&self) -> usize {
                    const ARITY: usize = [$($index),+].len();
                    ARITY
                }

                #[inline]
                fn bind(&self, out: &mut Binder<'_>) -> Result<(), Error> {
                    $(out.value(&self.$index)?;)+
                    Ok(())
                }
            }
        )*
    };
}

tuples! {
    A 0;
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
    A 0, B 1, C 2, D 3, E 4;
    A 0, B 1, C 2, D 3, E 4, F 5;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15;
}
