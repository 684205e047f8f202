//! CQL texts of types, as `system_schema` has them: `frozen<map<text, int>>`, `vector<float, 3>`, `"My type"`, and Java
//! classes in single quotes. Source: class `CQL3Type` of Cassandra, whose `toString` writes them.
//!
//! A text is first parsed into a [`TypeExpr`], which says nothing about which names exist, and then resolved with the
//! user-defined types of its keyspace. What cannot be parsed or resolved is a [`DataType::Custom`] of the whole text:
//! a type that this version does not know must not hide the rest of the schema.

use std::fmt;

use wire_core::Budget;

use super::quote::{quote_identifier, quote_text};
use crate::types::{DataType, native_type, type_of_class};

/// Levels that the text of a type, or a type with all that it refers to, may nest; the limit of values and of column
/// metadata. Deeper ones stay [`DataType::Custom`].
pub(super) const MAX_DEPTH: u32 = Budget::DEFAULT_DEPTH;

/// A type as its text says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TypeExpr {
    /// A Java class.
    Class(Box<str>),
    /// A native type, or, if there is none of this name, one defined by a user.
    Name(Box<str>),
    /// A name in quotes, always that of a type defined by a user.
    Quoted(Box<str>),
    Frozen(Box<Self>),
    List(Box<Self>),
    Set(Box<Self>),
    Map(Box<(Self, Self)>),
    Tuple(Vec<Self>),
    Vector(Box<Self>, u32),
}

impl TypeExpr {
    /// The type that `text` says; `None` if it is none, or nests too deeply.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parser = Parser { rest: text };
        let parsed = parser.data_type()?;
        parser.rest.trim_start().is_empty().then_some(parsed)
    }

    /// The same without the `frozen` around it all, which types of arguments may not have.
    pub(super) fn thawed(&self) -> &Self {
        match self {
            Self::Frozen(inner) => inner,
            other => other,
        }
    }

    /// Calls `found` with each name that is that of no native type.
    pub(super) fn names<'a>(&'a self, found: &mut dyn FnMut(&'a str)) {
        match self {
            Self::Class(_) => {}
            Self::Name(name) if native_type(name).is_some() => {}
            Self::Name(name) | Self::Quoted(name) => found(name),
            Self::Frozen(t) | Self::List(t) | Self::Set(t) | Self::Vector(t, _) => t.names(found),
            Self::Map(pair) => {
                pair.0.names(found);
                pair.1.names(found);
            }
            Self::Tuple(types) => types.iter().for_each(|t| t.names(found)),
        }
    }

    /// The type itself; `defined` knows those that users defined. `None` if a name is not known.
    ///
    /// It calls itself once for each level: everything but that is in other functions, so that a level takes little of the
    /// stack in code that is not optimised.
    pub(super) fn resolve(&self, defined: &dyn Fn(&str) -> Option<DataType>) -> Option<DataType> {
        match self {
            Self::Class(_) | Self::Name(_) | Self::Quoted(_) => self.resolve_leaf(defined),
            Self::Frozen(inner) => inner.resolve(defined),
            Self::List(t) | Self::Set(t) | Self::Vector(t, _) => {
                self.collection(t.resolve(defined)?)
            }
            Self::Map(pair) => {
                let key = pair.0.resolve(defined)?;
                let value = pair.1.resolve(defined)?;
                Some(DataType::Map(Box::new((key, value))))
            }
            Self::Tuple(types) => {
                let mut resolved = Vec::with_capacity(types.len());
                for t in types {
                    resolved.push(t.resolve(defined)?);
                }
                Some(DataType::Tuple(resolved))
            }
        }
    }

    /// A type without other types in it.
    fn resolve_leaf(&self, defined: &dyn Fn(&str) -> Option<DataType>) -> Option<DataType> {
        match self {
            Self::Class(class) => Some(type_of_class(class)),
            Self::Name(name) => native_type(name).or_else(|| defined(name)),
            Self::Quoted(name) => defined(name),
            _ => None,
        }
    }

    /// This list, set or vector, of elements of this type.
    fn collection(&self, element: DataType) -> Option<DataType> {
        let element = Box::new(element);
        match self {
            Self::List(_) => Some(DataType::List(element)),
            Self::Set(_) => Some(DataType::Set(element)),
            Self::Vector(_, n) => Some(DataType::Vector(element, *n)),
            _ => None,
        }
    }
}

/// The text that servers write.
impl fmt::Display for TypeExpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Class(class) => f.write_str(&quote_text(class)),
            Self::Name(name) => f.write_str(name),
            Self::Quoted(name) => match quote_identifier(name) {
                // A type that is named as a native one is told apart by its quotes.
                std::borrow::Cow::Borrowed(plain) => write!(f, "\"{plain}\""),
                std::borrow::Cow::Owned(quoted) => f.write_str(&quoted),
            },
            Self::Frozen(inner) => write!(f, "frozen<{inner}>"),
            Self::List(element) => write!(f, "list<{element}>"),
            Self::Set(element) => write!(f, "set<{element}>"),
            Self::Map(pair) => write!(f, "map<{}, {}>", pair.0, pair.1),
            Self::Vector(element, n) => write!(f, "vector<{element}, {n}>"),
            Self::Tuple(types) => {
                f.write_str("tuple<")?;
                for (i, t) in types.iter().enumerate() {
                    let comma = if i == 0 { "" } else { ", " };
                    write!(f, "{comma}{t}")?;
                }
                f.write_str(">")
            }
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
}

