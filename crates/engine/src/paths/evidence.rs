//! What speaks for and against a word of a path being a parameter, as a sum of log-odds.
//!
//! No single sign decides. A value that the API itself returned under an identifying field, above all in the answer
//! of the collection right before it, is nearly proof; shape, spread, siblings that behave alike and REST habits add
//! to it; reserved words and places where APIs put sub-resources speak against.

use super::shape::{is_version, word_idness};
use super::words::is_reserved;

/// What is known of one word at one place.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a sign of its own; states would hide that")]
pub(crate) struct Evidence {
    /// The word, decoded.
    pub(crate) word: String,
    /// Identifying field whose values include the word, when any.
    pub(crate) field: Option<String>,
    /// How much that field's values identify, 0 to 1.
    pub(crate) field_weight: f64,
    /// Siblings, this one included, that the same field explains.
    pub(crate) explained_siblings: usize,
    /// Exchanges that echoed the word in an identifying field, over those that could.
    pub(crate) echo_share: f64,
    /// Exchanges about it that could have echoed it.
    pub(crate) chances_at_end: u32,
    /// The collection right before it had returned it.
    pub(crate) listed: bool,
    /// The segment before is a plural noun.
    pub(crate) after_plural: bool,
    /// The segment before is the root, a version, or `api`.
    pub(crate) after_prefix: bool,
    /// The segment before is a parameter.
    pub(crate) after_parameter: bool,
    /// Parent answers GET or POST itself while this one takes PUT, PATCH or DELETE.
    pub(crate) item_methods: bool,
    /// Siblings whose subtree and responses agree with this one's.
    pub(crate) alike: usize,
    /// Siblings that have a large subtree in common with it.
    pub(crate) twins: usize,
    /// Words beside it.
    pub(crate) siblings: usize,
    /// Those of them, this one included, that do not read like names from code.
    pub(crate) free_siblings: usize,
    /// A child of a strong shape stands beside it.
    pub(crate) typed_sibling: bool,
    /// Other places of the service where the word stands, by distinct word before it.
    pub(crate) elsewhere: usize,
    /// The word is itself a plural noun, as collections are.
    pub(crate) plural: bool,
    /// It has a subtree of its own with words no sibling has.
    pub(crate) own_subtree: bool,
}

/// Log-odds of each sign. Chosen from what the sign means, checked on generated and recorded traffic.
pub(crate) mod weights {
    /// Before any evidence a word is a name of the API.
    pub(crate) const PRIOR: f64 = -2.6;
    pub(crate) const RESERVED: f64 = -3.0;
    pub(crate) const EXPLAINED: f64 = 1.4;
    pub(crate) const EXPLAINED_PER_DOUBLING: f64 = 0.9;
    pub(crate) const EXPLAINED_MAX: f64 = 2.7;
    pub(crate) const LISTED: f64 = 2.2;
    pub(crate) const ECHOED: f64 = 2.4;
    pub(crate) const NEVER_ECHOED_PER_DOUBLING: f64 = -0.4;
    pub(crate) const NEVER_ECHOED_MAX: f64 = -2.0;
    pub(crate) const PLURAL: f64 = -0.8;
    pub(crate) const AFTER_PLURAL: f64 = 1.1;
    pub(crate) const AFTER_PREFIX: f64 = -2.0;
    pub(crate) const AFTER_PARAMETER: f64 = -1.6;
    pub(crate) const ITEM_METHODS: f64 = 0.9;
    pub(crate) const ALIKE_PER_DOUBLING: f64 = 0.8;
    pub(crate) const ALIKE_MAX: f64 = 3.2;
    pub(crate) const TWIN: f64 = 2.0;
    pub(crate) const ALL_TWINS: f64 = 3.0;
    pub(crate) const ESTABLISHED_PER_DOUBLING: f64 = 0.9;
    pub(crate) const ESTABLISHED_MAX: f64 = 4.0;
    pub(crate) const SPREAD_PER_DOUBLING: f64 = 0.6;
    pub(crate) const SPREAD_MAX: f64 = 3.0;
    pub(crate) const BESIDE_TYPED: f64 = -1.2;
    pub(crate) const ELSEWHERE: f64 = -0.7;
    pub(crate) const OWN_SUBTREE: f64 = -0.8;
}

/// Words beside each other before their number speaks.
const SPREAD_FROM: f64 = 6.0;

impl Evidence {
    /// Log-odds that the word is a parameter's value.
    pub(crate) fn log_odds(&self) -> f64 {
        use weights as w;
        if is_version(&self.word) {
            return -6.0;
        }
        let mut score = w::PRIOR + word_idness(&self.word);
        score += if is_reserved(&self.word) { w::RESERVED } else { 0.0 };
        if self.field.is_some() {
            // One field that explains most siblings is no coincidence.
            let together = (w::EXPLAINED_PER_DOUBLING * (self.explained_siblings as f64).log2()).min(w::EXPLAINED_MAX);
            score += self.field_weight * (w::EXPLAINED + together * self.explained_share());
        }
        score += if self.listed { w::LISTED } else { 0.0 };
        if self.echo_share > 0.0 {
            score += w::ECHOED * self.echo_share.sqrt();
        } else {
            let missed = f64::from(self.chances_at_end);
            score += (w::NEVER_ECHOED_PER_DOUBLING * (1.0 + missed).log2()).max(w::NEVER_ECHOED_MAX);
        }
        score += if self.after_plural { w::AFTER_PLURAL } else { 0.0 };
        score += if self.after_prefix { w::AFTER_PREFIX } else { 0.0 };
        score += if self.after_parameter { w::AFTER_PARAMETER } else { 0.0 };
        score += if self.item_methods { w::ITEM_METHODS } else { 0.0 };
        let agreement = self.alike as f64 / self.siblings.saturating_sub(1).max(1) as f64;
        let alike = (w::ALIKE_PER_DOUBLING * (1.0 + self.alike as f64).log2()).min(w::ALIKE_MAX);
        score += alike * (0.3 + 0.7 * agreement.min(1.0));
        score += if self.plural { w::PLURAL } else { 0.0 };
        score += if self.twins > 0 { w::TWIN } else { 0.0 };
        score += if self.twins > 0 && self.twins + 1 >= self.siblings { w::ALL_TWINS } else { 0.0 };
        score += (w::SPREAD_PER_DOUBLING * (self.free_siblings as f64 / SPREAD_FROM).log2()).clamp(0.0, w::SPREAD_MAX);
        score += if self.typed_sibling { w::BESIDE_TYPED } else { 0.0 };
        if self.field.is_none() {
            // Where siblings behave alike, a word elsewhere is the same value used again.
            let agreement = if self.siblings as f64 >= SPREAD_FROM { agreement.min(1.0) } else { 0.0 };
            score += w::ELSEWHERE * self.elsewhere.min(3) as f64 * (1.0 - agreement);
        }
        score += if self.own_subtree && self.explained_share() < 0.5 { w::OWN_SUBTREE } else { 0.0 };
        score
    }

    /// True of a word that may be a value as well as a name.
    pub(crate) fn is_free(word: &str) -> bool {
        word_idness(word) >= 0.0 && !is_reserved(word)
    }

    /// Share of the siblings that the same field explains.
    fn explained_share(&self) -> f64 {
        self.explained_siblings as f64 / self.siblings.max(1) as f64
    }
}
