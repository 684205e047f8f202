//! Apache Ignite 2.17 from its Maven jars and a small main class of ours: one node, or three as three JVMs.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::fetch::{Coordinates, Jars};
use super::tls::{Material, STORE_PASSWORD};
use super::wire::Wire;
use super::{Launch, Layout, Recipe, Shape, Site, fetch, java_prerequisites};
use crate::cache::{Cache, make, write};
use crate::jdk::Jdk;
use crate::kind::{Endpoint, Kind};
use crate::process;
use crate::ui::Task;

const ARTIFACT: &str = "ignite-2.17.0";

/// The server and its SQL engine.
const ROOTS: [Coordinates; 2] = [
    Coordinates {
        group: "org.apache.ignite",
        artifact: "ignite-core",
        version: "2.17.0",
    },
    Coordinates {
        group: "org.apache.ignite",
        artifact: "ignite-indexing",
        version: "2.17.0",
    },
];

/// What Maven downloads for it, plug-ins included.
const DOWNLOAD_BYTES: u64 = 60_000_000;

/// The first user of every fresh cluster with authentication.
const USER: (&str, &str) = ("ignite", "ignite");

/// Defaults of the ports between nodes.
const DISCOVERY_PORT: u16 = 47_500;
const COMMUNICATION_PORT: u16 = 47_100;

/// Packages that Ignite reaches into on JDK 17, by module.
const OPENS: [(&str, &[&str]); 7] = [
    (
        "java.base",
        &[
            "java.io",
            "java.lang",
            "java.lang.invoke",
            "java.lang.reflect",
            "java.math",
            "java.net",
            "java.nio",
            "java.text",
            "java.time",
            "java.util",
            "java.util.concurrent",
            "java.util.concurrent.atomic",
            "java.util.concurrent.locks",
            "jdk.internal.access",
            "jdk.internal.misc",
            "sun.nio.ch",
            "sun.reflect.generics.reflectiveObjects",
            "sun.util.calendar",
        ],
    ),
    ("java.desktop", &["java.awt.font"]),
    ("java.logging", &["java.util.logging"]),
    (
        "java.management",
        &["com.sun.jmx.mbeanserver", "sun.management"],
    ),
    ("java.sql", &["java.sql"]),
    ("jdk.internal.jvmstat", &["sun.jvmstat.monitor"]),
    ("jdk.management", &["com.sun.management.internal"]),
];

/// Properties of the JVM. In UTC because SQL dates travel as milliseconds of the server's own time zone.
const PROPERTIES: [&str; 6] = [
    "-Djava.net.preferIPv4Stack=true",
    "-Duser.timezone=UTC",
    "-DIGNITE_QUIET=true",
    "-DIGNITE_NO_ASCII=true",
    "-DIGNITE_UPDATE_NOTIFIER=false",
    "-DIGNITE_PERFORMANCE_SUGGESTIONS_DISABLED=true",
];

/// The recipe.
pub(crate) struct Ignite;

impl Recipe for Ignite {
    fn prerequisites(&self, cache: &Cache, _shape: Shape) -> Result<()> {
        java_prerequisites(cache, ARTIFACT)
    }

    fn fetch(&self, cache: &Cache, _shape: Shape, task: &Task) -> Result<()> {
        let jdk = Jdk::find()?;
        let jars = Jars {
            name: ARTIFACT,
            roots: &ROOTS,
            expected: DOWNLOAD_BYTES,
        };
        let folder = fetch::jars(cache, &jdk, task, jars)?;
        compile(cache, &jdk, &folder)
    }

    fn layout(&self, site: &mut Site<'_>) -> Result<Layout> {
        let jdk = Jdk::find()?;
        let material = site
            .shape
            .tls
            .then(|| Material::new(&site.folder.join("tls")))
            .transpose()?;
        let stores = material
            .as_ref()
            .map(|material| material.stores(&jdk))
            .transpose()?;
        let mut nodes = Vec::new();
        for index in 0..site.shape.nodes {
            nodes.push(NodePorts {
                client: site.ports.take(Kind::Ignite.default_port() + index, 1)?,
                discovery: site.ports.take(DISCOVERY_PORT + index, 1)?,
                communication: site.ports.take(COMMUNICATION_PORT + index, 1)?,
            });
        }
        let seeds: Vec<String> = nodes
            .iter()
            .map(|node| format!("127.0.0.1:{}", node.discovery))
            .collect();
        let mut layout = Layout {
            launches: Vec::new(),
            nodes: Vec::new(),
            tls: None,
        };
        for (index, node) in (1..).zip(&nodes) {
            let label = format!("node{index}");
            let mut command = java(&jdk, &site.cache.artifact(ARTIFACT));
            let work = site.folder.join(&label);
            make(&work)?;
            command
                .current_dir(&work)
                .args(node.arguments(&label, &work, &seeds, site.shape.auth));
            if let Some((keys, trust)) = &stores {
                command.arg(format!("--key-store={}", keys.display()));
                command.arg(format!("--trust-store={}", trust.display()));
                command.arg(format!("--store-password={STORE_PASSWORD}"));
            }
            let log = site.folder.join(format!("{label}.log"));
            layout.launches.push(Launch {
                label,
                command,
                log,
            });
            let mut endpoint = Endpoint::local(Kind::Ignite, node.client);
            if site.shape.auth {
                endpoint = endpoint.with_login(USER.0, USER.1);
            }
            if let Some(material) = &material {
                // Ignite has one client port, and it is TLS or not.
                endpoint = endpoint.with_tls(&material.ca);
            }
            layout.nodes.push(endpoint);
        }
        if material.is_some() {
            layout.tls = layout.nodes.first().cloned();
        }
        Ok(layout)
    }

