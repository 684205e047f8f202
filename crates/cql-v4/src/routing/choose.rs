//! Drawing one of several nodes.

use std::sync::Arc;

use super::{Node, Topology};

/// One of the nodes with these numbers that are usable: of two that are drawn, the one with fewer requests in flight.
///
/// Usually both are usable, and nobody looks at the others. If not, the next two that are, from the first one on.
#[inline]
pub(super) fn choose<'a>(
    topology: &'a Topology,
    numbers: &[u32],
    usable: impl Fn(&Node) -> bool,
) -> Option<&'a Arc<Node>> {
    let usable = |position: usize| {
        let node = topology.numbered(*numbers.get(position)?)?;
        usable(node).then_some(node)
    };
    let random = fastrand::u64(..);
    let count = numbers.len();
    let first = below(count, random);
    if count < 2 {
        return usable(first);
    }
    // Any position but the first one.
    let step = below(count.saturating_sub(1), random >> 16).saturating_add(1);
    let second = wrap(first.saturating_add(step), count);
    match (usable(first), usable(second)) {
        (Some(one), Some(other)) => Some(lighter(one, other)),
        _ => {
            let mut after =
                (0..count).filter_map(|ahead| usable(wrap(first.saturating_add(ahead), count)));
            let (one, other) = (after.next()?, after.next());
            // Drawn by lot, since whoever stands behind an unusable one would be the first more often.
            match other {
                Some(other) if random >> 63 == 0 => Some(lighter(other, one)),
                Some(other) => Some(lighter(one, other)),
                None => Some(one),
            }
        }
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
