//! What commands with findings share: files for other tools, and `--fail-on`.

use std::path::PathBuf;

use anyhow::Result;
use vedette_model::Severity;
use vedette_model::results::Results;

use crate::output::{self, write_file};

/// Arguments of commands that give findings.
#[derive(clap::Args)]
pub(crate) struct Gate {
    /// Exit with 1 when there is a finding at least this bad.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    fail_on: Option<Severity>,

    /// Write the findings as SARIF 2.1.0, for code scanning.
    #[arg(long, value_name = "FILE")]
    sarif: Option<PathBuf>,

    /// Write the findings as JUnit XML, for build servers.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,

    /// Write a summary in Markdown, for a pull request.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

impl Gate {
    /// Writes the files that were asked for.
    pub(crate) fn write(&self, results: &Results) -> Result<()> {
        if let Some(path) = &self.sarif {
            write_file(path, |out| output::sarif(results, out))?;
        }
        if let Some(path) = &self.junit {
            write_file(path, |out| output::junit(results, out))?;
        }
        if let Some(path) = &self.markdown {
            write_file(path, |out| output::markdown(results, out))?;
        }
        Ok(())
    }

    /// `--fail-on` was met.
    pub(crate) fn is_closed(&self, results: &Results) -> bool {
        self.fail_on.is_some_and(|severity| output::fail_on(results, severity))
    }
}

fn severity(text: &str) -> Result<Severity, String> {
    match text.to_ascii_lowercase().as_str() {
        "info" => Ok(Severity::Info),
        "low" => Ok(Severity::Low),
        "medium" => Ok(Severity::Medium),
        "high" => Ok(Severity::High),
        "critical" => Ok(Severity::Critical),
        _ => Err("one of info, low, medium, high, critical".to_owned()),
    }
}
