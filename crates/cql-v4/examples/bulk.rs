//! Writes 100,000 rows, 64 at a time, and reads them back page by page.
//!
//! ```sh
//! cargo run --release -p cql-v4 --example bulk -- cassandra://127.0.0.1,127.0.0.2,127.0.0.3
//! ```

use cql_v4::{BindRow, Client, Config, Error, FromRow, Statement};
use tokio::task::JoinSet;

const ROWS: i64 = 100_000;
const CONCURRENCY: i64 = 64;

#[derive(BindRow, FromRow)]
struct Item {
    id: i64,
    name: String,
    price: Option<f64>,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let contact_points = std::env::args().nth(1);
    let config: Config = contact_points
        .as_deref()
        .unwrap_or("cassandra://127.0.0.1")
        .parse()?;
    let client = Client::connect(config).await?;
    let replication = "{'class': 'NetworkTopologyStrategy', 'replication_factor': 1}";
    client
        .query(
            format!("CREATE KEYSPACE IF NOT EXISTS bulk WITH replication = {replication}"),
            (),
        )
        .await?;
    client.use_keyspace("bulk").await?;
    client
        .query(
            "CREATE TABLE IF NOT EXISTS items (id bigint PRIMARY KEY, name text, price double)",
            (),
        )
        .await?;

    let insert = Statement::new("INSERT INTO items (id, name, price) VALUES (?, ?, ?)")
        .with_idempotent(true);
    let insert = client.prepare(insert).await?;
    let mut tasks = JoinSet::new();
    for first in 0..CONCURRENCY {
        let (client, insert) = (client.clone(), insert.clone());
        tasks.spawn(async move {
            for id in (first..ROWS).step_by(CONCURRENCY as usize) {
                let price = (id % 10 != 0).then_some(id as f64 / 100.0);
                client
                    .execute(
                        &insert,
                        Item {
                            id,
                            name: format!("item {id}"),
                            price,
                        },
                    )
                    .await?;
            }
            Ok::<_, Error>(())
        });
    }
    for written in tasks.join_all().await {
        written?;
    }

    let (mut rows, mut sum) = (0_u32, 0.0);
    let mut items = client.query_stream::<Item, _>("SELECT id, name, price FROM items", ())?;
    while let Some(item) = items.try_next().await? {
        assert_eq!(item.name, format!("item {}", item.id));
        rows += 1;
        sum += item.price.unwrap_or_default();
    }
    println!("read {rows} items, at {sum:.2} together");
    client.close().await;
    Ok(())
}
