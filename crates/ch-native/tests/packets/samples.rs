//! A packet of each kind, and decoders for them.

use ch_native::codec::{ChunkMode, Feature, Revision};
use ch_native::message::{
    Addendum, ClientHello, ClientInfo, ClientPacket, ClientPackets, Form, Interface, Parameter,
    ProfileInfo, Progress, Query, QueryPacket, ReadTask, ReplicaStatus, ServerPacket,
    ServerPackets, Setting, SettingKind, SettingValue, TableColumns, TableStatus,
    TablesStatusRequest, TraceContext,
};
use ch_native::{Block, Error, Limits, ServerError};

/// Before and at each change, and the ends of what is spoken.
pub(crate) fn revisions() -> Vec<Revision> {
    let mut all: Vec<u64> = Feature::ALL
        .iter()
        .flat_map(|f| [f.since() - 1, f.since()])
        .filter(|r| *r >= Revision::MIN.number())
        .collect();
    all.dedup();
    all.into_iter().map(Revision::new).collect()
}

pub(crate) fn block() -> Block {
    Block::new()
        .with("id", vec![1_u64, 2, 3])
        .and_then(|b| b.with("name", vec![Some("a"), None, Some("ccc")]))
        .unwrap()
}

pub(crate) fn server_packets(revision: Revision) -> Vec<(ServerPacket, Option<Feature>)> {
    let mut error = ServerError::new(60, "DB::Exception", "no such table");
    error
        .causes
        .push(ServerError::new(1, "std::exception", "cause"));
    let mut progress = Progress::default();
    (progress.read_rows, progress.read_bytes, progress.total_rows) = (1, 200, 1 << 40);
    if revision.has(Feature::TotalBytesInProgress) {
        progress.total_bytes = 4;
    }
    if revision.has(Feature::WriteInfo) {
        (progress.written_rows, progress.written_bytes) = (5, 6);
    }
    if revision.has(Feature::ElapsedInProgress) {
        progress.elapsed_ns = u64::MAX;
    }
    let mut info = ProfileInfo::default();
    (info.rows, info.blocks, info.bytes) = (7, 8, 9);
    (info.applied_limit, info.rows_before_limit) = (true, 10);
    if revision.has(Feature::RowsBeforeAggregation) {
        (info.applied_aggregation, info.rows_before_aggregation) = (true, 11);
    }
    let replica = ReplicaStatus::new(300, revision.has(Feature::TableReadOnly));
    let tables = vec![
        TableStatus::new("db", "plain"),
        TableStatus::new("db", "replicated").with_replica(replica),
    ];
    vec![
        (ServerPacket::Data(block()), None),
        (ServerPacket::Data(Block::new()), None),
        (ServerPacket::Exception(error), None),
        (ServerPacket::Progress(progress), None),
        (ServerPacket::Pong, None),
        (ServerPacket::EndOfStream, None),
        (ServerPacket::ProfileInfo(info), None),
        (ServerPacket::Totals(block()), None),
        (ServerPacket::Extremes(block()), None),
        (
            ServerPacket::TablesStatus(tables),
            Some(Feature::TablesStatus),
        ),
        (ServerPacket::Log(block()), Some(Feature::ServerLogs)),
        (
            ServerPacket::TableColumns(TableColumns::new("t", "columns format version: 1")),
            Some(Feature::TableColumns),
        ),
        (ServerPacket::PartUuids(vec![1, u128::MAX - 7]), None),
        (ServerPacket::ReadTaskRequest, None),
        (
            ServerPacket::ProfileEvents(block()),
            Some(Feature::ProfileEvents),
        ),
        (
            ServerPacket::TimezoneUpdate("Europe/Berlin".to_owned()),
            Some(Feature::TimezoneUpdates),
        ),
        (
            ServerPacket::SshChallenge(b"challenge".to_vec()),
            Some(Feature::SshAuthentication),
        ),
        (ServerPacket::Preview(block()), None),
    ]
}

