//! Finds the files behind what the user named.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

use vedette_model::limits::{FILES_MAX, FOLDER_DEPTH_MAX};

use super::names::{natural_order, no_traffic};
use crate::input::explain;

/// Something to read.
pub(super) struct Item {
    /// As the user gave it, with the rest of the path below a folder.
    pub(super) name: String,
    /// `None` is standard input.
    pub(super) path: Option<PathBuf>,
    /// Size on disk; `None` for a stream.
    pub(super) bytes: Option<u64>,
}

/// What there is.
#[derive(Default)]
pub(super) struct Found {
    pub(super) items: Vec<Item>,
    /// Name and problem of what cannot be read.
    pub(super) failed: Vec<(String, String)>,
    /// What was left out.
    pub(super) notes: Vec<String>,
}

#[derive(Default)]
struct Walk {
    found: Found,
    /// Files seen, so that nothing is counted twice (`logs/ logs/access.log`, links).
    seen: HashSet<PathBuf>,
    left_out: BTreeMap<&'static str, u64>,
}

/// Finds all files, in the order given, folders sorted by name.
pub(super) fn find(paths: &[PathBuf]) -> Found {
    let mut walk = Walk::default();
    for path in paths {
        let name = path.display().to_string();
        if name == "-" {
            if walk.seen.insert(path.clone()) {
                walk.found.items.push(Item { name, path: None, bytes: None });
            }
            continue;
        }
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => walk.folder(path, 0),
            Ok(metadata) if metadata.is_file() => walk.file(path, name, metadata.len()),
            Ok(metadata) => walk.other(path, name, metadata.file_type()),
            Err(error) => walk.found.failed.push((name, missing(path, &error))),
        }
    }
    let total: u64 = walk.left_out.values().sum();
    if total > 0 {
        let kinds: Vec<String> = walk.left_out.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        let files = if total == 1 { "file or folder" } else { "files or folders" };
        walk.found.notes.push(format!("{total} {files} left out: {}", kinds.join(", ")));
    }
    walk.found
}

impl Walk {
    fn folder(&mut self, folder: &Path, depth: usize) {
        let name = folder.display().to_string();
        if depth > FOLDER_DEPTH_MAX {
            let problem = format!("folders deeper than {FOLDER_DEPTH_MAX} levels are not read; hint: give this folder");
            self.found.failed.push((name, problem));
            return;
        }
        let children = match fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
            Ok(children) => children,
            Err(error) => {
                self.found.failed.push((name, explain(&error, None)));
                return;
            }
        };
        let mut children: Vec<(String, PathBuf)> = children
            .into_iter()
            .map(|child| (child.file_name().to_string_lossy().into_owned(), child.path()))
            .collect();
        children.sort_by(|(a, _), (b, _)| natural_order(a, b));
        for (child, path) in children {
            let link = fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_symlink());
            let kind = no_traffic(&child);
            match fs::metadata(&path) {
                _ if kind.is_some() => *self.left_out.entry(kind.unwrap_or_default()).or_default() += 1,
                // A link to a folder may lead back here.
                Ok(metadata) if metadata.is_dir() && link => {
                    *self.left_out.entry("links to folders").or_default() += 1;
                }
                Ok(metadata) if metadata.is_dir() => self.folder(&path, depth + 1),
                Ok(metadata) if metadata.is_file() => {
                    self.file(&path, path.display().to_string(), metadata.len());
                }
                Ok(metadata) => self.found.failed.push((path.display().to_string(), refused(metadata.file_type()))),
                Err(error) => self.found.failed.push((path.display().to_string(), missing(&path, &error))),
            }
        }
    }

    fn file(&mut self, path: &Path, name: String, bytes: u64) {
        if !self.seen.insert(fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())) {
            return;
        }
        if self.found.items.len() >= FILES_MAX {
            *self.left_out.entry("past the limit of files in one run").or_default() += 1;
            return;
        }
        self.found.items.push(Item { name, path: Some(path.to_owned()), bytes: Some(bytes) });
    }

    /// What is no file and no folder. Process substitution (`<(zcat …)`) gives a pipe by descriptor, which has a
    /// writer; a named pipe may have none and would block for ever.
    fn other(&mut self, path: &Path, name: String, kind: FileType) {
        let by_descriptor = path.starts_with("/dev/fd") || path.starts_with("/proc/self/fd") || name == "/dev/stdin";
        if by_descriptor && !is_device(kind) {
            if self.seen.insert(path.to_owned()) {
                self.found.items.push(Item { name, path: Some(path.to_owned()), bytes: None });
            }
        } else {
            self.found.failed.push((name, refused(kind)));
        }
    }
}

fn refused(kind: FileType) -> String {
    let what = if is_device(kind) { "a device" } else { "a pipe or socket" };
    format!("it is {what}, not a file; hint: use `vedette analyze - < PATH` when it is meant")
}

fn missing(path: &Path, error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::NotFound && fs::symlink_metadata(path).is_ok() {
        return "the link leads nowhere; hint: remove it or restore what it points to".to_owned();
    }
    explain(error, None)
}

#[cfg(unix)]
fn is_device(kind: FileType) -> bool {
    use std::os::unix::fs::FileTypeExt;
    kind.is_char_device() || kind.is_block_device()
}

#[cfg(not(unix))]
fn is_device(_: FileType) -> bool {
    false
}
