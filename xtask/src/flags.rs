//! The command line: one table of commands, from which both the parser and the help are made.

use std::ffi::OsString;

use anyhow::{Context as _, Result, bail};
use lexopt::prelude::*;

use crate::kind::{Endpoint, Kind};

/// Where servers come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Backend {
    /// Local processes where their prerequisites are there, else containers.
    #[default]
    Auto,
    /// Processes of this machine, from packages in the cache folder.
    Local,
    /// Containers through a Docker engine.
    Docker,
}

/// What the user asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Args {
    /// The command in full, `servers up` for example; empty when help was asked for.
    pub(crate) command: &'static str,
    /// The servers that were named; empty means all.
    pub(crate) names: Vec<Kind>,
    /// The words of a command that takes other ones.
    pub(crate) words: Vec<String>,
    pub(crate) nodes: u16,
    pub(crate) auth: bool,
    pub(crate) tls: bool,
    /// The older of Cassandra's two releases.
    pub(crate) older: bool,
    pub(crate) check: bool,
    pub(crate) backend: Backend,
    pub(crate) images: Vec<(Kind, String)>,
    pub(crate) endpoints: Vec<Endpoint>,
    /// Only enough of a comparison to see that it works.
    pub(crate) short: bool,
    /// How long a soak takes.
    pub(crate) minutes: Option<u64>,
    /// What the faults of a soak are drawn from.
    pub(crate) seed: Option<u64>,
    /// Rounds of a comparison.
    pub(crate) rounds: Option<usize>,
    /// Only the names of what could be run.
    pub(crate) list: bool,
    /// How long each runs.
    pub(crate) seconds: Option<u64>,
    /// Host and port of a real server to compare with as well.
    pub(crate) real: Option<String>,
    /// What stands after `--`, handed on to the program that the command runs.
    pub(crate) rest: Vec<OsString>,
}

impl Args {
    /// The servers to work on: those named, else those with an endpoint, else all.
    pub(crate) fn kinds(&self) -> Vec<Kind> {
        let mut kinds = self.names.clone();
        if kinds.is_empty() {
            kinds = self
                .endpoints
                .iter()
                .map(|endpoint| endpoint.kind)
                .collect();
        }
        if kinds.is_empty() {
            kinds = Kind::ALL.to_vec();
        }
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }
}

/// What words a command takes behind its name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    /// Names of servers.
    Servers,
    /// Fuzz targets, each by its crate and its name.
    Targets,
}

/// One command of the table.
struct Command {
    name: &'static str,
    /// The options it takes, as they are shown.
    options: &'static [&'static str],
    takes: Takes,
    about: &'static str,
}

const BACKEND: [&str; 3] = [
    "--backend auto|local|docker",
    "--image NAME=REF",
    "--endpoint URL",
];

const COMMANDS: [Command; 16] = [
    Command {
        name: "demo",
        options: &BACKEND,
        takes: Takes::Servers,
        about: "Start the real servers, run each crate's quickstart against them, print one table, stop them",
    },
    Command {
        name: "servers up",
        options: &["--nodes 1|3", "--auth", "--tls", "--older"],
        takes: Takes::Servers,
        about: "Fetch (once), start and leave running; prints the URLs. --nodes: cassandra and ignite",
    },
    Command {
        name: "servers down",
        options: &[],
        takes: Takes::Servers,
        about: "Stop what `servers up` started",
    },
    Command {
        name: "servers status",
        options: &[],
        takes: Takes::Servers,
        about: "What runs, where, and whether it answers",
    },
    Command {
        name: "servers logs",
        options: &[],
        takes: Takes::Servers,
        about: "The last lines of each log, and where it is",
    },
    Command {
        name: "integration-test",
        options: &[BACKEND[0], BACKEND[1], BACKEND[2], "--older"],
        takes: Takes::Servers,
        about: "Run each crate's live tests against its real server; after `--`: arguments for the tests",
    },
    Command {
        name: "soak",
        options: &["--minutes N", "--seed N"],
        takes: Takes::Servers,
        about: "Work of many kinds on three nodes that are paused, killed and stopped; cassandra alone",
    },
    Command {
        name: "test",
        options: &BACKEND,
        takes: Takes::Nothing,
        about: "Every test that needs no server, then integration-test",
    },
    Command {
        name: "lint",
        options: &[],
        takes: Takes::Nothing,
        about: "fmt, clippy and docs per crate and feature set, tidy, codegen --check, no tokio in the codecs",
    },
    Command {
        name: "codegen",
        options: &["--check"],
        takes: Takes::Nothing,
        about: "Write the generated sources; with --check: fail where they differ from the committed ones",
    },
    Command {
        name: "tidy",
        options: &[],
        takes: Takes::Nothing,
        about: "The house rules that a program can check",
    },
    // Before `bench`, which is its first word.
    Command {
        name: "bench cql",
        options: &["--short", "--rounds N", "--real HOST:PORT"],
        takes: Takes::Nothing,
        about: "Compare cql-v4 with the other drivers, which are fetched; --real: with a Cassandra as well",
    },
    Command {
        name: "bench",
        options: &[],
        takes: Takes::Nothing,
        about: "Run the benchmarks; after `--`: arguments for them",
    },
    Command {
        name: "fuzz",
        options: &["--list", "--seconds N"],
        takes: Takes::Targets,
        about: "Run fuzz targets, or all, one after the other (needs cargo-fuzz); after `--`: arguments for libFuzzer",
    },
    Command {
        name: "images",
        options: &[],
        takes: Takes::Servers,
        about: "Build container images from packages alone (needs root, Podman and debootstrap)",
    },
    Command {
        name: "release-check",
        options: &[],
        takes: Takes::Nothing,
        about: "Rehearse a release: versions, change logs, `cargo publish --dry-run`",
    },
];

