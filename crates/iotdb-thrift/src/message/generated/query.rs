//! Queries given as structures instead of SQL.
//!
//! Made by `cargo xtask codegen` from `idl/query.thrift`: do not edit, change that and run it again.

use wire_core::{DecodeError, EncodeError};

use super::statement::TSExecuteStatementResp;
use crate::codec::input::Input;
use crate::codec::output::Output;
use crate::codec::{Fields, FieldsMut, Kind, MinLen, Sink, Struct, Value, Wire};
use crate::message::Method;

/// What to compute of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum TAggregationType {
    /// Number of points. Code 0.
    #[default]
    Count,
    /// Mean. Code 1.
    Avg,
    /// Sum. Code 2.
    Sum,
    /// Value of the earliest point. Code 3.
    FirstValue,
    /// Value of the latest point. Code 4.
    LastValue,
    /// Time of the latest point. Code 5.
    MaxTime,
    /// Time of the earliest point. Code 6.
    MinTime,
    /// Largest value. Code 7.
    MaxValue,
    /// Smallest value. Code 8.
    MinValue,
    /// Value with the largest magnitude. Code 9.
    Extreme,
    /// How often a condition holds. Code 10.
    CountIf,
    /// From the earliest point to the latest. Code 11.
    TimeDuration,
    /// Most frequent value. Code 12.
    Mode,
    /// Number of instants that have a value. Code 13.
    CountTime,
    /// Standard deviation of the sample. Code 14.
    Stddev,
    /// Standard deviation of the population. Code 15.
    StddevPop,
    /// Standard deviation of the sample. Code 16.
    StddevSamp,
    /// Variance of the sample. Code 17.
    Variance,
    /// Variance of the population. Code 18.
    VarPop,
    /// Variance of the sample. Code 19.
    VarSamp,
    /// A value where another is largest. Code 20.
    MaxBy,
    /// A value where another is smallest. Code 21.
    MinBy,
    /// A function that users brought. Code 22.
    Udaf,
    /// Earliest value (table dialect). Code 23.
    First,
    /// Latest value (table dialect). Code 24.
    Last,
    /// A value where another is the earliest. Code 25.
    FirstBy,
    /// A value where another is the latest. Code 26.
    LastBy,
    /// Smallest value (table dialect). Code 27.
    Min,
    /// Largest value (table dialect). Code 28.
    Max,
    /// Number of rows. Code 29.
    CountAll,
    /// About how many different values. Code 30.
    ApproxCountDistinct,
    /// About the most frequent values. Code 31.
    ApproxMostFrequent,
    /// About a percentile. Code 32.
    ApproxPercentile,
    /// Correlation of two columns. Code 33.
    Corr,
    /// Covariance of the population. Code 34.
    CovarPop,
    /// Covariance of the sample. Code 35.
    CovarSamp,
    /// Slope of the regression line. Code 36.
    RegrSlope,
    /// Intercept of the regression line. Code 37.
    RegrIntercept,
    /// Skewness. Code 38.
    Skewness,
    /// Kurtosis. Code 39.
    Kurtosis,
    /// A percentile. Code 40.
    Percentile,
    /// A code that this crate does not know.
    Unknown(i32),
}

impl TAggregationType {
    /// The value with this code.
    pub const fn from_code(code: i32) -> Self {
        match code {
            0 => Self::Count,
            1 => Self::Avg,
            2 => Self::Sum,
            3 => Self::FirstValue,
            4 => Self::LastValue,
            5 => Self::MaxTime,
            6 => Self::MinTime,
            7 => Self::MaxValue,
            8 => Self::MinValue,
            9 => Self::Extreme,
            10 => Self::CountIf,
            11 => Self::TimeDuration,
            12 => Self::Mode,
            13 => Self::CountTime,
            14 => Self::Stddev,
            15 => Self::StddevPop,
            16 => Self::StddevSamp,
            17 => Self::Variance,
            18 => Self::VarPop,
            19 => Self::VarSamp,
            20 => Self::MaxBy,
            21 => Self::MinBy,
            22 => Self::Udaf,
            23 => Self::First,
            24 => Self::Last,
            25 => Self::FirstBy,
            26 => Self::LastBy,
            27 => Self::Min,
            28 => Self::Max,
            29 => Self::CountAll,
            30 => Self::ApproxCountDistinct,
            31 => Self::ApproxMostFrequent,
            32 => Self::ApproxPercentile,
            33 => Self::Corr,
            34 => Self::CovarPop,
            35 => Self::CovarSamp,
            36 => Self::RegrSlope,
            37 => Self::RegrIntercept,
            38 => Self::Skewness,
            39 => Self::Kurtosis,
            40 => Self::Percentile,
            _ => Self::Unknown(code),
        }
    }

