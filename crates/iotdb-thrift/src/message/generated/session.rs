//! Login, logout, time zone, and what a server says about itself.
//!
//! Made by `cargo xtask codegen` from `idl/session.thrift`: do not edit, change that and run it again.

use std::collections::BTreeMap;

use wire_core::{DecodeError, EncodeError};

use super::common::TSStatus;
use crate::codec::input::Input;
use crate::codec::output::Output;
use crate::codec::{Fields, FieldsMut, Kind, MinLen, Sink, Struct, Value, Wire};
use crate::message::Method;

/// Version of the session protocol. It has nothing to do with the version of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum TSProtocolVersion {
    /// No living server wants it. Code 0.
    #[default]
    IotdbServiceProtocolV1,
    /// No living server wants it. Code 1.
    IotdbServiceProtocolV2,
    /// What every living server wants and speaks. Code 2.
    IotdbServiceProtocolV3,
    /// A code that this crate does not know.
    Unknown(i32),
}

impl TSProtocolVersion {
    /// The value with this code.
    pub const fn from_code(code: i32) -> Self {
        match code {
            0 => Self::IotdbServiceProtocolV1,
            1 => Self::IotdbServiceProtocolV2,
            2 => Self::IotdbServiceProtocolV3,
            _ => Self::Unknown(code),
        }
    }

    /// The code on the wire.
    pub const fn code(self) -> i32 {
        match self {
            Self::IotdbServiceProtocolV1 => 0,
            Self::IotdbServiceProtocolV2 => 1,
            Self::IotdbServiceProtocolV3 => 2,
            Self::Unknown(code) => code,
        }
    }
}

impl Value for TSProtocolVersion {
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

/// Login. The session belongs to the connection it was opened on.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSOpenSessionReq {
    /// Version that the client speaks; every living server wants V3.
    pub client_protocol: TSProtocolVersion,
    /// Time zone: whatever java.time.ZoneId takes, for instance UTC, Asia/Shanghai or +08:00.
    pub zone_id: String,
    /// Name of the user.
    pub username: String,
    /// Password of the user, as plain text.
    pub password: Option<String>,
    /// Options: version (V_0_12, V_0_13, V_1_0), sql_dialect (tree, table), db.
    pub configuration: Option<BTreeMap<String, String>>,
}

impl Default for TSOpenSessionReq {
    fn default() -> Self {
        Self {
            client_protocol: TSProtocolVersion::IotdbServiceProtocolV3,
            zone_id: Default::default(),
            username: Default::default(),
            password: Default::default(),
            configuration: Default::default(),
        }
    }
}

impl std::fmt::Debug for TSOpenSessionReq {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TSOpenSessionReq")
            .field("client_protocol", &self.client_protocol)
            .field("zone_id", &self.zone_id)
            .field("username", &self.username)
            .field("password", &self.password.as_ref().map(|_| "hidden"))
            .field("configuration", &self.configuration)
            .finish()
    }
}

impl Struct for TSOpenSessionReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 22,
        compact: 7,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "client_protocol", &self.client_protocol)?;
        out.required(2, "zoneId", &self.zone_id)?;
        out.required(3, "username", &self.username)?;
        out.optional(4, "password", &self.password)?;
        out.optional(5, "configuration", &self.configuration)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut client_protocol = None;
        let mut zone_id = None;
        let mut username = None;
        let mut password = None;
        let mut configuration = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I32) => client_protocol = Some(fields.value(&field, "client_protocol")?),
                (2, Kind::Binary) => zone_id = Some(fields.value(&field, "zoneId")?),
                (3, Kind::Binary) => username = Some(fields.value(&field, "username")?),
                (4, Kind::Binary) => password = Some(fields.value(&field, "password")?),
                (5, Kind::Map) => configuration = Some(fields.value(&field, "configuration")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            client_protocol: fields.require(
                client_protocol,
                "TSOpenSessionReq",
                "client_protocol",
            )?,
            zone_id: fields.require(zone_id, "TSOpenSessionReq", "zoneId")?,
            username: fields.require(username, "TSOpenSessionReq", "username")?,
            password,
            configuration,
        })
    }
}

/// Answer to a login. Look at the status before using anything else.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSOpenSessionResp {
    /// How the request ended.
    pub status: TSStatus,
    /// Version that the server speaks.
    pub server_protocol_version: TSProtocolVersion,
    /// The new session; absent or -1 when the login failed.
    pub session_id: Option<i64>,
    /// Settings of the server; from 2.0 on timestamp_precision (ms, us, ns).
    pub configuration: Option<BTreeMap<String, String>>,
}

impl Default for TSOpenSessionResp {
    fn default() -> Self {
        Self {
            status: Default::default(),
            server_protocol_version: TSProtocolVersion::IotdbServiceProtocolV1,
            session_id: Default::default(),
            configuration: Default::default(),
        }
    }
}

