//! The server could not carry out a call at all.

use std::fmt;

use super::{TApplicationException, TApplicationExceptionType};

impl TApplicationException {
    /// An exception of a type with a message.
    pub fn new(r#type: TApplicationExceptionType, message: impl Into<String>) -> Self {
        Self {
            message: Some(message.into()),
            r#type: Some(r#type),
        }
    }

    /// Whether the server does not have the method: it is older, or newer, than the method.
    pub fn is_unknown_method(&self) -> bool {
        self.r#type == Some(TApplicationExceptionType::UnknownMethod)
    }
}

impl fmt::Display for TApplicationException {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.message.as_deref().unwrap_or("no message");
        match self.r#type {
            Some(r#type) => write!(f, "{message} ({type:?})"),
            None => f.write_str(message),
        }
    }
}

impl std::error::Error for TApplicationException {}
