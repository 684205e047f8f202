//! Parser of type names.
//!
//! ```text
//! type  = name [ "(" args ")" ]
//! args  = what the type of that name takes: types, numbers, 'quoted text', 'label' = number, name type, SKIP path …
//! ```
//!
//! ASCII white space, line breaks included, may stand between any two of these. The names come from the network:
//! nesting is capped, types that are not complete yet wait in a list and not on the stack, and text that is not
//! understood as a whole becomes [`DataType::Unsupported`] only if its parentheses and quotes are in balance.

mod args;
mod lex;
mod names;
#[cfg(test)]
mod tests;

use super::{AggregateFunction, DataType, JsonType};

pub(crate) use lex::{is_plain_name, quoted_text};

/// Why a type name makes no sense.
#[derive(Debug)]
pub(crate) struct ParseError {
    what: String,
    at: usize,
}

impl std::fmt::Display for ParseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at byte {}", self.what, self.at)
    }
}

/// The start of a long name, for error texts.
pub(crate) fn shorten(name: &str) -> String {
    const SHOWN: usize = 200;
    match name.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?}…", name.get(..end).unwrap_or_default()),
        None => format!("{name:?}"),
    }
}

/// Parses the whole of `name`, nested up to `depth` levels.
pub(crate) fn parse(name: &str, depth: u32) -> Result<DataType> {
    let mut p = Parser {
        all: name,
        rest: name,
    };
    let ty = p.data_type(usize::try_from(depth).unwrap_or(usize::MAX))?;
    p.space();
    if p.rest.is_empty() {
        Ok(ty)
    } else {
        Err(p.error("expected the end of the name"))
    }
}

/// Function, parameters and arguments of a `SimpleAggregateFunction`, if `name` is the name of one.
pub(crate) fn function_parts(name: &str) -> Option<AggregateFunction> {
    let rest = name.strip_prefix("SimpleAggregateFunction")?;
    match parse(&format!("AggregateFunction{rest}"), super::DEFAULT_DEPTH) {
        Ok(DataType::AggregateFunction(function)) => Some(*function),
        _ => None,
    }
}

type Result<T, E = ParseError> = std::result::Result<T, E>;

struct Parser<'a> {
    all: &'a str,
    rest: &'a str,
}

/// A type whose closing parenthesis has not come.
struct Open<'a> {
    kind: Kind,
    /// The text from its name on.
    start: &'a str,
    /// The name of the element that comes next.
    name: Option<String>,
    elements: Vec<(Option<String>, DataType)>,
}

enum Kind {
    Array,
    Nullable,
    LowCardinality,
    Tuple,
    Map,
    Nested,
    Variant,
    Json(JsonType),
    Aggregate(AggregateFunction),
    SimpleAggregate,
    QBit {
        dimension: usize,
        stride: Option<usize>,
    },
}

impl<'a> Parser<'a> {
    /// A type, nested up to `depth` levels.
    fn data_type(&mut self, depth: usize) -> Result<DataType> {
        let mut open: Vec<Open<'a>> = Vec::new();
        loop {
            let levels = open.iter().map(|outer| outer.kind.levels());
            if levels.fold(0_usize, usize::saturating_add) >= depth {
                return Err(self.error("is nested too deeply"));
            }
            self.space();
            let start = self.rest;
            let name = self.word();
            let mut whole = match Kind::of(name) {
                // An aggregate function and a JSON may be without arguments.
                Some(kind) if self.opens(&kind)? => {
                    let mut outer = Open {
                        kind,
                        start,
                        name: None,
                        elements: Vec::new(),
                    };
                    if self.next_element(&mut outer)? {
                        open.push(outer);
                        continue;
                    }
                    self.close(outer)?
                }
                Some(_) => DataType::Json(Box::default()),
                None => self.leaf(name, start)?,
            };
            // The type is whole, and so may be those around it.
            loop {
                let Some(outer) = open.last_mut() else {
                    return Ok(whole);
                };
                outer.elements.push((outer.name.take(), whole));
                if self.next() == Some(',') && outer.kind.takes_more(outer.elements.len()) {
                    self.eat(',');
                    if self.next_element(outer)? {
                        break;
                    }
                }
                match open.pop() {
                    Some(outer) => whole = self.close(outer)?,
                    None => return Err(self.error("expected a type")),
                }
            }
        }
    }

    /// Whether the arguments of `kind` begin here; an error if it cannot be without.
    fn opens(&mut self, kind: &Kind) -> Result<bool> {
        match kind {
            Kind::Json(_) if self.next() != Some('(') => Ok(false),
            _ => self.expect('(').map(|()| true),
        }
    }

    /// Takes what goes before the next type inside `outer`; `false` if no type comes any more.
    fn next_element(&mut self, outer: &mut Open<'a>) -> Result<bool> {
        let first = outer.elements.is_empty();
        match &mut outer.kind {
            Kind::Tuple | Kind::Nested if first && self.next() == Some(')') => return Ok(false),
            Kind::Tuple => outer.name = self.element_name(false)?,
            Kind::Nested => outer.name = self.element_name(true)?,
            Kind::Json(json) => {
                outer.name = self.json_argument(json)?;
                return Ok(outer.name.is_some());
            }
            Kind::Aggregate(function) if first => {
                function.version = self.version()?;
                function.name = self.function_name()?;
                function.parameters = self.parameters()?;
                return Ok(self.eat(','));
            }
            Kind::SimpleAggregate if first => {
                self.function_name()?;
                self.parameters()?;
                self.expect(',')?;
            }
            Kind::QBit { dimension, stride } if !first => {
                *dimension = self.number()?;
                *stride = self.eat(',').then(|| self.number()).transpose()?;
                return Ok(false);
            }
            _ => {}
        }
        Ok(true)
    }

    /// The type whose elements are complete; takes its closing parenthesis.
    fn close(&mut self, outer: Open<'a>) -> Result<DataType> {
        let Open {
            kind,
            start,
            elements,
            ..
        } = outer;
        let ty = match kind {
            Kind::Array => DataType::Array(Box::new(self.only(elements)?)),
            Kind::Nullable => DataType::Nullable(Box::new(self.only(elements)?)),
            Kind::LowCardinality => {
                let inner = self.only(elements)?;
                self.low_cardinality(inner)?
            }
            Kind::Tuple => DataType::Tuple(elements),
            Kind::Nested => DataType::Nested(Box::new(DataType::Tuple(elements))),
            Kind::Map if elements.len() == 2 => DataType::Map(Box::new(DataType::Tuple(elements))),
            Kind::Map => return Err(self.error("a Map has a type of keys and one of values")),
            Kind::Variant => self.variant(elements)?,
            Kind::Json(mut json) => {
                let paths = elements.into_iter();
                json.typed = paths.filter_map(|(path, ty)| Some((path?, ty))).collect();
                json.typed.sort_by(|a, b| a.0.cmp(&b.0));
                json.skip.sort();
                DataType::Json(Box::new(json))
            }
            Kind::Aggregate(mut function) => {
                function.arguments = elements.into_iter().map(|(_, ty)| ty).collect();
                DataType::AggregateFunction(Box::new(function))
            }
            Kind::SimpleAggregate => {
                let of = elements.into_iter().next().map(|(_, ty)| Box::new(ty));
                let of = of.ok_or_else(|| self.error("expected a type"))?;
                self.expect(')')?;
                let name = self.since(start);
                return Ok(DataType::Alias { name, of });
            }
            Kind::QBit { dimension, stride } => {
                let element = self.only(elements)?;
                self.qbit(element, dimension, stride)?
            }
        };
        self.expect(')')?;
        Ok(ty)
    }
}
