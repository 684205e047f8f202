//! Rows and tablets on their way in, and the deletion of points.
//!
//! Made by `cargo xtask codegen` from `idl/write.thrift`: do not edit, change that and run it again.

use bytes::Bytes;
use wire_core::{DecodeError, EncodeError};

use super::common::TSStatus;
use crate::codec::{Fields, FieldsMut, Kind, MinLen, Sink, Struct, Wire};
use crate::message::Method;

/// One row of one device.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSInsertRecordReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// The device: a full path from root.
    pub prefix_path: String,
    /// Names of the measurements.
    pub measurements: Vec<String>,
    /// For each measurement a type code and a value.
    pub values: Bytes,
    /// Time of the row, in the precision of the server.
    pub timestamp: i64,
    /// Whether the device is aligned.
    pub is_aligned: Option<bool>,
    /// Whether this is a row of a table. Since 2.0.
    pub is_write_to_table: Option<bool>,
    /// Category of each column of a table. The interface spells it so. Since 2.0.
    pub column_categoryies: Option<Vec<i8>>,
}

impl Struct for TSInsertRecordReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 45,
        compact: 11,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "prefixPath", &self.prefix_path)?;
        out.required(3, "measurements", &self.measurements)?;
        out.required(4, "values", &self.values)?;
        out.required(5, "timestamp", &self.timestamp)?;
        out.optional(6, "isAligned", &self.is_aligned)?;
        out.optional(7, "isWriteToTable", &self.is_write_to_table)?;
        out.optional(8, "columnCategoryies", &self.column_categoryies)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut prefix_path = None;
        let mut measurements = None;
        let mut values = None;
        let mut timestamp = None;
        let mut is_aligned = None;
        let mut is_write_to_table = None;
        let mut column_categoryies = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => prefix_path = Some(fields.value(&field, "prefixPath")?),
                (3, Kind::List) => measurements = Some(fields.value(&field, "measurements")?),
                (4, Kind::Binary) => values = Some(fields.value(&field, "values")?),
                (5, Kind::I64) => timestamp = Some(fields.value(&field, "timestamp")?),
                (6, Kind::Bool) => is_aligned = Some(fields.value(&field, "isAligned")?),
                (7, Kind::Bool) => {
                    is_write_to_table = Some(fields.value(&field, "isWriteToTable")?)
                }
                (8, Kind::List) => {
                    column_categoryies = Some(fields.value(&field, "columnCategoryies")?)
                }
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSInsertRecordReq", "sessionId")?,
            prefix_path: fields.require(prefix_path, "TSInsertRecordReq", "prefixPath")?,
            measurements: fields.require(measurements, "TSInsertRecordReq", "measurements")?,
            values: fields.require(values, "TSInsertRecordReq", "values")?,
            timestamp: fields.require(timestamp, "TSInsertRecordReq", "timestamp")?,
            is_aligned,
            is_write_to_table,
            column_categoryies,
        })
    }
}

/// One row for each of many devices. The lists are parallel.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSInsertRecordsReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// The devices, one for each row.
    pub prefix_paths: Vec<String>,
    /// Names of the measurements, a list for each row.
    pub measurements_list: Vec<Vec<String>>,
    /// For each row, the type codes and values of its measurements.
    pub values_list: Vec<Bytes>,
    /// Times of the rows, in the precision of the server.
    pub timestamps: Vec<i64>,
    /// Whether the device is aligned.
    pub is_aligned: Option<bool>,
}

