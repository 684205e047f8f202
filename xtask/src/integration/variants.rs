//! Which servers the live tests of each crate are given.

use crate::kind::Kind;
use crate::servers::Shape;

/// One server that live tests are given.
pub(super) struct Variant {
    pub(super) shape: Shape,
    /// `WIRE_TEST_<NAME>_<suffix>` for each URL of this server.
    pub(super) urls: &'static [(&'static str, Side)],
    /// `WIRE_TEST_<NAME>_<suffix>` for its process id; for tests that pause or kill it.
    pub(super) pid: Option<&'static str>,
}

impl Variant {
    pub(super) fn round(&self) -> Round {
        match self.shape {
            Shape { nodes: 2.., .. } => Round::Cluster,
            Shape { older: true, .. } => Round::Older,
            _ => Round::Single,
        }
    }
}

/// Tests that are run together, against servers that are up together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Round {
    /// Servers that stand alone, of every shape.
    Single,
    /// Several nodes of one cluster.
    Cluster,
    /// The release before the current one, plain.
    Older,
}

impl Round {
    pub(super) const ALL: [Self; 3] = [Self::Single, Self::Cluster, Self::Older];
}

/// Which of a server's endpoints a URL names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Plain,
    Tls,
    /// All nodes of a cluster.
    Nodes,
}

const PLAIN: Variant = Variant {
    shape: Shape::PLAIN,
    urls: &[("URL", Side::Plain)],
    pid: Some("PID"),
};

/// A server that a test may kill, since no other test uses it.
const CRASH: Variant = Variant {
    urls: &[("CRASH_URL", Side::Plain)],
    pid: Some("CRASH_PID"),
    ..PLAIN
};

const AUTH: Shape = Shape {
    auth: true,
    ..Shape::PLAIN
};
const TLS: Shape = Shape {
    tls: true,
    ..Shape::PLAIN
};
const AUTH_AND_TLS: Shape = Shape { auth: true, ..TLS };

/// A cluster of which tests may pause, kill and start any node. Only the tests that begin with `nodes_` get it, in a run
/// of their own, so that not all servers are in memory at once.
const THREE_NODES: Variant = Variant {
    shape: Shape {
        nodes: 3,
        ..Shape::PLAIN
    },
    urls: &[("NODES_URL", Side::Nodes)],
    pid: None,
};

/// Cassandra 4.1: for all tests that need only a plain server, in a run of their own.
const OLDER: Variant = Variant {
    shape: Shape {
        older: true,
        ..Shape::PLAIN
    },
    ..PLAIN
};

/// The servers of each crate's live tests. To test another set-up, add an entry.
pub(super) fn variants(kind: Kind) -> &'static [Variant] {
    match kind {
        // Log-in and TLS share a server: its one port takes both, and a start costs 15 s.
        Kind::Cassandra => &[
            PLAIN,
            CRASH,
            Variant {
                shape: AUTH_AND_TLS,
                urls: &[("AUTH_URL", Side::Plain), ("TLS_URL", Side::Tls)],
                pid: None,
            },
            THREE_NODES,
            OLDER,
        ],
        Kind::Clickhouse => &[
            Variant {
                shape: TLS,
                urls: &[("URL", Side::Plain), ("TLS_URL", Side::Tls)],
                pid: Some("PID"),
            },
            CRASH,
            Variant {
                shape: AUTH,
                urls: &[("AUTH_URL", Side::Plain)],
                pid: None,
            },
        ],
        Kind::Ignite => &[
            PLAIN,
            CRASH,
            Variant {
                shape: AUTH,
                urls: &[("AUTH_URL", Side::Plain)],
                pid: None,
            },
            Variant {
                shape: TLS,
                urls: &[("TLS_URL", Side::Tls)],
                pid: None,
            },
        ],
        // IoTDB always asks for a password.
        Kind::Iotdb => &[
            Variant {
                urls: &[("URL", Side::Plain), ("AUTH_URL", Side::Plain)],
                ..PLAIN
            },
            CRASH,
            Variant {
                shape: TLS,
                urls: &[("TLS_URL", Side::Tls)],
                pid: None,
            },
            Variant {
                shape: Shape {
                    compact: true,
                    ..Shape::PLAIN
                },
                urls: &[("COMPACT_URL", Side::Plain)],
                pid: None,
            },
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_crate_gets_a_plain_a_login_a_tls_and_a_doomed_server() {
        for kind in Kind::ALL {
            let names: Vec<&str> = variants(kind)
                .iter()
                .filter(|variant| variant.round() == Round::Single)
                .flat_map(|variant| variant.urls)
                .map(|(name, _)| *name)
                .collect();
            for name in ["URL", "AUTH_URL", "TLS_URL", "CRASH_URL"] {
                assert_eq!(
                    names.iter().filter(|known| **known == name).count(),
                    1,
                    "{kind} {name}"
                );
            }
            assert_eq!(
                names[0], "URL",
                "a source without variants serves the first alone"
            );
            for variant in variants(kind) {
                assert!(
                    variant.shape.tls || variant.urls.iter().all(|(_, side)| *side != Side::Tls),
                    "{kind}"
                );
            }
        }
    }
}
