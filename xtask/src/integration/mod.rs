//! Live tests: each crate's `tests/live.rs` against its real server. A run in which no test ran has failed.

mod select;
mod variants;

use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, bail};

use self::select::{NODES, has_round, left_out, prefix, selection, tests_in};
use self::variants::{Round, Side, Variant, variants};
use crate::cache::Cache;
use crate::flags::Args;
use crate::kind::{Endpoint, Kind};
use crate::process;
use crate::run_cargo::{cargo, lines};
use crate::servers::{Keeper, Provided, Shape, Source, obtain, prepare, provide};
use crate::ui::Ui;

/// Runs the live tests of each server in turn, so that only one database is in memory.
pub(crate) fn run(args: &Args) -> Result<()> {
    let cache = Cache::open()?;
    let sources = prepare(args, &cache)?;
    crate::containers::need_feature(&sources)?;
    let mut failed = Vec::new();
    for (kind, source) in &sources {
        let begun = Instant::now();
        let result = test_one(*kind, source, args, &cache);
        let seconds = begun.elapsed().as_secs_f32();
        match result {
            Ok(()) => eprintln!("{kind}: passed in {seconds:.0} s"),
            Err(error) => {
                eprintln!("{kind}: FAILED in {seconds:.0} s: {error:#}");
                failed.push(kind.name());
            }
        }
    }
    if !failed.is_empty() {
        bail!("live tests failed: {}", failed.join(", "));
    }
    Ok(())
}

/// Runs the live tests of one crate: those of single servers, then those of several nodes, then those of single servers
/// against an older release.
fn test_one(kind: Kind, source: &Source, args: &Args, cache: &Cache) -> Result<()> {
    // Before the servers, which need not wait for the compiler.
    process::run(&mut test_command(kind, "--no-run"))?;
    let mut outcomes = Vec::new();
    for round in Round::ALL {
        let of_round = |variant: &&Variant| variant.round() == round;
        let variants: Vec<&Variant> = variants(kind).iter().filter(of_round).collect();
        if !variants.is_empty() && has_round(round, args.older, &args.rest) {
            // A failure of the first shall not hide those of the second.
            outcomes.push(test_round(kind, source, round, &variants, args, cache));
        }
    }
    if outcomes.is_empty() {
        bail!("{kind} has no tests of several nodes");
    }
    outcomes.into_iter().collect()
}

