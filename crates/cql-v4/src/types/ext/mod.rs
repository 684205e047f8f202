//! Types of other crates, one file each.

#[cfg(feature = "bigdecimal-04")]
mod bigdecimal;
#[cfg(feature = "chrono-04")]
mod chrono;
#[cfg(feature = "jiff-02")]
mod jiff;
#[cfg(feature = "num-bigint-04")]
mod num_bigint;
#[cfg(feature = "time-03")]
mod time;
#[cfg(feature = "uuid")]
mod uuid;

/// Reads and writes types of another crate by way of ours, between which `TryFrom` converts in both directions.
#[cfg(any(
    feature = "bigdecimal-04",
    feature = "chrono-04",
    feature = "jiff-02",
    feature = "time-03"
))]
macro_rules! by_way_of {
    ($($foreign:ty, $ours:ty;)*) => {
        $(
            impl<'a> $crate::types::Decode<'a> for $foreign {
                fn accepts(data_type: &$crate::types::DataType) -> bool {
                    <$ours as $crate::types::Decode<'a>>::accepts(data_type)
                }

                fn decode(
                    data_type: &$crate::types::DataType,
                    cell: $crate::types::Cell<'a>,
                ) -> Result<Self, $crate::error::Error> {
                    <$ours as $crate::types::Decode<'a>>::decode(data_type, cell)?.try_into()
                }
            }

            impl $crate::types::Encode for $foreign {
                fn encode(
                    &self,
                    data_type: Option<&$crate::types::DataType>,
                    out: $crate::types::CellWriter<'_>,
                ) -> Result<$crate::types::Written, $crate::error::Error> {
                    $crate::types::Encode::encode(&<$ours>::try_from(self.clone())?, data_type, out)
                }
            }
        )*
    };
}

#[cfg(any(
    feature = "bigdecimal-04",
    feature = "chrono-04",
    feature = "jiff-02",
    feature = "time-03"
))]
use by_way_of;

/// The error of a value that the other type has no place for.
#[cfg(any(
    feature = "bigdecimal-04",
    feature = "chrono-04",
    feature = "jiff-02",
    feature = "time-03"
))]
#[cold]
fn beyond(value: impl std::fmt::Display, target: &str) -> crate::error::Error {
    let text = format!("{value} cannot be a {target}");
    crate::error::Error::new(crate::error::ErrorKind::Type, text)
}
