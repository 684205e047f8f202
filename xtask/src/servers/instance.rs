//! A server that this run has started: configured, running, ready; and gone when it is let go of.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use super::ports::is_free;
use super::sockets::listens;
use super::state::{Record, Running};
use super::{Launch, Layout, Ports, Shape, Site, recipe};
use crate::cache::Cache;
use crate::kind::{Endpoint, Kind};
use crate::process::{self, Group, ProcessId};
use crate::ui::Task;

/// The slowest start seen was half a minute, on two cores that had much else to do.
const START_LIMIT: Duration = Duration::from_secs(240);

/// Losing the race for a port twice is bad luck; three times is something else.
const ATTEMPTS: u8 = 3;

/// Between two probes.
const PROBE_PAUSE: Duration = Duration::from_millis(100);

/// A running server.
#[derive(Debug)]
pub(crate) struct Instance {
    record: Record,
    cache: Cache,
    folder: PathBuf,
    groups: Vec<Group>,
    /// How each of them was started.
    launches: Vec<Launch>,
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
    recipe(kind).prerequisites(cache, shape)?;
    recipe(kind).fetch(cache, shape, task)?;
    let mut attempt = 1;
    loop {
        let mut instance = Instance::new(cache, kind, shape)?;
        let begun = Instant::now();
        let Err(error) = instance.run(shape, task) else {
            let seconds = begun.elapsed().as_secs_f32();
            task.done(&format!(
                "ready at {}, {seconds:.1} s after its start",
                instance.endpoint()
            ));
            return Ok(instance);
        };
        // Between the choice of a port and its use another program may have taken it.
        if attempt == ATTEMPTS || !instance.lost_a_port() {
            return Err(error);
        }
        attempt += 1;
        instance.keep_folder = false;
        task.step("a port was taken by another program meanwhile; starting again");
    }
}

/// Asks a node that is this process, and not another one that was faster to take the port.
fn ask(pid: u32, endpoint: &Endpoint, shape: Shape) -> Result<()> {
    ensure!(
        listens(pid, endpoint.port),
        "process {pid} does not listen there"
    );
    recipe(endpoint.kind).takes_writes(endpoint, shape)
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
            launches: Vec::new(),
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

    /// Configures the server, starts it and waits until it answers.
    fn run(&mut self, shape: Shape, task: &Task) -> Result<()> {
        let begun = Instant::now();
        let layout = self.layout(shape)?;
        // From here on a failure leaves the folder for whoever wants to know why.
        self.keep_folder = true;
        self.spawn(layout)?;
        task.step(&format!("starting on {}", self.endpoint().address()));
        self.wait_until_ready(shape, begun)?;
        self.keep_folder = false;
        Ok(())
    }

    /// Stops what runs of it, and looks whether somebody else listens where this server was to.
    fn lost_a_port(&mut self) -> bool {
        self.groups.clear();
        let hosts = u8::try_from(self.record.nodes.len()).unwrap_or(1);
        self.record.ports.iter().any(|port| !is_free(*port, hosts))
    }

    fn spawn(&mut self, layout: Layout) -> Result<()> {
        for mut launch in layout.launches {
            let log = process::append(&launch.log)?;
            launch.command.stdout(log.try_clone()?).stderr(log);
            let group = Group::spawn(&mut launch.command)?;
            let id = ProcessId::of(group.pid())?;
            self.groups.push(group);
            self.record.processes.push(Running {
                label: launch.label.clone(),
                id,
                log: launch.log.clone(),
            });
            self.launches.push(launch);
        }
        self.record.nodes = layout.nodes;
        self.record.tls = layout.tls;
        self.record.save(&self.cache)
    }

    fn wait_until_ready(&mut self, shape: Shape, begun: Instant) -> Result<()> {
        let kind = self.record.kind;
        let pids = self.record.processes.iter().map(|running| running.id.pid);
        let mut endpoints: Vec<(u32, Endpoint)> = pids.zip(self.record.nodes.clone()).collect();
        endpoints.extend(self.record.tls.clone().map(|tls| (self.pid(), tls)));
        for (pid, endpoint) in endpoints {
            while let Err(error) = ask(pid, &endpoint, shape) {
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

    /// The process of the node on this host.
    pub(crate) fn pid_of(&self, host: &str) -> Result<u32> {
        Ok(self.record.processes[self.index_of(host)?].id.pid)
    }

    /// Starts a node whose process has ended, as it was started first: its folder is as it left it. Does not wait until
    /// it answers.
    pub(crate) fn start_again(&mut self, host: &str) -> Result<u32> {
        let node = self.index_of(host)?;
        if self.groups[node].exited()?.is_none() {
            bail!("the node on {host} still runs");
        }
        let group = Group::spawn(&mut self.launches[node].command)?;
        let pid = group.pid();
        self.record.processes[node].id = ProcessId::of(pid)?;
        self.groups[node] = group;
        self.record.save(&self.cache)?;
        Ok(pid)
    }

    fn index_of(&self, host: &str) -> Result<usize> {
        let mut nodes = self.record.nodes.iter();
        nodes
            .position(|node| node.host == host)
            .with_context(|| format!("no node is on {host}"))
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
