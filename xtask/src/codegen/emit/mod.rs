//! The model to Rust. The text is handed to rustfmt, so only its words matter here.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::model::{Enum, Field, File, Method, Notes, Struct, Type};
use super::names;
use super::schema::Schema;

/// Writes to a `String`, which cannot fail.
macro_rules! emit {
    ($out:expr, $($arg:tt)*) => {
        writeln!($out, $($arg)*).expect("a String takes everything")
    };
}

mod codec;

/// The module that re-exports those of all files.
pub(super) fn index(schema: &Schema) -> String {
    let mut out = String::from(
        "//! Made by `cargo xtask codegen` from the files in `idl/`: do not edit, change those and run it again.\n\n",
    );
    for file in &schema.files {
        emit!(out, "mod {};", file.name);
    }
    out.push('\n');
    for file in &schema.files {
        emit!(out, "pub use {}::*;", file.name);
    }
    out
}

/// The module of one file.
pub(super) fn module(schema: &Schema, file: &File) -> String {
    let mut items = String::new();
    for item in &file.enums {
        enumeration(&mut items, item);
    }
    for item in &file.structs {
        structure(&mut items, schema, item);
    }
    for method in &file.methods {
        arguments(&mut items, schema, method);
    }
    let mut out = String::new();
    if let Some(doc) = &file.doc {
        emit!(out, "//! {doc}\n//!");
    }
    emit!(
        out,
        "//! Made by `cargo xtask codegen` from `idl/{}.thrift`: do not edit, change that and run it again.\n",
        file.name
    );
    imports(&mut out, schema, file, &items);
    out + &items
}

fn imports(out: &mut String, schema: &Schema, file: &File, items: &str) {
    if items.contains("BTreeMap<") {
        emit!(out, "use std::collections::BTreeMap;\n");
    }
    if items.contains("Bytes") {
        emit!(out, "use bytes::Bytes;");
    }
    emit!(out, "use wire_core::{{DecodeError, EncodeError}};\n");
    let mut foreign = BTreeSet::new();
    let structs = file.structs.iter().flat_map(|item| &item.fields);
    let methods = &file.methods;
    for field in structs.chain(methods.iter().flat_map(|m| &m.args)) {
        named(&field.ty, &mut foreign);
    }
    for method in methods {
        named(&method.result, &mut foreign);
    }
    for name in foreign {
        if let Some(home) = schema.home(name).filter(|home| *home != file.name) {
            emit!(out, "use super::{home}::{name};");
        }
    }
    let known = [
        "Fields",
        "FieldsMut",
        "Kind",
        "MinLen",
        "Sink",
        "Struct",
        "Value",
        "Wire",
    ];
    let words: BTreeSet<&str> = items
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .collect();
    let used: Vec<&str> = known
        .into_iter()
        .filter(|name| words.contains(name))
        .collect();
    emit!(out, "use crate::codec::{{{}}};", used.join(", "));
    if words.contains("Input") {
        emit!(
            out,
            "use crate::codec::input::Input;\nuse crate::codec::output::Output;"
        );
    }
    if !methods.is_empty() {
        emit!(out, "use crate::message::Method;");
    }
    out.push('\n');
}

fn named<'t>(ty: &'t Type, names: &mut BTreeSet<&'t str>) {
    match ty {
        Type::List(element) => named(element, names),
        Type::Map(key, value) => {
            named(key, names);
            named(value, names);
        }
        Type::Named { name, .. } => {
            names.insert(name);
        }
        _ => {}
    }
}

fn doc(out: &mut String, text: &str, notes: &Notes) {
    let mut text = text.to_owned();
    if let Some(since) = &notes.since {
        text += &format!(" Since {since}.");
    }
    if let Some(until) = &notes.until {
        text += &format!(" Until {until}.");
    }
    if let Some(id) = notes.also_id {
        text += &format!(" Read from id {id} as well, where older servers have it.");
    }
    for line in wrapped(&text, 110) {
        emit!(out, "/// {line}");
    }
}

/// Lines of at most `width` characters, if no word is longer.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.len() + word.len() < width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn enumeration(out: &mut String, item: &Enum) {
    let name = &item.name;
    doc(out, &item.doc, &Notes::default());
    emit!(
        out,
        "#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]"
    );
    emit!(out, "#[non_exhaustive]\npub enum {name} {{");
    for variant in &item.variants {
        emit!(out, "/// {} Code {}.", variant.doc, variant.code);
        if variant.code == 0 {
            emit!(out, "#[default]");
        }
        emit!(out, "{},", names::variant(&variant.name));
    }
    emit!(
        out,
        "/// A code that this crate does not know.\nUnknown(i32),\n}}\n"
    );
    codec::codes(out, item);
}

