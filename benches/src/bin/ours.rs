//! The workloads of the comparison with `cql-v4`; see `job.rs` for the arguments.

#[path = "../work.rs"]
mod work;

use std::sync::Arc;

use cql_v4::message::BatchKind;
use cql_v4::policy::ServerTimestamps;
use cql_v4::types::{Timestamp, Uuid};
use cql_v4::{Batch, Client, Compression, Config, Consistency, Error, Prepared, Rows, Version};
use stats_alloc::Region;
use work::{ALLOCATOR, BATCH, INSERT, Job, PAGE, SCAN, SELECT, Wide};

/// Borrowed from the page.
type Row<'a> = (
    i64,
    &'a str,
    Option<&'a str>,
    i32,
    f64,
    bool,
    Timestamp,
    Uuid,
    &'a [u8],
    f32,
);
/// What a stream gives.
type OwnedRow = (
    i64,
    String,
    Option<String>,
    i32,
    f64,
    bool,
    Timestamp,
    Uuid,
    Vec<u8>,
    f32,
);

fn main() {
    work::main(run(Job::from_args()));
}

async fn run(job: Job) -> Result<(), Error> {
    let url = format!("cassandra://{}", job.address);
    let mut config = Config::from_url(&url)?
        .with_protocol(Version::V4)
        .with_consistency(Consistency::One)
        .with_page_size(PAGE)
        // The rivals send none.
        .with_timestamps(Arc::new(ServerTimestamps));
    if job.workload == "batch" {
        config = config.with_compression(Compression::Lz4);
    }
    let client = Client::connect(config).await?;
    match job.workload.as_str() {
        "insert" => {
            let insert = client.prepare(INSERT).await?;
            work::run(&job, move |n| insert_one(client.clone(), insert.clone(), n)).await;
        }
        "select" => {
            let select = client.prepare(SELECT).await?;
            work::run(&job, move |n| {
                select_one(client.clone(), select.clone(), work::key(n))
            })
            .await;
        }
        "batch" => {
            let insert = client.prepare(INSERT).await?;
            work::run(&job, move |n| {
                insert_many(client.clone(), insert.clone(), n)
            })
            .await;
        }
        "scan" => scan(&job, &client).await?,
        "scan-pages" => scan_pages(&job, &client).await?,
        other => panic!("no workload is called {other}"),
    }
    Ok(())
}

async fn insert_one(client: Client, insert: Prepared, n: i64) -> u64 {
    let answer = client.execute(&insert, (n, n + 1, n + 2)).await;
    answer.expect("an answer");
    1
}

async fn select_one(client: Client, select: Prepared, key: i64) -> u64 {
    let result = client.execute(&select, (key,)).await.expect("an answer");
    sum_of(result.rows().expect("rows"))
}

async fn insert_many(client: Client, insert: Prepared, n: i64) -> u64 {
    let mut batch = Batch::new(BatchKind::Unlogged);
    for i in 0..BATCH as i64 {
        batch
            .add(&insert, (n, i, n + i))
            .expect("values of the markers' types");
    }
    client.batch(&batch).await.expect("an answer");
    1
}

/// Row by row, each owned.
async fn scan(job: &Job, client: &Client) -> Result<(), Error> {
    let select = client.prepare(format!("{SCAN}{}", job.total)).await?;
    let region = Region::new(ALLOCATOR);
    let mut rows = client.execute_stream::<OwnedRow, _>(&select, ())?;
    let mut sum = 0_u64;
    while let Some(row) = rows.try_next().await? {
        let (id, name, city, age, score, active, created, reference, payload, weight) = &row;
        let row = (
            *id,
            name.as_str(),
            city.as_deref(),
            *age,
            *score,
            *active,
            *created,
            *reference,
            payload.as_slice(),
            *weight,
        );
        sum = sum.wrapping_add(sum_of_row(row));
    }
    job.report(sum, &region);
    Ok(())
}

/// Page by page, the rows borrowed from it.
async fn scan_pages(job: &Job, client: &Client) -> Result<(), Error> {
    let select = client.prepare(format!("{SCAN}{}", job.total)).await?;
    let region = Region::new(ALLOCATOR);
    let mut page = client.execute(&select, ()).await?;
    let mut sum = sum_of(page.rows()?);
    while let Some(state) = page.paging_state().cloned() {
        let next = select.clone().with_paging_state(state);
        page = client.execute(&next, ()).await?;
        sum = sum.wrapping_add(sum_of(page.rows()?));
    }
    job.report(sum, &region);
    Ok(())
}

fn sum_of(rows: &Rows) -> u64 {
    let rows = rows.typed::<Row<'_>>().expect("columns of these types");
    rows.fold(0, |sum: u64, row| {
        sum.wrapping_add(sum_of_row(row.expect("a row")))
    })
}

fn sum_of_row(row: Row<'_>) -> u64 {
    let (id, name, city, age, score, active, created, reference, payload, weight) = row;
    let (created, reference) = (created.0, &reference.0);
    let wide = Wide {
        id,
        name,
        city,
        age,
        score,
        active,
        created,
        reference,
        payload,
        weight,
    };
    wide.sum()
}
