//! Which field exists since which protocol revision: the only place with such numbers.

use std::fmt;

macro_rules! features {
    ($($(#[$doc:meta])* $name:ident = $since:literal;)*) => {
        /// A part of the protocol that exists since a revision (ClickHouse, `src/Core/ProtocolDefines.h`).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Feature {
            $($(#[$doc])* $name,)*
        }

        impl Feature {
            /// Every feature, oldest first.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The first revision that has it.
            pub const fn since(self) -> u64 {
                match self {
                    $(Self::$name => $since,)*
                }
            }
        }
    };
}

features! {
    /// ServerHello: time zone.
    ServerTimezone = 54058;
    /// ClientInfo: quota key.
    QuotaKeyInClientInfo = 54060;
    /// Packets TablesStatusRequest and TablesStatusResponse.
    TablesStatus = 54226;
    /// Types: the time zone of `DateTime`.
    TimezoneInTypes = 54337;
    /// ServerHello: display name.
    DisplayName = 54372;
    /// ServerHello and ClientInfo: patch version.
    VersionPatch = 54401;
    /// Types: `LowCardinality`.
    LowCardinality = 54405;
    /// Packet Log.
    ServerLogs = 54406;
    /// Packet TableColumns.
    TableColumns = 54410;
    /// Progress: rows and bytes written.
    WriteInfo = 54420;
    /// Query: settings as strings with flags instead of typed binary values. Packet Scalar.
    SettingsAsStrings = 54429;
    /// Query: hash of the interserver secret.
    InterserverSecret = 54441;
    /// ClientInfo: OpenTelemetry context.
    OpenTelemetry = 54442;
    /// ClientInfo of a query that came over HTTP: `X-Forwarded-For`.
    ForwardedFor = 54443;
    /// ClientInfo of a query that came over HTTP: `Referer`.
    Referer = 54447;
    /// ClientInfo: depth of a distributed query.
    DistributedDepth = 54448;
    /// ClientInfo: start time of the initial query.
    InitialQueryStartTime = 54449;
    /// Packet ProfileEvents.
    ProfileEvents = 54451;
    /// ClientInfo: parallel replicas. Packets by which servers share out reading.
    ParallelReplicas = 54453;
    /// Block: a byte a column that says whether its layout is the usual one.
    CustomSerialization = 54454;
    /// The client's addendum after the ServerHello, with the quota key.
    Addendum = 54458;
    /// Query: parameters.
    Parameters = 54459;
    /// Progress: elapsed time.
    ElapsedInProgress = 54460;
    /// ServerHello: password complexity rules.
    PasswordRules = 54461;
    /// ServerHello: nonce.
    Nonce = 54462;
    /// Progress: total bytes to read.
    TotalBytesInProgress = 54463;
    /// Packet TimezoneUpdate.
    TimezoneUpdates = 54464;
    /// Login by SSH key: packets SSHChallengeRequest, SSHChallenge, SSHChallengeResponse.
    SshAuthentication = 54466;
    /// TablesStatusResponse: whether a replica is read-only.
    TableReadOnly = 54467;
    /// ProfileInfo: rows before aggregation.
    RowsBeforeAggregation = 54469;
    /// ServerHello and Addendum: chunked framing modes.
    ChunkedPackets = 54470;
    /// ServerHello and Addendum: version of the parallel replicas protocol.
    VersionedParallelReplicas = 54471;
    /// Query: externally granted roles.
    ExternalRoles = 54472;
    /// Dynamic and JSON columns: prefixes without the limits of their types.
    DynamicV2 = 54473;
    /// ServerHello: settings of the server.
    ServerSettings = 54474;
    /// ClientInfo: query and line numbers of a script.
    ScriptNumbers = 54475;
    /// ClientInfo: token for other servers.
    JwtInClientInfo = 54476;
    /// ServerHello: version of serialized query plans. Packet QueryPlan.
    QueryPlan = 54477;
    /// ServerHello: version of the cluster function protocol.
    VersionedClusterFunction = 54479;
    /// BlockInfo: buckets that come out of order.
    OutOfOrderBuckets = 54480;
    /// Log, ProfileEvents and TableColumns are compressed when the query's blocks are.
    CompressedLogs = 54481;
    /// ClientInfo: user agent.
    ClientAgent = 54485;
    /// ClientInfo: whether the query is the server's own.
    InternalQuery = 54486;
    /// TablesStatusRequest between servers: hash of the secret.
    InterserverTablesStatus = 54487;
    /// ClientInfo: current roles between servers.
    CurrentRoles = 54488;
    /// ClientInfo of a query that came over HTTP: the handler.
    HttpHandler = 54490;
    /// String columns: all end offsets, then all bytes.
    StringsWithOffsets = 54492;
}

/// A revision of the native protocol, as announced in the hellos. Both sides speak the lower one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(u64);

impl Revision {
    /// The oldest revision that this crate speaks: the first with a time zone in the ServerHello (2016).
    pub const MIN: Self = Self(54_058);
    /// The newest revision that this crate speaks (ClickHouse 26.8).
    pub const MAX: Self = Self(54_492);

    /// A revision by number; any number may be announced by a peer.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn number(self) -> u64 {
        self.0
    }

    /// Whether packets of this revision have `feature`.
    #[inline]
    pub const fn has(self, feature: Feature) -> bool {
        self.0 >= feature.since()
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_within_what_is_spoken() {
        let since: Vec<u64> = Feature::ALL.iter().map(|f| f.since()).collect();
        assert!(since.is_sorted());
        assert_eq!(since.first(), Some(&Revision::MIN.number()));
        assert_eq!(since.last(), Some(&Revision::MAX.number()));
    }

    /// What Debian's server 18.16.1 has at its revision 54412: patch version yes, written rows no.
    #[test]
    fn an_old_server_has_what_its_age_allows() {
        let old = Revision::new(54_412);
        assert!(old.has(Feature::VersionPatch));
        assert!(!old.has(Feature::WriteInfo));
        assert!(!old.has(Feature::SettingsAsStrings));
    }
}
