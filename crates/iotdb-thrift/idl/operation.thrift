// Interface of Apache IoTDB as its clients see it, written for this crate from what is on the wire. After a change, run
// `cargo xtask codegen`: it makes src/message/generated/ from this. "since" and "until" name the first and the last
// servers with a field or method, as far as known; without them it is in all from 0.13 to 2.0. What 0.12 has of it, it
// has in the same form.

// Administration, data subscription, and what only servers say to each other.

include "common.thrift"

/** How a client is connected. */
enum TSConnectionType {
  /** By this interface. */
  THRIFT_BASED = 0,
  /** By MQTT. */
  MQTT_BASED = 1,
  /** From within the server. */
  INTERNAL = 2,
  /** By HTTP. */
  REST_BASED = 3,
}

/** One connection of a server. */
struct TSConnectionInfo {
  /** Who is logged in. */
  1: required string userName,
  /** Time of the login. */
  2: required i64 logInTime,
  /** Name of the connection. */
  3: required string connectionId,
  /** How it is connected. */
  4: required TSConnectionType type,
}

/** The connections of a server. It has no status. */
struct TSConnectionInfoResp {
  /** The connections. */
  1: required list<TSConnectionInfo> connectionInfoList,
}

/** The settings of writing everything to a second server as well. */
struct TSBackupConfigurationResp {
  /** How the request ended. */
  1: required common.TSStatus status,
  /** Whether it is on. */
  2: optional bool enableOperationSync,
  /** Host of the second server. */
  3: optional string secondaryAddress,
  /** Port of the second server. */
  4: optional i32 secondaryPort,
}

/** The text of the template of the configuration file. */
struct TShowConfigurationTemplateResp {
  /** How the request ended. */
  1: required common.TSStatus status,
  /** The text. */
  2: required string content,
} (since = "1.3.1")

/** The text of the running configuration of a node. */
struct TShowConfigurationResp {
  /** How the request ended. */
  1: required common.TSStatus status,
  /** The text. */
  2: required string content,
} (since = "1.3.1")

/** The state of a server. */
struct TSGetSystemStatusResp {
  /** How the request ended. */
  1: required common.TSStatus status,
  /** The state, in words. */
  2: required string systemStatus,
} (until = "0.13")

/** A write that one server repeats on its second server. */
struct TSOperationSyncWriteReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** What is written. */
  2: required i8 operationSyncType,
  /** The write itself. */
  3: required binary physicalPlan,
} (until = "0.13")

/** The envelope of a request of a subscription. */
struct TPipeSubscribeReq {
  /** Version of the envelope: 1. */
  1: required i8 version,
  /** 0 handshake, 1 heartbeat, 2 poll, 3 commit, 4 close, 5 subscribe, 6 unsubscribe. */
  2: required i16 type,
  /** The request itself; absent where there is nothing to say. */
  3: optional binary body,
} (since = "1.3.1")

/** The envelope of an answer to a subscription. */
struct TPipeSubscribeResp {
  /** How the request ended. */
  1: required common.TSStatus status,
  /** Version of the envelope: 1. */
  2: required i8 version,
  /** 0: acknowledged. */
  3: required i16 type,
  /** The answer itself; for a poll, an event each. */
  4: optional list<binary> body,
} (since = "1.3.1")

/** The envelope of a request of a pipe between servers. */
struct TPipeTransferReq {
  /** Version of the envelope: 1. */
  1: required i8 version,
  /** What the body is. */
  2: required i16 type,
  /** The message itself. */
  3: required binary body,
} (since = "1.2")

/** The envelope of an answer in a pipe between servers. */
struct TPipeTransferResp {
  /** How the request ended. */
  1: required common.TSStatus status,
  /** The message itself. */
  2: optional binary body,
} (since = "1.2")

/** Who opens a pipe between servers. */
struct TSyncIdentityInfo {
  /** Name of the pipe. */
  1: required string pipeName,
  /** When it was made. */
  2: required i64 createTime,
  /** Version of the sender. */
  3: required string version,
  /** Database that is copied. */
  4: required string database,
} (since = "1.0")

/** Which part of a file follows. */
struct TSyncTransportMetaInfo {
  /** Name of the file. */
  1: required string fileName,
  /** Byte of the file where the part begins. */
  2: required i64 startIndex,
} (since = "1.0")

/** Administration, data subscription, and what only servers say to each other. */
service Operation {
  /** Who is connected. */
  TSConnectionInfoResp fetchAllConnectionsInfo(),
  /** The settings of writing to a second server. */
  TSBackupConfigurationResp getBackupConfiguration(),
  /** The template of the configuration file. */
  TShowConfigurationTemplateResp showConfigurationTemplate() (since = "1.3.1"),
  /** The running configuration of a node. */
  TShowConfigurationResp showConfiguration(
    /** Number of the node. */
    1: i32 nodeId,
  ) (since = "1.3.1"),
  /** The state of the server. */
  TSGetSystemStatusResp getSystemStatus(
    /** The session. Servers find it by the connection and do not look at this. */
    1: i64 sessionId,
  ) (until = "0.13"),
  /** Repeats a write on the second server. */
  common.TSStatus executeOperationSync(1: TSOperationSyncWriteReq req) (until = "0.13"),
  /** A step of a subscription to data. Its argument never got an id: it goes out as -1. */
  TPipeSubscribeResp pipeSubscribe(TPipeSubscribeReq req) (since = "1.3.1"),
  /** A step of a pipe between servers. Its argument goes out as -1. */
  TPipeTransferResp pipeTransfer(TPipeTransferReq req) (since = "1.2"),
  /** Opens a pipe between servers. Its argument goes out as -1. */
  common.TSStatus handshake(
    /** Who opens the pipe. */
    TSyncIdentityInfo info,
  ) (since = "1.0"),
  /** Data of a pipe between servers. */
  common.TSStatus sendPipeData(
    /** The data. */
    1: binary buff,
  ) (since = "1.0"),
  /** A part of a file between servers. */
  common.TSStatus sendFile(
    /** Which part of which file. */
    1: TSyncTransportMetaInfo metaInfo,
    /** The data. */
    2: binary buff,
  ) (since = "1.0"),
}
