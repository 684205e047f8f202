//! Servers in containers, through any engine that speaks Docker's API.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use testcontainers::core::IntoContainerPort as _;
use testcontainers::runners::SyncRunner as _;
use testcontainers::{GenericImage, ImageExt as _};

use crate::containers::remove;
use crate::flags::Args;
use crate::kind::{Endpoint, Kind};
use crate::process;
use crate::servers::{Ports, Shape, recipe};
use crate::ui::Task;

/// Official images start with the heap and the waiting times of a real cluster.
const START_LIMIT: Duration = Duration::from_secs(300);

/// Pulling an image over a slow line.
const PULL_LIMIT: Duration = Duration::from_secs(900);

/// A running container; it is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Container {
    name: String,
    endpoint: Endpoint,
    inner: Option<testcontainers::Container<GenericImage>>,
}

impl Container {
    /// Where the server in it answers.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The last lines that the server has written.
    fn log(&self) -> String {
        let Some(inner) = &self.inner else {
            return String::new();
        };
        let mut bytes = inner.stdout_to_vec().unwrap_or_default();
        bytes.extend(inner.stderr_to_vec().unwrap_or_default());
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        let start = lines.len().saturating_sub(15);
        lines[start..]
            .iter()
            .map(|line| format!("    {line}\n"))
            .collect()
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        // Removing it first keeps the handler of Ctrl-C from doing it a second time.
        process::forget_undo(&self.name);
        drop(self.inner.take());
    }
}

/// Starts the image of a server and waits until it answers.
pub(crate) fn start(args: &Args, kind: Kind, task: &Task) -> Result<Container> {
    let result = try_start(args, kind, task);
    if result.is_err() {
        task.failed();
    }
    result
}

fn try_start(args: &Args, kind: Kind, task: &Task) -> Result<Container> {
    let image = args.images.iter().find(|(known, _)| *known == kind);
    let image = image.map_or_else(|| official_image(kind), |(_, image)| image);
    let (repository, tag) = split(image);
    let port = Ports::default().take(kind.default_port(), 1)?;
    let name = format!("wire-test-{kind}-{}-{port}", std::process::id());
    task.step(&format!(
        "starting {image} (pulling it first if the engine has it not)"
    ));
    let begun = Instant::now();
    process::undo_when_interrupted(&name, remove);
    let mut request = GenericImage::new(repository, tag)
        .with_mapped_port(port, kind.default_port().tcp())
        .with_container_name(&name)
        .with_startup_timeout(PULL_LIMIT)
        .with_host_config_modifier(|host| {
            // Published on loopback alone.
            for bindings in host
                .port_bindings
                .iter_mut()
                .flat_map(|ports| ports.values_mut())
                .flatten()
            {
                for binding in bindings {
                    binding.host_ip = Some("127.0.0.1".to_owned());
                }
            }
        });
    for (variable, value) in environment(kind) {
        request = request.with_env_var(*variable, *value);
    }
    let inner = request
        .start()
        .with_context(|| format!("cannot start the image {image}"))?;
    let mut endpoint = Endpoint::local(kind, port);
    if kind == Kind::Iotdb {
        endpoint = endpoint.with_login("root", "root");
    }
    let container = Container {
        name,
        endpoint,
        inner: Some(inner),
    };
    wait(&container)?;
    task.done(&format!(
        "{image} is ready at {}, {:.1} s after its start",
        container.endpoint,
        begun.elapsed().as_secs_f32()
    ));
    Ok(container)
}

fn wait(container: &Container) -> Result<()> {
    let begun = Instant::now();
    let kind = container.endpoint.kind;
    while let Err(error) = recipe(kind).takes_writes(&container.endpoint, Shape::PLAIN) {
        let runs = container
            .inner
            .as_ref()
            .is_some_and(|inner| inner.is_running().unwrap_or(true));
        if !runs || begun.elapsed() > START_LIMIT {
            let what = if runs {
                "does not answer"
            } else {
                "has ended during its start"
            };
            bail!(
                "{kind}: the container {what} ({error:#})\n  its log ends with:\n{}",
                container.log()
            );
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// The official image of a server.
fn official_image(kind: Kind) -> &'static str {
    match kind {
        Kind::Cassandra => "cassandra:5.0",
        Kind::Clickhouse => "clickhouse/clickhouse-server:latest",
        Kind::Ignite => "apacheignite/ignite:2.17.0",
        Kind::Iotdb => "apache/iotdb:2.0.5-standalone",
    }
}

/// `localhost:5000/a/b:1.0` to repository and tag.
fn split(image: &str) -> (&str, &str) {
    match image.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (image, "latest"),
    }
}

/// Variables of the official images; others ignore them.
fn environment(kind: Kind) -> &'static [(&'static str, &'static str)] {
    match kind {
        // Lets `default` in without a password from outside of the container.
        Kind::Clickhouse => &[("CLICKHOUSE_SKIP_USER_SETUP", "1")],
        // A small heap, and no waiting for other nodes.
        Kind::Cassandra => &[
            ("MAX_HEAP_SIZE", "512M"),
            ("HEAP_NEWSIZE", "128M"),
            (
                "JVM_EXTRA_OPTS",
                "-Dcassandra.skip_wait_for_gossip_to_settle=0 -Dcassandra.initial_token=0",
            ),
        ],
        Kind::Ignite | Kind::Iotdb => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_split_at_the_tag() {
        assert_eq!(split("cassandra:5.0"), ("cassandra", "5.0"));
        assert_eq!(
            split("localhost:5000/a/b:1.0"),
            ("localhost:5000/a/b", "1.0")
        );
        assert_eq!(
            split("localhost:5000/a/b"),
            ("localhost:5000/a/b", "latest")
        );
    }
}
