//! Apache Cassandra from its Maven jars: one node, or three on 127.0.0.1 to 127.0.0.3.

mod probe;
mod release;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use self::probe::Session;
use self::release::{OLDER_JDK, OLDER_JDK_HOME, OLDER_JDK_PACKAGE, Release};
use super::fetch::Jars;
use super::tls::Material;
use super::wire::Wire;
use super::{Launch, Layout, Recipe, Shape, Site, fetch, java_prerequisites};
use crate::cache::{Cache, make, render, write};
use crate::jdk::Jdk;
use crate::kind::{Endpoint, Kind};
use crate::ui::Task;

/// The first superuser of every fresh cluster with password authentication.
const USER: (&str, &str) = ("cassandra", "cassandra");

/// Ports between nodes.
const STORAGE_PORT: u16 = 7000;
const SSL_STORAGE_PORT: u16 = 7001;

/// The recipe.
pub(crate) struct Cassandra;

impl Recipe for Cassandra {
    fn prerequisites(&self, cache: &Cache, shape: Shape) -> Result<()> {
        java_prerequisites(cache, Release::of(shape).artifact)?;
        if shape.older && older_jdk(cache).is_err() {
            fetch::python_with_pip()?;
        }
        Ok(())
    }

    fn fetch(&self, cache: &Cache, shape: Shape, task: &Task) -> Result<()> {
        let release = Release::of(shape);
        let jars = Jars {
            name: release.artifact,
            roots: &[release.root],
            expected: release.download_bytes,
        };
        fetch::jars(cache, &Jdk::find()?, task, jars)?;
        if shape.older && older_jdk(cache).is_err() {
            fetch::wheel(cache, task, OLDER_JDK, OLDER_JDK_PACKAGE)?;
        }
        Ok(())
    }

    fn layout(&self, site: &mut Site<'_>) -> Result<Layout> {
        let release = Release::of(site.shape);
        let jdk = match site.shape.older {
            true => older_jdk(site.cache)?,
            false => Jdk::find()?,
        };
        let material = site
            .shape
            .tls
            .then(|| Material::new(&site.folder.join("tls")))
            .transpose()?;
        let nodes = u8::try_from(site.shape.nodes)?;
        let cluster = Cluster {
            port: site.ports.take(Kind::Cassandra.default_port(), nodes)?,
            storage_port: site.ports.take(STORAGE_PORT, nodes)?,
            ssl_storage_port: site.ports.take(SSL_STORAGE_PORT, nodes)?,
            nodes,
            auth: site.shape.auth,
            release,
        };
        let mut layout = Layout {
            launches: Vec::new(),
            nodes: Vec::new(),
            tls: None,
        };
        for node in 1..=nodes {
            let folder = site.folder.join(format!("node{node}"));
            configure(&folder, &cluster, node, material.as_ref())?;
            let lib = site.cache.artifact(release.artifact).join("lib");
            let command = command(&jdk, release, &lib, &folder, nodes);
            let log = site.folder.join(format!("node{node}.log"));
            layout.launches.push(Launch {
                label: format!("node{node}"),
                command,
                log,
            });
            let mut endpoint = Endpoint::local(Kind::Cassandra, cluster.port);
            endpoint.host = host(node);
            if cluster.auth {
                endpoint = endpoint.with_login(USER.0, USER.1);
            }
            layout.nodes.push(endpoint);
        }
        layout.tls = material.map(|material| layout.nodes[0].clone().with_tls(&material.ca));
        Ok(layout)
    }

    fn probe(&self, endpoint: &Endpoint, _shape: Shape) -> Result<()> {
        Session::open(Wire::open(endpoint)?, endpoint).map(drop)
    }

    fn takes_writes(&self, endpoint: &Endpoint, shape: Shape) -> Result<()> {
        Session::open(Wire::open(endpoint)?, endpoint)?.sees_all(shape.nodes)
    }
}

fn older_jdk(cache: &Cache) -> Result<Jdk> {
    Jdk::eleven(&cache.artifact(OLDER_JDK).join(OLDER_JDK_HOME))
}

/// What the nodes of one cluster have in common.
struct Cluster {
    port: u16,
    storage_port: u16,
    ssl_storage_port: u16,
    nodes: u8,
    auth: bool,
    release: &'static Release,
}

fn host(node: u8) -> String {
    format!("127.0.0.{node}")
}

/// Writes the files of one node.
fn configure(folder: &Path, cluster: &Cluster, node: u8, tls: Option<&Material>) -> Result<()> {
    for name in ["conf", "tmp", "triggers"] {
        make(&folder.join(name))?;
    }
    let seeds: Vec<String> = (1..=cluster.nodes).map(host).collect();
    let (authenticator, authorizer) = if cluster.auth {
        ("PasswordAuthenticator", "CassandraAuthorizer")
    } else {
        ("AllowAllAuthenticator", "AllowAllAuthorizer")
    };
    let mut yaml = render(
        include_str!("../templates/cassandra.yaml"),
        &[
            ("FOLDER", &folder.to_string_lossy()),
            ("HOST", &host(node)),
            ("SEEDS", &seeds.join(",")),
            ("TOKENS", &tokens(node, cluster.nodes)),
            ("PORT", &cluster.port.to_string()),
            ("STORAGE_PORT", &cluster.storage_port.to_string()),
            ("SSL_STORAGE_PORT", &cluster.ssl_storage_port.to_string()),
            ("AUTHENTICATOR", authenticator),
            ("AUTHORIZER", authorizer),
        ],
    )?;
    yaml.push_str(cluster.release.settings);
    if let Some(material) = tls {
        let bundle = material.bundle.to_string_lossy();
        yaml.push_str(&render(
            include_str!("../templates/cassandra-tls.yaml"),
            &[("BUNDLE", &bundle)],
        )?);
    }
    write(&folder.join("conf/cassandra.yaml"), &yaml)?;
    write(
        &folder.join("conf/logback.xml"),
        include_str!("../templates/logback.xml"),
    )
}