    /// The code on the wire.
    pub const fn code(self) -> i32 {
        match self {
            Self::Count => 0,
            Self::Avg => 1,
            Self::Sum => 2,
            Self::FirstValue => 3,
            Self::LastValue => 4,
            Self::MaxTime => 5,
            Self::MinTime => 6,
            Self::MaxValue => 7,
            Self::MinValue => 8,
            Self::Extreme => 9,
            Self::CountIf => 10,
            Self::TimeDuration => 11,
            Self::Mode => 12,
            Self::CountTime => 13,
            Self::Stddev => 14,
            Self::StddevPop => 15,
            Self::StddevSamp => 16,
            Self::Variance => 17,
            Self::VarPop => 18,
            Self::VarSamp => 19,
            Self::MaxBy => 20,
            Self::MinBy => 21,
            Self::Udaf => 22,
            Self::First => 23,
            Self::Last => 24,
            Self::FirstBy => 25,
            Self::LastBy => 26,
            Self::Min => 27,
            Self::Max => 28,
            Self::CountAll => 29,
            Self::ApproxCountDistinct => 30,
            Self::ApproxMostFrequent => 31,
            Self::ApproxPercentile => 32,
            Self::Corr => 33,
            Self::CovarPop => 34,
            Self::CovarSamp => 35,
            Self::RegrSlope => 36,
            Self::RegrIntercept => 37,
            Self::Skewness => 38,
            Self::Kurtosis => 39,
            Self::Percentile => 40,
            Self::Unknown(code) => code,
        }
    }
}

impl Value for TAggregationType {
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

/// All points of some series in a range of time.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSRawDataQueryReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// Full paths of the series.
    pub paths: Vec<String>,
    /// Rows wanted in a page; 0 and less count as 1000.
    pub fetch_size: Option<i32>,
    /// First instant, in the precision of the server.
    pub start_time: i64,
    /// End of the range, in the precision of the server; not included.
    pub end_time: i64,
    /// The statement, from requestStatementId on this connection.
    pub statement_id: i64,
    /// Whether the server may name a node that holds the data.
    pub enable_redirect_query: Option<bool>,
    /// Whether to add what a JDBC driver needs. False for everybody else.
    pub jdbc_query: Option<bool>,
    /// Milliseconds the server may take; 0 and less stand for its own default. Since 1.0.
    pub timeout: Option<i64>,
    /// Promises that no node of a path holds a dot, which spares the server a parse. Since 1.1.
    pub legal_path_nodes: Option<bool>,
}

impl Struct for TSRawDataQueryReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 53,
        compact: 11,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "paths", &self.paths)?;
        out.optional(3, "fetchSize", &self.fetch_size)?;
        out.required(4, "startTime", &self.start_time)?;
        out.required(5, "endTime", &self.end_time)?;
        out.required(6, "statementId", &self.statement_id)?;
        out.optional(7, "enableRedirectQuery", &self.enable_redirect_query)?;
        out.optional(8, "jdbcQuery", &self.jdbc_query)?;
        out.optional(9, "timeout", &self.timeout)?;
        out.optional(10, "legalPathNodes", &self.legal_path_nodes)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut paths = None;
        let mut fetch_size = None;
        let mut start_time = None;
        let mut end_time = None;
        let mut statement_id = None;
        let mut enable_redirect_query = None;
        let mut jdbc_query = None;
        let mut timeout = None;
        let mut legal_path_nodes = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::List) => paths = Some(fields.value(&field, "paths")?),
                (3, Kind::I32) => fetch_size = Some(fields.value(&field, "fetchSize")?),
                (4, Kind::I64) => start_time = Some(fields.value(&field, "startTime")?),
                (5, Kind::I64) => end_time = Some(fields.value(&field, "endTime")?),
                (6, Kind::I64) => statement_id = Some(fields.value(&field, "statementId")?),
                (7, Kind::Bool) => {
                    enable_redirect_query = Some(fields.value(&field, "enableRedirectQuery")?)
                }
                (8, Kind::Bool) => jdbc_query = Some(fields.value(&field, "jdbcQuery")?),
                (9, Kind::I64) => timeout = Some(fields.value(&field, "timeout")?),
                (10, Kind::Bool) => {
                    legal_path_nodes = Some(fields.value(&field, "legalPathNodes")?)
                }
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSRawDataQueryReq", "sessionId")?,
            paths: fields.require(paths, "TSRawDataQueryReq", "paths")?,
            fetch_size,
            start_time: fields.require(start_time, "TSRawDataQueryReq", "startTime")?,
            end_time: fields.require(end_time, "TSRawDataQueryReq", "endTime")?,
            statement_id: fields.require(statement_id, "TSRawDataQueryReq", "statementId")?,
            enable_redirect_query,
            jdbc_query,
            timeout,
            legal_path_nodes,
        })
    }
}

