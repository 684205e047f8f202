//! Administration, data subscription, and what only servers say to each other.
//!
//! Made by `cargo xtask codegen` from `idl/operation.thrift`: do not edit, change that and run it again.

use bytes::Bytes;
use wire_core::{DecodeError, EncodeError};

use super::common::TSStatus;
use crate::codec::input::Input;
use crate::codec::output::Output;
use crate::codec::{Fields, FieldsMut, Kind, MinLen, Sink, Struct, Value, Wire};
use crate::message::Method;

/// How a client is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum TSConnectionType {
    /// By this interface. Code 0.
    #[default]
    ThriftBased,
    /// By MQTT. Code 1.
    MqttBased,
    /// From within the server. Code 2.
    Internal,
    /// By HTTP. Code 3.
    RestBased,
    /// A code that this crate does not know.
    Unknown(i32),
}

impl TSConnectionType {
    /// The value with this code.
    pub const fn from_code(code: i32) -> Self {
        match code {
            0 => Self::ThriftBased,
            1 => Self::MqttBased,
            2 => Self::Internal,
            3 => Self::RestBased,
            _ => Self::Unknown(code),
        }
    }

    /// The code on the wire.
    pub const fn code(self) -> i32 {
        match self {
            Self::ThriftBased => 0,
            Self::MqttBased => 1,
            Self::Internal => 2,
            Self::RestBased => 3,
            Self::Unknown(code) => code,
        }
    }
}

impl Value for TSConnectionType {
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

/// One connection of a server.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSConnectionInfo {
    /// Who is logged in.
    pub user_name: String,
    /// Time of the login.
    pub log_in_time: i64,
    /// Name of the connection.
    pub connection_id: String,
    /// How it is connected.
    pub r#type: TSConnectionType,
}

impl Struct for TSConnectionInfo {
    const MIN_LEN: MinLen = MinLen {
        binary: 33,
        compact: 9,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "userName", &self.user_name)?;
        out.required(2, "logInTime", &self.log_in_time)?;
        out.required(3, "connectionId", &self.connection_id)?;
        out.required(4, "type", &self.r#type)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut user_name = None;
        let mut log_in_time = None;
        let mut connection_id = None;
        let mut r#type = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Binary) => user_name = Some(fields.value(&field, "userName")?),
                (2, Kind::I64) => log_in_time = Some(fields.value(&field, "logInTime")?),
                (3, Kind::Binary) => connection_id = Some(fields.value(&field, "connectionId")?),
                (4, Kind::I32) => r#type = Some(fields.value(&field, "type")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            user_name: fields.require(user_name, "TSConnectionInfo", "userName")?,
            log_in_time: fields.require(log_in_time, "TSConnectionInfo", "logInTime")?,
            connection_id: fields.require(connection_id, "TSConnectionInfo", "connectionId")?,
            r#type: fields.require(r#type, "TSConnectionInfo", "type")?,
        })
    }
}

/// The connections of a server. It has no status.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSConnectionInfoResp {
    /// The connections.
    pub connection_info_list: Vec<TSConnectionInfo>,
}

impl Struct for TSConnectionInfoResp {
    const MIN_LEN: MinLen = MinLen {
        binary: 9,
        compact: 3,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "connectionInfoList", &self.connection_info_list)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut connection_info_list = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::List) => {
                    connection_info_list = Some(fields.value(&field, "connectionInfoList")?)
                }
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            connection_info_list: fields.require(
                connection_info_list,
                "TSConnectionInfoResp",
                "connectionInfoList",
            )?,
        })
    }
}

/// The settings of writing everything to a second server as well.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSBackupConfigurationResp {
    /// How the request ended.
    pub status: TSStatus,
    /// Whether it is on.
    pub enable_operation_sync: Option<bool>,
    /// Host of the second server.
    pub secondary_address: Option<String>,
    /// Port of the second server.
    pub secondary_port: Option<i32>,
}

