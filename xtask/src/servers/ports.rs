//! Ports on loopback: the default one if it is free, else any that is.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context as _, Result};

/// Hands out ports of one server, each once.
#[derive(Debug, Default)]
pub(crate) struct Ports {
    given: Vec<u16>,
}

impl Ports {
    /// Leaves out those that other servers have been given, which may not listen there yet.
    pub(crate) fn without(given: Vec<u16>) -> Self {
        Self { given }
    }

    /// All that are left out from here on.
    pub(crate) fn into_given(self) -> Vec<u16> {
        self.given
    }

    /// `wanted` if nobody listens there on 127.0.0.1 to 127.0.0.`hosts`, else another port.
    pub(crate) fn take(&mut self, wanted: u16, hosts: u8) -> Result<u16> {
        if !self.given.contains(&wanted) && is_free(wanted, hosts) {
            self.given.push(wanted);
            return Ok(wanted);
        }
        // The system hands out a different free port at each call; a clash with another host's address is rare.
        for _ in 0..100 {
            let listener =
                TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on 127.0.0.1")?;
            let port = listener.local_addr()?.port();
            drop(listener);
            if !self.given.contains(&port) && is_free(port, hosts) {
                self.given.push(port);
                return Ok(port);
            }
        }
        anyhow::bail!("no port is free on all of 127.0.0.1 to 127.0.0.{hosts}")
    }
}

/// Whether nobody listens on this port of 127.0.0.1 to 127.0.0.`hosts`.
pub(super) fn is_free(port: u16, hosts: u8) -> bool {
    (1..=hosts).all(|host| TcpListener::bind((Ipv4Addr::new(127, 0, 0, host), port)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_replaced() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let mut ports = Ports::default();
        assert_ne!(ports.take(port, 1).unwrap(), port);
        drop(taken);
        assert_eq!(ports.take(port, 1).unwrap(), port);
        assert_ne!(ports.take(port, 1).unwrap(), port, "a port is given once");
    }

    #[test]
    fn what_another_server_was_given_is_left_out() {
        let free = Ports::default().take(0, 1).unwrap();
        assert_ne!(Ports::without(vec![free]).take(free, 1).unwrap(), free);
    }

    #[test]
    fn every_address_of_a_cluster_counts() {
        let taken = TcpListener::bind((Ipv4Addr::new(127, 0, 0, 3), 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert_eq!(Ports::default().take(port, 1).unwrap(), port);
        assert_ne!(Ports::default().take(port, 3).unwrap(), port);
    }
}
