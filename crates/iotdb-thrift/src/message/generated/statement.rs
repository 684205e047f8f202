//! SQL: execution, batches, result sets and their pages, prepared statements.
//!
//! Made by `cargo xtask codegen` from `idl/statement.thrift`: do not edit, change that and run it again.

use std::collections::BTreeMap;

use bytes::Bytes;
use wire_core::{DecodeError, EncodeError};

use super::common::TSStatus;
use crate::codec::{Fields, FieldsMut, Kind, MinLen, Sink, Struct, Wire};
use crate::message::Method;

/// One SQL statement.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSExecuteStatementReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// The text of the statement.
    pub statement: String,
    /// The statement, from requestStatementId on this connection.
    pub statement_id: i64,
    /// Rows wanted in a page; 0 and less count as 1000.
    pub fetch_size: Option<i32>,
    /// Milliseconds the server may take; 0 and less stand for its own default.
    pub timeout: Option<i64>,
    /// Whether the server may name a node that holds the data.
    pub enable_redirect_query: Option<bool>,
    /// Whether to add what a JDBC driver needs. False for everybody else.
    pub jdbc_query: Option<bool>,
}

impl Struct for TSExecuteStatementReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 30,
        compact: 7,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "statement", &self.statement)?;
        out.required(3, "statementId", &self.statement_id)?;
        out.optional(4, "fetchSize", &self.fetch_size)?;
        out.optional(5, "timeout", &self.timeout)?;
        out.optional(6, "enableRedirectQuery", &self.enable_redirect_query)?;
        out.optional(7, "jdbcQuery", &self.jdbc_query)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut statement = None;
        let mut statement_id = None;
        let mut fetch_size = None;
        let mut timeout = None;
        let mut enable_redirect_query = None;
        let mut jdbc_query = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => statement = Some(fields.value(&field, "statement")?),
                (3, Kind::I64) => statement_id = Some(fields.value(&field, "statementId")?),
                (4, Kind::I32) => fetch_size = Some(fields.value(&field, "fetchSize")?),
                (5, Kind::I64) => timeout = Some(fields.value(&field, "timeout")?),
                (6, Kind::Bool) => {
                    enable_redirect_query = Some(fields.value(&field, "enableRedirectQuery")?)
                }
                (7, Kind::Bool) => jdbc_query = Some(fields.value(&field, "jdbcQuery")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSExecuteStatementReq", "sessionId")?,
            statement: fields.require(statement, "TSExecuteStatementReq", "statement")?,
            statement_id: fields.require(statement_id, "TSExecuteStatementReq", "statementId")?,
            fetch_size,
            timeout,
            enable_redirect_query,
            jdbc_query,
        })
    }
}

/// Rows, column after column, of one common time column. The form of results before 1.0, and of the first
/// generation of methods since.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSQueryDataSet {
    /// Times of the rows, eight bytes each, big-endian.
    pub time: Bytes,
    /// For each column the values that are not null, one after the other.
    pub value_list: Vec<Bytes>,
    /// For each column one bit per row, the highest bit first; 1 means that there is a value.
    pub bitmap_list: Vec<Bytes>,
}

impl Struct for TSQueryDataSet {
    const MIN_LEN: MinLen = MinLen {
        binary: 24,
        compact: 7,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "time", &self.time)?;
        out.required(2, "valueList", &self.value_list)?;
        out.required(3, "bitmapList", &self.bitmap_list)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut time = None;
        let mut value_list = None;
        let mut bitmap_list = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Binary) => time = Some(fields.value(&field, "time")?),
                (2, Kind::List) => value_list = Some(fields.value(&field, "valueList")?),
                (3, Kind::List) => bitmap_list = Some(fields.value(&field, "bitmapList")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            time: fields.require(time, "TSQueryDataSet", "time")?,
            value_list: fields.require(value_list, "TSQueryDataSet", "valueList")?,
            bitmap_list: fields.require(bitmap_list, "TSQueryDataSet", "bitmapList")?,
        })
    }
}

/// Columns that each have a time column of their own (queries with DISABLE ALIGN, 0.13).
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSQueryNonAlignDataSet {
    /// For each column its times, eight bytes each, big-endian.
    pub time_list: Vec<Bytes>,
    /// For each column its values, one after the other.
    pub value_list: Vec<Bytes>,
}

impl Struct for TSQueryNonAlignDataSet {
    const MIN_LEN: MinLen = MinLen {
        binary: 17,
        compact: 5,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "timeList", &self.time_list)?;
        out.required(2, "valueList", &self.value_list)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut time_list = None;
        let mut value_list = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::List) => time_list = Some(fields.value(&field, "timeList")?),
                (2, Kind::List) => value_list = Some(fields.value(&field, "valueList")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            time_list: fields.require(time_list, "TSQueryNonAlignDataSet", "timeList")?,
            value_list: fields.require(value_list, "TSQueryNonAlignDataSet", "valueList")?,
        })
    }
}