impl Struct for TSOpenSessionResp {
    const MIN_LEN: MinLen = MinLen {
        binary: 19,
        compact: 7,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "status", &self.status)?;
        out.required(2, "serverProtocolVersion", &self.server_protocol_version)?;
        out.optional(3, "sessionId", &self.session_id)?;
        out.optional(4, "configuration", &self.configuration)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut status = None;
        let mut server_protocol_version = None;
        let mut session_id = None;
        let mut configuration = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Struct) => status = Some(fields.value(&field, "status")?),
                (2, Kind::I32) => {
                    server_protocol_version = Some(fields.value(&field, "serverProtocolVersion")?)
                }
                (3, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (4, Kind::Map) => configuration = Some(fields.value(&field, "configuration")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            status: fields.require(status, "TSOpenSessionResp", "status")?,
            server_protocol_version: fields.require(
                server_protocol_version,
                "TSOpenSessionResp",
                "serverProtocolVersion",
            )?,
            session_id,
            configuration,
        })
    }
}

/// Logout.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSCloseSessionReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
}

impl Struct for TSCloseSessionReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 12,
        compact: 3,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSCloseSessionReq", "sessionId")?,
        })
    }
}

/// The time zone of a session.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSGetTimeZoneResp {
    /// How the request ended.
    pub status: TSStatus,
    /// Name of the zone or fixed offset.
    pub time_zone: String,
}

impl Struct for TSGetTimeZoneResp {
    const MIN_LEN: MinLen = MinLen {
        binary: 19,
        compact: 7,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "status", &self.status)?;
        out.required(2, "timeZone", &self.time_zone)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut status = None;
        let mut time_zone = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Struct) => status = Some(fields.value(&field, "status")?),
                (2, Kind::Binary) => time_zone = Some(fields.value(&field, "timeZone")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            status: fields.require(status, "TSGetTimeZoneResp", "status")?,
            time_zone: fields.require(time_zone, "TSGetTimeZoneResp", "timeZone")?,
        })
    }
}

/// Sets the time zone that date-time literals and calendar intervals of SQL are read in.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSSetTimeZoneReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// Name of the zone or fixed offset.
    pub time_zone: String,
}

impl Struct for TSSetTimeZoneReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 19,
        compact: 5,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "timeZone", &self.time_zone)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut time_zone = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => time_zone = Some(fields.value(&field, "timeZone")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSSetTimeZoneReq", "sessionId")?,
            time_zone: fields.require(time_zone, "TSSetTimeZoneReq", "timeZone")?,
        })
    }
}

/// What a server says about itself. Up to 1.1 the ids 5 to 8 were settings of a watermark, each of another type;
/// a reader passes over those.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerProperties {
    /// Version of the server, for instance 2.0.6.
    pub version: String,
    /// Names of the aggregate functions.
    pub supported_time_aggregation_operations: Vec<String>,
    /// Unit of all times: ms, us or ns.
    pub timestamp_precision: String,
    /// Connections that the server accepts.
    pub max_concurrent_client_num: Option<i32>,
    /// The longest frame that the server accepts, in bytes. Read from id 9 as well, where older servers have it.
    pub thrift_max_frame_size: Option<i32>,
    /// Whether the server refuses writes. Read from id 10 as well, where older servers have it.
    pub is_read_only: Option<bool>,
    /// Commit that the server was built from. Since 1.0. Read from id 11 as well, where older servers have it.
    pub build_info: Option<String>,
    /// A banner. Since 1.2.
    pub logo: Option<String>,
}

impl Struct for ServerProperties {
    const MIN_LEN: MinLen = MinLen {
        binary: 23,
        compact: 7,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "version", &self.version)?;
        out.required(
            2,
            "supportedTimeAggregationOperations",
            &self.supported_time_aggregation_operations,
        )?;
        out.required(3, "timestampPrecision", &self.timestamp_precision)?;
        out.optional(4, "maxConcurrentClientNum", &self.max_concurrent_client_num)?;
        out.optional(5, "thriftMaxFrameSize", &self.thrift_max_frame_size)?;
        out.optional(6, "isReadOnly", &self.is_read_only)?;
        out.optional(7, "buildInfo", &self.build_info)?;
        out.optional(8, "logo", &self.logo)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut version = None;
        let mut supported_time_aggregation_operations = None;
        let mut timestamp_precision = None;
        let mut max_concurrent_client_num = None;
        let mut thrift_max_frame_size = None;
        let mut is_read_only = None;
        let mut build_info = None;
        let mut logo = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Binary) => version = Some(fields.value(&field, "version")?),
                (2, Kind::List) => {
                    supported_time_aggregation_operations =
                        Some(fields.value(&field, "supportedTimeAggregationOperations")?)
                }
                (3, Kind::Binary) => {
                    timestamp_precision = Some(fields.value(&field, "timestampPrecision")?)
                }
                (4, Kind::I32) => {
                    max_concurrent_client_num =
                        Some(fields.value(&field, "maxConcurrentClientNum")?)
                }
                (5 | 9, Kind::I32) => {
                    thrift_max_frame_size = Some(fields.value(&field, "thriftMaxFrameSize")?)
                }
                (6 | 10, Kind::Bool) => is_read_only = Some(fields.value(&field, "isReadOnly")?),
                (7 | 11, Kind::Binary) => build_info = Some(fields.value(&field, "buildInfo")?),
                (8, Kind::Binary) => logo = Some(fields.value(&field, "logo")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            version: fields.require(version, "ServerProperties", "version")?,
            supported_time_aggregation_operations: fields.require(
                supported_time_aggregation_operations,
                "ServerProperties",
                "supportedTimeAggregationOperations",
            )?,
            timestamp_precision: fields.require(
                timestamp_precision,
                "ServerProperties",
                "timestampPrecision",
            )?,
            max_concurrent_client_num,
            thrift_max_frame_size,
            is_read_only,
            build_info,
            logo,
        })
    }
}

