//! Which parts the states of an aggregate function have.

use crate::types::{AggregateFunction, DataType};

/// One part of a state.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    /// So many bytes.
    Bytes(usize),
    /// A VarUInt.
    Number,
    /// A VarUInt, then so many times that many bytes; a String has bytes of width 1.
    Items(usize),
    /// A VarUInt, then so many times the parts. Each takes at least a byte, so the count is bounded by what arrives.
    List(Vec<Self>),
    /// The parts so many times.
    Repeat(u64, Vec<Self>),
    /// A length i32, negative if there is nothing, then as many bytes.
    Text,
    /// A byte, then the parts if it is not 0.
    Flagged(Vec<Self>),
}

/// What the states of a function are made of, one part after another.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rule(pub(super) Vec<Part>);

impl Rule {
    /// The rule of `function`, if its states are known:
    ///
    /// - `count`; `sum`, `sumWithOverflow`, `sumKahan`, `avg` of numbers and decimals
    /// - `min`, `max`, `any`, `anyLast`, `argMin`, `argMax` of values of fixed width, strings, and arrays of these
    /// - `uniq`, `uniqExact`; `groupArray`, `groupUniqArray`; `quantileExact`, `quantileTDigest` and their plurals
    /// - `groupBitAnd`, `groupBitOr`, `groupBitXor`; `varPop`, `varSamp`, `stddevPop`, `stddevSamp`
    ///
    /// each also with the combinators `If`, `Array`, `OrNull` and `OrDefault`, and of Nullable arguments.
    pub(super) fn of(function: &AggregateFunction) -> Option<Self> {
        // Other versions have other layouts.
        if function.version.is_some() {
            return None;
        }
        combined(&function.name, function.arguments.clone(), false).map(Self)
    }
}

/// Takes combinators off the end of a name, last first.
fn combined(name: &str, mut arguments: Vec<DataType>, is_inner: bool) -> Option<Vec<Part>> {
    let base: Vec<&DataType> = arguments.iter().map(DataType::base).collect();
    if let Some(parts) = plain(name, &base) {
        let says = is_nullable(&arguments) && !NEVER_SAY.contains(&name);
        return Some(if says {
            vec![Part::Flagged(parts)]
        } else {
            parts
        });
    }
    // Where several combinators meet NULLs, nobody has looked.
    if is_inner && is_nullable(&arguments) {
        return None;
    }
    if name == "countIf" {
        let says = is_nullable(&arguments);
        return Some(if says {
            vec![Part::Flagged(vec![Part::Number])]
        } else {
            vec![Part::Number]
        });
    }
    if let Some(name) = name.strip_suffix("If") {
        arguments.pop()?;
        return combined(name, arguments, true);
    }
    if let Some(name) = name.strip_suffix("Array") {
        let elements = arguments.into_iter().map(|ty| match ty {
            DataType::Array(element) => Some(*element),
            _ => None,
        });
        return combined(name, elements.collect::<Option<_>>()?, true);
    }
    let or_else = name.strip_suffix("OrNull");
    let name = or_else.or_else(|| name.strip_suffix("OrDefault"))?;
    // Whether there was any value is said behind the state, and only there.
    let base = base.into_iter().cloned().collect();
    let mut parts = combined(name, base, true)?;
    parts.push(Part::Bytes(1));
    Some(parts)
}

/// Functions that do not say whether there was a value that is not NULL. The others do, before their state.
const NEVER_SAY: [&str; 3] = ["count", "groupArray", "groupUniqArray"];

fn is_nullable(arguments: &[DataType]) -> bool {
    let is_nullable = |ty: &DataType| matches!(ty.resolve(), DataType::Nullable(_));
    arguments.iter().any(is_nullable)
}

