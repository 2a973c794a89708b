//! All literals that call a pattern, in one automaton: one pass over a text finds all of them, in any case.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use vedette_model::limits::CLASS_ANCHOR_BYTES_MAX;

/// The automaton.
pub(crate) struct Anchors(AhoCorasick);

/// A literal met in text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Which literal.
    pub(crate) literal: usize,
    /// First byte.
    pub(crate) start: usize,
    /// Past the last byte.
    pub(crate) end: usize,
}

impl std::fmt::Debug for Anchors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Anchors({} literals)", self.0.patterns_len())
    }
}

impl Anchors {
    /// Builds the automaton; the error is for the user. A full table takes some milliseconds of each start, and reads
    /// text a fifth faster than the contiguous automaton.
    pub(crate) fn new(literals: &[&str]) -> Result<Self, String> {
        let bytes: usize = literals.iter().map(|literal| literal.len()).sum();
        let kind = if bytes <= CLASS_ANCHOR_BYTES_MAX { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
        AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(kind))
            .build(literals)
            .map(Self)
            .map_err(|error| error.to_string())
    }

    /// Every literal in `text`, overlapping ones too.
    pub(crate) fn hits<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Hit> + 'a {
        self.0.find_overlapping_iter(text).map(|found| Hit {
            literal: found.pattern().as_usize(),
            start: found.start(),
            end: found.end(),
        })
    }
}
