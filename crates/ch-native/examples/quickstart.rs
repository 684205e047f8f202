//! Connects, creates a table, writes typed rows, reads them back and compares each.
//!
//! `cargo run -p ch-native --example quickstart -- clickhouse://default@127.0.0.1:9000`

use std::error::Error;

use ch_native::{Block, Client, Config};

const ROWS: u32 = 5_000;

/// id, name, score, tags: what a row of the table is in Rust.
type Row = (u32, String, Option<f64>, Vec<u16>);

fn row(id: u32) -> Row {
    let score = (!id.is_multiple_of(7)).then(|| f64::from(id) / 8.0);
    let tags = (0..id % 4).map(|n| u16::try_from(n).unwrap_or(0)).collect();
    (id, format!("name {id}"), score, tags)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args()
        .nth(1)
        .ok_or("usage: quickstart clickhouse://user:password@host:9000/database")?;
    let client = Client::connect(Config::from_url(&url)?).await?;
    println!(
        "connected to {} at revision {}",
        client.server().product(),
        client.revision()
    );

    client
        .execute("DROP TABLE IF EXISTS ch_native_quickstart")
        .await?;
    client
        .execute(
            "CREATE TABLE ch_native_quickstart (id UInt32, name String, score Nullable(Float64), tags Array(UInt16)) \
             ENGINE = Memory",
        )
        .await?;

    // Columns first: a block is a column of values for each column of the table.
    let rows: Vec<Row> = (0..ROWS).map(row).collect();
    let block = Block::new()
        .with("id", rows.iter().map(|r| r.0).collect())?
        .with("name", rows.iter().map(|r| r.1.as_str()).collect())?
        .with("score", rows.iter().map(|r| r.2).collect())?
        .with("tags", rows.iter().map(|r| r.3.clone()).collect())?;
    client
        .insert(
            "INSERT INTO ch_native_quickstart (id, name, score, tags) VALUES",
            block,
        )
        .await?;
    println!("wrote {ROWS} rows");

    // Rows on top: each as a tuple.
    let result = client
        .query("SELECT id, name, score, tags FROM ch_native_quickstart ORDER BY id")
        .await?;
    let mut equal = result.len() == rows.len();
    for (read, written) in result.typed::<Row>()?.zip(&rows) {
        equal &= read? == *written;
    }
    println!("read {} rows", result.len());
    client.execute("DROP TABLE ch_native_quickstart").await?;
    client.close().await;

    println!(
        "RESULT server=\"{}\" protocol=\"revision {}\" written={ROWS} read={} equal={equal}",
        client.server().product(),
        client.revision(),
        result.len()
    );
    if equal {
        Ok(())
    } else {
        Err("the rows that were read are not those that were written".into())
    }
}
