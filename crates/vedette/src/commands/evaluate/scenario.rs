//! A scenario as it lies in a folder: traffic, its truth, and specifications if there are any.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use vedette_engine::evaluate::{Attack, truth};

use super::super::Hinted;
use super::super::traffic::diagnosed;

/// Names that the traffic may have; the first that is there counts.
const TRAFFIC: &[&str] = &["traffic.har.ndjson.gz", "traffic.har.ndjson.zst", "traffic.har.ndjson", "traffic.har"];

/// The truth.
const TRUTH: &str = "truth.ndjson";

/// Bytes of a truth that are read: a million exchanges of attacks take less than ten.
const TRUTH_BYTES_MAX: u64 = 64 << 20;

/// Names that a specification may have.
const SPECS: &[&str] = &["openapi.yaml", "openapi.yml", "openapi.json"];

/// What a scenario is, for those who gave something else.
const HINT: &str = "a scenario is a folder with traffic.har.ndjson.gz (or one access log, *.log) and truth.ndjson; \
                    vedette simulate --profile NAME --seed 1 --out DIR makes one";

/// One scenario, looked at but not read.
pub(super) struct Scenario {
    /// Name of its folder.
    pub(super) name: String,
    pub(super) traffic: PathBuf,
    pub(super) attacks: Vec<Attack>,
    pub(super) specs: Vec<PathBuf>,
}

impl Scenario {
    pub(super) fn open(folder: &Path) -> Result<Self> {
        if !folder.is_dir() {
            let what = if folder.exists() { "is no folder" } else { "is not there" };
            bail!(Hinted::new(format!("{} {what}", folder.display()), HINT));
        }
        let traffic = traffic(folder)?;
        let attacks = attacks(&folder.join(TRUTH))?;
        let specs = SPECS.iter().map(|name| folder.join(name)).filter(|path| path.is_file()).collect();
        Ok(Self { name: name(folder), traffic, attacks, specs })
    }
}

/// The folder's own name, also when it was given as `.`.
fn name(folder: &Path) -> String {
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let last = whole.file_name().map(|name| name.to_string_lossy().into_owned());
    last.unwrap_or_else(|| folder.display().to_string())
}

fn traffic(folder: &Path) -> Result<PathBuf> {
    let named = TRAFFIC.iter().map(|name| folder.join(name)).find(|path| path.is_file());
    if let Some(path) = named {
        return Ok(path);
    }
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let is_log = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let name = name.strip_suffix(".gz").or(name.strip_suffix(".zst")).unwrap_or(&name);
        Path::new(name).extension().is_some_and(|end| end == "log")
    };
    let mut logs: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_log).collect();
    logs.sort_unstable();
    match logs.as_slice() {
        [one] => Ok(one.clone()),
        [] => bail!(Hinted::new(format!("no traffic in {}", folder.display()), HINT)),
        several => bail!(Hinted::new(
            format!("{} access logs in {}", several.len(), folder.display()),
            "the truth counts the lines of one: put them together, or each in a folder of its own",
        )),
    }
}

fn attacks(path: &Path) -> Result<Vec<Attack>> {
    let Ok(found) = fs::metadata(path) else {
        let folder = path.parent().unwrap_or(path);
        let hint = "an empty truth.ndjson says that nobody attacks; a row is an attack, as docs/how-to/abuse.md shows";
        bail!(Hinted::new(format!("no {TRUTH} in {}", folder.display()), hint));
    };
    if found.len() > TRUTH_BYTES_MAX {
        bail!("{} has {} bytes; at most {TRUTH_BYTES_MAX} are read", path.display(), found.len());
    }
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    truth::read(&path.display().to_string(), &text).map_err(|all| diagnosed(&all))
}
