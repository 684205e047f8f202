//! Extensions of the protocol that ScyllaDB offers in SUPPORTED (its `docs/dev/protocol-extensions.md`). A client takes
//! them up by naming them in STARTUP.

use crate::codec::{Dialect, Version};
use crate::message::{Startup, Supported};

const LWT_MARK: &str = "SCYLLA_LWT_ADD_METADATA_MARK";
const LWT_MASK: &str = "LWT_OPTIMIZATION_META_BIT_MASK";
const RATE_LIMIT: &str = "SCYLLA_RATE_LIMIT_ERROR";
const RATE_LIMIT_CODE: &str = "ERROR_CODE";
const RESULT_METADATA_ID: &str = "SCYLLA_USE_METADATA_ID";
const TABLETS: &str = "TABLETS_ROUTING_V1";

/// Extensions that both sides have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Extensions {
    /// Bits of the metadata flags that mark a conditional statement.
    pub lwt_mark: Option<u32>,
    /// Code of the error of a rate limit.
    pub rate_limit_code: Option<i32>,
    /// Ids of result metadata, as protocol v5 has them.
    pub result_metadata_ids: bool,
    /// Answers that came from the wrong place tell the right one.
    pub tablets: bool,
}

impl Extensions {
    /// Those of the server's offer that are known here, and whose parameters can be read.
    pub(super) fn of(supported: &Supported) -> Self {
        Self {
            lwt_mark: supported
                .parameter(LWT_MARK, LWT_MASK)
                .and_then(|mask| mask.parse().ok())
                .filter(|mask| *mask != 0),
            rate_limit_code: supported
                .parameter(RATE_LIMIT, RATE_LIMIT_CODE)
                .and_then(|code| code.parse().ok()),
            result_metadata_ids: supported.has_key(RESULT_METADATA_ID),
            tablets: supported.has_key(TABLETS),
        }
    }

    /// Takes them up.
    pub(super) fn put(&self, startup: &mut Startup) {
        if let Some(mask) = self.lwt_mark {
            startup.set(LWT_MARK, format!("{LWT_MASK}={mask}"));
        }
        if self.rate_limit_code.is_some() {
            startup.set(RATE_LIMIT, "");
        }
        if self.result_metadata_ids {
            startup.set(RESULT_METADATA_ID, "");
        }
        if self.tablets {
            startup.set(TABLETS, "");
        }
    }

    /// The version with what these change of its layouts.
    pub(super) fn dialect(&self, version: Version) -> Dialect {
        let mut dialect = Dialect::new(version);
        if let Some(mask) = self.lwt_mark {
            dialect = dialect.with_lwt_mark(mask);
        }
        if let Some(code) = self.rate_limit_code {
            dialect = dialect.with_rate_limit_code(code);
        }
        if self.result_metadata_ids {
            dialect = dialect.with_result_metadata_ids();
        }
        dialect
    }
}
