//! Frames of protocol v4 as far as a server that replays needs them, written from the specification
//! (native_protocol_v4.spec) and not with the crates that are measured.

/// Length of a frame's header.
pub const HEADER: usize = 9;
/// First byte of a frame from a client.
pub const REQUEST: u8 = 0x04;
/// First byte of a frame from a server.
pub const RESPONSE: u8 = 0x84;

/// Opcodes (section 2.4).
pub mod opcode {
    #![expect(missing_docs, reason = "they are named as in the specification")]
    pub const ERROR: u8 = 0x00;
    pub const STARTUP: u8 = 0x01;
    pub const READY: u8 = 0x02;
    pub const OPTIONS: u8 = 0x05;
    pub const SUPPORTED: u8 = 0x06;
    pub const QUERY: u8 = 0x07;
    pub const RESULT: u8 = 0x08;
    pub const PREPARE: u8 = 0x09;
    pub const EXECUTE: u8 = 0x0a;
    pub const REGISTER: u8 = 0x0b;
    pub const BATCH: u8 = 0x0d;
}

/// The frame at the front of `bytes`, if it is there as a whole.
#[must_use]
pub fn first(bytes: &[u8]) -> Option<&[u8]> {
    let len = bytes.get(5..HEADER)?.try_into().ok()?;
    bytes.get(..HEADER + u32::from_be_bytes(len) as usize)
}

/// Appends a frame.
///
/// # Panics
/// If the body is longer than 4 GiB.
pub fn append(out: &mut Vec<u8>, version: u8, stream: [u8; 2], opcode: u8, body: &[u8]) {
    let len = u32::try_from(body.len()).expect("a short body");
    out.extend_from_slice(&[version, 0, stream[0], stream[1], opcode]);
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(body);
}

/// Reads the notations of section 3 off the front of a body; `None` where bytes are missing.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "a slice with a name")]
pub struct Fields<'a>(pub &'a [u8]);

impl<'a> Fields<'a> {
    /// So many bytes.
    pub fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(len)?;
        self.0 = tail;
        Some(head)
    }

    /// `[byte]`
    pub fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    /// `[short]`
    pub fn short(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    /// `[int]`
    pub fn int(&mut self) -> Option<i32> {
        Some(i32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    /// `[short bytes]`, and `[string]` without a look at its encoding.
    pub fn short_bytes(&mut self) -> Option<&'a [u8]> {
        let len = self.short()?;
        self.take(usize::from(len))
    }

    /// `[bytes]`: the outer `None` is an end, the inner one is null.
    pub fn bytes(&mut self) -> Option<Option<&'a [u8]>> {
        match usize::try_from(self.int()?) {
            Ok(len) => self.take(len).map(Some),
            Err(_) => Some(None),
        }
    }

    /// `[long string]`
    pub fn long_string(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()??).ok()
    }
}

/// Appends a `[string]` or `[short bytes]`.
///
/// # Panics
/// If it is longer than 64 KiB.
pub fn put_short_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    let len = u16::try_from(bytes.len()).expect("a short string");
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(bytes);
}

/// Appends a `[long string]` or `[bytes]`.
///
/// # Panics
/// If it is longer than 2 GiB.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    let len = i32::try_from(bytes.len()).expect("short bytes");
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(bytes);
}
