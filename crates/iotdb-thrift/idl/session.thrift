// Interface of Apache IoTDB as its clients see it, written for this crate from what is on the wire. After a change, run
// `cargo xtask codegen`: it makes src/message/generated/ from this. "since" and "until" name the first and the last
// servers with a field or method, as far as known; without them it is in all from 0.13 to 2.0. What 0.12 has of it, it
// has in the same form.

// Login, logout, time zone, and what a server says about itself.

include "common.thrift"

/** Version of the session protocol. It has nothing to do with the version of the server. */
enum TSProtocolVersion {
  /** No living server wants it. */
  IOTDB_SERVICE_PROTOCOL_V1 = 0,
  /** No living server wants it. */
  IOTDB_SERVICE_PROTOCOL_V2 = 1,
  /** What every living server wants and speaks. */
  IOTDB_SERVICE_PROTOCOL_V3 = 2,
}

/** Login. The session belongs to the connection it was opened on. */
struct TSOpenSessionReq {
  /** Version that the client speaks; every living server wants V3. */
  1: required TSProtocolVersion client_protocol = TSProtocolVersion.IOTDB_SERVICE_PROTOCOL_V3,
  /** Time zone: whatever java.time.ZoneId takes, for instance UTC, Asia/Shanghai or +08:00. */
  2: required string zoneId,
  /** Name of the user. */
  3: required string username,
  /** Password of the user, as plain text. */
  4: optional string password (secret = "true"),
  /** Options: version (V_0_12, V_0_13, V_1_0), sql_dialect (tree, table), db. */
  5: optional map<string, string> configuration,
}

/** Answer to a login. Look at the status before using anything else. */
struct TSOpenSessionResp {
  /** How the request ended. */
  1: required common.TSStatus status,
  /** Version that the server speaks. */
  2: required TSProtocolVersion serverProtocolVersion = TSProtocolVersion.IOTDB_SERVICE_PROTOCOL_V1,
  /** The new session; absent or -1 when the login failed. */
  3: optional i64 sessionId,
  /** Settings of the server; from 2.0 on timestamp_precision (ms, us, ns). */
  4: optional map<string, string> configuration,
}

/** Logout. */
struct TSCloseSessionReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
}

/** The time zone of a session. */
struct TSGetTimeZoneResp {
  /** How the request ended. */
  1: required common.TSStatus status,
  /** Name of the zone or fixed offset. */
  2: required string timeZone,
}

/** Sets the time zone that date-time literals and calendar intervals of SQL are read in. */
struct TSSetTimeZoneReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** Name of the zone or fixed offset. */
  2: required string timeZone,
}

/**
 * What a server says about itself. Up to 1.1 the ids 5 to 8 were settings of a watermark, each of another
 * type; a reader passes over those.
 */
struct ServerProperties {
  /** Version of the server, for instance 2.0.6. */
  1: required string version,
  /** Names of the aggregate functions. */
  2: required list<string> supportedTimeAggregationOperations,
  /** Unit of all times: ms, us or ns. */
  3: required string timestampPrecision,
  /** Connections that the server accepts. */
  4: optional i32 maxConcurrentClientNum,
  /** The longest frame that the server accepts, in bytes. */
  5: optional i32 thriftMaxFrameSize (also_id = "9"),
  /** Whether the server refuses writes. */
  6: optional bool isReadOnly (also_id = "10"),
  /** Commit that the server was built from. */
  7: optional string buildInfo (since = "1.0", also_id = "11"),
  /** A banner. */
  8: optional string logo (since = "1.2"),
}

/** Login, logout, time zone, and what a server says about itself. */
service Session {
  /** Logs in. Must be the first call of a connection. */
  TSOpenSessionResp openSession(1: TSOpenSessionReq req),
  /** Logs out. 802 if there is no session. */
  common.TSStatus closeSession(1: TSCloseSessionReq req),
  /** A new statement id, valid on this connection only. The result has no status. */
  i64 requestStatementId(
    /** The session. Servers find it by the connection and do not look at this. */
    1: i64 sessionId,
  ),
  /** What the server says about itself. Needs no login. */
  ServerProperties getProperties(),
  /** The time zone of the session. */
  TSGetTimeZoneResp getTimeZone(
    /** The session. Servers find it by the connection and do not look at this. */
    1: i64 sessionId,
  ),
  /** Sets the time zone of the session; 703 if the server does not know it. */
  common.TSStatus setTimeZone(1: TSSetTimeZoneReq req),
  /** Does nothing: a cheap way to see whether the server answers. Needs no login. */
  common.TSStatus testConnectionEmptyRPC() (since = "1.3.1"),
}
