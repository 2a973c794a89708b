//! Reads and writes the Markdown of a spec.

use std::fmt::Write as _;
use std::path::Path;

/// A spec file: its lines with the cases found in them.
pub(super) struct Spec {
    pub(super) cases: Vec<Case>,
    lines: Vec<String>,
}

/// One case.
#[derive(Default)]
pub(super) struct Case {
    pub(super) title: String,
    pub(super) blocks: Vec<Block>,
    /// Content of the `expect` block.
    pub(super) expect: String,
    /// Its place in the file: the line of the opening fence and that of the closing one.
    expect_at: Option<(usize, usize)>,
}

/// One fenced block other than `expect`.
pub(super) struct Block {
    /// What stands behind the fence (`http @t=…`).
    pub(super) info: String,
    pub(super) text: String,
}

impl Spec {
    pub(super) fn read(path: &Path) -> std::io::Result<Self> {
        let lines: Vec<String> = std::fs::read_to_string(path)?.lines().map(str::to_owned).collect();
        let mut cases: Vec<Case> = Vec::new();
        let mut open: Option<(usize, String)> = None;
        for (number, line) in lines.iter().enumerate() {
            match (&open, line.strip_prefix("```")) {
                (None, Some(info)) => open = Some((number, info.trim().to_owned())),
                (Some((start, info)), Some("")) => {
                    let text = lines[start + 1..number].iter().fold(String::new(), |text, line| text + line + "\n");
                    let case = cases.last_mut().expect("a block before the first heading");
                    if info == "expect" {
                        case.expect_at = Some((*start, number));
                        case.expect = text;
                    } else {
                        case.blocks.push(Block { info: info.clone(), text });
                    }
                    open = None;
                }
                (None, None) => {
                    if let Some(title) = line.strip_prefix("## ") {
                        cases.push(Case { title: title.to_owned(), ..Case::default() });
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
    pub(super) fn write(&self, path: &Path) {
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