impl Struct for TSInsertRecordsReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 44,
        compact: 11,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "prefixPaths", &self.prefix_paths)?;
        out.required(3, "measurementsList", &self.measurements_list)?;
        out.required(4, "valuesList", &self.values_list)?;
        out.required(5, "timestamps", &self.timestamps)?;
        out.optional(6, "isAligned", &self.is_aligned)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut prefix_paths = None;
        let mut measurements_list = None;
        let mut values_list = None;
        let mut timestamps = None;
        let mut is_aligned = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::List) => prefix_paths = Some(fields.value(&field, "prefixPaths")?),
                (3, Kind::List) => {
                    measurements_list = Some(fields.value(&field, "measurementsList")?)
                }
                (4, Kind::List) => values_list = Some(fields.value(&field, "valuesList")?),
                (5, Kind::List) => timestamps = Some(fields.value(&field, "timestamps")?),
                (6, Kind::Bool) => is_aligned = Some(fields.value(&field, "isAligned")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSInsertRecordsReq", "sessionId")?,
            prefix_paths: fields.require(prefix_paths, "TSInsertRecordsReq", "prefixPaths")?,
            measurements_list: fields.require(
                measurements_list,
                "TSInsertRecordsReq",
                "measurementsList",
            )?,
            values_list: fields.require(values_list, "TSInsertRecordsReq", "valuesList")?,
            timestamps: fields.require(timestamps, "TSInsertRecordsReq", "timestamps")?,
            is_aligned,
        })
    }
}

/// Many rows of one device, in ascending order of time. The lists are parallel.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSInsertRecordsOfOneDeviceReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// The device: a full path from root.
    pub prefix_path: String,
    /// Names of the measurements, a list for each row.
    pub measurements_list: Vec<Vec<String>>,
    /// For each row, the type codes and values of its measurements.
    pub values_list: Vec<Bytes>,
    /// Times of the rows, in the precision of the server.
    pub timestamps: Vec<i64>,
    /// Whether the device is aligned.
    pub is_aligned: Option<bool>,
}

impl Struct for TSInsertRecordsOfOneDeviceReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 43,
        compact: 11,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "prefixPath", &self.prefix_path)?;
        out.required(3, "measurementsList", &self.measurements_list)?;
        out.required(4, "valuesList", &self.values_list)?;
        out.required(5, "timestamps", &self.timestamps)?;
        out.optional(6, "isAligned", &self.is_aligned)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut prefix_path = None;
        let mut measurements_list = None;
        let mut values_list = None;
        let mut timestamps = None;
        let mut is_aligned = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => prefix_path = Some(fields.value(&field, "prefixPath")?),
                (3, Kind::List) => {
                    measurements_list = Some(fields.value(&field, "measurementsList")?)
                }
                (4, Kind::List) => values_list = Some(fields.value(&field, "valuesList")?),
                (5, Kind::List) => timestamps = Some(fields.value(&field, "timestamps")?),
                (6, Kind::Bool) => is_aligned = Some(fields.value(&field, "isAligned")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSInsertRecordsOfOneDeviceReq", "sessionId")?,
            prefix_path: fields.require(
                prefix_path,
                "TSInsertRecordsOfOneDeviceReq",
                "prefixPath",
            )?,
            measurements_list: fields.require(
                measurements_list,
                "TSInsertRecordsOfOneDeviceReq",
                "measurementsList",
            )?,
            values_list: fields.require(
                values_list,
                "TSInsertRecordsOfOneDeviceReq",
                "valuesList",
            )?,
            timestamps: fields.require(
                timestamps,
                "TSInsertRecordsOfOneDeviceReq",
                "timestamps",
            )?,
            is_aligned,
        })
    }
}

/// One row of one device as text; the server infers the types.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSInsertStringRecordReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// The device: a full path from root.
    pub prefix_path: String,
    /// Names of the measurements.
    pub measurements: Vec<String>,
    /// Values of the measurements, as text.
    pub values: Vec<String>,
    /// Time of the row, in the precision of the server.
    pub timestamp: i64,
    /// Whether the device is aligned.
    pub is_aligned: Option<bool>,
    /// Milliseconds the server may take. Since 1.0.
    pub timeout: Option<i64>,
}

