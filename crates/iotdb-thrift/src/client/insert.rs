//! Writing: tablets and records.

use super::call::{Doing, Subject};
use super::{Client, Connection, Inner};
use crate::error::{Error, ErrorKind};
use crate::message::{
    InsertRecordArgs, InsertRecordsArgs, InsertTabletArgs, TSInsertRecordReq, TSInsertRecordsReq,
    TSInsertTabletReq, TSStatus,
};
use crate::proto::check;
use crate::tablet::{Record, Tablet};
use crate::types::{DataType, Value};

impl Client {
    /// Writes the rows of a tablet in one request: the fast way to write. Writing the same rows again is harmless:
    /// they replace themselves. An empty tablet is not sent.
    ///
    /// ```no_run
    /// # async fn example(client: iotdb_thrift::Client) -> Result<(), iotdb_thrift::Error> {
    /// use iotdb_thrift::tablet::{Tablet, TabletColumn};
    ///
    /// let columns = vec![TabletColumn::new("temperature", vec![Some(20.5), None, Some(21.5)])];
    /// client.insert_tablet(&Tablet::from_columns("root.plant.d1", vec![1, 2, 3], columns)?).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] if the server is too old for the tablet's types, nulls or alignment;
    /// [`ErrorKind::Limit`] if the tablet is longer than the server accepts (nothing is sent then);
    /// [`ErrorKind::Server`] if the server refuses it, with the measurement in its words; see [`Error::sent`] for
    /// whether it may have been carried out otherwise.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, the rows may or may not be written.
    pub async fn insert_tablet(&self, tablet: &Tablet) -> Result<(), Error> {
        if tablet.is_empty() {
            return Ok(());
        }
        let inner = &self.inner;
        Box::pin(inner.unless_unsent(|| inner.insert_tablet(tablet))).await
    }

    /// Writes one row.
    ///
    /// # Errors
    /// As [`Self::insert_tablet`], and [`ErrorKind::Encode`] for a record without values.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, the row may or may not be written.
    pub async fn insert_record(&self, record: &Record) -> Result<(), Error> {
        let inner = &self.inner;
        Box::pin(inner.unless_unsent(|| inner.insert_record(record))).await
    }

    /// Writes rows of any devices in one request. No records are not sent.
    ///
    /// # Errors
    /// As [`Self::insert_record`]; [`ErrorKind::Misuse`] if some records are aligned and others are not, which one
    /// request cannot say. If some records fail, the others are written;
    /// [`ServerError::parts`](crate::ServerError::parts) lists those that failed, unless the server, as 2.0 does for
    /// one alone, answers with the failure itself.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, some or all of the rows may be written.
    pub async fn insert_records(&self, records: &[Record]) -> Result<(), Error> {
        let inner = &self.inner;
        Box::pin(inner.unless_unsent(|| inner.insert_records(records))).await
    }
}

/// The same, as large futures: callers hold them boxed, so that theirs stay small.
impl Inner {
    async fn insert_tablet(&self, tablet: &Tablet) -> Result<(), Error> {
        let live = self.live().await?;
        let doing = Doing::new(
            "insertTablet",
            Subject::Device(tablet.device(), tablet.rows()),
        );
        let request = tablet_request(&live, tablet).map_err(|e| e.context(doing))?;
        let status = self.call(&live, &request, doing).await?;
        written(&live, &status, doing)
    }

    async fn insert_record(&self, record: &Record) -> Result<(), Error> {
        let live = self.live().await?;
        let doing = Doing::new("insertRecord", Subject::Device(record.device(), 1));
        check_record(&live, record).map_err(|e| e.context(doing))?;
        let request = InsertRecordArgs::from(TSInsertRecordReq {
            session_id: live.info.session_id(),
            prefix_path: record.device().to_owned(),
            measurements: record.measurements().to_vec(),
            values: record.encode()?,
            timestamp: record.time(),
            is_aligned: Some(record.is_aligned()),
            ..TSInsertRecordReq::default()
        });
        let status = self.call(&live, &request, doing).await?;
        written(&live, &status, doing)
    }

