//! cql-v4
