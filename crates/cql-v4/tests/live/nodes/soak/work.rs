//! What the clients are kept busy with. Each kind of work judges each answer that it gets.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cql_v4::message::BatchKind;
use cql_v4::types::Value;
use cql_v4::{Batch, Client, Consistency, Error, Prepared, Row, Statement};

use super::Shared;
use super::history::{Additions, Condition, Random, Registers};

/// Keys that one worker writes.
pub(super) const KEYS: i32 = 32;
/// Rows that one batch writes, all with the same value.
const ROWS_OF_BATCH: i32 = 8;
/// Rows of the table that is read page by page: parts of so many rows.
pub(super) const STILL: (i32, i32) = (20, 30);
const PAGE: u32 = 50;
/// Statements of the churn: more than a client keeps.
const TEXTS: u64 = 1_000;
/// Numbers in the longest of the large values, which takes many segments.
const LONGEST: u64 = 25_000;
/// Between two steps: nodes that start need some of the processor, too.
const PACE: Duration = Duration::from_millis(20);

/// Kinds of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Rows of their own, overwritten and read.
    Rows,
    /// The same with long values.
    Large,
    /// The same, several rows at once, which are there together.
    Batches,
    Counters,
    /// Rows that are changed if they are as they were.
    Conditions,
    /// A table that is read to its end.
    Pages,
    /// Requests that are given up all the time.
    Dropped,
    /// Statements that are prepared, used once and forgotten.
    Texts,
}

impl Kind {
    pub(super) const ALL: [Self; 8] = [
        Self::Rows,
        Self::Large,
        Self::Batches,
        Self::Counters,
        Self::Conditions,
        Self::Pages,
        Self::Dropped,
        Self::Texts,
    ];

    /// How it writes and reads.
    fn statements(self) -> (&'static str, &'static str) {
        match self {
            Self::Rows | Self::Dropped | Self::Texts => (
                "INSERT INTO t (k, v) VALUES (?, ?)",
                "SELECT v FROM t WHERE k = ?",
            ),
            Self::Large => (
                "INSERT INTO l (k, v) VALUES (?, ?)",
                "SELECT v FROM l WHERE k = ?",
            ),
            Self::Batches => (
                "INSERT INTO b (p, c, v) VALUES (?, ?, ?)",
                "SELECT v FROM b WHERE p = ?",
            ),
            Self::Counters => (
                "UPDATE n SET c = c + 1 WHERE k = ?",
                "SELECT c FROM n WHERE k = ?",
            ),
            Self::Conditions => (
                "UPDATE c SET v = ? WHERE k = ? IF v = ?",
                "SELECT v FROM c WHERE k = ?",
            ),
            Self::Pages => ("INSERT INTO s (p, c) VALUES (?, ?)", "SELECT p, c FROM s"),
        }
    }
}

/// One task.
pub(super) struct Worker {
    kind: Kind,
    /// Its number, and that of its counter and of its conditional row.
    number: i32,
    client: Client,
    shared: Arc<Shared>,
    random: Random,
    write: Prepared,
    read: Prepared,
    condition: Condition,
    additions: Additions,
}

impl Worker {
    pub(super) async fn new(
        kind: Kind,
        number: i32,
        client: &Client,
        shared: &Arc<Shared>,
    ) -> Self {
        let (write, read) = kind.statements();
        // Half of those who write may be repeated; adding and comparing never are.
        let may_repeat = number % 2 == 0 && !matches!(kind, Kind::Counters | Kind::Conditions);
        let write = Statement::new(write)
            .with_consistency(Consistency::Quorum)
            .with_idempotent(may_repeat);
        let of_read = match kind {
            Kind::Conditions => Consistency::Serial,
            _ => Consistency::Quorum,
        };
        let read = Statement::new(read)
            .with_consistency(of_read)
            .with_idempotent(true)
            .with_page_size(PAGE);
        Self {
            kind,
            number,
            client: client.clone(),
            shared: Arc::clone(shared),
            random: Random::new(shared.seed + u64::try_from(number).unwrap()),
            write: client.prepare(write).await.unwrap(),
            read: client.prepare(read).await.unwrap(),
            condition: Condition::default(),
            additions: Additions::default(),
        }
    }

