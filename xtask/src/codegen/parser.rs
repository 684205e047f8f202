//! Words to a model: the part of Thrift's interface language that IoTDB's interface needs. Everything public must have
//! a doc comment, since it becomes public Rust.

use anyhow::{Context, Result, bail, ensure};

use super::lexer::{Token, tokens};
use super::model::{Enum, Field, File, Method, Notes, Struct, Type, Variant};

/// Parses the interface file `name` (without its ending).
pub(super) fn parse(name: &str, source: &str) -> Result<File> {
    let mut parser = Parser {
        tokens: tokens(source)?,
        next: 0,
        doc: None,
    };
    parser
        .file(name)
        .with_context(|| format!("line {}", parser.line()))
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    next: usize,
    /// The doc comment that the next definition takes.
    doc: Option<String>,
}

impl Parser {
    fn file(&mut self, name: &str) -> Result<File> {
        let mut file = File {
            name: name.to_owned(),
            includes: Vec::new(),
            enums: Vec::new(),
            structs: Vec::new(),
            doc: None,
            methods: Vec::new(),
        };
        while let Some(word) = self.optional_word() {
            match word.as_str() {
                "include" => match self.take()? {
                    Token::Text(path) => {
                        let included = path.strip_suffix(".thrift").unwrap_or(&path);
                        file.includes.push(included.to_owned());
                    }
                    other => bail!("include needs a quoted path, not {other:?}"),
                },
                "enum" => file.enums.push(self.enumeration()?),
                "struct" | "exception" => file.structs.push(self.structure()?),
                "service" => {
                    ensure!(file.doc.is_none(), "a file has one service");
                    file.doc = Some(self.take_doc("the service")?);
                    file.methods = self.service()?;
                }
                other => bail!("a definition cannot begin with {other}"),
            }
        }
        ensure!(
            self.next == self.tokens.len(),
            "expected a definition, not {:?}",
            self.take()?
        );
        Ok(file)
    }

    fn enumeration(&mut self) -> Result<Enum> {
        let name = self.word()?;
        let doc = self.take_doc(&name)?;
        let mut variants = Vec::new();
        self.mark('{')?;
        while !self.optional_mark('}') {
            let name = self.word()?;
            let doc = self.take_doc(&name)?;
            self.mark('=')?;
            let code = i32::try_from(self.number()?)?;
            self.separator();
            variants.push(Variant { name, doc, code });
        }
        Ok(Enum {
            name,
            doc,
            variants,
        })
    }

    fn structure(&mut self) -> Result<Struct> {
        let name = self.word()?;
        let doc = self.take_doc(&name)?;
        self.mark('{')?;
        let fields = self.fields('}', false)?;
        let notes = self.notes()?;
        Ok(Struct {
            name,
            doc,
            fields,
            notes,
        })
    }

    fn service(&mut self) -> Result<Vec<Method>> {
        let mut methods = Vec::new();
        self.word()?;
        self.mark('{')?;
        while !self.optional_mark('}') {
            let result = self.ty()?;
            let name = self.word()?;
            let doc = self.take_doc(&name)?;
            self.mark('(')?;
            let args = self.fields(')', true)?;
            let notes = self.notes()?;
            self.separator();
            methods.push(Method {
                name,
                doc,
                args,
                result,
                notes,
            });
        }
        Ok(methods)
    }

    /// Fields up to `end`. Arguments are required, may lack an id (the first one without then has -1, the next -2, as
    /// in Apache's compiler), and need no doc comment when there is one of a struct type: the struct has its own.
    fn fields(&mut self, end: char, arguments: bool) -> Result<Vec<Field>> {
        let mut fields = Vec::new();
        let mut implicit_id = 0_i16;
        while !self.optional_mark(end) {
            let id = match self.optional_number() {
                Some(id) => {
                    self.mark(':')?;
                    i16::try_from(id)?
                }
                None => {
                    ensure!(arguments, "a field of a struct needs an id");
                    implicit_id -= 1;
                    implicit_id
                }
            };
            let required = arguments || self.requiredness()?;
            let ty = self.ty()?;
            let name = self.word()?;
            let doc = match (&ty, arguments) {
                (Type::Named { .. }, true) => {
                    self.doc.take().unwrap_or_else(|| "The request.".to_owned())
                }
                _ => self.take_doc(&name)?,
            };
            let default = if self.optional_mark('=') {
                Some(self.word()?)
            } else {
                None
            };
            let notes = self.notes()?;
            self.separator();
            fields.push(Field {
                id,
                name,
                doc,
                ty,
                required,
                default,
                notes,
            });
        }
        Ok(fields)
    }

    fn requiredness(&mut self) -> Result<bool> {
        match self.word()?.as_str() {
            "required" => Ok(true),
            "optional" => Ok(false),
            other => bail!("a field is required or optional; say which instead of {other}"),
        }
    }

