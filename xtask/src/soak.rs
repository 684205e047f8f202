//! The soak: work of many kinds on a cluster whose nodes are paused, killed and stopped, for as long as one likes.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail, ensure};

use crate::cache::Cache;
use crate::flags::Args;
use crate::integration::{cluster_environment, test_command};
use crate::kind::Kind;
use crate::process;
use crate::servers::{Keeper, Shape, start};
use crate::ui::Ui;

/// Without `--minutes`: time for a dozen faults.
const MINUTES: u64 = 10;

/// The one test that is run: part of its name that no other has.
const TEST: &str = "soak_with_faults";

/// Starts a cluster, has the test wear it out, and stops it.
pub(crate) fn run(args: &Args) -> Result<()> {
    ensure!(
        args.names == [Kind::Cassandra],
        "only the client of Cassandra has a soak: cargo xtask soak cassandra"
    );
    let kind = Kind::Cassandra;
    // Before the servers, which need not wait for the compiler.
    process::run(&mut test_command(kind, "--no-run"))?;
    let cache = Cache::open()?;
    let ui = Ui::new();
    let shape = Shape {
        nodes: 3,
        ..Shape::PLAIN
    };
    let instance = start(&cache, kind, shape, &ui.task("cassandra"))?;
    drop(ui);
    let keeper = Keeper::new(instance)?;
    let seconds = args.minutes.unwrap_or(MINUTES).saturating_mul(60);
    let mut command = test_command(kind, "-- --ignored --nocapture");
    command.arg(TEST).envs(cluster_environment(kind, &keeper));
    command.env(kind.env("SOAK_SECONDS"), seconds.to_string());
    command.env(kind.env("SOAK_SEED"), seed(args)?.to_string());
    let begun = Instant::now();
    let ended = process::run(&mut command);
    drop(keeper);
    let minutes = begun.elapsed().as_secs() / 60;
    if let Err(error) = ended {
        bail!("the soak failed after {minutes} min: {error:#}");
    }
    println!("soak: {minutes} min without a breach");
    Ok(())
}

/// The given one, which repeats the faults of a run in their order, or one that is new each second.
fn seed(args: &Args) -> Result<u64> {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH);
    match args.seed {
        Some(seed) => Ok(seed),
        None => Ok(now().context("a clock before 1970")?.as_secs()),
    }
}
