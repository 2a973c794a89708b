//! Names that say nothing are not names.

use super::File;

/// Words that a file, folder or crate may not be called.
const FORBIDDEN: &[&str] = &["util", "utils", "common", "helper", "helpers", "manager", "misc"];

/// Sources and folders with a forbidden name. Data files are called what they hold: `common` is a log format.
pub(super) fn complaints(files: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files {
        let is_source = matches!(file.extension(), Some("rs" | "ts" | "tsx"));
        let folders = file.path.split('/').count() - 1;
        let parts = file
            .path
            .split('/')
            .take(if is_source { folders + 1 } else { folders })
            .map(|part| part.split('.').next().unwrap_or(part));
        for part in parts.filter(|part| FORBIDDEN.contains(&part.to_lowercase().as_str())) {
            complaints.push(format!("{}: `{part}` is no name; say what it is", file.path));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_words_are_no_names() {
        let file = |path: &str| File { path: path.to_owned(), text: None };
        assert_eq!(
            complaints(&[
                file("a/utils/b.rs"),
                file("a/helpers.ts"),
                file("a/utility_bill.rs"),
                file("log/common.txt")
            ])
            .len(),
            2
        );
    }
}
