//! Tokens in their order, and for each the replicas of the range that ends with it.
//!
//! Entry *i* of a ring owns the tokens after those of entry *i* − 1, up to its own; the first one owns what is behind
//! the last, too. Replicas are found by walking on from there (classes `SimpleStrategy` and `NetworkTopologyStrategy` of
//! the server). That walk is made once for each entry, when the topology is, and a lookup is a binary search.

use std::sync::Arc;

use super::{Partitioner, Token};

/// Replicas that are listed for one range and data centre. No keyspace in earnest use has more, except for those that are
/// on every node; their other replicas are found as nodes that are no replicas. Bounds a table of 500 nodes with 256
/// tokens each to 8 MiB.
pub(super) const MAX_LISTED: usize = 16;

/// Sorted tokens and who owns them. Nodes are numbers: positions in the topology.
#[derive(Debug)]
pub(super) struct Ring {
    tokens: Tokens,
    owners: Box<[u32]>,
}

/// Tokens of one kind, without a tag on each: this is what requests search.
#[derive(Debug)]
enum Tokens {
    Murmur3(Box<[i64]>),
    Random(Box<[u128]>),
    Bytes(Box<[Box<[u8]>]>),
}

impl Ring {
    /// A ring of these tokens, in any order. Those of another kind than the partitioner's are left out, and of equal
    /// ones the first stays.
    pub(super) fn new(partitioner: Partitioner, entries: &[(Token, u32)]) -> Self {
        match partitioner {
            Partitioner::Random => Self::of(entries, Tokens::Random, |token| match token {
                Token::Random(token) => Some(*token),
                _ => None,
            }),
            Partitioner::ByteOrdered => Self::of(entries, Tokens::Bytes, |token| match token {
                Token::Bytes(token) => Some(token.clone()),
                _ => None,
            }),
            _ => Self::of(entries, Tokens::Murmur3, |token| match token {
                Token::Murmur3(token) => Some(*token),
                _ => None,
            }),
        }
    }

    fn of<T: Ord>(
        entries: &[(Token, u32)],
        kind: impl Fn(Box<[T]>) -> Tokens,
        read: impl Fn(&Token) -> Option<T>,
    ) -> Self {
        let mut pairs: Vec<(T, u32)> = entries
            .iter()
            .filter_map(|(token, owner)| Some((read(token)?, *owner)))
            .collect();
        pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
        pairs.dedup_by(|(later, _), (first, _)| later == first);
        let (tokens, owners): (Vec<T>, Vec<u32>) = pairs.into_iter().unzip();
        Self {
            tokens: kind(tokens.into()),
            owners: owners.into(),
        }
    }

    /// The entry that owns `token`. Meaningless for an empty ring.
    #[inline]
    fn position(&self, token: &Token) -> usize {
        let position = match (&self.tokens, token) {
            (Tokens::Murmur3(tokens), Token::Murmur3(token)) => {
                tokens.partition_point(|end| end < token)
            }
            (Tokens::Random(tokens), Token::Random(token)) => {
                tokens.partition_point(|end| end < token)
            }
            (Tokens::Bytes(tokens), Token::Bytes(token)) => {
                tokens.partition_point(|end| end < token)
            }
            // Of another partitioner: no node has it.
            _ => return usize::MAX,
        };
        if position == self.owners.len() {
            0
        } else {
            position
        }
    }
}

/// The replicas of every range of a ring.
#[derive(Debug)]
pub(super) struct Table {
    ring: Arc<Ring>,
    /// Replicas of each range.
    width: usize,
    /// `width` nodes for each entry of the ring.
    nodes: Box<[u32]>,
}

impl Table {
    /// The replicas for `factor` copies, of which the first `full` are listed. `racks` has the rack of each node of the
    /// topology, as a number below `rack_count`.
    pub(super) fn new(ring: &Arc<Ring>, racks: &[u32], factor: usize, full: usize) -> Self {
        let mut walk = Walk::new(&ring.owners, racks);
        let width = factor.min(full).min(walk.node_count).min(MAX_LISTED);
        // From the end to the beginning, so that each step moves one node to the front; see `Walk`.
        let mut rows: Vec<u32> = Vec::with_capacity(width.saturating_mul(ring.owners.len()));
        for owner in ring.owners.iter().rev() {
            walk.move_to_front(*owner);
            walk.replicas(factor, width, &mut rows);
        }
        let nodes = match width {
            0 => Box::default(),
            width => rows.rchunks_exact(width).flatten().copied().collect(),
        };
        Self {
            ring: Arc::clone(ring),
            width,
            nodes,
        }
    }

    /// The replicas of `token` in the order of the ring, the owner of its range first.
    #[inline]
    pub(super) fn replicas(&self, token: &Token) -> &[u32] {
        let start = self.ring.position(token).checked_mul(self.width);
        start
            .and_then(|start| self.nodes.get(start..)?.get(..self.width))
            .unwrap_or_default()
    }
}