impl Struct for TSBackupConfigurationResp {
    const MIN_LEN: MinLen = MinLen {
        binary: 12,
        compact: 5,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "status", &self.status)?;
        out.optional(2, "enableOperationSync", &self.enable_operation_sync)?;
        out.optional(3, "secondaryAddress", &self.secondary_address)?;
        out.optional(4, "secondaryPort", &self.secondary_port)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut status = None;
        let mut enable_operation_sync = None;
        let mut secondary_address = None;
        let mut secondary_port = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Struct) => status = Some(fields.value(&field, "status")?),
                (2, Kind::Bool) => {
                    enable_operation_sync = Some(fields.value(&field, "enableOperationSync")?)
                }
                (3, Kind::Binary) => {
                    secondary_address = Some(fields.value(&field, "secondaryAddress")?)
                }
                (4, Kind::I32) => secondary_port = Some(fields.value(&field, "secondaryPort")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            status: fields.require(status, "TSBackupConfigurationResp", "status")?,
            enable_operation_sync,
            secondary_address,
            secondary_port,
        })
    }
}

/// The text of the template of the configuration file. Since 1.3.1.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TShowConfigurationTemplateResp {
    /// How the request ended.
    pub status: TSStatus,
    /// The text.
    pub content: String,
}

impl Struct for TShowConfigurationTemplateResp {
    const MIN_LEN: MinLen = MinLen {
        binary: 19,
        compact: 7,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "status", &self.status)?;
        out.required(2, "content", &self.content)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut status = None;
        let mut content = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Struct) => status = Some(fields.value(&field, "status")?),
                (2, Kind::Binary) => content = Some(fields.value(&field, "content")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            status: fields.require(status, "TShowConfigurationTemplateResp", "status")?,
            content: fields.require(content, "TShowConfigurationTemplateResp", "content")?,
        })
    }
}

/// The text of the running configuration of a node. Since 1.3.1.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TShowConfigurationResp {
    /// How the request ended.
    pub status: TSStatus,
    /// The text.
    pub content: String,
}

impl Struct for TShowConfigurationResp {
    const MIN_LEN: MinLen = MinLen {
        binary: 19,
        compact: 7,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "status", &self.status)?;
        out.required(2, "content", &self.content)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut status = None;
        let mut content = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Struct) => status = Some(fields.value(&field, "status")?),
                (2, Kind::Binary) => content = Some(fields.value(&field, "content")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            status: fields.require(status, "TShowConfigurationResp", "status")?,
            content: fields.require(content, "TShowConfigurationResp", "content")?,
        })
    }
}

/// The state of a server. Until 0.13.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSGetSystemStatusResp {
    /// How the request ended.
    pub status: TSStatus,
    /// The state, in words.
    pub system_status: String,
}

impl Struct for TSGetSystemStatusResp {
    const MIN_LEN: MinLen = MinLen {
        binary: 19,
        compact: 7,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "status", &self.status)?;
        out.required(2, "systemStatus", &self.system_status)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut status = None;
        let mut system_status = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Struct) => status = Some(fields.value(&field, "status")?),
                (2, Kind::Binary) => system_status = Some(fields.value(&field, "systemStatus")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            status: fields.require(status, "TSGetSystemStatusResp", "status")?,
            system_status: fields.require(
                system_status,
                "TSGetSystemStatusResp",
                "systemStatus",
            )?,
        })
    }
}

/// A write that one server repeats on its second server. Until 0.13.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSOperationSyncWriteReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// What is written.
    pub operation_sync_type: i8,
    /// The write itself.
    pub physical_plan: Bytes,
}

impl Struct for TSOperationSyncWriteReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 23,
        compact: 7,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "operationSyncType", &self.operation_sync_type)?;
        out.required(3, "physicalPlan", &self.physical_plan)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut operation_sync_type = None;
        let mut physical_plan = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::I8) => {
                    operation_sync_type = Some(fields.value(&field, "operationSyncType")?)
                }
                (3, Kind::Binary) => physical_plan = Some(fields.value(&field, "physicalPlan")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSOperationSyncWriteReq", "sessionId")?,
            operation_sync_type: fields.require(
                operation_sync_type,
                "TSOperationSyncWriteReq",
                "operationSyncType",
            )?,
            physical_plan: fields.require(
                physical_plan,
                "TSOperationSyncWriteReq",
                "physicalPlan",
            )?,
        })
    }
}

