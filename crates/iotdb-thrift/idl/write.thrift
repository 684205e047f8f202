// Interface of Apache IoTDB as its clients see it, written for this crate from what is on the wire. After a change, run
// `cargo xtask codegen`: it makes src/message/generated/ from this. "since" and "until" name the first and the last
// servers with a field or method, as far as known; without them it is in all from 0.13 to 2.0. What 0.12 has of it, it
// has in the same form.

// Rows and tablets on their way in, and the deletion of points.

include "common.thrift"

/** One row of one device. */
struct TSInsertRecordReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** The device: a full path from root. */
  2: required string prefixPath,
  /** Names of the measurements. */
  3: required list<string> measurements,
  /** For each measurement a type code and a value. */
  4: required binary values,
  /** Time of the row, in the precision of the server. */
  5: required i64 timestamp,
  /** Whether the device is aligned. */
  6: optional bool isAligned,
  /** Whether this is a row of a table. */
  7: optional bool isWriteToTable (since = "2.0"),
  /** Category of each column of a table. The interface spells it so. */
  8: optional list<i8> columnCategoryies (since = "2.0"),
}

/** One row for each of many devices. The lists are parallel. */
struct TSInsertRecordsReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** The devices, one for each row. */
  2: required list<string> prefixPaths,
  /** Names of the measurements, a list for each row. */
  3: required list<list<string>> measurementsList,
  /** For each row, the type codes and values of its measurements. */
  4: required list<binary> valuesList,
  /** Times of the rows, in the precision of the server. */
  5: required list<i64> timestamps,
  /** Whether the device is aligned. */
  6: optional bool isAligned,
}

/** Many rows of one device, in ascending order of time. The lists are parallel. */
struct TSInsertRecordsOfOneDeviceReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** The device: a full path from root. */
  2: required string prefixPath,
  /** Names of the measurements, a list for each row. */
  3: required list<list<string>> measurementsList,
  /** For each row, the type codes and values of its measurements. */
  4: required list<binary> valuesList,
  /** Times of the rows, in the precision of the server. */
  5: required list<i64> timestamps,
  /** Whether the device is aligned. */
  6: optional bool isAligned,
}

/** One row of one device as text; the server infers the types. */
struct TSInsertStringRecordReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** The device: a full path from root. */
  2: required string prefixPath,
  /** Names of the measurements. */
  3: required list<string> measurements,
  /** Values of the measurements, as text. */
  4: required list<string> values,
  /** Time of the row, in the precision of the server. */
  5: required i64 timestamp,
  /** Whether the device is aligned. */
  6: optional bool isAligned,
  /** Milliseconds the server may take. */
  7: optional i64 timeout (since = "1.0"),
}

/** One row of text for each of many devices. The lists are parallel. */
struct TSInsertStringRecordsReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** The devices, one for each row. */
  2: required list<string> prefixPaths,
  /** Names of the measurements, a list for each row. */
  3: required list<list<string>> measurementsList,
  /** For each row, the values of its measurements as text. */
  4: required list<list<string>> valuesList,
  /** Times of the rows, in the precision of the server. */
  5: required list<i64> timestamps,
  /** Whether the device is aligned. */
  6: optional bool isAligned,
}

/** Many rows of text of one device, in ascending order of time. The lists are parallel. */
struct TSInsertStringRecordsOfOneDeviceReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** The device: a full path from root. */
  2: required string prefixPath,
  /** Names of the measurements, a list for each row. */
  3: required list<list<string>> measurementsList,
  /** For each row, the values of its measurements as text. */
  4: required list<list<string>> valuesList,
  /** Times of the rows, in the precision of the server. */
  5: required list<i64> timestamps,
  /** Whether the device is aligned. */
  6: optional bool isAligned,
}