/// What a query cost, when TRACING is on.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSTracingInfo {
    /// What was done.
    pub activity_list: Vec<String>,
    /// How long each activity took.
    pub elapsed_time_list: Vec<i64>,
    /// Series read.
    pub series_path_num: Option<i32>,
    /// Sequence files read.
    pub seq_file_num: Option<i32>,
    /// Files out of sequence read.
    pub un_seq_file_num: Option<i32>,
    /// Chunks read from sequence files.
    pub sequence_chunk_num: Option<i32>,
    /// Points in those chunks.
    pub sequence_chunk_point_num: Option<i64>,
    /// Chunks read from files out of sequence.
    pub unsequence_chunk_num: Option<i32>,
    /// Points in those chunks.
    pub unsequence_chunk_point_num: Option<i64>,
    /// Pages read.
    pub total_page_num: Option<i32>,
    /// Pages that overlap in time.
    pub overlapped_page_num: Option<i32>,
}

impl Struct for TSTracingInfo {
    const MIN_LEN: MinLen = MinLen {
        binary: 17,
        compact: 5,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "activityList", &self.activity_list)?;
        out.required(2, "elapsedTimeList", &self.elapsed_time_list)?;
        out.optional(3, "seriesPathNum", &self.series_path_num)?;
        out.optional(4, "seqFileNum", &self.seq_file_num)?;
        out.optional(5, "unSeqFileNum", &self.un_seq_file_num)?;
        out.optional(6, "sequenceChunkNum", &self.sequence_chunk_num)?;
        out.optional(7, "sequenceChunkPointNum", &self.sequence_chunk_point_num)?;
        out.optional(8, "unsequenceChunkNum", &self.unsequence_chunk_num)?;
        out.optional(
            9,
            "unsequenceChunkPointNum",
            &self.unsequence_chunk_point_num,
        )?;
        out.optional(10, "totalPageNum", &self.total_page_num)?;
        out.optional(11, "overlappedPageNum", &self.overlapped_page_num)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut activity_list = None;
        let mut elapsed_time_list = None;
        let mut series_path_num = None;
        let mut seq_file_num = None;
        let mut un_seq_file_num = None;
        let mut sequence_chunk_num = None;
        let mut sequence_chunk_point_num = None;
        let mut unsequence_chunk_num = None;
        let mut unsequence_chunk_point_num = None;
        let mut total_page_num = None;
        let mut overlapped_page_num = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::List) => activity_list = Some(fields.value(&field, "activityList")?),
                (2, Kind::List) => {
                    elapsed_time_list = Some(fields.value(&field, "elapsedTimeList")?)
                }
                (3, Kind::I32) => series_path_num = Some(fields.value(&field, "seriesPathNum")?),
                (4, Kind::I32) => seq_file_num = Some(fields.value(&field, "seqFileNum")?),
                (5, Kind::I32) => un_seq_file_num = Some(fields.value(&field, "unSeqFileNum")?),
                (6, Kind::I32) => {
                    sequence_chunk_num = Some(fields.value(&field, "sequenceChunkNum")?)
                }
                (7, Kind::I64) => {
                    sequence_chunk_point_num = Some(fields.value(&field, "sequenceChunkPointNum")?)
                }
                (8, Kind::I32) => {
                    unsequence_chunk_num = Some(fields.value(&field, "unsequenceChunkNum")?)
                }
                (9, Kind::I64) => {
                    unsequence_chunk_point_num =
                        Some(fields.value(&field, "unsequenceChunkPointNum")?)
                }
                (10, Kind::I32) => total_page_num = Some(fields.value(&field, "totalPageNum")?),
                (11, Kind::I32) => {
                    overlapped_page_num = Some(fields.value(&field, "overlappedPageNum")?)
                }
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            activity_list: fields.require(activity_list, "TSTracingInfo", "activityList")?,
            elapsed_time_list: fields.require(
                elapsed_time_list,
                "TSTracingInfo",
                "elapsedTimeList",
            )?,
            series_path_num,
            seq_file_num,
            un_seq_file_num,
            sequence_chunk_num,
            sequence_chunk_point_num,
            unsequence_chunk_num,
            unsequence_chunk_point_num,
            total_page_num,
            overlapped_page_num,
        })
    }
}

