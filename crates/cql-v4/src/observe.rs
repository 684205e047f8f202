//! Names of spans, fields and metrics, in one place, so that they stay the same.
//!
//! Names follow OpenTelemetry's conventions for database clients and for Cassandra
//! (<https://opentelemetry.io/docs/specs/semconv/db/>, release 1.45) where those have a word. Bound values and secrets
//! are never told, and literals in statements are replaced by `?`.
//!
//! # Spans
//!
//! One span per request, at level debug, target `cql_v4`, named `cql`:
//!
//! | field | when | is |
//! | --- | --- | --- |
//! | `otel.kind` | always | `client` |
//! | `db.system.name` | always | `cassandra` |
//! | `db.operation.name` | always, if the text begins with a word | that word as it is written, `BATCH`, `PREPARE` |
//! | `db.query.text` | not for a batch | the statement, without its literals; its first 2,048 bytes |
//! | `db.namespace` | if known | keyspace of the connection or of the statement |
//! | `db.operation.batch.size` | batch | statements in it |
//! | `server.address`, `server.port` | once a node was asked | the last node that was |
//! | `cassandra.coordinator.dc` | once a node was asked, if known | its data centre |
//! | `cassandra.speculative_execution.count` | if there were any | extra attempts |
//! | `error.type` | failed | the error's kind: `timeout`, `server`, … |
//! | `db.response.status_code` | the server refused it | number of the error as the specification writes it: `0x1100` |
//! | `otel.status_code` | failed | `ERROR` |
//!
//! # Metrics
//!
//! By the feature `metrics-024`, all with the label `db.system.name` = `cassandra`; the names are
//! `db.client.operation.duration` (seconds), `cql_v4.errors` (by `error.type`), `cql_v4.in_flight`, `cql_v4.orphans`,
//! `cql_v4.connections`, and those in [`metric`]. The recorder
//! has to be installed before the client is made. Gauges are set whenever `Client::stats` is called.

use std::fmt;
use std::net::SocketAddr;

use tracing::field::{Empty, display};
use tracing::{Span, debug_span};

use crate::error::Error;

/// Target of all spans and events of this crate.
pub(crate) const TARGET: &str = "cql_v4";

/// `db.system.name`, for ScyllaDB as well: the conventions know no other name for this protocol.
pub(crate) const SYSTEM: &str = "cassandra";

/// Bytes of a statement that a span shows: enough for those that people write.
const SHOWN: usize = 2_048;

/// Names of the metrics that only this crate has.
#[cfg(feature = "metrics-024")]
pub(crate) mod metric {
    /// Counter: attempts that failed and were repeated.
    pub(crate) const RETRIES: &str = "cql_v4.retries";
    /// Counter: extra attempts of speculative execution.
    pub(crate) const SPECULATIVE_STARTED: &str = "cql_v4.speculative.started";
    /// Counter: extra attempts that were answered first.
    pub(crate) const SPECULATIVE_WON: &str = "cql_v4.speculative.won";
    /// Counter: connections that were opened anew after they had broken.
    pub(crate) const RECONNECTS: &str = "cql_v4.reconnects";
}

/// A span of the request; `$operation`, `$text` and `$size` are looked at only if somebody listens.
macro_rules! request_span {
    ($keyspace:expr, $($field:tt)*) => {
        debug_span!(
            target: TARGET,
            "cql",
            otel.kind = "client",
            db.system.name = SYSTEM,
            db.namespace = $keyspace,
            server.address = Empty,
            server.port = Empty,
            cassandra.coordinator.dc = Empty,
            cassandra.speculative_execution.count = Empty,
            error.type = Empty,
            db.response.status_code = Empty,
            otel.status_code = Empty,
            $($field)*
        )
    };
}

/// The span of a statement that is run. Costs a comparison when nobody listens, and allocates nothing.
#[inline]
pub(crate) fn statement(text: &str, keyspace: Option<&str>) -> Span {
    request_span!(
        keyspace,
        db.operation.name = operation(text),
        db.query.text = display(Redacted(text)),
    )
}

/// The span of a statement that is prepared.
#[inline]
pub(crate) fn prepare(text: &str, keyspace: Option<&str>) -> Span {
    request_span!(
        keyspace,
        db.operation.name = "PREPARE",
        db.query.text = display(Redacted(text)),
    )
}

/// The span of a batch of so many statements.
#[inline]
pub(crate) fn batch(statements: usize, keyspace: Option<&str>) -> Span {
    request_span!(
        keyspace,
        db.operation.name = "BATCH",
        db.operation.batch.size = statements,
    )
}

/// Adds the node that is asked. With retries and speculation, the last one stays.
#[inline]
pub(crate) fn asked(span: &Span, address: SocketAddr, datacenter: Option<&str>) {
    if span.is_disabled() {
        return;
    }
    span.record("server.address", display(address.ip()));
    span.record("server.port", address.port());
    span.record("cassandra.coordinator.dc", datacenter);
}