/// The text of `--help`.
pub(crate) fn help() -> String {
    let mut text = String::from(
        "Tasks of this workspace.\n\nUsage: cargo xtask <command> [options]\n\nCommands:\n",
    );
    for command in &COMMANDS {
        let mut usage = command.name.to_owned();
        usage.push_str(match command.takes {
            Takes::Nothing => "",
            Takes::Servers => " [cassandra|clickhouse|ignite|iotdb …]",
            Takes::Targets => " [CRATE|CRATE/TARGET …]",
        });
        for option in command.options {
            usage.push_str(&format!(" [{option}]"));
        }
        text.push_str(&format!("  {usage}\n      {}\n", command.about));
    }
    text.push_str(
        "\nOptions:\n  \
         --backend     where servers come from; auto: local where its prerequisites are there, else docker\n  \
         --image       the container image of a server, for example ignite=apacheignite/ignite:2.17.0\n  \
         --endpoint    use a server that is already running, for example clickhouse://127.0.0.1:9000\n  \
         --older       Cassandra 4.1 instead of 5.0; needs a JDK 11, or pip to fetch one\n  \
         --minutes     how long a soak takes (10)\n  \
         --seed        repeats the faults of the soak that printed it, in their order\n  \
         --short       three rounds of few operations, to see that it works\n  \
         --rounds      how often each program runs (30)\n  \
         --real        a Cassandra; its keyspace `bench` is written\n  \
         --list        only the names of the targets\n  \
         --seconds     how long each target runs (60)\n  \
         -h, --help    this text\n\nEnvironment:\n  \
         WIRE_CACHE    folder for artifacts, logs and data of servers (default: target/xtask)\n  \
         JAVA_HOME     looked at first for a JDK 17 to 21\n",
    );
    text
}

/// Reads the arguments of this process (without its name).
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Args> {
    let mut parser = lexopt::Parser::from_args(args);
    let mut words: Vec<String> = Vec::new();
    let mut given: Vec<String> = Vec::new();
    let mut out = Args {
        command: "",
        names: Vec::new(),
        words: Vec::new(),
        nodes: 1,
        auth: false,
        tls: false,
        older: false,
        check: false,
        backend: Backend::Auto,
        images: Vec::new(),
        endpoints: Vec::new(),
        short: false,
        rounds: None,
        list: false,
        seconds: None,
        minutes: None,
        seed: None,
        real: None,
        rest: Vec::new(),
    };
    loop {
        if let Some(raw) = parser.try_raw_args()
            && raw.peek().is_some_and(|next| next == "--")
        {
            let mut raw = parser.raw_args()?;
            raw.next();
            out.rest = raw.collect();
            break;
        }
        let Some(argument) = parser.next()? else {
            break;
        };
        match argument {
            Short('h') | Long("help") => return Ok(out),
            Value(word) => words.push(word.string()?),
            Long(name) => {
                given.push(format!("--{name}"));
                let name = name.to_owned();
                option(&mut out, &name, &mut parser)?;
            }
            Short(_) => return Err(argument.unexpected().into()),
        }
    }
    if words.is_empty() && given.is_empty() {
        return Ok(out);
    }
    let command = find(&words)?;
    out.command = command.name;
    for word in words.iter().skip(command.name.split(' ').count()) {
        match command.takes {
            Takes::Nothing => bail!(
                "`{}` takes no argument `{word}`; see cargo xtask --help",
                command.name
            ),
            Takes::Servers => out.names.push(word.parse()?),
            Takes::Targets => out.words.push(word.clone()),
        }
    }
    if out.older && out.kinds() != [Kind::Cassandra] {
        bail!("--older is for cassandra alone: name it, and no other");
    }
    for option in given {
        if !command
            .options
            .iter()
            .any(|known| known.split(' ').next() == Some(&option))
        {
            bail!(
                "`{}` has no option {option}; see cargo xtask --help",
                command.name
            );
        }
    }
    Ok(out)
}