/// Answer to a statement: the status and, of a query, the shape of the result and its first page.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSExecuteStatementResp {
    /// How the request ended.
    pub status: TSStatus,
    /// The query, if there is a result set; needed for further pages.
    pub query_id: Option<i64>,
    /// Names of the columns in the order of the statement, without the time. Absent if nothing is returned.
    pub columns: Option<Vec<String>>,
    /// Class of the statement, for instance QUERY or dropDB.
    pub operation_type: Option<String>,
    /// True if the result has no time column for the user.
    pub ignore_time_stamp: Option<bool>,
    /// Name of the data type of each column, for instance INT32.
    pub data_type_list: Option<Vec<String>>,
    /// The first generation of results: rows of a common time.
    pub query_data_set: Option<TSQueryDataSet>,
    /// The first generation of results: columns with their own times.
    pub non_align_query_data_set: Option<TSQueryNonAlignDataSet>,
    /// From the name of a column to its place among the columns that were sent; by position if absent.
    pub column_name_index_map: Option<BTreeMap<String, i32>>,
    /// Database of each column.
    pub sg_columns: Option<Vec<String>>,
    /// A bit per column, lowest first, in bytes: whether its name is an alias.
    pub alias_columns: Option<Vec<i8>>,
    /// What the query cost, when TRACING is on.
    pub tracing_info: Option<TSTracingInfo>,
    /// Blocks of the result, each a serialized TsBlock. Since 1.0.
    pub query_result: Option<Vec<Bytes>>,
    /// Whether more pages can be fetched. Once false, the server has forgotten the query. Since 1.0.
    pub more_data: Option<bool>,
    /// The database that the session now uses, after USE. Since 2.0.
    pub database: Option<String>,
    /// Whether the session now speaks the table dialect, after SET SQL_DIALECT. Since 2.0.
    pub table_model: Option<bool>,
    /// For each column its place in the blocks; -1 is the time column of the block. Since 2.0.
    pub column_index2_ts_block_column_index_list: Option<Vec<i32>>,
}

impl Struct for TSExecuteStatementResp {
    const MIN_LEN: MinLen = MinLen {
        binary: 12,
        compact: 5,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "status", &self.status)?;
        out.optional(2, "queryId", &self.query_id)?;
        out.optional(3, "columns", &self.columns)?;
        out.optional(4, "operationType", &self.operation_type)?;
        out.optional(5, "ignoreTimeStamp", &self.ignore_time_stamp)?;
        out.optional(6, "dataTypeList", &self.data_type_list)?;
        out.optional(7, "queryDataSet", &self.query_data_set)?;
        out.optional(8, "nonAlignQueryDataSet", &self.non_align_query_data_set)?;
        out.optional(9, "columnNameIndexMap", &self.column_name_index_map)?;
        out.optional(10, "sgColumns", &self.sg_columns)?;
        out.optional(11, "aliasColumns", &self.alias_columns)?;
        out.optional(12, "tracingInfo", &self.tracing_info)?;
        out.optional(13, "queryResult", &self.query_result)?;
        out.optional(14, "moreData", &self.more_data)?;
        out.optional(15, "database", &self.database)?;
        out.optional(16, "tableModel", &self.table_model)?;
        out.optional(
            17,
            "columnIndex2TsBlockColumnIndexList",
            &self.column_index2_ts_block_column_index_list,
        )?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut status = None;
        let mut query_id = None;
        let mut columns = None;
        let mut operation_type = None;
        let mut ignore_time_stamp = None;
        let mut data_type_list = None;
        let mut query_data_set = None;
        let mut non_align_query_data_set = None;
        let mut column_name_index_map = None;
        let mut sg_columns = None;
        let mut alias_columns = None;
        let mut tracing_info = None;
        let mut query_result = None;
        let mut more_data = None;
        let mut database = None;
        let mut table_model = None;
        let mut column_index2_ts_block_column_index_list = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Struct) => status = Some(fields.value(&field, "status")?),
                (2, Kind::I64) => query_id = Some(fields.value(&field, "queryId")?),
                (3, Kind::List) => columns = Some(fields.value(&field, "columns")?),
                (4, Kind::Binary) => operation_type = Some(fields.value(&field, "operationType")?),
                (5, Kind::Bool) => {
                    ignore_time_stamp = Some(fields.value(&field, "ignoreTimeStamp")?)
                }
                (6, Kind::List) => data_type_list = Some(fields.value(&field, "dataTypeList")?),
                (7, Kind::Struct) => query_data_set = Some(fields.value(&field, "queryDataSet")?),
                (8, Kind::Struct) => {
                    non_align_query_data_set = Some(fields.value(&field, "nonAlignQueryDataSet")?)
                }
                (9, Kind::Map) => {
                    column_name_index_map = Some(fields.value(&field, "columnNameIndexMap")?)
                }
                (10, Kind::List) => sg_columns = Some(fields.value(&field, "sgColumns")?),
                (11, Kind::List) => alias_columns = Some(fields.value(&field, "aliasColumns")?),
                (12, Kind::Struct) => tracing_info = Some(fields.value(&field, "tracingInfo")?),
                (13, Kind::List) => query_result = Some(fields.value(&field, "queryResult")?),
                (14, Kind::Bool) => more_data = Some(fields.value(&field, "moreData")?),
                (15, Kind::Binary) => database = Some(fields.value(&field, "database")?),
                (16, Kind::Bool) => table_model = Some(fields.value(&field, "tableModel")?),
                (17, Kind::List) => {
                    column_index2_ts_block_column_index_list =
                        Some(fields.value(&field, "columnIndex2TsBlockColumnIndexList")?)
                }
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            status: fields.require(status, "TSExecuteStatementResp", "status")?,
            query_id,
            columns,
            operation_type,
            ignore_time_stamp,
            data_type_list,
            query_data_set,
            non_align_query_data_set,
            column_name_index_map,
            sg_columns,
            alias_columns,
            tracing_info,
            query_result,
            more_data,
            database,
            table_model,
            column_index2_ts_block_column_index_list,
        })
    }
}

