//! Errors of decoding and encoding: what is wrong, where, and in which field of which message.

use std::borrow::Cow;
use std::fmt;

/// Bytes from the peer could not be decoded.
///
/// One word wide, so that `Result<u8, DecodeError>` stays small. Carries the place as a path from the outermost
/// message to the field, and the offset in the bytes of that message.
pub struct DecodeError(Box<DecodeInner>);

#[derive(Debug)]
struct DecodeInner {
    kind: DecodeErrorKind,
    /// Innermost first; shown in reverse.
    path: Vec<Step>,
    offset: usize,
}

#[derive(Debug)]
enum Step {
    Name(Cow<'static, str>),
    Index(u64),
}

/// What is wrong with the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecodeErrorKind {
    /// The message ends inside a field.
    UnexpectedEnd {
        /// Bytes the field needs.
        needed: u64,
        /// Bytes that are left.
        left: u64,
    },
    /// The message was read to its end, and there is more.
    TrailingBytes {
        /// Bytes that nobody asked for.
        left: u64,
    },
    /// A value that the protocol does not allow; the text says what was found and what was expected.
    Invalid(Cow<'static, str>),
    /// Text that is not UTF-8.
    Utf8 {
        /// Bytes of the text that are fine.
        valid_up_to: usize,
    },
    /// More than a limit of ours allows; the limit can be raised in the configuration.
    Limit {
        /// Name of the limit.
        name: &'static str,
        /// Its value.
        limit: u64,
        /// What the peer asked for.
        actual: u64,
    },
    /// Correct, as far as we can tell, but not supported by this crate.
    Unsupported(Cow<'static, str>),
}

impl DecodeError {
    /// An error of `field` at byte `offset` of the message.
    #[cold]
    pub fn new(kind: DecodeErrorKind, field: &'static str, offset: usize) -> Self {
        Self(Box::new(DecodeInner {
            kind,
            path: vec![Step::Name(field.into())],
            offset,
        }))
    }

    /// A value that the protocol does not allow.
    #[cold]
    pub fn invalid(field: &'static str, offset: usize, what: impl Into<Cow<'static, str>>) -> Self {
        Self::new(DecodeErrorKind::Invalid(what.into()), field, offset)
    }

    /// Something this crate does not support.
    #[cold]
    pub fn unsupported(
        field: &'static str,
        offset: usize,
        what: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(DecodeErrorKind::Unsupported(what.into()), field, offset)
    }

    /// A limit was passed.
    #[cold]
    pub fn limit(
        field: &'static str,
        offset: usize,
        name: &'static str,
        limit: u64,
        actual: u64,
    ) -> Self {
        Self::new(
            DecodeErrorKind::Limit {
                name,
                limit,
                actual,
            },
            field,
            offset,
        )
    }

    /// What is wrong.
    pub fn kind(&self) -> &DecodeErrorKind {
        &self.0.kind
    }

    /// Byte of the message where decoding stopped.
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// The path to the field, outermost first: `Rows.columns[3].name`.
    pub fn path(&self) -> String {
        let mut out = String::new();
        for step in self.0.path.iter().rev() {
            match step {
                Step::Name(name) => {
                    if !out.is_empty() {
                        out.push('.');
                    }
                    out.push_str(name);
                }
                Step::Index(i) => out.push_str(&format!("[{i}]")),
            }
        }
        out
    }

    /// Says that this happened inside `message`.
    #[cold]
    #[must_use]
    pub fn within(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.0.path.push(Step::Name(message.into()));
        self
    }

    /// Says that this happened in element `index` of a list.
    #[cold]
    #[must_use]
    pub fn at(mut self, index: u64) -> Self {
        self.0.path.push(Step::Index(index));
        self
    }

    /// Moves the offset by `base`, when the bytes were a part of a larger message.
    #[cold]
    #[must_use]
    pub fn shifted(mut self, base: usize) -> Self {
        self.0.offset = self.0.offset.saturating_add(base);
        self
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecodeError")
            .field("path", &self.path())
            .field("offset", &self.0.offset)
            .field("kind", &self.0.kind)
            .finish()
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} (at byte {})",
            self.path(),
            self.0.kind,
            self.0.offset
        )
    }
}

impl std::error::Error for DecodeError {}

