//! `cargo xtask codegen`: the files that are made from source and committed, so that a reader needs no tool and a
//! review shows what changed (invariant 10).

use std::path::Path;

use anyhow::{Context, Result, bail};

mod classes;
mod cli;
mod detections;
mod findings;
mod schema;
mod typescript;

/// What to do with a file that is not as it should be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Write it.
    Write,
    /// Say so and fail.
    Check,
}

/// Makes the text of one file from the repository at a root.
type Maker = fn(&Path) -> Result<String>;

/// Path and maker of each generated file.
const FILES: &[(&str, Maker)] = &[
    ("docs/schema/results.json", schema::results),
    ("docs/schema/exchange.json", schema::exchange),
    ("docs/reference/findings.md", findings::page),
    ("docs/reference/detections.md", detections::page),
    ("docs/reference/data-classes.md", classes::page),
    ("docs/reference/cli.md", cli::page),
    ("docs/reference/sql.md", cli::sql),
    ("docs/reference/openapi.json", cli::api),
    ("ui/src/api/results.d.ts", typescript::results),
    ("ui/src/api/api.d.ts", typescript::api),
];

/// Writes or checks all generated files.
pub(crate) fn run(root: &Path, mode: Mode) -> Result<()> {
    let mut stale = Vec::new();
    for (path, make) in FILES {
        if path.starts_with("ui/") && !root.join("ui/package.json").exists() {
            continue;
        }
        let made = make(root).with_context(|| format!("making {path}"))?;
        let file = root.join(path);
        if std::fs::read_to_string(&file).is_ok_and(|there| there == made) {
            continue;
        }
        stale.push(*path);
        if mode == Mode::Write {
            std::fs::create_dir_all(file.parent().unwrap_or(root))?;
            std::fs::write(&file, made).with_context(|| format!("writing {path}"))?;
            println!("wrote {path}");
        }
    }
    match (mode, stale.is_empty()) {
        (Mode::Check, false) => bail!("stale: {}; run `cargo xtask codegen` and commit", stale.join(", ")),
        (_, true) => println!("{} generated files are up to date", FILES.len()),
        (Mode::Write, false) => {}
    }
    Ok(())
}