/// Several statements that return no rows.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSExecuteBatchStatementReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// The texts, in order.
    pub statements: Vec<String>,
}

impl Struct for TSExecuteBatchStatementReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 20,
        compact: 5,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "statements", &self.statements)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut statements = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::List) => statements = Some(fields.value(&field, "statements")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSExecuteBatchStatementReq", "sessionId")?,
            statements: fields.require(statements, "TSExecuteBatchStatementReq", "statements")?,
        })
    }
}

/// Asks for the next page of a result. Must go over the connection that ran the query.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSFetchResultsReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// The text of the statement that opened the query.
    pub statement: String,
    /// Rows wanted in a page; 0 and less count as 1000.
    pub fetch_size: i32,
    /// The query, from the answer that opened it.
    pub query_id: i64,
    /// Whether columns share a time column: true, but for DISABLE ALIGN.
    pub is_align: bool,
    /// Milliseconds the server may take; 0 and less stand for its own default.
    pub timeout: Option<i64>,
    /// The statement, from requestStatementId on this connection. Since 2.0.
    pub statement_id: Option<i64>,
}

impl Struct for TSFetchResultsReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 41,
        compact: 10,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "statement", &self.statement)?;
        out.required(3, "fetchSize", &self.fetch_size)?;
        out.required(4, "queryId", &self.query_id)?;
        out.required(5, "isAlign", &self.is_align)?;
        out.optional(6, "timeout", &self.timeout)?;
        out.optional(7, "statementId", &self.statement_id)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut statement = None;
        let mut fetch_size = None;
        let mut query_id = None;
        let mut is_align = None;
        let mut timeout = None;
        let mut statement_id = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => statement = Some(fields.value(&field, "statement")?),
                (3, Kind::I32) => fetch_size = Some(fields.value(&field, "fetchSize")?),
                (4, Kind::I64) => query_id = Some(fields.value(&field, "queryId")?),
                (5, Kind::Bool) => is_align = Some(fields.value(&field, "isAlign")?),
                (6, Kind::I64) => timeout = Some(fields.value(&field, "timeout")?),
                (7, Kind::I64) => statement_id = Some(fields.value(&field, "statementId")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSFetchResultsReq", "sessionId")?,
            statement: fields.require(statement, "TSFetchResultsReq", "statement")?,
            fetch_size: fields.require(fetch_size, "TSFetchResultsReq", "fetchSize")?,
            query_id: fields.require(query_id, "TSFetchResultsReq", "queryId")?,
            is_align: fields.require(is_align, "TSFetchResultsReq", "isAlign")?,
            timeout,
            statement_id,
        })
    }
}

/// A page of a result.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSFetchResultsResp {
    /// How the request ended.
    pub status: TSStatus,
    /// Whether this page holds anything.
    pub has_result_set: bool,
    /// Which form of first-generation result this is.
    pub is_align: bool,
    /// The first generation of results: rows of a common time.
    pub query_data_set: Option<TSQueryDataSet>,
    /// The first generation of results: columns with their own times.
    pub non_align_query_data_set: Option<TSQueryNonAlignDataSet>,
    /// Blocks of the result, each a serialized TsBlock. Since 1.0.
    pub query_result: Option<Vec<Bytes>>,
    /// Whether more pages can be fetched. Once false, the server has forgotten the query. Since 1.0.
    pub more_data: Option<bool>,
}

