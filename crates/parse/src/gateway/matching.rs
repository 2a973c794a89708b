//! Does a route take a path? Paths of observed endpoints have parameters, which stand for whatever a caller sends.

use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use vedette_model::limits::ROUTE_PATTERN_BYTES_MAX;

use super::{PathKind, PathPattern};

/// What parameters are replaced by to try an expression: ids as APIs have them.
const SAMPLES: &[&str] = &["1", "abc", "a1b2c3", "7c9e6679-7425-40de-944b-e07fc1f90ae7", "20260921"];

/// A pattern that can be asked.
#[derive(Clone, Debug)]
pub enum Matcher {
    /// Compared by segments.
    Pattern(PathPattern),
    /// Compiled.
    Regex(Box<Regex>),
    /// An expression of a kind that is not understood (look-around): it may match anything.
    Unknown,
}

impl PathPattern {
    /// Compiles the pattern.
    pub fn matcher(&self) -> Matcher {
        if self.kind != PathKind::Regex {
            return Matcher::Pattern(self.clone());
        }
        let config = Regex::config().nfa_size_limit(Some(ROUTE_PATTERN_BYTES_MAX)).hybrid(false);
        let built = Regex::builder().configure(config).syntax(syntax::Config::new().nest_limit(50)).build(&self.text);
        built.map_or(Matcher::Unknown, |regex| Matcher::Regex(Box::new(regex)))
    }

    /// True when it takes every path.
    pub fn takes_all(&self) -> bool {
        match self.kind {
            PathKind::Exact => false,
            PathKind::Prefix | PathKind::Segments => matches!(self.text.as_str(), "/" | ""),
            PathKind::Regex => {
                let bare = self
                    .text
                    .trim_start_matches("(?i)")
                    .trim_start_matches('^')
                    .trim_start_matches("(?:")
                    .trim_end_matches('$');
                matches!(bare.trim_end_matches(')').trim_start_matches('/'), "" | ".*" | ".+" | ".")
            }
            PathKind::Template => {
                self.text.starts_with("/{") && self.text.ends_with("+}") && self.text.matches('/').count() == 1
            }
        }
    }
}

impl Matcher {
    /// Whether a path template (`/users/{userId}`) is taken; `None` when that is not known.
    pub fn takes(&self, template: &str) -> Option<bool> {
        match self {
            Self::Unknown => None,
            Self::Regex(regex) => Some(samples(template).any(|path| regex.is_match(path.as_bytes()))),
            Self::Pattern(pattern) => Some(match pattern.kind {
                PathKind::Exact | PathKind::Template => whole(&pattern.text, template),
                PathKind::Segments => {
                    let text = pattern.text.trim_end_matches('/');
                    text.is_empty() || beginning(text, template, true)
                }
                PathKind::Prefix | PathKind::Regex => beginning(&pattern.text, template, false),
            }),
        }
    }
}

/// Paths that a template stands for.
fn samples(template: &str) -> impl Iterator<Item = String> {
    let all = if template.contains('{') { SAMPLES } else { SAMPLES.get(..1).unwrap_or_default() };
    all.iter().map(move |sample| {
        let mut out = String::with_capacity(template.len() + 32);
        let mut rest = template;
        while let Some((before, tail)) = rest.split_once('{') {
            out.push_str(before);
            out.push_str(sample);
            rest = tail.split_once('}').map_or("", |(_, rest)| rest);
        }
        out + rest
    })
}

fn alike(pattern: &str, segment: &str) -> bool {
    pattern == segment || pattern.contains('{') || segment.contains('{')
}

/// All segments; `{name+}` takes what is left.
fn whole(pattern: &str, template: &str) -> bool {
    let (mut wanted, mut there) = (pattern.trim_end_matches('/').split('/'), template.trim_end_matches('/').split('/'));
    loop {
        match (wanted.next(), there.next()) {
            (None, None) => return true,
            (Some(last), _) if last.starts_with('{') && last.ends_with("+}") => return true,
            (Some(pattern), Some(segment)) if alike(pattern, segment) => {}
            _ => return false,
        }
    }
}

/// The first segments, the last of them whole or only its beginning.
fn beginning(pattern: &str, template: &str, whole_segments: bool) -> bool {
    let wanted: Vec<&str> = pattern.split('/').collect();
    let there: Vec<&str> = template.split('/').collect();
    let Some((last, head)) = wanted.split_last() else { return true };
    let Some(end) = there.get(head.len()) else { return false };
    let heads = head.iter().zip(&there).all(|(pattern, segment)| alike(pattern, segment));
    let ends = alike(last, end) || !whole_segments && end.starts_with(last);
    heads && ends
}

/// True when a host fits a pattern of a route: `*` stands for one or more characters. Ports do not count.
pub fn host_matches(pattern: &str, host: &str) -> bool {
    let host = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
        .map_or(host, |(host, _)| host);
    match pattern.split_once('*') {
        None => pattern.eq_ignore_ascii_case(host),
        // nginx's `.example.org` also is `example.org` itself.
        Some(("", after)) => {
            host.len() > after.len() && ends_with(host, after)
                || after.strip_prefix('.').is_some_and(|bare| bare.eq_ignore_ascii_case(host))
        }
        Some((before, after)) => {
            host.len() > before.len() + after.len()
                && host.get(..before.len()).is_some_and(|start| start.eq_ignore_ascii_case(before))
                && ends_with(host, after)
        }
    }
}

fn ends_with(host: &str, end: &str) -> bool {
    host.len().checked_sub(end.len()).and_then(|at| host.get(at..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_take_the_endpoints_below_them() {
        for (kind, pattern, template, expected) in [
            (PathKind::Exact, "/users/me", "/users/me", Some(true)),
            (PathKind::Exact, "/users", "/users/{userId}", Some(false)),
            (PathKind::Prefix, "/v1/us", "/v1/users/{userId}", Some(true)),
            (PathKind::Prefix, "/v1/", "/v1/users", Some(true)),
            (PathKind::Prefix, "/v1/orders/", "/v1/users", Some(false)),
            (PathKind::Prefix, "/t/acme/", "/t/{tenant}/users", Some(true)),
            (PathKind::Segments, "/v1/us", "/v1/users", Some(false)),
            (PathKind::Segments, "/v1", "/v1/users", Some(true)),
            (PathKind::Segments, "/", "/anything", Some(true)),
            (PathKind::Template, "/users/{id}", "/users/{userId}", Some(true)),
            (PathKind::Template, "/users/{id}", "/users/{userId}/teams", Some(false)),
            (PathKind::Template, "/files/{proxy+}", "/files/{a}/{b}", Some(true)),
            (PathKind::Regex, "^/users/[0-9]+$", "/users/{userId}", Some(true)),
            (PathKind::Regex, "^/users/[0-9]+$", "/users/me", Some(false)),
            (PathKind::Regex, "\\.(png|css)$", "/users/me", Some(false)),
            (PathKind::Regex, "(?!admin)/x", "/users/me", None),
        ] {
            assert_eq!(PathPattern::new(kind, pattern).matcher().takes(template), expected, "{pattern} {template}");
        }
    }

    #[test]
    fn hosts_fit_wildcards() {
        assert!(
            host_matches("*.shop.example", "api.shop.example:8443") && host_matches("*.shop.example", "shop.example")
        );
        assert!(host_matches("api.*", "api.shop.example") && !host_matches("api.*", "web.shop.example"));
        assert!(!host_matches("shop.example", "api.shop.example") && host_matches("*", "x"));
    }
}
