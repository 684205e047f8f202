//! Apache IoTDB 2.0 from one Maven zip, which holds both of its processes: a ConfigNode and a DataNode.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::fetch::Coordinates;
use super::ports::Ports;
use super::tls::{Material, STORE_PASSWORD};
use super::wire::Wire;
use super::{Launch, Layout, Recipe, Shape, Site, fetch, java_prerequisites};
use crate::cache::{Cache, make, render, write};
use crate::jdk::Jdk;
use crate::kind::{Endpoint, Kind};
use crate::ui::Task;

const ARTIFACT: &str = "iotdb-confignode-2.0.10";
const ROOT: Coordinates = Coordinates {
    group: "org.apache.iotdb",
    artifact: "iotdb-confignode",
    version: "2.0.10",
};

/// What Maven downloads for it.
const DOWNLOAD_BYTES: u64 = 94_000_000;

/// The superuser; IoTDB has no server without log-in.
const USER: (&str, &str) = ("root", "root");

/// Packages of java.base that IoTDB reaches into.
const OPENS: [&str; 6] = [
    "java.io",
    "java.lang",
    "java.net",
    "java.nio",
    "java.util",
    "java.util.concurrent",
];

/// The recipe.
pub(crate) struct Iotdb;

impl Recipe for Iotdb {
    fn prerequisites(&self, cache: &Cache) -> Result<()> {
        java_prerequisites(cache, ARTIFACT)
    }

    fn fetch(&self, cache: &Cache, task: &Task) -> Result<()> {
        fetch::zip(cache, &Jdk::find()?, task, ROOT, DOWNLOAD_BYTES).map(drop)
    }

    fn layout(&self, site: &mut Site<'_>) -> Result<Layout> {
        if site.shape.nodes != 1 {
            bail!("--nodes 3 is for cassandra and ignite; this recipe starts one IoTDB DataNode");
        }
        let jdk = Jdk::find()?;
        let mut endpoint =
            Endpoint::local(Kind::Iotdb, site.ports.take(Kind::Iotdb.default_port(), 1)?);
        endpoint = endpoint.with_login(USER.0, USER.1);
        let mut properties = properties(&mut site.ports, endpoint.port)?;
        if site.shape.compact {
            properties.push_str("dn_rpc_thrift_compression_enable=true\n");
        }
        if site.shape.tls {
            let material = Material::new(&site.folder.join("tls"))?;
            let (keys, _) = material.stores(&jdk)?;
            properties.push_str(&format!(
                "enable_thrift_ssl=true\nkey_store_path={}\nkey_store_pwd={STORE_PASSWORD}\n",
                keys.display()
            ));
            // IoTDB has one client port, and it is TLS or not.
            endpoint = endpoint.with_tls(&material.ca);
        }
        let conf = site.folder.join("conf");
        make(&conf)?;
        write(&conf.join("iotdb-system.properties"), &properties)?;
        for name in ["logback-confignode.xml", "logback-datanode.xml"] {
            write(&conf.join(name), include_str!("templates/logback.xml"))?;
        }
        let lib = site.cache.artifact(ARTIFACT).join("lib");
        // The DataNode comes first: it is the one that clients talk to. It waits for the ConfigNode by itself.
        let launches = [Node::Data, Node::Config].map(|node| Launch {
            label: node.label().to_owned(),
            command: node.command(&jdk, &lib, site.folder),
            log: site.folder.join(format!("{}.log", node.label())),
        });
        Ok(Layout {
            launches: launches.into(),
            tls: site.shape.tls.then(|| endpoint.clone()),
            nodes: vec![endpoint],
        })
    }

    fn probe(&self, endpoint: &Endpoint, shape: Shape) -> Result<()> {
        open_session(&mut Wire::open(endpoint)?, endpoint, shape.compact)
    }
}

