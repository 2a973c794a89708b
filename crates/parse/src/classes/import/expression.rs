//! From other engines' regular expressions to ours, and how such an expression is found in text.

use regex_syntax::hir::literal::{ExtractKind, Extractor, Seq};
use regex_syntax::hir::{Hir, HirKind};
use vedette_model::limits::{CLASS_IMPORT_WORDS_MAX, CLASS_PATTERN_INSIDE_MAX, CLASS_WORD_BYTES_MAX};

use super::super::automaton::WordAutomaton;
use super::super::regex::{LazyRegex, last_line};

/// Shortest literal that calls a pattern: two letters are in every second word.
const ANCHOR_BYTES_MIN: usize = 3;

/// Literals that may call one pattern.
const ANCHORS_MAX: usize = 64;

/// An expression as a pattern of ours takes it.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Expression {
    pub(crate) regex: String,
    /// Literals that call it; without any it is tried at the start of every word.
    pub(crate) anchors: Vec<String>,
    /// Bytes before an anchor at which a match may begin.
    pub(crate) inside: usize,
    /// What differs from the original, for the user.
    pub(crate) remark: Option<String>,
}

/// Whether groups mean something where the expression comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Groups {
    /// A group is the match.
    Kept,
    /// The whole is the match, groups only bind.
    Dropped,
}

impl Expression {
    /// As [`Self::read`], but alternatives that are found better one by one become expressions of their own.
    pub(crate) fn read_all(source: &str, flags: &str, groups: Groups, words: &[String]) -> Result<Vec<Self>, String> {
        let whole = Self::read(source, flags, groups, words);
        if matches!(&whole, Ok(expression) if expression.remark.is_none()) {
            return whole.map(|expression| vec![expression]);
        }
        let branches = branches(source);
        if branches.len() > 1 {
            let read: Result<Vec<Self>, String> =
                branches.iter().map(|branch| Self::read(branch, flags, groups, words)).collect();
            if let Ok(read) = read.map_err(drop).and_then(|read| whole_only(read).ok_or(())) {
                return Ok(read);
            }
        }
        whole.map(|expression| vec![expression])
    }

    /// Reads an expression of RE2, Python or Boost. `words` stand near or in each match, and are tried as anchors.
    ///
    /// # Errors
    /// A reason for the user: look-around and back references are what most of them have and ours have not.
    pub(crate) fn read(source: &str, flags: &str, groups: Groups, words: &[String]) -> Result<Self, String> {
        let mut regex = adapt(source, groups);
        if groups == Groups::Dropped {
            regex = String::from(trim_boundaries(&regex));
        }
        if !flags.is_empty() {
            regex = format!("(?{flags}){regex}");
        }
        let mut parser = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build();
        let hir = parser.parse(&regex).map_err(|error| reason(&regex, &error.to_string()))?;
        if hir.properties().minimum_len().unwrap_or(0) == 0 {
            return Err("it matches nothing at all, too".to_owned());
        }
        let bytes_max = hir.properties().maximum_len();
        let short = bytes_max.is_some_and(|max| max <= CLASS_WORD_BYTES_MAX);
        let has_groups = hir.properties().explicit_captures_len() > 0;
        if short && !has_groups && words.is_empty() && WordAutomaton::compile(&[regex.as_str()]).is_ok() {
            return Ok(Self { regex, ..Self::default() });
        }
        if let Some((anchors, inside)) = anchors(&hir, words) {
            if LazyRegex::too_large(&regex) {
                return Err("it repeats too much to be compiled within the bounds".to_owned());
            }
            return Ok(Self { regex, anchors, inside, remark: None });
        }
        let regex = if has_groups { adapt(&regex, Groups::Dropped) } else { regex };
        if WordAutomaton::compile(&[regex.as_str()]).is_err() {
            return Err("it has no literal to find it by, and is too large to be tried at every word".to_owned());
        }
        let cut = format!(
            "matches of more than {CLASS_WORD_BYTES_MAX} bytes are not found: it has no literal to find them by"
        );
        let mut remark = (!short).then_some(cut);
        if has_groups {
            remark = Some("the whole match counts, not its group: it has no literal to find it by".to_owned());
        }
        Ok(Self { regex, remark, ..Self::default() })
    }
}

impl Expression {
    /// How many groups it has that may be the match; none when it is tried at every word.
    pub(crate) fn group_count(&self) -> usize {
        LazyRegex::facts(&self.regex).map_or(0, |facts| facts.group_count)
    }

