//! Data column by column: tablets to write, and the blocks that results come in.
//!
//! A [`Tablet`] holds rows of one device; it is the fast way to write. A [`Record`] is a single row. Results come as [`TsBlock`]s since 1.0, and as
//! row sets before; both become blocks here, whose [`BlockColumn`]s are slices of the answer.
//!
//! ```
//! use iotdb_thrift::{DataType, Value, tablet::{Tablet, TabletColumn}};
//!
//! // Column by column, typed:
//! let tablet = Tablet::from_columns(
//!     "root.plant.d1",
//!     vec![1, 2, 3],
//!     vec![
//!         TabletColumn::new("temperature", vec![20.5, 21.0, 21.5]),
//!         TabletColumn::new("status", vec![Some("ok"), None, Some("hot")]),
//!     ],
//! )?;
//! assert_eq!(tablet.rows(), 3);
//!
//! // Row by row:
//! let mut tablet = Tablet::new("root.plant.d1", [("temperature", DataType::Double), ("status", DataType::Text)])?;
//! tablet.push(1, [Value::Double(20.5), Value::from("ok")])?;
//! tablet.push(2, [Value::Double(21.0), Value::Null])?;
//! # Ok::<(), iotdb_thrift::Error>(())
//! ```

mod bitmap;
mod column;
mod encode;
mod record;
mod row_set;
mod tsblock;
mod values;

use crate::error::{Error, ErrorKind};
use crate::types::{DataType, Value};

pub use column::BlockColumn;
pub use record::Record;
pub use row_set::RowSet;
pub(crate) use row_set::read_row_set;
pub use tsblock::TsBlock;
pub(crate) use tsblock::{check_columns, row_budget};
pub use values::{ColumnValues, TabletColumn};

/// Rows of one device, to be written in one request.
///
/// Rows need not be in order: they are sorted by time when they are written, as servers demand.
#[derive(Debug, Clone, PartialEq)]
pub struct Tablet {
    device: String,
    aligned: bool,
    times: Vec<i64>,
    columns: Vec<TabletColumn>,
}

impl Tablet {
    /// A tablet without rows, for the measurements of `device` with these names and types.
    ///
    /// # Errors
    /// [`ErrorKind::Encode`] if `device` is not a path below `root`, or if there is no measurement, one without a
    /// name, or a name twice.
    pub fn new<N: Into<String>>(
        device: impl Into<String>,
        measurements: impl IntoIterator<Item = (N, DataType)>,
    ) -> Result<Self, Error> {
        let columns = measurements
            .into_iter()
            .map(|(name, data_type)| TabletColumn::empty(name.into(), data_type));
        Self::from_columns(device, Vec::new(), columns.collect())
    }

    /// A tablet of whole columns; `times` has the time of each row, in the server's precision.
    ///
    /// # Errors
    /// As [`Self::new`], and if a column is not as long as `times`.
    pub fn from_columns(
        device: impl Into<String>,
        times: Vec<i64>,
        columns: Vec<TabletColumn>,
    ) -> Result<Self, Error> {
        let device = device.into();
        check_device(&device)?;
        check_names(&device, columns.iter().map(TabletColumn::name))?;
        for column in &columns {
            let problem = if column.data_type() == DataType::Unknown {
                "has no type".to_owned()
            } else if column.len() != times.len() {
                format!("has {} values for {} times", column.len(), times.len())
            } else {
                continue;
            };
            let text = format!(
                "tablet of {device}: measurement {} {problem}",
                column.name()
            );
            return Err(Error::new(ErrorKind::Encode, text));
        }
        Ok(Self {
            device,
            aligned: false,
            times,
            columns,
        })
    }

    /// Says that the device's series are aligned: they share one time column on disk. Needs a server of 0.13 or later.
    #[must_use]
    pub fn aligned(mut self, aligned: bool) -> Self {
        self.aligned = aligned;
        self
    }

    /// Appends a row: a value, or [`Value::Null`], for each measurement in order.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if a value has not the type of its measurement; [`ErrorKind::Encode`] if there are more or
    /// fewer values than measurements. The tablet is as it was then.
    pub fn push(
        &mut self,
        time: i64,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<(), Error> {
        let values: Vec<Value> = values.into_iter().collect();
        let row = || format!("tablet of {}: row {}", self.device, self.times.len());
        if values.len() != self.columns.len() {
            let (have, want) = (values.len(), self.columns.len());
            let text = format!("{}: has {have} values for {want} measurements", row());
            return Err(Error::new(ErrorKind::Encode, text));
        }
        for (column, value) in self.columns.iter().zip(&values) {
            column.check(value).map_err(|e| e.context(row()))?;
        }
        for (column, value) in self.columns.iter_mut().zip(values) {
            column.push(value);
        }
        self.times.push(time);
        Ok(())
    }

    /// The device's path.
    pub fn device(&self) -> &str {
        &self.device
    }

    /// Whether the device's series are aligned.
    pub fn is_aligned(&self) -> bool {
        self.aligned
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.times.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// The time of each row.
    pub fn times(&self) -> &[i64] {
        &self.times
    }

    /// The columns.
    pub fn columns(&self) -> &[TabletColumn] {
        &self.columns
    }
}

/// Checks a device's path: the server would answer with an error that names neither tablet nor record.
pub(crate) fn check_device(device: &str) -> Result<(), Error> {
    if device.starts_with("root.") && device.len() > "root.".len() {
        return Ok(());
    }
    let text = format!("device {device:?} is not a path below root, such as root.plant.d1");
    Err(Error::new(ErrorKind::Encode, text))
}

/// Checks the names of measurements.
pub(crate) fn check_names<'n>(
    device: &str,
    names: impl Iterator<Item = &'n str>,
) -> Result<(), Error> {
    let mut seen = std::collections::HashSet::new();
    for name in names {
        let problem = match name {
            "" => "a measurement has no name".to_owned(),
            name if !seen.insert(name) => format!("measurement {name} is there twice"),
            _ => continue,
        };
        return Err(Error::new(
            ErrorKind::Encode,
            format!("device {device}: {problem}"),
        ));
    }
    if seen.is_empty() {
        let text = format!("device {device}: there is no measurement");
        return Err(Error::new(ErrorKind::Encode, text));
    }
    Ok(())
}
