//! Live tests: each crate's `tests/live.rs` against its real server. A run in which no test ran has failed.

use std::ffi::OsString;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::cache::Cache;
use crate::flags::Args;
use crate::kind::{Endpoint, Kind};
use crate::process;
use crate::run_cargo::{cargo, lines};
use crate::servers::{Provided, Shape, Source, prepare, provide};
use crate::ui::Ui;

/// One server that live tests are given.
struct Variant {
    shape: Shape,
    /// `WIRE_TEST_<NAME>_<suffix>` for each URL of this server.
    urls: &'static [(&'static str, Side)],
    /// `WIRE_TEST_<NAME>_<suffix>` for its process id; for tests that pause or kill it.
    pid: Option<&'static str>,
}

/// Which of a server's endpoints a URL names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Plain,
    Tls,
    /// All nodes of a cluster.
    Nodes,
}

const PLAIN: Variant = Variant {
    shape: Shape::PLAIN,
    urls: &[("URL", Side::Plain)],
    pid: Some("PID"),
};

/// How the tests begin that need several nodes.
const NODES: &str = "nodes_";

/// A server that a test may kill, since no other test uses it.
const CRASH: Variant = Variant {
    urls: &[("CRASH_URL", Side::Plain)],
    pid: Some("CRASH_PID"),
    ..PLAIN
};

const AUTH: Shape = Shape {
    auth: true,
    ..Shape::PLAIN
};
const TLS: Shape = Shape {
    tls: true,
    ..Shape::PLAIN
};
const AUTH_AND_TLS: Shape = Shape { auth: true, ..TLS };

/// A cluster of which tests may pause, kill and start any node. Only the tests that begin with `nodes_` get it, in a run
/// of their own, so that not all servers are in memory at once.
const THREE_NODES: Variant = Variant {
    shape: Shape {
        nodes: 3,
        ..Shape::PLAIN
    },
    urls: &[("NODES_URL", Side::Nodes)],
    pid: None,
};

/// The servers of each crate's live tests. To test another set-up, add an entry.
fn variants(kind: Kind) -> &'static [Variant] {
    match kind {
        // Log-in and TLS share a server: its one port takes both, and a start costs 15 s.
        Kind::Cassandra => &[
            PLAIN,
            CRASH,
            Variant {
                shape: AUTH_AND_TLS,
                urls: &[("AUTH_URL", Side::Plain), ("TLS_URL", Side::Tls)],
                pid: None,
            },
            THREE_NODES,
        ],
        Kind::Clickhouse => &[
            Variant {
                shape: TLS,
                urls: &[("URL", Side::Plain), ("TLS_URL", Side::Tls)],
                pid: Some("PID"),
            },
            CRASH,
            Variant {
                shape: AUTH,
                urls: &[("AUTH_URL", Side::Plain)],
                pid: None,
            },
        ],
        Kind::Ignite => &[
            PLAIN,
            CRASH,
            Variant {
                shape: AUTH,
                urls: &[("AUTH_URL", Side::Plain)],
                pid: None,
            },
            Variant {
                shape: TLS,
                urls: &[("TLS_URL", Side::Tls)],
                pid: None,
            },
        ],
        // IoTDB always asks for a password.
        Kind::Iotdb => &[
            Variant {
                urls: &[("URL", Side::Plain), ("AUTH_URL", Side::Plain)],
                ..PLAIN
            },
            CRASH,
            Variant {
                shape: TLS,
                urls: &[("TLS_URL", Side::Tls)],
                pid: None,
            },
            Variant {
                shape: Shape {
                    compact: true,
                    ..Shape::PLAIN
                },
                urls: &[("COMPACT_URL", Side::Plain)],
                pid: None,
            },
        ],
    }
}

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

/// Runs the live tests of one crate: those of single servers, then those of several nodes.
fn test_one(kind: Kind, source: &Source, args: &Args, cache: &Cache) -> Result<()> {
    // Before the servers, which need not wait for the compiler.
    process::run(&mut test_command(kind, "--no-run"))?;
    let (clusters, singles): (Vec<&Variant>, _) = variants(kind)
        .iter()
        .partition(|variant| variant.shape.nodes > 1);
    let mut outcomes = Vec::new();
    for (variants, is_cluster) in [(singles, false), (clusters, true)] {
        if !variants.is_empty() && asks_for(is_cluster, &args.rest) {
            // A failure of the first shall not hide those of the second.
            outcomes.push(test_with(kind, source, &variants, args, cache));
        }
    }
    if outcomes.is_empty() {
        bail!("{kind} has no tests of several nodes");
    }
    outcomes.into_iter().collect()
}

/// Whether what the user gave behind `--` may name tests that need a cluster, or tests that do not. Nothing names all.
fn asks_for(cluster: bool, rest: &[OsString]) -> bool {
    let mut names = rest
        .iter()
        .filter_map(|word| word.to_str())
        .filter(|word| !word.starts_with('-'))
        .peekable();
    names.peek().is_none() || names.any(|name| name.contains(NODES) == cluster)
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
            let task = ui.task(format!("{kind} {}", prefix(variant.urls[0].0)).trim_end());
            let server = provide(source, args, cache, kind, shape, &task)?;
            servers.push((*variant, server));
        }
    }
    drop(ui);
    if servers.is_empty() {
        eprintln!("{kind}: only a plain server here; left out are the tests named {NODES}");
        return Ok(());
    }
    live_tests(kind, &servers, args)
}

