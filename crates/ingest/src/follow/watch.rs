//! Which files there are, found anew at every look: listing a folder is the one thing that no rotation can hide from.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use vedette_model::limits::{FOLDER_DEPTH_MAX, FOLLOW_FILES_MAX};

use super::name::{Rank, split};
use crate::input::explain;
use crate::sources::no_traffic;

/// What a file is to the system, under any name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct FileId {
    pub(super) device: u64,
    pub(super) inode: u64,
}

/// A file as it was found.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) path: PathBuf,
    /// The log that its name belongs to: folder and name without what rotation appends.
    pub(super) log: Arc<str>,
    pub(super) rank: Rank,
    pub(super) id: FileId,
    /// Bytes on disk.
    pub(super) size: u64,
    /// When it was last changed, in nanoseconds since the epoch.
    pub(super) changed: i64,
    /// The user's path covers it; others are looked at because a followed log may have moved there.
    pub(super) asked: bool,
    /// What a link leads to.
    pub(super) target: Option<PathBuf>,
    /// Which of the watched paths it belongs to.
    pub(super) watch: usize,
}

/// What a look found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Each file once.
    pub(super) files: Vec<Seen>,
    /// What a path could not be looked at for, by index of the watched path.
    pub(super) problems: Vec<(usize, String)>,
}

/// Names of logs, each made once.
#[derive(Default)]
struct Names {
    /// Folders as they were given, and where they are: a log is the same under every way to name its folder.
    folders: BTreeMap<PathBuf, PathBuf>,
    /// By folder and stem.
    logs: BTreeMap<(PathBuf, String), Arc<str>>,
}

struct Scan<'a> {
    watch: usize,
    found: &'a mut Found,
    /// Index into the files found.
    known: &'a mut HashMap<FileId, usize>,
    names: &'a mut Names,
}

/// Looks at all paths.
pub(super) fn scan<'a>(paths: impl Iterator<Item = &'a Path>) -> Found {
    let mut found = Found::default();
    let (mut known, mut names) = (HashMap::new(), Names::default());
    for (watch, path) in paths.enumerate() {
        let mut scan = Scan { watch, found: &mut found, known: &mut known, names: &mut names };
        let outcome = match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => scan.folder(path, 0),
            Err(_) if is_pattern(path) => scan.matching(path),
            _ => scan.file(path),
        };
        if let Err(error) = outcome {
            found.problems.push((watch, explain(&error, None)));
        }
        if found.files.len() >= FOLLOW_FILES_MAX {
            let problem = format!("more than {FOLLOW_FILES_MAX} files; hint: name the folders that matter");
            found.problems.push((watch, problem));
            break;
        }
    }
    found
}

/// A file where it is, when it is a regular one.
pub(super) fn look(path: &Path, like: &Seen) -> Option<Seen> {
    let metadata = fs::metadata(path).ok().filter(Metadata::is_file)?;
    Some(Seen {
        path: path.to_owned(),
        id: id(path, &metadata),
        size: metadata.len(),
        changed: changed(&metadata),
        target: None,
        ..like.clone()
    })
}

