//! Databases, time series and device templates.
//!
//! Made by `cargo xtask codegen` from `idl/schema.thrift`: do not edit, change that and run it again.

use std::collections::BTreeMap;

use bytes::Bytes;
use wire_core::{DecodeError, EncodeError};

use super::common::TSStatus;
use crate::codec::{Fields, FieldsMut, Kind, MinLen, Sink, Struct, Wire};
use crate::message::Method;

/// Creates a time series.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSCreateTimeseriesReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// Full path of the series.
    pub path: String,
    /// Code of the data type.
    pub data_type: i32,
    /// Code of the encoding.
    pub encoding: i32,
    /// Code of the compressor.
    pub compressor: i32,
    /// Properties of the series.
    pub props: Option<BTreeMap<String, String>>,
    /// Tags of the series.
    pub tags: Option<BTreeMap<String, String>>,
    /// Attributes of the series.
    pub attributes: Option<BTreeMap<String, String>>,
    /// Second name of the measurement.
    pub measurement_alias: Option<String>,
}

impl Struct for TSCreateTimeseriesReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 40,
        compact: 11,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "path", &self.path)?;
        out.required(3, "dataType", &self.data_type)?;
        out.required(4, "encoding", &self.encoding)?;
        out.required(5, "compressor", &self.compressor)?;
        out.optional(6, "props", &self.props)?;
        out.optional(7, "tags", &self.tags)?;
        out.optional(8, "attributes", &self.attributes)?;
        out.optional(9, "measurementAlias", &self.measurement_alias)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut path = None;
        let mut data_type = None;
        let mut encoding = None;
        let mut compressor = None;
        let mut props = None;
        let mut tags = None;
        let mut attributes = None;
        let mut measurement_alias = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => path = Some(fields.value(&field, "path")?),
                (3, Kind::I32) => data_type = Some(fields.value(&field, "dataType")?),
                (4, Kind::I32) => encoding = Some(fields.value(&field, "encoding")?),
                (5, Kind::I32) => compressor = Some(fields.value(&field, "compressor")?),
                (6, Kind::Map) => props = Some(fields.value(&field, "props")?),
                (7, Kind::Map) => tags = Some(fields.value(&field, "tags")?),
                (8, Kind::Map) => attributes = Some(fields.value(&field, "attributes")?),
                (9, Kind::Binary) => {
                    measurement_alias = Some(fields.value(&field, "measurementAlias")?)
                }
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSCreateTimeseriesReq", "sessionId")?,
            path: fields.require(path, "TSCreateTimeseriesReq", "path")?,
            data_type: fields.require(data_type, "TSCreateTimeseriesReq", "dataType")?,
            encoding: fields.require(encoding, "TSCreateTimeseriesReq", "encoding")?,
            compressor: fields.require(compressor, "TSCreateTimeseriesReq", "compressor")?,
            props,
            tags,
            attributes,
            measurement_alias,
        })
    }
}

/// Creates all measurements of one aligned device. The lists are parallel.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSCreateAlignedTimeseriesReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// The device: a full path from root.
    pub prefix_path: String,
    /// Names of the measurements.
    pub measurements: Vec<String>,
    /// Codes of the data types.
    pub data_types: Vec<i32>,
    /// Codes of the encodings.
    pub encodings: Vec<i32>,
    /// Codes of the compressors.
    pub compressors: Vec<i32>,
    /// Second names of the measurements.
    pub measurement_alias: Option<Vec<String>>,
    /// Tags of each series. Since 1.0.
    pub tags_list: Option<Vec<BTreeMap<String, String>>>,
    /// Attributes of each series. Since 1.0.
    pub attributes_list: Option<Vec<BTreeMap<String, String>>>,
}

