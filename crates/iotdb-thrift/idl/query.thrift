// Interface of Apache IoTDB as its clients see it, written for this crate from what is on the wire. After a change, run
// `cargo xtask codegen`: it makes src/message/generated/ from this. "since" and "until" name the first and the last
// servers with a field or method, as far as known; without them it is in all from 0.13 to 2.0. What 0.12 has of it, it
// has in the same form.

// Queries given as structures instead of SQL.

include "common.thrift"
include "statement.thrift"

/** What to compute of a series. */
enum TAggregationType {
  /** Number of points. */
  COUNT = 0,
  /** Mean. */
  AVG = 1,
  /** Sum. */
  SUM = 2,
  /** Value of the earliest point. */
  FIRST_VALUE = 3,
  /** Value of the latest point. */
  LAST_VALUE = 4,
  /** Time of the latest point. */
  MAX_TIME = 5,
  /** Time of the earliest point. */
  MIN_TIME = 6,
  /** Largest value. */
  MAX_VALUE = 7,
  /** Smallest value. */
  MIN_VALUE = 8,
  /** Value with the largest magnitude. */
  EXTREME = 9,
  /** How often a condition holds. */
  COUNT_IF = 10,
  /** From the earliest point to the latest. */
  TIME_DURATION = 11,
  /** Most frequent value. */
  MODE = 12,
  /** Number of instants that have a value. */
  COUNT_TIME = 13,
  /** Standard deviation of the sample. */
  STDDEV = 14,
  /** Standard deviation of the population. */
  STDDEV_POP = 15,
  /** Standard deviation of the sample. */
  STDDEV_SAMP = 16,
  /** Variance of the sample. */
  VARIANCE = 17,
  /** Variance of the population. */
  VAR_POP = 18,
  /** Variance of the sample. */
  VAR_SAMP = 19,
  /** A value where another is largest. */
  MAX_BY = 20,
  /** A value where another is smallest. */
  MIN_BY = 21,
  /** A function that users brought. */
  UDAF = 22,
  /** Earliest value (table dialect). */
  FIRST = 23,
  /** Latest value (table dialect). */
  LAST = 24,
  /** A value where another is the earliest. */
  FIRST_BY = 25,
  /** A value where another is the latest. */
  LAST_BY = 26,
  /** Smallest value (table dialect). */
  MIN = 27,
  /** Largest value (table dialect). */
  MAX = 28,
  /** Number of rows. */
  COUNT_ALL = 29,
  /** About how many different values. */
  APPROX_COUNT_DISTINCT = 30,
  /** About the most frequent values. */
  APPROX_MOST_FREQUENT = 31,
  /** About a percentile. */
  APPROX_PERCENTILE = 32,
  /** Correlation of two columns. */
  CORR = 33,
  /** Covariance of the population. */
  COVAR_POP = 34,
  /** Covariance of the sample. */
  COVAR_SAMP = 35,
  /** Slope of the regression line. */
  REGR_SLOPE = 36,
  /** Intercept of the regression line. */
  REGR_INTERCEPT = 37,
  /** Skewness. */
  SKEWNESS = 38,
  /** Kurtosis. */
  KURTOSIS = 39,
  /** A percentile. */
  PERCENTILE = 40,
}

/** All points of some series in a range of time. */
struct TSRawDataQueryReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** Full paths of the series. */
  2: required list<string> paths,
  /** Rows wanted in a page; 0 and less count as 1000. */
  3: optional i32 fetchSize,
  /** First instant, in the precision of the server. */
  4: required i64 startTime,
  /** End of the range, in the precision of the server; not included. */
  5: required i64 endTime,
  /** The statement, from requestStatementId on this connection. */
  6: required i64 statementId,
  /** Whether the server may name a node that holds the data. */
  7: optional bool enableRedirectQuery,
  /** Whether to add what a JDBC driver needs. False for everybody else. */
  8: optional bool jdbcQuery,
  /** Milliseconds the server may take; 0 and less stand for its own default. */
  9: optional i64 timeout (since = "1.0"),
  /** Promises that no node of a path holds a dot, which spares the server a parse. */
  10: optional bool legalPathNodes (since = "1.1"),
}

/** The newest point of each of some series. */
struct TSLastDataQueryReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** Full paths of the series. */
  2: required list<string> paths,
  /** Rows wanted in a page; 0 and less count as 1000. */
  3: optional i32 fetchSize,
  /** Only points at or after this time, in the precision of the server. */
  4: required i64 time,
  /** The statement, from requestStatementId on this connection. */
  5: required i64 statementId,
  /** Whether the server may name a node that holds the data. */
  6: optional bool enableRedirectQuery,
  /** Whether to add what a JDBC driver needs. False for everybody else. */
  7: optional bool jdbcQuery,
  /** Milliseconds the server may take; 0 and less stand for its own default. */
  8: optional i64 timeout (since = "1.0"),
  /** Promises that no node of a path holds a dot, which spares the server a parse. */
  9: optional bool legalPathNodes (since = "1.1"),
}

