//! Made by `cargo xtask codegen` from `idl/common.thrift`: do not edit, change that and run it again.

use bytes::Bytes;
use wire_core::{DecodeError, EncodeError};

use crate::codec::input::Input;
use crate::codec::output::Output;
use crate::codec::{Fields, FieldsMut, Kind, MinLen, Sink, Struct, Value, Wire};

/// Why a server could not carry out a call at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum TApplicationExceptionType {
    /// The server does not say why. Code 0.
    #[default]
    Unspecified,
    /// The server does not have the method: how old servers answer new calls. Code 1.
    UnknownMethod,
    /// The message was not a call. Code 2.
    InvalidMessageType,
    /// The reply named another method. Code 3.
    WrongMethodName,
    /// The reply had another number. Code 4.
    BadSequenceId,
    /// The method returned nothing. Code 5.
    MissingResult,
    /// The server failed while it ran the method. Code 6.
    InternalError,
    /// The call could not be decoded. Code 7.
    ProtocolError,
    /// The transform is not known. Code 8.
    InvalidTransform,
    /// The protocol is not known. Code 9.
    InvalidProtocol,
    /// The transport is not known. Code 10.
    UnsupportedClientType,
    /// A code that this crate does not know.
    Unknown(i32),
}

impl TApplicationExceptionType {
    /// The value with this code.
    pub const fn from_code(code: i32) -> Self {
        match code {
            0 => Self::Unspecified,
            1 => Self::UnknownMethod,
            2 => Self::InvalidMessageType,
            3 => Self::WrongMethodName,
            4 => Self::BadSequenceId,
            5 => Self::MissingResult,
            6 => Self::InternalError,
            7 => Self::ProtocolError,
            8 => Self::InvalidTransform,
            9 => Self::InvalidProtocol,
            10 => Self::UnsupportedClientType,
            _ => Self::Unknown(code),
        }
    }

    /// The code on the wire.
    pub const fn code(self) -> i32 {
        match self {
            Self::Unspecified => 0,
            Self::UnknownMethod => 1,
            Self::InvalidMessageType => 2,
            Self::WrongMethodName => 3,
            Self::BadSequenceId => 4,
            Self::MissingResult => 5,
            Self::InternalError => 6,
            Self::ProtocolError => 7,
            Self::InvalidTransform => 8,
            Self::InvalidProtocol => 9,
            Self::UnsupportedClientType => 10,
            Self::Unknown(code) => code,
        }
    }
}

impl Value for TApplicationExceptionType {
    const KIND: Kind = Kind::I32;

    #[inline]
    fn write<W: Wire, S: Sink>(
        &self,
        out: &mut Output<W, S>,
        field: &'static str,
    ) -> Result<(), EncodeError> {
        self.code().write(out, field)
    }

    #[inline]
    fn read<W: Wire>(input: &mut Input<'_, W>, field: &'static str) -> Result<Self, DecodeError> {
        Ok(Self::from_code(i32::read(input, field)?))
    }
}

/// The answer to a call that the server could not carry out. It is part of Thrift itself; the connection stays
/// usable after it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TApplicationException {
    /// What happened, in words for people.
    pub message: Option<String>,
    /// Why.
    pub r#type: Option<TApplicationExceptionType>,
}

impl Struct for TApplicationException {
    const MIN_LEN: MinLen = MinLen {
        binary: 1,
        compact: 1,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.optional(1, "message", &self.message)?;
        out.optional(2, "type", &self.r#type)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut message = None;
        let mut r#type = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Binary) => message = Some(fields.value(&field, "message")?),
                (2, Kind::I32) => r#type = Some(fields.value(&field, "type")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self { message, r#type })
    }
}

/// The address of a node. Servers of 0.13 call it EndPoint, with the same fields.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TEndPoint {
    /// Host name or address. Empty or 0.0.0.0 when the server has none to offer.
    pub ip: String,
    /// Port of the client interface.
    pub port: i32,
}

impl Struct for TEndPoint {
    const MIN_LEN: MinLen = MinLen {
        binary: 15,
        compact: 5,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "ip", &self.ip)?;
        out.required(2, "port", &self.port)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut ip = None;
        let mut port = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Binary) => ip = Some(fields.value(&field, "ip")?),
                (2, Kind::I32) => port = Some(fields.value(&field, "port")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            ip: fields.require(ip, "TEndPoint", "ip")?,
            port: fields.require(port, "TEndPoint", "port")?,
        })
    }
}

/// How a request ended. Part of every answer.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSStatus {
    /// 200 and 400 are success; 0.13 and later servers number the rest differently.
    pub code: i32,
    /// What happened, in words for people.
    pub message: Option<String>,
    /// The status of each part of the request, in its order.
    pub sub_status: Option<Vec<Self>>,
    /// The node that later requests for the same device should go to.
    pub redirect_node: Option<TEndPoint>,
    /// Whether the server thinks that the same request may succeed later. Since 1.3.1.
    pub need_retry: Option<bool>,
    /// Data that belongs to the status. Since 2.0.8.
    pub response_data: Option<Bytes>,
}

impl Struct for TSStatus {
    const MIN_LEN: MinLen = MinLen {
        binary: 8,
        compact: 3,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "code", &self.code)?;
        out.optional(2, "message", &self.message)?;
        out.optional(3, "subStatus", &self.sub_status)?;
        out.optional(4, "redirectNode", &self.redirect_node)?;
        out.optional(5, "needRetry", &self.need_retry)?;
        out.optional(6, "responseData", &self.response_data)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut code = None;
        let mut message = None;
        let mut sub_status = None;
        let mut redirect_node = None;
        let mut need_retry = None;
        let mut response_data = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I32) => code = Some(fields.value(&field, "code")?),
                (2, Kind::Binary) => message = Some(fields.value(&field, "message")?),
                (3, Kind::List) => sub_status = Some(fields.value(&field, "subStatus")?),
                (4, Kind::Struct) => redirect_node = Some(fields.value(&field, "redirectNode")?),
                (5, Kind::Bool) => need_retry = Some(fields.value(&field, "needRetry")?),
                (6, Kind::Binary) => response_data = Some(fields.value(&field, "responseData")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            code: fields.require(code, "TSStatus", "code")?,
            message,
            sub_status,
            redirect_node,
            need_retry,
            response_data,
        })
    }
}
