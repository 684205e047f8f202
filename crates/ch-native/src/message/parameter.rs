//! Parameters of a query: values for `{name:Type}` in its text, which the server puts in without parsing SQL again.
//!
//! ```text
//! (name String, flags VarUInt = 2, value String)*, name ""       since revision 54459
//! ```
//!
//! A value travels as text of the type that the statement gives it, escaped as a field of tab-separated text, and that
//! in quotes and escaped again as a string literal: the server takes off the quotes, and then has the type read the
//! text. Values inside of arrays, tuples and maps are written as in SQL.
//!
//! Source: ClickHouse, `src/Interpreters/ReplaceQueryParameterVisitor.cpp`, `src/Common/FieldVisitorDump.cpp`.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use wire_core::{DecodeError, EncodeError, Reader};

use crate::codec::prim::{lossy, put_string, put_varint, string, text};
use crate::codec::text::{escape, quote, unquote};
use crate::codec::{Feature, Revision};

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Parameter {
    /// NULL; the type must be `Nullable`.
    Null,
    /// Text that goes to the server as it is: numbers, and whatever this crate has no form for. Inside of arrays,
    /// tuples and maps it must be an SQL literal.
    Bare(String),
    /// Text, which is escaped: `String`, and dates, times, UUIDs, addresses and labels of enums in their text form.
    Text(String),
    /// The value of an `Array`.
    Array(Vec<Self>),
    /// The value of a `Tuple`.
    Tuple(Vec<Self>),
    /// The value of a `Map`.
    Map(Vec<(Self, Self)>),
}

impl Parameter {
    /// The text that its type reads.
    fn field(&self) -> String {
        match self {
            Self::Null => "\\N".to_owned(),
            Self::Text(text) => escape(text),
            other => {
                let mut out = String::new();
                other.literal(&mut out);
                out
            }
        }
    }

    /// Appends it as it stands in SQL.
    fn literal(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("NULL"),
            Self::Bare(text) => out.push_str(text),
            Self::Text(text) => out.push_str(&quote(text)),
            Self::Array(items) => list(out, ["[", "]"], items, Self::literal),
            Self::Tuple(items) => list(out, ["(", ")"], items, Self::literal),
            Self::Map(entries) => list(out, ["{", "}"], entries, |(key, value), out| {
                key.literal(out);
                out.push(':');
                value.literal(out);
            }),
        }
    }
}

fn list<T>(out: &mut String, ends: [&str; 2], items: &[T], item: impl Fn(&T, &mut String)) {
    let [open, close] = ends;
    out.push_str(open);
    for (i, one) in items.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        item(one, out);
    }
    out.push_str(close);
}

/// A Rust value that can be the value of a parameter.
///
/// | Rust | types it may be given |
/// | --- | --- |
/// | integers, `f32`, `f64` | numbers, `Decimal` |
/// | `bool` | `Bool`, numbers |
/// | `&str`, `String` | `String` and every other type, in its text form |
/// | `Ipv4Addr`, `Ipv6Addr`, `IpAddr` | `IPv4`, `IPv6` |
/// | `uuid::Uuid` (feature `uuid`) | `UUID` |
/// | `Option<T>` | `Nullable(T)` |
/// | `Vec<T>`, `&[T]`, `[T; N]` | `Array(T)` |
/// | tuples of 1 to 6 | `Tuple` |
/// | `BTreeMap<K, V>`, `HashMap<K, V>` | `Map(K, V)` |
/// | [`Parameter`] | whatever it says |
pub trait IntoParameter {
    /// The value.
    fn into_parameter(self) -> Parameter;
}

impl IntoParameter for Parameter {
    fn into_parameter(self) -> Parameter {
        self
    }
}

macro_rules! bare {
    ($($ty:ty)*) => {
        $(
            impl IntoParameter for $ty {
                fn into_parameter(self) -> Parameter {
                    Parameter::Bare(self.to_string())
                }
            }
        )*
    };
}

bare!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);