    async fn insert_records(&self, records: &[Record]) -> Result<(), Error> {
        let Some(first) = records.first() else {
            return Ok(());
        };
        let live = self.live().await?;
        let doing = Doing::new("insertRecords", Subject::Records(records));
        let mut request = TSInsertRecordsReq {
            session_id: live.info.session_id(),
            is_aligned: Some(first.is_aligned()),
            ..TSInsertRecordsReq::default()
        };
        for (i, record) in records.iter().enumerate() {
            if record.is_aligned() != first.is_aligned() {
                let text = format!(
                    "{doing}: record {i} and record 0 differ in being aligned; write them apart"
                );
                return Err(Error::new(ErrorKind::Misuse, text));
            }
            let at = |e: Error| e.context(format_args!("{doing}: record {i}"));
            check_record(&live, record).map_err(at)?;
            request.values_list.push(record.encode().map_err(at)?);
            request.prefix_paths.push(record.device().to_owned());
            request
                .measurements_list
                .push(record.measurements().to_vec());
            request.timestamps.push(record.time());
        }
        let request = InsertRecordsArgs::from(request);
        let status = self.call(&live, &request, doing).await?;
        written(&live, &status, doing)
    }
}

fn written(live: &Connection, status: &TSStatus, doing: Doing<'_>) -> Result<(), Error> {
    check(status, live.info.numbering(), || doing.to_string())
}

fn tablet_request(live: &Connection, tablet: &Tablet) -> Result<InsertTabletArgs, Error> {
    let server = live.info.server();
    if !server.has_nulls_in_tablets() {
        check_aligned(live, tablet.is_aligned())?;
        if let Some(column) = tablet.columns().iter().find(|column| column.has_nulls()) {
            let text = format!(
                "measurement {} has nulls, which a server of version {} would store as values; write records, or \
                 tablets without nulls",
                column.name(),
                server.version()
            );
            return Err(Error::new(ErrorKind::Unsupported, text));
        }
    }
    for column in tablet.columns() {
        check_type(live, column.name(), column.data_type())?;
    }
    let size = i32::try_from(tablet.rows()).map_err(|_| {
        let text = format!("{} rows are more than a tablet can have", tablet.rows());
        Error::new(ErrorKind::Limit, text)
    })?;
    let (timestamps, values) = tablet.encode()?;
    let columns = tablet.columns().iter();
    Ok(InsertTabletArgs::from(TSInsertTabletReq {
        session_id: live.info.session_id(),
        prefix_path: tablet.device().to_owned(),
        measurements: columns.clone().map(|c| c.name().to_owned()).collect(),
        types: columns.map(|c| c.data_type().code().into()).collect(),
        timestamps,
        values,
        size,
        is_aligned: Some(tablet.is_aligned()),
        ..TSInsertTabletReq::default()
    }))
}

fn check_record(live: &Connection, record: &Record) -> Result<(), Error> {
    check_aligned(live, record.is_aligned())?;
    for (name, value) in record.measurements().iter().zip(record.values()) {
        if let Some(data_type) = Value::data_type(value) {
            check_type(live, name, data_type)?;
        }
    }
    Ok(())
}

fn check_aligned(live: &Connection, aligned: bool) -> Result<(), Error> {
    let server = live.info.server();
    if !aligned || server.has_nulls_in_tablets() {
        return Ok(());
    }
    let text = format!(
        "a server of version {} does not know aligned devices",
        server.version()
    );
    Err(Error::new(ErrorKind::Unsupported, text))
}

fn check_type(live: &Connection, name: &str, data_type: DataType) -> Result<(), Error> {
    let server = live.info.server();
    if data_type.is_classic() || server.has_new_types() {
        return Ok(());
    }
    let text = format!(
        "measurement {name} has type {data_type}, which a server of version {} does not know",
        server.version()
    );
    Err(Error::new(ErrorKind::Unsupported, text))
}
