//! Apache Cassandra 5.0 from its Maven jars: one node, or three on 127.0.0.1 to 127.0.0.3.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::fetch::{Coordinates, Jars};
use super::tls::Material;
use super::wire::Wire;
use super::{Launch, Layout, Recipe, Shape, Site, fetch, java_prerequisites};
use crate::cache::{Cache, make, render, write};
use crate::jdk::Jdk;
use crate::kind::{Endpoint, Kind};
use crate::ui::Task;

const ARTIFACT: &str = "cassandra-5.0.9";
const ROOT: Coordinates = Coordinates {
    group: "org.apache.cassandra",
    artifact: "cassandra-all",
    version: "5.0.9",
};

/// What Maven downloads for it, plug-ins included.
const DOWNLOAD_BYTES: u64 = 128_000_000;

/// The first superuser of every fresh cluster with password authentication.
const USER: (&str, &str) = ("cassandra", "cassandra");

/// Ports between nodes.
const STORAGE_PORT: u16 = 7000;
const SSL_STORAGE_PORT: u16 = 7001;

/// Modules that Cassandra reaches into on a JDK 17: exported, then opened.
const EXPORTS: [&str; 11] = [
    "java.base/java.lang.ref",
    "java.base/jdk.internal.misc",
    "java.management/com.sun.jmx.remote.security",
    "java.management.rmi/com.sun.jmx.remote.internal.rmi",
    "java.rmi/sun.rmi.registry",
    "java.rmi/sun.rmi.server",
    "java.sql/java.sql",
    "jdk.attach/sun.tools.attach",
    "jdk.compiler/com.sun.tools.javac.file",
    "jdk.unsupported/sun.misc",
    "java.base/sun.nio.ch",
];
const OPENS: [&str; 15] = [
    "java.base/java.io",
    "java.base/java.lang",
    "java.base/java.lang.module",
    "java.base/java.lang.reflect",
    "java.base/java.nio",
    "java.base/java.util",
    "java.base/jdk.internal.loader",
    "java.base/jdk.internal.math",
    "java.base/jdk.internal.module",
    "java.base/jdk.internal.ref",
    "java.base/jdk.internal.reflect",
    "java.base/jdk.internal.util.jar",
    "java.base/sun.nio.ch",
    "jdk.compiler/com.sun.tools.javac",
    "jdk.management/com.sun.management.internal",
];

/// The recipe.
pub(crate) struct Cassandra;

impl Recipe for Cassandra {
    fn prerequisites(&self, cache: &Cache) -> Result<()> {
        java_prerequisites(cache, ARTIFACT)
    }

    fn fetch(&self, cache: &Cache, task: &Task) -> Result<()> {
        let jars = Jars {
            name: ARTIFACT,
            roots: &[ROOT],
            expected: DOWNLOAD_BYTES,
        };
        fetch::jars(cache, &Jdk::find()?, task, jars).map(drop)
    }