macro_rules! floats {
    ($($ty:ty)*) => {
        $(
            impl IntoParameter for $ty {
                /// With an exponent where that is shorter; `inf` and `nan` as the server spells them.
                fn into_parameter(self) -> Parameter {
                    Parameter::Bare(format!("{self:?}").to_ascii_lowercase())
                }
            }
        )*
    };
}

floats!(f32 f64);

macro_rules! texts {
    ($($ty:ty)*) => {
        $(
            impl IntoParameter for $ty {
                fn into_parameter(self) -> Parameter {
                    Parameter::Text(self.to_string())
                }
            }
        )*
    };
}

texts!(&str &String Ipv4Addr Ipv6Addr IpAddr);
#[cfg(feature = "uuid")]
texts!(uuid::Uuid);

impl IntoParameter for String {
    fn into_parameter(self) -> Parameter {
        Parameter::Text(self)
    }
}

impl IntoParameter for bool {
    /// 1 or 0, which numbers read as well.
    fn into_parameter(self) -> Parameter {
        Parameter::Bare(u8::from(self).to_string())
    }
}

impl<T: IntoParameter> IntoParameter for Option<T> {
    fn into_parameter(self) -> Parameter {
        self.map_or(Parameter::Null, T::into_parameter)
    }
}

impl<T: IntoParameter> IntoParameter for Vec<T> {
    fn into_parameter(self) -> Parameter {
        Parameter::Array(self.into_iter().map(T::into_parameter).collect())
    }
}

impl<T: IntoParameter + Clone> IntoParameter for &[T] {
    fn into_parameter(self) -> Parameter {
        Parameter::Array(self.iter().cloned().map(T::into_parameter).collect())
    }
}

impl<T: IntoParameter, const N: usize> IntoParameter for [T; N] {
    fn into_parameter(self) -> Parameter {
        Parameter::Array(self.into_iter().map(T::into_parameter).collect())
    }
}

macro_rules! maps {
    ($($name:ident)*) => {
        $(
            impl<K: IntoParameter, V: IntoParameter> IntoParameter for $name<K, V> {
                fn into_parameter(self) -> Parameter {
                    let entry = |(key, value): (K, V)| (key.into_parameter(), value.into_parameter());
                    Parameter::Map(self.into_iter().map(entry).collect())
                }
            }
        )*
    };
}

maps!(BTreeMap HashMap);

macro_rules! tuples {
    ($($($name:ident $index:tt)*;)*) => {
        $(
            impl<$($name: IntoParameter),*> IntoParameter for ($($name,)*) {
                fn into_parameter(self) -> Parameter {
                    Parameter::Tuple(vec![$(self.$index.into_parameter()),*])
                }
            }
        )*
    };
}

tuples! {
    A 0;
    A 0 B 1;
    A 0 B 1 C 2;
    A 0 B 1 C 2 D 3;
    A 0 B 1 C 2 D 3 E 4;
    A 0 B 1 C 2 D 3 E 4 F 5;
}

/// Parameters are sent as settings of the user's own making.
const CUSTOM: u64 = 2;
/// Most parameters of a query that is read: more than anybody writes into one.
const MAX_PARAMETERS: u64 = 10_000;

/// Writes parameters and the end of their list; to servers that know none, none.
pub(super) fn write_parameters(
    parameters: &[(String, Parameter)],
    form: Revision,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    if !form.has(Feature::Parameters) {
        let Some((name, _)) = parameters.first() else {
            return Ok(());
        };
        let what = format!(
            "cannot be sent: servers know parameters since revision {}, and this one speaks {form}; write the value into \
             the statement",
            Feature::Parameters.since()
        );
        return Err(EncodeError::invalid(format!("parameter {name}"), what));
    }
    for (name, value) in parameters {
        if name.is_empty() {
            return Err(EncodeError::invalid("parameter", "has no name"));
        }
        put_string(out, name.as_bytes());
        put_varint(out, CUSTOM);
        put_string(out, quote(&value.field()).as_bytes());
    }
    put_string(out, b"");
    Ok(())
}

