//! Finds what an `include` of nginx means on this machine.
//!
//! nginx looks from its own folder (`/etc/nginx`), but configurations are judged where they were copied to. So a pattern
//! is tried below the folder of the including file and below the folders above it, an absolute one also without its first
//! folders; only then as it is written.

use std::fs;
use std::path::{Path, PathBuf};

use vedette_model::limits::INCLUDES_MAX;

use super::text;

/// Folders above the including file that are tried.
const FOLDERS_MAX: usize = 4;

/// Files of a pattern, with their texts.
pub(super) fn find(including: &str, pattern: &str) -> Result<Vec<(String, String)>, String> {
    let including = Path::new(including);
    let relative = pattern.trim_start_matches('/');
    let mut tails = vec![relative];
    if pattern.starts_with('/') {
        let later = relative.match_indices('/').filter_map(|(at, _)| relative.get(at + 1..));
        // A last part that is only a pattern would match whatever is there.
        tails.extend(later.filter(|tail| tail.contains('/') || !tail.contains(['*', '?'])));
    }
    let folders = including.ancestors().skip(1).take(FOLDERS_MAX);
    let tries = folders.flat_map(|folder| tails.iter().map(move |tail| folder.join(tail)));
    let absolute = Some(PathBuf::from(pattern)).filter(|path| path.is_absolute());
    for path in tries.chain(absolute) {
        let Some(mut files) = matching(&path) else { continue };
        files.retain(|file| file != including);
        let read = files.iter().take(INCLUDES_MAX).map(|file| {
            let text = text(file).map_err(|error| format!("{error:#}"))?;
            Ok((file.display().to_string(), text))
        });
        return read.collect();
    }
    // nginx takes a pattern that nothing fits; of a folder elsewhere it is not known whether something does.
    if !pattern.starts_with('/') && pattern.contains(['*', '?']) {
        return Ok(Vec::new());
    }
    Err("there is no such file here".to_owned())
}

/// The files that a path with `*` and `?` in its parts means, sorted; `None` when there is no such file, or no such folder.
fn matching(path: &Path) -> Option<Vec<PathBuf>> {
    let text = path.to_string_lossy();
    if !text.contains(['*', '?']) {
        return path.is_file().then(|| vec![path.to_owned()]);
    }
    let mut found = vec![PathBuf::new()];
    let mut wild = false;
    for part in path.components() {
        let name = part.as_os_str().to_string_lossy();
        if !name.contains(['*', '?']) {
            for folder in &mut found {
                folder.push(part);
            }
            if !wild && !found.iter().all(|folder| folder.as_os_str().is_empty() || folder.exists()) {
                return None;
            }
            continue;
        }
        wild = true;
        let mut next = Vec::new();
        for folder in &found {
            let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            let entries = fs::read_dir(here).into_iter().flatten().filter_map(Result::ok);
            let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
            next.extend(names.filter(|entry| fits(&name, entry)).take(INCLUDES_MAX).map(|entry| folder.join(entry)));
        }
        next.truncate(INCLUDES_MAX);
        found = next;
    }
    found.retain(|file| file.is_file());
    found.sort_unstable();
    Some(found)
}

/// `*` stands for any characters, `?` for one; a leading dot must be written.
fn fits(pattern: &str, name: &str) -> bool {
    if name.starts_with('.') && !pattern.starts_with('.') {
        return false;
    }
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    // Where the last `*` stood, and how far it reaches.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match (pattern.get(p), name.get(n)) {
            (Some('*'), _) => {
                star = Some((p, n));
                p += 1;
            }
            (Some(a), Some(b)) if a == b || *a == '?' => (p, n) = (p + 1, n + 1),
            _ => {
                let Some((at, reach)) = star else { return false };
                star = Some((at, reach + 1));
                (p, n) = (at + 1, reach + 1);
            }
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_names() {
        for (pattern, name, expected) in [
            ("*.conf", "a.conf", true),
            ("*.conf", ".hidden.conf", false),
            ("*.conf", "a.conf.bak", false),
            ("s?te-*", "site-1", true),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false),
            ("*", "", true),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }
}
