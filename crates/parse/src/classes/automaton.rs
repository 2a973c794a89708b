//! All patterns that begin at the start of a word, in one automaton: one pass over a word tries all of them.

use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, MatchKind};
use smallvec::SmallVec;
use vedette_model::limits::{CLASS_PATTERN_BYTES_MAX, CLASS_WORD_BYTES_MAX};

/// Ends found for the patterns that match at one place, shortest first.
pub(crate) type Ends = SmallVec<[(u16, usize); 16]>;

/// Ends of one place that are kept; a phone number has one for every digit from the seventh.
const ENDS_MAX: usize = 48;

/// An anchored dense DFA over many patterns.
pub(crate) struct WordAutomaton {
    dfa: dense::DFA<Vec<u32>>,
    start: StateID,
    first: [bool; 256],
}

impl std::fmt::Debug for WordAutomaton {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WordAutomaton({} bytes)", self.dfa.memory_usage())
    }
}

/// How patterns are read: over bytes, so that hostile text needs no care.
pub(crate) fn syntax() -> syntax::Config {
    syntax::Config::new().unicode(false).utf8(false)
}

impl WordAutomaton {
    /// Compiles patterns; the error is the library's text (too large, or a feature that a DFA has not).
    pub(crate) fn compile(patterns: &[&str]) -> Result<dense::DFA<Vec<u32>>, String> {
        let config = dense::Config::new()
            .start_kind(StartKind::Anchored)
            .match_kind(MatchKind::All)
            .dfa_size_limit(Some(4 * CLASS_PATTERN_BYTES_MAX))
            .determinize_size_limit(Some(16 * CLASS_PATTERN_BYTES_MAX));
        let nfa = thompson::Config::new().utf8(false).nfa_size_limit(Some(CLASS_PATTERN_BYTES_MAX)).shrink(false);
        let dfa = dense::Builder::new().configure(config).thompson(nfa).syntax(syntax()).build_many(patterns);
        dfa.map_err(|error| error.to_string())
    }

    /// Makes compiled patterns ready.
    pub(crate) fn new(dfa: dense::DFA<Vec<u32>>) -> Result<Self, String> {
        let start =
            dfa.start_state(&start::Config::new().anchored(Anchored::Yes)).map_err(|error| error.to_string())?;
        let mut first = [false; 256];
        for (byte, live) in (0_u8..=255).zip(first.iter_mut()) {
            *live = !dfa.is_dead_state(dfa.next_state(start, byte));
        }
        Ok(Self { dfa, start, first })
    }

    /// True when some pattern can begin with this byte.
    #[inline]
    pub(crate) fn can_begin(&self, byte: u8) -> bool {
        self.first.get(usize::from(byte)).copied().unwrap_or_default()
    }

    /// Adds every end of every pattern that matches at the start of `bytes`.
    #[inline]
    pub(crate) fn ends(&self, bytes: &[u8], ends: &mut Ends) {
        let mut state = self.start;
        let capped = bytes.get(..CLASS_WORD_BYTES_MAX.min(bytes.len())).unwrap_or_default();
        for (i, &byte) in capped.iter().enumerate() {
            state = self.dfa.next_state(state, byte);
            if self.dfa.is_special_state(state) {
                if self.dfa.is_match_state(state) {
                    self.collect(state, i, ends);
                } else if self.dfa.is_dead_state(state) || self.dfa.is_quit_state(state) {
                    return;
                }
            }
        }
        let last = match bytes.get(capped.len()) {
            Some(byte) => self.dfa.next_state(state, *byte),
            None => self.dfa.next_eoi_state(state),
        };
        if self.dfa.is_match_state(last) {
            self.collect(last, capped.len(), ends);
        }
    }

    #[inline]
    fn collect(&self, state: StateID, end: usize, ends: &mut Ends) {
        for i in 0..self.dfa.match_len(state) {
            if ends.len() < ENDS_MAX {
                ends.push((self.dfa.match_pattern(state, i).as_usize() as u16, end));
            }
        }
    }
}