/// Adds the number of extra attempts so far.
#[cold]
pub(crate) fn speculated(span: &Span, extra: u32) {
    span.record("cassandra.speculative_execution.count", extra);
}

/// Adds how the request failed.
#[cold]
pub(crate) fn failed(span: &Span, error: &Error) {
    if span.is_disabled() {
        return;
    }
    span.record("error.type", error.kind().name());
    span.record("otel.status_code", "ERROR");
    if let Some(refusal) = error.server() {
        let code = refusal.code.0;
        span.record(
            "db.response.status_code",
            display(format_args!("{code:#06x}")),
        );
    }
}

/// The word that a statement begins with, as it is written.
fn operation(text: &str) -> Option<&str> {
    let word = text
        .trim_start()
        .split(|c: char| !c.is_ascii_alphabetic())
        .next()?;
    (!word.is_empty()).then_some(word)
}

/// A statement in which literals are replaced by `?`: a password may be among them. Of a long one, the first 2,048 bytes
/// are shown.
pub(crate) struct Redacted<'a>(pub(crate) &'a str);

impl fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        let mut room = SHOWN;
        while !rest.is_empty() {
            let piece = Piece::first_of(rest);
            let (shown, length) = match piece {
                Piece::Literal(length) => ("?", length),
                Piece::Other(length) => (rest.get(..length).unwrap_or_default(), length),
            };
            match room.checked_sub(shown.len()) {
                Some(left) => room = left,
                None => return f.write_str("…"),
            }
            f.write_str(shown)?;
            rest = rest.get(length.max(1)..).unwrap_or_default();
        }
        Ok(())
    }
}

/// What a statement begins with, and its length in bytes.
enum Piece {
    Literal(usize),
    Other(usize),
}

/// Length of a UUID in text.
const UUID: usize = 36;

impl Piece {
    fn first_of(text: &str) -> Self {
        let Some(first) = text.chars().next() else {
            return Self::Other(0);
        };
        match first {
            '\'' => Self::Literal(quoted(text, "'")),
            '"' => Self::Other(quoted(text, "\"")),
            '$' if text.starts_with("$$") => Self::Literal(quoted(text, "$$")),
            _ if starts_with_uuid(text) => Self::Literal(UUID),
            '0'..='9' => Self::Literal(word(text)),
            _ if is_of_word(first) => Self::Other(word(text)),
            _ => Self::Other(first.len_utf8()),
        }
    }
}

/// From a quotation mark to the one that ends it: a doubled one does not. A quotation without an end takes all that
/// follows.
fn quoted(text: &str, mark: &str) -> usize {
    let mut length = 0_usize;
    while let Some(inside) = text.get(length..).and_then(|rest| rest.strip_prefix(mark)) {
        let Some(end) = inside.find(mark) else {
            return text.len();
        };
        length = length
            .saturating_add(end)
            .saturating_add(mark.len().saturating_mul(2));
    }
    length
}

fn word(text: &str) -> usize {
    text.find(|c| !is_of_word(c)).unwrap_or(text.len())
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '.'
}

