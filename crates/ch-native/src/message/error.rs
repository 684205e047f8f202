//! Exceptions: a chain of them, outermost first.
//!
//! ```text
//! code i32, name String, message String, stack trace String, has_nested u8, [the next one]
//! ```

use wire_core::{DecodeError, Reader};

use crate::codec::prim::{flag, lossy, put_string, string, whole};
use crate::error::ServerError;
use crate::limits::Limits;

/// Reads an exception link by link.
#[derive(Debug, Default)]
pub(super) struct ExceptionReader {
    links: Vec<ServerError>,
}

impl ExceptionReader {
    pub(super) fn read(
        &mut self,
        r: &mut Reader<'_>,
        limits: &Limits,
    ) -> Result<Option<ServerError>, DecodeError> {
        let max = limits.max_text_bytes;
        loop {
            // Borrowed until all of it is there, so that a long text is copied once.
            let link = whole(r, |r| {
                let code = r.i32_le("code")?;
                let name = string(r, "name", max)?;
                let message = string(r, "message", max)?;
                let stack_trace = string(r, "stack_trace", max)?;
                Ok((code, name, message, stack_trace, flag(r, "has_nested")?))
            })?;
            let Some((code, name, message, stack_trace, has_nested)) = link else {
                return Ok(None);
            };
            let mut link = ServerError::new(code, lossy(name), lossy(message));
            link.stack_trace = lossy(stack_trace);
            self.links.push(link);
            if !has_nested {
                let mut links = std::mem::take(&mut self.links).into_iter();
                return Ok(links.next().map(|mut outer| {
                    outer.causes = links.collect();
                    outer
                }));
            }
            if self.links.len() >= limits.max_exception_chain {
                let limit = crate::codec::prim::to_u64(limits.max_exception_chain);
                let more = limit.saturating_add(1);
                return Err(DecodeError::limit(
                    "nested",
                    r.offset(),
                    "max_exception_chain",
                    limit,
                    more,
                ));
            }
        }
    }
}

pub(super) fn write(error: &ServerError, out: &mut Vec<u8>) {
    let links = std::iter::once(error).chain(&error.causes);
    let mut left = error.causes.len();
    for link in links {
        out.extend_from_slice(&link.code.to_le_bytes());
        put_string(out, link.name.as_bytes());
        put_string(out, link.message.as_bytes());
        put_string(out, link.stack_trace.as_bytes());
        out.push(u8::from(left > 0));
        left = left.saturating_sub(1);
    }
}
