//! From the custom payload of an answer to a tablet. Source: ScyllaDB, `docs/dev/protocol-extensions.md`, "Sending
//! tablet info to the drivers":
//!
//! ```text
//! tuple<bigint first, bigint last, list<tuple<uuid host, int shard>>>      of the tokens in (first, last]
//! ```

use std::sync::Arc;
use std::sync::atomic::Ordering;

use wire_core::{DecodeError, Reader};

use super::{Tables, Tablet, Tablets};
use crate::codec::prim;
use crate::error::{Error, ErrorKind, Sent};
use crate::routing::Topology;
use crate::types::Uuid;

/// Key of the custom payload that tells where a tablet is.
pub(crate) const TABLET_PAYLOAD: &str = "tablets-routing-v1";

/// What became of a tablet that a server told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Learned {
    /// It is known now.
    Known,
    /// It is on a node that the topology does not have, so the topology is out of date. Nothing was kept.
    UnknownNode,
}

impl Tablets {
    /// Learns from the payload of an answer.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if the payload is not a tablet.
    pub(crate) fn learn(
        &self,
        topology: &Topology,
        keyspace: &str,
        table: &str,
        payload: &[u8],
    ) -> Result<Learned, Error> {
        let tablet = Tablet::read(payload).map_err(|e| Error::undecodable("a tablet", e))?;
        if tablet.first >= tablet.last {
            let text = format!(
                "a tablet of {keyspace}.{table} is said to end with token {}, before its beginning behind {}",
                tablet.last, tablet.first
            );
            return Err(Error::new(ErrorKind::Decode, text).with_sent(Sent::Yes));
        }
        if tablet
            .replicas
            .iter()
            .any(|(host, _)| topology.node(*host).is_none())
        {
            return Ok(Learned::UnknownNode);
        }
        self.tables.rcu(|tables| {
            let mut tables = Tables::clone(tables);
            let of_keyspace = tables.entry(keyspace.into()).or_default();
            let known = of_keyspace.entry(table.into()).or_default();
            *known = insert(known, &tablet);
            tables
        });
        self.any.store(true, Ordering::Release);
        Ok(Learned::Known)
    }

    /// Forgets the tablets of a table, or of all tables of the keyspace: it was dropped, or made anew.
    pub(crate) fn forget(&self, keyspace: &str, table: Option<&str>) {
        self.edit(|tables| match (table, tables.get_mut(keyspace)) {
            (Some(table), Some(of_keyspace)) => drop(of_keyspace.remove(table)),
            (None, Some(_)) => drop(tables.remove(keyspace)),
            (_, None) => {}
        });
    }
}

/// The same tablets and one more, without those that it overlaps.
fn insert(tablets: &[Tablet], tablet: &Tablet) -> Arc<[Tablet]> {
    let start = tablets.partition_point(|other| other.last <= tablet.first);
    let end = tablets.partition_point(|other| other.first < tablet.last);
    let before = tablets.iter().take(start);
    let after = tablets.iter().skip(end.max(start));
    before.chain([tablet]).chain(after).cloned().collect()
}

impl Tablet {
    fn read(payload: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(payload);
        let first = i64::from_be_bytes(field(&mut r, "first")?);
        let last = i64::from_be_bytes(field(&mut r, "last")?);
        let mut list = Reader::new(element(&mut r, "replicas")?);
        let count = list.i32_be("replicas")?;
        // A replica has the lengths of itself and its two fields, and these: 12 + 16 + 4 bytes.
        let count = list.count("replicas", count, 32)?;
        let replicas = (0..count)
            .map(|_| {
                let mut replica = Reader::new(element(&mut list, "replica")?);
                let host = Uuid(field(&mut replica, "host")?);
                let shard = i32::from_be_bytes(field(&mut replica, "shard")?);
                let shard = u32::try_from(shard).map_err(|_| {
                    replica.invalid("shard", 4, format!("is {shard}, which is negative"))
                })?;
                Ok((host, shard))
            })
            .collect::<Result<_, DecodeError>>()?;
        // Later versions may add fields behind these.
        Ok(Self {
            first,
            last,
            replicas,
        })
    }
}

/// An element of a tuple or list that is not null.
fn element<'a>(r: &mut Reader<'a>, name: &'static str) -> Result<&'a [u8], DecodeError> {
    prim::cell(r, name)?.ok_or_else(|| r.invalid(name, 4, "is null"))
}

