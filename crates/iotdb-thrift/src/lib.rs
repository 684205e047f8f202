//! iotdb-thrift