    fn layout(&self, site: &mut Site<'_>) -> Result<Layout> {
        let jdk = Jdk::find()?;
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
        };
        let mut layout = Layout {
            launches: Vec::new(),
            nodes: Vec::new(),
            tls: None,
        };
        for node in 1..=nodes {
            let folder = site.folder.join(format!("node{node}"));
            configure(&folder, &cluster, node, material.as_ref())?;
            let command = command(
                &jdk,
                &site.cache.artifact(ARTIFACT).join("lib"),
                &folder,
                nodes,
            );
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

/// What the nodes of one cluster have in common.
struct Cluster {
    port: u16,
    storage_port: u16,
    ssl_storage_port: u16,
    nodes: u8,
    auth: bool,
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
        include_str!("templates/cassandra.yaml"),
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
    if let Some(material) = tls {
        let bundle = material.bundle.to_string_lossy();
        yaml.push_str(&render(
            include_str!("templates/cassandra-tls.yaml"),
            &[("BUNDLE", &bundle)],
        )?);
    }
    write(&folder.join("conf/cassandra.yaml"), &yaml)?;
    write(
        &folder.join("conf/logback.xml"),
        include_str!("templates/logback.xml"),
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
fn command(jdk: &Jdk, lib: &Path, folder: &Path, nodes: u8) -> Command {
    let mut command = Command::new(jdk.program("java"));
    command.current_dir(folder).env("MALLOC_ARENA_MAX", "4");
    command.args(EXPORTS.map(|module| format!("--add-exports={module}=ALL-UNNAMED")));
    command.args(OPENS.map(|module| format!("--add-opens={module}=ALL-UNNAMED")));
    let mut agent = std::ffi::OsString::from("-javaagent:");
    agent.push(lib.join("jamm-0.4.0.jar"));
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

/// Opcodes of the native protocol, version 4.
const ERROR: u8 = 0x00;
const STARTUP: u8 = 0x01;
const READY: u8 = 0x02;
const AUTHENTICATE: u8 = 0x03;
const OPTIONS: u8 = 0x05;
const SUPPORTED: u8 = 0x06;
const QUERY: u8 = 0x07;
const RESULT: u8 = 0x08;
const AUTH_RESPONSE: u8 = 0x0F;
const AUTH_SUCCESS: u8 = 0x10;

/// Consistency levels.
const ONE: u8 = 1;
const ALL: u8 = 5;

/// A probe's conversation.
struct Session {
    wire: Wire,
}

impl Session {
    fn open(wire: Wire, endpoint: &Endpoint) -> Result<Self> {
        let mut session = Self { wire };
        session.log_in(endpoint)?;
        Ok(session)
    }

    /// Whether this node knows every other one and takes them for alive; one alone needs nobody to take a write.
    fn sees_all(&mut self, nodes: u16) -> Result<()> {
        if nodes == 1 {
            return Ok(());
        }
        let others = self.count("SELECT count(*) FROM system.peers_v2", ONE)?;
        if others + 1 < i64::from(nodes) {
            bail!("the node knows {others} other node(s)");
        }
        // It knows a node a moment before it takes it for alive. Of this table each node has all rows, so a read of it
        // at ALL succeeds when a write to any replica of any table does.
        self.count("SELECT count(*) FROM system_auth.roles", ALL)
            .map(drop)
    }

    /// OPTIONS, STARTUP and, if asked, the password.
    fn log_in(&mut self, endpoint: &Endpoint) -> Result<()> {
        self.ask(OPTIONS, &[], SUPPORTED)?;
        let startup = b"\x00\x01\x00\x0bCQL_VERSION\x00\x053.0.0";
        let (opcode, body) = self.exchange(STARTUP, startup)?;
        match opcode {
            READY => Ok(()),
            AUTHENTICATE => {
                let (user, password) = endpoint
                    .login
                    .as_ref()
                    .context("the server wants a password")?;
                let token = format!("\0{user}\0{password}");
                let mut body = u32::try_from(token.len())?.to_be_bytes().to_vec();
                body.extend(token.as_bytes());
                self.ask(AUTH_RESPONSE, &body, AUTH_SUCCESS).map(drop)
            }
            _ => Err(refusal(opcode, &body)),
        }
    }

    /// The one number that a query counts.
    fn count(&mut self, query: &str, consistency: u8) -> Result<i64> {
        let mut body = u32::try_from(query.len())?.to_be_bytes().to_vec();
        body.extend(query.as_bytes());
        // No flags.
        body.extend([0, consistency, 0]);
        let answer = self.ask(QUERY, &body, RESULT)?;
        // One row of one bigint stands at the end of the body.
        let last = answer
            .last_chunk::<8>()
            .context("a RESULT that is too short")?;
        Ok(i64::from_be_bytes(*last))
    }

    fn ask(&mut self, opcode: u8, body: &[u8], wanted: u8) -> Result<Vec<u8>> {
        let (opcode, body) = self.exchange(opcode, body)?;
        if opcode == wanted {
            Ok(body)
        } else {
            Err(refusal(opcode, &body))
        }
    }

    /// Header: version, flags, stream (2), opcode, length (4).
    fn exchange(&mut self, opcode: u8, body: &[u8]) -> Result<(u8, Vec<u8>)> {
        let mut frame = vec![4, 0, 0, 0, opcode];
        frame.extend(u32::try_from(body.len())?.to_be_bytes());
        frame.extend(body);
        self.wire.send(&frame)?;
        let header: [u8; 9] = self.wire.array()?;
        let [version, _, _, _, opcode, length @ ..] = header;
        if version & 0x80 == 0 {
            bail!("{version:#04x} does not start a CQL answer: this is no CQL port");
        }
        let length = usize::try_from(u32::from_be_bytes(length))?;
        Ok((opcode, self.wire.receive(length)?))
    }
}

/// The message of an ERROR, or the opcode of something unexpected.
fn refusal(opcode: u8, body: &[u8]) -> anyhow::Error {
    let text = String::from_utf8_lossy(body.get(6..).unwrap_or_default()).into_owned();
    if opcode == ERROR {
        anyhow::anyhow!("the server says: {text}")
    } else {
        anyhow::anyhow!("unexpected opcode {opcode}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::servers::wire::tests::scripted;

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

    #[test]
    fn a_probe_logs_in_and_counts() {
        // Answers of Cassandra 5.0.9, SUPPORTED and the rows' metadata shortened.
        let mut answers = b"\x84\x00\x00\x00\x06\x00\x00\x00\x02\x00\x00".to_vec();
        answers.extend(b"\x84\x00\x00\x00\x03\x00\x00\x00\x03\x00\x01A");
        answers.extend(b"\x84\x00\x00\x00\x10\x00\x00\x00\x04\xff\xff\xff\xff");
        answers.extend(
            b"\x84\x00\x00\x00\x08\x00\x00\x00\x0c\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x02",
        );
        let (wire, sent) = scripted(&answers);
        let endpoint = Endpoint::local(Kind::Cassandra, 9042).with_login("u", "p");
        let mut session = Session::open(wire, &endpoint).unwrap();
        assert_eq!(session.count("x", ONE).unwrap(), 2);
        let sent = sent.lock().unwrap();
        assert!(
            sent.starts_with(b"\x04\x00\x00\x00\x05\x00\x00\x00\x00"),
            "OPTIONS comes first"
        );
        assert!(
            sent.windows(8)
                .any(|bytes| bytes == b"\x00\x00\x00\x04\x00u\x00p"),
            "then the password"
        );
    }

    #[test]
    fn a_node_is_ready_when_it_takes_all_others_for_alive() {
        // Answers of node 2 of 3 in Cassandra 5.0.9: two peers, then the same read refused and done; metadata left out.
        let peers =
            b"\x84\x00\x00\x00\x08\x00\x00\x00\x0c\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x02";
        let refused = [
            b"\x84\x00\x00\x00\x00\x00\x00\x00\x34\x00\x00\x10\x00\x00\x24".as_slice(),
            b"Cannot achieve consistency level ALL\x00\x05\x00\x00\x00\x03\x00\x00\x00\x01",
        ]
        .concat();
        let done =
            b"\x84\x00\x00\x00\x08\x00\x00\x00\x0c\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x01";
        let ask = |answers: &[&[u8]], nodes| {
            let (wire, sent) = scripted(&answers.concat());
            let result = Session { wire }.sees_all(nodes);
            (result, sent.lock().unwrap().clone())
        };
        let (result, sent) = ask(&[peers, done], 3);
        result.unwrap();
        assert!(
            sent.ends_with(b"SELECT count(*) FROM system_auth.roles\x00\x05\x00"),
            "at ALL"
        );
        let (result, _) = ask(&[peers, &refused], 3);
        let error = result.unwrap_err().to_string();
        assert!(error.contains("consistency level ALL"), "{error}");
        let (result, _) = ask(&[done], 3);
        assert_eq!(
            result.unwrap_err().to_string(),
            "the node knows 1 other node(s)"
        );
        let (result, sent) = ask(&[], 1);
        result.unwrap();
        assert_eq!(sent, b"", "one alone is not asked");
    }

    #[test]
    fn an_error_is_shown_as_the_server_worded_it() {
        let (wire, _) =
            scripted(b"\x84\x00\x00\x00\x00\x00\x00\x00\x09\x00\x00\x01\x00\x00\x03bad");
        let error = Session { wire }.ask(OPTIONS, &[], SUPPORTED).unwrap_err();
        assert_eq!(error.to_string(), "the server says: bad");
    }
}