/** Aggregates of series, as one row or by windows of time. */
struct TSAggregationQueryReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** The statement, from requestStatementId on this connection. */
  2: required i64 statementId,
  /** Full paths of the series. */
  3: required list<string> paths,
  /** What to compute of the path at the same place. */
  4: required list<TAggregationType> aggregations,
  /** First instant of the range, in the precision of the server. */
  5: optional i64 startTime,
  /** End of the range, in the precision of the server; not included. */
  6: optional i64 endTime,
  /** Length of a window, in the precision of the server; above 0 for windows. */
  7: optional i64 interval,
  /** From the start of a window to the start of the next; the length of a window if absent. */
  8: optional i64 slidingStep,
  /** Rows wanted in a page; 0 and less count as 1000. */
  9: optional i32 fetchSize,
  /** Milliseconds the server may take; 0 and less stand for its own default. */
  10: optional i64 timeout,
  /** Promises that no node of a path holds a dot, which spares the server a parse. */
  11: optional bool legalPathNodes,
} (since = "1.1")

/** The newest points of one device, answered from the cache of last values. */
struct TSFastLastDataQueryForOneDeviceReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** Database of the device. */
  2: required string db,
  /** Full path of the device. */
  3: required string deviceId,
  /** Names of the measurements. */
  4: required list<string> sensors,
  /** Rows wanted in a page; 0 and less count as 1000. */
  5: optional i32 fetchSize,
  /** The statement, from requestStatementId on this connection. */
  6: required i64 statementId,
  /** Whether the server may name a node that holds the data. */
  7: optional bool enableRedirectQuery,
  /** Whether to add what a JDBC driver needs. False for everybody else. */
  8: optional bool jdbcQuery,
  /** Milliseconds the server may take; 0 and less stand for its own default. */
  9: optional i64 timeout,
  /** Promises that no node of a path holds a dot, which spares the server a parse. */
  10: optional bool legalPathNodes,
} (since = "1.2")

/** The newest points of everything below a path, answered from the cache of last values. */
struct TSFastLastDataQueryForOnePrefixPathReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** Nodes of the path that everything must be below. */
  2: required list<string> prefixes,
  /** Rows wanted in a page; 0 and less count as 1000. */
  3: optional i32 fetchSize,
  /** The statement, from requestStatementId on this connection. */
  4: required i64 statementId,
  /** Whether the server may name a node that holds the data. */
  5: optional bool enableRedirectQuery,
  /** Whether to add what a JDBC driver needs. False for everybody else. */
  6: optional bool jdbcQuery,
  /** Milliseconds the server may take; 0 and less stand for its own default. */
  7: optional i64 timeout,
} (since = "2.0.5")

/** An aggregate of one measurement of one device by windows of time. */
struct TSGroupByQueryIntervalReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** The statement, from requestStatementId on this connection. */
  2: required i64 statementId,
  /** Full path of the device. */
  3: required string device,
  /** Name of the measurement. */
  4: required string measurement,
  /** Code of the data type. */
  5: required i32 dataType,
  /** What to compute. */
  6: required TAggregationType aggregationType,
  /** Database of the device. */
  7: optional string database,
  /** First instant of the range, in the precision of the server. */
  8: optional i64 startTime,
  /** End of the range, in the precision of the server; not included. */
  9: optional i64 endTime,
  /** Length of a window, in the precision of the server; above 0 for windows. */
  10: optional i64 interval,
  /** Rows wanted in a page; 0 and less count as 1000. */
  11: optional i32 fetchSize,
  /** Milliseconds the server may take; 0 and less stand for its own default. */
  12: optional i64 timeout,
  /** Whether the device is aligned. */
  13: optional bool isAligned (since = "1.3.4", until = "2.0.5"),
} (since = "1.2", until = "2.0.5")

/** Queries given as structures instead of SQL. */
service Query {
  /** Points of series in a range of time, first-generation form. */
  statement.TSExecuteStatementResp executeRawDataQuery(1: TSRawDataQueryReq req),
  /** Points of series in a range of time, as TsBlocks. */
  statement.TSExecuteStatementResp executeRawDataQueryV2(1: TSRawDataQueryReq req) (since = "1.0"),
  /** Newest points of series, first-generation form. */
  statement.TSExecuteStatementResp executeLastDataQuery(1: TSLastDataQueryReq req),
  /** Newest points of series, as TsBlocks. */
  statement.TSExecuteStatementResp executeLastDataQueryV2(1: TSLastDataQueryReq req) (since = "1.0"),
  /** Aggregates of series, first-generation form. */
  statement.TSExecuteStatementResp executeAggregationQuery(1: TSAggregationQueryReq req) (since = "1.1"),
  /** Aggregates of series, as TsBlocks. */
  statement.TSExecuteStatementResp executeAggregationQueryV2(1: TSAggregationQueryReq req) (since = "1.1"),
  /** Newest points of one device from the cache, as TsBlocks. May name a better node and answer as well. */
  statement.TSExecuteStatementResp executeFastLastDataQueryForOneDeviceV2(1: TSFastLastDataQueryForOneDeviceReq req) (since = "1.2"),
  /** Newest points of everything below a path from the cache, as TsBlocks. */
  statement.TSExecuteStatementResp executeFastLastDataQueryForOnePrefixPath(1: TSFastLastDataQueryForOnePrefixPathReq req) (since = "2.0.5"),
  /** An aggregate of one measurement by windows of time. */
  statement.TSExecuteStatementResp executeGroupByQueryIntervalQuery(1: TSGroupByQueryIntervalReq req) (since = "1.2", until = "2.0.5"),
}