impl Struct for TSInsertStringRecordReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 46,
        compact: 11,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "prefixPath", &self.prefix_path)?;
        out.required(3, "measurements", &self.measurements)?;
        out.required(4, "values", &self.values)?;
        out.required(5, "timestamp", &self.timestamp)?;
        out.optional(6, "isAligned", &self.is_aligned)?;
        out.optional(7, "timeout", &self.timeout)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut prefix_path = None;
        let mut measurements = None;
        let mut values = None;
        let mut timestamp = None;
        let mut is_aligned = None;
        let mut timeout = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => prefix_path = Some(fields.value(&field, "prefixPath")?),
                (3, Kind::List) => measurements = Some(fields.value(&field, "measurements")?),
                (4, Kind::List) => values = Some(fields.value(&field, "values")?),
                (5, Kind::I64) => timestamp = Some(fields.value(&field, "timestamp")?),
                (6, Kind::Bool) => is_aligned = Some(fields.value(&field, "isAligned")?),
                (7, Kind::I64) => timeout = Some(fields.value(&field, "timeout")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSInsertStringRecordReq", "sessionId")?,
            prefix_path: fields.require(prefix_path, "TSInsertStringRecordReq", "prefixPath")?,
            measurements: fields.require(
                measurements,
                "TSInsertStringRecordReq",
                "measurements",
            )?,
            values: fields.require(values, "TSInsertStringRecordReq", "values")?,
            timestamp: fields.require(timestamp, "TSInsertStringRecordReq", "timestamp")?,
            is_aligned,
            timeout,
        })
    }
}

/// One row of text for each of many devices. The lists are parallel.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSInsertStringRecordsReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// The devices, one for each row.
    pub prefix_paths: Vec<String>,
    /// Names of the measurements, a list for each row.
    pub measurements_list: Vec<Vec<String>>,
    /// For each row, the values of its measurements as text.
    pub values_list: Vec<Vec<String>>,
    /// Times of the rows, in the precision of the server.
    pub timestamps: Vec<i64>,
    /// Whether the device is aligned.
    pub is_aligned: Option<bool>,
}

impl Struct for TSInsertStringRecordsReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 44,
        compact: 11,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "prefixPaths", &self.prefix_paths)?;
        out.required(3, "measurementsList", &self.measurements_list)?;
        out.required(4, "valuesList", &self.values_list)?;
        out.required(5, "timestamps", &self.timestamps)?;
        out.optional(6, "isAligned", &self.is_aligned)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut prefix_paths = None;
        let mut measurements_list = None;
        let mut values_list = None;
        let mut timestamps = None;
        let mut is_aligned = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::List) => prefix_paths = Some(fields.value(&field, "prefixPaths")?),
                (3, Kind::List) => {
                    measurements_list = Some(fields.value(&field, "measurementsList")?)
                }
                (4, Kind::List) => values_list = Some(fields.value(&field, "valuesList")?),
                (5, Kind::List) => timestamps = Some(fields.value(&field, "timestamps")?),
                (6, Kind::Bool) => is_aligned = Some(fields.value(&field, "isAligned")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSInsertStringRecordsReq", "sessionId")?,
            prefix_paths: fields.require(
                prefix_paths,
                "TSInsertStringRecordsReq",
                "prefixPaths",
            )?,
            measurements_list: fields.require(
                measurements_list,
                "TSInsertStringRecordsReq",
                "measurementsList",
            )?,
            values_list: fields.require(values_list, "TSInsertStringRecordsReq", "valuesList")?,
            timestamps: fields.require(timestamps, "TSInsertStringRecordsReq", "timestamps")?,
            is_aligned,
        })
    }
}

/// Many rows of text of one device, in ascending order of time. The lists are parallel.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSInsertStringRecordsOfOneDeviceReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// The device: a full path from root.
    pub prefix_path: String,
    /// Names of the measurements, a list for each row.
    pub measurements_list: Vec<Vec<String>>,
    /// For each row, the values of its measurements as text.
    pub values_list: Vec<Vec<String>>,
    /// Times of the rows, in the precision of the server.
    pub timestamps: Vec<i64>,
    /// Whether the device is aligned.
    pub is_aligned: Option<bool>,
}

