//! Every unit comes with what proves it: a check with a spec that fires and one that stays silent, a data class with
//! examples, a limit with its reason.

use super::File;

const CHECKS: &str = "crates/engine/src/checks/";
const SPECS: &str = "crates/engine/tests/checks/";
const CLASSES: &str = "rules/classes/";
const LIMITS: &str = "crates/model/src/limits.rs";

/// Units that lack their proof.
pub(super) fn complaints(files: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files {
        let text = file.text.as_deref().unwrap_or_default();
        if file.path.starts_with(CHECKS) && text.contains("Check {") && file.stem() != "mod" {
            let spec = format!("{SPECS}{}.md", file.stem().replace('_', "-"));
            let spec_text = files.iter().find(|file| file.path == spec).and_then(|file| file.text.as_deref());
            complaints.extend(
                spec_text.map_or(Some(format!("{} has no spec {spec}", file.path)), |text| unproven(&spec, text)),
            );
            if !text.starts_with("//!") {
                complaints.push(format!("{} has no doc comment, which is its reference page", file.path));
            }
        }
        if file.path.starts_with(CLASSES) && matches!(file.extension(), Some("yaml" | "yml")) {
            let keys = ["examples:", "negative_examples:"];
            let missing = keys
                .iter()
                .filter(|key| !text.lines().any(|line| line.trim_start_matches([' ', '-']).starts_with(**key)));
            complaints.extend(missing.map(|key| format!("{} has no {}", file.path, key.trim_end_matches(':'))));
        }
    }
    let limits = files.iter().find(|file| file.path == LIMITS).and_then(|file| file.text.as_deref());
    complaints.extend(undocumented(limits.unwrap_or_default()));
    complaints
}

/// A spec needs a case whose `expect` block names something, and one whose block is empty.
fn unproven(spec: &str, text: &str) -> Option<String> {
    let blocks: Vec<&str> = text.split("```expect").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let fires = blocks.iter().any(|block| !block.trim().is_empty());
    let silent = blocks.iter().any(|block| block.trim().is_empty());
    match (fires, silent) {
        (true, true) => None,
        (true, false) => Some(format!("{spec} has no case that stays silent")),
        (false, _) => Some(format!("{spec} has no case that fires")),
    }
}

/// Limits without a comment that gives unit and reason.
fn undocumented(limits: &str) -> Vec<String> {
    let lines: Vec<&str> = limits.lines().collect();
    let pairs =
        lines.windows(2).filter_map(|pair| if let [before, line] = pair { Some((*before, *line)) } else { None });
    pairs
        .filter(|(before, line)| line.starts_with("pub const ") && !before.starts_with("///"))
        .map(|(_, line)| format!("{LIMITS}: `{line}` has no comment with its unit and reason"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_needs_a_spec_that_fires_and_one_that_is_silent() {
        let file = |path: &str, text: &str| File { path: path.to_owned(), text: Some(text.to_owned()) };
        let check = file("crates/engine/src/checks/cors_open.rs", "//! Doc.\npub const CHECK: Check = Check {};");
        let spec = |text| file("crates/engine/tests/checks/cors-open.md", text);
        let both = "```expect\ncors-open\n```\n\n```expect\n```\n";
        assert!(complaints(&[check, spec(both)]).is_empty());
        assert_eq!(unproven("x.md", "```expect\nx\n```").unwrap(), "x.md has no case that stays silent");
        assert_eq!(unproven("x.md", "```expect\n```").unwrap(), "x.md has no case that fires");
    }

    #[test]
    fn a_limit_needs_its_reason() {
        assert_eq!(undocumented("/// Bytes: because.\npub const A: u8 = 1;\n\npub const B: u8 = 1;").len(), 1);
    }
}
