//! HAR 1.2 entries with Vedette's underscore extensions (DESIGN section 3).

use vedette_model::Exchange;

use crate::decode::Unreadable;

/// Reads one HAR entry.
pub fn entry(_record: &str) -> Result<Exchange<'_>, Unreadable> {
    Err(Unreadable { reason: "not built yet" })
}