/// The envelope of a request of a subscription. Since 1.3.1.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TPipeSubscribeReq {
    /// Version of the envelope: 1.
    pub version: i8,
    /// 0 handshake, 1 heartbeat, 2 poll, 3 commit, 4 close, 5 subscribe, 6 unsubscribe.
    pub r#type: i16,
    /// The request itself; absent where there is nothing to say.
    pub body: Option<Bytes>,
}

impl Struct for TPipeSubscribeReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 10,
        compact: 5,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "version", &self.version)?;
        out.required(2, "type", &self.r#type)?;
        out.optional(3, "body", &self.body)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut version = None;
        let mut r#type = None;
        let mut body = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I8) => version = Some(fields.value(&field, "version")?),
                (2, Kind::I16) => r#type = Some(fields.value(&field, "type")?),
                (3, Kind::Binary) => body = Some(fields.value(&field, "body")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            version: fields.require(version, "TPipeSubscribeReq", "version")?,
            r#type: fields.require(r#type, "TPipeSubscribeReq", "type")?,
            body,
        })
    }
}

/// The envelope of an answer to a subscription. Since 1.3.1.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TPipeSubscribeResp {
    /// How the request ended.
    pub status: TSStatus,
    /// Version of the envelope: 1.
    pub version: i8,
    /// 0: acknowledged.
    pub r#type: i16,
    /// The answer itself; for a poll, an event each.
    pub body: Option<Vec<Bytes>>,
}

impl Struct for TPipeSubscribeResp {
    const MIN_LEN: MinLen = MinLen {
        binary: 21,
        compact: 9,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "status", &self.status)?;
        out.required(2, "version", &self.version)?;
        out.required(3, "type", &self.r#type)?;
        out.optional(4, "body", &self.body)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut status = None;
        let mut version = None;
        let mut r#type = None;
        let mut body = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Struct) => status = Some(fields.value(&field, "status")?),
                (2, Kind::I8) => version = Some(fields.value(&field, "version")?),
                (3, Kind::I16) => r#type = Some(fields.value(&field, "type")?),
                (4, Kind::List) => body = Some(fields.value(&field, "body")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            status: fields.require(status, "TPipeSubscribeResp", "status")?,
            version: fields.require(version, "TPipeSubscribeResp", "version")?,
            r#type: fields.require(r#type, "TPipeSubscribeResp", "type")?,
            body,
        })
    }
}

/// The envelope of a request of a pipe between servers. Since 1.2.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TPipeTransferReq {
    /// Version of the envelope: 1.
    pub version: i8,
    /// What the body is.
    pub r#type: i16,
    /// The message itself.
    pub body: Bytes,
}

impl Struct for TPipeTransferReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 17,
        compact: 7,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "version", &self.version)?;
        out.required(2, "type", &self.r#type)?;
        out.required(3, "body", &self.body)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut version = None;
        let mut r#type = None;
        let mut body = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I8) => version = Some(fields.value(&field, "version")?),
                (2, Kind::I16) => r#type = Some(fields.value(&field, "type")?),
                (3, Kind::Binary) => body = Some(fields.value(&field, "body")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            version: fields.require(version, "TPipeTransferReq", "version")?,
            r#type: fields.require(r#type, "TPipeTransferReq", "type")?,
            body: fields.require(body, "TPipeTransferReq", "body")?,
        })
    }
}

/// The envelope of an answer in a pipe between servers. Since 1.2.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TPipeTransferResp {
    /// How the request ended.
    pub status: TSStatus,
    /// The message itself.
    pub body: Option<Bytes>,
}

impl Struct for TPipeTransferResp {
    const MIN_LEN: MinLen = MinLen {
        binary: 12,
        compact: 5,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "status", &self.status)?;
        out.optional(2, "body", &self.body)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut status = None;
        let mut body = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Struct) => status = Some(fields.value(&field, "status")?),
                (2, Kind::Binary) => body = Some(fields.value(&field, "body")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            status: fields.require(status, "TPipeTransferResp", "status")?,
            body,
        })
    }
}

/// Who opens a pipe between servers. Since 1.0.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSyncIdentityInfo {
    /// Name of the pipe.
    pub pipe_name: String,
    /// When it was made.
    pub create_time: i64,
    /// Version of the sender.
    pub version: String,
    /// Database that is copied.
    pub database: String,
}