/// The newest point of each of some series.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSLastDataQueryReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// Full paths of the series.
    pub paths: Vec<String>,
    /// Rows wanted in a page; 0 and less count as 1000.
    pub fetch_size: Option<i32>,
    /// Only points at or after this time, in the precision of the server.
    pub time: i64,
    /// The statement, from requestStatementId on this connection.
    pub statement_id: i64,
    /// Whether the server may name a node that holds the data.
    pub enable_redirect_query: Option<bool>,
    /// Whether to add what a JDBC driver needs. False for everybody else.
    pub jdbc_query: Option<bool>,
    /// Milliseconds the server may take; 0 and less stand for its own default. Since 1.0.
    pub timeout: Option<i64>,
    /// Promises that no node of a path holds a dot, which spares the server a parse. Since 1.1.
    pub legal_path_nodes: Option<bool>,
}

impl Struct for TSLastDataQueryReq {
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
        out.optional(3, "fetchSize", &self.fetch_size)?;
        out.required(4, "time", &self.time)?;
        out.required(5, "statementId", &self.statement_id)?;
        out.optional(6, "enableRedirectQuery", &self.enable_redirect_query)?;
        out.optional(7, "jdbcQuery", &self.jdbc_query)?;
        out.optional(8, "timeout", &self.timeout)?;
        out.optional(9, "legalPathNodes", &self.legal_path_nodes)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut paths = None;
        let mut fetch_size = None;
        let mut time = None;
        let mut statement_id = None;
        let mut enable_redirect_query = None;
        let mut jdbc_query = None;
        let mut timeout = None;
        let mut legal_path_nodes = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::List) => paths = Some(fields.value(&field, "paths")?),
                (3, Kind::I32) => fetch_size = Some(fields.value(&field, "fetchSize")?),
                (4, Kind::I64) => time = Some(fields.value(&field, "time")?),
                (5, Kind::I64) => statement_id = Some(fields.value(&field, "statementId")?),
                (6, Kind::Bool) => {
                    enable_redirect_query = Some(fields.value(&field, "enableRedirectQuery")?)
                }
                (7, Kind::Bool) => jdbc_query = Some(fields.value(&field, "jdbcQuery")?),
                (8, Kind::I64) => timeout = Some(fields.value(&field, "timeout")?),
                (9, Kind::Bool) => legal_path_nodes = Some(fields.value(&field, "legalPathNodes")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSLastDataQueryReq", "sessionId")?,
            paths: fields.require(paths, "TSLastDataQueryReq", "paths")?,
            fetch_size,
            time: fields.require(time, "TSLastDataQueryReq", "time")?,
            statement_id: fields.require(statement_id, "TSLastDataQueryReq", "statementId")?,
            enable_redirect_query,
            jdbc_query,
            timeout,
            legal_path_nodes,
        })
    }
}