impl Struct for TSFetchResultsResp {
    const MIN_LEN: MinLen = MinLen {
        binary: 20,
        compact: 7,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "status", &self.status)?;
        out.required(2, "hasResultSet", &self.has_result_set)?;
        out.required(3, "isAlign", &self.is_align)?;
        out.optional(4, "queryDataSet", &self.query_data_set)?;
        out.optional(5, "nonAlignQueryDataSet", &self.non_align_query_data_set)?;
        out.optional(6, "queryResult", &self.query_result)?;
        out.optional(7, "moreData", &self.more_data)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut status = None;
        let mut has_result_set = None;
        let mut is_align = None;
        let mut query_data_set = None;
        let mut non_align_query_data_set = None;
        let mut query_result = None;
        let mut more_data = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Struct) => status = Some(fields.value(&field, "status")?),
                (2, Kind::Bool) => has_result_set = Some(fields.value(&field, "hasResultSet")?),
                (3, Kind::Bool) => is_align = Some(fields.value(&field, "isAlign")?),
                (4, Kind::Struct) => query_data_set = Some(fields.value(&field, "queryDataSet")?),
                (5, Kind::Struct) => {
                    non_align_query_data_set = Some(fields.value(&field, "nonAlignQueryDataSet")?)
                }
                (6, Kind::List) => query_result = Some(fields.value(&field, "queryResult")?),
                (7, Kind::Bool) => more_data = Some(fields.value(&field, "moreData")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            status: fields.require(status, "TSFetchResultsResp", "status")?,
            has_result_set: fields.require(has_result_set, "TSFetchResultsResp", "hasResultSet")?,
            is_align: fields.require(is_align, "TSFetchResultsResp", "isAlign")?,
            query_data_set,
            non_align_query_data_set,
            query_result,
            more_data,
        })
    }
}

/// Cancels a query. No server does: 0.13 answers 405, later ones 704.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSCancelOperationReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// The query, from the answer that opened it.
    pub query_id: i64,
}

impl Struct for TSCancelOperationReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 23,
        compact: 5,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "queryId", &self.query_id)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut query_id = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::I64) => query_id = Some(fields.value(&field, "queryId")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSCancelOperationReq", "sessionId")?,
            query_id: fields.require(query_id, "TSCancelOperationReq", "queryId")?,
        })
    }
}

/// Ends results early, or retires a statement.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSCloseOperationReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// The query to end; if absent, all queries of the statement and the statement itself.
    pub query_id: Option<i64>,
    /// The statement; servers answer 710 without it.
    pub statement_id: Option<i64>,
    /// The prepared statement to forget. Since 2.0.8.
    pub prepared_statement_name: Option<String>,
}

impl Struct for TSCloseOperationReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 12,
        compact: 3,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.optional(2, "queryId", &self.query_id)?;
        out.optional(3, "statementId", &self.statement_id)?;
        out.optional(4, "preparedStatementName", &self.prepared_statement_name)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut query_id = None;
        let mut statement_id = None;
        let mut prepared_statement_name = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::I64) => query_id = Some(fields.value(&field, "queryId")?),
                (3, Kind::I64) => statement_id = Some(fields.value(&field, "statementId")?),
                (4, Kind::Binary) => {
                    prepared_statement_name = Some(fields.value(&field, "preparedStatementName")?)
                }
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSCloseOperationReq", "sessionId")?,
            query_id,
            statement_id,
            prepared_statement_name,
        })
    }
}

/// Asks for metadata in the manner of 0.13; servers from 1.0 on answer 300.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSFetchMetadataReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// METADATA_IN_JSON, COLUMN or ALL_COLUMNS.
    pub r#type: String,
    /// Path of the column.
    pub column_path: Option<String>,
}

impl Struct for TSFetchMetadataReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 19,
        compact: 5,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "type", &self.r#type)?;
        out.optional(3, "columnPath", &self.column_path)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut r#type = None;
        let mut column_path = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => r#type = Some(fields.value(&field, "type")?),
                (3, Kind::Binary) => column_path = Some(fields.value(&field, "columnPath")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSFetchMetadataReq", "sessionId")?,
            r#type: fields.require(r#type, "TSFetchMetadataReq", "type")?,
            column_path,
        })
    }
}

/// Metadata in the manner of 0.13.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSFetchMetadataResp {
    /// How the request ended.
    pub status: TSStatus,
    /// Everything, as JSON.
    pub metadata_in_json: Option<String>,
    /// Names of the columns.
    pub columns_list: Option<Vec<String>>,
    /// Name of the data type.
    pub data_type: Option<String>,
}

impl Struct for TSFetchMetadataResp {
    const MIN_LEN: MinLen = MinLen {
        binary: 12,
        compact: 5,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "status", &self.status)?;
        out.optional(2, "metadataInJson", &self.metadata_in_json)?;
        out.optional(3, "columnsList", &self.columns_list)?;
        out.optional(4, "dataType", &self.data_type)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut status = None;
        let mut metadata_in_json = None;
        let mut columns_list = None;
        let mut data_type = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Struct) => status = Some(fields.value(&field, "status")?),
                (2, Kind::Binary) => {
                    metadata_in_json = Some(fields.value(&field, "metadataInJson")?)
                }
                (3, Kind::List) => columns_list = Some(fields.value(&field, "columnsList")?),
                (4, Kind::Binary) => data_type = Some(fields.value(&field, "dataType")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            status: fields.require(status, "TSFetchMetadataResp", "status")?,
            metadata_in_json,
            columns_list,
            data_type,
        })
    }
}