impl Struct for TSCreateAlignedTimeseriesReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 51,
        compact: 13,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "prefixPath", &self.prefix_path)?;
        out.required(3, "measurements", &self.measurements)?;
        out.required(4, "dataTypes", &self.data_types)?;
        out.required(5, "encodings", &self.encodings)?;
        out.required(6, "compressors", &self.compressors)?;
        out.optional(7, "measurementAlias", &self.measurement_alias)?;
        out.optional(8, "tagsList", &self.tags_list)?;
        out.optional(9, "attributesList", &self.attributes_list)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut prefix_path = None;
        let mut measurements = None;
        let mut data_types = None;
        let mut encodings = None;
        let mut compressors = None;
        let mut measurement_alias = None;
        let mut tags_list = None;
        let mut attributes_list = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => prefix_path = Some(fields.value(&field, "prefixPath")?),
                (3, Kind::List) => measurements = Some(fields.value(&field, "measurements")?),
                (4, Kind::List) => data_types = Some(fields.value(&field, "dataTypes")?),
                (5, Kind::List) => encodings = Some(fields.value(&field, "encodings")?),
                (6, Kind::List) => compressors = Some(fields.value(&field, "compressors")?),
                (7, Kind::List) => {
                    measurement_alias = Some(fields.value(&field, "measurementAlias")?)
                }
                (8, Kind::List) => tags_list = Some(fields.value(&field, "tagsList")?),
                (9, Kind::List) => attributes_list = Some(fields.value(&field, "attributesList")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSCreateAlignedTimeseriesReq", "sessionId")?,
            prefix_path: fields.require(
                prefix_path,
                "TSCreateAlignedTimeseriesReq",
                "prefixPath",
            )?,
            measurements: fields.require(
                measurements,
                "TSCreateAlignedTimeseriesReq",
                "measurements",
            )?,
            data_types: fields.require(data_types, "TSCreateAlignedTimeseriesReq", "dataTypes")?,
            encodings: fields.require(encodings, "TSCreateAlignedTimeseriesReq", "encodings")?,
            compressors: fields.require(
                compressors,
                "TSCreateAlignedTimeseriesReq",
                "compressors",
            )?,
            measurement_alias,
            tags_list,
            attributes_list,
        })
    }
}

/// Creates many time series. The lists are parallel; an optional list is absent or as long as the others.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSCreateMultiTimeseriesReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// Full paths of the series.
    pub paths: Vec<String>,
    /// Codes of the data types.
    pub data_types: Vec<i32>,
    /// Codes of the encodings.
    pub encodings: Vec<i32>,
    /// Codes of the compressors.
    pub compressors: Vec<i32>,
    /// Properties of each series.
    pub props_list: Option<Vec<BTreeMap<String, String>>>,
    /// Tags of each series.
    pub tags_list: Option<Vec<BTreeMap<String, String>>>,
    /// Attributes of each series.
    pub attributes_list: Option<Vec<BTreeMap<String, String>>>,
    /// Second names of the measurements.
    pub measurement_alias_list: Option<Vec<String>>,
}

impl Struct for TSCreateMultiTimeseriesReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 44,
        compact: 11,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "paths", &self.paths)?;
        out.required(3, "dataTypes", &self.data_types)?;
        out.required(4, "encodings", &self.encodings)?;
        out.required(5, "compressors", &self.compressors)?;
        out.optional(6, "propsList", &self.props_list)?;
        out.optional(7, "tagsList", &self.tags_list)?;
        out.optional(8, "attributesList", &self.attributes_list)?;
        out.optional(9, "measurementAliasList", &self.measurement_alias_list)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut paths = None;
        let mut data_types = None;
        let mut encodings = None;
        let mut compressors = None;
        let mut props_list = None;
        let mut tags_list = None;
        let mut attributes_list = None;
        let mut measurement_alias_list = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::List) => paths = Some(fields.value(&field, "paths")?),
                (3, Kind::List) => data_types = Some(fields.value(&field, "dataTypes")?),
                (4, Kind::List) => encodings = Some(fields.value(&field, "encodings")?),
                (5, Kind::List) => compressors = Some(fields.value(&field, "compressors")?),
                (6, Kind::List) => props_list = Some(fields.value(&field, "propsList")?),
                (7, Kind::List) => tags_list = Some(fields.value(&field, "tagsList")?),
                (8, Kind::List) => attributes_list = Some(fields.value(&field, "attributesList")?),
                (9, Kind::List) => {
                    measurement_alias_list = Some(fields.value(&field, "measurementAliasList")?)
                }
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSCreateMultiTimeseriesReq", "sessionId")?,
            paths: fields.require(paths, "TSCreateMultiTimeseriesReq", "paths")?,
            data_types: fields.require(data_types, "TSCreateMultiTimeseriesReq", "dataTypes")?,
            encodings: fields.require(encodings, "TSCreateMultiTimeseriesReq", "encodings")?,
            compressors: fields.require(
                compressors,
                "TSCreateMultiTimeseriesReq",
                "compressors",
            )?,
            props_list,
            tags_list,
            attributes_list,
            measurement_alias_list,
        })
    }
}