impl Scan<'_> {
    fn folder(&mut self, folder: &Path, depth: usize) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if no_traffic(&name).is_some() {
                continue;
            }
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth < FOLDER_DEPTH_MAX => {
                    // A folder that vanished or that is closed hides only itself.
                    if let Err(error) = self.folder(&path, depth + 1)
                        && error.kind() != io::ErrorKind::NotFound
                    {
                        let problem = format!("{}: {}", path.display(), explain(&error, None));
                        self.found.problems.push((self.watch, problem));
                    }
                }
                Ok(kind) => self.take(path, &name, kind.is_symlink(), true),
                Err(_) => {}
            }
        }
        Ok(())
    }

    fn matching(&mut self, path: &Path) -> io::Result<()> {
        let pattern = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        self.siblings(path, |name| matches(pattern.as_bytes(), name.as_bytes()))
    }

    fn file(&mut self, path: &Path) -> io::Result<()> {
        let own = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        self.siblings(path, |name| name == own)?;
        let metadata = fs::metadata(path)?;
        if metadata.is_file() { Ok(()) } else { Err(io::Error::other("it is not a file")) }
    }

    /// The files that are asked for in a folder, and those that they may have been rotated to.
    fn siblings(&mut self, path: &Path, is_asked: impl Fn(&str) -> bool) -> io::Result<()> {
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut stems = Vec::new();
        let mut others = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                continue;
            }
            if is_asked(&name) {
                stems.push(split(&name).0);
                self.take(folder.join(&name), &name, kind.is_symlink(), true);
            } else {
                others.push((name, kind.is_symlink()));
            }
        }
        // Between the two steps of a rotation the file itself may be missing.
        stems.extend(path.file_name().map(|name| split(&name.to_string_lossy()).0));
        for (name, link) in others {
            if stems.contains(&split(&name).0) {
                self.take(folder.join(&name), &name, link, false);
            }
        }
        Ok(())
    }

    fn take(&mut self, path: PathBuf, name: &str, link: bool, asked: bool) {
        if self.found.files.len() >= FOLLOW_FILES_MAX {
            return;
        }
        let Some(metadata) = fs::metadata(&path).ok().filter(Metadata::is_file) else {
            if link && asked {
                let problem = format!("{}: the link leads nowhere", path.display());
                self.found.problems.push((self.watch, problem));
            }
            return;
        };
        let id = id(&path, &metadata);
        let (stem, rank) = split(name);
        let seen = Seen {
            log: self.names.log(&path, stem),
            rank,
            id,
            size: metadata.len(),
            changed: changed(&metadata),
            asked,
            target: link.then(|| fs::canonicalize(&path).ok()).flatten(),
            watch: self.watch,
            path,
        };
        match self.known.get(&id).and_then(|index| self.found.files.get_mut(*index)) {
            // Under several names a file is read once, under one that is no link.
            Some(before) if before.target.is_some() && seen.target.is_none() => {
                *before = Seen { asked: asked || before.asked, ..seen };
            }
            Some(before) => before.asked |= asked,
            None => {
                self.known.insert(id, self.found.files.len());
                self.found.files.push(seen);
            }
        }
    }
}

impl Names {
    fn log(&mut self, path: &Path, stem: String) -> Arc<str> {
        let given = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if let Some(name) = self.logs.get(&(given.to_owned(), stem.clone())) {
            return Arc::clone(name);
        }
        let folder = self.folders.entry(given.to_owned());
        let folder = folder.or_insert_with(|| fs::canonicalize(given).unwrap_or_else(|_| given.to_owned()));
        let name: Arc<str> = folder.join(&stem).display().to_string().into();
        self.logs.insert((given.to_owned(), stem), Arc::clone(&name));
        name
    }
}

fn is_pattern(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().contains(['*', '?']))
}

/// `*` stands for any bytes, `?` for one.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == b'?' || Some(c) == name.get(n) => {
                p += 1;
                n += 1;
            }
            _ => {
                // The last star takes one byte more.
                let Some((at, taken)) = star else { return false };
                star = Some((at, taken + 1));
                p = at + 1;
                n = taken + 1;
            }
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|c| *c == b'*')
}

fn changed(metadata: &Metadata) -> i64 {
    let time = metadata.modified().unwrap_or(UNIX_EPOCH);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |nanos| -nanos),
    }
}

#[cfg(unix)]
pub(super) fn id(_: &Path, metadata: &Metadata) -> FileId {
    use std::os::unix::fs::MetadataExt;
    FileId { device: metadata.dev(), inode: metadata.ino() }
}

/// Where files have no number to be known by, their path is it; copies are known by their beginning anyway.
#[cfg(not(unix))]
pub(super) fn id(path: &Path, _: &Metadata) -> FileId {
    let path = path.to_string_lossy();
    FileId { device: 0, inode: super::position::Fingerprint::of(path.as_bytes()).hash }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, name, expected) in [
            ("*.log", "access.log", true),
            ("*.log", "access.log.1", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-b", false),
            ("?.log", "a.log", true),
            ("?.log", ".log", false),
            ("*", "", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern.as_bytes(), name.as_bytes()), expected, "{pattern} {name}");
        }
    }
}
