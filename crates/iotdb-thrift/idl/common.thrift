// Interface of Apache IoTDB as its clients see it, written for this crate from what is on the wire. After a change, run
// `cargo xtask codegen`: it makes src/message/generated/ from this. "since" and "until" name the first and the last
// servers with a field or method, as far as known; without them it is in all from 0.13 to 2.0. What 0.12 has of it, it
// has in the same form.

// What every part of the interface uses: the status of a request, and addresses.

/** Why a server could not carry out a call at all. */
enum TApplicationExceptionType {
  /** The server does not say why. */
  UNSPECIFIED = 0,
  /** The server does not have the method: how old servers answer new calls. */
  UNKNOWN_METHOD = 1,
  /** The message was not a call. */
  INVALID_MESSAGE_TYPE = 2,
  /** The reply named another method. */
  WRONG_METHOD_NAME = 3,
  /** The reply had another number. */
  BAD_SEQUENCE_ID = 4,
  /** The method returned nothing. */
  MISSING_RESULT = 5,
  /** The server failed while it ran the method. */
  INTERNAL_ERROR = 6,
  /** The call could not be decoded. */
  PROTOCOL_ERROR = 7,
  /** The transform is not known. */
  INVALID_TRANSFORM = 8,
  /** The protocol is not known. */
  INVALID_PROTOCOL = 9,
  /** The transport is not known. */
  UNSUPPORTED_CLIENT_TYPE = 10,
}

/**
 * The answer to a call that the server could not carry out. It is part of Thrift itself; the connection stays
 * usable after it.
 */
exception TApplicationException {
  /** What happened, in words for people. */
  1: optional string message,
  /** Why. */
  2: optional TApplicationExceptionType type,
}

/** The address of a node. Servers of 0.13 call it EndPoint, with the same fields. */
struct TEndPoint {
  /** Host name or address. Empty or 0.0.0.0 when the server has none to offer. */
  1: required string ip,
  /** Port of the client interface. */
  2: required i32 port,
}

/** How a request ended. Part of every answer. */
struct TSStatus {
  /** 200 and 400 are success; 0.13 and later servers number the rest differently. */
  1: required i32 code,
  /** What happened, in words for people. */
  2: optional string message,
  /** The status of each part of the request, in its order. */
  3: optional list<TSStatus> subStatus,
  /** The node that later requests for the same device should go to. */
  4: optional TEndPoint redirectNode,
  /** Whether the server thinks that the same request may succeed later. */
  5: optional bool needRetry (since = "1.3.1"),
  /** Data that belongs to the status. */
  6: optional binary responseData (since = "2.0.8"),
}
