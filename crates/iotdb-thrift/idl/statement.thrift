// Interface of Apache IoTDB as its clients see it, written for this crate from what is on the wire. After a change, run
// `cargo xtask codegen`: it makes src/message/generated/ from this. "since" and "until" name the first and the last
// servers with a field or method, as far as known; without them it is in all from 0.13 to 2.0. What 0.12 has of it, it
// has in the same form.

// SQL: execution, batches, result sets and their pages, prepared statements.

include "common.thrift"

/** One SQL statement. */
struct TSExecuteStatementReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** The text of the statement. */
  2: required string statement,
  /** The statement, from requestStatementId on this connection. */
  3: required i64 statementId,
  /** Rows wanted in a page; 0 and less count as 1000. */
  4: optional i32 fetchSize,
  /** Milliseconds the server may take; 0 and less stand for its own default. */
  5: optional i64 timeout,
  /** Whether the server may name a node that holds the data. */
  6: optional bool enableRedirectQuery,
  /** Whether to add what a JDBC driver needs. False for everybody else. */
  7: optional bool jdbcQuery,
}

/**
 * Rows, column after column, of one common time column. The form of results before 1.0, and of the first
 * generation of methods since.
 */
struct TSQueryDataSet {
  /** Times of the rows, eight bytes each, big-endian. */
  1: required binary time,
  /** For each column the values that are not null, one after the other. */
  2: required list<binary> valueList,
  /** For each column one bit per row, the highest bit first; 1 means that there is a value. */
  3: required list<binary> bitmapList,
}

/** Columns that each have a time column of their own (queries with DISABLE ALIGN, 0.13). */
struct TSQueryNonAlignDataSet {
  /** For each column its times, eight bytes each, big-endian. */
  1: required list<binary> timeList,
  /** For each column its values, one after the other. */
  2: required list<binary> valueList,
}

/** What a query cost, when TRACING is on. */
struct TSTracingInfo {
  /** What was done. */
  1: required list<string> activityList,
  /** How long each activity took. */
  2: required list<i64> elapsedTimeList,
  /** Series read. */
  3: optional i32 seriesPathNum,
  /** Sequence files read. */
  4: optional i32 seqFileNum,
  /** Files out of sequence read. */
  5: optional i32 unSeqFileNum,
  /** Chunks read from sequence files. */
  6: optional i32 sequenceChunkNum,
  /** Points in those chunks. */
  7: optional i64 sequenceChunkPointNum,
  /** Chunks read from files out of sequence. */
  8: optional i32 unsequenceChunkNum,
  /** Points in those chunks. */
  9: optional i64 unsequenceChunkPointNum,
  /** Pages read. */
  10: optional i32 totalPageNum,
  /** Pages that overlap in time. */
  11: optional i32 overlappedPageNum,
}

/** Answer to a statement: the status and, of a query, the shape of the result and its first page. */
struct TSExecuteStatementResp {
  /** How the request ended. */
  1: required common.TSStatus status,
  /** The query, if there is a result set; needed for further pages. */
  2: optional i64 queryId,
  /** Names of the columns in the order of the statement, without the time. Absent if nothing is returned. */
  3: optional list<string> columns,
  /** Class of the statement, for instance QUERY or dropDB. */
  4: optional string operationType,
  /** True if the result has no time column for the user. */
  5: optional bool ignoreTimeStamp,
  /** Name of the data type of each column, for instance INT32. */
  6: optional list<string> dataTypeList,
  /** The first generation of results: rows of a common time. */
  7: optional TSQueryDataSet queryDataSet,
  /** The first generation of results: columns with their own times. */
  8: optional TSQueryNonAlignDataSet nonAlignQueryDataSet,
  /** From the name of a column to its place among the columns that were sent; by position if absent. */
  9: optional map<string, i32> columnNameIndexMap,
  /** Database of each column. */
  10: optional list<string> sgColumns,
  /** A bit per column, lowest first, in bytes: whether its name is an alias. */
  11: optional list<i8> aliasColumns,
  /** What the query cost, when TRACING is on. */
  12: optional TSTracingInfo tracingInfo,
  /** Blocks of the result, each a serialized TsBlock. */
  13: optional list<binary> queryResult (since = "1.0"),
  /** Whether more pages can be fetched. Once false, the server has forgotten the query. */
  14: optional bool moreData (since = "1.0"),
  /** The database that the session now uses, after USE. */
  15: optional string database (since = "2.0"),
  /** Whether the session now speaks the table dialect, after SET SQL_DIALECT. */
  16: optional bool tableModel (since = "2.0"),
  /** For each column its place in the blocks; -1 is the time column of the block. */
  17: optional list<i32> columnIndex2TsBlockColumnIndexList (since = "2.0"),
}

/** Several statements that return no rows. */
struct TSExecuteBatchStatementReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** The texts, in order. */
  2: required list<string> statements,
}

/** Asks for the next page of a result. Must go over the connection that ran the query. */
struct TSFetchResultsReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** The text of the statement that opened the query. */
  2: required string statement,
  /** Rows wanted in a page; 0 and less count as 1000. */
  3: required i32 fetchSize,
  /** The query, from the answer that opened it. */
  4: required i64 queryId,
  /** Whether columns share a time column: true, but for DISABLE ALIGN. */
  5: required bool isAlign,
  /** Milliseconds the server may take; 0 and less stand for its own default. */
  6: optional i64 timeout,
  /** The statement, from requestStatementId on this connection. */
  7: optional i64 statementId (since = "2.0"),
}