    /// Works until it is told to stop.
    pub(super) async fn run(mut self) -> Self {
        let mut pace = tokio::time::interval(PACE);
        pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !self.shared.is_over() {
            pace.tick().await;
            // Errors are counted where they come up.
            let _ = self.step().await;
        }
        self
    }

    async fn step(&mut self) -> Result<(), Error> {
        match self.kind {
            Kind::Rows => self.row().await,
            Kind::Large => self.large().await,
            Kind::Batches => self.batch().await,
            Kind::Counters => self.add().await,
            Kind::Conditions => self.change().await,
            Kind::Pages => self.pages().await,
            Kind::Dropped => self.give_up().await,
            Kind::Texts => self.text().await,
        }
    }

    /// Runs a request and counts it.
    async fn counted<T>(
        &self,
        request: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let began = Instant::now();
        let outcome = request.await;
        let name = format!("{:?}", self.kind);
        self.shared
            .count(self.kind)
            .add(&name, began.elapsed(), outcome.as_ref().map(|_| ()));
        outcome
    }

    fn own_key(&mut self) -> i32 {
        self.number * KEYS + i32::try_from(self.random.below(KEYS.unsigned_abs().into())).unwrap()
    }

    /// A key of any worker that writes into the same table.
    fn any_key(&mut self) -> i32 {
        let all = self.shared.workers * KEYS;
        i32::try_from(self.random.below(all.unsigned_abs().into())).unwrap()
    }

    async fn row(&mut self) -> Result<(), Error> {
        let (rows, key) = (&Arc::clone(&self.shared).rows, self.own_key());
        let number = rows.begin(key);
        let written = self
            .counted(
                self.client
                    .execute(&self.write, (key, Registers::value(key, number))),
            )
            .await;
        rows.end(key, number, written.as_ref().map(|_| ()));
        let key = self.any_key();
        let floor = rows.floor(key);
        let result = self
            .counted(self.client.execute(&self.read, (key,)))
            .await?;
        let seen = result.first::<(i64,)>().unwrap();
        rows.check("row", key, floor, seen.map(|(value,)| value));
        written.map(drop)
    }

    /// The same number, many times.
    async fn large(&mut self) -> Result<(), Error> {
        let (large, key) = (&Arc::clone(&self.shared).large, self.own_key());
        let number = large.begin(key);
        let times = 1 + self.random.below(LONGEST);
        let bytes = Registers::value(key, number)
            .to_be_bytes()
            .repeat(usize::try_from(times).unwrap());
        let written = self
            .counted(self.client.execute(&self.write, (key, &bytes)))
            .await;
        large.end(key, number, written.as_ref().map(|_| ()));
        let key = self.any_key();
        let floor = large.floor(key);
        let result = self
            .counted(self.client.execute(&self.read, (key,)))
            .await?;
        let seen = result.first::<(&[u8],)>().unwrap().map(|(bytes,)| {
            let (numbers, rest) = bytes.as_chunks::<8>();
            assert!(
                rest.is_empty(),
                "large value of key {key}: {} bytes",
                bytes.len()
            );
            assert!(
                numbers.iter().all(|one| *one == numbers[0]),
                "large value of key {key} is a mixture"
            );
            i64::from_be_bytes(numbers[0])
        });
        large.check("large value", key, floor, seen);
        written.map(drop)
    }

    async fn batch(&mut self) -> Result<(), Error> {
        let (batches, key) = (&Arc::clone(&self.shared).batches, self.own_key());
        let number = batches.begin(key);
        let kind = match self.random.below(2) {
            0 => BatchKind::Logged,
            _ => BatchKind::Unlogged,
        };
        let mut batch = Batch::new(kind)
            .with_consistency(Consistency::Quorum)
            .with_idempotent(self.number % 2 == 0);
        for row in 0..ROWS_OF_BATCH {
            batch
                .add(&self.write, (key, row, Registers::value(key, number)))
                .unwrap();
        }
        let written = self.counted(self.client.batch(&batch)).await;
        batches.end(key, number, written.as_ref().map(|_| ()));
        let key = self.any_key();
        let floor = batches.floor(key);
        let result = self
            .counted(self.client.execute(&self.read, (key,)))
            .await?;
        let seen = result.to_vec::<(i64,)>().unwrap();
        assert!(
            seen.iter().all(|value| *value == seen[0]),
            "batch of key {key}: {seen:?}"
        );
        assert!(
            seen.is_empty() || seen.len() == 8,
            "batch of key {key}: {} rows",
            seen.len()
        );
        batches.check("batch", key, floor, seen.first().map(|(value,)| *value));
        written.map(drop)
    }

