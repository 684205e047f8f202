//! As much of Thrift as a probe speaks: calls and answers in the binary and in the compact protocol.

use anyhow::{Context as _, Result, bail, ensure};

/// Kinds of a message.
const CALL: u8 = 1;
const REPLY: u8 = 2;
const EXCEPTION: u8 = 3;

/// The type of a field: its number in the binary protocol and in the compact one.
type Type = (u8, u8);
const I32: Type = (8, 5);
const I64: Type = (10, 6);
const TEXT: Type = (11, 8);
const STRUCT: Type = (12, 12);
const LIST: Type = (15, 9);

/// A call that is being written.
pub(super) struct Call {
    compact: bool,
    bytes: Vec<u8>,
    /// The field before this one in its struct: the compact protocol writes the difference.
    last: u8,
}

impl Call {
    pub(super) fn new(compact: bool, method: &str) -> Result<Self> {
        Ok(Self {
            compact,
            bytes: head(compact, CALL, method)?,
            last: 0,
        })
    }

    /// The field whose value is a struct; its own fields follow, then `end`.
    pub(super) fn begin(&mut self, id: u8) {
        self.field(STRUCT, id);
        self.last = 0;
    }

    /// Ends a struct; the last one is that of the arguments.
    pub(super) fn end(&mut self) {
        self.bytes.push(0);
    }

    pub(super) fn i32(&mut self, id: u8, value: i32) {
        self.field(I32, id);
        if self.compact {
            self.zigzag(i64::from(value));
        } else {
            self.bytes.extend(value.to_be_bytes());
        }
    }

    pub(super) fn i64(&mut self, id: u8, value: i64) {
        self.field(I64, id);
        if self.compact {
            self.zigzag(value);
        } else {
            self.bytes.extend(value.to_be_bytes());
        }
    }

    pub(super) fn text(&mut self, id: u8, text: &str) -> Result<()> {
        self.field(TEXT, id);
        self.value(text)
    }

    /// A list that holds this text alone.
    pub(super) fn list_of_one(&mut self, id: u8, text: &str) -> Result<()> {
        self.field(LIST, id);
        let (binary, compact) = TEXT;
        if self.compact {
            self.bytes.push(1 << 4 | compact);
        } else {
            self.bytes.extend([binary, 0, 0, 0, 1]);
        }
        self.value(text)
    }

    /// The call in its frame: four bytes of length come before it.
    pub(super) fn frame(self) -> Result<Vec<u8>> {
        let mut frame = u32::try_from(self.bytes.len())?.to_be_bytes().to_vec();
        frame.extend(self.bytes);
        Ok(frame)
    }

    fn field(&mut self, (binary, compact): Type, id: u8) {
        if self.compact {
            self.bytes.push((id - self.last) << 4 | compact);
        } else {
            self.bytes.extend([binary, 0, id]);
        }
        self.last = id;
    }

    fn value(&mut self, text: &str) -> Result<()> {
        let length = u32::try_from(text.len())?;
        if self.compact {
            varint(&mut self.bytes, u64::from(length));
        } else {
            self.bytes.extend(length.to_be_bytes());
        }
        self.bytes.extend(text.as_bytes());
        Ok(())
    }

    fn zigzag(&mut self, value: i64) {
        varint(&mut self.bytes, (value << 1 ^ value >> 63).cast_unsigned());
    }
}

/// What every message starts with: version, kind, sequence number (0) and the method.
fn head(compact: bool, kind: u8, method: &str) -> Result<Vec<u8>> {
    let length = u32::try_from(method.len())?;
    let mut head;
    if compact {
        head = vec![0x82, kind << 5 | 1, 0];
        varint(&mut head, u64::from(length));
        head.extend(method.as_bytes());
    } else {
        head = vec![0x80, 1, 0, kind];
        head.extend(length.to_be_bytes());
        head.extend(method.as_bytes());
        head.extend([0; 4]);
    }
    Ok(head)
}

fn varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(0x80 | value.to_le_bytes()[0]);
        value >>= 7;
    }
    bytes.push(value.to_le_bytes()[0]);
}

/// Reads an answer without its frame. It is an error unless the server says that the call has succeeded.
///
/// The status is what the method returns, or with `inside` the first field of it.
pub(super) fn check(answer: &[u8], compact: bool, method: &str, inside: bool) -> Result<()> {
    let mut answer = Answer {
        rest: answer,
        compact,
    };
    if answer.starts(&head(compact, EXCEPTION, method)?) {
        answer.expect(b"\x0b\x00\x01", b"\x18")?;
        bail!("{method} failed in the server: {}", answer.text()?);
    }
    let reply = head(compact, REPLY, method)?;
    ensure!(
        answer.starts(&reply),
        "the answer to {method} is none of IoTDB"
    );
    // Field 0 is what the method returns.
    answer.expect(b"\x0c\x00\x00", b"\x0c\x00")?;
    if inside {
        answer.expect(b"\x0c\x00\x01", b"\x1c")?;
    }
    // Of a status, field 1 is the code and field 2, which may be missing, says it in words.
    answer.expect(b"\x08\x00\x01", b"\x15")?;
    let code = answer.number()?;
    if code == SUCCESS {
        return Ok(());
    }
    let words = match answer.expect(b"\x0b\x00\x02", b"\x18") {
        Ok(()) => answer.text()?,
        Err(_) => String::new(),
    };
    bail!("{method} is refused with status {code}: {words}")
}

/// `SUCCESS_STATUS` of IoTDB's `TSStatusCode`.
const SUCCESS: i32 = 200;

/// An answer that is being read.
struct Answer<'a> {
    rest: &'a [u8],
    compact: bool,
}

impl Answer<'_> {
    /// Steps over these bytes if they come next.
    fn starts(&mut self, bytes: &[u8]) -> bool {
        let rest = self.rest.strip_prefix(bytes);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Steps over the start of a field, which must come next.
    fn expect(&mut self, binary: &[u8], compact: &[u8]) -> Result<()> {
        let field = if self.compact { compact } else { binary };
        ensure!(self.starts(field), "an answer with other fields");
        Ok(())
    }

    fn number(&mut self) -> Result<i32> {
        if !self.compact {
            return Ok(i32::from_be_bytes(self.array()?));
        }
        let value = self.varint()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    fn text(&mut self) -> Result<String> {
        let length = if self.compact {
            self.varint()?
        } else {
            u32::from_be_bytes(self.array()?)
        };
        let (text, _) = self
            .rest
            .split_at_checked(usize::try_from(length)?)
            .context(SHORT)?;
        Ok(String::from_utf8_lossy(text).into_owned())
    }

    fn varint(&mut self) -> Result<u32> {
        let mut value = 0;
        // Five bytes of seven bits hold the longest.
        for shift in (0..35).step_by(7) {
            let [byte] = self.array()?;
            value |= u32::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        bail!("a number that is too long")
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (bytes, rest) = self.rest.split_first_chunk().context(SHORT)?;
        self.rest = rest;
        Ok(*bytes)
    }
}

const SHORT: &str = "an answer that is too short";
