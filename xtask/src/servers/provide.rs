//! One server for a demo or a test run, from wherever the user wants it: already running, local, or a container.

use anyhow::{Context as _, Result, bail};

use super::{Instance, Keeper, Shape, recipe, start};
use crate::cache::Cache;
use crate::flags::{Args, Backend};
use crate::kind::{Endpoint, Kind};
use crate::ui::{Task, Ui};

/// A server that a run may use; one that the run has started goes when this goes.
#[derive(Debug)]
pub(crate) enum Provided {
    /// Given with `--endpoint`.
    Running(Endpoint),
    /// Processes of this machine.
    Local(Box<Instance>),
    /// Nodes of one cluster on this machine, which tests may kill.
    Cluster(Keeper),
    /// A container.
    #[cfg(feature = "docker")]
    Docker(Box<crate::docker::Container>),
}

impl Provided {
    /// Where the first node answers.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        match self {
            Self::Running(endpoint) => endpoint,
            Self::Local(instance) => instance.endpoint(),
            Self::Cluster(keeper) => &keeper.nodes()[0],
            #[cfg(feature = "docker")]
            Self::Docker(container) => container.endpoint(),
        }
    }

    /// Where it answers over TLS.
    pub(crate) fn tls(&self) -> Option<&Endpoint> {
        match self {
            Self::Local(instance) => instance.tls(),
            _ => None,
        }
    }

    /// The nodes of a cluster that tests may kill.
    pub(crate) fn cluster(&self) -> Option<&Keeper> {
        match self {
            Self::Cluster(keeper) => Some(keeper),
            _ => None,
        }
    }

    /// The process of a local server.
    pub(crate) fn pid(&self) -> Option<u32> {
        match self {
            Self::Local(instance) => Some(instance.pid()),
            _ => None,
        }
    }
}

/// Where each server of a run will come from; decided once, before anything is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Running(Endpoint),
    Local,
    Docker,
}

impl Source {
    /// Whether servers of any shape can be had from here, and not just the plain one.
    pub(crate) fn has_variants(&self) -> bool {
        *self == Self::Local
    }
}

/// Decides where each server comes from; a missing prerequisite is an error here, before any work is done.
pub(crate) fn prepare(args: &Args, cache: &Cache) -> Result<Vec<(Kind, Source)>> {
    args.kinds()
        .into_iter()
        .map(|kind| Ok((kind, source(args, cache, kind)?)))
        .collect()
}

fn source(args: &Args, cache: &Cache, kind: Kind) -> Result<Source> {
    if let Some(endpoint) = args.endpoints.iter().find(|endpoint| endpoint.kind == kind) {
        return Ok(Source::Running(endpoint.clone()));
    }
    let image_given = args.images.iter().any(|(known, _)| *known == kind);
    let local = recipe(kind).prerequisites(cache, Shape::PLAIN);
    match args.backend {
        Backend::Local => local.map(|()| Source::Local),
        Backend::Docker => crate::containers::engine().map(|_| Source::Docker),
        Backend::Auto if image_given => crate::containers::engine().map(|_| Source::Docker),
        Backend::Auto => {
            let Err(missing) = local else {
                return Ok(Source::Local);
            };
            match crate::containers::engine() {
                Ok(_) => Ok(Source::Docker),
                Err(engine) => bail!("{kind}: {missing:#}\n  and as a container: {engine:#}"),
            }
        }
    }
    .with_context(|| format!("{kind} cannot be started"))
}

/// Whether a local server of this shape can be had; fetches what the cache lacks.
pub(crate) fn obtain(cache: &Cache, kind: Kind, shape: Shape) -> Result<()> {
    recipe(kind).prerequisites(cache, shape)?;
    let ui = Ui::new();
    let task = ui.task(kind.name());
    let fetched = recipe(kind).fetch(cache, shape, &task);
    if fetched.is_err() {
        task.failed();
    }
    fetched
}

/// Starts the server, or asks the running one whether it answers.
pub(crate) fn provide(
    source: &Source,
    args: &Args,
    cache: &Cache,
    kind: Kind,
    shape: Shape,
    task: &Task,
) -> Result<Provided> {
    match source {
        Source::Running(endpoint) => {
            recipe(kind)
                .probe(endpoint, Shape::PLAIN)
                .with_context(|| format!("{endpoint} does not answer"))?;
            task.done(&format!("answers at {endpoint}"));
            Ok(Provided::Running(endpoint.clone()))
        }
        Source::Local => {
            let instance = start(cache, kind, shape, task)?;
            Ok(match shape.nodes {
                1 => Provided::Local(Box::new(instance)),
                _ => Provided::Cluster(Keeper::new(instance)?),
            })
        }
        #[cfg(feature = "docker")]
        Source::Docker => {
            crate::docker::start(args, kind, task).map(|it| Provided::Docker(Box::new(it)))
        }
        #[cfg(not(feature = "docker"))]
        Source::Docker => {
            let _ = args;
            bail!("this xtask was built without its feature `docker`")
        }
    }
}