/// A type whose angle bracket is open, and the types that have been read behind it.
struct Open {
    name: String,
    types: Vec<TypeExpr>,
}

/// What stands at the beginning of a type.
enum Start {
    Whole(TypeExpr),
    Open(Open),
}

impl Open {
    /// Whether a comma leads to one more type.
    fn takes_another(&self) -> bool {
        match self.name.as_str() {
            "tuple" => true,
            "map" => self.types.len() < 2,
            _ => false,
        }
    }
}

impl Parser<'_> {
    /// A type that nests no deeper than [`MAX_DEPTH`]. The levels are kept in a list and not on the stack, so their number
    /// is all that they cost.
    fn data_type(&mut self) -> Option<TypeExpr> {
        let mut levels: Vec<Open> = Vec::new();
        loop {
            let mut parsed = match self.start()? {
                Start::Whole(parsed) => parsed,
                Start::Open(open) => {
                    levels.push(open);
                    // What stands inside is one level more.
                    if u32::try_from(levels.len()).ok()? >= MAX_DEPTH {
                        return None;
                    }
                    continue;
                }
            };
            // What has been read may be the last part of the type around it, and that the last of the one around that.
            loop {
                let Some(mut around) = levels.pop() else {
                    return Some(parsed);
                };
                around.types.push(parsed);
                if around.takes_another() && self.eat(',') {
                    levels.push(around);
                    break;
                }
                parsed = self.close(around)?;
            }
        }
    }

    /// A type without parameters, or one with parameters up to its opening bracket.
    fn start(&mut self) -> Option<Start> {
        self.rest = self.rest.trim_start();
        if self.rest.starts_with('\'') {
            let class = self.quoted('\'')?;
            return Some(Start::Whole(TypeExpr::Class(class.into())));
        }
        if self.rest.starts_with('"') {
            let name = self.quoted('"')?;
            return Some(Start::Whole(TypeExpr::Quoted(name.into())));
        }
        let name = self.word()?;
        if !self.eat('<') {
            return Some(Start::Whole(TypeExpr::Name(name.into())));
        }
        let types = Vec::new();
        Some(Start::Open(Open { name, types }))
    }

    /// The type that is complete with the bracket that must come now.
    fn close(&mut self, open: Open) -> Option<TypeExpr> {
        let Open { name, types } = open;
        let closed = match name.as_str() {
            "tuple" => TypeExpr::Tuple(types),
            "map" => {
                let [key, value] = types.try_into().ok()?;
                TypeExpr::Map(Box::new((key, value)))
            }
            name => {
                let [only] = types.try_into().ok()?;
                let only = Box::new(only);
                match name {
                    "frozen" => TypeExpr::Frozen(only),
                    "list" => TypeExpr::List(only),
                    "set" => TypeExpr::Set(only),
                    "vector" => TypeExpr::Vector(only, self.dimensions()?),
                    _ => return None,
                }
            }
        };
        self.eat('>').then_some(closed)
    }

    /// `, 3`: what stands behind the element of a vector.
    fn dimensions(&mut self) -> Option<u32> {
        if !self.eat(',') {
            return None;
        }
        self.rest = self.rest.trim_start();
        self.word()?.parse().ok()
    }

    /// A text in quotes, in which the quote itself is doubled.
    fn quoted(&mut self, quote: char) -> Option<String> {
        let mut text = String::new();
        self.rest = self.rest.strip_prefix(quote)?;
        loop {
            let (part, rest) = self.rest.split_once(quote)?;
            text.push_str(part);
            match rest.strip_prefix(quote) {
                Some(rest) => {
                    text.push(quote);
                    self.rest = rest;
                }
                None => {
                    self.rest = rest;
                    return Some(text);
                }
            }
        }
    }

    /// A name without quotes, or a number. Such names are read without regard to case.
    fn word(&mut self) -> Option<String> {
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        (!word.is_empty()).then(|| word.to_ascii_lowercase())
    }

    fn eat(&mut self, c: char) -> bool {
        match self.rest.trim_start().strip_prefix(c) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

/// Parses `text`, and checks that printing and parsing again give the same. For fuzzing.
///
/// # Panics
/// If they do not.
#[doc(hidden)]
pub fn fuzz_type_text(text: &str) {
    if let Some(parsed) = TypeExpr::parse(text) {
        assert_eq!(TypeExpr::parse(&parsed.to_string()), Some(parsed));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::types::UdtType;

    fn resolved(text: &str) -> Option<DataType> {
        let defined = |name: &str| {
            ["point", "My type", "text", "vector"]
                .contains(&name)
                .then(|| DataType::Udt(UdtType::new("ks", name, []).into()))
        };
        TypeExpr::parse(text)?.resolve(&defined)
    }

    /// Texts seen in `system_schema` of Cassandra 5.0.9.
    #[test]
    fn texts_of_the_server_become_types() {
        let vector = "'org.apache.cassandra.db.marshal.VectorType(org.apache.cassandra.db.marshal.FloatType , 3)'";
        for (text, expected) in [
            ("int", "int"),
            ("frozen<map<text, int>>", "map<text, int>"),
            (
                "map<text, frozen<list<frozen<point>>>>",
                "map<text, list<ks.point>>",
            ),
            (
                "frozen<tuple<int, frozen<list<text>>>>",
                "tuple<int, list<text>>",
            ),
            ("frozen<\"My type\">", "ks.My type"),
            ("text", "text"),
            ("\"text\"", "ks.text"),
            ("vector", "ks.vector"),
            ("vector<frozen<point>, 2>", "vector<ks.point, 2>"),
            (vector, "vector<float, 3>"),
            ("VarChar", "text"),
        ] {
            assert_eq!(resolved(text).unwrap().to_string(), expected, "{text}");
        }
        let class = "'org.apache.cassandra.db.marshal.DynamicCompositeType(s=>org.apache.cassandra.db.marshal.UTF8Type)'";
        assert!(
            matches!(resolved(class), Some(DataType::Custom(c)) if c.starts_with("org.") && c.ends_with(')'))
        );
    }

    #[test]
    fn what_is_no_type_is_none() {
        for text in [
            "",
            " ",
            "<",
            "list",
            "list<",
            "list<int",
            "list<int>>",
            "list<int>x",
            "map<int>",
            "vector<int>",
            "vector<int, >",
            "vector<int, 4294967296>",
            "vector<int, -1>",
            "'a",
            "\"a",
            "int,",
            "frozen<>",
            "nope",
            "nope<int>",
            "tuple<>",
            "é",
            "empty",
        ] {
            assert_eq!(resolved(text), None, "{text}");
        }
    }

    #[test]
    fn nesting_has_an_end() {
        let nested = |n| format!("{}int{}", "list<".repeat(n), ">".repeat(n));
        assert!(TypeExpr::parse(&nested(63)).is_some());
        assert!(TypeExpr::parse(&nested(64)).is_none());
        assert!(TypeExpr::parse(&"frozen<".repeat(1_000_000)).is_none());
    }

    /// Reading, comparing, printing, resolving and dropping, in code that is not optimised.
    #[test]
    fn the_deepest_type_fits_a_small_stack() {
        for (open, close) in [
            ("list<", ">"),
            ("frozen<", ">"),
            ("map<int, ", ">"),
            ("tuple<int, ", ", text>"),
            ("vector<", ", 3>"),
        ] {
            let text = format!("{}int{}", open.repeat(63), close.repeat(63));
            let on_small_stack = std::thread::Builder::new().stack_size(128 * 1024);
            let thread = on_small_stack.spawn(move || {
                fuzz_type_text(&text);
                let mut names = 0;
                TypeExpr::parse(&text)?.names(&mut |_| names += 1);
                let data_type = resolved(&text)?;
                assert_eq!(data_type.clone(), data_type);
                assert!(!format!("{data_type}{data_type:?}").is_empty());
                Some(names)
            });
            assert_eq!(thread.unwrap().join().unwrap(), Some(0), "{open}");
        }
    }

    fn expressions() -> impl Strategy<Value = TypeExpr> {
        let leaf = prop_oneof![
            "[a-z0-9_]{1,8}".prop_map(|s| TypeExpr::Name(s.into())),
            "\\PC{0,8}".prop_map(|s| TypeExpr::Quoted(s.into())),
            "\\PC{0,8}".prop_map(|s| TypeExpr::Class(s.into())),
        ];
        leaf.prop_recursive(6, 24, 4, |inner| {
            let boxed = || inner.clone().prop_map(Box::new);
            prop_oneof![
                boxed().prop_map(TypeExpr::Frozen),
                boxed().prop_map(TypeExpr::List),
                boxed().prop_map(TypeExpr::Set),
                (boxed(), any::<u32>()).prop_map(|(t, n)| TypeExpr::Vector(t, n)),
                (inner.clone(), inner.clone()).prop_map(|pair| TypeExpr::Map(Box::new(pair))),
                prop::collection::vec(inner, 1..4).prop_map(TypeExpr::Tuple),
            ]
        })
    }

    proptest! {
        #[test]
        fn printing_and_parsing_give_the_same(expr in expressions()) {
            prop_assert_eq!(TypeExpr::parse(&expr.to_string()), Some(expr));
        }

        #[test]
        fn any_text_is_survived(text in "[<>,'\" a-z0-9_é]{0,64}") {
            fuzz_type_text(&text);
        }
    }
}