/// Creates a device template.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSCreateSchemaTemplateReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// Name of the template.
    pub name: String,
    /// The template in its binary form: name, alignment, then its measurements.
    pub serialized_template: Bytes,
}

impl Struct for TSCreateSchemaTemplateReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 26,
        compact: 7,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "name", &self.name)?;
        out.required(3, "serializedTemplate", &self.serialized_template)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut name = None;
        let mut serialized_template = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => name = Some(fields.value(&field, "name")?),
                (3, Kind::Binary) => {
                    serialized_template = Some(fields.value(&field, "serializedTemplate")?)
                }
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSCreateSchemaTemplateReq", "sessionId")?,
            name: fields.require(name, "TSCreateSchemaTemplateReq", "name")?,
            serialized_template: fields.require(
                serialized_template,
                "TSCreateSchemaTemplateReq",
                "serializedTemplate",
            )?,
        })
    }
}

/// Adds measurements to a template. Servers from 1.0 on do not support it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSAppendSchemaTemplateReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// Name of the template.
    pub name: String,
    /// Whether the measurements are aligned.
    pub is_aligned: bool,
    /// Names of the measurements.
    pub measurements: Vec<String>,
    /// Codes of the data types.
    pub data_types: Vec<i32>,
    /// Codes of the encodings.
    pub encodings: Vec<i32>,
    /// Codes of the compressors.
    pub compressors: Vec<i32>,
}

impl Struct for TSAppendSchemaTemplateReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 55,
        compact: 14,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "name", &self.name)?;
        out.required(3, "isAligned", &self.is_aligned)?;
        out.required(4, "measurements", &self.measurements)?;
        out.required(5, "dataTypes", &self.data_types)?;
        out.required(6, "encodings", &self.encodings)?;
        out.required(7, "compressors", &self.compressors)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut name = None;
        let mut is_aligned = None;
        let mut measurements = None;
        let mut data_types = None;
        let mut encodings = None;
        let mut compressors = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => name = Some(fields.value(&field, "name")?),
                (3, Kind::Bool) => is_aligned = Some(fields.value(&field, "isAligned")?),
                (4, Kind::List) => measurements = Some(fields.value(&field, "measurements")?),
                (5, Kind::List) => data_types = Some(fields.value(&field, "dataTypes")?),
                (6, Kind::List) => encodings = Some(fields.value(&field, "encodings")?),
                (7, Kind::List) => compressors = Some(fields.value(&field, "compressors")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSAppendSchemaTemplateReq", "sessionId")?,
            name: fields.require(name, "TSAppendSchemaTemplateReq", "name")?,
            is_aligned: fields.require(is_aligned, "TSAppendSchemaTemplateReq", "isAligned")?,
            measurements: fields.require(
                measurements,
                "TSAppendSchemaTemplateReq",
                "measurements",
            )?,
            data_types: fields.require(data_types, "TSAppendSchemaTemplateReq", "dataTypes")?,
            encodings: fields.require(encodings, "TSAppendSchemaTemplateReq", "encodings")?,
            compressors: fields.require(compressors, "TSAppendSchemaTemplateReq", "compressors")?,
        })
    }
}

/// Takes a measurement out of a template. Servers from 1.0 on do not support it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSPruneSchemaTemplateReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// Name of the template.
    pub name: String,
    /// Path of the measurement within the template.
    pub path: String,
}

impl Struct for TSPruneSchemaTemplateReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 26,
        compact: 7,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "name", &self.name)?;
        out.required(3, "path", &self.path)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut name = None;
        let mut path = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => name = Some(fields.value(&field, "name")?),
                (3, Kind::Binary) => path = Some(fields.value(&field, "path")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSPruneSchemaTemplateReq", "sessionId")?,
            name: fields.require(name, "TSPruneSchemaTemplateReq", "name")?,
            path: fields.require(path, "TSPruneSchemaTemplateReq", "path")?,
        })
    }
}

/// Asks about templates.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSQueryTemplateReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// Name of the template.
    pub name: String,
    /// The question: 0 count measurements, 1 is a measurement, 2 path exists, 3 show measurements, 4 show templates,
    /// 5 paths set, 6 paths using. From 1.0 on only 3 to 6.
    pub query_type: i32,
    /// The measurement or path the question is about.
    pub measurement: Option<String>,
}

