//! The settings of a [`Config`] that one line says.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use wire_core::config::Form;

use super::Config;
use crate::codec::{Compression, Version};
use crate::error::Consistency;
use crate::policy::{Profile, TimestampGenerator};
use crate::proto::Authenticator;
use crate::routing::{AddressTranslator, HostFilter};
use crate::schema::SchemaFilter;

impl Config {
    wire_core::config_options! { config:
        /// Consistency of statements unless they say otherwise. Default LOCAL_QUORUM.
        with_consistency(consistency: Consistency) => config.consistency, "consistency" as level();
        /// Serial consistency of conditional statements unless they say otherwise. Default: the server's, SERIAL.
        with_serial_consistency(consistency: Consistency) => config.serial_consistency, "serial_consistency" as level();
        /// Rows in a page unless the statement says otherwise. Default 5,000; at least 1.
        with_page_size(rows: u32) => config.page_size, "page_size" as Form::<u32>::parsed("a number of rows");
        /// Compresses bodies of 1,024 bytes and more, in both directions. Default: no compression.
        with_compression(compression: Compression) => config.compression, "compression" as compression();
        /// The newest protocol version to ask for; older ones follow when the server refuses. Default v4. Asked for v5, a server that lacks it gets v4.
        with_protocol(newest: Version) => config.protocol, "protocol" as protocol();
        /// Requests in flight on a connection; further ones wait. Default 1,024; 1 to 32,767.
        with_max_in_flight(requests: u32) => config.max_in_flight, "max_in_flight" as Form::<u32>::parsed("a number of requests");
        => config.limits.max_frame_bytes, "max_frame_bytes" as Form::<u32>::parsed("a number of bytes");
        => config.limits.max_depth, "max_depth" as Form::<u32>::parsed("a number of levels");
        => config.limits.max_auth_rounds, "max_auth_rounds" as Form::<u32>::parsed("a number of rounds");
        /// Whether the client looks for the other nodes of the cluster, and for changes. Default true. If not, it has the
        /// configured hosts, takes the first that answers, and knows of no other: for a single node, or one behind a
        /// proxy or forwarded port that the other nodes cannot be reached through.
        with_discovery(discovery: bool) => config.cluster.discovery, "discovery" as Form::flag();
        => config.cluster.default_balancing.datacenter, "local_datacenter" as Form::text();
        => config.cluster.default_balancing.rack, "local_rack" as Form::text();
        /// Connections to each node. Default 1, which is enough unless many cores share the client; at most 256.
        with_connections_per_node(connections: NonZeroU32) => config.cluster.connections_per_node, "connections_per_node" as Form::<NonZeroU32>::parsed("a number of connections, at least 1");
        /// Whether a node of ScyllaDB gets a connection to each of its shards, besides those to the node, as soon as it says
        /// how they are reached. Default true. Network address translation between client and node can undo the choice of
        /// the shard; requests are answered all the same.
        with_shard_awareness(shard_aware: bool) => config.cluster.shard_aware, "shard_awareness" as Form::flag();
        => config.cluster.heartbeat_interval, "heartbeat_interval" as Form::duration();
        => config.cluster.heartbeat_timeout, "heartbeat_timeout" as Form::duration();
        /// How often nodes and keyspaces are read anew although no event said that they changed. Default 60 s, at
        /// least 1 s.
        with_refresh_interval(interval: Duration) => config.cluster.refresh_interval, "refresh_interval" as Form::duration();
        /// How long the nodes may take to agree on the schema after a statement of this client has changed it; the
        /// statement's answer waits for that. Default 10 s; zero does not wait.
        with_schema_agreement_timeout(timeout: Duration) => config.cluster.schema_agreement_timeout, "schema_agreement_timeout" as Form::duration();
        /// Keeps as much of the schema at hand as `filter` admits, for [`Client::schema`](crate::Client::schema), and up to
        /// date. Default: not kept.
        with_schema(filter: SchemaFilter) => config.cluster.schema, "schema" as schema();
        /// How many prepared statements are kept, so that preparing the same text again costs nothing. Default 1,000; 0
        /// keeps none.
        with_prepared_statements(statements: usize) => config.cluster.prepared_statements, "prepared_statements" as Form::<usize>::parsed("a number of statements");
        /// Whether a statement prepared on one node is prepared on the others in the background. Default true; otherwise
        /// each node prepares it when it is first run there.
        with_prepare_on_all_nodes(prepare: bool) => config.cluster.prepare_on_all_nodes, "prepare_on_all_nodes" as Form::flag();
        => config.cluster.max_concurrent, "max_concurrent" as Form::<u32>::parsed("a number of requests");
        => config.cluster.max_queued, "max_queued" as Form::<u32>::parsed("a number of requests");
        => config.cluster.max_wait, "max_wait" as Form::duration();
        => config.cluster.identity.application_name, "application_name" as Form::text();
        => config.cluster.identity.application_version, "application_version" as Form::text();
        => config.cluster.allowed_authenticators, "allowed_authenticators" as classes();
        /// Where the timestamps of writes come from that say none themselves. Default:
        /// [`MonotonicTimestamps`](crate::policy::MonotonicTimestamps).
        with_timestamps(timestamps: Arc<dyn TimestampGenerator>) => config.cluster.timestamps;
        /// What statements without a profile of their own go by: consistency, retries, load balancing and so on.
        with_profile(profile: Profile) => config.cluster.profile;
        /// Proves who the client is by other means than user and password.
        with_authenticator(authenticator: Arc<dyn Authenticator>) => config.cluster.authenticator;
        /// Changes the addresses that nodes give of themselves, where they cannot be reached at those. The configured
        /// hosts are used as they are.
        with_address_translator(translator: Arc<dyn AddressTranslator>) => config.cluster.translator;
        /// Which nodes may be used. Default: all.
        with_host_filter(filter: Arc<dyn HostFilter>) => config.cluster.host_filter;
    }
}