/// Reads parameters up to the end of their list. Their types stand in the statement, so each is the text that its type
/// is to read.
pub(super) fn read_parameters(
    r: &mut Reader<'_>,
    max_text: u64,
) -> Result<Vec<(String, Parameter)>, DecodeError> {
    let mut parameters = Vec::new();
    for _ in 0..MAX_PARAMETERS {
        let name = string(r, "parameter.name", max_text)?;
        if name.is_empty() {
            return Ok(parameters);
        }
        r.leb128("parameter.flags")?;
        let value = text(r, "parameter.value", max_text)?;
        let Some(field) = unquote(&value) else {
            let what = "is no text in quotes";
            return Err(r.invalid("parameter.value", value.len(), what));
        };
        parameters.push((lossy(name), Parameter::Bare(field)));
    }
    let (at, more) = (r.offset(), MAX_PARAMETERS.saturating_add(1));
    Err(DecodeError::limit(
        "parameters",
        at,
        "parameters",
        MAX_PARAMETERS,
        more,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(value: impl IntoParameter) -> String {
        value.into_parameter().field()
    }

    /// What `clickhouse-client --param_x=…` takes for the same values.
    #[test]
    fn values_are_the_text_that_their_types_read() {
        assert_eq!(field(42_u8), "42");
        assert_eq!(field(-1_i128), "-1");
        assert_eq!(field(true), "1");
        assert_eq!(field(1.5_f32), "1.5");
        assert_eq!(field(f64::INFINITY), "inf");
        assert_eq!(field(f64::NAN), "nan");
        assert_eq!(field("a\tb\\c'd\ne"), "a\\tb\\\\c'd\\ne");
        assert_eq!(field(None::<u8>), "\\N");
        assert_eq!(field("\\N"), "\\\\N", "text that looks like NULL is text");
        assert_eq!(field(Ipv4Addr::LOCALHOST), "127.0.0.1");
    }

    #[test]
    fn what_is_inside_of_others_is_written_as_in_sql() {
        assert_eq!(field(vec!["a", "it's", "t\tab"]), "['a','it\\'s','t\\tab']");
        assert_eq!(field([Some(1), None]), "[1,NULL]");
        assert_eq!(field(&[1_u8, 2][..]), "[1,2]");
        assert_eq!(field((1, "x", vec![2.5])), "(1,'x',[2.5])");
        assert_eq!(field(BTreeMap::from([("k", 1), ("l", 2)])), "{'k':1,'l':2}");
        assert_eq!(field(Vec::<u8>::new()), "[]");
    }

    /// The bytes as the protocol's documents describe them: custom, in quotes, escaped twice.
    #[test]
    fn on_the_wire_it_is_escaped_again() {
        let mut out = Vec::new();
        let parameters = [
            ("p".to_owned(), "a\tb'".into_parameter()),
            ("n".to_owned(), Parameter::Null),
        ];
        write_parameters(&parameters, Revision::MAX, &mut out).unwrap();
        assert_eq!(out, b"\x01p\x02\x09'a\\\\tb\\''\x01n\x02\x05'\\\\N'\x00");
        let read = read_parameters(&mut Reader::new(&out), 100).unwrap();
        let bare = |name: &str, text: &str| (name.to_owned(), Parameter::Bare(text.to_owned()));
        assert_eq!(read, [bare("p", "a\\tb'"), bare("n", "\\N")]);
        let mut again = Vec::new();
        write_parameters(&read, Revision::MAX, &mut again).unwrap();
        assert_eq!(again, out);
    }

    #[test]
    fn an_old_server_gets_none_and_a_nameless_one_is_refused() {
        let parameters = [("p".to_owned(), Parameter::Null)];
        let mut out = Vec::new();
        let error = write_parameters(&parameters, Revision::new(54_458), &mut out).unwrap_err();
        assert!(error.to_string().contains("parameter p"), "{error}");
        assert!(error.to_string().contains("54459"), "{error}");
        write_parameters(&[], Revision::new(54_458), &mut out).unwrap();
        assert!(out.is_empty());
        let nameless = [(String::new(), Parameter::Null)];
        assert!(write_parameters(&nameless, Revision::MAX, &mut out).is_err());
    }
}