/// Aggregates of series, as one row or by windows of time. Since 1.1.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSAggregationQueryReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// The statement, from requestStatementId on this connection.
    pub statement_id: i64,
    /// Full paths of the series.
    pub paths: Vec<String>,
    /// What to compute of the path at the same place.
    pub aggregations: Vec<TAggregationType>,
    /// First instant of the range, in the precision of the server.
    pub start_time: Option<i64>,
    /// End of the range, in the precision of the server; not included.
    pub end_time: Option<i64>,
    /// Length of a window, in the precision of the server; above 0 for windows.
    pub interval: Option<i64>,
    /// From the start of a window to the start of the next; the length of a window if absent.
    pub sliding_step: Option<i64>,
    /// Rows wanted in a page; 0 and less count as 1000.
    pub fetch_size: Option<i32>,
    /// Milliseconds the server may take; 0 and less stand for its own default.
    pub timeout: Option<i64>,
    /// Promises that no node of a path holds a dot, which spares the server a parse.
    pub legal_path_nodes: Option<bool>,
}

impl Struct for TSAggregationQueryReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 39,
        compact: 9,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "statementId", &self.statement_id)?;
        out.required(3, "paths", &self.paths)?;
        out.required(4, "aggregations", &self.aggregations)?;
        out.optional(5, "startTime", &self.start_time)?;
        out.optional(6, "endTime", &self.end_time)?;
        out.optional(7, "interval", &self.interval)?;
        out.optional(8, "slidingStep", &self.sliding_step)?;
        out.optional(9, "fetchSize", &self.fetch_size)?;
        out.optional(10, "timeout", &self.timeout)?;
        out.optional(11, "legalPathNodes", &self.legal_path_nodes)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut statement_id = None;
        let mut paths = None;
        let mut aggregations = None;
        let mut start_time = None;
        let mut end_time = None;
        let mut interval = None;
        let mut sliding_step = None;
        let mut fetch_size = None;
        let mut timeout = None;
        let mut legal_path_nodes = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::I64) => statement_id = Some(fields.value(&field, "statementId")?),
                (3, Kind::List) => paths = Some(fields.value(&field, "paths")?),
                (4, Kind::List) => aggregations = Some(fields.value(&field, "aggregations")?),
                (5, Kind::I64) => start_time = Some(fields.value(&field, "startTime")?),
                (6, Kind::I64) => end_time = Some(fields.value(&field, "endTime")?),
                (7, Kind::I64) => interval = Some(fields.value(&field, "interval")?),
                (8, Kind::I64) => sliding_step = Some(fields.value(&field, "slidingStep")?),
                (9, Kind::I32) => fetch_size = Some(fields.value(&field, "fetchSize")?),
                (10, Kind::I64) => timeout = Some(fields.value(&field, "timeout")?),
                (11, Kind::Bool) => {
                    legal_path_nodes = Some(fields.value(&field, "legalPathNodes")?)
                }
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSAggregationQueryReq", "sessionId")?,
            statement_id: fields.require(statement_id, "TSAggregationQueryReq", "statementId")?,
            paths: fields.require(paths, "TSAggregationQueryReq", "paths")?,
            aggregations: fields.require(aggregations, "TSAggregationQueryReq", "aggregations")?,
            start_time,
            end_time,
            interval,
            sliding_step,
            fetch_size,
            timeout,
            legal_path_nodes,
        })
    }
}

/// The newest points of one device, answered from the cache of last values. Since 1.2.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSFastLastDataQueryForOneDeviceReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// Database of the device.
    pub db: String,
    /// Full path of the device.
    pub device_id: String,
    /// Names of the measurements.
    pub sensors: Vec<String>,
    /// Rows wanted in a page; 0 and less count as 1000.
    pub fetch_size: Option<i32>,
    /// The statement, from requestStatementId on this connection.
    pub statement_id: i64,
    /// Whether the server may name a node that holds the data.
    pub enable_redirect_query: Option<bool>,
    /// Whether to add what a JDBC driver needs. False for everybody else.
    pub jdbc_query: Option<bool>,
    /// Milliseconds the server may take; 0 and less stand for its own default.
    pub timeout: Option<i64>,
    /// Promises that no node of a path holds a dot, which spares the server a parse.
    pub legal_path_nodes: Option<bool>,
}

