//! Path templates as a user writes them to overrule learning: one per line.
//!
//! ```text
//! # what stands behind a number sign is a remark
//! /boats/{boatId}/logs
//! /boats/mine                  # a word that is no id
//! api.example.org /reports/{year}
//! ```

use vedette_model::Diagnostic;
use vedette_model::limits::{PATH_BYTES_MAX, PATH_DEPTH_MAX, TEMPLATES_MAX};

/// A template that a user gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenTemplate {
    /// Service that it is for, in lower case; all when absent.
    pub service: Option<String>,
    /// `/boats/{boatId}`.
    pub path: String,
}

/// Reads a file of templates. Fails with everything that is wrong with it.
pub fn read(file: &str, text: &str) -> Result<Vec<GivenTemplate>, Vec<Diagnostic>> {
    let (mut templates, mut wrong) = (Vec::new(), Vec::new());
    for (number, raw) in text.lines().enumerate() {
        let line = raw.split_once(" #").map_or(raw, |(line, _)| line).trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if templates.len() == TEMPLATES_MAX {
            wrong.push(diagnostic(file, number, raw, (&format!("more than {TEMPLATES_MAX} templates"), None)));
            break;
        }
        match template(line) {
            Ok(template) => templates.push(template),
            Err(problem) => wrong.push(diagnostic(file, number, raw, problem)),
        }
    }
    if wrong.is_empty() { Ok(templates) } else { Err(wrong) }
}

/// What is wrong, and what to try.
type Problem<'a> = (&'a str, Option<&'a str>);

fn template(line: &str) -> Result<GivenTemplate, Problem<'static>> {
    let (service, path) = match line.split_once(char::is_whitespace) {
        Some((service, path)) => (Some(service.to_ascii_lowercase()), path.trim_start()),
        None => (None, line),
    };
    if service.as_deref().is_some_and(|name| name.starts_with('/')) || path.contains(char::is_whitespace) {
        return Err(("two things more than a service and a path", Some("write `service /path/{id}` or `/path/{id}`")));
    }
    if !path.starts_with('/') {
        return Err(("a template begins with `/`", Some("for a service of its own write `service /path/{id}`")));
    }
    if path.len() > PATH_BYTES_MAX || path.split('/').count() > PATH_DEPTH_MAX {
        return Err(("the template is longer than any path that is looked at", None));
    }
    if !path.split('/').all(is_segment) {
        return Err(("a parameter is written `{name}`, once in a segment", Some("for example /boats/{boatId}.json")));
    }
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    Ok(GivenTemplate { service, path: path.to_owned() })
}

/// A literal, or one `{name}` with text around it.
fn is_segment(segment: &str) -> bool {
    match segment.split_once('{') {
        None => !segment.contains('}'),
        Some((_, rest)) => rest.split_once('}').is_some_and(|(name, behind)| {
            let named = !name.is_empty() && !name.contains('{');
            named && !behind.contains(['{', '}'])
        }),
    }
}

fn diagnostic(file: &str, line: usize, raw: &str, (message, hint): Problem<'_>) -> Diagnostic {
    Diagnostic {
        file: file.to_owned(),
        line: line + 1,
        column: 1 + raw.len() - raw.trim_start().len(),
        message: message.to_owned(),
        hint: hint.map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_templates_for_all_services_or_for_one() {
        let text =
            "# ours\n\n/boats/{boatId}/logs/\n  /boats/mine  # no id\nAPI.example.org\t/reports/{year}.json\n/\n";
        let given = |service: Option<&str>, path: &str| GivenTemplate {
            service: service.map(str::to_owned),
            path: path.to_owned(),
        };
        let expected = [
            given(None, "/boats/{boatId}/logs"),
            given(None, "/boats/mine"),
            given(Some("api.example.org"), "/reports/{year}.json"),
            given(None, "/"),
        ];
        assert_eq!(read("t", text).unwrap(), expected);
    }

    #[test]
    fn everything_wrong_is_said_at_once_with_its_place() {
        let text = "boats\n/a/{\n/a/{}\n/a/{x}{y}\n/fine\n /a /b\nGET /a b\n/a/b}\n";
        let wrong = read("t.txt", text).unwrap_err();
        assert_eq!(wrong.iter().map(|one| one.line).collect::<Vec<_>>(), [1, 2, 3, 4, 6, 7, 8]);
        assert_eq!(wrong[4].column, 2);
        assert!(wrong[0].to_string().starts_with("t.txt:1:1: a template begins with `/`\n  hint: "));
    }
}
