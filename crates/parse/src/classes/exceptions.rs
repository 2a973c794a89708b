//! What a match of a pattern must be beside its form: random enough, and none of the exceptions.

use aho_corasick::AhoCorasick;
use regex_automata::meta;
use serde_saphyr::Spanned;
use vedette_model::limits::{CLASS_EXCEPTIONS_MAX, CLASS_PATTERN_BYTES_MAX};

use super::automaton::syntax;
use super::definition::PatternDefinition;
use super::entropy::bits_per_byte;
use super::regex::last_line;

/// The conditions of one pattern.
#[derive(Debug, Default)]
pub(crate) struct Exceptions {
    entropy_min: f32,
    regexes: Option<meta::Regex>,
    words: Option<AhoCorasick>,
}

impl Exceptions {
    /// The conditions of a definition; nothing when it has none. The error is for the user.
    pub(crate) fn of(pattern: &PatternDefinition) -> Result<Option<Box<Self>>, String> {
        let entropy_min = pattern.entropy.as_ref().map_or(0.0, |entropy| entropy.value);
        Self::new(entropy_min, &pattern.except, &pattern.except_words)
    }

    /// Conditions of their own; nothing when there are none.
    pub(crate) fn new(
        entropy_min: f32,
        regexes: &[Spanned<String>],
        words: &[String],
    ) -> Result<Option<Box<Self>>, String> {
        if entropy_min <= 0.0 && regexes.is_empty() && words.is_empty() {
            return Ok(None);
        }
        if regexes.len() + words.len() > CLASS_EXCEPTIONS_MAX {
            return Err(format!("more than {CLASS_EXCEPTIONS_MAX} exceptions"));
        }
        let sources: Vec<&str> = regexes.iter().map(|regex| regex.value.as_str()).collect();
        let regexes = if sources.is_empty() { None } else { Some(compile(&sources)?) };
        let words = if words.is_empty() {
            None
        } else {
            let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(words);
            Some(automaton.map_err(|error| error.to_string())?)
        };
        Ok(Some(Box::new(Self { entropy_min, regexes, words })))
    }

    /// False when the match is too plain or is an exception.
    pub(crate) fn allow(&self, matched: &str) -> bool {
        bits_per_byte(matched) >= self.entropy_min
            && !self.words.as_ref().is_some_and(|words| words.is_match(matched))
            && !self.regexes.as_ref().is_some_and(|regexes| regexes.is_match(matched))
    }
}

fn compile(sources: &[&str]) -> Result<meta::Regex, String> {
    let config = meta::Config::new().utf8_empty(false).nfa_size_limit(Some(CLASS_PATTERN_BYTES_MAX));
    let built = meta::Regex::builder().configure(config).syntax(syntax()).build_many(sources);
    built.map_err(|error| error.syntax_error().map_or_else(|| error.to_string(), |error| last_line(&error.to_string())))
}