/// A query that uses everything that the revision has.
pub(crate) fn query(revision: Revision) -> QueryPacket {
    let mut query = Query::new("SELECT {p:String}").with_id("q");
    let mut info = ClientInfo::new(revision);
    info.initial_user = "u".to_owned();
    let settings = [
        Setting::new("max_threads", "4"),
        Setting::new("network_zstd_compression_level", "-5"),
        Setting::new("max_streams_to_max_threads_ratio", "2"),
    ];
    // Below, what is read has the kind that it was read as, and numbers are numbers.
    if revision.has(Feature::SettingsAsStrings) {
        query = query.with_settings(settings);
        query = query.with_settings([Setting::custom("custom_x", "it's").unimportant()]);
    } else {
        let [mut threads, mut level, ratio] = settings;
        threads.value = SettingValue::UInt(4);
        level.value = SettingValue::Int(-5);
        query = query.with_settings([
            threads.with_kind(SettingKind::Unsigned),
            level.with_kind(SettingKind::Signed),
            ratio.with_kind(SettingKind::Text),
        ]);
    }
    if revision.has(Feature::QuotaKeyInClientInfo) {
        info.quota_key = "key".to_owned();
    }
    if revision.has(Feature::OpenTelemetry) {
        query = query.with_trace(TraceContext::new(1 << 100, 7).with_state("a=b"));
    }
    if revision.has(Feature::DistributedDepth) {
        info.distributed_depth = 300;
    }
    if revision.has(Feature::InitialQueryStartTime) {
        info.initial_start_micros = 1 << 50;
    }
    if let Interface::Tcp(client) = &mut info.interface {
        client.version.2 = if revision.has(Feature::VersionPatch) {
            77
        } else {
            0
        };
        client.hostname = "h".to_owned();
    }
    if revision.has(Feature::ParallelReplicas) {
        info.replicas = (1, 0, 3);
    }
    if revision.has(Feature::ScriptNumbers) {
        info.script = (1, 200);
    }
    if revision.has(Feature::JwtInClientInfo) {
        info.jwt = Some("token".into());
    }
    if revision.has(Feature::ClientAgent) {
        info.client_agent = "agent".to_owned();
    }
    if revision.has(Feature::InternalQuery) {
        info.is_internal = true;
    }
    if revision.has(Feature::CurrentRoles) {
        info.roles = Some(vec!["r1".to_owned(), "r2".to_owned()]);
    }
    if revision.has(Feature::Parameters) {
        query = query.with_parameter("p", Parameter::Bare("a\\tb".to_owned()));
    }
    QueryPacket::new(query, info, false)
}

pub(crate) fn client_packets(revision: Revision) -> Vec<(ClientPacket, Option<Feature>)> {
    let tables = TablesStatusRequest::new([("db", "t"), ("", "x")]);
    vec![
        (ClientPacket::Query(Box::new(query(revision))), None),
        (
            ClientPacket::Data {
                table: "external".to_owned(),
                block: block(),
            },
            None,
        ),
        (ClientPacket::end_mark(), None),
        (ClientPacket::Cancel, None),
        (ClientPacket::Ping, None),
        (
            ClientPacket::TablesStatus(tables),
            Some(Feature::TablesStatus),
        ),
        (ClientPacket::KeepAlive, None),
        (
            ClientPacket::Scalar {
                name: "_shard_num".to_owned(),
                block: block(),
            },
            Some(Feature::SettingsAsStrings),
        ),
        (ClientPacket::IgnoredPartUuids(vec![1 << 127, 3]), None),
        (ClientPacket::ReadTask(ReadTask::new("/data/1.csv")), None),
        (
            ClientPacket::SshChallengeRequest,
            Some(Feature::SshAuthentication),
        ),
    ]
}

pub(crate) fn from_server(revision: Revision, chunked: bool) -> ServerPackets {
    let mut packets = ServerPackets::new(revision, Limits::default());
    packets.set_chunked(chunked);
    packets
}

/// A decoder of a client that has said hello, and whether its packets are chunked.
pub(crate) fn from_client(revision: Revision, chunked: bool) -> ClientPackets {
    let mut bytes = Vec::new();
    let hello = ClientHello::new(revision, "db", "me", "".into());
    let form = Form::new(revision, None);
    ClientPacket::Hello(hello).encode(form, &mut bytes).unwrap();
    let mut packets = ClientPackets::new(revision, Limits::default());
    if revision.has(Feature::Addendum) {
        let mut addendum = Addendum::default();
        addendum.chunked.0 = ChunkMode::chosen(chunked);
        ClientPacket::Addendum(addendum)
            .encode(form, &mut bytes)
            .unwrap();
    }
    packets.push(&bytes);
    while packets.next_packet().unwrap().is_some() {}
    packets
}

pub(crate) fn server_feed(
    packets: &mut ServerPackets,
    bytes: &[u8],
) -> Result<Vec<ServerPacket>, Error> {
    packets.push(bytes);
    let mut all = Vec::new();
    while let Some(packet) = packets.next_packet()? {
        all.push(packet);
    }
    Ok(all)
}

pub(crate) fn client_feed(
    packets: &mut ClientPackets,
    bytes: &[u8],
) -> Result<Vec<ClientPacket>, Error> {
    packets.push(bytes);
    let mut all = Vec::new();
    while let Some(packet) = packets.next_packet()? {
        all.push(packet);
    }
    Ok(all)
}

pub(crate) fn source(error: &Error) -> String {
    std::error::Error::source(error).unwrap().to_string()
}
