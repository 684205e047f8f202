//! The values that are bound to the markers of a statement.
//!
//! ```text
//! [short n] n x [value]      [value]: [int length] bytes, -1 null, -2 unset (v4)
//! ```

use bytes::Bytes;
use wire_core::{DecodeError, Prefix, Reader, Writer};

use super::Column;
use crate::codec::{Feature, Version};
use crate::error::{Error, ErrorKind, Fail};
use crate::types::{CellWriter, Encode, Place};

/// Values for all markers of a statement, in their order: tuples of up to 16 values, `()`, arrays, slices and vectors.
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
        let index = self.bound;
        self.bound = index.saturating_add(1);
        let marker = self.markers.and_then(|markers| markers.get(index));
        let cell = CellWriter::new(self.w.reborrow(), self.place);
        match value.encode(marker.map(Column::data_type), cell) {
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
    let n = values.count();
    if let Some(markers) = markers
        && markers.len() != n
    {
        return Err(wrong_count(markers, n).into());
    }
    w.length(Prefix::U16Be, "values", n)?;
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
        return Ok(());
    }
    let text = format!(
        "Bind::count says {n} values, but Bind::bind bound {}; nothing was sent",
        binder.bound
    );
    Err(Error::new(ErrorKind::Misuse, text).into())
}

#[cold]
fn wrong_count(markers: &[Column], given: usize) -> Error {
    let names: Vec<&str> = markers.iter().map(Column::name).collect();
    let text = format!(
        "the statement has {} markers ({}), but {given} values were given; nothing was sent",
        markers.len(),
        names.join(", ")
    );
    Error::new(ErrorKind::Type, text)
}

/// Values that are encoded already.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawValues {
    count: usize,
    bytes: Bytes,
}

impl RawValues {
    /// Encodes `values` for a statement with these markers, if it is prepared.
    ///
    /// # Errors
    /// As when a statement is run: wrong count, wrong type, values that cannot be written.
    pub fn encode<V: Bind + ?Sized>(
        version: Version,
        markers: Option<&[Column]>,
        values: &V,
    ) -> Result<Self, Error> {
        let mut out = Vec::new();
        write_values(&mut Writer::new(&mut out), version, markers, values).map_err(|Fail(e)| e)?;
        // The count stands before the values, in two bytes.
        let bytes = Bytes::from(out).split_off(2);
        Ok(Self {
            count: values.count(),
            bytes,
        })
    }

    /// Each value: `None` for null and for unset.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if the bytes are not that many values.
    pub fn decode(&self) -> Result<Vec<Option<Bytes>>, Error> {
        let mut r = Reader::over(&self.bytes);
        (0..self.count)
            .map(|_| crate::codec::prim::bytes(&mut r, "value"))
            .collect::<Result<_, _>>()
            .map_err(|e| Error::undecodable("the bound values", e))
    }

    /// Reads the count and the values.
    pub(crate) fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let count = r.u16_be("values")?;
        let count = r.count("values", count, 4)?;
        let mut ahead = *r;
        for _ in 0..count {
            let n = ahead.i32_be("value")?;
            match n {
                0.. => {
                    let n = ahead.length("value", n)?;
                    ahead.skip("value", n)?;
                }
                -2..=-1 => {}
                _ => return Err(ahead.invalid("value", 4, "has a length below -2")),
            }
        }
        let n = ahead.offset().saturating_sub(r.offset());
        Ok(Self {
            count,
            bytes: r.bytes("values", n)?,
        })
    }
}

impl Bind for RawValues {
    fn count(&self) -> usize {
        self.count
    }

    fn bind(&self, out: &mut Binder<'_>) -> Result<(), Error> {
        out.w.put(&self.bytes);
        out.bound = out.bound.saturating_add(self.count);
        Ok(())
    }
}

impl<B: Bind + ?Sized> Bind for &B {
    #[inline]
    fn count(&self) -> usize {
        (**self).count()
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
