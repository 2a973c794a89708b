//! What belongs to one machine or to a package registry stays out of the repository.

use super::File;

/// Text that may not occur. Written in two halves, so that this file does not complain about itself.
const FORBIDDEN: &[(&str, &str, &str)] = &[
    ("/wo", "rk/", "a path of one machine"),
    ("/fa", "rm/", "a path of one machine"),
    ("/home/", "runner", "a path of one machine"),
    ("npm", "js.", "a registry host"),
    ("crates", ".io", "a registry host"),
    ("pypi", ".org", "a registry host"),
    ("debian", ".org", "a registry host"),
];

/// Lock files name registries because their tools write them.
const LOCK_FILES: &[&str] = &["Cargo.lock", "package-lock.json"];

/// Lines that name a machine or a registry.
pub(super) fn complaints(files: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files.iter().filter(|file| !LOCK_FILES.iter().any(|lock| file.path.ends_with(lock))) {
        for (number, line) in file.text.iter().flat_map(|text| text.lines()).enumerate() {
            for (start, end, what) in FORBIDDEN {
                if line
                    .match_indices(start)
                    .any(|(at, _)| line.get(at + start.len()..).is_some_and(|rest| rest.starts_with(end)))
                {
                    complaints.push(format!("{}:{}: names {what}", file.path, number + 1));
                }
            }
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_a_machine_and_registry_hosts_are_found() {
        let file = |path: &str, text: &str| File { path: path.to_owned(), text: Some(text.to_owned()) };
        let path = format!("cd {}{}vedette", "/wo", "rk/");
        let host = format!("https://registry.{}{}org", "npm", "js.");
        let files = [file("run", &path), file("a/package-lock.json", &host), file("b.md", &host)];
        assert_eq!(complaints(&files), ["run:1: names a path of one machine", "b.md:1: names a registry host"]);
    }
}
