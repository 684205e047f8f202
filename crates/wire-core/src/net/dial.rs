//! From a host to a stream: name, socket, TLS.

use std::io;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, timeout_at};

use super::backoff::random;
use super::connect::{ConnectOptions, Stage, later};
use super::driver::Io;
use crate::url::Host;

/// The local ports that a connection may come from: those of a range that leave `remainder` when divided by `modulus`.
/// ScyllaDB's shard-aware port gives a connection to the shard that its source port names in this way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcePorts {
    range: RangeInclusive<u16>,
    modulus: u16,
    /// The first port, and how many there are.
    first: u16,
    count: u16,
}

impl SourcePorts {
    /// The ports `p` of `range` with `p % modulus == remainder`. `None` if there is none.
    pub fn new(range: RangeInclusive<u16>, modulus: u32, remainder: u32) -> Option<Self> {
        // More shards than ports: then each port is a remainder of its own.
        let modulus = u16::try_from(modulus).unwrap_or(u16::MAX);
        let lowest = u32::from(*range.start()).max(1);
        let matches = |port: &u32| port.checked_rem(modulus.into()) == Some(remainder);
        let first = (lowest..=u32::from(*range.end())).find(matches)?;
        let first = u16::try_from(first).ok()?;
        let more = range.end().checked_sub(first)?.checked_div(modulus)?;
        Some(Self {
            range,
            modulus,
            first,
            // At most 65,535: port 0 is not among them.
            count: more.checked_add(1)?,
        })
    }

    /// All of them, beginning with the one that `random` chooses.
    fn candidates(&self, random: u64) -> impl Iterator<Item = u16> + '_ {
        let count = u64::from(self.count);
        let start = random.checked_rem(count).unwrap_or(0);
        (0..count).filter_map(move |i| {
            let n = u16::try_from(start.checked_add(i)?.checked_rem(count)?).ok()?;
            self.first.checked_add(n.checked_mul(self.modulus)?)
        })
    }

    /// Connects from the first that is free, beginning with a random one: so those who begin at the same time seldom
    /// get into each other's way.
    async fn connect(&self, to: SocketAddr) -> io::Result<TcpStream> {
        for port in self.candidates(random()) {
            match connect_from(port, to).await {
                Err(error) if is_taken(&error) => {}
                done => return done,
            }
        }
        Err(io::Error::new(
            io::ErrorKind::AddrInUse,
            format!(
                "all {} local ports of {} to {} that it may come from are in use",
                self.count,
                self.range.start(),
                self.range.end()
            ),
        ))
    }
}

/// Whether another connection has the local port, to anywhere or to the same place.
fn is_taken(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::AddrInUse | io::ErrorKind::AddrNotAvailable
    )
}

async fn connect_from(port: u16, to: SocketAddr) -> io::Result<TcpStream> {
    let (socket, any) = match to {
        SocketAddr::V4(_) => (TcpSocket::new_v4()?, SocketAddr::from(([0; 4], port))),
        SocketAddr::V6(_) => (TcpSocket::new_v6()?, SocketAddr::from(([0; 16], port))),
    };
    // A port may be used for several servers at once, and again right after a connection from it ended.
    socket.set_reuseaddr(true)?;
    socket.bind(any)?;
    socket.connect(to).await
}

/// A stream to `host`: resolved, connected, and secured if that is wanted.
pub(super) async fn open<E>(
    host: &Host,
    options: &ConnectOptions,
    deadline: Instant,
) -> Result<Box<dyn Io>, Stage<E>> {
    let resolved = timeout_at(
        deadline,
        tokio::net::lookup_host((host.name.as_str(), host.port)),
    )
    .await;
    let addresses = resolved
        .map_err(|_| Stage::Timeout("name resolution"))?
        .map_err(Stage::Resolve)?;
    let from = options.source_ports.as_ref();
    let stream = dial(addresses.collect(), from, deadline).await?;
    secure(stream, host, options, deadline).await
}

/// Connects to the first of a host's addresses that answers, each with an equal share of the time that is left: a name
/// often has an address of a network that is not reachable.
async fn dial<E>(
    addresses: Vec<SocketAddr>,
    from: Option<&SourcePorts>,
    deadline: Instant,
) -> Result<TcpStream, Stage<E>> {
    let mut last = Stage::Resolve(io::Error::new(io::ErrorKind::NotFound, "it has no address"));
    for (i, address) in addresses.iter().enumerate() {
        let now = Instant::now();
        let left = deadline.saturating_duration_since(now);
        let until = later(now, share(left, addresses.len().saturating_sub(i)));
        let connecting = async {
            match from {
                Some(ports) => ports.connect(*address).await,
                None => TcpStream::connect(address).await,
            }
        };
        last = match timeout_at(until, connecting).await {
            Err(_) => Stage::Timeout("the TCP connection"),
            Ok(Err(error)) => Stage::Tcp(*address, error),
            // Requests are gathered by us; the kernel must not wait for more.
            Ok(Ok(stream)) => match stream.set_nodelay(true) {
                Ok(()) => return Ok(stream),
                Err(error) => Stage::Tcp(*address, error),
            },
        };
    }
    Err(last)
}

/// What one of `among` attempts may take of the time that is left.
pub(super) fn share(left: Duration, among: usize) -> Duration {
    let among = u32::try_from(among).unwrap_or(u32::MAX);
    left.checked_div(among).unwrap_or(left)
}

