//! The shards of ScyllaDB: each core of a node owns a part of its data and is reached fastest over a connection of its
//! own.
//!
//! A node tells in SUPPORTED how many shards it has and which of them a connection belongs to. Source: ScyllaDB,
//! `docs/dev/protocol-extensions.md`, "Intranode sharding".

/// How a node divides its data among its shards, and what a connection knows about that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sharding {
    /// Number of shards, at least 1 (`SCYLLA_NR_SHARDS`).
    pub shards: u32,
    /// So many of a token's most significant bits do not count (`SCYLLA_SHARDING_IGNORE_MSB`), usually 12.
    pub ignore_msb: u8,
    /// The shard that the connection which said this belongs to (`SCYLLA_SHARD`).
    pub shard: u32,
    /// The port where the client's own port chooses the shard (`SCYLLA_SHARD_AWARE_PORT`).
    pub port: Option<u16>,
    /// The same port for TLS (`SCYLLA_SHARD_AWARE_PORT_SSL`).
    pub tls_port: Option<u16>,
}

impl Sharding {
    /// The only way of dividing tokens that is defined (`SCYLLA_SHARDING_ALGORITHM`).
    const ALGORITHM: &str = "biased-token-round-robin";

    /// Sharding of `shards` shards, told by a connection to shard number `shard`; without ports of its own.
    pub fn new(shards: u32, ignore_msb: u8, shard: u32) -> Self {
        Self {
            shards,
            ignore_msb,
            shard,
            port: None,
            tls_port: None,
        }
    }

    /// Reads it from the options of SUPPORTED, of which `option` gives the first value. `None` if the node has no
    /// shards, or if what it says about them is incomplete, not a number, or no shards at all: then every connection
    /// is as good as any other.
    pub fn from_supported<'a>(option: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        if option("SCYLLA_SHARDING_ALGORITHM").is_some_and(|name| name != Self::ALGORITHM) {
            return None;
        }
        let shards = option("SCYLLA_NR_SHARDS")?.parse().ok()?;
        let ignore_msb = option("SCYLLA_SHARDING_IGNORE_MSB")?.parse().ok()?;
        let shard = option("SCYLLA_SHARD")?.parse().ok()?;
        let port = |key| option(key)?.parse().ok().filter(|port| *port != 0);
        (shards > 0 && shard < shards).then(|| Self {
            port: port("SCYLLA_SHARD_AWARE_PORT"),
            tls_port: port("SCYLLA_SHARD_AWARE_PORT_SSL"),
            ..Self::new(shards, ignore_msb, shard)
        })
    }

    /// The shard that owns a token.
    #[inline]
    pub fn of_token(&self, token: i64) -> u32 {
        let biased = token.cast_unsigned().wrapping_add(1 << 63);
        let counted = biased
            .checked_shl(u32::from(self.ignore_msb))
            .unwrap_or_default();
        let product = u128::from(counted).wrapping_mul(u128::from(self.shards));
        // Less than `shards`, since `counted` is less than 2⁶⁴.
        u32::try_from(product >> 64).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_divided_as_servers_do() {
        for (shards, ignore_msb, token, shard) in [
            (8, 12, -1, 7),
            (8, 0, -1, 3),
            (3, 12, -1, 2),
            (8, 12, 0, 0),
            (8, 0, 0, 4),
            (8, 12, i64::MAX, 7),
            (8, 0, i64::MIN, 0),
            (1, 12, 42, 0),
            (u32::MAX, 0, i64::MAX, u32::MAX - 1),
        ] {
            let sharding = Sharding::new(shards, ignore_msb, 0);
            assert_eq!(
                sharding.of_token(token),
                shard,
                "{shards} {ignore_msb} {token}"
            );
        }
        // Nothing of the token counts, or there is no shard: still an answer.
        assert_eq!(Sharding::new(8, 200, 0).of_token(-1), 0);
        assert_eq!(Sharding::new(0, 12, 0).of_token(-1), 0);
    }

    fn supported(options: &'static [(&str, &str)]) -> Option<Sharding> {
        Sharding::from_supported(|key| {
            options
                .iter()
                .find(|(name, _)| *name == key)
                .map(|(_, value)| *value)
        })
    }

    #[test]
    fn supported_tells_it_all_or_nothing() {
        let all = supported(&[
            ("SCYLLA_SHARD", "1"),
            ("SCYLLA_NR_SHARDS", "2"),
            ("SCYLLA_SHARDING_IGNORE_MSB", "12"),
            ("SCYLLA_SHARDING_ALGORITHM", "biased-token-round-robin"),
            ("SCYLLA_SHARD_AWARE_PORT", "19042"),
        ]);
        let expected = Sharding {
            port: Some(19042),
            ..Sharding::new(2, 12, 1)
        };
        assert_eq!(all, Some(expected));
        assert_eq!(supported(&[]), None);
        assert_eq!(
            supported(&[("SCYLLA_NR_SHARDS", "2"), ("SCYLLA_SHARD", "1")]),
            None
        );
        for (shards, shard, msb, algorithm) in [
            ("0", "0", "12", "biased-token-round-robin"),
            ("2", "2", "12", "biased-token-round-robin"),
            ("x", "0", "12", "biased-token-round-robin"),
            ("2", "0", "300", "biased-token-round-robin"),
            ("2", "0", "12", "another"),
        ] {
            let sharding = Sharding::from_supported(|key| match key {
                "SCYLLA_SHARD" => Some(shard),
                "SCYLLA_NR_SHARDS" => Some(shards),
                "SCYLLA_SHARDING_IGNORE_MSB" => Some(msb),
                "SCYLLA_SHARDING_ALGORITHM" => Some(algorithm),
                _ => None,
            });
            assert_eq!(sharding, None, "{shards} {shard} {msb} {algorithm}");
        }
    }
}
