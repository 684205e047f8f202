//! A server that this run has started: configured, running, ready; and gone when it is let go of.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::state::{Record, Running};
use super::{Layout, Ports, Shape, Site, recipe};
use crate::cache::Cache;
use crate::kind::{Endpoint, Kind};
use crate::process::{self, Group, ProcessId};
use crate::ui::Task;

/// The slowest start seen was half a minute, on two cores that had much else to do.
const START_LIMIT: Duration = Duration::from_secs(240);

/// Between two probes.
const PROBE_PAUSE: Duration = Duration::from_millis(100);

/// A running server.
#[derive(Debug)]
pub(crate) struct Instance {
    record: Record,
    cache: Cache,
    folder: PathBuf,
    groups: Vec<Group>,
    /// Whether the folder with logs and data stays when the server goes.
    keep_folder: bool,
}

/// Fetches what is missing, starts a server of this shape and waits until it answers.
pub(crate) fn start(cache: &Cache, kind: Kind, shape: Shape, task: &Task) -> Result<Instance> {
    let result = try_start(cache, kind, shape, task);
    if result.is_err() {
        task.failed();
    }
    result
}

fn try_start(cache: &Cache, kind: Kind, shape: Shape, task: &Task) -> Result<Instance> {
    recipe(kind).prerequisites(cache)?;
    recipe(kind).fetch(cache, task)?;
    let mut instance = Instance::new(cache, kind, shape)?;
    let begun = Instant::now();
    let layout = instance.layout(shape)?;
    // From here on a failure leaves the folder for whoever wants to know why.
    instance.keep_folder = true;
    instance.spawn(layout)?;
    task.step(&format!("starting on {}", instance.endpoint().address()));
    instance.wait_until_ready(shape, begun)?;
    instance.keep_folder = false;
    task.done(&format!(
        "ready at {}, {:.1} s after its start",
        instance.endpoint(),
        begun.elapsed().as_secs_f32()
    ));
    Ok(instance)
}

impl Instance {
    /// An empty folder and a record that says whose it is.
    fn new(cache: &Cache, kind: Kind, shape: Shape) -> Result<Self> {
        let (name, folder) = cache.new_run(kind.name())?;
        process::remove_when_interrupted(&folder);
        process::remove_when_interrupted(&Record::file(cache, &name));
        let owner = Some(ProcessId::of(std::process::id())?);
        let (nodes, processes) = (Vec::new(), Vec::new());
        let record = Record {
            name,
            kind,
            compact: shape.compact,
            ports: Vec::new(),
            owner,
            nodes,
            tls: None,
            processes,
        };
        record.save(cache)?;
        Ok(Self {
            record,
            cache: cache.clone(),
            folder,
            groups: Vec::new(),
            keep_folder: false,
        })
    }

    /// Configures the server, and records its ports before another run chooses its own.
    fn layout(&mut self, shape: Shape) -> Result<Layout> {
        let _turn = self.cache.lock("ports")?;
        let records = Record::all(&self.cache)?;
        let taken: Vec<u16> = records
            .into_iter()
            .flat_map(|record| record.ports)
            .collect();
        let others = taken.len();
        let (cache, folder) = (&self.cache, &self.folder);
        let mut site = Site {
            cache,
            folder,
            shape,
            ports: Ports::without(taken),
        };
        let layout = recipe(self.record.kind).layout(&mut site)?;
        self.record.ports = site.ports.into_given().split_off(others);
        self.record.save(&self.cache)?;
        Ok(layout)
    }

    fn spawn(&mut self, layout: Layout) -> Result<()> {
        for mut launch in layout.launches {
            let log = process::append(&launch.log)?;
            launch.command.stdout(log.try_clone()?).stderr(log);
            let group = Group::spawn(&mut launch.command)?;
            let id = ProcessId::of(group.pid())?;
            self.groups.push(group);
            self.record.processes.push(Running {
                label: launch.label,
                id,
                log: launch.log,
            });
        }
        self.record.nodes = layout.nodes;
        self.record.tls = layout.tls;
        self.record.save(&self.cache)
    }

    fn wait_until_ready(&mut self, shape: Shape, begun: Instant) -> Result<()> {
        let kind = self.record.kind;
        let mut endpoints = self.record.nodes.clone();
        endpoints.extend(self.record.tls.clone());
        for endpoint in endpoints {
            while let Err(error) = recipe(kind).probe(&endpoint, shape) {
                for (group, running) in self.groups.iter_mut().zip(&self.record.processes) {
                    if let Some(status) = group.exited()? {
                        let what = format!(
                            "{kind}: {} ended during its start ({status})",
                            running.label
                        );
                        return Err(process::failure(&what, &running.log));
                    }
                }
                if begun.elapsed() > START_LIMIT {
                    let what = format!(
                        "{kind}: no answer at {} within {} s ({error:#})",
                        endpoint.address(),
                        START_LIMIT.as_secs()
                    );
                    return Err(process::failure(&what, &self.record.processes[0].log));
                }
                std::thread::sleep(PROBE_PAUSE);
            }
        }
        Ok(())
    }

    /// Where the first node answers.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.record.nodes[0]
    }

    /// Where every node answers.
    pub(crate) fn nodes(&self) -> &[Endpoint] {
        &self.record.nodes
    }

    /// Where the first node answers over TLS.
    pub(crate) fn tls(&self) -> Option<&Endpoint> {
        self.record.tls.as_ref()
    }

    /// The process that clients of the first node talk to.
    pub(crate) fn pid(&self) -> u32 {
        self.record.processes[0].id.pid
    }

    /// Lets the server live on after this run, to be stopped by `servers down`.
    pub(crate) fn detach(mut self) -> Result<()> {
        self.record.owner = None;
        self.record.save(&self.cache)?;
        self.keep_folder = true;
        process::forget_path(&self.folder);
        process::forget_path(&Record::file(&self.cache, &self.record.name));
        self.groups.drain(..).for_each(Group::detach);
        Ok(())
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.groups.clear();
        let file = Record::file(&self.cache, &self.record.name);
        if self.record.owner.is_some() {
            process::remove(&file);
        }
        if !self.keep_folder {
            process::remove(&self.folder);
        }
        process::forget_path(&file);
        process::forget_path(&self.folder);
    }
}