/// UUIDs may begin like a name.
fn starts_with_uuid(text: &str) -> bool {
    let Some(start) = text.as_bytes().get(..UUID) else {
        return false;
    };
    let fits = |(at, byte): (usize, &u8)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    start.iter().enumerate().all(fits)
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use proptest::prelude::*;
    use tracing::level_filters::LevelFilter;
    use tracing_subscriber::fmt::format::FmtSpan;

    use super::*;
    use crate::error::{ErrorCode, ErrorKind, Sent, ServerError};

    #[derive(Clone, Default)]
    struct Text(Arc<Mutex<Vec<u8>>>);

    impl Write for Text {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The line that a span leaves when it is closed.
    fn told(act: impl FnOnce()) -> String {
        told_at(LevelFilter::DEBUG, act)
    }

    fn told_at(level: LevelFilter, act: impl FnOnce()) -> String {
        let text = Text::default();
        let writer = text.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(level)
            .with_span_events(FmtSpan::CLOSE)
            .with_ansi(false)
            .without_time()
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, act);
        String::from_utf8(std::mem::take(&mut *text.0.lock().unwrap())).unwrap()
    }

    #[test]
    fn a_statement_has_the_fields_of_the_conventions() {
        let line = told(|| {
            let span = statement("SELECT v FROM t WHERE k = 'secret'", Some("shop"));
            asked(&span, "127.0.0.2:9042".parse().unwrap(), Some("dc1"));
            speculated(&span, 2);
            let refusal = ServerError::new(ErrorCode::WRITE_TIMEOUT, "late");
            failed(&span, &Error::refused(ErrorKind::Server, "late", refusal));
        });
        for field in [
            "cql_v4",
            "cql{",
            "otel.kind=\"client\"",
            "db.system.name=\"cassandra\"",
            "db.namespace=\"shop\"",
            "db.operation.name=\"SELECT\"",
            "db.query.text=SELECT v FROM t WHERE k = ?",
            "server.address=127.0.0.2",
            "server.port=9042",
            "cassandra.coordinator.dc=\"dc1\"",
            "cassandra.speculative_execution.count=2",
            "error.type=\"server\"",
            "db.response.status_code=0x1100",
            "otel.status_code=\"ERROR\"",
        ] {
            assert!(line.contains(field), "{field} in {line}");
        }
        assert!(!line.contains("secret"), "{line}");
    }

    #[test]
    fn what_is_not_known_is_not_told() {
        let line = told(|| {
            let span = statement("  /* who knows */", None);
            asked(&span, "[::1]:9142".parse().unwrap(), None);
            let timeout = Error::new(ErrorKind::Timeout, "late").with_sent(Sent::Maybe);
            failed(&span, &timeout);
        });
        for field in [
            "server.address=::1 server.port=9142",
            "error.type=\"timeout\"",
        ] {
            assert!(line.contains(field), "{field} in {line}");
        }
        for field in [
            "namespace",
            "operation",
            "coordinator",
            "status_code=0x",
            "speculative",
        ] {
            assert!(!line.contains(field), "{field} in {line}");
        }
    }

    #[test]
    fn batches_and_preparing_are_named() {
        let line = told(|| drop(batch(64, Some("shop"))));
        assert!(
            line.contains("db.operation.name=\"BATCH\" db.operation.batch.size=64"),
            "{line}"
        );
        assert!(!line.contains("db.query.text"), "{line}");
        let line = told(|| drop(prepare("SELECT 1", None)));
        assert!(
            line.contains("db.operation.name=\"PREPARE\" db.query.text=SELECT ?"),
            "{line}"
        );
    }

    /// Without a listener at this level there is no span.
    #[test]
    fn nobody_listens() {
        let line = told_at(LevelFilter::INFO, || {
            let span = statement("SELECT 1", None);
            assert!(span.is_disabled());
            asked(&span, "127.0.0.1:9042".parse().unwrap(), None);
            speculated(&span, 1);
            failed(&span, &Error::new(ErrorKind::Closed, "closed"));
        });
        assert_eq!(line, "");
    }

    #[test]
    fn literals_are_replaced() {
        let shown = |text: &str| Redacted(text).to_string();
        for (text, expected) in [
            ("", ""),
            (
                "SELECT a, b1 FROM ks.t2 WHERE x = ? AND y = :y",
                "SELECT a, b1 FROM ks.t2 WHERE x = ? AND y = :y",
            ),
            (
                "CREATE ROLE r WITH PASSWORD = 'it''s $$ secret'",
                "CREATE ROLE r WITH PASSWORD = ?",
            ),
            (
                "WITH PASSWORD = $$it's secret$$ AND LOGIN = true",
                "WITH PASSWORD = ? AND LOGIN = true",
            ),
            ("WHERE p = 'no end", "WHERE p = ?"),
            ("WHERE p = $$no end", "WHERE p = ?"),
            ("LIMIT 10;", "LIMIT ?;"),
            ("(1, -2, 3.5e7, 0xCAFE, 12h30m)", "(?, -?, ?, ?, ?)"),
            ("id = f81d4fae-7dec-11d0-a765-00a0c91e6bf6)", "id = ?)"),
            ("\"Quoted 'Name'\" = 'v'", "\"Quoted 'Name'\" = ?"),
            ("v = 'é' AND é = 1 €", "v = ? AND é = ? €"),
            ("['a','b']", "[?,?]"),
            ("''", "?"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn long_statements_are_cut() {
        let long = "SELECT a, b ".repeat(10_000);
        let shown = Redacted(&long).to_string();
        assert!(shown.len() <= SHOWN + "…".len() && shown.len() > SHOWN - 20);
        assert!(shown.ends_with('…'));
        let one_word = "x".repeat(10_000);
        assert_eq!(Redacted(&one_word).to_string(), "…");
    }

    #[test]
    fn operations_are_the_first_word() {
        assert_eq!(operation("\n select * from t"), Some("select"));
        assert_eq!(operation("BEGIN BATCH"), Some("BEGIN"));
        assert_eq!(operation("-- SELECT"), None);
        assert_eq!(operation(""), None);
    }

    proptest! {
        #[test]
        fn no_statement_confuses_it(text in ".{0,60}|['\"$x0-9a-f-]{0,60}") {
            let shown = Redacted(&text).to_string();
            prop_assert!(!shown.contains('\'') || text.contains('"'), "{}", shown);
        }

        /// Whatever stands inside of a string, nothing of it is shown.
        #[test]
        fn a_string_is_never_shown(inside in "[^']{0,40}", after in "[a-z =,()]{0,10}") {
            let text = format!("INSERT ('secret{inside}secret''secret'){after}");
            let shown = Redacted(&text).to_string();
            prop_assert_eq!(shown, format!("INSERT (?){after}"));
        }
    }
}
