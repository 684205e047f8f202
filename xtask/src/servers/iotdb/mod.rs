//! Apache IoTDB 2.0 from one Maven zip, which holds both of its processes: a ConfigNode and a DataNode.

mod probe;
mod thrift;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};
use probe::Session;

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
    fn prerequisites(&self, cache: &Cache, _shape: Shape) -> Result<()> {
        java_prerequisites(cache, ARTIFACT)
    }

    fn fetch(&self, cache: &Cache, _shape: Shape, task: &Task) -> Result<()> {
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
            write(&conf.join(name), include_str!("../templates/logback.xml"))?;
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
        Session::open(Wire::open(endpoint)?, endpoint, shape.compact).map(drop)
    }

    fn takes_writes(&self, endpoint: &Endpoint, shape: Shape) -> Result<()> {
        let wire = Wire::open_for(endpoint, probe::FIRST_WRITE)?;
        Session::open(wire, endpoint, shape.compact)?.write()
    }
}

/// The properties that both processes read.
fn properties(ports: &mut Ports, rpc_port: u16) -> Result<String> {
    let mut next = |wanted: u16| ports.take(wanted, 1).map(|port| port.to_string());
    render(
        include_str!("../templates/iotdb-system.properties"),
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

#[cfg(test)]
mod tests {
    use super::*;

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
