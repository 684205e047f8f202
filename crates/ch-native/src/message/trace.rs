//! OpenTelemetry: the span that a query belongs to.
//!
//! ```text
//! trace id: upper half u64, lower half u64; span id u64; tracestate String; flags u8      all little-endian
//! ```
//!
//! Source: ClickHouse, `src/Interpreters/ClientInfo.cpp`; W3C Trace Context.

use std::fmt;
use std::str::FromStr;

use wire_core::{DecodeError, Reader};

use crate::codec::prim::{put_string, text};
use crate::error::{Error, ErrorKind};

/// The span of the caller that a query belongs to: the server's spans become its children.
///
/// ```
/// use ch_native::message::TraceContext;
///
/// let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
/// let trace: TraceContext = header.parse()?;
/// assert_eq!(trace.span_id, 0xb7ad_6b71_6920_3331);
/// assert_eq!(trace.to_string(), header);
/// # Ok::<(), ch_native::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TraceContext {
    /// Id of the trace; not 0.
    pub trace_id: u128,
    /// Id of the span; not 0.
    pub span_id: u64,
    /// The header `tracestate`, as it is.
    pub state: String,
    /// Flags: 1 if the span is recorded, without which the server records none either.
    pub flags: u8,
}

impl TraceContext {
    /// A recorded span.
    pub fn new(trace_id: u128, span_id: u64) -> Self {
        Self {
            trace_id,
            span_id,
            state: String::new(),
            flags: 1,
        }
    }

    /// Adds the header `tracestate`.
    #[must_use]
    pub fn with_state(mut self, state: impl Into<String>) -> Self {
        self.state = state.into();
        self
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        // Halves in their order, bytes of each reversed: as UUID columns travel.
        let turned = self.trace_id.rotate_right(u64::BITS);
        out.extend_from_slice(&turned.to_le_bytes());
        out.extend_from_slice(&self.span_id.to_le_bytes());
        put_string(out, self.state.as_bytes());
        out.push(self.flags);
    }

    pub(super) fn read(r: &mut Reader<'_>, max: u64) -> Result<Self, DecodeError> {
        Ok(Self {
            trace_id: r.u128_le("trace_id")?.rotate_left(u64::BITS),
            span_id: r.u64_le("span_id")?,
            state: text(r, "tracestate", max)?,
            flags: r.u8("trace_flags")?,
        })
    }
}

/// The header `traceparent` of version 00.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            trace_id,
            span_id,
            flags,
            ..
        } = self;
        write!(f, "00-{trace_id:032x}-{span_id:016x}-{flags:02x}")
    }
}

impl FromStr for TraceContext {
    type Err = Error;

    /// Reads the header `traceparent`. What versions after 00 may have behind the flags is passed over, as the
    /// specification asks.
    ///
    /// # Errors
    /// [`ErrorKind::Misuse`] says what it should look like.
    fn from_str(header: &str) -> Result<Self, Error> {
        parse(header).ok_or_else(|| {
            let text = "this is no traceparent header; it looks like \
                        00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
            Error::new(ErrorKind::Misuse, text)
        })
    }
}

fn parse(header: &str) -> Option<TraceContext> {
    let mut parts = header.split('-');
    let mut part = |len: usize| {
        let text = parts.next()?;
        let plain = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        (text.len() == len && text.bytes().all(plain)).then_some(text)
    };
    let version = u8::from_str_radix(part(2)?, 16).ok()?;
    let mut trace = TraceContext::new(
        u128::from_str_radix(part(32)?, 16).ok()?,
        u64::from_str_radix(part(16)?, 16).ok()?,
    );
    trace.flags = u8::from_str_radix(part(2)?, 16).ok()?;
    let is_known = version < 0xff && (version > 0 || parts.next().is_none());
    (is_known && trace.trace_id != 0 && trace.span_id != 0).then_some(trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each half of the id byte-reversed, as the protocol's documents say.
    #[test]
    fn halves_of_the_id_are_turned() {
        let trace =
            TraceContext::new(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff, 0x0102).with_state("k=v");
        let mut out = Vec::new();
        trace.write(&mut out);
        let expected = [
            &[0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x00][..],
            &[0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa, 0x99, 0x88],
            &[2, 1, 0, 0, 0, 0, 0, 0],
            b"\x03k=v\x01",
        ];
        assert_eq!(out, expected.concat());
        assert_eq!(
            TraceContext::read(&mut Reader::new(&out), 10).unwrap(),
            trace
        );
    }

    #[test]
    fn other_headers_are_refused() {
        for bad in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333é-01",
        ] {
            assert_eq!(
                bad.parse::<TraceContext>().unwrap_err().kind(),
                ErrorKind::Misuse,
                "{bad}"
            );
        }
        let later = "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-more";
        assert_eq!(later.parse::<TraceContext>().unwrap().flags, 0);
    }
}
