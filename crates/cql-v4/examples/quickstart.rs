//! Connects, creates a table, writes 5,000 typed rows, reads them back and compares each.
//!
//! ```sh
//! cargo run -p cql-v4 --example quickstart -- cassandra://127.0.0.1:9042
//! ```
//!
//! The last line of its output is for programs: `RESULT server="…" protocol="…" written=… read=… equal=…`.

use std::collections::BTreeMap;
use std::process::ExitCode;

use cql_v4::message::BatchKind;
use cql_v4::types::{Timestamp, Uuid};
use cql_v4::{Batch, Client, Config, Error};

const ROWS: i32 = 5_000;
/// Rows in a batch; all rows of one go to the same partition.
const BATCH: i32 = 50;

/// A reading: key, time, sensor, value, name, labels, samples.
type Reading = (
    i32,
    i32,
    Timestamp,
    Uuid,
    f64,
    String,
    BTreeMap<String, String>,
    Vec<i64>,
);

fn reading(i: i32) -> Reading {
    let mut uuid = [0; 16];
    uuid[12..].copy_from_slice(&i.to_be_bytes());
    let labels = BTreeMap::from([(
        "parity".to_owned(),
        ["even", "odd"][(i % 2) as usize].to_owned(),
    )]);
    (
        i / BATCH,
        i % BATCH,
        Timestamp(1_700_000_000_000 + i64::from(i)),
        Uuid(uuid),
        f64::from(i) / 8.0,
        format!("reading {i}: naïve ☃"),
        labels,
        (0..i64::from(i % 4)).map(|n| n - i64::from(i)).collect(),
    )
}

async fn run(url: &str) -> Result<bool, Error> {
    let client = Client::connect(url.parse::<Config>()?).await?;
    let local = client
        .query(
            "SELECT release_version FROM system.local WHERE key = 'local'",
            (),
        )
        .await?;
    let (release,): (String,) = local.first()?.unwrap_or_default();
    let protocol = client
        .protocol()
        .map_or_else(|| "?".to_owned(), |version| version.to_string());
    println!("connected to Cassandra {release}, protocol {protocol}");

    client
        .query(
            "CREATE KEYSPACE IF NOT EXISTS wire_quickstart \
             WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
            (),
        )
        .await?;
    client
        .query("DROP TABLE IF EXISTS wire_quickstart.readings", ())
        .await?;
    client
        .query(
            "CREATE TABLE wire_quickstart.readings (part int, id int, at timestamp, sensor uuid, value double, \
             name text, labels map<text, text>, samples list<bigint>, PRIMARY KEY (part, id))",
            (),
        )
        .await?;
    println!("created table wire_quickstart.readings");

    let insert = client
        .prepare(
            "INSERT INTO wire_quickstart.readings (part, id, at, sensor, value, name, labels, samples) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .await?;
    let mut written = 0;
    for part in 0..ROWS / BATCH {
        let mut batch = Batch::new(BatchKind::Unlogged);
        for id in 0..BATCH {
            batch.add(&insert, reading(part * BATCH + id))?;
        }
        client.batch(&batch).await?;
        written += batch.len();
    }
    println!("wrote {written} rows in batches of {BATCH}");

    let mut rows = client.query_stream::<Reading, _>(
        "SELECT part, id, at, sensor, value, name, labels, samples FROM wire_quickstart.readings",
        (),
    )?;
    let mut seen = vec![false; written];
    let (mut read, mut equal) = (0, true);
    while let Some(row) = rows.try_next().await? {
        let number = row.0 * BATCH + row.1;
        equal &= row == reading(number);
        if let Some(seen) = usize::try_from(number).ok().and_then(|i| seen.get_mut(i)) {
            equal &= !std::mem::replace(seen, true);
        }
        read += 1;
    }
    equal &= read == written && seen.iter().all(|seen| *seen);
    println!("read {read} rows back; each was compared with what was written");
    client.close().await;
    println!(
        "RESULT server=\"Apache Cassandra {release}\" protocol=\"{protocol}\" written={written} read={read} equal={equal}"
    );
    Ok(equal)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Some(url) = std::env::args().nth(1) else {
        eprintln!("usage: quickstart cassandra://user:password@host:9042");
        return ExitCode::FAILURE;
    };
    match run(&url).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("the rows that were read are not those that were written");
            ExitCode::FAILURE
        }
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
