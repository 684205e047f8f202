//! What runs: one small text file per started server, so that a later xtask can show and stop it.
//!
//! ```text
//! server ignite
//! compact false
//! ports 10800 47500 47100                     taken, or about to be
//! owner 4711 99887766                        only while a demo or test run owns it
//! node ignite://127.0.0.1:10800
//! tls ignite://127.0.0.1:10800?tls=…
//! process node1 4712 99887799 /…/node1.log   name, process id, start time, log
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::cache::Cache;
use crate::kind::{Endpoint, Kind};
use crate::process::ProcessId;

/// One process of a recorded server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Running {
    pub(crate) label: String,
    pub(crate) id: ProcessId,
    pub(crate) log: PathBuf,
}

/// One recorded server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// `ignite-1`: the name of its folder and of this record.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) compact: bool,
    /// Ports that the server was given, so that another one that starts at the same time is given others.
    pub(crate) ports: Vec<u16>,
    /// The run of xtask that will stop it; none once `servers up` has let it go.
    pub(crate) owner: Option<ProcessId>,
    pub(crate) nodes: Vec<Endpoint>,
    pub(crate) tls: Option<Endpoint>,
    pub(crate) processes: Vec<Running>,
}

impl Record {
    /// Whether a run that is still going on will stop this server.
    pub(crate) fn is_owned(&self) -> bool {
        self.owner.is_some_and(ProcessId::is_alive)
    }

    /// Where the record is kept.
    pub(crate) fn file(cache: &Cache, name: &str) -> PathBuf {
        cache.path("state").join(name)
    }

    /// Writes the record, whole or not at all.
    pub(crate) fn save(&self, cache: &Cache) -> Result<()> {
        let file = Self::file(cache, &self.name);
        let draft = cache.path("state").join(format!(".{}", self.name));
        crate::cache::write(&draft, &self.render())?;
        fs::rename(&draft, &file).with_context(|| format!("cannot write {}", file.display()))
    }

    /// All records of the cache, by name.
    pub(crate) fn all(cache: &Cache) -> Result<Vec<Self>> {
        let mut records = Vec::new();
        for entry in fs::read_dir(cache.path("state"))? {
            let file = entry?.path();
            let name = file
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            // A file may be a draft, or go away under our eyes.
            if name.starts_with('.') {
                continue;
            }
            let Ok(text) = fs::read_to_string(&file) else {
                continue;
            };
            let parsed = Self::parse(&name, &text);
            records.push(parsed.with_context(|| {
                format!("{} is damaged: look at it and delete it", file.display())
            })?);
        }
        records.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(records)
    }

    fn render(&self) -> String {
        let mut text = format!("server {}\ncompact {}\n", self.kind, self.compact);
        let ports: Vec<String> = self.ports.iter().map(u16::to_string).collect();
        text.push_str(&format!("ports {}\n", ports.join(" ")));
        if let Some(owner) = self.owner {
            text.push_str(&format!("owner {} {}\n", owner.pid, owner.started));
        }
        for node in &self.nodes {
            text.push_str(&format!("node {node}\n"));
        }
        if let Some(tls) = &self.tls {
            text.push_str(&format!("tls {tls}\n"));
        }
        for Running { label, id, log } in &self.processes {
            text.push_str(&format!(
                "process {label} {} {} {}\n",
                id.pid,
                id.started,
                log.display()
            ));
        }
        text
    }

    fn parse(name: &str, text: &str) -> Result<Self> {
        let mut kind = None;
        let mut record = Self {
            name: name.to_owned(),
            kind: Kind::Cassandra,
            compact: false,
            ports: Vec::new(),
            owner: None,
            nodes: Vec::new(),
            tls: None,
            processes: Vec::new(),
        };
        for line in text.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["server", value] => kind = Some(value.parse()?),
                ["compact", value] => record.compact = value.parse()?,
                ["ports", ref ports @ ..] => {
                    let ports = ports.iter().filter(|port| !port.is_empty());
                    record.ports = ports.map(|port| port.parse()).collect::<Result<_, _>>()?;
                }
                ["owner", pid, started] => record.owner = Some(process_id(pid, started)?),
                ["node", url] => record.nodes.push(url.parse()?),
                ["tls", url] => record.tls = Some(url.parse()?),
                ["process", label, pid, started, log] => record.processes.push(Running {
                    label: label.to_owned(),
                    id: process_id(pid, started)?,
                    log: Path::new(log).to_owned(),
                }),
                _ => anyhow::bail!("a line that no xtask has written: {line}"),
            }
        }
        record.kind = kind.context("no line `server`")?;
        Ok(record)
    }
}

fn process_id(pid: &str, started: &str) -> Result<ProcessId> {
    Ok(ProcessId {
        pid: pid.parse()?,
        started: started.parse()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_back_as_it_was_written() {
        let root = std::env::temp_dir().join(format!("xtask-state-{}", std::process::id()));
        let cache = Cache::at(&root).unwrap();
        let endpoint = Endpoint::local(Kind::Ignite, 10_800).with_login("a b", "c:d");
        let record = Record {
            name: "ignite-3".to_owned(),
            kind: Kind::Ignite,
            compact: false,
            ports: vec![10_800, 47_500],
            owner: Some(ProcessId {
                pid: 4711,
                started: 99,
            }),
            nodes: vec![endpoint.clone()],
            tls: Some(endpoint.with_tls(Path::new("/tmp/ca.pem"))),
            processes: vec![Running {
                label: "node1".to_owned(),
                id: ProcessId {
                    pid: 4712,
                    started: 100,
                },
                log: PathBuf::from("/tmp/node1.log"),
            }],
        };
        record.save(&cache).unwrap();
        assert_eq!(Record::all(&cache).unwrap(), [record]);
        crate::process::remove(&root);
    }

    #[test]
    fn a_damaged_record_is_an_error() {
        for text in [
            "",
            "server oracle\n",
            "server ignite\nprocess node1 x 1 /l\n",
            "hello\n",
        ] {
            Record::parse("x", text).unwrap_err();
        }
    }
}
