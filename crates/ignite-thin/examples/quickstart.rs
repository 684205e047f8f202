//! Connects, makes a cache and a table, writes 5,000 entries and 5,000 rows, reads them back and compares each.
//!
//! `cargo run -p ignite-thin --example quickstart -- ignite://127.0.0.1:10800`

use std::collections::BTreeMap;
use std::process::ExitCode;

use ignite_thin::{Client, Config, Decimal, Error, Timestamp, Uuid, Value};

/// Entries in the cache, and rows in the table.
const COUNT: i32 = 5_000;
/// Entries in one request, and rows in one INSERT: a few hundred kilobytes.
const BATCH: usize = 500;
const CACHE: &str = "ignite-thin-quickstart";

#[tokio::main]
async fn main() -> ExitCode {
    let Some(url) = std::env::args().nth(1) else {
        eprintln!("usage: quickstart ignite://host:10800");
        return ExitCode::from(2);
    };
    match run(&url).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("what was read is not what was written");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            let mut cause = std::error::Error::source(&error);
            while let Some(error) = cause {
                eprintln!("  because: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn run(url: &str) -> Result<bool, Error> {
    let client = Client::connect(Config::from_url(url)?).await?;
    let rows = client
        .query("SELECT VERSION FROM SYS.NODES LIMIT 1", ())
        .await?;
    let version = rows
        .decode::<(String,)>()?
        .pop()
        .map_or_else(|| "unknown".into(), |(v,)| v);
    let version = version.split('#').next().unwrap_or(&version).to_owned();
    let protocol = client
        .server()
        .map(|info| info.protocol.to_string())
        .unwrap_or_default();
    println!("connected to Apache Ignite {version}, protocol {protocol}");

    let (written, read, entries_equal) = entries(&client).await?;
    println!(
        "cache: wrote {written} entries of every type, read {read} back, equal: {entries_equal}"
    );
    let (inserted, selected, rows_equal) = table(&client).await?;
    println!("table: inserted {inserted} rows, selected {selected}, equal: {rows_equal}");
    client.close().await;

    let equal = entries_equal && rows_equal;
    println!(
        "RESULT server=\"Apache Ignite {version}\" protocol=\"{protocol}\" written={} read={} equal={equal}",
        written + inserted,
        read + selected,
    );
    Ok(equal)
}

/// The value of an entry: one of each kind of type, by turns.
fn value(key: i32) -> Value {
    let wide = i64::from(key);
    match key % 8 {
        0 => Value::Int(key),
        1 => Value::Long(wide << 32),
        2 => Value::String(format!("entry {key} äöü")),
        3 => Value::Double(f64::from(key) / 7.0),
        4 => Value::Uuid(Uuid::from_u128(key.unsigned_abs().into())),
        5 => Value::Timestamp(Timestamp::new(wide * 1_000, 42).unwrap_or_default()),
        6 => Value::Bytes(key.to_be_bytes().repeat(25).into()),
        _ => Value::list([
            Value::Int(key),
            Value::Null,
            Value::Decimal(Decimal::new(wide.into(), 2)),
        ]),
    }
}

/// Writes and reads entries of a cache; how many were written, read, and whether they are equal.
async fn entries(client: &Client) -> Result<(usize, usize, bool), Error> {
    if client.cache_names().await?.iter().any(|name| name == CACHE) {
        client.destroy_cache(CACHE).await?;
    }
    let cache = client.get_or_create_cache(CACHE).await?;
    let all: BTreeMap<i32, Value> = (0..COUNT).map(|key| (key, value(key))).collect();

    let keys: Vec<i32> = all.keys().copied().collect();
    for batch in keys.chunks(BATCH) {
        cache
            .put_all(batch.iter().map(|key| (key, &all[key])))
            .await?;
    }
    // One by one as well: put, get and remove of a key that is not in the comparison.
    cache.put(&-1, "temporary").await?;
    let temporary: Option<String> = cache.get(&-1).await?;
    let removed = cache.remove(&-1).await?;
    let single =
        temporary.as_deref() == Some("temporary") && removed && !cache.contains_key(&-1).await?;

    let mut scanned = BTreeMap::new();
    let mut scan = cache.scan::<i32, Value>().await?;
    while let Some(entry) = scan.try_next().await? {
        let (key, value) = entry;
        scanned.insert(key, value);
    }
    let some: Vec<(i32, Value)> = cache.get_all(&keys[..BATCH]).await?;
    let some_equal = some.len() == BATCH && some.iter().all(|(key, value)| all[key] == *value);
    client.destroy_cache(CACHE).await?;
    Ok((
        all.len(),
        scanned.len(),
        single && some_equal && scanned == all,
    ))
}

type Person = (i32, String, f64, Option<bool>);

fn person(id: i32) -> Person {
    (
        id,
        format!("person {id}"),
        f64::from(id) * 1.5,
        (id % 3 != 0).then_some(id % 2 == 0),
    )
}

/// Writes and reads rows of a table; how many were written, read, and whether they are equal.
async fn table(client: &Client) -> Result<(usize, usize, bool), Error> {
    client
        .execute("DROP TABLE IF EXISTS QUICKSTART_PERSON", ())
        .await?;
    client
        .execute(
            "CREATE TABLE QUICKSTART_PERSON (ID INT PRIMARY KEY, NAME VARCHAR, SCORE DOUBLE, ACTIVE BOOLEAN)",
            (),
        )
        .await?;
    let all: Vec<Person> = (0..COUNT).map(person).collect();
    let mut inserted = 0;
    for batch in all.chunks(BATCH) {
        let places = vec!["(?, ?, ?, ?)"; batch.len()].join(", ");
        let args: Vec<Value> = batch
            .iter()
            .flat_map(|(id, name, score, active)| {
                let active = active.map_or(Value::Null, Value::Bool);
                [
                    Value::Int(*id),
                    Value::String(name.clone()),
                    Value::Double(*score),
                    active,
                ]
            })
            .collect();
        let sql =
            format!("INSERT INTO QUICKSTART_PERSON (ID, NAME, SCORE, ACTIVE) VALUES {places}");
        inserted += client.execute(sql, args).await?;
    }
    let mut selected = Vec::new();
    let mut rows = client
        .query_stream(
            "SELECT ID, NAME, SCORE, ACTIVE FROM QUICKSTART_PERSON WHERE ID >= ? ORDER BY ID",
            (0,),
        )
        .await?;
    while let Some(row) = rows.try_next().await? {
        selected.push(row.decode::<Person>()?);
    }
    client.execute("DROP TABLE QUICKSTART_PERSON", ()).await?;
    let inserted = usize::try_from(inserted).unwrap_or(usize::MAX);
    Ok((
        inserted,
        selected.len(),
        inserted == all.len() && selected == all,
    ))
}