/** A page of a result. */
struct TSFetchResultsResp {
  /** How the request ended. */
  1: required common.TSStatus status,
  /** Whether this page holds anything. */
  2: required bool hasResultSet,
  /** Which form of first-generation result this is. */
  3: required bool isAlign,
  /** The first generation of results: rows of a common time. */
  4: optional TSQueryDataSet queryDataSet,
  /** The first generation of results: columns with their own times. */
  5: optional TSQueryNonAlignDataSet nonAlignQueryDataSet,
  /** Blocks of the result, each a serialized TsBlock. */
  6: optional list<binary> queryResult (since = "1.0"),
  /** Whether more pages can be fetched. Once false, the server has forgotten the query. */
  7: optional bool moreData (since = "1.0"),
}

/** Cancels a query. No server does: 0.13 answers 405, later ones 704. */
struct TSCancelOperationReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** The query, from the answer that opened it. */
  2: required i64 queryId,
}

/** Ends results early, or retires a statement. */
struct TSCloseOperationReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** The query to end; if absent, all queries of the statement and the statement itself. */
  2: optional i64 queryId,
  /** The statement; servers answer 710 without it. */
  3: optional i64 statementId,
  /** The prepared statement to forget. */
  4: optional string preparedStatementName (since = "2.0.8"),
}

/** Asks for metadata in the manner of 0.13; servers from 1.0 on answer 300. */
struct TSFetchMetadataReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** METADATA_IN_JSON, COLUMN or ALL_COLUMNS. */
  2: required string type,
  /** Path of the column. */
  3: optional string columnPath,
}

/** Metadata in the manner of 0.13. */
struct TSFetchMetadataResp {
  /** How the request ended. */
  1: required common.TSStatus status,
  /** Everything, as JSON. */
  2: optional string metadataInJson,
  /** Names of the columns. */
  3: optional list<string> columnsList,
  /** Name of the data type. */
  4: optional string dataType,
}

/** Prepares a statement of the table dialect. */
struct TSPrepareReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** The text, with a question mark for each parameter. */
  2: required string sql,
  /** Name of the prepared statement. */
  3: required string statementName,
} (since = "2.0.8")

/** Answer to the preparation of a statement. */
struct TSPrepareResp {
  /** How the request ended. */
  1: required common.TSStatus status,
  /** How many parameters it has. */
  2: optional i32 parameterCount,
} (since = "2.0.8")

/** Runs a prepared statement. */
struct TSExecutePreparedReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** Name of the prepared statement. */
  2: required string statementName,
  /** Values of the parameters: a count of four bytes, then a type code and a value each. */
  3: required binary parameters,
  /** Rows wanted in a page; 0 and less count as 1000. */
  4: optional i32 fetchSize,
  /** Milliseconds the server may take; 0 and less stand for its own default. */
  5: optional i64 timeout,
  /** The statement, from requestStatementId on this connection. */
  6: required i64 statementId,
} (since = "2.0.8")

/** Forgets a prepared statement. */
struct TSDeallocatePreparedReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** Name of the prepared statement. */
  2: required string statementName,
} (since = "2.0.8")

/** SQL: execution, batches, result sets and their pages, prepared statements. */
service Statement {
  /** Runs any SQL; a result set comes in the first-generation form, on every version. */
  TSExecuteStatementResp executeStatement(1: TSExecuteStatementReq req),
  /** The same as executeStatement. */
  TSExecuteStatementResp executeQueryStatement(1: TSExecuteStatementReq req),
  /** The same as executeStatement. */
  TSExecuteStatementResp executeUpdateStatement(1: TSExecuteStatementReq req),
  /** Runs statements that return no rows. If any fails: 302, and a status for each statement (0.13: 506). */
  common.TSStatus executeBatchStatement(1: TSExecuteBatchStatementReq req),
  /** The next page of a result in the first-generation form. */
  TSFetchResultsResp fetchResults(1: TSFetchResultsReq req),
  /** Not implemented by any server: 405 (0.13) or 704. */
  common.TSStatus cancelOperation(1: TSCancelOperationReq req),
  /** Ends a query, or a statement with all its queries. */
  common.TSStatus closeOperation(1: TSCloseOperationReq req),
  /** Metadata in the manner of 0.13; later servers answer 300. */
  TSFetchMetadataResp fetchMetadata(1: TSFetchMetadataReq req),
  /** Runs any SQL; a result set comes as TsBlocks. */
  TSExecuteStatementResp executeStatementV2(1: TSExecuteStatementReq req) (since = "1.0"),
  /** The same as executeStatementV2. */
  TSExecuteStatementResp executeQueryStatementV2(1: TSExecuteStatementReq req) (since = "1.0"),
  /** The same as executeStatementV2. */
  TSExecuteStatementResp executeUpdateStatementV2(1: TSExecuteStatementReq req) (since = "1.0"),
  /** The next page of a result as TsBlocks. */
  TSFetchResultsResp fetchResultsV2(1: TSFetchResultsReq req) (since = "1.0"),
  /** Prepares a statement; table dialect only. */
  TSPrepareResp prepareStatement(1: TSPrepareReq req) (since = "2.0.8"),
  /** Runs a prepared statement; a result set comes as TsBlocks. */
  TSExecuteStatementResp executePreparedStatement(1: TSExecutePreparedReq req) (since = "2.0.8"),
  /** Forgets a prepared statement. */
  common.TSStatus deallocatePreparedStatement(1: TSDeallocatePreparedReq req) (since = "2.0.8"),
}