    fn probe(&self, endpoint: &Endpoint, _shape: Shape) -> Result<()> {
        handshake(&mut Wire::open(endpoint)?, endpoint, WITH_USERS)
    }

    fn takes_writes(&self, endpoint: &Endpoint, shape: Shape) -> Result<()> {
        let mut wire = Wire::open(endpoint)?;
        handshake(&mut wire, endpoint, WITH_TOPOLOGY)?;
        settled(&mut wire, shape.nodes)
    }
}

/// The ports of one node.
struct NodePorts {
    client: u16,
    discovery: u16,
    communication: u16,
}

impl NodePorts {
    fn arguments(&self, name: &str, work: &Path, seeds: &[String], auth: bool) -> [String; 7] {
        [
            format!("--name={name}"),
            format!("--work={}", work.display()),
            format!("--client-port={}", self.client),
            format!("--discovery-port={}", self.discovery),
            format!("--communication-port={}", self.communication),
            format!("--seeds={}", seeds.join(",")),
            format!("--auth={auth}"),
        ]
    }
}

/// Java with all that an Ignite node needs, up to the name of the main class.
fn java(jdk: &Jdk, artifact: &Path) -> Command {
    let mut command = Command::new(jdk.program("java"));
    command.args(jvm_arguments());
    command
        .arg("-cp")
        .arg(format!("{0}/classes:{0}/lib/*", artifact.display()))
        .arg("IgniteServer");
    command
}

/// The JVM's own arguments.
pub(crate) fn jvm_arguments() -> Vec<String> {
    let mut arguments = Vec::new();
    for (module, packages) in OPENS {
        for package in packages {
            arguments.push(format!("--add-opens={module}/{package}=ALL-UNNAMED"));
        }
    }
    arguments.extend(PROPERTIES.map(str::to_owned));
    // A small heap and the quick compiler: these servers are started often and worked little.
    arguments.extend(
        [
            "-Xms256m",
            "-Xmx1g",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
        ]
        .map(str::to_owned),
    );
    arguments
}

/// Compiles our main class beside the jars, unless this very source has been compiled already.
fn compile(cache: &Cache, jdk: &Jdk, artifact: &Path) -> Result<()> {
    let text = include_str!("templates/IgniteServer.java");
    let classes = artifact.join("classes");
    let source = classes.join("IgniteServer.java");
    let compiled = || fs::read_to_string(&source).is_ok_and(|known| known == text);
    if compiled() {
        return Ok(());
    }
    let _turn = cache.lock("fetch")?;
    if compiled() {
        return Ok(());
    }
    let draft = artifact.join(".classes");
    process::remove(&draft);
    make(&draft)?;
    write(&draft.join("IgniteServer.java"), text)?;
    let mut command = Command::new(jdk.program("javac"));
    command
        .arg("-nowarn")
        .arg("-cp")
        .arg(format!("{}/lib/*", artifact.display()));
    command
        .arg("-d")
        .arg(&draft)
        .arg(draft.join("IgniteServer.java"));
    process::run_logged(
        &mut command,
        &cache.log("compile-ignite"),
        "compiling IgniteServer.java",
        || (),
    )?;
    process::remove(&classes);
    fs::rename(&draft, &classes).with_context(|| format!("cannot write {}", classes.display()))
}

/// Minor versions of the protocol, the major one being 1: the first with a user name, and the first whose answers carry
/// the topology version.
const WITH_USERS: u8 = 1;
const WITH_TOPOLOGY: u8 = 4;

/// The handshake: `true` means welcome.
fn handshake(wire: &mut Wire, endpoint: &Endpoint, minor: u8) -> Result<()> {
    // Code 1, version 1.minor.0 and client type 2 (thin).
    let mut body = vec![1, 1, 0, minor, 0, 0, 0, 2];
    if let Some((user, password)) = &endpoint.login {
        for text in [user, password] {
            // Type 9 is a string.
            body.push(9);
            body.extend(u32::try_from(text.len())?.to_le_bytes());
            body.extend(text.as_bytes());
        }
    }
    let answer = exchange(wire, &body)?;
    match answer.split_first() {
        Some((1, _)) => Ok(()),
        // Three numbers of the version, then the message as a string.
        Some((0, rest)) => bail!(
            "the server says: {}",
            String::from_utf8_lossy(rest.get(11..).unwrap_or_default())
        ),
        _ => bail!("no answer to a handshake: this is no Ignite client port"),
    }
}

