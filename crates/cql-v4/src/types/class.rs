//! Java class names of types: `org.apache.cassandra.db.marshal.VectorType(…FloatType , 3)`.
//!
//! Servers describe a type that the protocol version has no id for by its class. A class that is not known here
//! stays a [`DataType::Custom`]; a name that cannot be parsed, or that nests too deeply, does too, since it only matters
//! to whoever reads that column.

use std::sync::Arc;

use wire_core::Budget;

use super::DataType;
use super::data_type::{SIMPLE, UdtType};

const PACKAGE: &str = "org.apache.cassandra.db.marshal.";

/// The type that `text` names.
pub(super) fn parse(text: &str, budget: &Budget) -> DataType {
    let mut parser = Parser { rest: text };
    match parser.data_type(budget.depth()) {
        Some(data_type) if parser.rest.trim().is_empty() => data_type,
        _ => DataType::Custom(text.into()),
    }
}

struct Parser<'a> {
    rest: &'a str,
}

/// A class whose bracket is open, and the types that have been read behind it.
struct Open<'a> {
    class: &'a str,
    types: Vec<DataType>,
    /// Of a type that a user defined.
    udt: Option<Named>,
}

/// What a user named: keyspace, type, and those fields whose types have been read or come next.
struct Named {
    keyspace: String,
    name: String,
    fields: Vec<String>,
}

/// What stands at the beginning of a type.
enum Start<'a> {
    Whole(DataType),
    Open(Open<'a>),
}

impl<'a> Parser<'a> {
    /// A class with its arguments, which nest no deeper than `depth`. The levels are kept in a list and not on the stack,
    /// so their number is all that they cost.
    fn data_type(&mut self, depth: u32) -> Option<DataType> {
        let mut levels: Vec<Open<'_>> = Vec::new();
        loop {
            let mut parsed = match self.start()? {
                Start::Whole(parsed) => parsed,
                Start::Open(open) => {
                    levels.push(open);
                    if u32::try_from(levels.len()).ok()? > depth {
                        return None;
                    }
                    continue;
                }
            };
            // What has been read may be the last argument of the class around it, and that the last of the one around
            // that.
            loop {
                let Some(mut around) = levels.pop() else {
                    return Some(parsed);
                };
                around.types.push(parsed);
                if around.class != "VectorType" && self.eat(',') {
                    if let Some(udt) = &mut around.udt {
                        udt.fields.push(self.field()?);
                    }
                    levels.push(around);
                    break;
                }
                parsed = self.close(around)?;
            }
        }
    }

    /// A class without arguments, one that is not known, or a known one up to its first argument.
    fn start(&mut self) -> Option<Start<'a>> {
        let start = self.rest.trim_start();
        let end = start.find(['(', ')', ',']).unwrap_or(start.len());
        let (class, rest) = start.split_at_checked(end)?;
        self.rest = rest;
        let class = class.trim();
        // A field name or an alias stands before a colon; it does not matter here.
        let class = class.rsplit_once(':').map_or(class, |(_, class)| class);
        let short = class.strip_prefix(PACKAGE).unwrap_or(class);
        if let Some((_, simple, ..)) = SIMPLE.iter().find(|(.., name)| *name == short) {
            return Some(Start::Whole(simple.clone()));
        }
        match short {
            // The class of timestamps before Cassandra 2.0; not the type "date".
            "DateType" => return Some(Start::Whole(DataType::Timestamp)),
            "UserType" => return self.user_type(),
            "ListType" | "SetType" | "MapType" | "TupleType" | "VectorType" | "FrozenType"
            | "ReversedType" => {}
            _ => {
                self.skip_arguments();
                let used = start.len().saturating_sub(self.rest.len());
                let custom = start.get(..used)?.trim();
                return Some(Start::Whole(DataType::Custom(custom.into())));
            }
        }
        self.eat('(').then_some(Start::Open(Open {
            class: short,
            types: Vec::new(),
            udt: None,
        }))
    }

    /// `(keyspace,hex(name),hex(field):Type,...)`, up to the first field's type.
    fn user_type(&mut self) -> Option<Start<'a>> {
        if !self.eat('(') {
            return None;
        }
        let keyspace = self.word().to_owned();
        if !self.eat(',') {
            return None;
        }
        let mut udt = Named {
            keyspace,
            name: unhex(self.word())?,
            fields: Vec::new(),
        };
        let has_fields = self.eat(',');
        if has_fields {
            udt.fields.push(self.field()?);
        }
        let open = Open {
            class: "UserType",
            types: Vec::new(),
            udt: Some(udt),
        };
        Some(match has_fields {
            true => Start::Open(open),
            false => Start::Whole(self.close(open)?),
        })
    }

    /// `hex(field):`, up to its type.
    fn field(&mut self) -> Option<String> {
        let (field, _) = self.rest.split_once(':')?;
        unhex(field.trim())
    }

    /// The type that is complete with the bracket that must come now.
    fn close(&mut self, open: Open<'_>) -> Option<DataType> {
        let Open { class, types, udt } = open;
        let closed = match (class, udt) {
            (_, Some(udt)) => {
                let named = udt.fields.into_iter().zip(types);
                DataType::Udt(Arc::new(UdtType::new(udt.keyspace, udt.name, named)))
            }
            ("TupleType", _) => DataType::Tuple(types),
            ("MapType", _) => {
                let [key, value] = types.try_into().ok()?;
                DataType::Map(Box::new((key, value)))
            }
            (class, _) => {
                let [only] = types.try_into().ok()?;
                match class {
                    "ListType" => DataType::List(Box::new(only)),
                    "SetType" => DataType::Set(Box::new(only)),
                    "VectorType" => DataType::Vector(Box::new(only), self.dimensions()?),
                    // Of frozen and reversed types.
                    _ => only,
                }
            }
        };
        self.eat(')').then_some(closed)
    }

    /// ` , 3`: what stands behind the element of a vector.
    fn dimensions(&mut self) -> Option<u32> {
        if !self.eat(',') {
            return None;
        }
        self.word().parse().ok()
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
        parse(text, &Budget::for_message(0))
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

    /// In code that is not optimised, too.
    #[test]
    fn the_deepest_class_is_read_on_a_small_stack() {
        for class in ["ListType(", "UserType(k,75,66:", "TupleType(Int32Type,"] {
            let text = format!("{}Int32Type{}", class.repeat(64), ")".repeat(64));
            let on_small_stack = std::thread::Builder::new().stack_size(128 * 1024);
            let thread = on_small_stack.spawn(move || parsed(&text)).unwrap();
            let data_type = thread.join().unwrap();
            assert!(!matches!(data_type, DataType::Custom(_)), "{class}");
        }
    }
}
