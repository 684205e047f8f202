// Interface of Apache IoTDB as its clients see it, written for this crate from what is on the wire. After a change, run
// `cargo xtask codegen`: it makes src/message/generated/ from this. "since" and "until" name the first and the last
// servers with a field or method, as far as known; without them it is in all from 0.13 to 2.0. What 0.12 has of it, it
// has in the same form.

// Databases, time series and device templates.

include "common.thrift"

/** Creates a time series. */
struct TSCreateTimeseriesReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** Full path of the series. */
  2: required string path,
  /** Code of the data type. */
  3: required i32 dataType,
  /** Code of the encoding. */
  4: required i32 encoding,
  /** Code of the compressor. */
  5: required i32 compressor,
  /** Properties of the series. */
  6: optional map<string, string> props,
  /** Tags of the series. */
  7: optional map<string, string> tags,
  /** Attributes of the series. */
  8: optional map<string, string> attributes,
  /** Second name of the measurement. */
  9: optional string measurementAlias,
}

/** Creates all measurements of one aligned device. The lists are parallel. */
struct TSCreateAlignedTimeseriesReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** The device: a full path from root. */
  2: required string prefixPath,
  /** Names of the measurements. */
  3: required list<string> measurements,
  /** Codes of the data types. */
  4: required list<i32> dataTypes,
  /** Codes of the encodings. */
  5: required list<i32> encodings,
  /** Codes of the compressors. */
  6: required list<i32> compressors,
  /** Second names of the measurements. */
  7: optional list<string> measurementAlias,
  /** Tags of each series. */
  8: optional list<map<string, string>> tagsList (since = "1.0"),
  /** Attributes of each series. */
  9: optional list<map<string, string>> attributesList (since = "1.0"),
}

/** Creates many time series. The lists are parallel; an optional list is absent or as long as the others. */
struct TSCreateMultiTimeseriesReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** Full paths of the series. */
  2: required list<string> paths,
  /** Codes of the data types. */
  3: required list<i32> dataTypes,
  /** Codes of the encodings. */
  4: required list<i32> encodings,
  /** Codes of the compressors. */
  5: required list<i32> compressors,
  /** Properties of each series. */
  6: optional list<map<string, string>> propsList,
  /** Tags of each series. */
  7: optional list<map<string, string>> tagsList,
  /** Attributes of each series. */
  8: optional list<map<string, string>> attributesList,
  /** Second names of the measurements. */
  9: optional list<string> measurementAliasList,
}

/** Creates a device template. */
struct TSCreateSchemaTemplateReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** Name of the template. */
  2: required string name,
  /** The template in its binary form: name, alignment, then its measurements. */
  3: required binary serializedTemplate,
}

/** Adds measurements to a template. Servers from 1.0 on do not support it. */
struct TSAppendSchemaTemplateReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** Name of the template. */
  2: required string name,
  /** Whether the measurements are aligned. */
  3: required bool isAligned,
  /** Names of the measurements. */
  4: required list<string> measurements,
  /** Codes of the data types. */
  5: required list<i32> dataTypes,
  /** Codes of the encodings. */
  6: required list<i32> encodings,
  /** Codes of the compressors. */
  7: required list<i32> compressors,
}

/** Takes a measurement out of a template. Servers from 1.0 on do not support it. */
struct TSPruneSchemaTemplateReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** Name of the template. */
  2: required string name,
  /** Path of the measurement within the template. */
  3: required string path,
}

/** Asks about templates. */
struct TSQueryTemplateReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** Name of the template. */
  2: required string name,
  /**
   * The question: 0 count measurements, 1 is a measurement, 2 path exists, 3 show measurements, 4 show
   * templates, 5 paths set, 6 paths using. From 1.0 on only 3 to 6.
   */
  3: required i32 queryType,
  /** The measurement or path the question is about. */
  4: optional string measurement,
}