impl Struct for TSFastLastDataQueryForOneDeviceReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 45,
        compact: 11,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "db", &self.db)?;
        out.required(3, "deviceId", &self.device_id)?;
        out.required(4, "sensors", &self.sensors)?;
        out.optional(5, "fetchSize", &self.fetch_size)?;
        out.required(6, "statementId", &self.statement_id)?;
        out.optional(7, "enableRedirectQuery", &self.enable_redirect_query)?;
        out.optional(8, "jdbcQuery", &self.jdbc_query)?;
        out.optional(9, "timeout", &self.timeout)?;
        out.optional(10, "legalPathNodes", &self.legal_path_nodes)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut db = None;
        let mut device_id = None;
        let mut sensors = None;
        let mut fetch_size = None;
        let mut statement_id = None;
        let mut enable_redirect_query = None;
        let mut jdbc_query = None;
        let mut timeout = None;
        let mut legal_path_nodes = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::Binary) => db = Some(fields.value(&field, "db")?),
                (3, Kind::Binary) => device_id = Some(fields.value(&field, "deviceId")?),
                (4, Kind::List) => sensors = Some(fields.value(&field, "sensors")?),
                (5, Kind::I32) => fetch_size = Some(fields.value(&field, "fetchSize")?),
                (6, Kind::I64) => statement_id = Some(fields.value(&field, "statementId")?),
                (7, Kind::Bool) => {
                    enable_redirect_query = Some(fields.value(&field, "enableRedirectQuery")?)
                }
                (8, Kind::Bool) => jdbc_query = Some(fields.value(&field, "jdbcQuery")?),
                (9, Kind::I64) => timeout = Some(fields.value(&field, "timeout")?),
                (10, Kind::Bool) => {
                    legal_path_nodes = Some(fields.value(&field, "legalPathNodes")?)
                }
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(
                session_id,
                "TSFastLastDataQueryForOneDeviceReq",
                "sessionId",
            )?,
            db: fields.require(db, "TSFastLastDataQueryForOneDeviceReq", "db")?,
            device_id: fields.require(
                device_id,
                "TSFastLastDataQueryForOneDeviceReq",
                "deviceId",
            )?,
            sensors: fields.require(sensors, "TSFastLastDataQueryForOneDeviceReq", "sensors")?,
            fetch_size,
            statement_id: fields.require(
                statement_id,
                "TSFastLastDataQueryForOneDeviceReq",
                "statementId",
            )?,
            enable_redirect_query,
            jdbc_query,
            timeout,
            legal_path_nodes,
        })
    }
}

/// The newest points of everything below a path, answered from the cache of last values. Since 2.0.5.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSFastLastDataQueryForOnePrefixPathReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// Nodes of the path that everything must be below.
    pub prefixes: Vec<String>,
    /// Rows wanted in a page; 0 and less count as 1000.
    pub fetch_size: Option<i32>,
    /// The statement, from requestStatementId on this connection.
    pub statement_id: i64,
    /// Whether the server may name a node that holds the data.
    pub enable_redirect_query: Option<bool>,
    /// Whether to add what a JDBC driver needs. False for everybody else.
    pub jdbc_query: Option<bool>,
    /// Milliseconds the server may take; 0 and less stand for its own default.
    pub timeout: Option<i64>,
}

impl Struct for TSFastLastDataQueryForOnePrefixPathReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 31,
        compact: 7,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "prefixes", &self.prefixes)?;
        out.optional(3, "fetchSize", &self.fetch_size)?;
        out.required(4, "statementId", &self.statement_id)?;
        out.optional(5, "enableRedirectQuery", &self.enable_redirect_query)?;
        out.optional(6, "jdbcQuery", &self.jdbc_query)?;
        out.optional(7, "timeout", &self.timeout)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut prefixes = None;
        let mut fetch_size = None;
        let mut statement_id = None;
        let mut enable_redirect_query = None;
        let mut jdbc_query = None;
        let mut timeout = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::List) => prefixes = Some(fields.value(&field, "prefixes")?),
                (3, Kind::I32) => fetch_size = Some(fields.value(&field, "fetchSize")?),
                (4, Kind::I64) => statement_id = Some(fields.value(&field, "statementId")?),
                (5, Kind::Bool) => {
                    enable_redirect_query = Some(fields.value(&field, "enableRedirectQuery")?)
                }
                (6, Kind::Bool) => jdbc_query = Some(fields.value(&field, "jdbcQuery")?),
                (7, Kind::I64) => timeout = Some(fields.value(&field, "timeout")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(
                session_id,
                "TSFastLastDataQueryForOnePrefixPathReq",
                "sessionId",
            )?,
            prefixes: fields.require(
                prefixes,
                "TSFastLastDataQueryForOnePrefixPathReq",
                "prefixes",
            )?,
            fetch_size,
            statement_id: fields.require(
                statement_id,
                "TSFastLastDataQueryForOnePrefixPathReq",
                "statementId",
            )?,
            enable_redirect_query,
            jdbc_query,
            timeout,
        })
    }
}