/// `auth` of `AUTH_URL`: how the tests that need this variant start.
fn prefix(suffix: &str) -> String {
    suffix
        .trim_end_matches("URL")
        .trim_end_matches("PID")
        .trim_end_matches('_')
        .to_lowercase()
}

/// `cargo test` of one crate's live tests, with everything it has switched on.
fn test_command(kind: Kind, more: &str) -> std::process::Command {
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
    let of_cluster = servers.iter().any(|(variant, _)| variant.shape.nodes > 1);
    let left_out = match of_cluster {
        true => Vec::new(),
        false => left_out(kind, &variables),
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
    command.args(selection(of_cluster, &args.rest));
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

/// The words for `cargo test` that choose the tests with several nodes, or all others, among what the user chose.
fn selection(of_cluster: bool, rest: &[OsString]) -> Vec<OsString> {
    let is_name = |word: &OsString| word.to_str().is_some_and(|word| !word.starts_with('-'));
    let mut words: Vec<OsString> = rest.to_vec();
    if !of_cluster {
        words.extend(["--skip".into(), NODES.into()]);
        return words;
    }
    // What names other tests has had its turn.
    words.retain(|word| !is_name(word) || word.to_string_lossy().contains(NODES));
    if !words.iter().any(is_name) {
        words.push(NODES.into());
    }
    words
}

/// Parts of the names of tests that need something which is not there: `auth_` without a server that wants a password,
/// `pause` without a process that can be paused.
fn left_out(kind: Kind, variables: &[(String, String)]) -> Vec<String> {
    let has = |suffix: &str| variables.iter().any(|(name, _)| *name == kind.env(suffix));
    let mut names = Vec::new();
    for variant in variants(kind)
        .iter()
        .filter(|variant| variant.shape.nodes == 1)
    {
        for (suffix, _) in variant.urls.iter().filter(|(suffix, _)| !has(suffix)) {
            names.push(format!("{}_", prefix(suffix)));
        }
    }
    if !has("PID") {
        names.push("pause".to_owned());
    }
    names
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
                variables.push((kind.env("NODES_KEEPER"), keeper.address().to_string()));
                variables.push((kind.env(suffix), url_of_all(keeper.nodes())));
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

/// One URL with the addresses of all nodes, for nodes that ask for no password.
fn url_of_all(nodes: &[Endpoint]) -> String {
    let addresses: Vec<String> = nodes.iter().map(Endpoint::address).collect();
    let kind = nodes.first().map_or("", |node| node.kind.name());
    format!("{kind}://{}", addresses.join(","))
}

/// The number in `running 12 tests`.
fn tests_in(line: &str) -> Option<u32> {
    let (number, rest) = line.strip_prefix("running ")?.split_once(' ')?;
    matches!(rest, "test" | "tests").then_some(())?;
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_counted() {
        assert_eq!(tests_in("running 12 tests"), Some(12));
        assert_eq!(tests_in("running 1 test"), Some(1));
        assert_eq!(tests_in("running 0 tests"), Some(0));
        assert_eq!(tests_in("running on 127.0.0.1"), None);
        assert_eq!(tests_in("test a ... ok"), None);
    }

    #[test]
    fn every_crate_gets_a_plain_a_login_a_tls_and_a_doomed_server() {
        for kind in Kind::ALL {
            let names: Vec<&str> = variants(kind)
                .iter()
                .flat_map(|variant| variant.urls)
                .map(|(name, _)| *name)
                .collect();
            for name in ["URL", "AUTH_URL", "TLS_URL", "CRASH_URL"] {
                assert_eq!(
                    names.iter().filter(|known| **known == name).count(),
                    1,
                    "{kind} {name}"
                );
            }
            assert_eq!(
                names[0], "URL",
                "a source without variants serves the first alone"
            );
            for variant in variants(kind) {
                assert!(
                    variant.shape.tls || variant.urls.iter().all(|(_, side)| *side != Side::Tls),
                    "{kind}"
                );
            }
        }
    }

    #[test]
    fn tests_of_variants_are_left_out_by_name_where_there_are_none() {
        let plain = [(Kind::Ignite.env("URL"), String::new())];
        assert_eq!(
            left_out(Kind::Ignite, &plain),
            ["crash_", "auth_", "tls_", "pause"]
        );
        let local: Vec<(String, String)> = [
            "URL",
            "PID",
            "AUTH_URL",
            "TLS_URL",
            "CRASH_URL",
            "CRASH_PID",
        ]
        .map(|suffix| (Kind::Ignite.env(suffix), String::new()))
        .into();
        assert_eq!(left_out(Kind::Ignite, &local), Vec::<String>::new());
    }

    #[test]
    fn tests_of_several_nodes_are_chosen_by_their_names() {
        let words =
            |text: &str| -> Vec<OsString> { text.split_whitespace().map(Into::into).collect() };
        for (rest, of_one, of_nodes) in [
            ("", Some("--skip nodes_"), Some("nodes_")),
            (
                "--show-output",
                Some("--show-output --skip nodes_"),
                Some("--show-output nodes_"),
            ),
            ("insert", Some("insert --skip nodes_"), None),
            ("nodes_kill", None, Some("nodes_kill")),
            (
                "insert nodes_kill",
                Some("insert nodes_kill --skip nodes_"),
                Some("nodes_kill"),
            ),
        ] {
            let rest = words(rest);
            for (of_cluster, wanted) in [(false, of_one), (true, of_nodes)] {
                let chosen = asks_for(of_cluster, &rest).then(|| selection(of_cluster, &rest));
                assert_eq!(chosen, wanted.map(words), "{rest:?}");
            }
        }
    }

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
