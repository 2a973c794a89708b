//! Configurations of gateways as commands take them: files, folders, and what files include.

mod include;

use std::collections::HashSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use vedette_model::Diagnostic;
use vedette_model::limits::{CONFIGURATION_BYTES_MAX, CONFIGURATIONS_BYTES_MAX, FILES_MAX, FOLDER_DEPTH_MAX};
use vedette_parse::classes::Classifier;
use vedette_parse::gateway::{self, Gateway};

use super::Hinted;

/// Problems that are printed; the results have all of those of gateways.
const PROBLEMS_SHOWN: usize = 5;

/// Reads configurations; of a folder, those of its files that are one. A file that was named and is none is an error, what
/// could not be understood goes to standard error.
pub(crate) fn read_all(paths: &[PathBuf], classifier: &Classifier) -> Result<Vec<Gateway>> {
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let mut files: Vec<(String, String)> = Vec::new();
    let mut named = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut found = Vec::new();
            walk(path, 0, &mut found)?;
            let texts = found.into_iter().filter_map(|file| Some((file.display().to_string(), text(&file).ok()?)));
            files.extend(texts.filter(|(name, text)| gateway::is_configuration(name, text)));
        } else {
            let name = path.display().to_string();
            files.push((name.clone(), text(path)?));
            named.push(name);
        }
    }
    files.dedup_by(|a, b| a.0 == b.0);
    let bytes: u64 = files.iter().map(|(_, text)| text.len() as u64).sum();
    if bytes > CONFIGURATIONS_BYTES_MAX {
        bail!("the configurations have {bytes} bytes together; at most {CONFIGURATIONS_BYTES_MAX} are read");
    }
    let mut fetch = include::find;
    let (mut gateways, problems) = gateway::read(&files, classifier, &mut fetch);
    leave_parts_out(&mut gateways, &named);
    let (wrong, noted): (Vec<Diagnostic>, Vec<Diagnostic>) =
        problems.into_iter().partition(|one| named.contains(&one.file));
    if !wrong.is_empty() {
        let lines: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        return Err(anyhow!(lines.join("\n")));
    }
    let all: Vec<&Diagnostic> = noted.iter().chain(gateways.iter().flat_map(|one| &one.problems)).collect();
    for problem in all.iter().take(PROBLEMS_SHOWN) {
        writeln!(io::stderr(), "note: {problem}")?;
    }
    if let Some(more) = all.len().checked_sub(PROBLEMS_SHOWN).filter(|more| *more > 0) {
        writeln!(io::stderr(), "note: {more} more problems")?;
    }
    if gateways.is_empty() {
        let all: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        bail!(Hinted::new(
            format!("no configuration of a known gateway in {}", all.join(", ")),
            "nginx, HAProxy, Envoy, Kong (declarative), AWS API Gateway (export), Azure API Management (ARM template) and \
             Kubernetes (Gateway API, Istio) are read",
        ));
    }
    Ok(gateways)
}

/// Of what a folder holds, only gateways of their own: no snippets, and no file that is included under another name
/// (`sites-enabled` links to `sites-available`).
fn leave_parts_out(gateways: &mut Vec<Gateway>, named: &[String]) {
    let included = gateways.iter().flat_map(|one| one.files.iter().skip(1));
    let included: HashSet<PathBuf> = included.filter_map(|file| fs::canonicalize(&**file).ok()).collect();
    gateways.retain(|one| {
        let says =
            !one.routes.is_empty() || !one.listeners.is_empty() || !one.secrets.is_empty() || !one.admins.is_empty();
        let part = fs::canonicalize(one.file()).is_ok_and(|file| included.contains(&file));
        named.iter().any(|name| name == one.file()) || says && !part
    });
}

/// All files below a folder, sorted; hidden folders, links to folders and very large files are left out.
fn walk(dir: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))?;
    let mut entries: Vec<fs::DirEntry> = entries.filter_map(Result::ok).take(FILES_MAX).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type());
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if kind.as_ref().is_ok_and(fs::FileType::is_dir) {
            if depth < FOLDER_DEPTH_MAX && !hidden {
                walk(&path, depth + 1, found)?;
            }
        } else if found.len() < FILES_MAX && !hidden && path.is_file() {
            found.push(path);
        }
    }
    Ok(())
}

/// The text of a file, within its bound.
fn text(path: &Path) -> Result<String> {
    let reading = || format!("reading {}", path.display());
    let meta = fs::metadata(path).with_context(reading)?;
    if !meta.is_file() {
        bail!("{} is no file", path.display());
    }
    if meta.len() > CONFIGURATION_BYTES_MAX {
        bail!("{} has {} bytes; at most {CONFIGURATION_BYTES_MAX} are read", path.display(), meta.len());
    }
    let bytes = fs::read(path).with_context(reading)?;
    String::from_utf8(bytes).map_err(|_| anyhow!("{} is not UTF-8 text", path.display()))
}
