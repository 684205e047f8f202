//! Starts nodes of a cluster again that tests have killed.
//!
//! Tests kill and pause nodes by their process ids, but must not start any: what they started would be left running when
//! they fail. So they ask this run of xtask, which stops everything at its end, by a line over TCP:
//!
//! ```text
//! pid 127.0.0.2      ->  4711                     the process of that node, running or not
//! start 127.0.0.2    ->  4712                     the new process; "error …" if the old one still runs
//! ```

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result, bail};

use super::Instance;
use crate::kind::Endpoint;

/// A cluster whose nodes tests may kill. Stops all of them when it is let go of.
#[derive(Debug)]
pub(crate) struct Keeper {
    /// Empty once the cluster is to be stopped.
    kept: Kept,
    nodes: Vec<Endpoint>,
    address: SocketAddr,
}

type Kept = Arc<Mutex<Option<Instance>>>;

impl Keeper {
    /// Listens for requests until the end of this run of xtask.
    pub(crate) fn new(instance: Instance) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
        let address = listener.local_addr()?;
        let nodes = instance.nodes().to_vec();
        let kept = Arc::new(Mutex::new(Some(instance)));
        let tests = Arc::clone(&kept);
        std::thread::spawn(move || {
            // One after the other: a request takes no longer than to start a process.
            for stream in listener.incoming().flatten() {
                // Whoever asked and went away does not need the answer.
                let _ = serve(&tests, stream);
            }
        });
        Ok(Self {
            kept,
            nodes,
            address,
        })
    }

    /// Where every node answers.
    pub(crate) fn nodes(&self) -> &[Endpoint] {
        &self.nodes
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(lock(&self.kept).take());
    }
}

fn lock(kept: &Kept) -> MutexGuard<'_, Option<Instance>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(kept: &Kept, mut stream: TcpStream) -> Result<()> {
    let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line)?;
    let answer = match answer(kept, line.trim()) {
        Ok(pid) => pid.to_string(),
        Err(error) => format!("error {error:#}"),
    };
    writeln!(stream, "{answer}")?;
    Ok(())
}

fn answer(kept: &Kept, request: &str) -> Result<u32> {
    let mut kept = lock(kept);
    let instance = kept.as_mut().context("the cluster is being stopped")?;
    match request.split_once(' ') {
        Some(("pid", host)) => instance.pid_of(host),
        Some(("start", host)) => instance.start_again(host),
        _ => bail!("`{request}` is neither `pid HOST` nor `start HOST`"),
    }
}