fn plain(name: &str, arguments: &[&DataType]) -> Option<Vec<Part>> {
    let first = arguments.first().copied();
    Some(match name {
        "count" => vec![Part::Number],
        "sum" => vec![Part::Bytes(sum_width(first?)?)],
        "sumKahan" => vec![Part::Bytes(16)],
        "avg" => vec![Part::Bytes(sum_width(first?)?), Part::Number],
        "sumWithOverflow" => vec![Part::Bytes(number_width(first?)?)],
        "groupBitAnd" | "groupBitOr" | "groupBitXor" => vec![Part::Bytes(number_width(first?)?)],
        "min" | "max" | "any" | "anyLast" => single(first?)?,
        "argMin" | "argMax" => {
            let mut parts = single(first?)?;
            parts.extend(single(arguments.get(1)?)?);
            parts
        }
        // How many hashes were left out, then those that were kept.
        "uniq" => vec![Part::Bytes(1), Part::Items(4)],
        "uniqExact" => match arguments {
            [DataType::Uuid] => vec![Part::Items(16)],
            [one] if fits_eight(one) => vec![Part::Items(number_width(one)?)],
            // Hashes of 16 bytes.
            [DataType::String] | [_, _, ..] => vec![Part::Items(16)],
            _ => return None,
        },
        "groupArray" => match first? {
            // These are kept serialized, each with its length.
            DataType::String | DataType::Array(_) | DataType::Date32 => {
                vec![Part::List(vec![Part::Items(1)])]
            }
            ty if fits_eight(ty) => vec![Part::Items(number_width(ty)?)],
            _ => return None,
        },
        "groupUniqArray" => match first? {
            ty @ (DataType::String | DataType::Array(_)) => vec![Part::List(value(ty)?)],
            DataType::Date32 => return None,
            ty if fits_eight(ty) => vec![Part::Items(number_width(ty)?)],
            _ => return None,
        },
        "quantileExact" | "quantilesExact" if fits_eight(first?) => {
            vec![Part::Items(number_width(first?)?)]
        }
        // Centroids: mean and weight as Float32.
        "quantileTDigest" | "quantilesTDigest" => vec![Part::Items(8)],
        // Three moments, in the precision of the argument.
        "varPop" | "varSamp" | "stddevPop" | "stddevSamp" => match first? {
            DataType::Float32 => vec![Part::Bytes(12)],
            ty if fits_eight(ty) => vec![Part::Bytes(24)],
            _ => return None,
        },
        _ => return None,
    })
}

/// Bytes of a number, date or time.
fn number_width(ty: &DataType) -> Option<usize> {
    Some(match ty {
        DataType::UInt8 | DataType::Int8 | DataType::Bool | DataType::Enum8(_) => 1,
        DataType::UInt16 | DataType::Int16 | DataType::Date | DataType::Enum16(_) => 2,
        DataType::UInt32
        | DataType::Int32
        | DataType::Float32
        | DataType::Date32
        | DataType::DateTime(_) => 4,
        DataType::UInt64 | DataType::Int64 | DataType::Float64 | DataType::DateTime64(..) => 8,
        DataType::UInt128 | DataType::Int128 => 16,
        DataType::UInt256 | DataType::Int256 => 32,
        DataType::Decimal { precision, .. } => match precision {
            0..=9 => 4,
            10..=18 => 8,
            19..=38 => 16,
            39.. => 32,
        },
        _ => return None,
    })
}

/// Plain numbers, dates and times of at most eight bytes, which containers of numbers hold as they are.
fn fits_eight(ty: &DataType) -> bool {
    !matches!(ty, DataType::Decimal { .. } | DataType::DateTime64(..))
        && number_width(ty).is_some_and(|width| width <= 8)
}

/// Sums are wider than what is summed up.
fn sum_width(ty: &DataType) -> Option<usize> {
    match ty {
        DataType::Decimal { precision, .. } => Some(if *precision <= 38 { 16 } else { 32 }),
        DataType::Date | DataType::Date32 | DataType::DateTime(_) | DataType::DateTime64(..) => {
            None
        }
        DataType::BFloat16 => Some(8),
        _ => number_width(ty).map(|width| width.max(8)),
    }
}

/// One value, or none.
fn single(ty: &DataType) -> Option<Vec<Part>> {
    match ty {
        DataType::String => Some(vec![Part::Text]),
        _ => Some(vec![Part::Flagged(value(ty)?)]),
    }
}

/// A value in `RowBinary`.
fn value(ty: &DataType) -> Option<Vec<Part>> {
    Some(match ty {
        DataType::String => vec![Part::Items(1)],
        DataType::FixedString(width) => vec![Part::Bytes(*width)],
        DataType::Uuid | DataType::Ipv6 => vec![Part::Bytes(16)],
        DataType::Ipv4 => vec![Part::Bytes(4)],
        DataType::Array(element) => match value(element)?.as_slice() {
            [Part::Bytes(width)] => vec![Part::Items(*width)],
            parts => vec![Part::List(parts.to_vec())],
        },
        DataType::Tuple(elements) if !elements.is_empty() => {
            let parts = elements.iter().map(|(_, ty)| value(ty));
            parts.collect::<Option<Vec<_>>>()?.concat()
        }
        _ => vec![Part::Bytes(number_width(ty)?)],
    })
}