/// What a walk along the ring would meet, from the present position on: its nodes and its racks in the order in which
/// they come first.
///
/// One position further back the order is the same, only that the owner there comes before all others, and so does its
/// rack. So no walk is ever made: two lists are kept by moving one element to the front, and reading their beginnings
/// costs no more than there are replicas, however rare a rack is and however few nodes there are.
struct Walk<'a> {
    racks: &'a [u32],
    nodes: Recency,
    rack_order: Recency,
    /// The node that comes first of each rack.
    heads: Vec<u32>,
    node_count: usize,
    rack_count: usize,
    /// For each rack, the last walk that met it.
    met: Vec<usize>,
    walks: usize,
}

impl<'a> Walk<'a> {
    /// Stands at the beginning of the ring of these owners.
    fn new(owners: &[u32], racks: &'a [u32]) -> Self {
        let rack_numbers = racks
            .iter()
            .max()
            .map_or(0, |most| index(*most).saturating_add(1));
        let mut walk = Self {
            racks,
            nodes: Recency::new(racks.len()),
            rack_order: Recency::new(rack_numbers),
            heads: vec![0; rack_numbers],
            node_count: 0,
            rack_count: 0,
            met: vec![0; rack_numbers],
            walks: 0,
        };
        for owner in owners.iter().rev() {
            walk.move_to_front(*owner);
        }
        walk.node_count = walk.nodes.iter().count();
        walk.rack_count = walk.rack_order.iter().count();
        walk
    }

    fn rack(&self, node: u32) -> u32 {
        self.racks.get(index(node)).copied().unwrap_or_default()
    }

    fn move_to_front(&mut self, owner: u32) {
        let rack = self.rack(owner);
        self.nodes.move_to_front(owner);
        self.rack_order.move_to_front(rack);
        if let Some(head) = self.heads.get_mut(index(rack)) {
            *head = owner;
        }
    }

    /// Whether this walk has not met the rack before.
    fn is_new(&mut self, rack: u32) -> bool {
        let walks = self.walks;
        self.met
            .get_mut(index(rack))
            .is_some_and(|met| std::mem::replace(met, walks) != walks)
    }

    /// Appends the first `width` of `factor` replicas.
    ///
    /// A node is taken if its rack is new, or as one of as many as there must be more than one of a rack.
    fn replicas(&mut self, factor: usize, width: usize, out: &mut Vec<u32>) {
        self.walks = self.walks.saturating_add(1);
        let mut repeats = factor.saturating_sub(self.rack_count);
        let mut left = width;
        let mut nodes = self.nodes.first();
        while left > 0
            && repeats > 0
            && let Some(node) = nodes
        {
            if !self.is_new(self.rack(node)) {
                repeats = repeats.saturating_sub(1);
            }
            out.push(node);
            left = left.saturating_sub(1);
            nodes = self.nodes.after(node);
        }
        // From here on new racks alone.
        let mut racks = self.rack_order.first();
        while left > 0
            && let Some(rack) = racks
        {
            if self.is_new(rack) {
                out.push(self.heads.get(index(rack)).copied().unwrap_or_default());
                left = left.saturating_sub(1);
            }
            racks = self.rack_order.after(rack);
        }
    }
}

/// Numbers in the order of their last [`move_to_front`](Self::move_to_front): a doubly linked list in two arrays.
struct Recency {
    first: u32,
    next: Vec<u32>,
    previous: Vec<u32>,
}

/// No number.
const NONE: u32 = u32::MAX;

impl Recency {
    /// Empty, for numbers below `count`.
    fn new(count: usize) -> Self {
        Self {
            first: NONE,
            next: vec![NONE; count],
            previous: vec![NONE; count],
        }
    }

    fn first(&self) -> Option<u32> {
        (self.first != NONE).then_some(self.first)
    }

    fn after(&self, number: u32) -> Option<u32> {
        let next = self.next.get(index(number)).copied();
        next.filter(|next| *next != NONE)
    }

    fn iter(&self) -> impl Iterator<Item = u32> {
        std::iter::successors(self.first(), |number| self.after(*number))
    }

    fn move_to_front(&mut self, number: u32) {
        if self.first == number {
            return;
        }
        let at = |list: &[u32]| list.get(index(number)).copied().unwrap_or(NONE);
        let (next, previous) = (at(&self.next), at(&self.previous));
        set(&mut self.next, previous, next);
        set(&mut self.previous, next, previous);
        set(&mut self.previous, self.first, number);
        set(&mut self.next, number, self.first);
        set(&mut self.previous, number, NONE);
        self.first = number;
    }
}

/// Sets the link of `number`, if that is one.
fn set(list: &mut [u32], number: u32, link: u32) {
    if let Some(place) = list.get_mut(index(number)) {
        *place = link;
    }
}

/// A node's or rack's number as a position.
#[inline]
pub(super) fn index(number: u32) -> usize {
    // Nothing has that position, where a `usize` has 16 bits.
    usize::try_from(number).unwrap_or(usize::MAX)
}
