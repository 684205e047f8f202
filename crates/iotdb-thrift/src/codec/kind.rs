//! Types as the wire names them.

/// The type of a value on the wire. Apache's later `uuid` type is left out: no server of IoTDB knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Bool,
    I8,
    I16,
    I32,
    I64,
    Double,
    /// Strings and binaries: one type on the wire.
    Binary,
    Struct,
    Map,
    Set,
    List,
}

impl Kind {
    /// The code in the binary protocol (Thrift binary protocol specification, "Struct").
    #[inline]
    pub(crate) const fn binary_code(self) -> u8 {
        match self {
            Self::Bool => 2,
            Self::I8 => 3,
            Self::Double => 4,
            Self::I16 => 6,
            Self::I32 => 8,
            Self::I64 => 10,
            Self::Binary => 11,
            Self::Struct => 12,
            Self::Map => 13,
            Self::Set => 14,
            Self::List => 15,
        }
    }

    /// The inverse of [`Self::binary_code`].
    #[inline]
    pub(crate) const fn from_binary(code: u8) -> Option<Self> {
        Some(match code {
            2 => Self::Bool,
            3 => Self::I8,
            4 => Self::Double,
            6 => Self::I16,
            8 => Self::I32,
            10 => Self::I64,
            11 => Self::Binary,
            12 => Self::Struct,
            13 => Self::Map,
            14 => Self::Set,
            15 => Self::List,
            _ => return None,
        })
    }

    /// The code in the compact protocol (Thrift compact protocol specification, "Struct"); of a boolean, the one
    /// that stands for true.
    #[inline]
    pub(crate) const fn compact_code(self) -> u8 {
        match self {
            Self::Bool => 1,
            Self::I8 => 3,
            Self::I16 => 4,
            Self::I32 => 5,
            Self::I64 => 6,
            Self::Double => 7,
            Self::Binary => 8,
            Self::List => 9,
            Self::Set => 10,
            Self::Map => 11,
            Self::Struct => 12,
        }
    }

    /// The inverse of [`Self::compact_code`]. Both codes of booleans are booleans.
    #[inline]
    pub(crate) const fn from_compact(code: u8) -> Option<Self> {
        Some(match code {
            1 | 2 => Self::Bool,
            3 => Self::I8,
            4 => Self::I16,
            5 => Self::I32,
            6 => Self::I64,
            7 => Self::Double,
            8 => Self::Binary,
            9 => Self::List,
            10 => Self::Set,
            11 => Self::Map,
            12 => Self::Struct,
            _ => return None,
        })
    }

    /// The fewest bytes a value of this type takes. Counts of elements are checked against it.
    #[inline]
    pub(crate) const fn min_len(self) -> MinLen {
        match self {
            Self::Bool | Self::I8 => MinLen {
                binary: 1,
                compact: 1,
            },
            Self::I16 => MinLen {
                binary: 2,
                compact: 1,
            },
            Self::I32 => MinLen {
                binary: 4,
                compact: 1,
            },
            Self::I64 => MinLen {
                binary: 8,
                compact: 1,
            },
            Self::Double => MinLen {
                binary: 8,
                compact: 8,
            },
            // A length of zero, and nothing after it.
            Self::Binary => MinLen {
                binary: 4,
                compact: 1,
            },
            // The stop byte.
            Self::Struct => MinLen {
                binary: 1,
                compact: 1,
            },
            // Types and a count of zero; the compact map of no elements has no types.
            Self::Map => MinLen {
                binary: 6,
                compact: 1,
            },
            Self::Set | Self::List => MinLen {
                binary: 5,
                compact: 1,
            },
        }
    }
}

/// The fewest bytes a value takes in each protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MinLen {
    pub(crate) binary: usize,
    pub(crate) compact: usize,
}
