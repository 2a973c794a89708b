//! What is learned of protocols inside HTTP: calls behind one path as endpoints of their own, and facts that HTTP has
//! no word for. All of it is mergeable and bounded (invariant 3).
//!
//! A named call lands in the [`CallSet`] of its HTTP endpoint, so that templates and shards merge it along. The HTTP
//! endpoint itself then counts nothing: an exchange that was told apart is in the inventory under its calls, and the
//! path is listed only for what was not. An exchange with several calls counts at each of them, once in the totals.

mod calls;
mod facts;

pub(crate) use calls::{CallSet, OTHER, is_persisted, shown_hash};
pub(crate) use facts::ProtocolSummary;

use std::borrow::Cow;

use vedette_model::Side;
use vedette_parse::protocol::{Call, Part};

/// The documents that a call has on one side; `None` leaves the body to its media type.
pub(crate) fn documents<'c>(call: Option<&'c Call<'_>>, side: Side) -> Option<&'c [Cow<'c, [u8]>]> {
    let part = match side {
        Side::Request => &call?.request,
        Side::Response => &call?.response,
    };
    match part {
        Part::Whole => None,
        Part::Documents(all) => Some(all),
    }
}