fn level() -> Form<Consistency> {
    Form::new(
        "a consistency level like local_quorum or one",
        Consistency::from_name,
        |level| Some(level.to_string()),
    )
}

/// Of a whole field, since there is a name for having none.
fn compression() -> Form<Option<Compression>> {
    let known: Vec<&str> = Compression::ALL.iter().map(|c| c.name()).collect();
    let known = known.join(", ");
    Form::new(
        format!("none or, with the features that are on: {known}"),
        |text| match Compression::from_name(text) {
            None if !text.eq_ignore_ascii_case("none") => None,
            compression => Some(compression),
        },
        |compression| compression.map(|c| c.name().to_owned()),
    )
}

fn protocol() -> Form<Version> {
    let read = |text: &str| {
        let number = text.trim_start_matches('v').parse().ok();
        number.and_then(Version::from_number)
    };
    Form::new("v3, v4 or v5", read, |version| Some(version.to_string()))
}

/// Filters that say more than names of keyspaces have no textual form.
fn schema() -> Form<SchemaFilter> {
    let read = |text: &str| {
        Some(match text {
            "" => return None,
            "*" => SchemaFilter::new(),
            names => SchemaFilter::new().with_only(names.split(',')),
        })
    };
    let show = |filter: &SchemaFilter| match filter.only() {
        None => (*filter == SchemaFilter::new()).then(|| "*".to_owned()),
        Some(names) => {
            let same = *filter == SchemaFilter::new().with_only(names);
            same.then(|| names.join(","))
        }
    };
    Form::new(
        "* or names of keyspaces with commas between them",
        read,
        show,
    )
}

fn classes() -> Form<Arc<[String]>> {
    let read = |text: &str| {
        let classes: Arc<[String]> = text.split(',').map(ToOwned::to_owned).collect();
        classes
            .iter()
            .all(|class| !class.is_empty())
            .then_some(classes)
    };
    Form::new(
        "names of classes with commas between them",
        read,
        |classes| Some(classes.join(",")),
    )
}