impl Struct for TSyncIdentityInfo {
    const MIN_LEN: MinLen = MinLen {
        binary: 33,
        compact: 9,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "pipeName", &self.pipe_name)?;
        out.required(2, "createTime", &self.create_time)?;
        out.required(3, "version", &self.version)?;
        out.required(4, "database", &self.database)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut pipe_name = None;
        let mut create_time = None;
        let mut version = None;
        let mut database = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Binary) => pipe_name = Some(fields.value(&field, "pipeName")?),
                (2, Kind::I64) => create_time = Some(fields.value(&field, "createTime")?),
                (3, Kind::Binary) => version = Some(fields.value(&field, "version")?),
                (4, Kind::Binary) => database = Some(fields.value(&field, "database")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            pipe_name: fields.require(pipe_name, "TSyncIdentityInfo", "pipeName")?,
            create_time: fields.require(create_time, "TSyncIdentityInfo", "createTime")?,
            version: fields.require(version, "TSyncIdentityInfo", "version")?,
            database: fields.require(database, "TSyncIdentityInfo", "database")?,
        })
    }
}

/// Which part of a file follows. Since 1.0.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSyncTransportMetaInfo {
    /// Name of the file.
    pub file_name: String,
    /// Byte of the file where the part begins.
    pub start_index: i64,
}

impl Struct for TSyncTransportMetaInfo {
    const MIN_LEN: MinLen = MinLen {
        binary: 19,
        compact: 5,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "fileName", &self.file_name)?;
        out.required(2, "startIndex", &self.start_index)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut file_name = None;
        let mut start_index = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Binary) => file_name = Some(fields.value(&field, "fileName")?),
                (2, Kind::I64) => start_index = Some(fields.value(&field, "startIndex")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            file_name: fields.require(file_name, "TSyncTransportMetaInfo", "fileName")?,
            start_index: fields.require(start_index, "TSyncTransportMetaInfo", "startIndex")?,
        })
    }
}

/// Arguments of `fetchAllConnectionsInfo`. Who is connected.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchAllConnectionsInfoArgs {}

impl Method for FetchAllConnectionsInfoArgs {
    const NAME: &'static str = "fetchAllConnectionsInfo";
    type Response = TSConnectionInfoResp;
}

impl Struct for FetchAllConnectionsInfoArgs {
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

/// Arguments of `getBackupConfiguration`. The settings of writing to a second server.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetBackupConfigurationArgs {}

impl Method for GetBackupConfigurationArgs {
    const NAME: &'static str = "getBackupConfiguration";
    type Response = TSBackupConfigurationResp;
}

impl Struct for GetBackupConfigurationArgs {
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

/// Arguments of `showConfigurationTemplate`. The template of the configuration file. Since 1.3.1.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShowConfigurationTemplateArgs {}

impl Method for ShowConfigurationTemplateArgs {
    const NAME: &'static str = "showConfigurationTemplate";
    type Response = TShowConfigurationTemplateResp;
}

impl Struct for ShowConfigurationTemplateArgs {
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

/// Arguments of `showConfiguration`. The running configuration of a node. Since 1.3.1.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShowConfigurationArgs {
    /// Number of the node.
    pub node_id: i32,
}

impl Method for ShowConfigurationArgs {
    const NAME: &'static str = "showConfiguration";
    type Response = TShowConfigurationResp;
}

impl Struct for ShowConfigurationArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 8,
        compact: 3,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "nodeId", &self.node_id)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut node_id = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I32) => node_id = Some(fields.value(&field, "nodeId")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            node_id: fields.require(node_id, "ShowConfigurationArgs", "nodeId")?,
        })
    }
}

/// Arguments of `getSystemStatus`. The state of the server. Until 0.13.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetSystemStatusArgs {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
}

impl Method for GetSystemStatusArgs {
    const NAME: &'static str = "getSystemStatus";
    type Response = TSGetSystemStatusResp;
}

impl Struct for GetSystemStatusArgs {
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
            session_id: fields.require(session_id, "GetSystemStatusArgs", "sessionId")?,
        })
    }
}

/// Arguments of `executeOperationSync`. Repeats a write on the second server. Until 0.13.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecuteOperationSyncArgs {
    /// The request.
    pub req: TSOperationSyncWriteReq,
}

