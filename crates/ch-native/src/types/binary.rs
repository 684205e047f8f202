//! Types in binary form: a byte for the type, then its arguments.
//!
//! Source: ClickHouse, `docs/en/sql-reference/data-types/data-types-binary-encoding.md`, and bytes of the engine 26.9.

use wire_core::{DecodeError, Reader};

use super::binary_write::{DEFAULT_MAX_PATHS, DEFAULT_MAX_TYPES, SIMPLE, UNITS};
use super::parse::{parse, shorten};
use super::{AggregateFunction, DataType, JsonType, literal};
use crate::codec::prim::{string, to_u64};

/// A type whose inner types have not all come.
struct Open {
    kind: Kind,
    missing: u64,
    name: Option<String>,
    elements: Vec<(Option<String>, DataType)>,
}

enum Kind {
    Array,
    Nullable,
    LowCardinality,
    Map,
    Tuple,
    NamedTuple,
    Nested,
    Variant,
    /// `JSON`, whose typed paths are elements.
    Json(JsonType),
    Aggregate(AggregateFunction),
    /// `SimpleAggregateFunction`, with its name and parameters as text.
    SimpleAggregate(String),
    /// Whether a stride follows the dimension.
    QBit(bool),
}

/// Reads a type, nested up to `depth` levels. What is not complete waits in a list and not on the stack.
pub(crate) fn read_binary(r: &mut Reader<'_>, depth: u32) -> Result<DataType, DecodeError> {
    let depth = usize::try_from(depth).unwrap_or(usize::MAX);
    let mut open: Vec<Open> = Vec::new();
    loop {
        if open.len() >= depth {
            return Err(r.invalid("type", 0, "is nested too deeply"));
        }
        let code = r.u8("type")?;
        let mut whole = match begin(code, r)? {
            Some(outer) if outer.missing == 0 => close(outer, r)?,
            Some(mut outer) => {
                next_name(&mut outer, r)?;
                open.push(outer);
                continue;
            }
            None => leaf(code, r)?,
        };
        loop {
            let Some(outer) = open.last_mut() else {
                return Ok(whole);
            };
            outer.elements.push((outer.name.take(), whole));
            outer.missing = outer.missing.saturating_sub(1);
            if outer.missing > 0 {
                next_name(outer, r)?;
                break;
            }
            match open.pop() {
                Some(outer) => whole = close(outer, r)?,
                None => return Err(r.invalid("type", 0, "has no end")),
            }
        }
    }
}

fn text(r: &mut Reader<'_>, field: &'static str) -> Result<String, DecodeError> {
    let bytes = string(r, field, to_u64(r.left()))?;
    let text = std::str::from_utf8(bytes).map_err(|_| r.invalid(field, 0, "is not UTF-8"))?;
    Ok(text.to_owned())
}

/// A count of things that take at least a byte each.
fn count(r: &mut Reader<'_>, field: &'static str) -> Result<u64, DecodeError> {
    let n = r.leb128(field)?;
    r.count(field, n, 1).map(to_u64)
}

/// The type of `code`, if it has types inside.
fn begin(code: u8, r: &mut Reader<'_>) -> Result<Option<Open>, DecodeError> {
    let (kind, missing) = match code {
        0x1e => (Kind::Array, 1),
        0x1f => (Kind::Tuple, count(r, "tuple.elements")?),
        0x20 => (Kind::NamedTuple, count(r, "tuple.elements")?),
        0x23 => (Kind::Nullable, 1),
        0x25 => {
            let version = r.leb128("function.version")?;
            let mut function = AggregateFunction::new(text(r, "function.name")?, Vec::new());
            function.version = (version > 0).then_some(version);
            function.parameters = literals(r)?;
            (Kind::Aggregate(function), count(r, "function.arguments")?)
        }
        0x26 => (Kind::LowCardinality, 1),
        0x27 => (Kind::Map, 2),
        0x2a => (Kind::Variant, count(r, "variant.types")?),
        0x2e => {
            let mut name = text(r, "function.name")?;
            let parameters = literals(r)?;
            if !parameters.is_empty() {
                name = format!("{name}({})", parameters.join(", "));
            }
            (Kind::SimpleAggregate(name), count(r, "function.arguments")?)
        }
        0x2f => (Kind::Nested, count(r, "nested.elements")?),
        0x30 => {
            let (json, typed) = json(r)?;
            (Kind::Json(json), typed)
        }
        0x36 | 0x37 => (Kind::QBit(code == 0x37), 1),
        _ => return Ok(None),
    };
    Ok(Some(Open {
        kind,
        missing,
        name: None,
        elements: Vec::new(),
    }))
}

fn literals(r: &mut Reader<'_>) -> Result<Vec<String>, DecodeError> {
    let n = count(r, "function.parameters")?;
    (0..n).map(|_| literal::read(r)).collect()
}

/// A JSON up to its typed paths, and how many of these there are.
fn json(r: &mut Reader<'_>) -> Result<(JsonType, u64), DecodeError> {
    let version = r.u8("json.type_version")?;
    if version != 0 {
        let what = format!("version {version} of the type JSON");
        return Err(DecodeError::unsupported(
            "json.type_version",
            r.offset(),
            what,
        ));
    }
    let max_paths = r.leb128("json.max_paths")?;
    let max_types = r.u8("json.max_types")?;
    let json = JsonType {
        max_dynamic_types: (max_types != DEFAULT_MAX_TYPES).then_some(max_types),
        max_dynamic_paths: (max_paths != DEFAULT_MAX_PATHS).then_some(max_paths),
        ..JsonType::default()
    };
    Ok((json, count(r, "json.typed")?))
}

