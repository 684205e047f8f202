//! CQL tuples as Rust tuples.

use super::encode::{CellWriter, Written, mismatch};
use super::nested::Components;
use super::{Cell, DataType, Decode, Encode};
use crate::error::Error;

macro_rules! tuples {
    ($($($name:ident $index:tt),+;)*) => {
        $(
            impl<'a, $($name: Decode<'a>),+> Decode<'a> for ($($name,)+) {
                fn accepts(data_type: &DataType) -> bool {
                    let DataType::Tuple(components) = data_type else { return false };
                    let mut components = components.iter();
                    $(components.next().is_some_and($name::accepts) &&)+ components.next().is_none()
                }

                fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
                    let types = match data_type {
                        DataType::Tuple(types) => types.as_slice(),
                        _ => &[],
                    };
                    let mut components = Components::new(cell);
                    // `accepts` has seen to it that there is a type for each.
                    Ok(($(components.next::<$name>(types.get($index).unwrap_or(data_type))?,)+))
                }
            }

            impl<$($name: Encode),+> Encode for ($($name,)+) {
                fn encode(&self, data_type: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error> {
                    const ARITY: usize = [$($index),+].len();
                    let types = match data_type {
                        None => None,
                        Some(DataType::Tuple(types)) if types.len() == ARITY => Some(types),
                        Some(other) => return Err(mismatch::<Self>(other)),
                    };
                    out.nested(|inner| {
                        $(
                            self.$index
                                .encode(types.and_then(|t| t.get($index)), inner.component())
                                .map_err(|e| e.context(concat!("component ", $index)))?;
                        )+
                        Ok(())
                    })
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
