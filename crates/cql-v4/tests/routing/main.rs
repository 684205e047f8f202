//! Where partitions lie, and which node is asked.

mod placement;
mod policy;
mod tokens;
