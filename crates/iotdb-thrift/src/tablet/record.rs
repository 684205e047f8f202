//! Records: single rows, each with measurements of its own.

use bytes::Bytes;

use super::{check_device, check_names};
use crate::error::{Error, ErrorKind};
use crate::types::{Value, decode_record, encode_record};

/// One row of one device. For many rows of the same measurements a [`Tablet`](super::Tablet) is faster.
///
/// ```
/// use iotdb_thrift::tablet::Record;
///
/// let record = Record::new("root.plant.d1", 1_700_000_000_000)
///     .with("temperature", 20.5)
///     .with("status", "ok")
///     .with("note", None::<&str>); // null: not written
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    device: String,
    time: i64,
    aligned: bool,
    names: Vec<String>,
    values: Vec<Value>,
}

impl Record {
    /// A row without values, at a time in the server's precision.
    pub fn new(device: impl Into<String>, time: i64) -> Self {
        Self {
            device: device.into(),
            time,
            aligned: false,
            names: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Adds the value of a measurement. Nulls are left out: a row that is not there reads as null.
    #[must_use]
    pub fn with(mut self, measurement: impl Into<String>, value: impl Into<Value>) -> Self {
        let value = value.into();
        if !value.is_null() {
            self.names.push(measurement.into());
            self.values.push(value);
        }
        self
    }

    /// Says that the device's series are aligned: they share one time column on disk. Needs a server of 0.13 or later.
    #[must_use]
    pub fn aligned(mut self, aligned: bool) -> Self {
        self.aligned = aligned;
        self
    }

    /// The device's path.
    pub fn device(&self) -> &str {
        &self.device
    }

    /// The row's time.
    pub fn time(&self) -> i64 {
        self.time
    }

    /// Whether the device's series are aligned.
    pub fn is_aligned(&self) -> bool {
        self.aligned
    }

    /// Names of the measurements that have a value.
    pub fn measurements(&self) -> &[String] {
        &self.names
    }

    /// The values, in the order of [`Self::measurements`].
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// Whether no measurement has a value. Servers refuse such rows.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The values as they go into a request (`values` of `insertRecord`): each with its type before it.
    ///
    /// # Errors
    /// [`ErrorKind::Encode`] for a device that is no path below `root`, a measurement that is there twice or has no
    /// name, a `DATE` that is not a day; [`ErrorKind::Limit`] for a value longer than 2³¹ - 1 bytes.
    pub fn encode(&self) -> Result<Bytes, Error> {
        check_device(&self.device)?;
        check_names(&self.device, self.names.iter().map(String::as_str))?;
        let mut out = Vec::new();
        encode_record(&self.values, &mut out).map_err(|e| {
            Error::encode(&e).context(format_args!("record of {} at {}", self.device, self.time))
        })?;
        Ok(out.into())
    }

    /// Reads a row from a request: what a server does with `insertRecord`.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if `values` are not one value for each measurement.
    pub fn decode(
        device: &str,
        time: i64,
        measurements: &[String],
        values: &Bytes,
    ) -> Result<Self, Error> {
        let cells = decode_record(values).map_err(|e| Error::decode(&e.within("record")))?;
        if cells.len() != measurements.len() {
            let (have, want) = (cells.len(), measurements.len());
            let text =
                format!("record of {device} at {time}: {have} values for {want} measurements");
            return Err(Error::new(ErrorKind::Decode, text));
        }
        let record = Self::new(device, time);
        Ok(measurements
            .iter()
            .zip(cells)
            .fold(record, |record, (name, value)| record.with(name, value)))
    }
}
