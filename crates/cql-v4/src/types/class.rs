//! Java class names of types: `org.apache.cassandra.db.marshal.VectorType(…FloatType , 3)`.
//!
//! Servers describe a type that the protocol version has no id for by its class. A class that is not known here
//! stays a [`DataType::Custom`]; a name that cannot be parsed, or that nests too deeply, does too, since it only matters
//! to whoever reads that column.

use std::sync::Arc;

use wire_core::{Budget, DecodeError};

use super::DataType;
use super::data_type::{SIMPLE, UdtField, UdtType};

const PACKAGE: &str = "org.apache.cassandra.db.marshal.";

/// The type that `text` names.
pub(super) fn parse(text: &str, at: usize, budget: &mut Budget) -> DataType {
    let mut parser = Parser {
        rest: text,
        at,
        budget,
    };
    match parser.data_type() {
        Ok(Some(data_type)) if parser.rest.trim().is_empty() => data_type,
        _ => DataType::Custom(text.into()),
    }
}

struct Parser<'a, 'b> {
    rest: &'a str,
    at: usize,
    budget: &'b mut Budget,
}

impl<'a> Parser<'a, '_> {
    /// A class with its arguments, if it can be parsed.
    fn data_type(&mut self) -> Result<Option<DataType>, DecodeError> {
        self.rest = self.rest.trim_start();
        let start = self.rest;
        let end = start.find(['(', ')', ',']).unwrap_or(start.len());
        let (class, rest) = start.split_at_checked(end).unwrap_or((start, ""));
        self.rest = rest;
        let class = class.trim();
        // A field name or an alias stands before a colon; it does not matter here.
        let class = class.rsplit_once(':').map_or(class, |(_, class)| class);
        let short = class.strip_prefix(PACKAGE).unwrap_or(class);
        if let Some((_, simple, ..)) = SIMPLE.iter().find(|(.., name)| *name == short) {
            return Ok(Some(simple.clone()));
        }
        // The class of timestamps before Cassandra 2.0; not the type "date".
        if short == "DateType" {
            return Ok(Some(DataType::Timestamp));
        }
        // Copied, so that the closure may borrow the parser.
        let (rest, at) = (self.rest, self.at);
        let mut end_of_args = rest;
        let parsed = self.budget.nested("class", at, |budget| {
            let mut inner = Parser { rest, at, budget };
            let parsed = inner.with_arguments(short)?;
            end_of_args = inner.rest;
            Ok(parsed)
        })?;
        self.rest = end_of_args;
        if parsed.is_some() {
            return Ok(parsed);
        }
        let used = start.len().saturating_sub(self.rest.len());
        Ok(start
            .get(..used)
            .map(|custom| DataType::Custom(custom.trim().into())))
    }

    /// A class with parameters, behind its name.
    fn with_arguments(&mut self, class: &str) -> Result<Option<DataType>, DecodeError> {
        Ok(match class {
            "ListType" => self
                .arguments()?
                .and_then(one)
                .map(|t| DataType::List(Box::new(t))),
            "SetType" => self
                .arguments()?
                .and_then(one)
                .map(|t| DataType::Set(Box::new(t))),
            "FrozenType" | "ReversedType" => self.arguments()?.and_then(one),
            "TupleType" => self.arguments()?.map(DataType::Tuple),
            "MapType" => self
                .arguments()?
                .and_then(|args| match <[DataType; 2]>::try_from(args) {
                    Ok([key, value]) => Some(DataType::Map(Box::new((key, value)))),
                    Err(_) => None,
                }),
            "VectorType" => self.vector()?,
            "UserType" => self.user_type()?,
            _ => {
                self.skip_arguments();
                None
            }
        })
    }

    fn arguments(&mut self) -> Result<Option<Vec<DataType>>, DecodeError> {
        if !self.eat('(') {
            return Ok(None);
        }
        let mut list = Vec::new();
        loop {
            let Some(argument) = self.data_type()? else {
                return Ok(None);
            };
            list.push(argument);
            if self.eat(')') {
                return Ok(Some(list));
            }
            if !self.eat(',') {
                return Ok(None);
            }
        }
    }

    /// `(element , dimensions)`.
    fn vector(&mut self) -> Result<Option<DataType>, DecodeError> {
        if !self.eat('(') {
            return Ok(None);
        }
        let Some(element) = self.data_type()? else {
            return Ok(None);
        };
        if !self.eat(',') {
            return Ok(None);
        }
        let dimensions = self.word().parse().ok();
        Ok(match dimensions {
            Some(n) if self.eat(')') => Some(DataType::Vector(Box::new(element), n)),
            _ => None,
        })
    }

    /// `(keyspace,hex(name),hex(field):Type,...)`.
    fn user_type(&mut self) -> Result<Option<DataType>, DecodeError> {
        if !self.eat('(') {
            return Ok(None);
        }
        let keyspace = self.word().to_owned();
        if !self.eat(',') {
            return Ok(None);
        }
        let Some(name) = unhex(self.word()) else {
            return Ok(None);
        };
        let mut fields = Vec::new();
        while self.eat(',') {
            self.rest = self.rest.trim_start();
            let Some((field, _)) = self.rest.split_once(':') else {
                return Ok(None);
            };
            let Some(name) = unhex(field.trim()) else {
                return Ok(None);
            };
            let Some(data_type) = self.data_type()? else {
                return Ok(None);
            };
            fields.push(UdtField { name, data_type });
        }
        if !self.eat(')') {
            return Ok(None);
        }
        Ok(Some(DataType::Udt(Arc::new(UdtType {
            keyspace,
            name,
            fields,
        }))))
    }

    fn skip_arguments(&mut self) {
        if !self.rest.trim_start().starts_with('(') {
            return;
        }
        let mut depth = 0_u32;
        for (i, c) in self.rest.char_indices() {
            match c {
                '(' => depth = depth.saturating_add(1),
                ')' => depth = depth.saturating_sub(1),
                _ => continue,
            }
            if depth == 0 {
                self.rest = self.rest.get(i.saturating_add(1)..).unwrap_or("");
                return;
            }
        }
        self.rest = "";
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

    fn word(&mut self) -> &'a str {
        let rest = self.rest;
        let end = rest.find(['(', ')', ',']).unwrap_or(rest.len());
        let (word, rest) = rest.split_at_checked(end).unwrap_or((rest, ""));
        self.rest = rest;
        word.trim()
    }
}