    async fn add(&mut self) -> Result<(), Error> {
        let added = self
            .counted(self.client.execute(&self.write, (self.number,)))
            .await;
        self.additions.end(added.as_ref().map(|_| ()));
        added.map(drop)
    }

    async fn change(&mut self) -> Result<(), Error> {
        let (old, new) = (self.condition.current, self.condition.begin());
        let changed = self
            .counted(self.client.execute(&self.write, (new, self.number, old)))
            .await;
        let result = changed.inspect_err(|error| self.condition.failed(new, error))?;
        if result.applied() == Some(true) {
            self.condition.applied(new);
            return Ok(());
        }
        // The server may have made the change in a round that it lost sight of.
        self.condition.failed_in_doubt(new);
        let row = result.first::<Row>().unwrap().expect("the row as it is");
        match row.value("v") {
            Some(Value::BigInt(value)) => self.condition.saw(*value),
            other => panic!("conditional: {other:?}"),
        }
        Ok(())
    }

    async fn pages(&mut self) -> Result<(), Error> {
        let began = Instant::now();
        let mut rows = self
            .client
            .execute_stream::<(i32, i32), _>(&self.read, ())?;
        let mut seen = Vec::new();
        let outcome = loop {
            match rows.try_next().await {
                Ok(Some(row)) => seen.push(row),
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        // All pages have a deadline each; they come in no time unless one of them waits for a node that is gone.
        let took = began.elapsed().min(super::DEADLINE);
        self.shared
            .count(self.kind)
            .add("Pages", took, outcome.as_ref().copied());
        if outcome.is_ok() {
            seen.sort_unstable();
            let all = (0..STILL.0).flat_map(|p| (0..STILL.1).map(move |c| (p, c)));
            assert!(seen.iter().copied().eq(all), "pages: {} rows", seen.len());
        }
        outcome
    }

    async fn give_up(&mut self) -> Result<(), Error> {
        let key = self.any_key();
        let patience = Duration::from_micros(self.random.below(20_000));
        let floor = self.shared.rows.floor(key);
        let request = self.client.execute(&self.read, (key,));
        if let Ok(outcome) = tokio::time::timeout(patience, self.counted(request)).await {
            let seen = outcome?.first::<(i64,)>().unwrap();
            self.shared.rows.check(
                "row of one who gives up",
                key,
                floor,
                seen.map(|(value,)| value),
            );
        }
        Ok(())
    }

    async fn text(&mut self) -> Result<(), Error> {
        let (key, name) = (self.any_key(), format!("x{}", self.random.below(TEXTS)));
        let text = format!("SELECT v AS {name} FROM t WHERE k = ?");
        let statement = Statement::new(text)
            .with_consistency(Consistency::Quorum)
            .with_idempotent(true);
        let floor = self.shared.rows.floor(key);
        let result = if self.random.below(4) == 0 {
            self.counted(self.client.query(statement, (key,))).await?
        } else {
            let prepared = self.counted(self.client.prepare(statement)).await?;
            self.counted(self.client.execute(&prepared, (key,))).await?
        };
        assert_eq!(
            result.rows().unwrap().columns()[0].name(),
            name,
            "the answer of another statement"
        );
        let seen = result.first::<(i64,)>().unwrap();
        self.shared.rows.check(
            "row by a new statement",
            key,
            floor,
            seen.map(|(value,)| value),
        );
        Ok(())
    }

    /// Asks the whole cluster what it has kept for this worker alone.
    pub(super) async fn is_truthful(&mut self) {
        if !matches!(self.kind, Kind::Counters | Kind::Conditions) {
            return;
        }
        let result = self
            .client
            .execute(&self.read, (self.number,))
            .await
            .unwrap();
        let seen = result.first::<(i64,)>().unwrap();
        match self.kind {
            Kind::Counters => self
                .additions
                .check(self.number, seen.map_or(0, |(value,)| value)),
            _ => self.condition.saw(seen.expect("the row").0),
        }
    }
}