/// Reads the value of one option, if it has one.
fn option(out: &mut Args, name: &str, parser: &mut lexopt::Parser) -> Result<()> {
    match name {
        "auth" => out.auth = true,
        "tls" => out.tls = true,
        "older" => out.older = true,
        "check" => out.check = true,
        "short" => out.short = true,
        "list" => out.list = true,
        "seconds" => out.seconds = Some(parser.value()?.parse()?),
        "minutes" => out.minutes = Some(parser.value()?.parse()?),
        "seed" => out.seed = Some(parser.value()?.parse()?),
        "rounds" => out.rounds = Some(parser.value()?.parse()?),
        "real" => out.real = Some(parser.value()?.string()?),
        "nodes" => {
            out.nodes = match parser.value()?.string()?.as_str() {
                "1" => 1,
                "3" => 3,
                other => bail!("--nodes is 1 or 3, not `{other}`"),
            }
        }
        "backend" => {
            out.backend = match parser.value()?.string()?.as_str() {
                "auto" => Backend::Auto,
                "local" => Backend::Local,
                "docker" => Backend::Docker,
                other => bail!("--backend is auto, local or docker, not `{other}`"),
            }
        }
        "image" => {
            let value = parser.value()?.string()?;
            let (kind, image) = value
                .split_once('=')
                .with_context(|| format!("--image is NAME=REF, not `{value}`"))?;
            out.images.push((kind.parse()?, image.to_owned()));
        }
        "endpoint" => out.endpoints.push(parser.value()?.string()?.parse()?),
        other => bail!("unknown option --{other}; see cargo xtask --help"),
    }
    Ok(())
}

/// The command that the first one or two words name.
fn find(words: &[String]) -> Result<&'static Command> {
    let first = words.first().map_or("", String::as_str);
    let second = words.get(1).map_or("", String::as_str);
    let two = format!("{first} {second}");
    if let Some(command) = COMMANDS
        .iter()
        .find(|command| command.name == first || command.name == two)
    {
        return Ok(command);
    }
    if first == "servers" {
        bail!("`servers` needs one of up, down, status, logs; see cargo xtask --help");
    }
    bail!("unknown command `{first}`; see cargo xtask --help")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Args> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn help_lists_every_command() {
        let text = help();
        for command in &COMMANDS {
            assert!(
                text.contains(&format!("\n  {}", command.name)),
                "{} is missing",
                command.name
            );
        }
        assert_eq!(read("--help").unwrap().command, "");
        assert_eq!(read("demo --help").unwrap().command, "");
        assert_eq!(read("").unwrap().command, "");
    }

    #[test]
    fn options_and_names_are_read() {
        let args = read("servers up ignite --nodes=3 --tls cassandra --auth").unwrap();
        assert_eq!(args.command, "servers up");
        assert_eq!(args.kinds(), [Kind::Cassandra, Kind::Ignite]);
        assert_eq!((args.nodes, args.auth, args.tls), (3, true, true));

        let args =
            read("integration-test --backend docker --image ignite=a/b:1 -- --exact x").unwrap();
        assert_eq!(args.backend, Backend::Docker);
        assert_eq!(args.images, [(Kind::Ignite, "a/b:1".to_owned())]);
        assert_eq!(args.rest, ["--exact", "x"]);
        assert_eq!(args.kinds(), Kind::ALL);

        let args = read("fuzz cql-v4/rows --seconds 5 -- -runs=1").unwrap();
        assert_eq!(
            (args.words, args.seconds),
            (vec!["cql-v4/rows".to_owned()], Some(5))
        );

        let args = read("demo --endpoint clickhouse://127.0.0.1:9000").unwrap();
        assert_eq!(args.kinds(), [Kind::Clickhouse]);
    }

    #[test]
    fn mistakes_are_named() {
        for (line, part) in [
            ("dance", "unknown command `dance`"),
            ("servers", "needs one of up, down"),
            ("servers sideways", "needs one of up, down"),
            ("tidy --check", "`tidy` has no option --check"),
            ("lint cassandra", "takes no argument"),
            ("demo oracle", "is no server"),
            ("servers up --nodes 2", "--nodes is 1 or 3"),
            ("demo --backend vm", "--backend is auto"),
            ("demo --image ignite", "NAME=REF"),
            ("demo --colour", "unknown option --colour"),
            ("servers up --older", "--older is for cassandra alone"),
            (
                "servers up cassandra ignite --older",
                "--older is for cassandra alone",
            ),
            ("demo cassandra --older", "`demo` has no option --older"),
        ] {
            let error = format!("{:#}", read(line).unwrap_err());
            assert!(error.contains(part), "{line}: {error}");
        }
    }
}