/// Asks for the state of the cluster (5000), and looks at the topology version that comes along.
///
/// A node welcomes clients before it has joined its cluster, and a request for a cache then breaks its start. Once it has
/// settled who owns which partition, the version is the number of joins that it has seen; until then it is -1.
fn settled(wire: &mut Wire, nodes: u16) -> Result<()> {
    let mut body = 5000_u16.to_le_bytes().to_vec();
    body.extend(1_i64.to_le_bytes());
    let answer = exchange(wire, &body)?;
    // Number of the request (8), flags (2); then, since this is the first answer, topology version (8 and 4); the state.
    let (Some(&[flags, 0]), Some(version)) = (answer.get(8..10), answer.get(10..18)) else {
        bail!("an answer that is too short");
    };
    let rest = answer.get(22..).unwrap_or_default();
    if flags & FAILED != 0 {
        // Status, then the message as a string.
        let message = String::from_utf8_lossy(rest.get(9..).unwrap_or_default());
        bail!("the server says: {message}");
    }
    let version = i64::from_le_bytes(version.try_into()?);
    if version < i64::from(nodes) {
        bail!("the node has not joined the others yet: topology version {version}, of {nodes}");
    }
    match rest {
        [1] => Ok(()),
        _ => bail!("the cluster is not active"),
    }
}

/// The flag of an answer that is an error.
const FAILED: u8 = 1;

/// A message and its answer, each with four bytes of length before it.
fn exchange(wire: &mut Wire, body: &[u8]) -> Result<Vec<u8>> {
    let mut message = u32::try_from(body.len())?.to_le_bytes().to_vec();
    message.extend(body);
    wire.send(&message)?;
    let length = usize::try_from(u32::from_le_bytes(wire.array()?))?;
    wire.receive(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::servers::wire::tests::scripted;

    #[test]
    fn the_handshake_is_as_the_protocol_has_it() {
        let (mut wire, sent) = scripted(b"\x01\x00\x00\x00\x01");
        handshake(&mut wire, &Endpoint::local(Kind::Ignite, 1), WITH_USERS).unwrap();
        assert_eq!(
            *sent.lock().unwrap(),
            b"\x08\x00\x00\x00\x01\x01\x00\x01\x00\x00\x00\x02"
        );

        let (mut wire, sent) = scripted(b"\x01\x00\x00\x00\x01");
        handshake(
            &mut wire,
            &Endpoint::local(Kind::Ignite, 1).with_login("u", "p"),
            WITH_USERS,
        )
        .unwrap();
        assert_eq!(
            sent.lock().unwrap()[12..],
            *b"\x09\x01\x00\x00\x00u\x09\x01\x00\x00\x00p"
        );
    }

    #[test]
    fn a_refusal_is_shown_as_the_server_worded_it() {
        let (mut wire, _) =
            scripted(b"\x0f\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x09\x03\x00\x00\x00bad");
        let error =
            handshake(&mut wire, &Endpoint::local(Kind::Ignite, 1), WITH_USERS).unwrap_err();
        assert_eq!(error.to_string(), "the server says: bad");
    }

    #[test]
    fn a_node_is_ready_when_it_has_settled_with_all_others() {
        // Answers of Ignite 2.17 in the first second of its life: before and after its start was complete.
        let starting: [u8; 27] =
            *b"\x17\0\0\0\x01\0\0\0\0\0\0\0\x02\0\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\x01";
        let started: [u8; 27] =
            *b"\x17\0\0\0\x01\0\0\0\0\0\0\0\x02\0\x01\0\0\0\0\0\0\0\0\0\0\0\x01";
        let ask = |answer: &[u8], nodes| settled(&mut scripted(answer).0, nodes);
        ask(&started, 1).unwrap();
        let error = ask(&starting, 1).unwrap_err().to_string();
        assert!(error.contains("topology version -1, of 1"), "{error}");
        let error = ask(&started, 3).unwrap_err().to_string();
        assert!(error.contains("topology version 1, of 3"), "{error}");

        let mut inactive = started;
        inactive[26] = 0;
        let error = ask(&inactive, 1).unwrap_err();
        assert_eq!(error.to_string(), "the cluster is not active");
        ask(&started[..26], 1).unwrap_err();
    }

    #[test]
    fn a_node_is_told_of_all_others() {
        let ports = NodePorts {
            client: 1,
            discovery: 2,
            communication: 3,
        };
        let seeds = ["127.0.0.1:2".to_owned(), "127.0.0.1:12".to_owned()];
        let arguments = ports.arguments("node1", Path::new("/w"), &seeds, true);
        assert!(
            arguments.contains(&"--seeds=127.0.0.1:2,127.0.0.1:12".to_owned()),
            "{arguments:?}"
        );
        assert!(
            arguments.contains(&"--auth=true".to_owned()),
            "{arguments:?}"
        );
    }
}
