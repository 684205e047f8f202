//! How calls and replies are put together and taken apart.

use bytes::Bytes;
use wire_core::{DecodeError, DecodeResultExt, EncodeError, Reader, Writer};

use super::{Method, TApplicationException};
use crate::codec::envelope::{Envelope, MessageKind};
use crate::codec::input::Input;
use crate::codec::output::Output;
use crate::codec::wire::wire_len;
use crate::codec::{Binary, Compact, Count, Fields, Parts, Protocol, Sink, Value, Wire};
use crate::error::Error;
use crate::limits::Limits;

/// The field of a reply that holds what the method returns. Declared exceptions would have others; no method has any.
const SUCCESS: i16 = 0;

pub(super) fn arguments<W: Wire, T: Value>(
    message: &Bytes,
    body: usize,
    limits: &Limits,
) -> Result<T, DecodeError> {
    let mut r = Reader::over(message);
    r.skip("envelope", body)?;
    let mut input = Input::<W>::new(r, message, limits);
    let arguments = T::read(&mut input, "arguments")?;
    input.reader().finish("arguments")?;
    Ok(arguments)
}

pub(super) fn reply<W: Wire, T: Method<Response: Value>>(
    message: &Bytes,
    sequence_id: i32,
    limits: &Limits,
) -> Result<Result<T::Response, TApplicationException>, DecodeError> {
    let mut r = Reader::over(message);
    let envelope = W::envelope(&mut r)?;
    expect_reply(&envelope, T::NAME, sequence_id)?;
    let mut input = Input::<W>::new(r, message, limits);
    let answer = if envelope.kind == MessageKind::Exception {
        Err(TApplicationException::read(&mut input, "exception").within("exception")?)
    } else {
        Ok(success(&mut input)?)
    };
    input.reader().finish("reply")?;
    Ok(answer)
}

/// Everything that could make this the answer to another call.
fn expect_reply(
    envelope: &Envelope<'_>,
    method: &str,
    sequence_id: i32,
) -> Result<(), DecodeError> {
    let (field, what) = if !matches!(envelope.kind, MessageKind::Reply | MessageKind::Exception) {
        ("type", format!("is {:?}, not a reply", envelope.kind))
    } else if envelope.method != method {
        (
            "method",
            format!(
                "is {:?}: the reply belongs to another call",
                envelope.method
            ),
        )
    } else if envelope.sequence_id != sequence_id {
        (
            "sequence_id",
            format!(
                "is {}, but the call had {sequence_id}",
                envelope.sequence_id
            ),
        )
    } else {
        return Ok(());
    };
    Err(DecodeError::invalid(field, 0, what))
}

fn success<W: Wire, R: Value>(input: &mut Input<'_, W>) -> Result<R, DecodeError> {
    input.nested("reply", |input| {
        let mut success = None;
        let mut fields = Fields::new(input);
        while let Some(field) = fields.next()? {
            if field.id == SUCCESS && field.kind == R::KIND {
                success = Some(fields.value(&field, "success")?);
            } else {
                fields.skip(&field)?;
            }
        }
        fields.require(success, "a reply", "success")
    })
}

pub(super) fn append_frame<T: Value>(
    envelope: Envelope<'_>,
    value: &T,
    protocol: Protocol,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    // Measuring fails where writing would, so that nothing is appended by then.
    message_len(envelope, value, protocol)
        .and_then(|len| {
            let prefix = wire_len("frame", len)?.to_be_bytes();
            out.reserve(len.saturating_add(prefix.len()));
            out.extend_from_slice(&prefix);
            match protocol {
                Protocol::Binary => {
                    write::<Binary, _, T>(envelope, value, Writer::new(out)).map(drop)
                }
                Protocol::Compact => {
                    write::<Compact, _, T>(envelope, value, Writer::new(out)).map(drop)
                }
            }
        })
        .map_err(|e| Error::encode(&e.within(envelope.method)))
}

pub(super) fn message_len<T: Value>(
    envelope: Envelope<'_>,
    value: &T,
    protocol: Protocol,
) -> Result<usize, EncodeError> {
    let count = match protocol {
        Protocol::Binary => write::<Binary, _, T>(envelope, value, Count::all())?,
        Protocol::Compact => write::<Compact, _, T>(envelope, value, Count::all())?,
    };
    Ok(count.len)
}

/// Writes, or measures, a message.
fn write<W: Wire, S: Sink, T: Value>(
    envelope: Envelope<'_>,
    value: &T,
    mut sink: S,
) -> Result<S, EncodeError> {
    W::put_envelope(&mut sink, &envelope)?;
    if envelope.kind != MessageKind::Reply {
        return body::<W, S, T>(value, sink);
    }
    // What a method returns is a field of a struct of its own.
    let mut out = Output::<W, S>::new(sink);
    out.fields("reply", |f| f.required(SUCCESS, "success", value))?;
    Ok(out.into_sink())
}

fn body<W: Wire, S: Sink, T: Value>(value: &T, sink: S) -> Result<S, EncodeError> {
    let mut out = Output::<W, S>::new(sink);
    value.write(&mut out, "arguments")?;
    Ok(out.into_sink())
}

pub(super) fn parts<W: Wire, T: Value>(
    value: &T,
    shared_from: usize,
) -> Result<Vec<Bytes>, EncodeError> {
    let count = body::<W, _, T>(value, Count::copied(shared_from))?;
    body::<W, _, T>(value, Parts::new(&count)).map(Parts::into_vec)
}

/// Appends what stands before the arguments of a call as a frame, if those have `body_len` bytes. On an error nothing is
/// appended.
pub(crate) fn append_call_head(
    method: &str,
    sequence_id: i32,
    protocol: Protocol,
    body_len: usize,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    let envelope = Envelope {
        kind: MessageKind::Call,
        method,
        sequence_id,
    };
    let mut head = Count::all();
    envelope
        .write(protocol, &mut head)
        .and_then(|()| wire_len("frame", head.len.saturating_add(body_len)))
        .and_then(|len| {
            let mut w = Writer::new(out);
            w.u32_be(len);
            envelope.write(protocol, &mut w)
        })
        .map_err(|e| Error::encode(&e.within(method)))
}
