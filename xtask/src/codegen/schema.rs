//! All interface files together, checked: every name means something, no two fields can be confused.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};

use super::model::{Field, File, Struct, Type};

#[derive(Debug)]
pub(super) struct Schema {
    pub(super) files: Vec<File>,
    /// Each struct and enum, with its file.
    types: BTreeMap<String, (String, Definition)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Definition {
    Enum,
    /// The fewest bytes that it takes in the binary and the compact protocol.
    Struct(usize, usize),
}

impl Schema {
    pub(super) fn new(files: Vec<File>) -> Result<Self> {
        let mut schema = Self {
            files: Vec::new(),
            types: BTreeMap::new(),
        };
        let mut names = BTreeSet::new();
        // Enums first: the structs of every file may use them.
        for file in &files {
            for item in &file.enums {
                schema.define(&file.name, &item.name, Definition::Enum)?;
                let codes: BTreeSet<i32> = item.variants.iter().map(|v| v.code).collect();
                ensure!(
                    codes.len() == item.variants.len(),
                    "{} has a code twice",
                    item.name
                );
                let taken = item.variants.iter().any(|v| v.name == "UNKNOWN");
                ensure!(
                    !taken,
                    "{}: UNKNOWN is for the codes that are not listed",
                    item.name
                );
            }
        }
        // Structs are defined before the structs that require them, so a minimum is always known.
        for file in &files {
            for item in &file.structs {
                // A list of itself is all that a struct may have of itself; lists need no minimum.
                schema.define(&file.name, &item.name, Definition::Struct(1, 1))?;
                schema
                    .check_fields(file, &item.fields)
                    .with_context(|| item.name.clone())?;
                let (binary, compact) = schema.min_len(item);
                let defined = (file.name.clone(), Definition::Struct(binary, compact));
                schema.types.insert(item.name.clone(), defined);
            }
            for method in &file.methods {
                ensure!(
                    names.insert(method.name.clone()),
                    "{} is there twice",
                    method.name
                );
                schema
                    .check_fields(file, &method.args)
                    .and_then(|()| schema.check_type(file, &method.result))
                    .with_context(|| method.name.clone())?;
            }
        }
        schema.files = files;
        Ok(schema)
    }

    fn define(&mut self, file: &str, name: &str, definition: Definition) -> Result<()> {
        let before = self
            .types
            .insert(name.to_owned(), (file.to_owned(), definition));
        ensure!(before.is_none(), "{name} is defined twice");
        Ok(())
    }

    fn check_fields(&self, file: &File, fields: &[Field]) -> Result<()> {
        let mut names = BTreeSet::new();
        let mut ids = BTreeSet::new();
        for field in fields {
            self.check_type(file, &field.ty)
                .with_context(|| field.name.clone())?;
            ensure!(
                names.insert(&field.name),
                "two fields are called {}",
                field.name
            );
            for id in [Some(field.id), field.notes.also_id].into_iter().flatten() {
                ensure!(ids.insert(id), "two fields have id {id}");
            }
            if let Some(default) = &field.default {
                self.variant(default)
                    .with_context(|| format!("default of {}", field.name))?;
            }
        }
        ensure!(
            fields.is_sorted_by_key(|field| field.id),
            "fields stand in the order of their ids"
        );
        Ok(())
    }

    fn check_type(&self, file: &File, ty: &Type) -> Result<()> {
        match ty {
            Type::List(element) => self.check_type(file, element),
            Type::Map(key, value) => {
                ensure!(
                    matches!(**key, Type::String),
                    "only text can be the key of a map"
                );
                self.check_type(file, value)
            }
            Type::Named { file: named, name } => {
                let home = named.as_deref().unwrap_or(&file.name);
                let included = home == file.name || file.includes.iter().any(|i| i == home);
                ensure!(included, "{home}.thrift is not included");
                match self.types.get(name) {
                    Some((defined, _)) if defined == home => Ok(()),
                    _ => bail!("{home}.thrift does not define {name} before it is used"),
                }
            }
            _ => Ok(()),
        }
    }