fn one(arguments: Vec<DataType>) -> Option<DataType> {
    let [only] = <[DataType; 1]>::try_from(arguments).ok()?;
    Some(only)
}

fn unhex(text: &str) -> Option<String> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let bytes = digits
        .chunks_exact(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect::<Option<Vec<u8>>>()?;
    String::from_utf8(bytes).ok()
}

/// The class name of a type, as a server writes it in metadata.
pub(super) fn name_of(data_type: &DataType) -> String {
    let list = |types: &mut dyn Iterator<Item = &DataType>| {
        types.map(name_of).collect::<Vec<_>>().join(",")
    };
    match data_type {
        DataType::Custom(class) => class.to_string(),
        DataType::List(t) => format!("{PACKAGE}ListType({})", name_of(t)),
        DataType::Set(t) => format!("{PACKAGE}SetType({})", name_of(t)),
        DataType::Map(pair) => format!(
            "{PACKAGE}MapType({},{})",
            name_of(&pair.0),
            name_of(&pair.1)
        ),
        DataType::Tuple(types) => format!("{PACKAGE}TupleType({})", list(&mut types.iter())),
        DataType::Vector(t, n) => format!("{PACKAGE}VectorType({} , {n})", name_of(t)),
        DataType::Udt(udt) => {
            let mut text = format!("{PACKAGE}UserType({},{}", udt.keyspace, hex(&udt.name));
            for field in &udt.fields {
                text.push_str(&format!(
                    ",{}:{}",
                    hex(&field.name),
                    name_of(&field.data_type)
                ));
            }
            text.push(')');
            text
        }
        simple => {
            let class = SIMPLE
                .iter()
                .find(|(_, t, ..)| t == simple)
                .map_or("?", |(.., class)| class);
            format!("{PACKAGE}{class}")
        }
    }
}

fn hex(text: &str) -> String {
    text.bytes().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> DataType {
        parse(text, 0, &mut Budget::for_message(0))
    }

    /// Forms seen in column metadata of Cassandra 5.0.
    #[test]
    fn classes_of_the_server_become_types() {
        let p = PACKAGE;
        for (text, cql) in [
            (format!("{p}DurationType"), "duration"),
            (
                format!("{p}VectorType({p}FloatType , 3)"),
                "vector<float, 3>",
            ),
            (
                format!("{p}VectorType({p}FrozenType({p}ListType({p}UTF8Type)),12)"),
                "vector<list<text>, 12>",
            ),
            (format!("{p}ReversedType({p}DateType)"), "timestamp"),
            (
                format!("{p}MapType({p}Int32Type, {p}SetType({p}SimpleDateType))"),
                "map<int, set<date>>",
            ),
            (
                format!("{p}TupleType({p}Int32Type,{p}BytesType)"),
                "tuple<int, blob>",
            ),
            (
                format!("{p}UserType(ks,706f696e74,78:{p}Int32Type,79:{p}DoubleType)"),
                "ks.point",
            ),
        ] {
            let data_type = parsed(&text);
            assert_eq!(data_type.to_string(), cql, "{text}");
            if !text.contains("Frozen") && !text.contains("Reversed") {
                assert_eq!(parsed(&name_of(&data_type)), data_type);
            }
        }
    }

    #[test]
    fn what_is_not_known_stays_custom() {
        for text in [
            "com.example.Polygon",
            "org.apache.cassandra.db.marshal.CompositeType(org.apache.cassandra.db.marshal.UTF8Type,x)",
            "org.apache.cassandra.db.marshal.ListType(",
            "org.apache.cassandra.db.marshal.VectorType(org.apache.cassandra.db.marshal.FloatType)",
            "org.apache.cassandra.db.marshal.UserType(ks,zz,78:x)",
            "",
            "é(ü",
        ] {
            assert!(matches!(parsed(text), DataType::Custom(_)), "{text}");
        }
        assert_eq!(
            parsed("com.example.A(b(c),d)").to_string(),
            "'com.example.A(b(c),d)'"
        );
    }

    #[test]
    fn nesting_has_an_end() {
        let deep = "FrozenType(".repeat(100_000);
        assert_eq!(parsed(&deep), DataType::Custom(deep.into()));
        let list = format!("{}Int32Type{}", "ListType(".repeat(64), ")".repeat(64));
        assert!(parsed(&list).to_string().starts_with("list<list<"));
        let list = format!("{}Int32Type{}", "ListType(".repeat(65), ")".repeat(65));
        assert!(matches!(parsed(&list), DataType::Custom(_)));
    }
}
