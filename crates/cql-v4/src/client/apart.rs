//! USE: a statement that is about its connection, and so gets one of its own.
//!
//! On a connection that others use, it would change what their unqualified names mean while they are on their way; and
//! if its answer came too late, that connection would go on in another keyspace than the rest.

use std::sync::Arc;

use tokio::sync::MutexGuard;

use super::attempt::{Left, is_about_connection, no_nodes, of_several};
use super::cluster::Cluster;
use super::connect::Live;
use super::exchange::Answered;
use super::open::prefer;
use super::request::{Body, Request};
use crate::error::{Error, Sent};

/// A connection for one statement, after which nothing else is to be asked on it.
pub(super) struct Apart<'a> {
    pub(super) live: Arc<Live>,
    _turn: MutexGuard<'a, ()>,
}

impl<'a> Apart<'a> {
    pub(super) fn new(live: Arc<Live>, turn: MutexGuard<'a, ()>) -> Self {
        Self { live, _turn: turn }
    }
}

impl Drop for Apart<'_> {
    fn drop(&mut self) {
        self.live.handle.retire();
    }
}

impl Request<'_> {
    /// Whether it changes the keyspace of its connection.
    #[inline]
    pub(super) fn is_use(&self) -> bool {
        let text = match &self.body {
            Body::Query { text, .. } => text,
            Body::Execute { statement, .. } => statement.text(),
            Body::Batch(_) | Body::Prepare { .. } => return false,
        };
        match text.as_bytes().first() {
            Some(b'S' | b's' | b'I' | b'i' | b'D' | b'd') | None => false,
            Some(_) => begins_with_use(text),
        }
    }
}

/// Comments and white space may stand before the word.
fn begins_with_use(text: &str) -> bool {
    let mut rest = text.trim_start();
    loop {
        let behind = if rest.starts_with("--") || rest.starts_with("//") {
            rest.split_once('\n')
        } else if rest.starts_with("/*") {
            rest.split_once("*/")
        } else {
            break;
        };
        rest = behind.map_or("", |(_, behind)| behind.trim_start());
    }
    let Some((word, behind)) = rest.split_at_checked(3) else {
        return false;
    };
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '/' | '-');
    word.eq_ignore_ascii_case("use") && behind.starts_with(ends)
}

impl Cluster {
    /// Runs a request on a connection of its own, at the first node that answers.
    pub(super) async fn run_apart(
        &self,
        request: &Request<'_>,
        left: &Left,
    ) -> Result<Answered, Error> {
        let policy = request.options.load_balancing(&self.config);
        let places = self.state.load().plan(policy, request);
        let (mut last, mut sent) = (None, false);
        for (i, place) in places.iter().enumerate() {
            let among = u32::try_from(places.len().saturating_sub(i)).unwrap_or(u32::MAX);
            let time = match left.time() {
                Ok(time) => time,
                Err(error) => {
                    last.get_or_insert(error);
                    break;
                }
            };
            let share = time.checked_div(among).unwrap_or(time);
            let asked = match place.pool.apart(share).await {
                Ok(apart) => self.ask(request, left, Arc::clone(&apart.live), None).await,
                Err(error) => Err(error),
            };
            match asked {
                // Carried out twice, it does what it does once; and its connection is used for nothing else.
                Err(error) if is_about_connection(&error) => {
                    sent |= error.sent() != Sent::No;
                    last = Some(prefer(last, error));
                }
                asked => return asked,
            }
        }
        Err(of_several(last.unwrap_or_else(no_nodes), sent))
    }
}

#[cfg(test)]
mod tests {
    use super::begins_with_use;

    #[test]
    fn use_is_found_behind_comments() {
        for text in [
            "USE ks",
            "use \"Ks\"",
            "uSe\"ks\"",
            " \n USE\tks;",
            "-- a\n// b\n/* c\n */use ks",
            "USE/**/ks",
        ] {
            assert!(begins_with_use(text), "{text}");
        }
        for text in [
            "",
            "us",
            "use",
            "UPDATE t",
            "used x",
            "é€",
            "-- USE ks",
            "/* USE ks",
            "SELECT use",
        ] {
            assert!(!begins_with_use(text), "{text}");
        }
    }
}
