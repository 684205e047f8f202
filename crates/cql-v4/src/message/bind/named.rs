//! Values bound by the names of their markers.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use super::{Bind, Binder, at_marker};
use crate::codec::prim;
use crate::error::{Error, ErrorKind};
use crate::message::Column;
use crate::types::fields::{AsRow, EncodeFields, Values, find};
use crate::types::{CellWriter, DataType, Encode, Written};

/// Values of several types by the names of their markers.
///
/// A marker written `:name` has that name; one written `?` has the name of the column that it is compared with or
/// stored in, or another that the server chooses, such as `[limit]`. Names are as the server keeps them, so lower case
/// unless they are quoted in the statement. Every marker needs a value and every value a marker; a name that stands
/// for several markers is bound to all of them.
///
/// ```
/// use cql_v4::message::Named;
///
/// let values = Named(&[("id", &17_i64), ("name", &"Ann")]);
/// ```
#[derive(Clone, Copy)]
#[expect(
    clippy::exhaustive_structs,
    reason = "it is a list of names and values and nothing else"
)]
pub struct Named<'a>(pub &'a [(&'a str, &'a (dyn Encode + Sync))]);

impl std::fmt::Debug for Named<'_> {
    /// The names alone: values are not for logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

impl Bind for Named<'_> {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn is_named(&self) -> bool {
        true
    }

    fn bind(&self, out: &mut Binder<'_>) -> Result<(), Error> {
        let Some(markers) = out.markers else {
            return self
                .0
                .iter()
                .try_for_each(|(name, value)| out.named(name, |cell| value.encode(None, cell)));
        };
        for (i, marker) in markers.iter().enumerate() {
            // Most are given in the order of the markers.
            let likely = self.0.get(i).filter(|(name, _)| *name == marker.name());
            let found = likely.or_else(|| self.0.iter().find(|(name, _)| *name == marker.name()));
            let (_, value) = found.ok_or_else(|| no_value(i, marker))?;
            out.value(*value)?;
        }
        no_more(markers, self.0.iter().map(|(name, _)| *name))
    }
}

macro_rules! maps {
    ($($ty:ty, [$($bounds:tt)*];)*) => {
        $(
            impl<$($bounds)*> Bind for $ty {
                fn count(&self) -> usize {
                    self.len()
                }

                fn is_named(&self) -> bool {
                    true
                }

                fn bind(&self, out: &mut Binder<'_>) -> Result<(), Error> {
                    let Some(markers) = out.markers else {
                        return self
                            .iter()
                            .try_for_each(|(name, value)| out.named(name.borrow(), |cell| value.encode(None, cell)));
                    };
                    for (i, marker) in markers.iter().enumerate() {
                        out.value(self.get(marker.name()).ok_or_else(|| no_value(i, marker))?)?;
                    }
                    no_more(markers, self.keys().map(Borrow::borrow))
                }
            }
        )*
    };
}

maps! {
    HashMap<K, V, S>, [K: Borrow<str> + Eq + Hash, V: Encode, S: BuildHasher];
    BTreeMap<K, V>, [K: Borrow<str> + Ord, V: Encode];
}

impl Binder<'_> {
    /// Binds the fields of a struct by their names: what `#[derive(BindRow)]` does.
    ///
    /// # Errors
    /// As for [`Binder::value`]; [`ErrorKind::Type`] if a marker has no field or a field no marker.
    #[doc(hidden)]
    #[inline]
    pub fn fields<T: EncodeFields<AsRow>>(&mut self, values: &T) -> Result<(), Error> {
        let Some(markers) = self.markers else {
            return (0..T::COUNT)
                .try_for_each(|i| self.named(T::name(i), |cell| values.encode(i, None, cell)));
        };
        // The usual case: statement and struct name the same in the same order.
        let is_next = |i: usize| markers.get(i).is_some_and(|m| m.name() == T::name(i));
        if markers.len() == T::COUNT && (0..T::COUNT).all(is_next) {
            return values.encode_in_order(self);
        }
        let mut likely = 0;
        for (i, marker) in markers.iter().enumerate() {
            let Some(field) = find(marker.name(), likely, T::COUNT, T::name) else {
                return Err(no_value(i, marker).context(std::any::type_name::<T>()));
            };
            likely = field.saturating_add(1);
            self.next(|data_type, cell| values.encode(field, data_type, cell))?;
        }
        no_more(markers, (0..T::COUNT).map(T::name))
            .map_err(|e| e.context(std::any::type_name::<T>()))
    }

    /// Binds the fields of a struct in their order: what `#[derive(BindRow)]` does where names do not count.
    ///
    /// # Errors
    /// As for [`Binder::value`].
    #[doc(hidden)]
    #[inline]
    pub fn positions<T: EncodeFields<AsRow>>(&mut self, values: &T) -> Result<(), Error> {
        values.encode_in_order(self)
    }

    /// Binds a value with its name before it.
    fn named(
        &mut self,
        name: &str,
        encode: impl FnOnce(CellWriter<'_>) -> Result<Written, Error>,
    ) -> Result<(), Error> {
        prim::put_string(&mut self.w, "name of a value", name).map_err(Error::unencodable)?;
        let bound = self.next(|_: Option<&DataType>, cell| encode(cell));
        bound.map_err(|e| e.context(format_args!("`{name}`")))
    }
}

impl Values for Binder<'_> {
    #[inline]
    fn put<T: Encode + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.value(value)
    }
}

/// Every name must be that of a marker.
fn no_more<'n>(markers: &[Column], mut names: impl Iterator<Item = &'n str>) -> Result<(), Error> {
    match names.find(|name| markers.iter().all(|marker| marker.name() != *name)) {
        Some(name) => Err(no_marker(name, markers)),
        None => Ok(()),
    }
}

#[cold]
fn no_value(index: usize, marker: &Column) -> Error {
    let text = format!(
        "no value has the name of this marker, a {}; nothing was sent",
        marker.data_type()
    );
    at_marker(Error::new(ErrorKind::Type, text), index, Some(marker))
}

#[cold]
fn no_marker(name: &str, markers: &[Column]) -> Error {
    let known: Vec<String> = markers
        .iter()
        .map(|marker| format!("{} {}", marker.name(), marker.data_type()))
        .collect();
    let text = format!(
        "`{name}` is none of the statement's markers ({}); nothing was sent",
        known.join(", ")
    );
    Error::new(ErrorKind::Type, text)
}