/// Arguments of `openSession`. Logs in. Must be the first call of a connection.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenSessionArgs {
    /// The request.
    pub req: TSOpenSessionReq,
}

impl From<TSOpenSessionReq> for OpenSessionArgs {
    fn from(req: TSOpenSessionReq) -> Self {
        Self { req }
    }
}

impl Method for OpenSessionArgs {
    const NAME: &'static str = "openSession";
    type Response = TSOpenSessionResp;
}

impl Struct for OpenSessionArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 26,
        compact: 9,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "req", &self.req)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut req = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Struct) => req = Some(fields.value(&field, "req")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            req: fields.require(req, "OpenSessionArgs", "req")?,
        })
    }
}

/// Arguments of `closeSession`. Logs out. 802 if there is no session.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CloseSessionArgs {
    /// The request.
    pub req: TSCloseSessionReq,
}

impl From<TSCloseSessionReq> for CloseSessionArgs {
    fn from(req: TSCloseSessionReq) -> Self {
        Self { req }
    }
}

impl Method for CloseSessionArgs {
    const NAME: &'static str = "closeSession";
    type Response = TSStatus;
}

impl Struct for CloseSessionArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 16,
        compact: 5,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "req", &self.req)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut req = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Struct) => req = Some(fields.value(&field, "req")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            req: fields.require(req, "CloseSessionArgs", "req")?,
        })
    }
}

/// Arguments of `requestStatementId`. A new statement id, valid on this connection only. The result has no
/// status.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestStatementIdArgs {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
}

impl Method for RequestStatementIdArgs {
    const NAME: &'static str = "requestStatementId";
    type Response = i64;
}

impl Struct for RequestStatementIdArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 12,
        compact: 3,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "RequestStatementIdArgs", "sessionId")?,
        })
    }
}

/// Arguments of `getProperties`. What the server says about itself. Needs no login.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetPropertiesArgs {}

impl Method for GetPropertiesArgs {
    const NAME: &'static str = "getProperties";
    type Response = ServerProperties;
}

impl Struct for GetPropertiesArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 1,
        compact: 1,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        _: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        while let Some(field) = fields.next()? {
            fields.skip(&field)?;
        }
        Ok(Self {})
    }
}

/// Arguments of `getTimeZone`. The time zone of the session.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetTimeZoneArgs {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
}

impl Method for GetTimeZoneArgs {
    const NAME: &'static str = "getTimeZone";
    type Response = TSGetTimeZoneResp;
}

impl Struct for GetTimeZoneArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 12,
        compact: 3,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "GetTimeZoneArgs", "sessionId")?,
        })
    }
}

/// Arguments of `setTimeZone`. Sets the time zone of the session; 703 if the server does not know it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetTimeZoneArgs {
    /// The request.
    pub req: TSSetTimeZoneReq,
}

impl From<TSSetTimeZoneReq> for SetTimeZoneArgs {
    fn from(req: TSSetTimeZoneReq) -> Self {
        Self { req }
    }
}

impl Method for SetTimeZoneArgs {
    const NAME: &'static str = "setTimeZone";
    type Response = TSStatus;
}

impl Struct for SetTimeZoneArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 23,
        compact: 7,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "req", &self.req)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut req = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Struct) => req = Some(fields.value(&field, "req")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            req: fields.require(req, "SetTimeZoneArgs", "req")?,
        })
    }
}

/// Arguments of `testConnectionEmptyRPC`. Does nothing: a cheap way to see whether the server answers. Needs no
/// login. Since 1.3.1.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TestConnectionEmptyRPCArgs {}

impl Method for TestConnectionEmptyRPCArgs {
    const NAME: &'static str = "testConnectionEmptyRPC";
    type Response = TSStatus;
}

impl Struct for TestConnectionEmptyRPCArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 1,
        compact: 1,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        _: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        while let Some(field) = fields.next()? {
            fields.skip(&field)?;
        }
        Ok(Self {})
    }
}