impl From<TSOperationSyncWriteReq> for ExecuteOperationSyncArgs {
    fn from(req: TSOperationSyncWriteReq) -> Self {
        Self { req }
    }
}

impl Method for ExecuteOperationSyncArgs {
    const NAME: &'static str = "executeOperationSync";
    type Response = TSStatus;
}

impl Struct for ExecuteOperationSyncArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 27,
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
            req: fields.require(req, "ExecuteOperationSyncArgs", "req")?,
        })
    }
}

/// Arguments of `pipeSubscribe`. A step of a subscription to data. Its argument never got an id: it goes out as
/// -1. Since 1.3.1.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PipeSubscribeArgs {
    /// The request.
    pub req: TPipeSubscribeReq,
}

impl From<TPipeSubscribeReq> for PipeSubscribeArgs {
    fn from(req: TPipeSubscribeReq) -> Self {
        Self { req }
    }
}

impl Method for PipeSubscribeArgs {
    const NAME: &'static str = "pipeSubscribe";
    type Response = TPipeSubscribeResp;
}

impl Struct for PipeSubscribeArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 14,
        compact: 7,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(-1, "req", &self.req)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut req = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (-1, Kind::Struct) => req = Some(fields.value(&field, "req")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            req: fields.require(req, "PipeSubscribeArgs", "req")?,
        })
    }
}

/// Arguments of `pipeTransfer`. A step of a pipe between servers. Its argument goes out as -1. Since 1.2.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PipeTransferArgs {
    /// The request.
    pub req: TPipeTransferReq,
}

impl From<TPipeTransferReq> for PipeTransferArgs {
    fn from(req: TPipeTransferReq) -> Self {
        Self { req }
    }
}

impl Method for PipeTransferArgs {
    const NAME: &'static str = "pipeTransfer";
    type Response = TPipeTransferResp;
}

impl Struct for PipeTransferArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 21,
        compact: 9,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(-1, "req", &self.req)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut req = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (-1, Kind::Struct) => req = Some(fields.value(&field, "req")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            req: fields.require(req, "PipeTransferArgs", "req")?,
        })
    }
}

/// Arguments of `handshake`. Opens a pipe between servers. Its argument goes out as -1. Since 1.0.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HandshakeArgs {
    /// Who opens the pipe.
    pub info: TSyncIdentityInfo,
}

impl From<TSyncIdentityInfo> for HandshakeArgs {
    fn from(info: TSyncIdentityInfo) -> Self {
        Self { info }
    }
}

impl Method for HandshakeArgs {
    const NAME: &'static str = "handshake";
    type Response = TSStatus;
}

impl Struct for HandshakeArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 37,
        compact: 11,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(-1, "info", &self.info)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut info = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (-1, Kind::Struct) => info = Some(fields.value(&field, "info")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            info: fields.require(info, "HandshakeArgs", "info")?,
        })
    }
}

/// Arguments of `sendPipeData`. Data of a pipe between servers. Since 1.0.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SendPipeDataArgs {
    /// The data.
    pub buff: Bytes,
}

impl Method for SendPipeDataArgs {
    const NAME: &'static str = "sendPipeData";
    type Response = TSStatus;
}

impl Struct for SendPipeDataArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 8,
        compact: 3,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "buff", &self.buff)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut buff = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Binary) => buff = Some(fields.value(&field, "buff")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            buff: fields.require(buff, "SendPipeDataArgs", "buff")?,
        })
    }
}

/// Arguments of `sendFile`. A part of a file between servers. Since 1.0.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SendFileArgs {
    /// Which part of which file.
    pub meta_info: TSyncTransportMetaInfo,
    /// The data.
    pub buff: Bytes,
}

impl Method for SendFileArgs {
    const NAME: &'static str = "sendFile";
    type Response = TSStatus;
}

impl Struct for SendFileArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 30,
        compact: 9,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "metaInfo", &self.meta_info)?;
        out.required(2, "buff", &self.buff)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut meta_info = None;
        let mut buff = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Struct) => meta_info = Some(fields.value(&field, "metaInfo")?),
                (2, Kind::Binary) => buff = Some(fields.value(&field, "buff")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            meta_info: fields.require(meta_info, "SendFileArgs", "metaInfo")?,
            buff: fields.require(buff, "SendFileArgs", "buff")?,
        })
    }
}
