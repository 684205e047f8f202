//! What can be known about containers without talking to an engine's API: where the engine is, and which images.

use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::kind::Kind;
use crate::run_cargo::cargo;
use crate::servers::Source;

/// Where programs look for the address of the engine.
const ENGINE: &str = "DOCKER_HOST";

/// The address of a Docker engine: `DOCKER_HOST`, else the usual sockets.
pub(crate) fn engine() -> Result<String> {
    if let Ok(host) = std::env::var(ENGINE)
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
    UnixStream::connect(socket).is_ok()
}

/// Starts this very command again with the feature `docker` and the engine's address, where a server comes from there.
///
/// The client of the engine's API compiles for minutes, so everyday builds go without it.
pub(crate) fn need_feature(sources: &[(Kind, Source)]) -> Result<()> {
    if !sources.iter().any(|(_, source)| *source == Source::Docker) {
        return Ok(());
    }
    if cfg!(feature = "docker") && std::env::var_os(ENGINE).is_some() {
        return Ok(());
    }
    eprintln!("compiling the container backend, which takes some minutes the first time");
    let mut command = cargo("run --quiet --package xtask --features docker --");
    command
        .args(std::env::args_os().skip(1))
        .env(ENGINE, engine()?);
    // Cargo takes the place of this process, so that Ctrl-C reaches the one that knows the containers.
    Err(command.exec()).context("cannot start cargo")
}

/// Removes a container by the engine's API, without the client library: this is done while the process is ending.
#[cfg(feature = "docker")]
pub(crate) fn remove(id: &str) {
    let request = format!(
        "DELETE /containers/{id}?force=true&v=true HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    );
    if let Ok(engine) = engine()
        && let Err(error) = send(&engine, request.as_bytes())
    {
        eprintln!("container {id} may still run: {error}");
    }
}

/// Sends a request and waits for the end of the answer.
#[cfg(feature = "docker")]
fn send(engine: &str, request: &[u8]) -> std::io::Result<()> {
    use std::io::{Read as _, Write as _};
    let mut answer = Vec::new();
    if let Some(path) = engine.strip_prefix("unix://") {
        let mut stream = UnixStream::connect(path)?;
        stream.write_all(request)?;
        stream.read_to_end(&mut answer)?;
    } else {
        let mut stream = std::net::TcpStream::connect(engine.trim_start_matches("tcp://"))?;
        stream.write_all(request)?;
        stream.read_to_end(&mut answer)?;
    }
    Ok(())
}