/// An aggregate of one measurement of one device by windows of time. Since 1.2. Until 2.0.5.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSGroupByQueryIntervalReq {
    /// The session. Servers find it by the connection and do not look at this.
    pub session_id: i64,
    /// The statement, from requestStatementId on this connection.
    pub statement_id: i64,
    /// Full path of the device.
    pub device: String,
    /// Name of the measurement.
    pub measurement: String,
    /// Code of the data type.
    pub data_type: i32,
    /// What to compute.
    pub aggregation_type: TAggregationType,
    /// Database of the device.
    pub database: Option<String>,
    /// First instant of the range, in the precision of the server.
    pub start_time: Option<i64>,
    /// End of the range, in the precision of the server; not included.
    pub end_time: Option<i64>,
    /// Length of a window, in the precision of the server; above 0 for windows.
    pub interval: Option<i64>,
    /// Rows wanted in a page; 0 and less count as 1000.
    pub fetch_size: Option<i32>,
    /// Milliseconds the server may take; 0 and less stand for its own default.
    pub timeout: Option<i64>,
    /// Whether the device is aligned. Since 1.3.4. Until 2.0.5.
    pub is_aligned: Option<bool>,
}

impl Struct for TSGroupByQueryIntervalReq {
    const MIN_LEN: MinLen = MinLen {
        binary: 51,
        compact: 13,
    };

    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError> {
        out.required(1, "sessionId", &self.session_id)?;
        out.required(2, "statementId", &self.statement_id)?;
        out.required(3, "device", &self.device)?;
        out.required(4, "measurement", &self.measurement)?;
        out.required(5, "dataType", &self.data_type)?;
        out.required(6, "aggregationType", &self.aggregation_type)?;
        out.optional(7, "database", &self.database)?;
        out.optional(8, "startTime", &self.start_time)?;
        out.optional(9, "endTime", &self.end_time)?;
        out.optional(10, "interval", &self.interval)?;
        out.optional(11, "fetchSize", &self.fetch_size)?;
        out.optional(12, "timeout", &self.timeout)?;
        out.optional(13, "isAligned", &self.is_aligned)?;
        Ok(())
    }

    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError> {
        let mut session_id = None;
        let mut statement_id = None;
        let mut device = None;
        let mut measurement = None;
        let mut data_type = None;
        let mut aggregation_type = None;
        let mut database = None;
        let mut start_time = None;
        let mut end_time = None;
        let mut interval = None;
        let mut fetch_size = None;
        let mut timeout = None;
        let mut is_aligned = None;
        while let Some(field) = fields.next()? {
            match (field.id, field.kind) {
                (1, Kind::I64) => session_id = Some(fields.value(&field, "sessionId")?),
                (2, Kind::I64) => statement_id = Some(fields.value(&field, "statementId")?),
                (3, Kind::Binary) => device = Some(fields.value(&field, "device")?),
                (4, Kind::Binary) => measurement = Some(fields.value(&field, "measurement")?),
                (5, Kind::I32) => data_type = Some(fields.value(&field, "dataType")?),
                (6, Kind::I32) => aggregation_type = Some(fields.value(&field, "aggregationType")?),
                (7, Kind::Binary) => database = Some(fields.value(&field, "database")?),
                (8, Kind::I64) => start_time = Some(fields.value(&field, "startTime")?),
                (9, Kind::I64) => end_time = Some(fields.value(&field, "endTime")?),
                (10, Kind::I64) => interval = Some(fields.value(&field, "interval")?),
                (11, Kind::I32) => fetch_size = Some(fields.value(&field, "fetchSize")?),
                (12, Kind::I64) => timeout = Some(fields.value(&field, "timeout")?),
                (13, Kind::Bool) => is_aligned = Some(fields.value(&field, "isAligned")?),
                _ => fields.skip(&field)?,
            }
        }
        Ok(Self {
            session_id: fields.require(session_id, "TSGroupByQueryIntervalReq", "sessionId")?,
            statement_id: fields.require(
                statement_id,
                "TSGroupByQueryIntervalReq",
                "statementId",
            )?,
            device: fields.require(device, "TSGroupByQueryIntervalReq", "device")?,
            measurement: fields.require(measurement, "TSGroupByQueryIntervalReq", "measurement")?,
            data_type: fields.require(data_type, "TSGroupByQueryIntervalReq", "dataType")?,
            aggregation_type: fields.require(
                aggregation_type,
                "TSGroupByQueryIntervalReq",
                "aggregationType",
            )?,
            database,
            start_time,
            end_time,
            interval,
            fetch_size,
            timeout,
            is_aligned,
        })
    }
}