impl Struct for TSQueryTemplateReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 26,
        compact: 7,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "name", &self.name)?;
        out.required(3, "queryType", &self.query_type)?;
        out.optional(4, "measurement", &self.measurement)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut name = None;
        let mut query_type = None;
        let mut measurement = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => name = Some(fields.value(&field, "name")?),
                (3, Kind::I32) => query_type = Some(fields.value(&field, "queryType")?),
                (4, Kind::Binary) => measurement = Some(fields.value(&field, "measurement")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSQueryTemplateReq", "sessionId")?,
            name: fields.require(name, "TSQueryTemplateReq", "name")?,
            query_type: fields.require(query_type, "TSQueryTemplateReq", "queryType")?,
            measurement,
        })
    }
}

/// Answer to a question about templates; which field is set depends on the question.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSQueryTemplateResp {
    /// How the request ended.
    pub status: TSStatus,
    /// The question: 0 count measurements, 1 is a measurement, 2 path exists, 3 show measurements, 4 show templates,
    /// 5 paths set, 6 paths using. From 1.0 on only 3 to 6.
    pub query_type: i32,
    /// Yes or no, for questions 1 and 2.
    pub result: Option<bool>,
    /// A number, for question 0.
    pub count: Option<i32>,
    /// Names or paths, for questions 3 to 6.
    pub measurements: Option<Vec<String>>,
}

impl Struct for TSQueryTemplateResp {
    const MIN_LEN: MinLen = MinLen {
        binary: 19,
        compact: 7,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "status", &self.status)?;
        out.required(2, "queryType", &self.query_type)?;
        out.optional(3, "result", &self.result)?;
        out.optional(4, "count", &self.count)?;
        out.optional(5, "measurements", &self.measurements)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut status = None;
        let mut query_type = None;
        let mut result = None;
        let mut count = None;
        let mut measurements = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Struct) => status = Some(fields.value(&field, "status")?),
                (2, Kind::I32) => query_type = Some(fields.value(&field, "queryType")?),
                (3, Kind::Bool) => result = Some(fields.value(&field, "result")?),
                (4, Kind::I32) => count = Some(fields.value(&field, "count")?),
                (5, Kind::List) => measurements = Some(fields.value(&field, "measurements")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            status: fields.require(status, "TSQueryTemplateResp", "status")?,
            query_type: fields.require(query_type, "TSQueryTemplateResp", "queryType")?,
            result,
            count,
            measurements,
        })
    }
}

/// Puts a template on a path.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSSetSchemaTemplateReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// Name of the template.
    pub template_name: String,
    /// The path.
    pub prefix_path: String,
}

impl Struct for TSSetSchemaTemplateReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 26,
        compact: 7,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "templateName", &self.template_name)?;
        out.required(3, "prefixPath", &self.prefix_path)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut template_name = None;
        let mut prefix_path = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => template_name = Some(fields.value(&field, "templateName")?),
                (3, Kind::Binary) => prefix_path = Some(fields.value(&field, "prefixPath")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSSetSchemaTemplateReq", "sessionId")?,
            template_name: fields.require(
                template_name,
                "TSSetSchemaTemplateReq",
                "templateName",
            )?,
            prefix_path: fields.require(prefix_path, "TSSetSchemaTemplateReq", "prefixPath")?,
        })
    }
}

/// Takes a template off a path.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSUnsetSchemaTemplateReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// The path.
    pub prefix_path: String,
    /// Name of the template.
    pub template_name: String,
}

impl Struct for TSUnsetSchemaTemplateReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 26,
        compact: 7,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "prefixPath", &self.prefix_path)?;
        out.required(3, "templateName", &self.template_name)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut prefix_path = None;
        let mut template_name = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => prefix_path = Some(fields.value(&field, "prefixPath")?),
                (3, Kind::Binary) => template_name = Some(fields.value(&field, "templateName")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSUnsetSchemaTemplateReq", "sessionId")?,
            prefix_path: fields.require(prefix_path, "TSUnsetSchemaTemplateReq", "prefixPath")?,
            template_name: fields.require(
                template_name,
                "TSUnsetSchemaTemplateReq",
                "templateName",
            )?,
        })
    }
}

/// Drops a template.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSDropSchemaTemplateReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// Name of the template.
    pub template_name: String,
}

impl Struct for TSDropSchemaTemplateReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 19,
        compact: 5,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "templateName", &self.template_name)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut template_name = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => template_name = Some(fields.value(&field, "templateName")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSDropSchemaTemplateReq", "sessionId")?,
            template_name: fields.require(
                template_name,
                "TSDropSchemaTemplateReq",
                "templateName",
            )?,
        })
    }
}

/// Activates the template that is set above each of some devices. Since 1.1.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TCreateTimeseriesUsingSchemaTemplateReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// Full paths of the devices.
    pub device_path_list: Vec<String>,
}

impl Struct for TCreateTimeseriesUsingSchemaTemplateReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 20,
        compact: 5,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "devicePathList", &self.device_path_list)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut device_path_list = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::List) => device_path_list = Some(fields.value(&field, "devicePathList")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(
                session_id,
                "TCreateTimeseriesUsingSchemaTemplateReq",
                "sessionId",
            )?,
            device_path_list: fields.require(
                device_path_list,
                "TCreateTimeseriesUsingSchemaTemplateReq",
                "devicePathList",
            )?,
        })
    }
}

/// Activates the template that is set above a path. Until 0.13.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSSetUsingTemplateReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// The path.
    pub dst_path: String,
}

impl Struct for TSSetUsingTemplateReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 19,
        compact: 5,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "dstPath", &self.dst_path)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut dst_path = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => dst_path = Some(fields.value(&field, "dstPath")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSSetUsingTemplateReq", "sessionId")?,
            dst_path: fields.require(dst_path, "TSSetUsingTemplateReq", "dstPath")?,
        })
    }
}

/// Arguments of `setStorageGroup`. Creates a database (tree model).
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetStorageGroupArgs {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// Path of the database.
    pub storage_group: String,
}

impl Method for SetStorageGroupArgs {
    const NAME: &'static str = "setStorageGroup";
    type Response = TSStatus;
}

impl Struct for SetStorageGroupArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 19,
        compact: 5,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "storageGroup", &self.storage_group)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut storage_group = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => storage_group = Some(fields.value(&field, "storageGroup")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "SetStorageGroupArgs", "sessionId")?,
            storage_group: fields.require(storage_group, "SetStorageGroupArgs", "storageGroup")?,
        })
    }
}

/// Arguments of `deleteStorageGroups`. Drops databases (tree model).
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteStorageGroupsArgs {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// Paths of the databases.
    pub storage_group: Vec<String>,
}

impl Method for DeleteStorageGroupsArgs {
    const NAME: &'static str = "deleteStorageGroups";
    type Response = TSStatus;
}

impl Struct for DeleteStorageGroupsArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 20,
        compact: 5,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "storageGroup", &self.storage_group)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut storage_group = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::List) => storage_group = Some(fields.value(&field, "storageGroup")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "DeleteStorageGroupsArgs", "sessionId")?,
            storage_group: fields.require(
                storage_group,
                "DeleteStorageGroupsArgs",
                "storageGroup",
            )?,
        })
    }
}

/// Arguments of `createTimeseries`. Creates a time series.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateTimeseriesArgs {
    /// The request.
    pub req: TSCreateTimeseriesReq,
}

impl From<TSCreateTimeseriesReq> for CreateTimeseriesArgs {
    fn from(req: TSCreateTimeseriesReq) -> Self {
        Self { req }
    }
}

impl Method for CreateTimeseriesArgs {
    const NAME: &'static str = "createTimeseries";
    type Response = TSStatus;
}

impl Struct for CreateTimeseriesArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 44,
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
            req: fields.require(req, "CreateTimeseriesArgs", "req")?,
        })
    }
}

/// Arguments of `createAlignedTimeseries`. Creates the measurements of an aligned device.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateAlignedTimeseriesArgs {
    /// The request.
    pub req: TSCreateAlignedTimeseriesReq,
}

impl From<TSCreateAlignedTimeseriesReq> for CreateAlignedTimeseriesArgs {
    fn from(req: TSCreateAlignedTimeseriesReq) -> Self {
        Self { req }
    }
}

impl Method for CreateAlignedTimeseriesArgs {
    const NAME: &'static str = "createAlignedTimeseries";
    type Response = TSStatus;
}

impl Struct for CreateAlignedTimeseriesArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 55,
        compact: 15,
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
            req: fields.require(req, "CreateAlignedTimeseriesArgs", "req")?,
        })
    }
}

/// Arguments of `createMultiTimeseries`. Creates many time series.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateMultiTimeseriesArgs {
    /// The request.
    pub req: TSCreateMultiTimeseriesReq,
}

