//! Reading and writing, as the traits of `iotdb_thrift::codec` have it.

use std::fmt::Write as _;

use crate::codegen::model::{Enum, Field, Struct};
use crate::codegen::names;
use crate::codegen::schema::Schema;

/// From codes to values and back, and what that makes of reading and writing.
pub(super) fn codes(out: &mut String, item: &Enum) {
    emit!(
        out,
        "impl {} {{
            /// The value with this code.
            pub const fn from_code(code: i32) -> Self {{ match code {{",
        item.name
    );
    for variant in &item.variants {
        emit!(
            out,
            "{} => Self::{},",
            variant.code,
            names::variant(&variant.name)
        );
    }
    emit!(
        out,
        "_ => Self::Unknown(code), }} }}

        /// The code on the wire.
        pub const fn code(self) -> i32 {{ match self {{"
    );
    for variant in &item.variants {
        emit!(
            out,
            "Self::{} => {},",
            names::variant(&variant.name),
            variant.code
        );
    }
    emit!(out, "Self::Unknown(code) => code, }} }}\n}}\n");
    emit!(
        out,
        "impl Value for {0} {{
            const KIND: Kind = Kind::I32;

            #[inline]
            fn write<W: Wire, S: Sink>(&self, out: &mut Output<W, S>, field: &'static str) -> Result<(), EncodeError> {{
                self.code().write(out, field)
            }}

            #[inline]
            fn read<W: Wire>(input: &mut Input<'_, W>, field: &'static str) -> Result<Self, DecodeError> {{
                Ok(Self::from_code(i32::read(input, field)?))
            }}
        }}\n",
        item.name
    );
}

/// Reading and writing of a struct.
pub(super) fn fields(out: &mut String, schema: &Schema, item: &Struct) {
    let (binary, compact) = schema.min_len(item);
    emit!(
        out,
        "impl Struct for {} {{
            const MIN_LEN: MinLen = MinLen {{ binary: {binary}, compact: {compact} }};
        ",
        item.name
    );
    write_fields(out, &item.fields);
    read_fields(out, schema, item);
    emit!(out, "}}\n");
}

fn write_fields(out: &mut String, fields: &[Field]) {
    let param = if fields.is_empty() { "_" } else { "out" };
    emit!(
        out,
        "fn write_fields<W: Wire, S: Sink>(&self, {param}: &mut FieldsMut<'_, W, S>) -> Result<(), EncodeError> {{"
    );
    for Field {
        id, name, required, ..
    } in fields
    {
        let method = if *required { "required" } else { "optional" };
        emit!(
            out,
            "out.{method}({id}, {name:?}, &self.{})?;",
            names::field(name)
        );
    }
    emit!(out, "Ok(())\n}}\n");
}

fn read_fields(out: &mut String, schema: &Schema, item: &Struct) {
    emit!(
        out,
        "fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {{"
    );
    for field in &item.fields {
        emit!(out, "let mut {} = None;", names::field(&field.name));
    }
    emit!(out, "while let Some(field) = fields.next()? {{");
    if item.fields.is_empty() {
        emit!(out, "fields.skip(&field)?;");
    } else {
        emit!(out, "match (field.id, field.kind) {{");
        for field in &item.fields {
            let Field {
                id, name, notes, ..
            } = field;
            let also = notes
                .also_id
                .map(|id| format!(" | {id}"))
                .unwrap_or_default();
            let (kind, local) = (schema.kind(&field.ty), names::field(name));
            emit!(
                out,
                "({id}{also}, Kind::{kind}) => {local} = Some(fields.value(&field, {name:?})?),"
            );
        }
        emit!(out, "_ => fields.skip(&field)?,\n}}");
    }
    emit!(out, "}}\nOk(Self {{");
    for field in &item.fields {
        let local = names::field(&field.name);
        if field.required {
            emit!(
                out,
                "{local}: fields.require({local}, {:?}, {:?})?,",
                item.name,
                field.name
            );
        } else {
            emit!(out, "{local},");
        }
    }
    emit!(out, "}})\n}}\n");
}
