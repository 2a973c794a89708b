//! Several YAML documents in one file, with the lines they begin at.

use serde_json::Value;
use vedette_model::Diagnostic;
use vedette_model::limits::OWNER_DOCUMENTS_MAX;

use super::{Entry, Kind, OwnerFile};
use crate::document::{self, Place};

/// One document.
pub(super) struct Document<'t> {
    pub(super) root: Value,
    text: &'t str,
    /// Lines of the file before it.
    before: usize,
}

impl Document<'_> {
    /// Lines of some pointers in the file; that of the document where there is none.
    pub(super) fn lines(&self, pointers: &[String]) -> Vec<usize> {
        let places = document::locate(self.text, pointers.iter().map(String::as_str));
        let line = |pointer: &String| places.get(pointer.as_str()).map_or(1, |place: &Place| place.line) + self.before;
        pointers.iter().map(line).collect()
    }
}

/// Reads all documents; what is wrong with one does not hide the others.
pub(super) fn documents<'t>(file: &str, text: &'t str, problems: &mut Vec<Diagnostic>) -> Vec<Document<'t>> {
    let mut documents = Vec::new();
    for (before, part) in parts(text) {
        if documents.len() >= OWNER_DOCUMENTS_MAX {
            problems.push(Diagnostic {
                file: file.to_owned(),
                line: before + 1,
                message: format!("more than {OWNER_DOCUMENTS_MAX} documents; the rest is left out"),
                ..Diagnostic::default()
            });
            break;
        }
        match document::read(file, part) {
            Ok(Value::Null) => {}
            Ok(root) => documents.push(Document { root, text: part, before }),
            Err(mut error) => {
                error.line += before;
                problems.push(error);
            }
        }
    }
    documents
}

/// An entry that waits for its line: the document and the pointer in it that it stands at.
pub(super) struct Pending {
    pub(super) document: usize,
    pub(super) pointer: String,
    pub(super) entry: Entry,
}

/// Adds entries with their lines, each document looked through once.
pub(super) fn place(documents: &[Document<'_>], pending: Vec<Pending>, file: &mut OwnerFile) {
    let mut lines: Vec<std::vec::IntoIter<usize>> = Vec::with_capacity(documents.len());
    let mut pointers: Vec<Vec<String>> = vec![Vec::new(); documents.len()];
    for one in &pending {
        if let Some(of_document) = pointers.get_mut(one.document) {
            of_document.push(one.pointer.clone());
        }
    }
    for (document, pointers) in documents.iter().zip(&pointers) {
        lines.push(if pointers.is_empty() { Vec::new().into_iter() } else { document.lines(pointers).into_iter() });
    }
    for Pending { document, mut entry, .. } in pending {
        entry.line = lines.get_mut(document).and_then(Iterator::next).unwrap_or(0);
        file.entries.push(entry);
    }
}

/// Texts between `---` lines, with the number of lines before each.
fn parts(text: &str) -> Vec<(usize, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut parts, mut begin, mut before, mut at) = (Vec::new(), 0, 0, 0);
    for (line, content) in text.split_inclusive('\n').enumerate() {
        if content.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
        {
            parts.push((before, text.get(begin..at).unwrap_or_default()));
            (begin, before) = (at + content.len(), line + 1);
        }
        at += content.len();
    }
    parts.push((before, text.get(begin..).unwrap_or_default()));
    parts.retain(|(_, part)| part.lines().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')));
    parts
}

/// What a document is.
pub(super) fn kind(root: &Value) -> Option<Kind> {
    let version = root.get("apiVersion").and_then(Value::as_str);
    match version {
        Some(version) if version.starts_with("backstage.io/") => Some(Kind::Backstage),
        Some(_) if root.get("kind").is_some_and(Value::is_string) => Some(Kind::Kubernetes),
        _ if root.get("_format_version").is_some() => Some(Kind::Kong),
        _ => None,
    }
}

/// A member that is text.
pub(super) fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

/// Texts of a list, or the one text in its place.
pub(super) fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
        Some(Value::String(text)) => vec![text.clone()],
        _ => Vec::new(),
    }
}

/// The items of a list.
pub(super) fn items<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}