    /// One of some words, each a literal that calls it.
    pub(crate) fn words(words: &[String], ignore_case: bool) -> Result<Self, String> {
        let used = words.get(..CLASS_IMPORT_WORDS_MAX.min(words.len())).unwrap_or_default();
        // The first alternative that fits counts, so the longest come first.
        let mut by_length: Vec<&String> = used.iter().collect();
        by_length.sort_by_key(|word| std::cmp::Reverse(word.len()));
        let escaped: Vec<String> = by_length.iter().map(|word| regex_syntax::escape(word)).collect();
        if escaped.is_empty() {
            return Err("its list of words is empty".to_owned());
        }
        let regex = format!("{}(?:{})", if ignore_case { "(?i)" } else { "" }, escaped.join("|"));
        if LazyRegex::too_large(&regex) {
            return Err("its list of words is too long".to_owned());
        }
        let remark = (used.len() < words.len())
            .then(|| format!("of {} words the first {CLASS_IMPORT_WORDS_MAX} are looked for", words.len()));
        Ok(Self { regex, anchors: used.to_vec(), inside: 0, remark })
    }
}

/// The expressions when none of them needs a remark.
fn whole_only(read: Vec<Expression>) -> Option<Vec<Expression>> {
    read.iter().all(|expression| expression.remark.is_none()).then_some(read)
}

/// The alternatives of the whole expression; flags before the first are for all.
fn branches(source: &str) -> Vec<String> {
    let flags = source.strip_prefix("(?").and_then(|rest| {
        let len = rest.bytes().take_while(|byte| byte.is_ascii_lowercase() || *byte == b'-').count();
        rest.get(len..)?.starts_with(')').then(|| source.get(..len + 3)).flatten()
    });
    let flags = flags.unwrap_or_default();
    let (mut branches, mut depth, mut in_class, mut escaped) = (vec![flags.to_owned()], 0_usize, false, false);
    for c in source.get(flags.len()..).unwrap_or_default().chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => depth = depth.saturating_sub(1),
            '|' if !in_class && depth == 0 => {
                branches.push(flags.to_owned());
                continue;
            }
            _ => {}
        }
        if let Some(last) = branches.last_mut() {
            last.push(c);
        }
    }
    branches
}

impl Expression {
    /// An expression that a match must not contain; `None` when it cannot be read.
    pub(crate) fn exception(source: &str) -> Option<String> {
        let regex = adapt(source, Groups::Kept);
        (!LazyRegex::too_large(&regex)).then_some(regex)
    }
}

fn reason(regex: &str, error: &str) -> String {
    let told = last_line(error);
    match () {
        () if regex.contains("(?<=") || regex.contains("(?<!") || regex.contains("(?=") || regex.contains("(?!") => {
            "look-around has no counterpart".to_owned()
        }
        () if told.contains("backreference") => "back references have no counterpart".to_owned(),
        () if told.contains("nicode") => format!("characters are matched as bytes: {told}"),
        () => format!("not a regular expression: {told}"),
    }
}

/// Writes what other dialects leave bare as ours wants it: `{` that repeats nothing, `[` and doubled signs within a
/// class, `\Z`, escaped letters that need none.
fn adapt(source: &str, groups: Groups) -> String {
    let mut out = String::with_capacity(source.len() + 16);
    let mut rest = source;
    let mut in_class = false;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        let (text, used): (&str, usize) = match c {
            '\\' => escape(rest),
            '[' if in_class && named_class(rest).is_some() => {
                let len = named_class(rest).unwrap_or(1);
                (rest.get(..len).unwrap_or("["), len)
            }
            '[' if in_class => ("\\[", 1),
            '[' => {
                in_class = true;
                // A bracket that closes at once is itself meant.
                match after {
                    after if after.starts_with("^]") => ("[^\\]", 3),
                    after if after.starts_with(']') => ("[\\]", 2),
                    after if after.starts_with('^') => ("[^", 2),
                    _ => ("[", 1),
                }
            }
            ']' if in_class => {
                in_class = false;
                ("]", 1)
            }
            '&' | '~' if in_class => (if c == '&' { "\\&" } else { "\\~" }, 1),
            '-' if in_class && after.starts_with('-') => ("\\-", 1),
            '{' if !in_class && !is_repetition(rest) => ("\\{", 1),
            '(' if !in_class && groups == Groups::Dropped => group(rest),
            _ => (rest.get(..c.len_utf8()).unwrap_or_default(), c.len_utf8()),
        };
        out.push_str(text);
        rest = rest.get(used..).unwrap_or_default();
    }
    out
}