/** Answer to a question about templates; which field is set depends on the question. */
struct TSQueryTemplateResp {
  /** How the request ended. */
  1: required common.TSStatus status,
  /**
   * The question: 0 count measurements, 1 is a measurement, 2 path exists, 3 show measurements, 4 show
   * templates, 5 paths set, 6 paths using. From 1.0 on only 3 to 6.
   */
  2: required i32 queryType,
  /** Yes or no, for questions 1 and 2. */
  3: optional bool result,
  /** A number, for question 0. */
  4: optional i32 count,
  /** Names or paths, for questions 3 to 6. */
  5: optional list<string> measurements,
}

/** Puts a template on a path. */
struct TSSetSchemaTemplateReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** Name of the template. */
  2: required string templateName,
  /** The path. */
  3: required string prefixPath,
}

/** Takes a template off a path. */
struct TSUnsetSchemaTemplateReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** The path. */
  2: required string prefixPath,
  /** Name of the template. */
  3: required string templateName,
}

/** Drops a template. */
struct TSDropSchemaTemplateReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** Name of the template. */
  2: required string templateName,
}

/** Activates the template that is set above each of some devices. */
struct TCreateTimeseriesUsingSchemaTemplateReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** Full paths of the devices. */
  2: required list<string> devicePathList,
} (since = "1.1")

/** Activates the template that is set above a path. */
struct TSSetUsingTemplateReq {
  /** The session. Servers find it by the connection and do not look at this. */
  1: required i64 sessionId,
  /** The path. */
  2: required string dstPath,
} (until = "0.13")

/** Databases, time series and device templates. */
service Schema {
  /** Creates a database (tree model). */
  common.TSStatus setStorageGroup(
    /** The session. Servers find it by the connection and do not look at this. */
    1: i64 sessionId,
    /** Path of the database. */
    2: string storageGroup,
  ),
  /** Drops databases (tree model). */
  common.TSStatus deleteStorageGroups(
    /** The session. Servers find it by the connection and do not look at this. */
    1: i64 sessionId,
    /** Paths of the databases. */
    2: list<string> storageGroup,
  ),
  /** Creates a time series. */
  common.TSStatus createTimeseries(1: TSCreateTimeseriesReq req),
  /** Creates the measurements of an aligned device. */
  common.TSStatus createAlignedTimeseries(1: TSCreateAlignedTimeseriesReq req),
  /** Creates many time series. */
  common.TSStatus createMultiTimeseries(1: TSCreateMultiTimeseriesReq req),
  /** Deletes time series with their data. */
  common.TSStatus deleteTimeseries(
    /** The session. Servers find it by the connection and do not look at this. */
    1: i64 sessionId,
    /** Full paths or patterns of the series. */
    2: list<string> path,
  ),
  /** Creates a device template. */
  common.TSStatus createSchemaTemplate(1: TSCreateSchemaTemplateReq req),
  /** Adds measurements to a template; not supported from 1.0 on. */
  common.TSStatus appendSchemaTemplate(1: TSAppendSchemaTemplateReq req),
  /** Takes a measurement out of a template; not supported from 1.0 on. */
  common.TSStatus pruneSchemaTemplate(1: TSPruneSchemaTemplateReq req),
  /** Asks about templates. */
  TSQueryTemplateResp querySchemaTemplate(1: TSQueryTemplateReq req),
  /** Puts a template on a path. */
  common.TSStatus setSchemaTemplate(1: TSSetSchemaTemplateReq req),
  /** Takes a template off a path. */
  common.TSStatus unsetSchemaTemplate(1: TSUnsetSchemaTemplateReq req),
  /** Drops a template. */
  common.TSStatus dropSchemaTemplate(1: TSDropSchemaTemplateReq req),
  /** Activates templates. */
  common.TSStatus createTimeseriesUsingSchemaTemplate(1: TCreateTimeseriesUsingSchemaTemplateReq req) (since = "1.1"),
  /** Activates a template. */
  common.TSStatus setUsingTemplate(1: TSSetUsingTemplateReq req) (until = "0.13"),
  /** Deactivates a template. */
  common.TSStatus unsetUsingTemplate(
    /** The session. Servers find it by the connection and do not look at this. */
    1: i64 sessionId,
    /** Name of the template. */
    2: string templateName,
    /** The path. */
    3: string prefixPath,
  ) (until = "0.13"),
}
