//! Every unit comes with what proves it: a check or detector with a spec that fires and stays silent, a data class with
//! examples, a limit with its reason.

use super::File;

/// Units with a spec: their folder, what a file of one has in it, and the folder of the specs.
const SPECIFIED: &[(&str, &str, &str)] = &[
    ("crates/engine/src/checks/", "const CHECK: Check", "crates/engine/tests/checks/"),
    ("crates/engine/src/detectors/", "const DETECTOR: Detector", "crates/engine/tests/detectors/"),
];
const CLASSES: &str = "rules/classes/";
const LIMITS: &str = "crates/model/src/limits.rs";

/// Units that lack their proof.
pub(super) fn complaints(files: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files {
        let text = file.text.as_deref().unwrap_or_default();
        let specified = SPECIFIED.iter().find(|(units, sign, _)| file.path.starts_with(units) && text.contains(sign));
        if let Some((_, _, specs)) = specified {
            let kind = file.stem().replace('_', "-");
            let spec = format!("{specs}{kind}.md");
            let spec_text = files.iter().find(|file| file.path == spec).and_then(|file| file.text.as_deref());
            complaints.extend(
                spec_text
                    .map_or(Some(format!("{} has no spec {spec}", file.path)), |text| unproven(&spec, &kind, text)),
            );
            if !text.starts_with("//!") {
                complaints.push(format!("{} has no doc comment, which is its reference page", file.path));
            }
        }
        if file.path.starts_with(CLASSES) && matches!(file.extension(), Some("yaml" | "yml")) {
            complaints.extend(unexampled(&file.path, text));
        }
    }
    let limits = files.iter().find(|file| file.path == LIMITS).and_then(|file| file.text.as_deref());
    complaints.extend(undocumented(limits.unwrap_or_default()));
    complaints
}

/// A spec needs a case whose `expect` block has the kind, and one whose block has not.
fn unproven(spec: &str, kind: &str, text: &str) -> Option<String> {
    let blocks = text.split("```expect").skip(1).filter_map(|rest| rest.split("```").next());
    let fires: Vec<bool> = blocks.map(|block| block.lines().any(|line| line.split(' ').nth(1) == Some(kind))).collect();
    match (fires.contains(&true), fires.contains(&false)) {
        (true, true) => None,
        (true, false) => Some(format!("{spec} has no case that stays silent")),
        (false, _) => Some(format!("{spec} has no case that fires")),
    }
}

/// Each class of a file needs texts or fields that it is found in, and some that it is not.
fn unexampled(path: &str, text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    for class in text.split("- id:").skip(1) {
        let has = |keys: [&str; 2]| class.lines().any(|line| keys.iter().any(|key| line.trim_start().starts_with(key)));
        let id = class.lines().next().unwrap_or_default().trim();
        if !has(["examples:", "fields:"]) {
            complaints.push(format!("{path}: class {id} has no examples"));
        }
        if !has(["negative_examples:", "negative_fields:"]) {
            complaints.push(format!("{path}: class {id} has no negative_examples"));
        }
    }
    complaints
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
    fn a_unit_needs_a_spec_that_fires_and_stays_silent() {
        let file = |path: &str, text: &str| File { path: path.to_owned(), text: Some(text.to_owned()) };
        let both = "```expect\nhigh cors-open x\nlow bola x\n```\n\n```expect\nhigh other x\n```\n";
        for (unit, text, spec) in [
            ("checks/cors_open", "//! Doc.\npub const CHECK: Check = Check {};", "checks/cors-open"),
            ("detectors/bola", "//! Doc.\npub(super) const DETECTOR: Detector = Detector {};", "detectors/bola"),
        ] {
            let unit = file(&format!("crates/engine/src/{unit}.rs"), text);
            let spec = file(&format!("crates/engine/tests/{spec}.md"), both);
            assert_eq!(complaints(std::slice::from_ref(&unit)).len(), 1);
            assert!(complaints(&[unit, spec]).is_empty());
        }
        assert_eq!(unproven("x.md", "x", "```expect\nlow x y\n```").unwrap(), "x.md has no case that stays silent");
        assert_eq!(unproven("x.md", "x", "```expect\n```").unwrap(), "x.md has no case that fires");
    }

    #[test]
    fn every_class_of_a_file_needs_examples_of_both_kinds() {
        let text = "classes:\n  - id: a\n    examples: [x]\n    negative_fields: [y]\n  - id: b\n    fields: [z]\n";
        assert_eq!(unexampled("x.yaml", text), ["x.yaml: class b has no negative_examples"]);
    }

    #[test]
    fn a_limit_needs_its_reason() {
        assert_eq!(undocumented("/// Bytes: because.\npub const A: u8 = 1;\n\npub const B: u8 = 1;").len(), 1);
    }
}