/// What an escape becomes, with the bytes that it took.
fn escape(rest: &str) -> (&str, usize) {
    let Some(c) = rest.chars().nth(1) else { return ("\\\\", 1) };
    let len = 1 + c.len_utf8();
    match c {
        'Z' => ("\\z", len),
        'e' => ("\\x1B", len),
        '<' => ("<", len),
        '>' => (">", len),
        '_' => ("_", len),
        // `\p{Greek}`, `\x{41}`: the braces belong to it.
        'p' | 'P' | 'x' | 'u' | 'U' if rest.get(len..).is_some_and(|after| after.starts_with('{')) => {
            let whole = rest.find('}').map_or(len, |end| end + 1);
            (rest.get(..whole).unwrap_or_default(), whole)
        }
        _ => (rest.get(..len).unwrap_or_default(), len),
    }
}

/// Length of `[:alpha:]` at the start.
fn named_class(rest: &str) -> Option<usize> {
    let name = rest.strip_prefix("[:")?;
    let len = name.bytes().take_while(|byte| byte.is_ascii_lowercase() || *byte == b'^').count();
    name.get(len..)?.starts_with(":]").then_some(len + 4)
}

/// `{3}`, `{3,}` or `{3,5}` at the start.
fn is_repetition(rest: &str) -> bool {
    let body = rest.get(1..).unwrap_or_default();
    let Some((body, _)) = body.split_once('}') else { return false };
    let (from, to) = body.split_once(',').unwrap_or((body, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !from.is_empty() && digits(from) && digits(to)
}

/// An opening parenthesis that captures nothing.
fn group(rest: &str) -> (&'static str, usize) {
    for open in ["(?P<", "(?<"] {
        if let Some(name) = rest.strip_prefix(open)
            && !name.starts_with(['=', '!'])
            && let Some(end) = name.find('>')
        {
            return ("(?:", open.len() + end + 1);
        }
    }
    if rest.starts_with("(?") { ("(", 1) } else { ("(?:", 1) }
}

/// Takes off what says where words begin and end: ours see to it themselves, and a space would be part of the match.
fn trim_boundaries(regex: &str) -> &str {
    const EDGES: &[&str] = &[
        "(?:\\s|^)",
        "(?:^|\\s)",
        "(?:\\s)",
        "(?:\\s|$)",
        "(?:$|\\s)",
        "(?:\\b)",
        "(?:^)",
        "(?:$)",
        "\\b",
        "\\s",
        "^",
        "$",
    ];
    let mut regex = regex;
    while let Some(cut) = EDGES.iter().find_map(|edge| regex.strip_prefix(edge)) {
        // `\s*` is no edge but a repetition.
        if cut.starts_with(['*', '+', '?', '{']) {
            break;
        }
        regex = cut;
    }
    while let Some(cut) = EDGES.iter().find_map(|edge| regex.strip_suffix(edge)) {
        if cut.ends_with('\\') {
            break;
        }
        regex = cut;
    }
    regex
}

/// Literals that are in every match, and how far from its start at most.
fn anchors(hir: &Hir, words: &[String]) -> Option<(Vec<String>, usize)> {
    let parts = parts(hir);
    let words: Vec<String> =
        words.iter().map(|word| word.to_ascii_lowercase()).filter(|word| word.len() >= 2).collect();
    let (mut inside, mut by_literal) = (0_usize, None);
    for (i, part) in parts.iter().enumerate() {
        if inside > CLASS_PATTERN_INSIDE_MAX {
            break;
        }
        let tail = Hir::concat(parts.get(i..).unwrap_or_default().to_vec());
        if let Some(found) = literals(&tail) {
            let named = |literal: &String| {
                words.iter().any(|word| word.starts_with(literal.as_str()) || literal.starts_with(word.as_str()))
            };
            let long = found.iter().all(|literal| literal.len() >= ANCHOR_BYTES_MIN);
            if (i == 0 && long) || (!words.is_empty() && found.iter().all(named)) {
                return Some((found, inside));
            }
            if long && by_literal.is_none() {
                by_literal = Some((found, inside));
            }
        }
        match part.properties().maximum_len() {
            Some(max) => inside += max,
            None => break,
        }
    }
    by_literal
}

/// The elements that follow each other, with groups around the whole opened.
fn parts(hir: &Hir) -> Vec<Hir> {
    match hir.kind() {
        HirKind::Concat(parts) => parts.iter().flat_map(parts_of).collect(),
        HirKind::Capture(capture) => parts(&capture.sub),
        _ => vec![hir.clone()],
    }
}

fn parts_of(part: &Hir) -> Vec<Hir> {
    match part.kind() {
        HirKind::Concat(_) | HirKind::Capture(_) => parts(part),
        _ => vec![part.clone()],
    }
}

/// The literals, in lower case, one of which each match begins with.
fn literals(hir: &Hir) -> Option<Vec<String>> {
    let mut extractor = Extractor::new();
    extractor.kind(ExtractKind::Prefix).limit_total(2_048).limit_literal_len(24).limit_class(4).limit_repeat(24);
    let seq: Seq = extractor.extract(hir);
    let mut found: Vec<String> = Vec::new();
    for literal in seq.literals()? {
        let text = std::str::from_utf8(literal.as_bytes()).ok()?.to_ascii_lowercase();
        // What stands behind a tab or a line break is not worth a literal of its own.
        let text = text.split(char::is_control).next().unwrap_or_default().trim_end().to_owned();
        if text.len() < 2 {
            return None;
        }
        if !found.contains(&text) {
            found.push(text);
        }
    }
    // A literal that begins with another is called by it already.
    let all = found.clone();
    found.retain(|text| !all.iter().any(|other| other != text && text.starts_with(other.as_str())));
    (!found.is_empty() && found.len() <= ANCHORS_MAX).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str, words: &[&str]) -> Result<Expression, String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        Expression::read(source, "", Groups::Kept, &words)
    }

    #[test]
    fn other_dialects_are_adapted() {
        for (source, expected) in [
            (r"\$\{[A-Z]+}", r"\$\{[A-Z]+}"),
            (r"{{x}}", r"\{\{x}}"),
            (r"a{2,3}b{4}c{5,}", r"a{2,3}b{4}c{5,}"),
            (r"[[a-z]x", r"[\[a-z]x"),
            (r"[[:alnum:]_]", r"[[:alnum:]_]"),
            (r"[]a]", r"[\]a]"),
            (r"[^]]", r"[^\]]"),
            (r"a\Z", r"a\z"),
            (r"\x{41}\p{Greek}", r"\x{41}\p{Greek}"),
            (r"[a&&b]", r"[a\&\&b]"),
            (r"(a)(?i:b)", r"(a)(?i:b)"),
        ] {
            assert_eq!(adapt(source, Groups::Kept), expected);
        }
        assert_eq!(adapt(r"(a)(?P<n>b)\((?i:c)[(]", Groups::Dropped), r"(?:a)(?:b)\((?i:c)[(]");
        assert_eq!(trim_boundaries(r"\b\d{3}\b"), r"\d{3}");
        assert_eq!(trim_boundaries(r"(?:\s)\d{3}(?:\s)"), r"\d{3}");
        assert_eq!(trim_boundaries(r"\s*\d{3}"), r"\s*\d{3}");
    }

    #[test]
    fn alternatives_are_found_one_by_one() {
        let long = "x".repeat(60);
        let source = format!("(?i)acme-[0-9]{{60}}|[0-9|]{{3}}(?:a|b)globex{long}");
        let read = Expression::read_all(&source, "", Groups::Kept, &[]).unwrap();
        let anchors: Vec<usize> = read.iter().map(|one| one.anchors.len()).collect();
        assert_eq!(anchors, [1, 2], "{read:?}");
        assert!(read.iter().all(|one| one.regex.starts_with("(?i)")));
    }

    #[test]
    fn expressions_are_found_by_their_literals() {
        for (source, words, anchors, inside) in [
            (r"\b(abc_[a-z0-9]{40})\b", &["abc_"][..], vec!["abc_"], 0),
            (r"(?i)[\w.-]{0,50}?(?:acme)[ \t]{0,3}=([a-z0-9]{32})", &["acme"], vec!["acme"], 50),
            (r"(?:live|test)_[0-9a-f]{60}", &[], vec!["live_", "test_"], 0),
            (r"[0-9]{10}-acme-[0-9]{60}", &[], vec!["-acme-"], 10),
        ] {
            let read = read(source, words).unwrap();
            assert_eq!(
                (read.anchors.iter().map(String::as_str).collect::<Vec<_>>(), read.inside),
                (anchors, inside),
                "{source}"
            );
        }
        let short = read(r"\d{9}", &[]).unwrap();
        assert_eq!((short.anchors.len(), short.remark), (0, None));
        assert!(read(r"[0-9]{9,}", &[]).unwrap().remark.is_some());
    }

    #[test]
    fn what_has_no_counterpart_is_said() {
        for (source, expected) in [
            (r"(?<!\d)\d{9}", "look-around"),
            (r"(\d)\1{8}", "back references"),
            (r"(\d", "not a regular expression"),
            (r"\d*", "matches nothing"),
            (r"[a-z]{1,200}{1,200}x", "too"),
        ] {
            let error = read(source, &[]).unwrap_err();
            assert!(error.contains(expected), "{source}: {error}");
        }
    }
}
