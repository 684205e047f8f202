//! What an interface file says, after parsing.

/// One interface file.
#[derive(Debug)]
pub(super) struct File {
    /// Its name without the ending; also the name of the module made from it.
    pub(super) name: String,
    /// Names of the files that it includes.
    pub(super) includes: Vec<String>,
    pub(super) enums: Vec<Enum>,
    pub(super) structs: Vec<Struct>,
    /// The doc comment of its service.
    pub(super) doc: Option<String>,
    pub(super) methods: Vec<Method>,
}

#[derive(Debug)]
pub(super) struct Enum {
    pub(super) name: String,
    pub(super) doc: String,
    pub(super) variants: Vec<Variant>,
}

#[derive(Debug)]
pub(super) struct Variant {
    pub(super) name: String,
    pub(super) doc: String,
    pub(super) code: i32,
}

/// A struct or exception, or the arguments of a method.
#[derive(Debug)]
pub(super) struct Struct {
    pub(super) name: String,
    pub(super) doc: String,
    pub(super) fields: Vec<Field>,
    pub(super) notes: Notes,
}

#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) id: i16,
    pub(super) name: String,
    pub(super) doc: String,
    pub(super) ty: Type,
    pub(super) required: bool,
    /// The value of an enum, as `Enum.VALUE`.
    pub(super) default: Option<String>,
    pub(super) notes: Notes,
}

#[derive(Debug)]
pub(super) struct Method {
    pub(super) name: String,
    pub(super) doc: String,
    pub(super) args: Vec<Field>,
    pub(super) result: Type,
    pub(super) notes: Notes,
}

/// Annotations.
#[derive(Debug, Clone, Default)]
pub(super) struct Notes {
    /// First server that has it.
    pub(super) since: Option<String>,
    /// Last server that has it.
    pub(super) until: Option<String>,
    /// An id that the field once had. It is read, and never written.
    pub(super) also_id: Option<i16>,
    /// Whether the value must not be shown.
    pub(super) secret: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Type {
    Bool,
    I8,
    I16,
    I32,
    I64,
    String,
    Binary,
    List(Box<Self>),
    Map(Box<Self>, Box<Self>),
    /// A struct or enum, with the file it is in if that is another one.
    Named {
        file: Option<String>,
        name: String,
    },
}
