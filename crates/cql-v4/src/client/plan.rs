//! Which nodes a request may still go to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::cluster::{Cluster, Place};
use super::connect::Live;
use super::request::Request;

/// Which nodes are left to be tried. All executions of one request take from the same plan, so that no two of them
/// go to one node.
pub(super) struct Plan<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) request: &'a Request<'a>,
    left: Mutex<Left>,
}

/// A node, and a connection to it that was open a moment ago.
pub(super) struct Reached {
    pub(super) place: Place,
    pub(super) live: Arc<Live>,
}

impl Reached {
    /// The same node, over the connection that it has now.
    pub(super) fn again(self) -> Self {
        let now = self.place.pool.open(self.place.shard);
        Self {
            live: now.unwrap_or(self.live),
            place: self.place,
        }
    }
}

#[derive(Default)]
struct Left {
    /// Where the request went without a plan.
    first: Option<Place>,
    /// Made when it is first needed: most requests never do.
    planned: Option<VecDeque<Place>>,
    /// Nodes without an open connection, or whose connection broke before anything was sent.
    down: Vec<Place>,
}

impl<'a> Plan<'a> {
    /// All nodes but `first`.
    pub(super) fn new(
        cluster: &'a Cluster,
        request: &'a Request<'a>,
        first: Option<Place>,
    ) -> Self {
        Self {
            cluster,
            request,
            left: Mutex::new(Left {
                first,
                ..Left::default()
            }),
        }
    }

    fn left(&self) -> std::sync::MutexGuard<'_, Left> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next node that has an open connection.
    pub(super) fn next_open(&self) -> Option<Reached> {
        let mut left = self.left();
        if left.planned.is_none() {
            let first = left.first.take();
            left.planned = Some(self.places(first.as_ref()));
        }
        while let Some(place) = left.planned.as_mut().and_then(VecDeque::pop_front) {
            if let Some(live) = place.pool.open(place.shard) {
                return Some(Reached { place, live });
            }
            left.down.push(place);
        }
        None
    }

    /// Whether a node was tried, and none is left to be.
    pub(super) fn is_exhausted(&self) -> bool {
        let left = self.left();
        let planned = left.planned.as_ref();
        planned.is_some_and(VecDeque::is_empty) && left.down.is_empty()
    }

    fn places(&self, first: Option<&Place>) -> VecDeque<Place> {
        let policy = self.request.options.load_balancing(&self.cluster.config);
        let places = self.cluster.state.load().plan(policy, self.request);
        let is_first =
            |place: &Place| first.is_some_and(|first| Arc::ptr_eq(&first.pool, &place.pool));
        places
            .into_iter()
            .filter(|place| !is_first(place))
            .collect()
    }

    /// Nothing was sent there, so that it may be tried once more when all others have been.
    pub(super) fn again_at_last(&self, place: Place) {
        self.left().down.push(place);
    }

    /// The nodes that had no open connection when their turn came.
    pub(super) fn take_down(&self) -> Vec<Place> {
        self.left().down.drain(..).collect()
    }

    /// Those of them that were not asked; they may have an open connection by the time that their turn comes again.
    pub(super) fn put_back(&self, places: Vec<Place>) {
        self.left().planned.get_or_insert_default().extend(places);
    }
}