/** Many rows of one device or table, column after column: the fast way to write. */
struct TSInsertTabletReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** The device: a full path from root; or the name of a table, without its database. */
  2: required string prefixPath,
  /** Names of the measurements. */
  3: required list<string> measurements,
  /**
   * Values, column after column, a placeholder for each null; then the bitmaps of nulls, if there are any.
   */
  4: required binary values,
  /** Times of the rows, ascending, eight bytes each, big-endian. */
  5: required binary timestamps,
  /** Codes of the data types of the columns. */
  6: required list<i32> types,
  /** Number of rows. */
  7: required i32 size,
  /** Whether the device is aligned. */
  8: optional bool isAligned,
  /** Whether these are rows of a table. */
  9: optional bool writeToTable (since = "2.0"),
  /** Category of each column of a table: 0 tag, 1 field, 2 attribute. */
  10: optional list<i8> columnCategories (since = "2.0"),
  /** Whether times and values are encoded and compressed. Servers before 2.0.6 do not know it. */
  11: optional bool isCompressed (since = "2.0.8"),
  /** Codes of the encodings of the times and of each column, when compressed. */
  12: optional list<i8> encodingTypes (since = "2.0.8"),
  /** Code of the compressor, when compressed. */
  13: optional i8 compressType (since = "2.0.8"),
}

/** Tablets of many devices (tree model only). The lists are parallel. */
struct TSInsertTabletsReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** The devices, one for each tablet. */
  2: required list<string> prefixPaths,
  /** Names of the measurements, a list for each tablet. */
  3: required list<list<string>> measurementsList,
  /** Values and nulls of each tablet, as in TSInsertTabletReq. */
  4: required list<binary> valuesList,
  /** Times of each tablet, as in TSInsertTabletReq. */
  5: required list<binary> timestampsList,
  /** Codes of the data types, a list for each tablet. */
  6: required list<list<i32>> typesList,
  /** Number of rows of each tablet. */
  7: required list<i32> sizeList,
  /** Whether the devices are aligned, all alike. */
  8: optional bool isAligned,
}

/** Deletes the points of some series in a range of time, both ends included. */
struct TSDeleteDataReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** Full paths or patterns of the series. */
  2: required list<string> paths,
  /** First instant of the range, in the precision of the server. */
  3: required i64 startTime,
  /** Last instant of the range, in the precision of the server. */
  4: required i64 endTime,
}

/** Rows and tablets on their way in, and the deletion of points. */
service Write {
  /** Writes a row of a device. */
  common.TSStatus insertRecord(1: TSInsertRecordReq req),
  /** Writes a row for each of many devices. */
  common.TSStatus insertRecords(1: TSInsertRecordsReq req),
  /** Writes many rows of a device. */
  common.TSStatus insertRecordsOfOneDevice(1: TSInsertRecordsOfOneDeviceReq req),
  /** Writes a row of text. */
  common.TSStatus insertStringRecord(1: TSInsertStringRecordReq req),
  /** Writes a row of text for each of many devices. */
  common.TSStatus insertStringRecords(1: TSInsertStringRecordsReq req),
  /** Writes many rows of text of a device. */
  common.TSStatus insertStringRecordsOfOneDevice(1: TSInsertStringRecordsOfOneDeviceReq req),
  /** Writes a tablet. */
  common.TSStatus insertTablet(1: TSInsertTabletReq req),
  /** Writes tablets of many devices. */
  common.TSStatus insertTablets(1: TSInsertTabletsReq req),
  /** Decodes what insertRecord takes and stores nothing: for measuring the way to the server. */
  common.TSStatus testInsertRecord(1: TSInsertRecordReq req),
  /** Decodes what insertRecords takes and stores nothing: for measuring the way to the server. */
  common.TSStatus testInsertRecords(1: TSInsertRecordsReq req),
  /** Decodes what insertRecordsOfOneDevice takes and stores nothing: for measuring the way to the server. */
  common.TSStatus testInsertRecordsOfOneDevice(1: TSInsertRecordsOfOneDeviceReq req),
  /** Decodes what insertStringRecord takes and stores nothing: for measuring the way to the server. */
  common.TSStatus testInsertStringRecord(1: TSInsertStringRecordReq req),
  /** Decodes what insertStringRecords takes and stores nothing: for measuring the way to the server. */
  common.TSStatus testInsertStringRecords(1: TSInsertStringRecordsReq req),
  /** Decodes what insertTablet takes and stores nothing: for measuring the way to the server. */
  common.TSStatus testInsertTablet(1: TSInsertTabletReq req),
  /** Decodes what insertTablets takes and stores nothing: for measuring the way to the server. */
  common.TSStatus testInsertTablets(1: TSInsertTabletsReq req),
  /** Deletes points. */
  common.TSStatus deleteData(1: TSDeleteDataReq req),
}