impl fmt::Display for DecodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnexpectedEnd { needed, left: 1 } => {
                write!(f, "needs {needed} bytes but 1 is left")
            }
            Self::UnexpectedEnd { needed, left } => {
                write!(f, "needs {needed} bytes but {left} are left")
            }
            Self::TrailingBytes { left: 1 } => f.write_str("1 byte is left after the last field"),
            Self::TrailingBytes { left } => write!(f, "{left} bytes are left after the last field"),
            Self::Invalid(what) => f.write_str(what),
            Self::Utf8 { valid_up_to } => write!(f, "is not UTF-8 after {valid_up_to} bytes"),
            Self::Limit {
                name,
                limit,
                actual,
            } => {
                write!(f, "{actual} is more than the limit {name} of {limit}")
            }
            Self::Unsupported(what) => write!(f, "is not supported: {what}"),
        }
    }
}

/// Adds the enclosing message to an error on its way out.
pub trait DecodeResultExt {
    /// Says that the error happened inside `message`.
    #[must_use]
    fn within(self, message: &'static str) -> Self;
    /// Says that the error happened in element `index` of `list`.
    #[must_use]
    fn at(self, list: &'static str, index: usize) -> Self;
}

impl<T> DecodeResultExt for Result<T, DecodeError> {
    #[inline]
    fn within(self, message: &'static str) -> Self {
        self.map_err(|e| e.within(message))
    }

    #[inline]
    fn at(self, list: &'static str, index: usize) -> Self {
        self.map_err(|e| e.at(u64::try_from(index).unwrap_or(u64::MAX)).within(list))
    }
}

/// A value could not be written in the form that the protocol asks for. Nothing was sent.
pub struct EncodeError(Box<EncodeInner>);

#[derive(Debug)]
struct EncodeInner {
    kind: EncodeErrorKind,
    field: Cow<'static, str>,
}

/// Why a value could not be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EncodeErrorKind {
    /// Longer than its length prefix, or the protocol, can say.
    TooLong {
        /// The most that fits.
        limit: u64,
        /// What was given.
        actual: u64,
    },
    /// A value that the protocol cannot carry; the text says what was found and what is expected.
    Invalid(Cow<'static, str>),
}

impl EncodeError {
    /// `field` is longer than can be said.
    #[cold]
    pub fn too_long(field: impl Into<Cow<'static, str>>, limit: u64, actual: u64) -> Self {
        Self(Box::new(EncodeInner {
            kind: EncodeErrorKind::TooLong { limit, actual },
            field: field.into(),
        }))
    }

    /// `field` has a value that cannot be carried.
    #[cold]
    pub fn invalid(
        field: impl Into<Cow<'static, str>>,
        what: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self(Box::new(EncodeInner {
            kind: EncodeErrorKind::Invalid(what.into()),
            field: field.into(),
        }))
    }

    /// Why.
    pub fn kind(&self) -> &EncodeErrorKind {
        &self.0.kind
    }

    /// Which field.
    pub fn field(&self) -> &str {
        &self.0.field
    }

    /// Says that this happened inside `outer`.
    #[cold]
    #[must_use]
    pub fn within(mut self, outer: impl fmt::Display) -> Self {
        self.0.field = format!("{outer}.{}", self.0.field).into();
        self
    }
}

impl fmt::Debug for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncodeError")
            .field("field", &self.0.field)
            .field("kind", &self.0.kind)
            .finish()
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.kind {
            EncodeErrorKind::TooLong { limit, actual } => {
                write!(
                    f,
                    "{}: {actual} is more than the {limit} that the protocol can say",
                    self.0.field
                )
            }
            EncodeErrorKind::Invalid(what) => write!(f, "{}: {what}", self.0.field),
        }
    }
}

impl std::error::Error for EncodeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_one_word_and_name_the_whole_path() {
        assert_eq!(size_of::<DecodeError>(), size_of::<usize>());
        assert_eq!(size_of::<EncodeError>(), size_of::<usize>());
        let result: Result<(), _> = Err(DecodeError::invalid("name", 17, "is empty"));
        let error = result
            .at("columns", 3)
            .within("Rows")
            .unwrap_err()
            .shifted(9);
        assert_eq!(
            error.to_string(),
            "Rows.columns[3].name: is empty (at byte 26)"
        );
        let error = EncodeError::too_long("value", 65_535, 70_000).within("row 3");
        assert_eq!(
            error.to_string(),
            "row 3.value: 70000 is more than the 65535 that the protocol can say"
        );
    }
}
