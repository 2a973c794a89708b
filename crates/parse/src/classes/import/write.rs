//! Writes drafts as the file that users keep and edit.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::super::Classifier;
use super::draft::{Draft, DraftPattern};
use super::{Imported, Remark};

/// The whole file.
pub(super) fn yaml(files: &[(String, Imported)]) -> String {
    let mut out = String::from("# Data classes, written by `vedette classes import`; edit them as your own.\n");
    for (file, imported) in files {
        let count = imported.classes.len();
        let _ = writeln!(
            out,
            "# From {} ({}): {count} classes, {} definitions not carried over, {} not exactly.",
            comment(file),
            imported.kind.name(),
            imported.skipped.len(),
            imported.differing.len()
        );
    }
    list(&mut out, "", "except", files.iter().flat_map(|(_, imported)| &imported.except));
    list(&mut out, "", "except_words", files.iter().flat_map(|(_, imported)| &imported.except_words));
    out.push_str("classes:");
    let mut ids = Ids::new();
    let mut count = 0;
    for (file, imported) in files {
        for class in &imported.classes {
            count += 1;
            draft(&mut out, file, class, &mut ids, &imported.differing);
        }
        remarks(&mut out, file, &imported.skipped);
    }
    if count == 0 {
        out = out.replacen("classes:", "classes: []", 1);
    }
    out.push('\n');
    out
}

/// Ids that are taken: those of our own classes, which an import does not replace, and of the file.
struct Ids(BTreeSet<String>);

impl Ids {
    fn new() -> Self {
        Self(Classifier::builtin().classes().iter().map(|class| class.id.clone()).collect())
    }

    fn take(&mut self, wanted: &str) -> String {
        let mut id = wanted.to_owned();
        let mut next = 1_u32;
        while !self.0.insert(id.clone()) {
            next += 1;
            id = if next == 2 { format!("{wanted}-imported") } else { format!("{wanted}-{next}") };
        }
        id
    }
}

fn draft(out: &mut String, file: &str, class: &Draft, ids: &mut Ids, differing: &[Remark]) {
    let _ = writeln!(out, "\n  # {}:{}", comment(file), class.line);
    for remark in differing.iter().filter(|remark| remark.line == class.line && remark.name == class.name) {
        let _ = writeln!(out, "  # not exactly: {}", comment(&remark.text));
    }
    let _ = writeln!(out, "  - id: {}", ids.take(&class.id));
    let _ = writeln!(out, "    name: {}", scalar(&class.name));
    let _ = writeln!(out, "    level: {}", scalar(&class.level));
    list(out, "    ", "labels", &class.labels);
    if !class.patterns.is_empty() {
        out.push_str("    patterns:\n");
        class.patterns.iter().for_each(|one| pattern(out, one));
    }
    if !class.weak.is_empty() || !class.against.is_empty() {
        out.push_str("    keys:\n");
        list(out, "      ", "weak", &class.weak);
        list(out, "      ", "against", &class.against);
    }
    list(out, "    ", "context", &class.context);
    // The next class begins with an empty line.
    out.pop();
}

fn pattern(out: &mut String, pattern: &DraftPattern) {
    const INDENT: &str = "        ";
    let expression = &pattern.expression;
    let _ = writeln!(out, "      - regex: {}", scalar(&expression.regex));
    list(out, INDENT, "anchors", &expression.anchors);
    if expression.inside > 0 {
        let _ = writeln!(out, "{INDENT}inside: {}", expression.inside);
    }
    if let Some(group) = pattern.group {
        let _ = writeln!(out, "{INDENT}group: {group}");
    }
    if let Some(validator) = pattern.validator {
        let _ = writeln!(out, "{INDENT}validator: {validator}");
    }
    if let Some(entropy) = pattern.entropy {
        let _ = writeln!(out, "{INDENT}entropy: {entropy}");
    }
    list(out, INDENT, "except", &pattern.except);
    list(out, INDENT, "except_words", &pattern.except_words);
    let _ = writeln!(out, "{INDENT}confidence: {}", pattern.confidence);
    if let Some(confidence) = pattern.with_context {
        let _ = writeln!(out, "{INDENT}with_context: {confidence}");
    }
}

fn remarks(out: &mut String, file: &str, skipped: &[Remark]) {
    if skipped.is_empty() {
        return;
    }
    let _ = write!(out, "\n\n# Not carried over from {}:", comment(file));
    for Remark { name, line, text } in skipped {
        let _ = write!(out, "\n# - {} (line {line}): {}", comment(name), comment(text));
    }
}

/// A list: on one line when it is short, else an item per line.
fn list<'a>(out: &mut String, indent: &str, name: &str, items: impl IntoIterator<Item = &'a String>) {
    let items: Vec<String> = items.into_iter().map(|item| scalar(item)).collect();
    if items.is_empty() {
        return;
    }
    let line = items.join(", ");
    if line.len() <= 90 {
        let _ = writeln!(out, "{indent}{name}: [{line}]");
        return;
    }
    let _ = writeln!(out, "{indent}{name}:");
    for item in items {
        let _ = writeln!(out, "{indent}  - {item}");
    }
}

/// A quoted scalar, whatever is in it.
fn scalar(text: &str) -> String {
    if text.chars().any(|c| c.is_control() || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}')) {
        let mut out = String::from("\"");
        for c in text.chars() {
            match c {
                '"' | '\\' => out.extend(['\\', c]),
                c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                    let _ = write!(out, "\\u{:04x}", u32::from(c));
                }
                c => out.push(c),
            }
        }
        out.push('"');
        return out;
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// Text for a comment: one line, no surprises.
fn comment(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}
