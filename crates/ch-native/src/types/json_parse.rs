//! Objects out of JSON text, as servers send it when they are told to.

use super::Value;

/// Levels that arrays and objects may nest: what this needs of a small stack is bounded.
const MAX_DEPTH: u32 = 64;

/// The object that `text` is, in the form of [`Value::Json`]: the steps of paths joined by dots, and no path that is null,
/// as in columns of paths. `None` if the text is no JSON object, or nests more than 64 levels.
pub(crate) fn parse_object(text: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(text).ok()?;
    let mut p = Parser { rest: text };
    let mut entries = Vec::new();
    if p.next()? != '{' {
        return None;
    }
    p.object("", &mut entries, MAX_DEPTH)?;
    p.space();
    p.rest.is_empty().then(|| sorted(entries))
}

fn sorted(mut entries: Vec<(String, Value)>) -> Value {
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    Value::Json(entries)
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    /// The next character that is not white space, without taking it.
    fn next(&mut self) -> Option<char> {
        self.space();
        self.rest.chars().next()
    }

    fn eat(&mut self, token: &str) -> Option<()> {
        self.space();
        self.rest = self.rest.strip_prefix(token)?;
        Some(())
    }

    /// Whether another item follows, in a list that ends in `end`; takes the comma or the end.
    fn goes_on(&mut self, is_first: bool, end: char) -> Option<bool> {
        if self.next()? == end {
            self.rest = self.rest.get(1..)?;
            return Some(false);
        }
        if !is_first {
            self.eat(",")?;
        }
        Some(true)
    }

    /// Adds the entries of an object, whose own path is `path`.
    fn object(&mut self, path: &str, entries: &mut Vec<(String, Value)>, depth: u32) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        self.eat("{")?;
        let mut is_first = true;
        while self.goes_on(is_first, '}')? {
            is_first = false;
            let mut step = self.text()?;
            self.eat(":")?;
            if !path.is_empty() {
                step = format!("{path}.{step}");
            }
            if self.next()? == '{' {
                self.object(&step, entries, depth)?;
                continue;
            }
            match self.value(depth)? {
                Value::Null => {}
                value => entries.push((step, value)),
            }
        }
        Some(())
    }

    fn value(&mut self, depth: u32) -> Option<Value> {
        match self.next()? {
            '{' => {
                let mut entries = Vec::new();
                self.object("", &mut entries, depth)?;
                Some(sorted(entries))
            }
            '[' => self.array(depth),
            '"' => self.text().map(|text| Value::String(text.into_bytes())),
            't' => self.eat("true").map(|()| Value::Bool(true)),
            'f' => self.eat("false").map(|()| Value::Bool(false)),
            'n' => self.eat("null").map(|()| Value::Null),
            _ => self.number(),
        }
    }

    fn array(&mut self, depth: u32) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        self.eat("[")?;
        let mut items = Vec::new();
        while self.goes_on(items.is_empty(), ']')? {
            items.push(self.value(depth)?);
        }
        Some(Value::Array(items))
    }

    /// Whole numbers are `Int`, those too large for it `UInt`, and others `Float64`, as the server has it.
    fn number(&mut self) -> Option<Value> {
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        if let Ok(n) = number.parse() {
            return Some(Value::Int(n));
        }
        if let Ok(n) = number.parse() {
            return Some(Value::UInt(n));
        }
        number.parse().ok().map(Value::Float64)
    }

    fn text(&mut self) -> Option<String> {
        self.eat("\"")?;
        let mut out = String::new();
        loop {
            let plain = self.rest.find(['"', '\\'])?;
            let (text, rest) = self.rest.split_at_checked(plain)?;
            out.push_str(text);
            let mut chars = rest.chars();
            if chars.next()? == '"' {
                self.rest = chars.as_str();
                return Some(out);
            }
            let escape = chars.next()?;
            self.rest = chars.as_str();
            out.push(match escape {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'u' => self.escaped()?,
                other => other,
            });
        }
    }

    /// The character of `\uXXXX`, or of two of them that stand for one.
    fn escaped(&mut self) -> Option<char> {
        let high = self.hex4()?;
        if !(0xd800..0xdc00).contains(&high) {
            return char::from_u32(high);
        }
        self.rest = self.rest.strip_prefix("\\u")?;
        let low = self.hex4()?;
        let low = low.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
        let high = high.checked_sub(0xd800)?.checked_mul(0x400)?;
        char::from_u32(high.checked_add(low)?.checked_add(0x1_0000)?)
    }

    fn hex4(&mut self) -> Option<u32> {
        let (digits, rest) = self.rest.split_at_checked(4)?;
        self.rest = rest;
        u32::from_str_radix(digits, 16).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Printed again it is what the server prints for it: nulls are gone, keys are sorted.
    #[test]
    fn objects_are_parsed() {
        for (text, printed) in [
            ("{}", "{}"),
            (" { \"a\" : 1 , \"b\" : [ ] } ", r#"{"a":1,"b":[]}"#),
            (
                r#"{"b":{"y":[{"q":{"r":-1.5e3}},null,true],"x":"\u00e4\ud83d\ude00\n\"\\"},"a":null,"c":18446744073709551615}"#,
                "{\"b\":{\"x\":\"ä😀\\n\\\"\\\\\",\"y\":[{\"q\":{\"r\":-1500}},null,true]},\"c\":18446744073709551615}",
            ),
        ] {
            assert_eq!(parse_object(text.as_bytes()).unwrap().to_json(), printed);
        }
    }

    #[test]
    fn nonsense_is_no_object() {
        for text in [
            "",
            "1",
            "[]",
            "{",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{\"a\":1}}",
            "{a:1}",
            "{\"a\":tru}",
            "{\"a\":\"\\ud83d\"}",
            "{\"a\":\"",
        ] {
            assert_eq!(parse_object(text.as_bytes()), None, "{text}");
        }
        assert_eq!(
            parse_object(&[b'{', b'"', 0xff, b'"', b':', b'1', b'}']),
            None
        );
        let deep = |n: usize| format!("{{\"a\":{}{}}}", "[".repeat(n), "]".repeat(n));
        assert!(parse_object(deep(63).as_bytes()).is_some());
        assert_eq!(parse_object(deep(100_000).as_bytes()), None);
    }
}
