//! Specs of units in Markdown: one file per kind, read, compared and written.
//!
//! A case is a second-level heading, a sentence that says why, and fenced blocks. `expect` holds what is found, as
//! `severity kind …` with the explanation indented below; empty, the case stays silent. `http` blocks are exchanges
//! ([`http`]) of one or of many people ([`crowd`]); what others mean is up to who runs the case. Blocks before the
//! first heading belong to every case.
//!
//! `UPDATE=1 cargo test -p vedette-engine --test main` rewrites the expectations.

pub(crate) mod crowd;
mod http;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// A spec file: its lines with the cases found in them.
pub(crate) struct Spec {
    pub(crate) cases: Vec<Case>,
    lines: Vec<String>,
}

/// One case.
#[derive(Default)]
pub(crate) struct Case {
    pub(crate) title: String,
    pub(crate) blocks: Vec<Block>,
    /// Content of the `expect` block.
    pub(crate) expect: String,
    /// Its place in the file: the line of the opening fence and that of the closing one.
    expect_at: Option<(usize, usize)>,
}

/// One fenced block other than `expect`.
#[derive(Clone)]
pub(crate) struct Block {
    /// What stands behind the fence (`http @t=…`).
    pub(crate) info: String,
    pub(crate) text: String,
}

impl Block {
    /// What stands behind `@name=`.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let mut words = self.info.split_whitespace();
        words.find_map(|word| word.strip_prefix('@')?.strip_prefix(name)?.strip_prefix('='))
    }
}

/// Fails unless each kind has a spec with a case that fires and one that stays silent.
pub(crate) fn prove(folder: &str, kinds: impl Iterator<Item = &'static str>) {
    for kind in kinds {
        let spec = Spec::read(&path(folder, kind)).unwrap_or_else(|error| panic!("{kind}: {error}"));
        let fires = |case: &Case| case.expect.lines().any(|line| line.split(' ').nth(1) == Some(kind));
        assert!(spec.cases.iter().any(fires), "{kind}: no case fires");
        assert!(spec.cases.iter().any(|case| !fires(case)), "{kind}: no case stays silent");
    }
}

/// Runs every case, and fails where something else is found than its spec says.
pub(crate) fn compare(
    folder: &str,
    kinds: impl Iterator<Item = &'static str>,
    run: impl Fn(&'static str, &Case) -> String,
) {
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = String::new();
    for kind in kinds {
        let path = path(folder, kind);
        let Ok(mut spec) = Spec::read(&path) else { continue };
        let mut changed = false;
        for case in &mut spec.cases {
            let found = run(kind, case);
            if found != case.expect {
                let _ = write!(wrong, "\n{kind}: {}\nexpected:\n{}found:\n{found}", case.title, case.expect);
                case.expect = found;
                changed = true;
            }
        }
        if update && changed {
            spec.write(&path);
        }
    }
    assert!(update || wrong.is_empty(), "{wrong}");
}

fn path(folder: &str, kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder).join(format!("{kind}.md"))
}

impl Spec {
    pub(crate) fn read(path: &Path) -> std::io::Result<Self> {
        let lines: Vec<String> = std::fs::read_to_string(path)?.lines().map(str::to_owned).collect();
        let mut cases: Vec<Case> = Vec::new();
        let mut shared: Vec<Block> = Vec::new();
        let mut open: Option<(usize, String)> = None;
        for (number, line) in lines.iter().enumerate() {
            match (&open, line.strip_prefix("```")) {
                (None, Some(info)) => open = Some((number, info.trim().to_owned())),
                (Some((start, info)), Some("")) => {
                    let text = lines[start + 1..number].iter().fold(String::new(), |text, line| text + line + "\n");
                    match cases.last_mut() {
                        None => shared.push(Block { info: info.clone(), text }),
                        Some(case) if info == "expect" => {
                            case.expect_at = Some((*start, number));
                            case.expect = text;
                        }
                        Some(case) => case.blocks.push(Block { info: info.clone(), text }),
                    }
                    open = None;
                }
                (None, None) => {
                    if let Some(title) = line.strip_prefix("## ") {
                        let (title, blocks) = (title.to_owned(), shared.clone());
                        cases.push(Case { title, blocks, ..Case::default() });
                    }
                }
                _ => {}
            }
        }
        assert!(open.is_none(), "{}: a block is not closed", path.display());
        for case in &cases {
            assert!(case.expect_at.is_some(), "{}: `{}` has no expect block", path.display(), case.title);
        }
        Ok(Self { cases, lines })
    }

    /// Writes the file with the expectations as they are now.
    pub(crate) fn write(&self, path: &Path) {
        let mut text = String::new();
        let mut at = 0;
        for case in &self.cases {
            let (start, end) = case.expect_at.expect("checked on reading");
            for line in &self.lines[at..=start] {
                let _ = writeln!(text, "{line}");
            }
            text += &case.expect;
            at = end;
        }
        for line in &self.lines[at..] {
            let _ = writeln!(text, "{line}");
        }
        std::fs::write(path, text).expect("the spec can be written");
    }
}