/// Four tokens per node, spread evenly and interleaved: the ring has 4 × nodes equal arcs and each node every n-th.
fn tokens(node: u8, nodes: u8) -> String {
    let arcs = 4 * i128::from(nodes);
    let token = |turn: i128| {
        let arc = turn * i128::from(nodes) + i128::from(node) - 1;
        (i128::from(i64::MIN) + (1_i128 << 64) * arc / arcs).to_string()
    };
    format!("\"{}\"", (0..4).map(token).collect::<Vec<_>>().join(","))
}

/// The JVM of one node.
fn command(jdk: &Jdk, release: &Release, lib: &Path, folder: &Path, nodes: u8) -> Command {
    let mut command = Command::new(jdk.program("java"));
    command.current_dir(folder).env("MALLOC_ARENA_MAX", "4");
    for (option, modules) in [("exports", release.exports), ("opens", release.opens)] {
        let of_module = |module: &&str| format!("--add-{option}={module}=ALL-UNNAMED");
        command.args(modules.iter().map(of_module));
    }
    let mut agent = std::ffi::OsString::from("-javaagent:");
    agent.push(lib.join(release.agent));
    command.arg(agent);
    // A small heap and the quick compiler: these servers are started often and worked little.
    command.args([
        "-Xms512m",
        "-Xmx512m",
        "-Xss512k",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
    ]);
    command.args(["-XX:-UsePerfData", "-XX:+ExitOnOutOfMemoryError"]);
    let at = |path: PathBuf| path.to_string_lossy().into_owned();
    for (name, value) in [
        ("java.net.preferIPv4Stack", "true".to_owned()),
        ("java.io.tmpdir", at(folder.join("tmp"))),
        ("jna.tmpdir", at(folder.join("tmp"))),
        ("jdk.attach.allowAttachSelf", "true".to_owned()),
        ("io.netty.tryReflectionSetAccessible", "true".to_owned()),
        ("chronicle.analytics.disable", "true".to_owned()),
        (
            "logback.configurationFile",
            format!("file://{}", at(folder.join("conf/logback.xml"))),
        ),
        ("cassandra-foreground", "yes".to_owned()),
        (
            "cassandra.config",
            format!("file://{}", at(folder.join("conf/cassandra.yaml"))),
        ),
        ("cassandra.storagedir", at(folder.to_owned())),
        ("cassandra.logdir", at(folder.join("logs"))),
        ("cassandra.triggers_dir", at(folder.join("triggers"))),
        ("cassandra.libjemalloc", "-".to_owned()),
        // Waiting times that only make sense between machines.
        ("cassandra.skip_wait_for_gossip_to_settle", "0".to_owned()),
        ("cassandra.ring_delay_ms", "2000".to_owned()),
        (
            "cassandra.superuser_setup_delay_ms",
            if nodes == 1 { "0" } else { "500" }.to_owned(),
        ),
        ("cassandra.skip_sync", "true".to_owned()),
        // Log-ins survive the death of a node.
        ("cassandra.system_auth.default_rf", nodes.to_string()),
    ] {
        command.arg(format!("-D{name}={value}"));
    }
    // The wildcard is Java's own.
    command
        .arg("-cp")
        .arg(format!("{}:{}/*", at(folder.join("conf")), lib.display()));
    command.arg("org.apache.cassandra.service.CassandraDaemon");
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_nodes_share_the_ring_evenly() {
        assert!(
            tokens(1, 1).starts_with("\"-9223372036854775808,-4611686018427387904,0,"),
            "{}",
            tokens(1, 1)
        );
        let mut all: Vec<i64> = (1..=3)
            .flat_map(|node| {
                let text = tokens(node, 3);
                text.trim_matches('"')
                    .split(',')
                    .map(|token| token.parse().unwrap())
                    .collect::<Vec<i64>>()
            })
            .collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 12);
        let arcs: Vec<i128> = all
            .windows(2)
            .map(|pair| i128::from(pair[1]) - i128::from(pair[0]))
            .collect();
        assert!(
            arcs.iter()
                .all(|arc| (arc - (1_i128 << 64) / 12).abs() <= 1),
            "{arcs:?}"
        );
    }

    #[test]
    fn the_configuration_has_what_was_asked_for() {
        let folder = std::env::temp_dir().join(format!("xtask-cassandra-{}", std::process::id()));
        let cluster = Cluster {
            port: 9042,
            storage_port: 7000,
            ssl_storage_port: 7001,
            nodes: 3,
            auth: true,
            release: Release::of(Shape::PLAIN),
        };
        configure(&folder, &cluster, 2, None).unwrap();
        let yaml = std::fs::read_to_string(folder.join("conf/cassandra.yaml")).unwrap();
        for line in [
            "listen_address: 127.0.0.2",
            "native_transport_port: 9042",
            "authenticator: PasswordAuthenticator",
            "      - seeds: \"127.0.0.1,127.0.0.2,127.0.0.3\"",
        ] {
            assert!(
                yaml.lines().any(|known| known == line),
                "{line} is missing in {yaml}"
            );
        }
        assert!(!yaml.contains("client_encryption_options"));
        crate::process::remove(&folder);
    }
}
