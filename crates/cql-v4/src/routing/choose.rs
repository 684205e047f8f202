//! Drawing one of several nodes.

use std::sync::Arc;

use super::{Node, Topology};

/// One of the nodes with these numbers that are usable: of two that are drawn, the one with fewer requests in flight.
///
/// Usually both are usable, and nobody looks at the others.
#[inline]
pub(super) fn choose<'a>(
    topology: &'a Topology,
    numbers: &[u32],
    usable: impl Fn(&Node) -> bool,
) -> Option<&'a Arc<Node>> {
    let usable = |number: &u32| {
        let node = topology.numbered(*number)?;
        usable(node).then_some(node)
    };
    let count = numbers.len();
    if count < 2 {
        return numbers.first().and_then(usable);
    }
    let random = fastrand::u64(..);
    let first = below(count, random);
    // Any position but the first one.
    let step = below(count.saturating_sub(1), random >> 16).saturating_add(1);
    let second = wrap(first.saturating_add(step), count);
    let drawn = |position: usize| numbers.get(position).and_then(usable);
    match (drawn(first), drawn(second)) {
        (Some(one), Some(other)) => Some(lighter(one, other)),
        _ => draw_among(numbers.iter().filter_map(usable)),
    }
}

/// The same among nodes that are usable, however many there are: each pair is as likely as the others. Taking whoever
/// stands behind one that is not usable would give them the share of both.
fn draw_among<'a>(nodes: impl Iterator<Item = &'a Arc<Node>>) -> Option<&'a Arc<Node>> {
    let (mut one, mut other) = (None, None);
    for (before, node) in nodes.enumerate() {
        // The first two in either order, and each later one instead of one of them as often as is its due.
        match fastrand::usize(..=before.max(1)) {
            0 => {
                let replaced = one.replace(node);
                if before == 1 {
                    other = replaced;
                }
            }
            1 if before == 0 => one = Some(node),
            1 => other = Some(node),
            _ => {}
        }
    }
    match (one, other) {
        (Some(one), Some(other)) => Some(lighter(one, other)),
        (one, other) => one.or(other),
    }
}

/// A number below `count`, from 16 random bits; below 65,536, as there are fewer nodes.
#[inline]
fn below(count: usize, random: u64) -> usize {
    let bits = usize::try_from(random & 0xffff).unwrap_or_default();
    bits.wrapping_mul(count) >> 16
}

/// A position that may be past the end, at most by the whole length.
#[inline]
fn wrap(position: usize, count: usize) -> usize {
    position.checked_sub(count).unwrap_or(position)
}

/// The one with fewer requests in flight; the first if they are equal.
#[inline]
fn lighter<'a>(first: &'a Arc<Node>, second: &'a Arc<Node>) -> &'a Arc<Node> {
    if second.in_flight() < first.in_flight() {
        second
    } else {
        first
    }
}
