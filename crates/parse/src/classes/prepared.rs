//! What the build script prepared from `rules/classes`: a start neither reads YAML nor builds
//! the automaton of words.
//!
//! With a customer's classes on top the patterns are others, and the automaton is built anew.

use regex_automata::dfa::dense::DFA;

use super::automaton::WordAutomaton;
use super::definition::ClassFile;
use super::regex::{LazyRegex, RegexFacts};

mod files {
    include!(concat!(env!("OUT_DIR"), "/class_files.rs"));
}

/// Names and texts of the files.
#[cfg(test)]
pub(super) use files::TEXTS;

/// Bytes placed as a serialized automaton wants them.
#[repr(C, align(4))]
struct Aligned<T: ?Sized>(T);

static WORDS: &Aligned<[u8]> = &Aligned(*include_bytes!(concat!(env!("OUT_DIR"), "/words.dfa")));

/// All built-in classes, without their examples.
pub(super) fn classes() -> Option<ClassFile> {
    serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/classes.json"))).ok()
}

/// The automaton of these patterns.
pub(super) fn words(sources: &[&str]) -> Result<WordAutomaton, String> {
    let known = if sources == files::WORDS { read(WORDS) } else { None };
    WordAutomaton::new(known.map_or_else(|| WordAutomaton::compile(sources), Ok)?)
}

/// Facts of a regular expression; the error is for the user.
pub(super) fn facts(source: &str) -> Result<RegexFacts, String> {
    let known = files::FACTS.binary_search_by(|(known, ..)| (*known).cmp(source)).ok();
    match known.and_then(|at| files::FACTS.get(at)) {
        Some(&(_, group_count, bytes_min)) => Ok(RegexFacts { groups: group_count > 0, group_count, bytes_min }),
        None => LazyRegex::facts(source),
    }
}

/// True when the expression is one of ours, which a test has compiled.
pub(super) fn is_ours(source: &str) -> bool {
    files::FACTS.binary_search_by(|(known, ..)| (*known).cmp(source)).is_ok()
}

/// A serialized automaton; checked as it is read.
fn read(bytes: &'static Aligned<[u8]>) -> Option<DFA<Vec<u32>>> {
    DFA::from_bytes(&bytes.0).ok().map(|(dfa, _)| dfa.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::Classifier;
    use super::*;

    #[test]
    fn the_built_in_classes_use_what_was_prepared() {
        let classifier = Classifier::builtin();
        assert!(!classifier.classes().is_empty());
        assert_eq!(classifier.word_patterns.len(), files::WORDS.len());
        assert!(read(WORDS).is_some());
        for (source, ..) in files::FACTS {
            assert!(!LazyRegex::too_large(source), "{source}");
        }
    }
}