impl Struct for TSInsertStringRecordsOfOneDeviceReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 43,
        compact: 11,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "prefixPath", &self.prefix_path)?;
        out.required(3, "measurementsList", &self.measurements_list)?;
        out.required(4, "valuesList", &self.values_list)?;
        out.required(5, "timestamps", &self.timestamps)?;
        out.optional(6, "isAligned", &self.is_aligned)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut prefix_path = None;
        let mut measurements_list = None;
        let mut values_list = None;
        let mut timestamps = None;
        let mut is_aligned = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => prefix_path = Some(fields.value(&field, "prefixPath")?),
                (3, Kind::List) => {
                    measurements_list = Some(fields.value(&field, "measurementsList")?)
                }
                (4, Kind::List) => values_list = Some(fields.value(&field, "valuesList")?),
                (5, Kind::List) => timestamps = Some(fields.value(&field, "timestamps")?),
                (6, Kind::Bool) => is_aligned = Some(fields.value(&field, "isAligned")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(
                session_id,
                "TSInsertStringRecordsOfOneDeviceReq",
                "sessionId",
            )?,
            prefix_path: fields.require(
                prefix_path,
                "TSInsertStringRecordsOfOneDeviceReq",
                "prefixPath",
            )?,
            measurements_list: fields.require(
                measurements_list,
                "TSInsertStringRecordsOfOneDeviceReq",
                "measurementsList",
            )?,
            values_list: fields.require(
                values_list,
                "TSInsertStringRecordsOfOneDeviceReq",
                "valuesList",
            )?,
            timestamps: fields.require(
                timestamps,
                "TSInsertStringRecordsOfOneDeviceReq",
                "timestamps",
            )?,
            is_aligned,
        })
    }
}

/// Many rows of one device or table, column after column: the fast way to write.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSInsertTabletReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// The device: a full path from root; or the name of a table, without its database.
    pub prefix_path: String,
    /// Names of the measurements.
    pub measurements: Vec<String>,
    /// Values, column after column, a placeholder for each null; then the bitmaps of nulls, if there are any.
    pub values: Bytes,
    /// Times of the rows, ascending, eight bytes each, big-endian.
    pub timestamps: Bytes,
    /// Codes of the data types of the columns.
    pub types: Vec<i32>,
    /// Number of rows.
    pub size: i32,
    /// Whether the device is aligned.
    pub is_aligned: Option<bool>,
    /// Whether these are rows of a table. Since 2.0.
    pub write_to_table: Option<bool>,
    /// Category of each column of a table: 0 tag, 1 field, 2 attribute. Since 2.0.
    pub column_categories: Option<Vec<i8>>,
    /// Whether times and values are encoded and compressed. Servers before 2.0.6 do not know it. Since 2.0.8.
    pub is_compressed: Option<bool>,
    /// Codes of the encodings of the times and of each column, when compressed. Since 2.0.8.
    pub encoding_types: Option<Vec<i8>>,
    /// Code of the compressor, when compressed. Since 2.0.8.
    pub compress_type: Option<i8>,
}

impl Struct for TSInsertTabletReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 56,
        compact: 15,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "prefixPath", &self.prefix_path)?;
        out.required(3, "measurements", &self.measurements)?;
        out.required(4, "values", &self.values)?;
        out.required(5, "timestamps", &self.timestamps)?;
        out.required(6, "types", &self.types)?;
        out.required(7, "size", &self.size)?;
        out.optional(8, "isAligned", &self.is_aligned)?;
        out.optional(9, "writeToTable", &self.write_to_table)?;
        out.optional(10, "columnCategories", &self.column_categories)?;
        out.optional(11, "isCompressed", &self.is_compressed)?;
        out.optional(12, "encodingTypes", &self.encoding_types)?;
        out.optional(13, "compressType", &self.compress_type)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut prefix_path = None;
        let mut measurements = None;
        let mut values = None;
        let mut timestamps = None;
        let mut types = None;
        let mut size = None;
        let mut is_aligned = None;
        let mut write_to_table = None;
        let mut column_categories = None;
        let mut is_compressed = None;
        let mut encoding_types = None;
        let mut compress_type = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => prefix_path = Some(fields.value(&field, "prefixPath")?),
                (3, Kind::List) => measurements = Some(fields.value(&field, "measurements")?),
                (4, Kind::Binary) => values = Some(fields.value(&field, "values")?),
                (5, Kind::Binary) => timestamps = Some(fields.value(&field, "timestamps")?),
                (6, Kind::List) => types = Some(fields.value(&field, "types")?),
                (7, Kind::I32) => size = Some(fields.value(&field, "size")?),
                (8, Kind::Bool) => is_aligned = Some(fields.value(&field, "isAligned")?),
                (9, Kind::Bool) => write_to_table = Some(fields.value(&field, "writeToTable")?),
                (10, Kind::List) => {
                    column_categories = Some(fields.value(&field, "columnCategories")?)
                }
                (11, Kind::Bool) => is_compressed = Some(fields.value(&field, "isCompressed")?),
                (12, Kind::List) => encoding_types = Some(fields.value(&field, "encodingTypes")?),
                (13, Kind::I8) => compress_type = Some(fields.value(&field, "compressType")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSInsertTabletReq", "sessionId")?,
            prefix_path: fields.require(prefix_path, "TSInsertTabletReq", "prefixPath")?,
            measurements: fields.require(measurements, "TSInsertTabletReq", "measurements")?,
            values: fields.require(values, "TSInsertTabletReq", "values")?,
            timestamps: fields.require(timestamps, "TSInsertTabletReq", "timestamps")?,
            types: fields.require(types, "TSInsertTabletReq", "types")?,
            size: fields.require(size, "TSInsertTabletReq", "size")?,
            is_aligned,
            write_to_table,
            column_categories,
            is_compressed,
            encoding_types,
            compress_type,
        })
    }
}