/// Prepares a statement of the table dialect. Since 2.0.8.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSPrepareReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// The text, with a question mark for each parameter.
    pub sql: String,
    /// Name of the prepared statement.
    pub statement_name: String,
}

impl Struct for TSPrepareReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 26,
        compact: 7,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "sql", &self.sql)?;
        out.required(3, "statementName", &self.statement_name)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut sql = None;
        let mut statement_name = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => sql = Some(fields.value(&field, "sql")?),
                (3, Kind::Binary) => statement_name = Some(fields.value(&field, "statementName")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSPrepareReq", "sessionId")?,
            sql: fields.require(sql, "TSPrepareReq", "sql")?,
            statement_name: fields.require(statement_name, "TSPrepareReq", "statementName")?,
        })
    }
}

/// Answer to the preparation of a statement. Since 2.0.8.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSPrepareResp {
    /// How the request ended.
    pub status: TSStatus,
    /// How many parameters it has.
    pub parameter_count: Option<i32>,
}

impl Struct for TSPrepareResp {
    const MIN_LEN: MinLen = MinLen {
        binary: 12,
        compact: 5,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "status", &self.status)?;
        out.optional(2, "parameterCount", &self.parameter_count)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut status = None;
        let mut parameter_count = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::Struct) => status = Some(fields.value(&field, "status")?),
                (2, Kind::I32) => parameter_count = Some(fields.value(&field, "parameterCount")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            status: fields.require(status, "TSPrepareResp", "status")?,
            parameter_count,
        })
    }
}

/// Runs a prepared statement. Since 2.0.8.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSExecutePreparedReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// Name of the prepared statement.
    pub statement_name: String,
    /// Values of the parameters: a count of four bytes, then a type code and a value each.
    pub parameters: Bytes,
    /// Rows wanted in a page; 0 and less count as 1000.
    pub fetch_size: Option<i32>,
    /// Milliseconds the server may take; 0 and less stand for its own default.
    pub timeout: Option<i64>,
    /// The statement, from requestStatementId on this connection.
    pub statement_id: i64,
}

impl Struct for TSExecutePreparedReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 37,
        compact: 9,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "statementName", &self.statement_name)?;
        out.required(3, "parameters", &self.parameters)?;
        out.optional(4, "fetchSize", &self.fetch_size)?;
        out.optional(5, "timeout", &self.timeout)?;
        out.required(6, "statementId", &self.statement_id)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut statement_name = None;
        let mut parameters = None;
        let mut fetch_size = None;
        let mut timeout = None;
        let mut statement_id = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => statement_name = Some(fields.value(&field, "statementName")?),
                (3, Kind::Binary) => parameters = Some(fields.value(&field, "parameters")?),
                (4, Kind::I32) => fetch_size = Some(fields.value(&field, "fetchSize")?),
                (5, Kind::I64) => timeout = Some(fields.value(&field, "timeout")?),
                (6, Kind::I64) => statement_id = Some(fields.value(&field, "statementId")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSExecutePreparedReq", "sessionId")?,
            statement_name: fields.require(
                statement_name,
                "TSExecutePreparedReq",
                "statementName",
            )?,
            parameters: fields.require(parameters, "TSExecutePreparedReq", "parameters")?,
            fetch_size,
            timeout,
            statement_id: fields.require(statement_id, "TSExecutePreparedReq", "statementId")?,
        })
    }
}

/// Forgets a prepared statement. Since 2.0.8.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSDeallocatePreparedReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// Name of the prepared statement.
    pub statement_name: String,
}

impl Struct for TSDeallocatePreparedReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 19,
        compact: 5,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "statementName", &self.statement_name)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut statement_name = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => statement_name = Some(fields.value(&field, "statementName")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSDeallocatePreparedReq", "sessionId")?,
            statement_name: fields.require(
                statement_name,
                "TSDeallocatePreparedReq",
                "statementName",
            )?,
        })
    }
}

/// Arguments of `executeStatement`. Runs any SQL; a result set comes in the first-generation form, on every
/// version.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecuteStatementArgs {
    /// The request.
    pub req: TSExecuteStatementReq,
}

impl From<TSExecuteStatementReq> for ExecuteStatementArgs {
    fn from(req: TSExecuteStatementReq) -> Self {
        Self { req }
    }
}

impl Method for ExecuteStatementArgs {
    const NAME: &'static str = "executeStatement";
    type Response = TSExecuteStatementResp;
}

impl Struct for ExecuteStatementArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 34,
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
            req: fields.require(req, "ExecuteStatementArgs", "req")?,
        })
    }
}

/// Arguments of `executeQueryStatement`. The same as executeStatement.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecuteQueryStatementArgs {
    /// The request.
    pub req: TSExecuteStatementReq,
}

