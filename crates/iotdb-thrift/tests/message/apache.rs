//! Apache's own Rust runtime as the judge: it must read what we write, write the same, and we must read what it writes.

use std::io::Cursor;

use bytes::Bytes;
use iotdb_thrift::message::*;
use iotdb_thrift::{Limits, Protocol};
use proptest::prelude::*;
use thrift::protocol::{
    TBinaryInputProtocol, TBinaryOutputProtocol, TCompactInputProtocol, TCompactOutputProtocol,
    TFieldIdentifier, TInputProtocol, TListIdentifier, TMapIdentifier, TMessageIdentifier,
    TMessageType, TOutputProtocol, TSetIdentifier, TStructIdentifier, TType,
};

use crate::golden::message;

/// Any value, read and written by calls of Apache's protocols.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Any {
    Bool(bool),
    I8(i8),
    I16(i16),
    I32(i32),
    I64(i64),
    Double(f64),
    Binary(Vec<u8>),
    Struct(Vec<(i16, Self)>),
    List(TType, Vec<Self>),
    Set(TType, Vec<Self>),
    /// The compact protocol does not say the types of a map without entries.
    Map(Option<(TType, TType)>, Vec<(Self, Self)>),
}

impl Any {
    pub(crate) fn text(text: &str) -> Self {
        Self::Binary(text.as_bytes().to_vec())
    }

    fn ty(&self) -> TType {
        match self {
            Self::Bool(_) => TType::Bool,
            Self::I8(_) => TType::I08,
            Self::I16(_) => TType::I16,
            Self::I32(_) => TType::I32,
            Self::I64(_) => TType::I64,
            Self::Double(_) => TType::Double,
            Self::Binary(_) => TType::String,
            Self::Struct(_) => TType::Struct,
            Self::List(..) => TType::List,
            Self::Set(..) => TType::Set,
            Self::Map(..) => TType::Map,
        }
    }

    fn has_ids_15_apart(&self) -> bool {
        match self {
            Self::Struct(fields) => {
                let before = [0].into_iter().chain(fields.iter().map(|(id, _)| *id));
                let apart = before
                    .zip(fields)
                    .any(|(before, (id, _))| id - before == 15);
                apart || fields.iter().any(|(_, value)| value.has_ids_15_apart())
            }
            Self::List(_, values) => values.iter().any(Self::has_ids_15_apart),
            _ => false,
        }
    }

    fn write(&self, out: &mut dyn TOutputProtocol) -> thrift::Result<()> {
        let size = |len: usize| i32::try_from(len).unwrap();
        match self {
            Self::Bool(v) => out.write_bool(*v),
            Self::I8(v) => out.write_i8(*v),
            Self::I16(v) => out.write_i16(*v),
            Self::I32(v) => out.write_i32(*v),
            Self::I64(v) => out.write_i64(*v),
            Self::Double(v) => out.write_double(*v),
            Self::Binary(v) => out.write_bytes(v),
            Self::Struct(fields) => {
                out.write_struct_begin(&TStructIdentifier::new("any"))?;
                for (id, value) in fields {
                    out.write_field_begin(&TFieldIdentifier::new("any", value.ty(), *id))?;
                    value.write(out)?;
                    out.write_field_end()?;
                }
                out.write_field_stop()?;
                out.write_struct_end()
            }
            Self::List(ty, values) => {
                out.write_list_begin(&TListIdentifier::new(*ty, size(values.len())))?;
                values.iter().try_for_each(|value| value.write(out))?;
                out.write_list_end()
            }
            Self::Set(ty, values) => {
                out.write_set_begin(&TSetIdentifier::new(*ty, size(values.len())))?;
                values.iter().try_for_each(|value| value.write(out))?;
                out.write_set_end()
            }
            Self::Map(types, entries) => {
                let (key, value) = types.unzip();
                out.write_map_begin(&TMapIdentifier::new(key, value, size(entries.len())))?;
                for (key, value) in entries {
                    key.write(out)?;
                    value.write(out)?;
                }
                out.write_map_end()
            }
        }
    }