/// The properties that both processes read.
fn properties(ports: &mut Ports, rpc_port: u16) -> Result<String> {
    let mut next = |wanted: u16| ports.take(wanted, 1).map(|port| port.to_string());
    render(
        include_str!("templates/iotdb-system.properties"),
        &[
            ("HOST", "127.0.0.1"),
            ("PORT", &rpc_port.to_string()),
            ("CONFIG_PORT", &next(10_710)?),
            ("CONFIG_CONSENSUS_PORT", &next(10_720)?),
            ("INTERNAL_PORT", &next(10_730)?),
            ("EXCHANGE_PORT", &next(10_740)?),
            ("SCHEMA_PORT", &next(10_750)?),
            ("DATA_PORT", &next(10_760)?),
        ],
    )
}

/// The two processes of an IoTDB.
#[derive(Clone, Copy)]
enum Node {
    Config,
    Data,
}

impl Node {
    fn label(self) -> &'static str {
        match self {
            Self::Config => "confignode",
            Self::Data => "datanode",
        }
    }

    /// The JVM of this process, with its home in `home`.
    fn command(self, jdk: &Jdk, lib: &Path, home: &Path) -> Command {
        let at = |path: PathBuf| path.to_string_lossy().into_owned();
        let (base, conf, logs) = (
            at(home.to_owned()),
            at(home.join("conf")),
            at(home.join("logs")),
        );
        let mut command = Command::new(jdk.program("java"));
        command.current_dir(home);
        command.args(OPENS.map(|package| format!("--add-opens=java.base/{package}=ALL-UNNAMED")));
        // A small heap and the quick compiler: these servers are started often and worked little.
        command.args([
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xss512k",
            "-Dfile.encoding=UTF-8",
        ]);
        command.arg(format!(
            "-Dlogback.configurationFile={conf}/logback-{}.xml",
            self.label()
        ));
        command.args(["-Diotdb-foreground=yes", "-Diotdb.jmx.local=true"]);
        for name in ["IOTDB_HOME", "TSFILE_HOME"] {
            command.arg(format!("-D{name}={base}"));
        }
        for name in ["IOTDB_CONF", "TSFILE_CONF"] {
            command.arg(format!("-D{name}={conf}"));
        }
        let main = match self {
            Self::Config => {
                command.args([
                    "-Xms64m",
                    "-Xmx256m",
                    "-XX:MaxDirectMemorySize=128m",
                    "-Dname=iotdb.ConfigNode",
                ]);
                for name in ["CONFIGNODE_HOME", "CONFIGNODE_DATA_HOME"] {
                    command.arg(format!("-D{name}={base}"));
                }
                command
                    .arg(format!("-DCONFIGNODE_CONF={conf}"))
                    .arg(format!("-DCONFIGNODE_LOGS={logs}"));
                "org.apache.iotdb.confignode.service.ConfigNode"
            }
            Self::Data => {
                command.args([
                    "-Xms256m",
                    "-Xmx1g",
                    "-XX:MaxDirectMemorySize=256m",
                    "-Dname=iotdb.IoTDB",
                ]);
                command.args(["-Dsun.jnu.encoding=UTF-8", "-DOFF_HEAP_MEMORY=256M"]);
                command
                    .arg(format!("-DIOTDB_DATA_HOME={base}"))
                    .arg(format!("-DIOTDB_LOG_DIR={logs}"));
                "org.apache.iotdb.db.service.DataNode"
            }
        };
        // The wildcard is Java's own; -s means "start".
        command
            .arg("-cp")
            .arg(format!("{}/*", lib.display()))
            .args([main, "-s"]);
        command
    }
}