impl From<TSExecuteStatementReq> for ExecuteQueryStatementArgs {
    fn from(req: TSExecuteStatementReq) -> Self {
        Self { req }
    }
}

impl Method for ExecuteQueryStatementArgs {
    const NAME: &'static str = "executeQueryStatement";
    type Response = TSExecuteStatementResp;
}

impl Struct for ExecuteQueryStatementArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 34,
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
            req: fields.require(req, "ExecuteQueryStatementArgs", "req")?,
        })
    }
}

/// Arguments of `executeUpdateStatement`. The same as executeStatement.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecuteUpdateStatementArgs {
    /// The request.
    pub req: TSExecuteStatementReq,
}

impl From<TSExecuteStatementReq> for ExecuteUpdateStatementArgs {
    fn from(req: TSExecuteStatementReq) -> Self {
        Self { req }
    }
}

impl Method for ExecuteUpdateStatementArgs {
    const NAME: &'static str = "executeUpdateStatement";
    type Response = TSExecuteStatementResp;
}

impl Struct for ExecuteUpdateStatementArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 34,
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
            req: fields.require(req, "ExecuteUpdateStatementArgs", "req")?,
        })
    }
}

/// Arguments of `executeBatchStatement`. Runs statements that return no rows. If any fails: 302, and a status for
/// each statement (0.13: 506).
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecuteBatchStatementArgs {
    /// The request.
    pub req: TSExecuteBatchStatementReq,
}

impl From<TSExecuteBatchStatementReq> for ExecuteBatchStatementArgs {
    fn from(req: TSExecuteBatchStatementReq) -> Self {
        Self { req }
    }
}

impl Method for ExecuteBatchStatementArgs {
    const NAME: &'static str = "executeBatchStatement";
    type Response = TSStatus;
}

impl Struct for ExecuteBatchStatementArgs {
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
            req: fields.require(req, "ExecuteBatchStatementArgs", "req")?,
        })
    }
}

/// Arguments of `fetchResults`. The next page of a result in the first-generation form.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchResultsArgs {
    /// The request.
    pub req: TSFetchResultsReq,
}

impl From<TSFetchResultsReq> for FetchResultsArgs {
    fn from(req: TSFetchResultsReq) -> Self {
        Self { req }
    }
}

impl Method for FetchResultsArgs {
    const NAME: &'static str = "fetchResults";
    type Response = TSFetchResultsResp;
}

impl Struct for FetchResultsArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 45,
        compact: 12,
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
            req: fields.require(req, "FetchResultsArgs", "req")?,
        })
    }
}

/// Arguments of `cancelOperation`. Not implemented by any server: 405 (0.13) or 704.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CancelOperationArgs {
    /// The request.
    pub req: TSCancelOperationReq,
}

impl From<TSCancelOperationReq> for CancelOperationArgs {
    fn from(req: TSCancelOperationReq) -> Self {
        Self { req }
    }
}

impl Method for CancelOperationArgs {
    const NAME: &'static str = "cancelOperation";
    type Response = TSStatus;
}

impl Struct for CancelOperationArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 27,
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
            req: fields.require(req, "CancelOperationArgs", "req")?,
        })
    }
}

/// Arguments of `closeOperation`. Ends a query, or a statement with all its queries.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CloseOperationArgs {
    /// The request.
    pub req: TSCloseOperationReq,
}

impl From<TSCloseOperationReq> for CloseOperationArgs {
    fn from(req: TSCloseOperationReq) -> Self {
        Self { req }
    }
}

impl Method for CloseOperationArgs {
    const NAME: &'static str = "closeOperation";
    type Response = TSStatus;
}

impl Struct for CloseOperationArgs {
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
            req: fields.require(req, "CloseOperationArgs", "req")?,
        })
    }
}

/// Arguments of `fetchMetadata`. Metadata in the manner of 0.13; later servers answer 300.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchMetadataArgs {
    /// The request.
    pub req: TSFetchMetadataReq,
}

impl From<TSFetchMetadataReq> for FetchMetadataArgs {
    fn from(req: TSFetchMetadataReq) -> Self {
        Self { req }
    }
}

impl Method for FetchMetadataArgs {
    const NAME: &'static str = "fetchMetadata";
    type Response = TSFetchMetadataResp;
}

impl Struct for FetchMetadataArgs {
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
            req: fields.require(req, "FetchMetadataArgs", "req")?,
        })
    }
}

/// Arguments of `executeStatementV2`. Runs any SQL; a result set comes as TsBlocks. Since 1.0.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecuteStatementV2Args {
    /// The request.
    pub req: TSExecuteStatementReq,
}

impl From<TSExecuteStatementReq> for ExecuteStatementV2Args {
    fn from(req: TSExecuteStatementReq) -> Self {
        Self { req }
    }
}

