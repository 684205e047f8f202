//! What can be known about containers without talking to an engine's API: where the engine is, and which images.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::kind::Kind;
use crate::process;
use crate::run_cargo::cargo;
use crate::servers::Source;

/// The address of a Docker engine: `DOCKER_HOST`, else the usual sockets.
pub(crate) fn engine() -> Result<String> {
    if let Ok(host) = std::env::var("DOCKER_HOST")
        && !host.is_empty()
    {
        return Ok(host);
    }
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let mut sockets = vec![PathBuf::from("/var/run/docker.sock")];
    sockets.extend(runtime.map(|folder| folder.join("podman/podman.sock")));
    sockets.push(PathBuf::from("/run/podman/podman.sock"));
    if let Some(socket) = sockets.iter().find(|socket| answers(socket)) {
        return Ok(format!("unix://{}", socket.display()));
    }
    bail!(
        "no Docker engine answers (looked at DOCKER_HOST and {}). Start Docker, or Podman with: podman system service --time=0 unix:///run/podman/podman.sock",
        sockets
            .iter()
            .map(|socket| socket.display().to_string())
            .collect::<Vec<_>>()
            .join(", ")
    )
}

fn answers(socket: &Path) -> bool {
    std::os::unix::net::UnixStream::connect(socket).is_ok()
}

/// The official image of a server.
pub(crate) fn official_image(kind: Kind) -> &'static str {
    match kind {
        Kind::Cassandra => "cassandra:5.0",
        Kind::Clickhouse => "clickhouse/clickhouse-server:latest",
        Kind::Ignite => "apacheignite/ignite:2.17.0",
        Kind::Iotdb => "apache/iotdb:2.0.5-standalone",
    }
}

/// Starts this very command again with the feature `docker`, if a server comes from there and this build lacks it.
///
/// The client of the engine's API compiles for minutes, so everyday builds go without it.
pub(crate) fn need_feature(sources: &[(Kind, Source)]) -> Result<()> {
    if cfg!(feature = "docker") || !sources.iter().any(|(_, source)| *source == Source::Docker) {
        return Ok(());
    }
    eprintln!("compiling the container backend, which takes some minutes the first time");
    let mut command = cargo("run --quiet --package xtask --features docker --");
    command.args(std::env::args_os().skip(1));
    let status = process::Group::spawn(&mut command)?.wait()?;
    let code = status.code().context("the container backend was killed")?;
    std::process::exit(code)
}
