//! What there is to say of each business function, as data: a row each.

use super::losses::Loss;

mod access;
mod content;
mod money;

/// One business function.
pub(super) struct About {
    /// As [`crate::functions`] names it.
    pub(super) id: &'static str,
    /// In a few words.
    pub(super) title: &'static str,
    /// What its calls are called (`payment` calls).
    pub(super) deed: &'static str,
    /// What could be lost; data classes that its endpoints hold come by themselves.
    pub(super) losses: &'static [Loss],
    /// Kinds of detection that speak of it, the most telling first. Some have no detector yet: that is said.
    pub(super) kinds: &'static [&'static str],
    /// If a user is compromised.
    pub(super) user: &'static str,
    /// If a client or its key is compromised.
    pub(super) client: &'static str,
    /// If somebody of the staff is compromised.
    pub(super) staff: &'static str,
    /// What traffic does not show, whatever it is.
    pub(super) beyond: &'static str,
}

/// Every business function whose abuse costs somebody something. Functions that are not here (health, docs, metrics)
/// have no case.
pub(super) fn all() -> impl Iterator<Item = &'static About> {
    access::FUNCTIONS.iter().chain(money::FUNCTIONS).chain(content::FUNCTIONS)
}

/// The row of a function.
pub(super) fn find(id: &str) -> Option<&'static About> {
    all().find(|about| about.id == id)
}
