//! Real servers for demos and tests: how each is obtained, configured, started, asked and stopped.
//!
//! ```text
//! fetch ──► recipe (one file per database) ──► instance (start, wait, stop) ──► commands, demo, integration
//! ports, tls, wire: what the recipes share      state: what runs, for later runs of xtask
//! ```

mod cassandra;
mod clickhouse;
mod commands;
mod fetch;
mod ignite;
mod instance;
mod iotdb;
mod keeper;
mod ports;
mod provide;
mod sockets;
mod state;
mod tls;
mod wire;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::cache::Cache;
use crate::jdk::Jdk;
use crate::kind::{Endpoint, Kind};
use crate::ui::Task;

pub(crate) use commands::{down, logs, status, up};
pub(crate) use ignite::jvm_arguments as ignite_jvm_arguments;
pub(crate) use instance::{Instance, start};
pub(crate) use keeper::Keeper;
pub(crate) use ports::Ports;
pub(crate) use provide::{Provided, Source, obtain, prepare, provide};

/// How a server is to be set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Servers in the cluster.
    pub(crate) nodes: u16,
    /// Whether clients must log in.
    pub(crate) auth: bool,
    /// Whether there is a TLS listener.
    pub(crate) tls: bool,
    /// IoTDB alone: Thrift's compact protocol instead of the binary one.
    pub(crate) compact: bool,
    /// Cassandra alone: 4.1 instead of 5.0.
    pub(crate) older: bool,
}

impl Shape {
    /// One server, no login where that is possible, no TLS.
    pub(crate) const PLAIN: Self = Self {
        nodes: 1,
        auth: false,
        tls: false,
        compact: false,
        older: false,
    };
}

/// One process of a server.
#[derive(Debug)]
pub(crate) struct Launch {
    /// What it is called in messages and in the name of its log: `node1`, `confignode`.
    pub(crate) label: String,
    pub(crate) command: Command,
    /// What the process writes on stdout and stderr.
    pub(crate) log: PathBuf,
}

/// A server that is configured and can be started.
#[derive(Debug)]
pub(crate) struct Layout {
    /// All processes; the first is the one that clients of the first node talk to.
    pub(crate) launches: Vec<Launch>,
    /// Where each node answers.
    pub(crate) nodes: Vec<Endpoint>,
    /// Where the first node answers over TLS, if it does.
    pub(crate) tls: Option<Endpoint>,
}

/// What a recipe needs to lay a server out.
#[derive(Debug)]
pub(crate) struct Site<'a> {
    pub(crate) cache: &'a Cache,
    /// Empty folder for configuration, data and logs; absolute.
    pub(crate) folder: &'a Path,
    pub(crate) shape: Shape,
    pub(crate) ports: Ports,
}

/// Everything xtask knows about one database.
pub(crate) trait Recipe: Sync {
    /// What is missing on this machine for a local server, in one line that says how to install it.
    fn prerequisites(&self, cache: &Cache, shape: Shape) -> Result<()>;

    /// Fetches what the server consists of, if the cache has it not.
    fn fetch(&self, cache: &Cache, shape: Shape, task: &Task) -> Result<()>;

    /// Writes the configuration and says what to start.
    fn layout(&self, site: &mut Site<'_>) -> Result<Layout>;

    /// Asks one node in its own protocol whether it answers, and leaves no trace.
    fn probe(&self, endpoint: &Endpoint, shape: Shape) -> Result<()>;

    /// Asks one node of a server that this run has started whether it takes writes, whichever of its `nodes` they go to.
    /// This may write, and then removes what it wrote; the servers of others are never asked.
    fn takes_writes(&self, endpoint: &Endpoint, shape: Shape) -> Result<()> {
        self.probe(endpoint, shape)
    }
}

/// The recipe of a database.
pub(crate) fn recipe(kind: Kind) -> &'static dyn Recipe {
    match kind {
        Kind::Cassandra => &cassandra::Cassandra,
        Kind::Clickhouse => &clickhouse::Clickhouse,
        Kind::Ignite => &ignite::Ignite,
        Kind::Iotdb => &iotdb::Iotdb,
    }
}

/// The prerequisites of a server that comes through Maven and runs on a JVM.
fn java_prerequisites(cache: &Cache, artifact: &str) -> Result<()> {
    Jdk::find()?;
    if !cache.has(artifact) {
        fetch::maven_program()?;
    }
    Ok(())
}
