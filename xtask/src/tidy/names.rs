//! Names that say nothing are not names.

use super::File;

/// Words that a file, folder or crate may not be called.
const FORBIDDEN: &[&str] = &["util", "utils", "common", "helper", "helpers", "manager", "misc"];

/// Files whose path has a part with a forbidden name.
pub(super) fn complaints(files: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files {
        let parts = file.path.split('/').map(|part| part.split('.').next().unwrap_or(part));
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
        assert_eq!(complaints(&[file("a/utils/b.rs"), file("a/helpers.ts"), file("a/utility_bill.rs")]).len(), 2);
    }
}