#[cfg(feature = "tls")]
async fn secure<E>(
    stream: TcpStream,
    host: &Host,
    options: &ConnectOptions,
    deadline: Instant,
) -> Result<Box<dyn Io>, Stage<E>> {
    let Some(tls) = &options.tls else {
        return Ok(Box::new(stream));
    };
    match timeout_at(deadline, tls.connect(stream, host)).await {
        Err(_) => Err(Stage::Timeout("the TLS handshake")),
        Ok(Err(error)) => Err(Stage::Tls(error)),
        Ok(Ok(stream)) => Ok(Box::new(stream)),
    }
}

#[cfg(not(feature = "tls"))]
async fn secure<E>(
    stream: TcpStream,
    _: &Host,
    _: &ConnectOptions,
    _: Instant,
) -> Result<Box<dyn Io>, Stage<E>> {
    Ok(Box::new(stream))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A listener whose queue is full takes no more connections and refuses none, like an address without a route.
    #[test]
    fn an_address_that_does_not_answer_uses_its_share_of_the_time_only() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let full = TcpSocket::new_v4().unwrap();
            full.bind(([127, 0, 0, 1], 0).into()).unwrap();
            let full = full.listen(1).unwrap();
            let dead = full.local_addr().unwrap();
            let mut queued = Vec::new();
            while let Ok(stream) =
                tokio::time::timeout(Duration::from_millis(100), TcpStream::connect(dead)).await
            {
                queued.push(stream.unwrap());
            }
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let good = listener.local_addr().unwrap();
            let deadline = later(Instant::now(), Duration::from_secs(1));
            let stream = dial::<String>(vec![dead, good], None, deadline).await;
            assert_eq!(stream.unwrap().peer_addr().unwrap(), good);
            let deadline = later(Instant::now(), Duration::from_millis(100));
            let refused = dial::<String>(vec![dead], None, deadline)
                .await
                .unwrap_err();
            assert!(matches!(refused, Stage::Timeout("the TCP connection")));
            let none = dial::<String>(vec![], None, deadline).await.unwrap_err();
            assert!(matches!(none, Stage::Resolve(_)));
        });
    }

    fn ports(range: RangeInclusive<u16>, modulus: u32, remainder: u32) -> Vec<u16> {
        let ports = SourcePorts::new(range, modulus, remainder);
        ports.map_or_else(Vec::new, |ports| ports.candidates(0).collect())
    }

    #[test]
    fn source_ports_are_those_of_the_range_with_the_remainder() {
        assert_eq!(ports(100..=110, 4, 3), [103, 107]);
        assert_eq!(ports(100..=111, 4, 3), [103, 107, 111]);
        assert_eq!(ports(0..=5, 5, 0), [5], "port 0 would be any port");
        assert_eq!(ports(65_533..=65_535, 1, 0), [65_533, 65_534, 65_535]);
        assert_eq!(ports(100..=110, 4, 4), [0; 0]);
        assert_eq!(ports(100..=110, 0, 0), [0; 0]);
        assert_eq!(ports(100..=101, 7, 0), [0; 0]);
        let all = SourcePorts::new(100..=110, 4, 3).unwrap();
        assert_eq!(all.candidates(1).collect::<Vec<_>>(), [107, 103]);
        assert_eq!(all.candidates(u64::MAX).count(), 2);
        let turns = SourcePorts::new(100..=112, 4, 1).unwrap();
        assert_eq!(turns.candidates(2).collect::<Vec<_>>(), [109, 101, 105]);
        assert_eq!(ports(100..=200, 4, 4), [0; 0]);
        assert_eq!(ports(100..=110, 100, 99), [0; 0]);
    }

    #[test]
    fn each_source_port_is_tried_once_wherever_it_begins() {
        for (modulus, low, high) in [
            (1, 49_152, 65_535),
            (7, 49_152, 65_535),
            (8, 1, 9),
            (3, 65_533, 65_535),
        ] {
            for remainder in 0..modulus {
                let expected: Vec<u16> = (low..=high)
                    .filter(|port| u32::from(*port) % modulus == remainder)
                    .collect();
                let ports = SourcePorts::new(low..=high, modulus, remainder).unwrap();
                for start in [0, 1, 2, u64::MAX] {
                    let mut tried: Vec<u16> = ports.candidates(start).collect();
                    tried.sort_unstable();
                    assert_eq!(tried, expected, "{modulus} {remainder} {low}..={high}");
                }
            }
        }
    }

    #[test]
    fn a_source_port_in_use_is_passed_over() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let target = listener.local_addr().unwrap();
            let all = SourcePorts::new(40_000..=48_000, 1000, 13).unwrap();
            let mut streams = Vec::new();
            let mut seen = Vec::new();
            // All of them get used, each once; whoever else uses one makes them fewer.
            let why = loop {
                match all.connect(target).await {
                    Ok(stream) => {
                        seen.push(stream.local_addr().unwrap().port());
                        streams.push(stream);
                    }
                    Err(why) => break why,
                }
            };
            assert!(seen.iter().all(|port| port % 1000 == 13), "{seen:?}");
            seen.sort_unstable();
            seen.dedup();
            assert!(
                (4..=8).contains(&seen.len()) && seen.len() == streams.len(),
                "{seen:?}"
            );
            assert_eq!(why.kind(), io::ErrorKind::AddrInUse);
            assert!(why.to_string().contains("40000 to 48000"), "{why}");
        });
    }
}
