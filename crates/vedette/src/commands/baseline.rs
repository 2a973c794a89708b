//! `--baseline FILE`: only what an earlier analysis did not have.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use vedette_model::results::{Baseline, FORMAT_VERSION, Results};

use super::Hinted;

/// Of earlier results only what identifies things.
#[derive(Deserialize)]
pub(crate) struct Earlier {
    version: String,
    findings: Vec<Identified>,
    endpoints: Vec<Identified>,
    #[serde(skip)]
    name: String,
}

#[derive(Deserialize)]
struct Identified {
    id: String,
}

impl Earlier {
    /// Reads a `results.json`; before the traffic, so that a wrong file costs no analysis.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let file = File::open(path).with_context(|| format!("reading {}", path.display()))?;
        let mut earlier: Self = serde_json::from_reader(BufReader::new(file)).map_err(|error| {
            Hinted::new(
                format!("{} is no results document: {error}", path.display()),
                "give the results.json of an earlier `vedette analyze --out`, or what --json printed",
            )
        })?;
        let major = |version: &str| version.split('.').next().unwrap_or_default().to_owned();
        if major(&earlier.version) != major(FORMAT_VERSION) {
            bail!(Hinted::new(
                format!("{} has format {}, this version reads {FORMAT_VERSION}", path.display(), earlier.version),
                "make the baseline anew with this version",
            ));
        }
        earlier.name =
            path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into());
        Ok(earlier)
    }

    /// Takes out the findings that were known, and counts what changed.
    pub(crate) fn leave_new(&self, results: &mut Results) {
        let ids = |all: &[Identified]| -> BTreeSet<String> { all.iter().map(|one| one.id.clone()).collect() };
        let (known, endpoints) = (ids(&self.findings), ids(&self.endpoints));
        let now: BTreeSet<&str> = results.findings.iter().map(|finding| finding.id.as_str()).collect();
        let resolved = known.iter().filter(|id| !now.contains(id.as_str())).count() as u64;
        let before = results.findings.len();
        results.findings.retain(|finding| !known.contains(&finding.id));
        results.baseline = Some(Baseline {
            name: self.name.clone(),
            known: (before - results.findings.len()) as u64,
            resolved,
            new_endpoints: results.endpoints.iter().filter(|endpoint| !endpoints.contains(&endpoint.id)).count() as u64,
        });
    }
}