    fn read(ty: TType, input: &mut dyn TInputProtocol) -> thrift::Result<Self> {
        Ok(match ty {
            TType::Bool => Self::Bool(input.read_bool()?),
            TType::I08 => Self::I8(input.read_i8()?),
            TType::I16 => Self::I16(input.read_i16()?),
            TType::I32 => Self::I32(input.read_i32()?),
            TType::I64 => Self::I64(input.read_i64()?),
            TType::Double => Self::Double(input.read_double()?),
            TType::String => Self::Binary(input.read_bytes()?),
            TType::Struct => {
                let mut fields = Vec::new();
                input.read_struct_begin()?;
                loop {
                    let field = input.read_field_begin()?;
                    if field.field_type == TType::Stop {
                        break;
                    }
                    fields.push((field.id.unwrap(), Self::read(field.field_type, input)?));
                    input.read_field_end()?;
                }
                input.read_struct_end()?;
                Self::Struct(fields)
            }
            TType::List => {
                let list = input.read_list_begin()?;
                let values = (0..list.size).map(|_| Self::read(list.element_type, input));
                Self::List(list.element_type, values.collect::<Result<_, _>>()?)
            }
            TType::Set => {
                let set = input.read_set_begin()?;
                let values = (0..set.size).map(|_| Self::read(set.element_type, input));
                Self::Set(set.element_type, values.collect::<Result<_, _>>()?)
            }
            TType::Map => {
                let map = input.read_map_begin()?;
                let types = map.key_type.zip(map.value_type);
                let mut entries = Vec::new();
                for _ in 0..map.size {
                    let (key, value) = types.unwrap();
                    entries.push((Self::read(key, input)?, Self::read(value, input)?));
                }
                Self::Map(types, entries)
            }
            other => panic!("{other:?} is no type of a value"),
        })
    }
}

fn output(protocol: Protocol, out: &mut Vec<u8>) -> Box<dyn TOutputProtocol + '_> {
    match protocol {
        Protocol::Binary => Box::new(TBinaryOutputProtocol::new(out, true)),
        _ => Box::new(TCompactOutputProtocol::new(out)),
    }
}

/// A message as Apache's runtime writes it.
pub(crate) fn write(head: &TMessageIdentifier, body: &Any, protocol: Protocol) -> Bytes {
    let mut bytes = Vec::new();
    let mut out = output(protocol, &mut bytes);
    out.write_message_begin(head).unwrap();
    body.write(&mut *out).unwrap();
    out.write_message_end().unwrap();
    drop(out);
    bytes.into()
}

/// A message as Apache's runtime reads it, to its end.
pub(crate) fn read(message: &[u8], protocol: Protocol) -> (TMessageIdentifier, Any) {
    let mut rest = Cursor::new(message);
    let result = {
        let mut input: Box<dyn TInputProtocol + '_> = match protocol {
            Protocol::Binary => Box::new(TBinaryInputProtocol::new(&mut rest, true)),
            _ => Box::new(TCompactInputProtocol::new(&mut rest)),
        };
        let head = input.read_message_begin().unwrap();
        let body = Any::read(TType::Struct, &mut *input).unwrap();
        input.read_message_end().unwrap();
        (head, body)
    };
    assert_eq!(
        usize::try_from(rest.position()).unwrap(),
        message.len(),
        "bytes are left"
    );
    result
}

/// Demands that Apache's runtime writes what we wrote, byte for byte. One liberty: it writes a difference of 15 between
/// ids of the compact protocol in the long form, where the specification and everybody else have the short one.
#[track_caller]
fn same_bytes(theirs: &Bytes, ours: &Bytes, body: &Any, protocol: Protocol) {
    if protocol == Protocol::Compact && body.has_ids_15_apart() {
        assert_eq!(&read(theirs, protocol).1, body);
    } else {
        assert_eq!(theirs, ours);
    }
}

/// Apache's runtime reads our call and writes the same bytes; its bytes are our arguments again.
#[track_caller]
pub(crate) fn agrees<R: Request + PartialEq + std::fmt::Debug>(args: &R) {
    for protocol in [Protocol::Binary, Protocol::Compact] {
        let mut frame = Vec::new();
        args.append_call(77, protocol, &mut frame).unwrap();
        assert_eq!(args.call_len(77, protocol).unwrap(), frame.len());
        let ours = message(&frame);
        let (head, body) = read(&ours, protocol);
        assert_eq!((head.name.as_str(), head.sequence_number), (R::NAME, 77));
        assert_eq!(head.message_type, TMessageType::Call);
        let theirs = write(&head, &body, protocol);
        same_bytes(&theirs, &ours, &body, protocol);
        let call = Call::parse(theirs).unwrap();
        assert_eq!(&R::decode_call(&call, &Limits::default()).unwrap(), args);
    }
}

/// The same for a response.
#[track_caller]
pub(crate) fn agrees_on_reply<R: Request>(response: &R::Response)
where
    R::Response: PartialEq + std::fmt::Debug,
{
    for protocol in [Protocol::Binary, Protocol::Compact] {
        let mut frame = Vec::new();
        R::append_reply(response, -3, protocol, &mut frame).unwrap();
        let ours = message(&frame);
        let (head, body) = read(&ours, protocol);
        assert_eq!(head.message_type, TMessageType::Reply);
        let theirs = write(&head, &body, protocol);
        same_bytes(&theirs, &ours, &body, protocol);
        let got = R::decode_reply(&theirs, -3, protocol, &Limits::default()).unwrap();
        assert_eq!(&got.unwrap(), response);
    }
}