/// Calls `openSession`: an answer whose status is 200 means that the node takes requests.
fn open_session(wire: &mut Wire, endpoint: &Endpoint, compact: bool) -> Result<()> {
    let (user, password) = endpoint
        .login
        .as_ref()
        .context("IoTDB needs a user and a password in the URL")?;
    let call = if compact {
        compact_call(user, password)?
    } else {
        binary_call(user, password)?
    };
    let mut frame = u32::try_from(call.len())?.to_be_bytes().to_vec();
    frame.extend(call);
    wire.send(&frame)?;
    let length = usize::try_from(u32::from_be_bytes(wire.array()?))?;
    let answer = wire.receive(length)?;
    // Result field 0, in it status (field 1), in it code (field 1): 200 as a binary i32, or as a zig-zag varint.
    let success: &[u8] = if compact {
        &[0x0C, 0x00, 0x1C, 0x15, 0x90, 0x03]
    } else {
        &[0x0C, 0, 0, 0x0C, 0, 1, 0x08, 0, 1, 0, 0, 0, 200]
    };
    if answer.windows(success.len()).any(|bytes| bytes == success) {
        return Ok(());
    }
    bail!(
        "openSession is refused: {}",
        String::from_utf8_lossy(&answer).replace(|letter: char| letter.is_control(), " ")
    )
}

/// `openSession(req)` in Thrift's binary protocol; fields: 1 protocol version, 2 time zone, 3 user, 4 password.
fn binary_call(user: &str, password: &str) -> Result<Vec<u8>> {
    let mut call =
        b"\x80\x01\x00\x01\x00\x00\x00\x0bopenSession\x00\x00\x00\x00\x0c\x00\x01".to_vec();
    call.extend(b"\x08\x00\x01\x00\x00\x00\x02");
    for (field, text) in [(2, "UTC"), (3, user), (4, password)] {
        call.extend([0x0B, 0, field]);
        call.extend(u32::try_from(text.len())?.to_be_bytes());
        call.extend(text.as_bytes());
    }
    call.extend([0, 0]);
    Ok(call)
}

/// The same in the compact protocol.
fn compact_call(user: &str, password: &str) -> Result<Vec<u8>> {
    let mut call = b"\x82\x21\x00\x0bopenSession\x1c\x15\x04".to_vec();
    for text in ["UTC", user, password] {
        // One byte of length is enough for what a probe sends.
        let length = u8::try_from(text.len())
            .ok()
            .filter(|length| *length < 0x80)
            .context("too long for a probe")?;
        call.extend([0x18, length]);
        call.extend(text.as_bytes());
    }
    call.extend([0, 0]);
    Ok(call)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::servers::wire::tests::scripted;

    fn endpoint() -> Endpoint {
        Endpoint::local(Kind::Iotdb, 6667).with_login("root", "root")
    }

    #[test]
    fn calls_are_as_the_apache_library_writes_them() {
        // The same call by Apache's Python library, with no configuration map.
        let binary = concat!(
            "80010001",
            "0000000b6f70656e53657373696f6e",
            "00000000",
            "0c0001",
            "08000100000002",
            "0b000200000003555443",
            "0b000300000004726f6f74",
            "0b000400000004726f6f74",
            "0000"
        );
        let hex: String = binary_call("root", "root")
            .unwrap()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(hex, binary);
        let compact = "8221000b6f70656e53657373696f6e1c150418035554431804726f6f741804726f6f740000";
        let hex: String = compact_call("root", "root")
            .unwrap()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(hex, compact);
    }

    #[test]
    fn only_status_200_is_ready() {
        let answer = |code: u8| {
            let mut body = b"\x80\x01\x00\x02\x00\x00\x00\x0bopenSession\x00\x00\x00\x00".to_vec();
            body.extend([0x0C, 0, 0, 0x0C, 0, 1, 0x08, 0, 1, 0, 0, 0, code, 0, 0, 0]);
            let mut frame = u32::try_from(body.len()).unwrap().to_be_bytes().to_vec();
            frame.extend(body);
            frame
        };
        let (mut wire, _) = scripted(&answer(200));
        open_session(&mut wire, &endpoint(), false).unwrap();
        let (mut wire, _) = scripted(&answer(201));
        open_session(&mut wire, &endpoint(), false).unwrap_err();
    }

    #[test]
    fn every_port_of_the_properties_is_another() {
        let text = properties(&mut Ports::default(), 6667).unwrap();
        let mut ports: Vec<&str> = text
            .lines()
            .filter_map(|line| line.split_once("_port="))
            .map(|(_, port)| port)
            .collect();
        assert_eq!(ports.len(), 7);
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), 7);
    }
}
