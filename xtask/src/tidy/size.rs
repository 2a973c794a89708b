//! Files stay below 500 lines and functions below 70, tests not counted. What is above is named in
//! `xtask/tidy-allow.txt` with its size, and that list may only shrink.

use std::collections::BTreeMap;

use super::File;

/// A list with a reason for each entry, which people look things up in: one place is worth more than its length.
const LIST: &str = "crates/model/src/limits.rs";

/// Non-test lines of a file.
const FILE_LINES_MAX: usize = 500;

/// Lines of a function, signature and braces included.
const FUNCTION_LINES_MAX: usize = 70;

const ALLOW_LIST: &str = "xtask/tidy-allow.txt";

/// What is too long, and what stands in the allow-list without need.
pub(super) fn complaints(files: &[File]) -> Vec<String> {
    let allow_list = files.iter().find(|file| file.path == ALLOW_LIST).and_then(|file| file.text.as_deref());
    let mut allowed = allowances(allow_list.unwrap_or_default());
    let mut complaints = Vec::new();
    for (place, lines, max) in oversized(files) {
        match allowed.remove(&place) {
            Some(size) if lines < size => {
                complaints.push(format!("{place} shrank to {lines} lines: lower its number in {ALLOW_LIST}"));
            }
            Some(size) if lines == size => {}
            _ => complaints.push(format!("{place} has {lines} lines, {max} are allowed")),
        }
    }
    complaints.extend(allowed.into_keys().map(|place| format!("{place} is fine now: remove it from {ALLOW_LIST}")));
    complaints
}

/// `place lines` per row; `#` begins a comment.
fn allowances(text: &str) -> BTreeMap<String, usize> {
    let rows = text.lines().filter(|row| !row.starts_with('#'));
    rows.filter_map(|row| row.rsplit_once(' '))
        .filter_map(|(place, lines)| Some((place.to_owned(), lines.parse().ok()?)))
        .collect()
}

/// Place, lines and maximum of all that is too long.
fn oversized(files: &[File]) -> Vec<(String, usize, usize)> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| is_source(file)) {
        let text = file.text.as_deref().unwrap_or_default();
        let code = without_tests(text);
        if code.len() > FILE_LINES_MAX && file.path != LIST {
            found.push((file.path.clone(), code.len(), FILE_LINES_MAX));
        }
        if file.is_rust() {
            let functions = functions(&code).into_iter().filter(|(_, lines)| *lines > FUNCTION_LINES_MAX);
            found.extend(functions.map(|(name, lines)| (format!("{}::{name}", file.path), lines, FUNCTION_LINES_MAX)));
        }
    }
    found
}

/// Source that people write: Rust and TypeScript outside of test folders, nothing generated.
fn is_source(file: &File) -> bool {
    let source = matches!(file.extension(), Some("rs" | "ts" | "tsx"));
    let test =
        file.stem() == "tests" || file.path.contains(".test.") || file.path.split('/').any(|part| part == "tests");
    let generated =
        file.text.as_deref().is_some_and(|text| text.lines().take(3).any(|line| line.contains("@generated")));
    source && !test && !generated
}

/// The lines before the test module; by convention tests come last.
fn without_tests(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = text.lines().collect();
    let tests = lines.windows(2).position(
        |pair| matches!(pair, [attribute, module] if *attribute == "#[cfg(test)]" && module.starts_with("mod ")),
    );
    lines.into_iter().take(tests.unwrap_or(usize::MAX)).collect()
}

/// Name and length of each function. The code is formatted, so a function ends at the first `}` as far to the left
/// as its beginning.
fn functions(lines: &[&str]) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let indent = line.len() - line.trim_start().len();
        let end = lines.iter().skip(start).position(|line| {
            line.len() - line.trim_start().len() == indent && matches!(line.trim_start(), "}" | "})" | "},")
        });
        found.push((name.to_owned(), end.map_or(1, |end| end + 1)));
    }
    found
}

fn function_name(line: &str) -> Option<&str> {
    let mut rest = line.trim_start();
    while !rest.starts_with("fn ") {
        let (word, after) = rest.split_once(' ')?;
        let qualifier =
            matches!(word, "pub" | "const" | "async" | "unsafe" | "extern" | "\"C\"") || word.starts_with("pub(");
        if !qualifier {
            return None;
        }
        rest = after;
    }
    if line.ends_with('}') || line.ends_with(';') {
        return None; // on one line
    }
    let name = rest.strip_prefix("fn ")?;
    name.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: String) -> File {
        File { path: path.to_owned(), text: Some(text) }
    }

    #[test]
    fn long_functions_are_found_and_their_tests_are_not_counted() {
        let long = format!("impl X {{\n    pub(crate) fn y(\n    ) {{\n{}    }}\n}}\n", "        z();\n".repeat(70));
        let tests = format!("fn a() {{\n}}\n#[cfg(test)]\nmod tests {{\n{}}}\n", "    //\n".repeat(600));
        let found = oversized(&[file("a.rs", long), file("b.rs", tests)]);
        assert_eq!(found, [("a.rs::y".to_owned(), 73, FUNCTION_LINES_MAX)]);
    }

    #[test]
    fn the_allow_list_only_shrinks() {
        let source = |lines| file("a.rs", "//\n".repeat(lines));
        let allow = |text: &str| file(ALLOW_LIST, text.to_owned());
        for (lines, list, complaint) in [
            (600, "a.rs 600", None),
            (601, "a.rs 600", Some("a.rs has 601 lines, 500 are allowed")),
            (599, "a.rs 600", Some("a.rs shrank to 599 lines: lower its number in xtask/tidy-allow.txt")),
            (500, "a.rs 600", Some("a.rs is fine now: remove it from xtask/tidy-allow.txt")),
        ] {
            assert_eq!(complaints(&[source(lines), allow(list)]).first().map(String::as_str), complaint);
        }
    }
}