impl From<TSCreateMultiTimeseriesReq> for CreateMultiTimeseriesArgs {
    fn from(req: TSCreateMultiTimeseriesReq) -> Self {
        Self { req }
    }
}

impl Method for CreateMultiTimeseriesArgs {
    const NAME: &'static str = "createMultiTimeseries";
    type Response = TSStatus;
}

impl Struct for CreateMultiTimeseriesArgs {
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
            req: fields.require(req, "CreateMultiTimeseriesArgs", "req")?,
        })
    }
}

/// Arguments of `deleteTimeseries`. Deletes time series with their data.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteTimeseriesArgs {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// Full paths or patterns of the series.
    pub path: Vec<String>,
}

impl Method for DeleteTimeseriesArgs {
    const NAME: &'static str = "deleteTimeseries";
    type Response = TSStatus;
}

impl Struct for DeleteTimeseriesArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 20,
        compact: 5,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "path", &self.path)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut path = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::List) => path = Some(fields.value(&field, "path")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "DeleteTimeseriesArgs", "sessionId")?,
            path: fields.require(path, "DeleteTimeseriesArgs", "path")?,
        })
    }
}

/// Arguments of `createSchemaTemplate`. Creates a device template.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateSchemaTemplateArgs {
    /// The request.
    pub req: TSCreateSchemaTemplateReq,
}

impl From<TSCreateSchemaTemplateReq> for CreateSchemaTemplateArgs {
    fn from(req: TSCreateSchemaTemplateReq) -> Self {
        Self { req }
    }
}

impl Method for CreateSchemaTemplateArgs {
    const NAME: &'static str = "createSchemaTemplate";
    type Response = TSStatus;
}

impl Struct for CreateSchemaTemplateArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 30,
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
            req: fields.require(req, "CreateSchemaTemplateArgs", "req")?,
        })
    }
}

/// Arguments of `appendSchemaTemplate`. Adds measurements to a template; not supported from 1.0 on.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AppendSchemaTemplateArgs {
    /// The request.
    pub req: TSAppendSchemaTemplateReq,
}

impl From<TSAppendSchemaTemplateReq> for AppendSchemaTemplateArgs {
    fn from(req: TSAppendSchemaTemplateReq) -> Self {
        Self { req }
    }
}

impl Method for AppendSchemaTemplateArgs {
    const NAME: &'static str = "appendSchemaTemplate";
    type Response = TSStatus;
}

impl Struct for AppendSchemaTemplateArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 59,
        compact: 16,
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
            req: fields.require(req, "AppendSchemaTemplateArgs", "req")?,
        })
    }
}

/// Arguments of `pruneSchemaTemplate`. Takes a measurement out of a template; not supported from 1.0 on.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PruneSchemaTemplateArgs {
    /// The request.
    pub req: TSPruneSchemaTemplateReq,
}

impl From<TSPruneSchemaTemplateReq> for PruneSchemaTemplateArgs {
    fn from(req: TSPruneSchemaTemplateReq) -> Self {
        Self { req }
    }
}

impl Method for PruneSchemaTemplateArgs {
    const NAME: &'static str = "pruneSchemaTemplate";
    type Response = TSStatus;
}

impl Struct for PruneSchemaTemplateArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 30,
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
            req: fields.require(req, "PruneSchemaTemplateArgs", "req")?,
        })
    }
}

/// Arguments of `querySchemaTemplate`. Asks about templates.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuerySchemaTemplateArgs {
    /// The request.
    pub req: TSQueryTemplateReq,
}

impl From<TSQueryTemplateReq> for QuerySchemaTemplateArgs {
    fn from(req: TSQueryTemplateReq) -> Self {
        Self { req }
    }
}

impl Method for QuerySchemaTemplateArgs {
    const NAME: &'static str = "querySchemaTemplate";
    type Response = TSQueryTemplateResp;
}

impl Struct for QuerySchemaTemplateArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 30,
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
            req: fields.require(req, "QuerySchemaTemplateArgs", "req")?,
        })
    }
}

/// Arguments of `setSchemaTemplate`. Puts a template on a path.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetSchemaTemplateArgs {
    /// The request.
    pub req: TSSetSchemaTemplateReq,
}

impl From<TSSetSchemaTemplateReq> for SetSchemaTemplateArgs {
    fn from(req: TSSetSchemaTemplateReq) -> Self {
        Self { req }
    }
}

