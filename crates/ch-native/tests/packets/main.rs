//! Every packet of both directions at every revision where something changed: it comes back, whole, in pieces and in
//! chunks; what a revision does not know is refused; what is cut is waited for.

mod chunks;
mod frames;
mod refusals;
mod revisions;
mod samples;
mod settings;
mod views;
