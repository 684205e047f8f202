//! Connects, creates series of every type, writes 5,000 rows, reads them back and compares each.
//!
//! `cargo run -p iotdb-thrift --example quickstart -- iotdb://root:root@127.0.0.1:6667`
//!
//! May be repeated: it begins with deleting what an earlier run left. The last line of its output is for programs.

use std::process::ExitCode;

use iotdb_thrift::tablet::{Tablet, TabletColumn};
use iotdb_thrift::{Client, Config, DataType, Date, Error, ErrorKind, Protocol, Server};

/// The database of this example.
const DATABASE: &str = "root.quickstart";
const DEVICE: &str = "root.quickstart.d1";
const ROWS: i32 = 5_000;
/// Rows in each tablet.
const BATCH: i32 = 1_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Some(url) = std::env::args().nth(1) else {
        eprintln!("usage: quickstart iotdb://root:root@127.0.0.1:6667");
        return ExitCode::FAILURE;
    };
    match run(&url).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                eprintln!("  because: {cause}");
                source = cause.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn run(url: &str) -> Result<bool, Error> {
    let client = Client::connect(Config::from_url(url)?).await?;
    let Some(server) = client.server() else {
        eprintln!("the server hung up after the login");
        return Ok(false);
    };
    let protocol = match client.protocol() {
        Protocol::Compact => "compact",
        _ => "binary",
    };
    println!(
        "connected to IoTDB {} ({protocol} protocol)",
        server.version()
    );

    clean_up(&client, &server).await?;
    println!(
        "writing {ROWS} rows of {} series to {DEVICE}",
        types(&server).len()
    );
    for start in (0..ROWS).step_by(BATCH as usize) {
        client
            .insert_tablet(&tablet(&server, start..start + BATCH)?)
            .await?;
    }

    println!("reading them back");
    let names: Vec<_> = types(&server).into_iter().map(measurement).collect();
    let mut rows = client
        .query_stream(&format!("select {} from {DEVICE}", names.join(", ")))
        .await?;
    // The same rows as they were made, to compare with.
    let expected = tablet(&server, 0..ROWS)?;
    let (mut read, mut equal) = (0, 0);
    while let Some(row) = rows.try_next().await? {
        let same_time =
            row.first() == Some(&iotdb_thrift::Value::Timestamp(expected.times()[read]));
        let values = expected.columns().iter().map(|column| column.value(read));
        if same_time && row.into_iter().skip(1).eq(values) {
            equal += 1;
        }
        read += 1;
    }
    clean_up(&client, &server).await?;
    client.close().await;

    let all = read == ROWS as usize && equal == read;
    println!("read {read} rows, {equal} of them equal");
    println!(
        "RESULT server=\"Apache IoTDB {}\" protocol=\"thrift {protocol}\" written={ROWS} read={read} equal={all}",
        server.version()
    );
    Ok(all)
}

/// The name of the series of a type; `timestamp` alone would be a reserved word.
fn measurement(ty: DataType) -> String {
    format!("a_{}", ty.name().to_ascii_lowercase())
}

/// The types that the server knows, but `OBJECT`, which only the table model has.
fn types(server: &Server) -> Vec<DataType> {
    let known =
        |ty: &DataType| *ty != DataType::Object && (ty.is_classic() || server.has_new_types());
    DataType::ALL.into_iter().filter(known).collect()
}

/// Some rows, with a null in every column now and then where the server can store one.
fn tablet(server: &Server, rows: std::ops::Range<i32>) -> Result<Tablet, Error> {
    let nulls = server.has_nulls_in_tablets();
    let some = |i: i32, column: i32| !nulls || (i + column) % 7 != 0 || i % 100 == 0;
    let times = rows.clone().map(i64::from).collect();
    let mut columns = Vec::new();
    for (n, ty) in (0..).zip(types(server)) {
        let name = measurement(ty);
        let kept = |i: &i32| some(*i, n);
        macro_rules! column {
            ($value:expr) => {{
                let value = $value;
                let values: Vec<Option<_>> =
                    rows.clone().map(|i| kept(&i).then(|| value(i))).collect();
                TabletColumn::new(name, values).with_type(ty)?
            }};
        }
        columns.push(match ty {
            DataType::Boolean => column!(|i: i32| i % 2 == 0),
            DataType::Int32 => column!(|i: i32| i - 2_500),
            DataType::Int64 => column!(|i: i32| i64::from(i) << 32),
            DataType::Float => column!(|i: i32| i as f32 / 4.0),
            DataType::Double => column!(|i: i32| f64::from(i) / 3.0),
            DataType::Timestamp => column!(|i: i32| 1_700_000_000_000 + i64::from(i)),
            DataType::Date => column!(|i: i32| Date::from_raw(20_260_101 + i % 28)),
            DataType::Blob => column!(|i: i32| i.to_be_bytes().to_vec()),
            _ => column!(|i: i32| format!("value {i} ✓")),
        });
    }
    Tablet::from_columns(DEVICE, times, columns)
}

/// Deletes what an earlier run left; that there is nothing is fine.
async fn clean_up(client: &Client, server: &Server) -> Result<(), Error> {
    let statement = if server.has_blocks() {
        "delete database"
    } else {
        "delete storage group"
    };
    match client.execute(&format!("{statement} {DATABASE}")).await {
        Err(error) if error.kind() == ErrorKind::Server => Ok(()),
        done => done,
    }
}