/// Tablets of many devices (tree model only). The lists are parallel.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSInsertTabletsReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// The devices, one for each tablet.
    pub prefix_paths: Vec<String>,
    /// Names of the measurements, a list for each tablet.
    pub measurements_list: Vec<Vec<String>>,
    /// Values and nulls of each tablet, as in TSInsertTabletReq.
    pub values_list: Vec<Bytes>,
    /// Times of each tablet, as in TSInsertTabletReq.
    pub timestamps_list: Vec<Bytes>,
    /// Codes of the data types, a list for each tablet.
    pub types_list: Vec<Vec<i32>>,
    /// Number of rows of each tablet.
    pub size_list: Vec<i32>,
    /// Whether the devices are aligned, all alike.
    pub is_aligned: Option<bool>,
}

impl Struct for TSInsertTabletsReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 60,
        compact: 15,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "prefixPaths", &self.prefix_paths)?;
        out.required(3, "measurementsList", &self.measurements_list)?;
        out.required(4, "valuesList", &self.values_list)?;
        out.required(5, "timestampsList", &self.timestamps_list)?;
        out.required(6, "typesList", &self.types_list)?;
        out.required(7, "sizeList", &self.size_list)?;
        out.optional(8, "isAligned", &self.is_aligned)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut prefix_paths = None;
        let mut measurements_list = None;
        let mut values_list = None;
        let mut timestamps_list = None;
        let mut types_list = None;
        let mut size_list = None;
        let mut is_aligned = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::List) => prefix_paths = Some(fields.value(&field, "prefixPaths")?),
                (3, Kind::List) => {
                    measurements_list = Some(fields.value(&field, "measurementsList")?)
                }
                (4, Kind::List) => values_list = Some(fields.value(&field, "valuesList")?),
                (5, Kind::List) => timestamps_list = Some(fields.value(&field, "timestampsList")?),
                (6, Kind::List) => types_list = Some(fields.value(&field, "typesList")?),
                (7, Kind::List) => size_list = Some(fields.value(&field, "sizeList")?),
                (8, Kind::Bool) => is_aligned = Some(fields.value(&field, "isAligned")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSInsertTabletsReq", "sessionId")?,
            prefix_paths: fields.require(prefix_paths, "TSInsertTabletsReq", "prefixPaths")?,
            measurements_list: fields.require(
                measurements_list,
                "TSInsertTabletsReq",
                "measurementsList",
            )?,
            values_list: fields.require(values_list, "TSInsertTabletsReq", "valuesList")?,
            timestamps_list: fields.require(
                timestamps_list,
                "TSInsertTabletsReq",
                "timestampsList",
            )?,
            types_list: fields.require(types_list, "TSInsertTabletsReq", "typesList")?,
            size_list: fields.require(size_list, "TSInsertTabletsReq", "sizeList")?,
            is_aligned,
        })
    }
}