/// An element of exactly `N` bytes.
fn field<const N: usize>(r: &mut Reader<'_>, name: &'static str) -> Result<[u8; N], DecodeError> {
    let bytes = element(r, name)?;
    <[u8; N]>::try_from(bytes).map_err(|_| {
        r.invalid(
            name,
            bytes.len(),
            format!("has {} bytes instead of {N}", bytes.len()),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::{Token, TopologyBuilder};

    fn host(number: u8) -> Uuid {
        Uuid([number; 16])
    }

    /// Nodes 1 to 3, and the keyspaces `k` and `l` without a ring.
    fn topology(nodes: &[u8]) -> Topology {
        let builder = TopologyBuilder::new("dc1")
            .with_keyspace("k", [("class", "none")])
            .with_keyspace("l", [("class", "none")]);
        let with_node = |builder: TopologyBuilder, number: &u8| {
            let address = format!("10.0.0.{number}:9042").parse().unwrap();
            builder.with_node(host(*number), address, "dc1", "r", [number.to_string()])
        };
        nodes.iter().fold(builder, with_node).build()
    }

    /// An element: its length and its bytes.
    fn sized(bytes: &[u8]) -> Vec<u8> {
        let length = i32::try_from(bytes.len()).unwrap().to_be_bytes();
        [&length[..], bytes].concat()
    }

    /// As the protocol's notes have it.
    fn payload(first: i64, last: i64, replicas: &[(u8, i32)]) -> Vec<u8> {
        let count = i32::try_from(replicas.len()).unwrap().to_be_bytes();
        let replica = |(number, shard): &(u8, i32)| {
            sized(&[sized(&host(*number).0), sized(&shard.to_be_bytes())].concat())
        };
        let list: Vec<u8> = replicas.iter().flat_map(replica).collect();
        let bounds = [sized(&first.to_be_bytes()), sized(&last.to_be_bytes())].concat();
        [bounds, sized(&[&count[..], &list].concat())].concat()
    }

    fn learn(topology: &Topology, table: &str, first: i64, last: i64, replicas: &[(u8, i32)]) {
        let payload = payload(first, last, replicas);
        let learned = topology.tablets().learn(topology, "k", table, &payload);
        assert_eq!(learned.unwrap(), Learned::Known);
    }

    /// The first replica and its shard.
    fn found(topology: &Topology, table: &str, token: i64) -> Option<(Uuid, u32)> {
        let token = Token::Murmur3(token);
        let first = topology.replicas("k", table, &token).next()?;
        Some((first.node.host_id(), first.shard.unwrap()))
    }

    #[test]
    fn a_tablet_has_the_tokens_behind_its_first_up_to_its_last() {
        let topology = topology(&[1, 2, 3]);
        learn(&topology, "t", 100, 200, &[(2, 5), (3, 0)]);
        learn(&topology, "t", i64::MIN, -100, &[(1, 1)]);
        for (token, expected) in [
            (100, None),
            (101, Some((host(2), 5))),
            (200, Some((host(2), 5))),
            (201, None),
            (-100, Some((host(1), 1))),
            (i64::MIN, None),
            (i64::MIN + 1, Some((host(1), 1))),
        ] {
            assert_eq!(found(&topology, "t", token), expected, "{token}");
        }
        assert_eq!(found(&topology, "other", 150), None);
        let token = Token::Murmur3(150);
        let all: Vec<_> = topology.replicas("k", "t", &token).collect();
        assert_eq!(all.len(), 2);
        assert_eq!((all[1].node.host_id(), all[1].shard), (host(3), Some(0)));
        assert_eq!(topology.replicas("k", "t", &Token::Random(150)).count(), 0);
    }

    #[test]
    fn what_is_learned_later_replaces_what_it_overlaps() {
        let topology = topology(&[1, 2, 3]);
        for (first, last) in [(0, 10), (10, 20), (20, 30), (30, 40)] {
            learn(&topology, "t", first, last, &[(1, 0)]);
        }
        learn(&topology, "t", 15, 30, &[(2, 0)]);
        let owners = |tokens: [i64; 6]| {
            tokens.map(|token| found(&topology, "t", token).map(|(host, _)| host.0[0]))
        };
        assert_eq!(
            owners([10, 11, 16, 30, 31, 40]),
            [Some(1), None, Some(2), Some(2), Some(1), Some(1)]
        );
        // The same again, one within, and one over all.
        learn(&topology, "t", 15, 30, &[(3, 0)]);
        assert_eq!(
            owners([16, 30, 31, 40, 1, 10]),
            [Some(3), Some(3), Some(1), Some(1), Some(1), Some(1)]
        );
        learn(&topology, "t", 20, 25, &[(2, 0)]);
        assert_eq!(
            owners([16, 21, 25, 26, 31, 10]),
            [None, Some(2), Some(2), None, Some(1), Some(1)]
        );
        learn(&topology, "t", i64::MIN, i64::MAX, &[(1, 7)]);
        assert_eq!(owners([16, 21, 25, 26, 31, i64::MAX]), [Some(1); 6]);
    }

    #[test]
    fn what_cannot_be_a_tablet_is_refused() {
        let topology = topology(&[1, 2, 3]);
        let learn = |payload: &[u8]| topology.tablets().learn(&topology, "k", "t", payload);
        let good = payload(0, 10, &[(1, 3)]);
        for length in 0..good.len() {
            assert_eq!(
                learn(&good[..length]).unwrap_err().kind(),
                ErrorKind::Decode,
                "{length}"
            );
        }
        for (bad, what) in [
            (
                payload(10, 10, &[(1, 3)]),
                "is said to end with token 10, before its beginning behind 10",
            ),
            (payload(0, 10, &[(1, -1)]), "which is negative"),
            (
                [sized(&[1]), payload(0, 10, &[])].concat(),
                "1 bytes instead of 8",
            ),
            ([&(-1_i32).to_be_bytes()[..], &good].concat(), "is null"),
        ] {
            let error = learn(&bad).unwrap_err();
            let text = format!(
                "{error} {}",
                std::error::Error::source(&error).map_or_else(String::new, ToString::to_string)
            );
            assert!(text.contains(what), "{text}");
        }
        // A count that lies asks for nothing.
        let mut lying = payload(0, 10, &[]);
        let at = lying.len() - 4;
        lying[at..].copy_from_slice(&i32::MAX.to_be_bytes());
        assert!(learn(&lying).is_err());
        assert_eq!(
            learn(&payload(0, 10, &[(1, 0), (9, 0)])).unwrap(),
            Learned::UnknownNode
        );
        assert_eq!(found(&topology, "t", 5), None);
        // Further fields of later versions.
        let longer = [&good[..], &sized(&[0; 8])].concat();
        assert_eq!(learn(&longer).unwrap(), Learned::Known);
        assert_eq!(found(&topology, "t", 5), Some((host(1), 3)));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_are_too_strange(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..80)) {
            let topology = topology(&[1]);
            let _ = topology.tablets().learn(&topology, "k", "t", &bytes);
        }

        /// Whatever is learned in whatever order, tablets stay sorted and apart, and the last one learned is found.
        #[test]
        fn tablets_never_overlap(bounds in proptest::collection::vec((-50..50_i64, 1..30_i64), 1..30)) {
            let topology = topology(&[1]);
            for (first, length) in bounds {
                learn(&topology, "t", first, first + length, &[(1, 0)]);
                let tables = topology.tablets().tables.load();
                let tablets = &tables["k"]["t"];
                assert!(tablets.iter().all(|tablet| tablet.first < tablet.last));
                assert!(tablets.windows(2).all(|pair| pair[0].last <= pair[1].first));
                assert!(found(&topology, "t", first + 1).is_some());
                assert!(found(&topology, "t", first + length).is_some());
            }
        }
    }

    #[test]
    fn tablets_go_with_their_tables_and_nodes() {
        let (topology, smaller) = (topology(&[1, 2, 3]), topology(&[1, 2]));
        learn(&topology, "t", 0, 10, &[(1, 0), (2, 0)]);
        learn(&topology, "t", 10, 20, &[(1, 0), (3, 0)]);
        learn(&topology, "u", 0, 10, &[(1, 0)]);
        topology.tablets().forget("absent", Some("u"));
        assert!(found(&topology, "u", 5).is_some());
        topology.tablets().forget("k", Some("u"));
        assert_eq!(found(&topology, "u", 5), None);
        topology.tablets().retain_known(&smaller);
        assert!(found(&topology, "t", 5).is_some());
        assert_eq!(found(&topology, "t", 15), None);
        topology.tablets().forget("k", None);
        assert_eq!(found(&topology, "t", 5), None);
    }

    /// The one that learns while others look up: each sees either what was or what is.
    #[test]
    fn readers_see_one_state_or_the_other() {
        let topology = topology(&[1, 2, 3]);
        learn(&topology, "t", 0, 10, &[(1, 1)]);
        std::thread::scope(|scope| {
            let readers: Vec<_> = (0..2)
                .map(|_| {
                    scope.spawn(|| {
                        for _ in 0..2_000 {
                            let (host, shard) = found(&topology, "t", 5).unwrap();
                            assert_eq!(u32::from(host.0[0]), shard);
                        }
                    })
                })
                .collect();
            for turn in 0..=255_u8 {
                let number = turn % 3 + 1;
                learn(&topology, "t", 0, 10, &[(number, i32::from(number))]);
            }
            readers
                .into_iter()
                .for_each(|reader| reader.join().unwrap());
        });
    }
}