fn structure(out: &mut String, schema: &Schema, item: &Struct) {
    doc(out, &item.doc, &item.notes);
    definition(out, schema, item);
    codec::fields(out, schema, item);
}

fn arguments(out: &mut String, schema: &Schema, method: &Method) {
    let name = names::capitalized(&method.name) + "Args";
    let text = format!("Arguments of `{}`. {}", method.name, method.doc);
    doc(out, &text, &method.notes);
    let item = Struct {
        name,
        doc: String::new(),
        fields: method.args.clone(),
        notes: Notes::default(),
    };
    definition(out, schema, &item);
    let Struct { name, fields, .. } = &item;
    if let [
        Field {
            name: field,
            ty: ty @ Type::Named { .. },
            ..
        },
    ] = fields.as_slice()
    {
        let (field, ty) = (names::field(field), rust_type(ty));
        emit!(
            out,
            "impl From<{ty}> for {name} {{\nfn from({field}: {ty}) -> Self {{ Self {{ {field} }} }}\n}}\n"
        );
    }
    emit!(
        out,
        "impl Method for {name} {{\nconst NAME: &'static str = {:?};\ntype Response = {};\n}}\n",
        method.name,
        rust_type(&method.result)
    );
    codec::fields(out, schema, &item);
}

fn definition(out: &mut String, schema: &Schema, item: &Struct) {
    let Struct { name, fields, .. } = item;
    let defaults = fields.iter().any(|field| field.default.is_some());
    let secrets = fields.iter().any(|field| field.notes.secret);
    let derives = [("Debug", !secrets), ("Default", !defaults)];
    let derives = derives
        .iter()
        .filter(|(_, derive)| *derive)
        .map(|(name, _)| format!("{name}, "));
    emit!(
        out,
        "#[derive({}Clone, PartialEq, Eq)]",
        derives.collect::<String>()
    );
    emit!(out, "#[non_exhaustive]\npub struct {name} {{");
    for field in fields {
        doc(out, &field.doc, &field.notes);
        emit!(
            out,
            "pub {}: {},",
            names::field(&field.name),
            field_type(name, field)
        );
    }
    emit!(out, "}}\n");
    if defaults {
        default_impl(out, schema, item);
    }
    if secrets {
        debug_impl(out, item);
    }
}

fn default_impl(out: &mut String, schema: &Schema, item: &Struct) {
    emit!(
        out,
        "impl Default for {} {{\nfn default() -> Self {{ Self {{",
        item.name
    );
    for field in &item.fields {
        let name = names::field(&field.name);
        match field
            .default
            .as_deref()
            .map(|default| schema.variant(default))
        {
            Some(Ok((item, value))) => emit!(out, "{name}: {item}::{},", names::variant(value)),
            _ => emit!(out, "{name}: Default::default(),"),
        }
    }
    emit!(out, "}} }}\n}}\n");
}

/// `Debug` that does not show secrets, only whether there is one.
fn debug_impl(out: &mut String, item: &Struct) {
    emit!(
        out,
        "impl std::fmt::Debug for {0} {{
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {{
                f.debug_struct({0:?})",
        item.name
    );
    for field in &item.fields {
        let name = names::field(&field.name);
        if field.notes.secret {
            emit!(
                out,
                ".field({name:?}, &self.{name}.as_ref().map(|_| \"hidden\"))"
            );
        } else {
            emit!(out, ".field({name:?}, &self.{name})");
        }
    }
    emit!(out, ".finish()\n}}\n}}\n");
}

fn field_type(owner: &str, field: &Field) -> String {
    let ty = match &field.ty {
        // Clippy's `use_self`.
        Type::List(element) if rust_type(element) == owner => "Vec<Self>".to_owned(),
        ty => rust_type(ty),
    };
    if field.required {
        ty
    } else {
        format!("Option<{ty}>")
    }
}

fn rust_type(ty: &Type) -> String {
    match ty {
        Type::Bool => "bool".to_owned(),
        Type::I8 => "i8".to_owned(),
        Type::I16 => "i16".to_owned(),
        Type::I32 => "i32".to_owned(),
        Type::I64 => "i64".to_owned(),
        Type::String => "String".to_owned(),
        Type::Binary => "Bytes".to_owned(),
        Type::List(element) => format!("Vec<{}>", rust_type(element)),
        Type::Map(key, value) => format!("BTreeMap<{}, {}>", rust_type(key), rust_type(value)),
        Type::Named { name, .. } => name.clone(),
    }
}
