//! OPTIONS and SUPPORTED (native protocol v4, §4.1.3 and §4.2.4).
//!
//! ```text
//! OPTIONS:   empty
//! SUPPORTED: [string multimap]
//! ```

use wire_core::{DecodeError, EncodeError, Reader, Writer};

use crate::codec::prim;

/// What a server supports, by key: `CQL_VERSION`, `COMPRESSION`, `PROTOCOL_VERSIONS`, and ScyllaDB's own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Supported {
    options: Vec<(String, Vec<String>)>,
}

impl Supported {
    /// What a server says.
    pub fn new(options: Vec<(String, Vec<String>)>) -> Self {
        Self { options }
    }

    /// The values of `key`; none if it is absent.
    pub fn values(&self, key: &str) -> &[String] {
        self.options
            .iter()
            .find(|(k, _)| k == key)
            .map_or(&[], |(_, values)| values)
    }

    /// Whether `key` has `value`, in any case.
    pub fn has(&self, key: &str, value: &str) -> bool {
        self.values(key)
            .iter()
            .any(|v| v.eq_ignore_ascii_case(value))
    }

    /// Whether `key` is there, with whatever values.
    pub fn has_key(&self, key: &str) -> bool {
        self.options.iter().any(|(k, _)| k == key)
    }

    /// The first value of `key`.
    pub fn first(&self, key: &str) -> Option<&str> {
        self.values(key).first().map(String::as_str)
    }

    /// What stands behind `name=` in a value of `key`: so ScyllaDB writes the parameters of its extensions.
    pub fn parameter(&self, key: &str, name: &str) -> Option<&str> {
        self.values(key)
            .iter()
            .find_map(|value| value.strip_prefix(name)?.strip_prefix('='))
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        prim::string_multimap(r, "options").map(Self::new)
    }

    pub(super) fn write(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        prim::put_string_multimap(w, "options", &self.options)
    }
}