    fn ty(&mut self) -> Result<Type> {
        let word = self.word()?;
        Ok(match word.as_str() {
            "bool" => Type::Bool,
            "i8" | "byte" => Type::I8,
            "i16" => Type::I16,
            "i32" => Type::I32,
            "i64" => Type::I64,
            "string" => Type::String,
            "binary" => Type::Binary,
            "list" => {
                self.mark('<')?;
                let element = self.ty()?;
                self.mark('>')?;
                Type::List(Box::new(element))
            }
            "map" => {
                self.mark('<')?;
                let key = self.ty()?;
                self.mark(',')?;
                let value = self.ty()?;
                self.mark('>')?;
                Type::Map(Box::new(key), Box::new(value))
            }
            "double" | "set" | "void" | "uuid" => {
                bail!("{word} is not supported: IoTDB's interface has none")
            }
            _ => match word.split_once('.') {
                Some((file, name)) => Type::Named {
                    file: Some(file.to_owned()),
                    name: name.to_owned(),
                },
                None => Type::Named {
                    file: None,
                    name: word,
                },
            },
        })
    }

    fn notes(&mut self) -> Result<Notes> {
        let mut notes = Notes::default();
        if !self.optional_mark('(') {
            return Ok(notes);
        }
        while !self.optional_mark(')') {
            let key = self.word()?;
            self.mark('=')?;
            let Token::Text(value) = self.take()? else {
                bail!("an annotation needs a quoted value")
            };
            self.separator();
            match key.as_str() {
                "since" => notes.since = Some(value),
                "until" => notes.until = Some(value),
                "also_id" => notes.also_id = Some(value.parse()?),
                "secret" => notes.secret = value.parse()?,
                _ => bail!("the annotation {key} has no meaning here"),
            }
        }
        Ok(notes)
    }

    fn take_doc(&mut self, what: &str) -> Result<String> {
        self.doc
            .take()
            .with_context(|| format!("{what} has no /** comment */"))
    }

    fn line(&self) -> usize {
        self.tokens
            .get(self.next.saturating_sub(1))
            .map_or(0, |(line, _)| *line)
    }

    fn gather_docs(&mut self) {
        while let Some((_, Token::Doc(text))) = self.tokens.get(self.next) {
            self.doc = Some(text.clone());
            self.next += 1;
        }
    }

    fn peek(&mut self) -> Option<&Token> {
        self.gather_docs();
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    fn take(&mut self) -> Result<Token> {
        let token = self
            .peek()
            .cloned()
            .context("the file ends in the middle of a definition")?;
        self.next += 1;
        Ok(token)
    }

    fn word(&mut self) -> Result<String> {
        match self.take()? {
            Token::Word(word) => Ok(word),
            other => bail!("expected a name, not {other:?}"),
        }
    }

    fn optional_word(&mut self) -> Option<String> {
        let Some(Token::Word(word)) = self.peek().cloned() else {
            return None;
        };
        self.next += 1;
        Some(word)
    }

    fn number(&mut self) -> Result<i64> {
        match self.take()? {
            Token::Number(number) => Ok(number),
            other => bail!("expected a number, not {other:?}"),
        }
    }

    fn optional_number(&mut self) -> Option<i64> {
        let Some(&Token::Number(number)) = self.peek() else {
            return None;
        };
        self.next += 1;
        Some(number)
    }

    fn mark(&mut self, mark: char) -> Result<()> {
        let found = self.take()?;
        ensure!(
            found == Token::Mark(mark),
            "expected {mark:?}, not {found:?}"
        );
        Ok(())
    }

    fn optional_mark(&mut self, mark: char) -> bool {
        let found = self.peek() == Some(&Token::Mark(mark));
        self.next += usize::from(found);
        found
    }

    /// Commas and semicolons are optional.
    fn separator(&mut self) {
        if !self.optional_mark(',') {
            self.optional_mark(';');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_struct_and_a_service() {
        let source = r#"
            include "common.thrift"
            /** A point. */
            struct Point {
              /** Where. */
              1: required list<map<string, i64>> x (since = "1.0", also_id = "9"),
            } (until = "2.0")
            /** Calls. */
            service S { /** Sends. */ common.Status send(Point p, 4: Point q), }
        "#;
        let file = parse("test", source).unwrap();
        assert_eq!(file.includes, ["common"]);
        let point = &file.structs[0];
        assert_eq!(
            (point.doc.as_str(), point.notes.until.as_deref()),
            ("A point.", Some("2.0"))
        );
        let x = &point.fields[0];
        assert_eq!((x.id, x.required, x.notes.also_id), (1, true, Some(9)));
        let map = Type::Map(Box::new(Type::String), Box::new(Type::I64));
        assert_eq!(x.ty, Type::List(Box::new(map)));
        let send = &file.methods[0];
        assert_eq!(send.args.iter().map(|a| a.id).collect::<Vec<_>>(), [-1, 4]);
        let status = Type::Named {
            file: Some("common".to_owned()),
            name: "Status".to_owned(),
        };
        assert_eq!(send.result, status);
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        for (source, message) in [
            ("struct A {}", "A has no /** comment */"),
            (
                "/** A. */ struct A { /** b */ 1: i32 b }",
                "required or optional",
            ),
            (
                "/** A. */ struct A { /** b */ 1: required double b }",
                "double is not supported",
            ),
            (
                "/** A. */ struct A { /** b */ 1: required i32 b (x = \"1\") }",
                "annotation x",
            ),
            ("union A {}", "cannot begin with union"),
            ("/** A. */ struct A { /** b */ 1:", "ends in the middle"),
        ] {
            let error = format!("{:#}", parse("test", source).unwrap_err());
            assert!(
                error.contains(message) && error.contains("line 1"),
                "{error}"
            );
        }
    }
}