impl Method for SetSchemaTemplateArgs {
    const NAME: &'static str = "setSchemaTemplate";
    type Response = TSStatus;
}

impl Struct for SetSchemaTemplateArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 30,
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
            req: fields.require(req, "SetSchemaTemplateArgs", "req")?,
        })
    }
}

/// Arguments of `unsetSchemaTemplate`. Takes a template off a path.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnsetSchemaTemplateArgs {
    /// The request.
    pub req: TSUnsetSchemaTemplateReq,
}

impl From<TSUnsetSchemaTemplateReq> for UnsetSchemaTemplateArgs {
    fn from(req: TSUnsetSchemaTemplateReq) -> Self {
        Self { req }
    }
}

impl Method for UnsetSchemaTemplateArgs {
    const NAME: &'static str = "unsetSchemaTemplate";
    type Response = TSStatus;
}

impl Struct for UnsetSchemaTemplateArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 30,
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
            req: fields.require(req, "UnsetSchemaTemplateArgs", "req")?,
        })
    }
}

/// Arguments of `dropSchemaTemplate`. Drops a template.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DropSchemaTemplateArgs {
    /// The request.
    pub req: TSDropSchemaTemplateReq,
}

impl From<TSDropSchemaTemplateReq> for DropSchemaTemplateArgs {
    fn from(req: TSDropSchemaTemplateReq) -> Self {
        Self { req }
    }
}

impl Method for DropSchemaTemplateArgs {
    const NAME: &'static str = "dropSchemaTemplate";
    type Response = TSStatus;
}

impl Struct for DropSchemaTemplateArgs {
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
            req: fields.require(req, "DropSchemaTemplateArgs", "req")?,
        })
    }
}

/// Arguments of `createTimeseriesUsingSchemaTemplate`. Activates templates. Since 1.1.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateTimeseriesUsingSchemaTemplateArgs {
    /// The request.
    pub req: TCreateTimeseriesUsingSchemaTemplateReq,
}

impl From<TCreateTimeseriesUsingSchemaTemplateReq> for CreateTimeseriesUsingSchemaTemplateArgs {
    fn from(req: TCreateTimeseriesUsingSchemaTemplateReq) -> Self {
        Self { req }
    }
}

impl Method for CreateTimeseriesUsingSchemaTemplateArgs {
    const NAME: &'static str = "createTimeseriesUsingSchemaTemplate";
    type Response = TSStatus;
}

impl Struct for CreateTimeseriesUsingSchemaTemplateArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 24,
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
            req: fields.require(req, "CreateTimeseriesUsingSchemaTemplateArgs", "req")?,
        })
    }
}

/// Arguments of `setUsingTemplate`. Activates a template. Until 0.13.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetUsingTemplateArgs {
    /// The request.
    pub req: TSSetUsingTemplateReq,
}

impl From<TSSetUsingTemplateReq> for SetUsingTemplateArgs {
    fn from(req: TSSetUsingTemplateReq) -> Self {
        Self { req }
    }
}

impl Method for SetUsingTemplateArgs {
    const NAME: &'static str = "setUsingTemplate";
    type Response = TSStatus;
}

impl Struct for SetUsingTemplateArgs {
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
            req: fields.require(req, "SetUsingTemplateArgs", "req")?,
        })
    }
}

/// Arguments of `unsetUsingTemplate`. Deactivates a template. Until 0.13.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnsetUsingTemplateArgs {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// Name of the template.
    pub template_name: String,
    /// The path.
    pub prefix_path: String,
}

impl Method for UnsetUsingTemplateArgs {
    const NAME: &'static str = "unsetUsingTemplate";
    type Response = TSStatus;
}

impl Struct for UnsetUsingTemplateArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 26,
        compact: 7,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "templateName", &self.template_name)?;
        out.required(3, "prefixPath", &self.prefix_path)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut template_name = None;
        let mut prefix_path = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => template_name = Some(fields.value(&field, "templateName")?),
                (3, Kind::Binary) => prefix_path = Some(fields.value(&field, "prefixPath")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "UnsetUsingTemplateArgs", "sessionId")?,
            template_name: fields.require(
                template_name,
                "UnsetUsingTemplateArgs",
                "templateName",
            )?,
            prefix_path: fields.require(prefix_path, "UnsetUsingTemplateArgs", "prefixPath")?,
        })
    }
}
