//! The workloads of the comparison with the driver `scylla`; see `job.rs` for the arguments.

#[path = "../../../../src/work.rs"]
mod work;

use std::sync::Arc;

use anyhow::Result;
use futures_util::StreamExt as _;
use scylla::client::execution_profile::ExecutionProfile;
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use scylla::client::{Compression, PoolSize};
use scylla::response::query_result::QueryRowsResult;
use scylla::response::{PagingState, PagingStateResponse};
use scylla::statement::Consistency;
use scylla::statement::batch::{Batch, BatchType};
use scylla::statement::prepared::PreparedStatement;
use scylla::value::CqlTimestamp;
use stats_alloc::Region;
use uuid::Uuid;
use work::{ALLOCATOR, BATCH, INSERT, Job, PAGE, SCAN, SELECT, Wide};

/// Borrowed from the page.
type Row<'a> = (
    i64,
    &'a str,
    Option<&'a str>,
    i32,
    f64,
    bool,
    CqlTimestamp,
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
    CqlTimestamp,
    Uuid,
    Vec<u8>,
    f32,
);

fn main() {
    work::main(run(Job::from_args()));
}

async fn run(job: Job) -> Result<()> {
    let profile = ExecutionProfile::builder().consistency(Consistency::One);
    let compression = (job.workload == "batch").then_some(Compression::Lz4);
    let session = SessionBuilder::new()
        .known_node(&job.address)
        .pool_size(PoolSize::PerHost(1.try_into()?))
        .compression(compression)
        .default_execution_profile_handle(profile.build().into_handle())
        .build()
        .await?;
    let session = Arc::new(session);
    match job.workload.as_str() {
        "insert" => {
            let insert = session.prepare(INSERT).await?;
            work::run(&job, move |n| {
                insert_one(session.clone(), insert.clone(), n)
            })
            .await;
        }
        "select" => {
            let select = session.prepare(SELECT).await?;
            work::run(&job, move |n| {
                select_one(session.clone(), select.clone(), work::key(n))
            })
            .await;
        }
        "batch" => {
            let insert = session.prepare(INSERT).await?;
            let mut batch = Batch::new(BatchType::Unlogged);
            (0..BATCH).for_each(|_| batch.append_statement(insert.clone()));
            let batch = Arc::new(batch);
            work::run(&job, move |n| {
                insert_many(session.clone(), batch.clone(), n)
            })
            .await;
        }
        "scan" => scan(&job, &session).await?,
        "scan-pages" => scan_pages(&job, &session).await?,
        other => panic!("no workload is called {other}"),
    }
    Ok(())
}

async fn insert_one(session: Arc<Session>, insert: PreparedStatement, n: i64) -> u64 {
    let answer = session.execute_unpaged(&insert, (n, n + 1, n + 2)).await;
    answer.expect("an answer");
    1
}

async fn select_one(session: Arc<Session>, select: PreparedStatement, key: i64) -> u64 {
    let answer = session.execute_unpaged(&select, (key,)).await;
    let rows = answer.expect("an answer").into_rows_result();
    sum_of(&rows.expect("rows"))
}

async fn insert_many(session: Arc<Session>, batch: Arc<Batch>, n: i64) -> u64 {
    let values: Vec<(i64, i64, i64)> = (0..BATCH as i64).map(|i| (n, i, n + i)).collect();
    session.batch(&batch, values).await.expect("an answer");
    1
}

async fn prepare_scan(job: &Job, session: &Session) -> Result<PreparedStatement> {
    let mut select = session.prepare(format!("{SCAN}{}", job.total)).await?;
    select.set_page_size(PAGE as i32);
    Ok(select)
}

/// Row by row, each owned.
async fn scan(job: &Job, session: &Session) -> Result<()> {
    let select = prepare_scan(job, session).await?;
    let region = Region::new(ALLOCATOR);
    let rows = session.execute_iter(select, ()).await?;
    let mut rows = rows.rows_stream::<OwnedRow>()?;
    let mut sum = 0_u64;
    while let Some(row) = rows.next().await {
        let (id, name, city, age, score, active, created, reference, payload, weight) = &row?;
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
async fn scan_pages(job: &Job, session: &Session) -> Result<()> {
    let select = prepare_scan(job, session).await?;
    let region = Region::new(ALLOCATOR);
    let mut state = PagingState::start();
    let mut sum = 0_u64;
    loop {
        let (page, next) = session.execute_single_page(&select, (), state).await?;
        sum = sum.wrapping_add(sum_of(&page.into_rows_result()?));
        match next {
            PagingStateResponse::HasMorePages { state: next } => state = next,
            PagingStateResponse::NoMorePages => break,
        }
    }
    job.report(sum, &region);
    Ok(())
}

fn sum_of(rows: &QueryRowsResult) -> u64 {
    let rows = rows.rows::<Row<'_>>().expect("columns of these types");
    rows.fold(0, |sum: u64, row| {
        sum.wrapping_add(sum_of_row(row.expect("a row")))
    })
}

fn sum_of_row(row: Row<'_>) -> u64 {
    let (id, name, city, age, score, active, created, reference, payload, weight) = row;
    let (created, reference) = (created.0, reference.as_bytes());
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