/// Deletes the points of some series in a range of time, both ends included.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSDeleteDataReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// Full paths or patterns of the series.
    pub paths: Vec<String>,
    /// First instant of the range, in the precision of the server.
    pub start_time: i64,
    /// Last instant of the range, in the precision of the server.
    pub end_time: i64,
}

impl Struct for TSDeleteDataReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 42,
        compact: 9,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "paths", &self.paths)?;
        out.required(3, "startTime", &self.start_time)?;
        out.required(4, "endTime", &self.end_time)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut paths = None;
        let mut start_time = None;
        let mut end_time = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::List) => paths = Some(fields.value(&field, "paths")?),
                (3, Kind::I64) => start_time = Some(fields.value(&field, "startTime")?),
                (4, Kind::I64) => end_time = Some(fields.value(&field, "endTime")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSDeleteDataReq", "sessionId")?,
            paths: fields.require(paths, "TSDeleteDataReq", "paths")?,
            start_time: fields.require(start_time, "TSDeleteDataReq", "startTime")?,
            end_time: fields.require(end_time, "TSDeleteDataReq", "endTime")?,
        })
    }
}

/// Arguments of `insertRecord`. Writes a row of a device.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InsertRecordArgs {
    /// The request.
    pub req: TSInsertRecordReq,
}

impl From<TSInsertRecordReq> for InsertRecordArgs {
    fn from(req: TSInsertRecordReq) -> Self {
        Self { req }
    }
}

impl Method for InsertRecordArgs {
    const NAME: &'static str = "insertRecord";
    type Response = TSStatus;
}

impl Struct for InsertRecordArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 49,
        compact: 13,
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
            req: fields.require(req, "InsertRecordArgs", "req")?,
        })
    }
}

/// Arguments of `insertRecords`. Writes a row for each of many devices.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InsertRecordsArgs {
    /// The request.
    pub req: TSInsertRecordsReq,
}

impl From<TSInsertRecordsReq> for InsertRecordsArgs {
    fn from(req: TSInsertRecordsReq) -> Self {
        Self { req }
    }
}

impl Method for InsertRecordsArgs {
    const NAME: &'static str = "insertRecords";
    type Response = TSStatus;
}

impl Struct for InsertRecordsArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 48,
        compact: 13,
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
            req: fields.require(req, "InsertRecordsArgs", "req")?,
        })
    }
}

/// Arguments of `insertRecordsOfOneDevice`. Writes many rows of a device.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InsertRecordsOfOneDeviceArgs {
    /// The request.
    pub req: TSInsertRecordsOfOneDeviceReq,
}

impl From<TSInsertRecordsOfOneDeviceReq> for InsertRecordsOfOneDeviceArgs {
    fn from(req: TSInsertRecordsOfOneDeviceReq) -> Self {
        Self { req }
    }
}

impl Method for InsertRecordsOfOneDeviceArgs {
    const NAME: &'static str = "insertRecordsOfOneDevice";
    type Response = TSStatus;
}

impl Struct for InsertRecordsOfOneDeviceArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 47,
        compact: 13,
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
            req: fields.require(req, "InsertRecordsOfOneDeviceArgs", "req")?,
        })
    }
}

/// Arguments of `insertStringRecord`. Writes a row of text.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InsertStringRecordArgs {
    /// The request.
    pub req: TSInsertStringRecordReq,
}

impl From<TSInsertStringRecordReq> for InsertStringRecordArgs {
    fn from(req: TSInsertStringRecordReq) -> Self {
        Self { req }
    }
}

impl Method for InsertStringRecordArgs {
    const NAME: &'static str = "insertStringRecord";
    type Response = TSStatus;
}

impl Struct for InsertStringRecordArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 50,
        compact: 13,
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
            req: fields.require(req, "InsertStringRecordArgs", "req")?,
        })
    }
}

/// Arguments of `insertStringRecords`. Writes a row of text for each of many devices.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InsertStringRecordsArgs {
    /// The request.
    pub req: TSInsertStringRecordsReq,
}

impl From<TSInsertStringRecordsReq> for InsertStringRecordsArgs {
    fn from(req: TSInsertStringRecordsReq) -> Self {
        Self { req }
    }
}