    /// The enum and value of a default such as `Color.RED`.
    pub(super) fn variant<'d>(&self, default: &'d str) -> Result<(&'d str, &'d str)> {
        let (name, value) = default.split_once('.').context("a default is Enum.VALUE")?;
        ensure!(
            matches!(self.types.get(name), Some((_, Definition::Enum))),
            "{name} is no enum"
        );
        Ok((name, value))
    }

    /// Where a type is defined.
    pub(super) fn home(&self, name: &str) -> Option<&str> {
        self.types.get(name).map(|(file, _)| file.as_str())
    }

    /// The name of a type's kind in `codec::Kind`.
    pub(super) fn kind(&self, ty: &Type) -> &'static str {
        match ty {
            Type::Bool => "Bool",
            Type::I8 => "I8",
            Type::I16 => "I16",
            Type::I32 => "I32",
            Type::I64 => "I64",
            Type::String | Type::Binary => "Binary",
            Type::List(_) => "List",
            Type::Map(..) => "Map",
            Type::Named { name, .. } => match self.types.get(name) {
                Some((_, Definition::Enum)) => "I32",
                _ => "Struct",
            },
        }
    }

    /// The fewest bytes that a struct takes in the binary and the compact protocol: its required fields at their
    /// shortest, and the stop byte.
    pub(super) fn min_len(&self, item: &Struct) -> (usize, usize) {
        let required = item.fields.iter().filter(|field| field.required);
        required.fold((1, 1), |(binary, compact), field| {
            // Header and value. A compact boolean is its header.
            let (b, c) = match &field.ty {
                Type::Bool => (4, 1),
                Type::I8 => (4, 2),
                Type::I16 => (5, 2),
                Type::I32 => (7, 2),
                Type::I64 => (11, 2),
                Type::String | Type::Binary => (7, 2),
                Type::List(_) => (8, 2),
                Type::Map(..) => (9, 2),
                Type::Named { name, .. } => match self.types.get(name) {
                    Some((_, Definition::Struct(b, c))) => (3 + b, 1 + c),
                    _ => (7, 2),
                },
            };
            (binary + b, compact + c)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::parser::parse;
    use super::*;

    fn schema(source: &str) -> Result<Schema> {
        Schema::new(vec![parse("test", source)?])
    }

    #[test]
    fn the_shortest_form_counts_required_fields_only() {
        let schema = schema(
            "/** A. */ struct A { /** b */ 1: required bool b, /** c */ 2: optional i64 c }
             /** D. */ struct D { /** a */ 1: required A a, /** l */ 2: required list<D> l }",
        )
        .unwrap();
        // A: header, value, stop; in compact form header and stop.
        assert_eq!(schema.min_len(&schema.files[0].structs[0]), (5, 2));
        assert_eq!(
            schema.min_len(&schema.files[0].structs[1]),
            (3 + 5 + 8 + 1, 1 + 2 + 2 + 1)
        );
    }

    #[test]
    fn what_could_be_confused_is_refused() {
        for (fields, message) in [
            (
                "/** b */ 1: required i32 b, /** c */ 1: required i32 c",
                "two fields have id 1",
            ),
            (
                "/** b */ 1: required i32 b (also_id = \"2\"), /** c */ 2: required i32 c",
                "id 2",
            ),
            (
                "/** b */ 1: required i32 b, /** b */ 2: required i32 b",
                "two fields are called b",
            ),
            (
                "/** b */ 2: required i32 b, /** c */ 1: required i32 c",
                "order of their ids",
            ),
            ("/** b */ 1: required B b", "does not define B"),
            ("/** b */ 1: required x.B b", "x.thrift is not included"),
            ("/** b */ 1: required map<i32, i32> b", "key of a map"),
        ] {
            let error = schema(&format!("/** A. */ struct A {{ {fields} }}")).unwrap_err();
            assert!(format!("{error:#}").contains(message), "{error:#}");
        }
    }
}
