//! The workloads of the comparison with the driver `cdrs-tokio`; see `job.rs` for the arguments.

#[path = "../../../../src/work.rs"]
mod work;

use std::sync::Arc;

use anyhow::Result;
use cdrs_tokio::cluster::session::{Session, SessionBuilder as _, TcpSessionBuilder};
use cdrs_tokio::cluster::{NodeTcpConfigBuilder, TcpConnectionManager};
use cdrs_tokio::compression::Compression;
use cdrs_tokio::consistency::Consistency;
use cdrs_tokio::frame::message_batch::BatchType;
use cdrs_tokio::load_balancing::RoundRobinLoadBalancingStrategy;
use cdrs_tokio::query::{BatchQueryBuilder, PreparedQuery};
use cdrs_tokio::query_values;
use cdrs_tokio::statement::StatementParamsBuilder;
use cdrs_tokio::transport::TransportTcp;
use cdrs_tokio::types::ByIndex as _;
use cdrs_tokio::types::blob::Blob;
use cdrs_tokio::types::rows::Row;
use stats_alloc::Region;
use uuid::Uuid;
use work::{ALLOCATOR, BATCH, INSERT, Job, PAGE, SCAN, SELECT, Wide};

type Driver = Session<
    TransportTcp,
    TcpConnectionManager,
    RoundRobinLoadBalancingStrategy<TransportTcp, TcpConnectionManager>,
>;

fn main() {
    work::main(run(Job::from_args()));
}

async fn run(job: Job) -> Result<()> {
    let nodes = NodeTcpConfigBuilder::new()
        .with_contact_point(job.address.as_str().into())
        .build()
        .await?;
    let compression = match job.workload.as_str() {
        "batch" => Compression::Lz4,
        _ => Compression::None,
    };
    let session = TcpSessionBuilder::new(RoundRobinLoadBalancingStrategy::new(), nodes)
        .with_compression(compression)
        .build()
        .await?;
    let session = Arc::new(session);
    match job.workload.as_str() {
        "insert" => {
            let insert = Arc::new(session.prepare(INSERT).await?);
            work::run(&job, move |n| {
                insert_one(session.clone(), insert.clone(), n)
            })
            .await;
        }
        "select" => {
            let select = Arc::new(session.prepare(SELECT).await?);
            work::run(&job, move |n| {
                select_one(session.clone(), select.clone(), work::key(n))
            })
            .await;
        }
        "batch" => {
            let insert = Arc::new(session.prepare(INSERT).await?);
            work::run(&job, move |n| {
                insert_many(session.clone(), insert.clone(), n)
            })
            .await;
        }
        // It has no rows that are borrowed from a page.
        "scan" | "scan-pages" => scan(&job, &session).await?,
        other => panic!("no workload is called {other}"),
    }
    Ok(())
}

async fn insert_one(session: Arc<Driver>, insert: Arc<PreparedQuery>, n: i64) -> u64 {
    let params = StatementParamsBuilder::new()
        .with_consistency(Consistency::One)
        .with_values(query_values!(n, n + 1, n + 2));
    let answer = session.exec_with_params(&insert, &params.build()).await;
    answer.expect("an answer");
    1
}

async fn select_one(session: Arc<Driver>, select: Arc<PreparedQuery>, key: i64) -> u64 {
    let params = StatementParamsBuilder::new()
        .with_consistency(Consistency::One)
        .with_values(query_values!(key));
    let answer = session.exec_with_params(&select, &params.build()).await;
    let body = answer.expect("an answer").response_body().expect("a body");
    sum_of(body.into_rows().expect("rows"))
}

async fn insert_many(session: Arc<Driver>, insert: Arc<PreparedQuery>, n: i64) -> u64 {
    let mut batch = BatchQueryBuilder::new().with_batch_type(BatchType::Unlogged);
    for i in 0..BATCH as i64 {
        batch = batch.add_query_prepared(&insert, query_values!(n, i, n + i));
    }
    let batch = batch.with_consistency(Consistency::One).build();
    let answer = session.batch(batch.expect("a batch")).await;
    answer.expect("an answer");
    1
}

/// Page by page; each row is owned.
async fn scan(job: &Job, session: &Driver) -> Result<()> {
    let select = session.prepare(format!("{SCAN}{}", job.total)).await?;
    let region = Region::new(ALLOCATOR);
    let mut pager = session.paged(PAGE as i32);
    let mut pages = pager.exec(&select);
    let mut sum = 0_u64;
    loop {
        sum = sum.wrapping_add(sum_of(pages.next().await?));
        if !pages.has_more() {
            break;
        }
    }
    job.report(sum, &region);
    Ok(())
}

fn sum_of(rows: Vec<Row>) -> u64 {
    rows.into_iter().fold(0, |sum: u64, row| {
        sum.wrapping_add(sum_of_row(&row).expect("columns of these types"))
    })
}

fn sum_of_row(row: &Row) -> cdrs_tokio::error::Result<u64> {
    let name: String = row.r_by_index(1)?;
    let city: Option<String> = row.by_index(2)?;
    let created: i64 = row.r_by_index(6)?;
    let reference: Uuid = row.r_by_index(7)?;
    let payload: Blob = row.r_by_index(8)?;
    let wide = Wide {
        id: row.r_by_index(0)?,
        name: &name,
        city: city.as_deref(),
        age: row.r_by_index(3)?,
        score: row.r_by_index(4)?,
        active: row.r_by_index(5)?,
        created,
        reference: reference.as_bytes(),
        payload: &payload.into_vec(),
        weight: row.r_by_index(9)?,
    };
    Ok(wide.sum())
}