impl Method for InsertStringRecordsArgs {
    const NAME: &'static str = "insertStringRecords";
    type Response = TSStatus;
}

impl Struct for InsertStringRecordsArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 48,
        compact: 13,
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
            req: fields.require(req, "InsertStringRecordsArgs", "req")?,
        })
    }
}

/// Arguments of `insertStringRecordsOfOneDevice`. Writes many rows of text of a device.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InsertStringRecordsOfOneDeviceArgs {
    /// The request.
    pub req: TSInsertStringRecordsOfOneDeviceReq,
}

impl From<TSInsertStringRecordsOfOneDeviceReq> for InsertStringRecordsOfOneDeviceArgs {
    fn from(req: TSInsertStringRecordsOfOneDeviceReq) -> Self {
        Self { req }
    }
}

impl Method for InsertStringRecordsOfOneDeviceArgs {
    const NAME: &'static str = "insertStringRecordsOfOneDevice";
    type Response = TSStatus;
}

impl Struct for InsertStringRecordsOfOneDeviceArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 47,
        compact: 13,
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
            req: fields.require(req, "InsertStringRecordsOfOneDeviceArgs", "req")?,
        })
    }
}

/// Arguments of `insertTablet`. Writes a tablet.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InsertTabletArgs {
    /// The request.
    pub req: TSInsertTabletReq,
}

impl From<TSInsertTabletReq> for InsertTabletArgs {
    fn from(req: TSInsertTabletReq) -> Self {
        Self { req }
    }
}

impl Method for InsertTabletArgs {
    const NAME: &'static str = "insertTablet";
    type Response = TSStatus;
}

impl Struct for InsertTabletArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 60,
        compact: 17,
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
            req: fields.require(req, "InsertTabletArgs", "req")?,
        })
    }
}

/// Arguments of `insertTablets`. Writes tablets of many devices.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InsertTabletsArgs {
    /// The request.
    pub req: TSInsertTabletsReq,
}

impl From<TSInsertTabletsReq> for InsertTabletsArgs {
    fn from(req: TSInsertTabletsReq) -> Self {
        Self { req }
    }
}

impl Method for InsertTabletsArgs {
    const NAME: &'static str = "insertTablets";
    type Response = TSStatus;
}

impl Struct for InsertTabletsArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 64,
        compact: 17,
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
            req: fields.require(req, "InsertTabletsArgs", "req")?,
        })
    }
}

/// Arguments of `testInsertRecord`. Decodes what insertRecord takes and stores nothing: for measuring the way to
/// the server.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TestInsertRecordArgs {
    /// The request.
    pub req: TSInsertRecordReq,
}

impl From<TSInsertRecordReq> for TestInsertRecordArgs {
    fn from(req: TSInsertRecordReq) -> Self {
        Self { req }
    }
}

impl Method for TestInsertRecordArgs {
    const NAME: &'static str = "testInsertRecord";
    type Response = TSStatus;
}

impl Struct for TestInsertRecordArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 49,
        compact: 13,
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
            req: fields.require(req, "TestInsertRecordArgs", "req")?,
        })
    }
}

/// Arguments of `testInsertRecords`. Decodes what insertRecords takes and stores nothing: for measuring the way
/// to the server.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TestInsertRecordsArgs {
    /// The request.
    pub req: TSInsertRecordsReq,
}

impl From<TSInsertRecordsReq> for TestInsertRecordsArgs {
    fn from(req: TSInsertRecordsReq) -> Self {
        Self { req }
    }
}

impl Method for TestInsertRecordsArgs {
    const NAME: &'static str = "testInsertRecords";
    type Response = TSStatus;
}

impl Struct for TestInsertRecordsArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 48,
        compact: 13,
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
            req: fields.require(req, "TestInsertRecordsArgs", "req")?,
        })
    }
}

/// Arguments of `testInsertRecordsOfOneDevice`. Decodes what insertRecordsOfOneDevice takes and stores nothing:
/// for measuring the way to the server.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TestInsertRecordsOfOneDeviceArgs {
    /// The request.
    pub req: TSInsertRecordsOfOneDeviceReq,
}