fn next_name(outer: &mut Open, r: &mut Reader<'_>) -> Result<(), DecodeError> {
    if let Kind::NamedTuple | Kind::Nested | Kind::Json(_) = outer.kind {
        outer.name = Some(text(r, "element.name")?);
    }
    Ok(())
}

fn close(outer: Open, r: &mut Reader<'_>) -> Result<DataType, DecodeError> {
    let Open { kind, elements, .. } = outer;
    let mut types = elements.iter().map(|(_, ty)| ty.clone());
    let first = types.next().map(Box::new);
    let missing = || r.invalid("type", 0, "has no inner type");
    Ok(match kind {
        Kind::Array => DataType::Array(first.ok_or_else(missing)?),
        Kind::Nullable => DataType::Nullable(first.ok_or_else(missing)?),
        Kind::LowCardinality => DataType::LowCardinality(first.ok_or_else(missing)?),
        Kind::Map => DataType::Map(Box::new(DataType::Tuple(elements))),
        Kind::Tuple | Kind::NamedTuple => DataType::Tuple(elements),
        Kind::Nested => DataType::Nested(Box::new(DataType::Tuple(elements))),
        Kind::Variant if elements.is_empty() => return Err(missing()),
        Kind::Variant => DataType::variant(elements.into_iter().map(|(_, ty)| ty)),
        Kind::Json(mut json) => {
            let typed = elements.into_iter();
            json.typed = typed.filter_map(|(path, ty)| Some((path?, ty))).collect();
            json.typed.sort_by(|a, b| a.0.cmp(&b.0));
            for _ in 0..count(r, "json.skip")? {
                json.skip.push(text(r, "json.skip")?);
            }
            json.skip.sort();
            for _ in 0..count(r, "json.skip_regexp")? {
                json.skip_regexp.push(text(r, "json.skip_regexp")?);
            }
            DataType::Json(Box::new(json))
        }
        Kind::Aggregate(mut function) => {
            function.arguments = elements.into_iter().map(|(_, ty)| ty).collect();
            DataType::AggregateFunction(Box::new(function))
        }
        Kind::SimpleAggregate(function) => {
            let arguments: Vec<_> = elements.iter().map(|(_, ty)| format!(", {ty}")).collect();
            DataType::Alias {
                name: format!("SimpleAggregateFunction({function}{})", arguments.concat()),
                of: first.ok_or_else(missing)?,
            }
        }
        Kind::QBit(has_stride) => {
            let element = first.ok_or_else(missing)?;
            let dimension = r.leb128("qbit.dimension")?;
            // The rules of its sizes are those of its name.
            let name = if has_stride {
                format!("QBit({element}, {dimension}, {})", r.leb128("qbit.stride")?)
            } else {
                format!("QBit({element}, {dimension})")
            };
            named(r, &name)?
        }
    })
}

fn leaf(code: u8, r: &mut Reader<'_>) -> Result<DataType, DecodeError> {
    if let Some((_, ty)) = SIMPLE.iter().find(|(known, _)| *known == code) {
        return Ok(ty.clone());
    }
    Ok(match code {
        0x12 => DataType::DateTime(Some(text(r, "time_zone")?)),
        0x13 => DataType::DateTime64(r.u8("precision")?, None),
        0x14 => DataType::DateTime64(r.u8("precision")?, Some(text(r, "time_zone")?)),
        0x16 => {
            let width = r.leb128("width")?;
            return named(r, &format!("FixedString({width})"));
        }
        0x17 => {
            let labels = (0..count(r, "labels")?).map(|_| Ok((text(r, "label")?, r.i8("value")?)));
            DataType::Enum8(labels.collect::<Result<_, DecodeError>>()?)
        }
        0x18 => {
            let n = count(r, "labels")?;
            let labels = (0..n).map(|_| Ok((text(r, "label")?, r.i16_le("value")?)));
            DataType::Enum16(labels.collect::<Result<_, DecodeError>>()?)
        }
        0x19..=0x1c => {
            let (precision, scale) = (r.u8("precision")?, r.u8("scale")?);
            return named(r, &format!("Decimal({precision}, {scale})"));
        }
        0x22 => {
            let unit = usize::from(r.u8("unit")?);
            let unit = UNITS.get(unit);
            let unit = unit.ok_or_else(|| r.invalid("unit", 1, "is no unit of an Interval"))?;
            DataType::Interval((*unit).to_owned())
        }
        0x2b => {
            let max = r.u8("max_types")?;
            let max_types = (max != DEFAULT_MAX_TYPES).then_some(max);
            DataType::Dynamic { max_types }
        }
        0x2c => {
            let name = text(r, "name")?;
            return named(r, &name);
        }
        0x34 => DataType::Time64(r.u8("precision")?),
        other => {
            let what = format!("code 0x{other:02x}, which is no type that this crate knows");
            return Err(DecodeError::unsupported("type", r.offset(), what));
        }
    })
}

/// The type of that name, which has none inside.
fn named(r: &Reader<'_>, name: &str) -> Result<DataType, DecodeError> {
    // A Geometry is a Variant of arrays of arrays of points; other names have less inside.
    parse(name, 8).map_err(|e| r.invalid("type", 0, format!("{}: {e}", shorten(name))))
}