/// Arguments of `executeRawDataQuery`. Points of series in a range of time, first-generation form.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecuteRawDataQueryArgs {
    /// The request.
    pub req: TSRawDataQueryReq,
}

impl From<TSRawDataQueryReq> for ExecuteRawDataQueryArgs {
    fn from(req: TSRawDataQueryReq) -> Self {
        Self { req }
    }
}

impl Method for ExecuteRawDataQueryArgs {
    const NAME: &'static str = "executeRawDataQuery";
    type Response = TSExecuteStatementResp;
}

impl Struct for ExecuteRawDataQueryArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 57,
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
            req: fields.require(req, "ExecuteRawDataQueryArgs", "req")?,
        })
    }
}

/// Arguments of `executeRawDataQueryV2`. Points of series in a range of time, as TsBlocks. Since 1.0.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecuteRawDataQueryV2Args {
    /// The request.
    pub req: TSRawDataQueryReq,
}

impl From<TSRawDataQueryReq> for ExecuteRawDataQueryV2Args {
    fn from(req: TSRawDataQueryReq) -> Self {
        Self { req }
    }
}

impl Method for ExecuteRawDataQueryV2Args {
    const NAME: &'static str = "executeRawDataQueryV2";
    type Response = TSExecuteStatementResp;
}

impl Struct for ExecuteRawDataQueryV2Args {
    const MIN_LEN: MinLen = MinLen {
        binary: 57,
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
            req: fields.require(req, "ExecuteRawDataQueryV2Args", "req")?,
        })
    }
}

/// Arguments of `executeLastDataQuery`. Newest points of series, first-generation form.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecuteLastDataQueryArgs {
    /// The request.
    pub req: TSLastDataQueryReq,
}

impl From<TSLastDataQueryReq> for ExecuteLastDataQueryArgs {
    fn from(req: TSLastDataQueryReq) -> Self {
        Self { req }
    }
}

impl Method for ExecuteLastDataQueryArgs {
    const NAME: &'static str = "executeLastDataQuery";
    type Response = TSExecuteStatementResp;
}

impl Struct for ExecuteLastDataQueryArgs {
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
            req: fields.require(req, "ExecuteLastDataQueryArgs", "req")?,
        })
    }
}

/// Arguments of `executeLastDataQueryV2`. Newest points of series, as TsBlocks. Since 1.0.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecuteLastDataQueryV2Args {
    /// The request.
    pub req: TSLastDataQueryReq,
}

impl From<TSLastDataQueryReq> for ExecuteLastDataQueryV2Args {
    fn from(req: TSLastDataQueryReq) -> Self {
        Self { req }
    }
}

impl Method for ExecuteLastDataQueryV2Args {
    const NAME: &'static str = "executeLastDataQueryV2";
    type Response = TSExecuteStatementResp;
}

impl Struct for ExecuteLastDataQueryV2Args {
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
            req: fields.require(req, "ExecuteLastDataQueryV2Args", "req")?,
        })
    }
}

/// Arguments of `executeAggregationQuery`. Aggregates of series, first-generation form. Since 1.1.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecuteAggregationQueryArgs {
    /// The request.
    pub req: TSAggregationQueryReq,
}

impl From<TSAggregationQueryReq> for ExecuteAggregationQueryArgs {
    fn from(req: TSAggregationQueryReq) -> Self {
        Self { req }
    }
}

