//! What the programs of the drivers that are compared share: how requests are spread over tasks, and the sum over what
//! was read. The rivals' programs include this file.

use std::future::Future;

use stats_alloc::Region;

#[path = "job.rs"]
mod job;

pub(crate) use job::{ALLOCATOR, BATCH, INSERT, Job, PAGE, SCAN, SELECT, main};

/// Keys that the workload `select` asks for, one after the other.
const KEYS: i64 = 256;
/// Requests that fill caches before counting begins, for each one in flight.
const WARM_UP: usize = 10;

/// Runs `request` so many times, so many at a time, in tasks; counts and prints. `request` gets a number of its own and
/// returns its part of the sum.
///
/// # Panics
/// If a task does.
pub(crate) async fn run<F>(job: &Job, request: impl Fn(i64) -> F + Clone + Send + 'static)
where
    F: Future<Output = u64> + Send,
{
    spread(job.in_flight * WARM_UP, job.in_flight, request.clone()).await;
    let region = Region::new(ALLOCATOR);
    let sum = spread(job.total, job.in_flight, request).await;
    job.report(sum, &region);
}

async fn spread<F>(
    total: usize,
    in_flight: usize,
    request: impl Fn(i64) -> F + Clone + Send + 'static,
) -> u64
where
    F: Future<Output = u64> + Send,
{
    let tasks: Vec<_> = (0..in_flight)
        .map(|task| {
            let request = request.clone();
            let share = total / in_flight + usize::from(task < total % in_flight);
            tokio::spawn(async move {
                let mut sum = 0_u64;
                for n in 0..share {
                    let number = (task + n * in_flight) as i64;
                    sum = sum.wrapping_add(request(number).await);
                }
                sum
            })
        })
        .collect();
    let mut sum = 0_u64;
    for task in tasks {
        sum = sum.wrapping_add(task.await.expect("a task"));
    }
    sum
}

/// The key that request `n` of the workload `select` asks for.
#[must_use]
pub(crate) fn key(n: i64) -> i64 {
    n % KEYS
}

/// A row of the table that is read, borrowed or owned; the uuid as its bytes, the timestamp in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wide<'a> {
    pub(crate) id: i64,
    pub(crate) name: &'a str,
    pub(crate) city: Option<&'a str>,
    pub(crate) age: i32,
    pub(crate) score: f64,
    pub(crate) active: bool,
    pub(crate) created: i64,
    pub(crate) reference: &'a [u8; 16],
    pub(crate) payload: &'a [u8],
    pub(crate) weight: f32,
}

impl Wide<'_> {
    /// Something of every column, so that each must have been decoded.
    #[must_use]
    pub(crate) fn sum(&self) -> u64 {
        [
            self.id,
            self.name.len() as i64,
            self.city.map_or(0, str::len) as i64,
            i64::from(self.age),
            self.score as i64,
            i64::from(self.active),
            self.created,
            i64::from(self.reference[15]),
            self.payload.len() as i64,
            self.weight as i64,
        ]
        .iter()
        .fold(0, |sum: u64, value| sum.wrapping_add(*value as u64))
    }
}