/// The bytes of a whole tablet, written by hand-driven calls of Apache's runtime from the published interface.
#[test]
fn a_tablet_written_by_apache_is_ours() {
    let fields = vec![
        (1, Any::I64(-5)),
        (2, Any::text("root.sg.d1")),
        (
            3,
            Any::List(TType::String, vec![Any::text("a"), Any::text("β")]),
        ),
        (4, Any::Binary(vec![0, 1, 2, 0xff])),
        (5, Any::Binary(vec![9; 16])),
        (6, Any::List(TType::I32, vec![Any::I32(1); 15])),
        (7, Any::I32(2)),
        (8, Any::Bool(true)),
        (9, Any::Bool(false)),
        (
            10,
            Any::List(TType::I08, vec![Any::I8(0), Any::I8(1), Any::I8(-1)]),
        ),
        (13, Any::I8(7)),
    ];
    let body = Any::Struct(vec![(1, Any::Struct(fields))]);
    let mut req = TSInsertTabletReq::default();
    req.session_id = -5;
    req.prefix_path = "root.sg.d1".to_owned();
    req.measurements = vec!["a".to_owned(), "β".to_owned()];
    req.values = Bytes::from_static(&[0, 1, 2, 0xff]);
    req.timestamps = vec![9; 16].into();
    req.types = vec![1; 15];
    req.size = 2;
    req.is_aligned = Some(true);
    req.write_to_table = Some(false);
    req.column_categories = Some(vec![0, 1, -1]);
    req.compress_type = Some(7);
    let args = InsertTabletArgs::from(req);
    for protocol in [Protocol::Binary, Protocol::Compact] {
        let head = TMessageIdentifier::new("insertTablet", TMessageType::Call, 1_000_000);
        let theirs = write(&head, &body, protocol);
        let call = Call::parse(theirs.clone()).unwrap();
        assert_eq!(
            InsertTabletArgs::decode_call(&call, &Limits::default()).unwrap(),
            args
        );
        let mut ours = Vec::new();
        args.append_call(1_000_000, protocol, &mut ours).unwrap();
        assert_eq!(message(&ours), theirs);
    }
}

/// Values of any shape, a few levels deep.
fn shapes() -> impl Strategy<Value = Any> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Any::Bool),
        any::<i8>().prop_map(Any::I8),
        any::<i16>().prop_map(Any::I16),
        any::<i32>().prop_map(Any::I32),
        any::<i64>().prop_map(Any::I64),
        any::<f64>().prop_map(Any::Double),
        proptest::collection::vec(any::<u8>(), 0..20).prop_map(Any::Binary),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let many =
            || (inner.clone(), 0..20_usize).prop_map(|(value, n)| (value.ty(), vec![value; n]));
        let fields = proptest::collection::btree_map(-9..30_000_i16, inner.clone(), 0..5);
        prop_oneof![
            fields.prop_map(|fields| Any::Struct(fields.into_iter().collect())),
            many().prop_map(|(ty, values)| Any::List(ty, values)),
            many().prop_map(|(ty, values)| Any::Set(ty, values)),
            (inner.clone(), inner.clone(), 0..4_usize).prop_map(|(key, value, n)| {
                let types = (key.ty(), value.ty());
                Any::Map(Some(types), vec![(key, value); n])
            }),
        ]
    })
}

proptest! {
    /// Fields of newer servers, of any type, do not disturb those that are known.
    #[test]
    fn unknown_fields_of_any_shape_are_passed_over(
        code: i32,
        before in shapes(),
        between in shapes(),
        after in proptest::collection::btree_map(100..30_000_i16, shapes(), 0..3),
    ) {
        let mut status = vec![(-1, before.clone()), (1, Any::I32(code)), (40, between)];
        status.push((5, Any::Bool(true)));
        status.extend(after);
        let body = Any::Struct(vec![(-7, before), (0, Any::Struct(status))]);
        let mut expected = TSStatus::default();
        expected.code = code;
        expected.need_retry = Some(true);
        for protocol in [Protocol::Binary, Protocol::Compact] {
            let head = TMessageIdentifier::new("insertTablet", TMessageType::Reply, 0);
            let reply = write(&head, &body, protocol);
            let got = InsertTabletArgs::decode_reply(&reply, 0, protocol, &Limits::default());
            prop_assert_eq!(&got.unwrap().unwrap(), &expected);
        }
    }
}