impl Method for ExecuteStatementV2Args {
    const NAME: &'static str = "executeStatementV2";
    type Response = TSExecuteStatementResp;
}

impl Struct for ExecuteStatementV2Args {
    const MIN_LEN: MinLen = MinLen {
        binary: 34,
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
            req: fields.require(req, "ExecuteStatementV2Args", "req")?,
        })
    }
}

/// Arguments of `executeQueryStatementV2`. The same as executeStatementV2. Since 1.0.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecuteQueryStatementV2Args {
    /// The request.
    pub req: TSExecuteStatementReq,
}

impl From<TSExecuteStatementReq> for ExecuteQueryStatementV2Args {
    fn from(req: TSExecuteStatementReq) -> Self {
        Self { req }
    }
}

impl Method for ExecuteQueryStatementV2Args {
    const NAME: &'static str = "executeQueryStatementV2";
    type Response = TSExecuteStatementResp;
}

impl Struct for ExecuteQueryStatementV2Args {
    const MIN_LEN: MinLen = MinLen {
        binary: 34,
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
            req: fields.require(req, "ExecuteQueryStatementV2Args", "req")?,
        })
    }
}

/// Arguments of `executeUpdateStatementV2`. The same as executeStatementV2. Since 1.0.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecuteUpdateStatementV2Args {
    /// The request.
    pub req: TSExecuteStatementReq,
}

impl From<TSExecuteStatementReq> for ExecuteUpdateStatementV2Args {
    fn from(req: TSExecuteStatementReq) -> Self {
        Self { req }
    }
}

impl Method for ExecuteUpdateStatementV2Args {
    const NAME: &'static str = "executeUpdateStatementV2";
    type Response = TSExecuteStatementResp;
}

impl Struct for ExecuteUpdateStatementV2Args {
    const MIN_LEN: MinLen = MinLen {
        binary: 34,
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
            req: fields.require(req, "ExecuteUpdateStatementV2Args", "req")?,
        })
    }
}

/// Arguments of `fetchResultsV2`. The next page of a result as TsBlocks. Since 1.0.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchResultsV2Args {
    /// The request.
    pub req: TSFetchResultsReq,
}

impl From<TSFetchResultsReq> for FetchResultsV2Args {
    fn from(req: TSFetchResultsReq) -> Self {
        Self { req }
    }
}

impl Method for FetchResultsV2Args {
    const NAME: &'static str = "fetchResultsV2";
    type Response = TSFetchResultsResp;
}

impl Struct for FetchResultsV2Args {
    const MIN_LEN: MinLen = MinLen {
        binary: 45,
        compact: 12,
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
            req: fields.require(req, "FetchResultsV2Args", "req")?,
        })
    }
}

/// Arguments of `prepareStatement`. Prepares a statement; table dialect only. Since 2.0.8.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PrepareStatementArgs {
    /// The request.
    pub req: TSPrepareReq,
}

impl From<TSPrepareReq> for PrepareStatementArgs {
    fn from(req: TSPrepareReq) -> Self {
        Self { req }
    }
}

impl Method for PrepareStatementArgs {
    const NAME: &'static str = "prepareStatement";
    type Response = TSPrepareResp;
}

impl Struct for PrepareStatementArgs {
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
            req: fields.require(req, "PrepareStatementArgs", "req")?,
        })
    }
}

/// Arguments of `executePreparedStatement`. Runs a prepared statement; a result set comes as TsBlocks. Since
/// 2.0.8.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecutePreparedStatementArgs {
    /// The request.
    pub req: TSExecutePreparedReq,
}

impl From<TSExecutePreparedReq> for ExecutePreparedStatementArgs {
    fn from(req: TSExecutePreparedReq) -> Self {
        Self { req }
    }
}

impl Method for ExecutePreparedStatementArgs {
    const NAME: &'static str = "executePreparedStatement";
    type Response = TSExecuteStatementResp;
}

impl Struct for ExecutePreparedStatementArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 41,
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
            req: fields.require(req, "ExecutePreparedStatementArgs", "req")?,
        })
    }
}

/// Arguments of `deallocatePreparedStatement`. Forgets a prepared statement. Since 2.0.8.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeallocatePreparedStatementArgs {
    /// The request.
    pub req: TSDeallocatePreparedReq,
}

impl From<TSDeallocatePreparedReq> for DeallocatePreparedStatementArgs {
    fn from(req: TSDeallocatePreparedReq) -> Self {
        Self { req }
    }
}

impl Method for DeallocatePreparedStatementArgs {
    const NAME: &'static str = "deallocatePreparedStatement";
    type Response = TSStatus;
}

impl Struct for DeallocatePreparedStatementArgs {
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
            req: fields.require(req, "DeallocatePreparedStatementArgs", "req")?,
        })
    }
}