/// Runs one round, if its servers can be had here.
fn test_round(
    kind: Kind,
    source: &Source,
    round: Round,
    variants: &[&'static Variant],
    args: &Args,
    cache: &Cache,
) -> Result<()> {
    let missing = match (round, source.has_variants()) {
        (Round::Single, _) | (Round::Cluster, true) => None,
        (Round::Cluster, false) => Some(anyhow!(
            "the tests named {NODES}, since there is only a plain server here"
        )),
        (Round::Older, false) => Some(anyhow!(
            "its older release, since only the server that was given is tested"
        )),
        // It needs a Java of its own, which not every machine can have.
        (Round::Older, true) => obtain(cache, kind, variants[0].shape)
            .err()
            .map(|error| error.context("its older release cannot be had here")),
    };
    match missing {
        None => test_with(kind, source, variants, args, cache),
        Some(why) if args.older => Err(why),
        Some(why) => {
            eprintln!("{kind}: LEFT OUT: {why:#}");
            Ok(())
        }
    }
}

/// Starts servers, runs the tests that need them, and stops the servers.
fn test_with(
    kind: Kind,
    source: &Source,
    variants: &[&'static Variant],
    args: &Args,
    cache: &Cache,
) -> Result<()> {
    let ui = Ui::new();
    let mut servers = Vec::new();
    for variant in variants {
        let (shape, wanted) = match source.has_variants() {
            true => (variant.shape, true),
            false => (Shape::PLAIN, variant.urls[0].0 == "URL"),
        };
        if wanted {
            let what = match variant.round() {
                Round::Older => "older".to_owned(),
                Round::Single | Round::Cluster => prefix(variant.urls[0].0),
            };
            let task = ui.task(format!("{kind} {what}").trim_end());
            let server = provide(source, args, cache, kind, shape, &task)?;
            servers.push((*variant, server));
        }
    }
    drop(ui);
    live_tests(kind, &servers, args)
}

/// `cargo test` of one crate's live tests, with everything it has switched on.
pub(crate) fn test_command(kind: Kind, more: &str) -> std::process::Command {
    cargo(&format!(
        "test --quiet --package {} --all-features --test live {more}",
        kind.package()
    ))
}

/// Runs the tests and counts them: success without a test is a failure.
fn live_tests(kind: Kind, servers: &[(&'static Variant, Provided)], args: &Args) -> Result<()> {
    let mut variables = Vec::new();
    for (variant, server) in servers {
        variables.extend(environment(kind, variant, server)?);
    }
    // One at a time: some tests pause or kill a server.
    let mut command = test_command(kind, "-- --ignored --nocapture --test-threads=1");
    let round = servers
        .first()
        .map_or(Round::Single, |(first, _)| first.round());
    let left_out = match round {
        Round::Cluster => Vec::new(),
        Round::Single | Round::Older => left_out(kind, &variables),
    };
    if !left_out.is_empty() {
        eprintln!(
            "{kind}: only a plain server here; left out are the tests named {}",
            left_out.join(", ")
        );
    }
    for name in left_out {
        command.args(["--skip", &name]);
    }
    command.args(selection(round, &args.rest));
    command.envs(variables);
    let mut ran = 0;
    let status = lines(&mut command, |line| {
        println!("{line}");
        ran += tests_in(line).unwrap_or(0);
    })?;
    if !status.success() {
        bail!("cargo test ended with {status}");
    }
    if ran == 0 {
        bail!(
            "no live test ran; crates/{}/tests/live.rs has none that is ignored",
            kind.package()
        );
    }
    Ok(())
}

/// The variables that tell the tests about one server.
fn environment(kind: Kind, variant: &Variant, server: &Provided) -> Result<Vec<(String, String)>> {
    let mut variables = Vec::new();
    for (suffix, side) in variant.urls {
        let endpoint = match (side, server) {
            (Side::Plain, _) => server.endpoint(),
            (Side::Tls, Provided::Local(_)) => server
                .tls()
                .context("a server without the TLS it was asked for")?,
            // A container or a server of the user's own is tested without variants.
            (Side::Tls, _) => continue,
            (Side::Nodes, _) => {
                let keeper = server.cluster().context("a cluster without its nodes")?;
                variables.extend(cluster_environment(kind, keeper));
                continue;
            }
        };
        variables.push((kind.env(suffix), endpoint.to_string()));
    }
    if let (Some(suffix), Some(pid)) = (variant.pid, server.pid()) {
        variables.push((kind.env(suffix), pid.to_string()));
    }
    Ok(variables)
}

/// The variables that tell the tests about a cluster.
pub(crate) fn cluster_environment(kind: Kind, keeper: &Keeper) -> [(String, String); 2] {
    [
        (kind.env("NODES_URL"), url_of_all(keeper.nodes())),
        (kind.env("NODES_KEEPER"), keeper.address().to_string()),
    ]
}

/// One URL with the addresses of all nodes, for nodes that ask for no password.
fn url_of_all(nodes: &[Endpoint]) -> String {
    let addresses: Vec<String> = nodes.iter().map(Endpoint::address).collect();
    let kind = nodes.first().map_or("", |node| node.kind.name());
    format!("{kind}://{}", addresses.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_has_one_url() {
        let mut nodes = vec![Endpoint::local(Kind::Cassandra, 9042); 2];
        nodes[1].host = "127.0.0.2".to_owned();
        assert_eq!(
            url_of_all(&nodes),
            "cassandra://127.0.0.1:9042,127.0.0.2:9042"
        );
    }

    #[test]
    fn a_server_of_the_users_own_is_tested_as_it_is() {
        let server = Provided::Running(Endpoint::local(Kind::Clickhouse, 9000));
        let variables =
            environment(Kind::Clickhouse, &variants(Kind::Clickhouse)[0], &server).unwrap();
        assert_eq!(
            variables,
            [(
                "WIRE_TEST_CLICKHOUSE_URL".to_owned(),
                "clickhouse://127.0.0.1:9000".to_owned()
            )]
        );
    }
}
