//! `cargo xtask tidy`: style rules that no compiler holds. The same rules are a test, so `cargo test` finds them too.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::{ci, edges};

mod leaks;
mod names;
mod size;
mod units;

/// One file of the repository, tracked or about to be.
struct File {
    /// Path from the root, with `/`.
    path: String,
    /// Content, when it is text.
    text: Option<String>,
}

impl File {
    fn is_rust(&self) -> bool {
        self.extension() == Some("rs")
    }

    fn extension(&self) -> Option<&str> {
        Path::new(&self.path).extension()?.to_str()
    }

    fn stem(&self) -> &str {
        Path::new(&self.path).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
    }
}

/// Fails with every complaint.
pub(crate) fn run(root: &Path) -> Result<()> {
    let complaints = complaints(root)?;
    if complaints.is_empty() {
        return Ok(());
    }
    bail!("{} complaints\n  {}", complaints.len(), complaints.join("\n  "))
}

fn complaints(root: &Path) -> Result<Vec<String>> {
    let files = files(root)?;
    let mut complaints = edges::complaints(root)?;
    complaints.extend(size::complaints(&files));
    complaints.extend(names::complaints(&files));
    complaints.extend(leaks::complaints(&files));
    complaints.extend(units::complaints(&files));
    Ok(complaints)
}

/// What git tracks or would track.
fn files(root: &Path) -> Result<Vec<File>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(root);
    let listed = String::from_utf8(ci::output(&mut git)?)?;
    let paths = listed.split('\0').filter(|path| root.join(path).is_file());
    Ok(paths.map(|path| File { path: path.to_owned(), text: std::fs::read_to_string(root.join(path)).ok() }).collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_code_is_tidy() {
        let complaints = super::complaints(crate::root()).unwrap();
        assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
    }
}