impl Method for ExecuteAggregationQueryArgs {
    const NAME: &'static str = "executeAggregationQuery";
    type Response = TSExecuteStatementResp;
}

impl Struct for ExecuteAggregationQueryArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 43,
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
            req: fields.require(req, "ExecuteAggregationQueryArgs", "req")?,
        })
    }
}

/// Arguments of `executeAggregationQueryV2`. Aggregates of series, as TsBlocks. Since 1.1.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecuteAggregationQueryV2Args {
    /// The request.
    pub req: TSAggregationQueryReq,
}

impl From<TSAggregationQueryReq> for ExecuteAggregationQueryV2Args {
    fn from(req: TSAggregationQueryReq) -> Self {
        Self { req }
    }
}

impl Method for ExecuteAggregationQueryV2Args {
    const NAME: &'static str = "executeAggregationQueryV2";
    type Response = TSExecuteStatementResp;
}

impl Struct for ExecuteAggregationQueryV2Args {
    const MIN_LEN: MinLen = MinLen {
        binary: 43,
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
            req: fields.require(req, "ExecuteAggregationQueryV2Args", "req")?,
        })
    }
}

/// Arguments of `executeFastLastDataQueryForOneDeviceV2`. Newest points of one device from the cache, as
/// TsBlocks. May name a better node and answer as well. Since 1.2.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecuteFastLastDataQueryForOneDeviceV2Args {
    /// The request.
    pub req: TSFastLastDataQueryForOneDeviceReq,
}

impl From<TSFastLastDataQueryForOneDeviceReq> for ExecuteFastLastDataQueryForOneDeviceV2Args {
    fn from(req: TSFastLastDataQueryForOneDeviceReq) -> Self {
        Self { req }
    }
}

impl Method for ExecuteFastLastDataQueryForOneDeviceV2Args {
    const NAME: &'static str = "executeFastLastDataQueryForOneDeviceV2";
    type Response = TSExecuteStatementResp;
}

impl Struct for ExecuteFastLastDataQueryForOneDeviceV2Args {
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
            req: fields.require(req, "ExecuteFastLastDataQueryForOneDeviceV2Args", "req")?,
        })
    }
}

/// Arguments of `executeFastLastDataQueryForOnePrefixPath`. Newest points of everything below a path from the
/// cache, as TsBlocks. Since 2.0.5.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecuteFastLastDataQueryForOnePrefixPathArgs {
    /// The request.
    pub req: TSFastLastDataQueryForOnePrefixPathReq,
}

impl From<TSFastLastDataQueryForOnePrefixPathReq> for ExecuteFastLastDataQueryForOnePrefixPathArgs {
    fn from(req: TSFastLastDataQueryForOnePrefixPathReq) -> Self {
        Self { req }
    }
}

impl Method for ExecuteFastLastDataQueryForOnePrefixPathArgs {
    const NAME: &'static str = "executeFastLastDataQueryForOnePrefixPath";
    type Response = TSExecuteStatementResp;
}

impl Struct for ExecuteFastLastDataQueryForOnePrefixPathArgs {
    const MIN_LEN: MinLen = MinLen {
        binary: 35,
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
            req: fields.require(req, "ExecuteFastLastDataQueryForOnePrefixPathArgs", "req")?,
        })
    }
}

/// Arguments of `executeGroupByQueryIntervalQuery`. An aggregate of one measurement by windows of time. Since
/// 1.2. Until 2.0.5.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecuteGroupByQueryIntervalQueryArgs {
    /// The request.
    pub req: TSGroupByQueryIntervalReq,
}

impl From<TSGroupByQueryIntervalReq> for ExecuteGroupByQueryIntervalQueryArgs {
    fn from(req: TSGroupByQueryIntervalReq) -> Self {
        Self { req }
    }
}

impl Method for ExecuteGroupByQueryIntervalQueryArgs {
    const NAME: &'static str = "executeGroupByQueryIntervalQuery";
    type Response = TSExecuteStatementResp;
}

impl Struct for ExecuteGroupByQueryIntervalQueryArgs {
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
            req: fields.require(req, "ExecuteGroupByQueryIntervalQueryArgs", "req")?,
        })
    }
}
