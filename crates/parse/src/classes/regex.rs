//! Regular expressions of anchored patterns.

use std::sync::OnceLock;

use regex_automata::meta;
use vedette_model::limits::CLASS_PATTERN_BYTES_MAX;

use super::automaton::syntax;

/// A regular expression that is compiled when its anchor is met first: most runs never meet most vendors.
pub(crate) struct LazyRegex {
    source: String,
    pub(crate) groups: bool,
    /// The group that is the match; the first that takes part when absent.
    pub(crate) group: Option<usize>,
    compiled: OnceLock<Option<meta::Regex>>,
}

impl std::fmt::Debug for LazyRegex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.source)
    }
}

impl LazyRegex {
    /// Checks an expression and learns what the engine needs to know of it; the error is for the user.
    pub(crate) fn facts(source: &str) -> Result<RegexFacts, String> {
        regex_syntax_of(source)
    }

    /// True when an expression cannot be compiled within the bounds.
    pub(crate) fn too_large(source: &str) -> bool {
        compile_regex(source).is_err()
    }

    /// An expression that was checked.
    pub(crate) fn new(source: &str, groups: bool, group: Option<usize>) -> Self {
        Self { source: source.to_owned(), groups, group, compiled: OnceLock::new() }
    }

    /// The compiled expression; `None` when it is too large, which loading a file has ruled out.
    pub(crate) fn get(&self) -> Option<&meta::Regex> {
        self.compiled.get_or_init(|| compile_regex(&self.source).ok()).as_ref()
    }
}

/// Compiles an expression within the bounds of a class; what is wrong with it otherwise.
pub(crate) fn compile_regex(source: &str) -> Result<meta::Regex, String> {
    meta::Regex::builder()
        .configure(meta::Config::new().utf8_empty(false).nfa_size_limit(Some(CLASS_PATTERN_BYTES_MAX)))
        .syntax(syntax())
        .build(source)
        .map_err(|error| error.syntax_error().map_or_else(|| error.to_string(), |error| last_line(&error.to_string())))
}

pub(crate) fn last_line(text: &str) -> String {
    text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

/// What the engine needs to know of an expression.
pub(crate) struct RegexFacts {
    /// It has groups, and the first that takes part is the match.
    pub(crate) groups: bool,
    /// How many groups.
    pub(crate) group_count: usize,
    /// Bytes that every match has at least.
    pub(crate) bytes_min: usize,
}

fn regex_syntax_of(source: &str) -> Result<RegexFacts, String> {
    let hir =
        regex_automata::util::syntax::parse_with(source, &syntax()).map_err(|error| last_line(&error.to_string()))?;
    let properties = hir.properties();
    let group_count = properties.explicit_captures_len();
    Ok(RegexFacts { groups: group_count > 0, group_count, bytes_min: properties.minimum_len().unwrap_or(0) })
}