impl From<TSInsertRecordsOfOneDeviceReq> for TestInsertRecordsOfOneDeviceArgs {
    fn from(req: TSInsertRecordsOfOneDeviceReq) -> Self {
        Self { req }
    }
}

impl Method for TestInsertRecordsOfOneDeviceArgs {
    const NAME: &'static str = "testInsertRecordsOfOneDevice";
    type Response = TSStatus;
}

impl Struct for TestInsertRecordsOfOneDeviceArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 47,
        compact: 13,
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
            req: fields.require(req, "TestInsertRecordsOfOneDeviceArgs", "req")?,
        })
    }
}

/// Arguments of `testInsertStringRecord`. Decodes what insertStringRecord takes and stores nothing: for measuring
/// the way to the server.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TestInsertStringRecordArgs {
    /// The request.
    pub req: TSInsertStringRecordReq,
}

impl From<TSInsertStringRecordReq> for TestInsertStringRecordArgs {
    fn from(req: TSInsertStringRecordReq) -> Self {
        Self { req }
    }
}

impl Method for TestInsertStringRecordArgs {
    const NAME: &'static str = "testInsertStringRecord";
    type Response = TSStatus;
}

impl Struct for TestInsertStringRecordArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 50,
        compact: 13,
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
            req: fields.require(req, "TestInsertStringRecordArgs", "req")?,
        })
    }
}

/// Arguments of `testInsertStringRecords`. Decodes what insertStringRecords takes and stores nothing: for
/// measuring the way to the server.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TestInsertStringRecordsArgs {
    /// The request.
    pub req: TSInsertStringRecordsReq,
}

impl From<TSInsertStringRecordsReq> for TestInsertStringRecordsArgs {
    fn from(req: TSInsertStringRecordsReq) -> Self {
        Self { req }
    }
}

impl Method for TestInsertStringRecordsArgs {
    const NAME: &'static str = "testInsertStringRecords";
    type Response = TSStatus;
}

impl Struct for TestInsertStringRecordsArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 48,
        compact: 13,
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
            req: fields.require(req, "TestInsertStringRecordsArgs", "req")?,
        })
    }
}

/// Arguments of `testInsertTablet`. Decodes what insertTablet takes and stores nothing: for measuring the way to
/// the server.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TestInsertTabletArgs {
    /// The request.
    pub req: TSInsertTabletReq,
}

impl From<TSInsertTabletReq> for TestInsertTabletArgs {
    fn from(req: TSInsertTabletReq) -> Self {
        Self { req }
    }
}

impl Method for TestInsertTabletArgs {
    const NAME: &'static str = "testInsertTablet";
    type Response = TSStatus;
}

impl Struct for TestInsertTabletArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 60,
        compact: 17,
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
            req: fields.require(req, "TestInsertTabletArgs", "req")?,
        })
    }
}

/// Arguments of `testInsertTablets`. Decodes what insertTablets takes and stores nothing: for measuring the way
/// to the server.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TestInsertTabletsArgs {
    /// The request.
    pub req: TSInsertTabletsReq,
}

impl From<TSInsertTabletsReq> for TestInsertTabletsArgs {
    fn from(req: TSInsertTabletsReq) -> Self {
        Self { req }
    }
}

impl Method for TestInsertTabletsArgs {
    const NAME: &'static str = "testInsertTablets";
    type Response = TSStatus;
}

impl Struct for TestInsertTabletsArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 64,
        compact: 17,
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
            req: fields.require(req, "TestInsertTabletsArgs", "req")?,
        })
    }
}

/// Arguments of `deleteData`. Deletes points.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteDataArgs {
    /// The request.
    pub req: TSDeleteDataReq,
}

impl From<TSDeleteDataReq> for DeleteDataArgs {
    fn from(req: TSDeleteDataReq) -> Self {
        Self { req }
    }
}

impl Method for DeleteDataArgs {
    const NAME: &'static str = "deleteData";
    type Response = TSStatus;
}

impl Struct for DeleteDataArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 46,
        compact: 11,
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
            req: fields.require(req, "DeleteDataArgs", "req")?,
        })
    }
}
