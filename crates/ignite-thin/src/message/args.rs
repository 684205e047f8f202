//! Arguments of a statement.

use crate::Error;
use crate::codec::Encoder;
use crate::types::{Encode, Value};

/// The values of the `?` of a statement: a tuple, a slice or a `Vec` of values, `()` for none.
///
/// ```
/// use ignite_thin::{Encode, Value, message::Args};
///
/// fn takes(_: impl Args) {}
/// takes(());
/// takes((1_i32, "text", None::<i64>));
/// takes(&[1_i32, 2][..]);
/// takes(vec![Value::Int(1), Value::Null]);
/// takes(&[&1_i32 as &(dyn Encode + Sync), &"text"][..]);
/// ```
pub trait Args {
    /// How many there are.
    fn count(&self) -> usize;

    /// Appends them.
    ///
    /// # Errors
    /// As [`Encode::encode`].
    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error>;
}

impl<T: Encode> Args for [T] {
    fn count(&self) -> usize {
        self.len()
    }

    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        self.iter().enumerate().try_for_each(|(i, value)| {
            value
                .encode(to)
                .map_err(|e| e.context(format_args!("argument {}", i.saturating_add(1))))
        })
    }
}

impl Args for Vec<Value> {
    fn count(&self) -> usize {
        self.len()
    }

    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        Args::encode(self.as_slice(), to)
    }
}

impl<A: Args + ?Sized> Args for &A {
    fn count(&self) -> usize {
        (**self).count()
    }

    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        (**self).encode(to)
    }
}

impl Args for () {
    fn count(&self) -> usize {
        0
    }

    fn encode(&self, _: &mut Encoder<'_>) -> Result<(), Error> {
        Ok(())
    }
}

macro_rules! tuples {
    ($(($($name:ident $index:tt),+) = $count:literal;)*) => {
        $(
            impl<$($name: Encode),+> Args for ($($name,)+) {
                fn count(&self) -> usize {
                    $count
                }

                fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
                    $(
                        self.$index
                            .encode(to)
                            .map_err(|e| e.context(concat!("argument ", stringify!($index), " from 0")))?;
                    )+
                    Ok(())
                }
            }
        )*
    };
}

tuples! {
    (A 0) = 1;
    (A 0, B 1) = 2;
    (A 0, B 1, C 2) = 3;
    (A 0, B 1, C 2, D 3) = 4;
    (A 0, B 1, C 2, D 3, E 4) = 5;
    (A 0, B 1, C 2, D 3, E 4, F 5) = 6;
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6) = 7;
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7) = 8;
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8) = 9;
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9) = 10;
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10) = 11;
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11) = 12;
}
