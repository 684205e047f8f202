//! Made by `cargo xtask codegen` from the files in `idl/`: do not edit, change those and run it again.

mod common;
mod operation;
mod query;
mod schema;
mod session;
mod statement;
mod write;

pub use common::*;
pub use operation::*;
pub use query::*;
pub use schema::*;
pub use session::*;
pub use statement::*;
pub use write::*;
