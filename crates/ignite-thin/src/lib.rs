//! ignite-thin
