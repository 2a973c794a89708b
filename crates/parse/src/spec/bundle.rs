//! Brings the files that a specification refers to into one tree.
//!
//! A document `schemas/pet.yaml` becomes `/x-vedette-files/schemas~1pet.yaml` of the root, and every reference to it
//! a local one. References to other hosts are named, not fetched.

use serde_json::{Map, Value};
use vedette_model::Diagnostic;
use vedette_model::limits::{DOCUMENT_DEPTH_MAX, SPEC_FILES_MAX};

use super::problem;
use crate::document::{self, below, push_token};

/// Member of the root that holds other files.
const FILES: &str = "x-vedette-files";

/// A tree with local references only.
pub(super) struct Bundled {
    pub(super) root: Value,
    /// Their file is a pointer.
    pub(super) problems: Vec<Diagnostic>,
}

/// Bundles. `fetch` gives the text of a local file.
pub(super) fn bundle(mut root: Value, fetch: &mut dyn FnMut(&str) -> Result<String, String>) -> Bundled {
    let mut walk = Walk { wanted: Vec::new(), problems: Vec::new() };
    walk.rewrite(&mut root, "", &mut String::new(), 0);
    let mut files = Map::new();
    let mut next = 0;
    while let Some((file, referrer)) = walk.wanted.get(next).cloned() {
        next += 1;
        if next > SPEC_FILES_MAX {
            walk.problems.push(problem(&referrer, format!("refers to more than {SPEC_FILES_MAX} files")));
            break;
        }
        match fetch(&file).and_then(|text| document::read(&file, &text).map_err(|error| error.to_string())) {
            Ok(mut tree) => {
                walk.rewrite(&mut tree, &file, &mut referrer.clone(), 0);
                files.insert(file, tree);
            }
            Err(reason) => walk.problems.push(problem(&referrer, format!("cannot read '{file}': {reason}"))),
        }
    }
    if let Some(members) = root.as_object_mut().filter(|_| !files.is_empty()) {
        members.insert(FILES.to_owned(), Value::Object(files));
    }
    Bundled { root, problems: walk.problems }
}

struct Walk {
    /// Files to read, with the pointer of who wants them first.
    wanted: Vec<(String, String)>,
    problems: Vec<Diagnostic>,
}

impl Walk {
    /// Makes the references of a tree of `file` (empty: the root) local ones.
    fn rewrite(&mut self, value: &mut Value, file: &str, pointer: &mut String, depth: usize) {
        if depth > DOCUMENT_DEPTH_MAX {
            return;
        }
        let length = pointer.len();
        let step = |pointer: &mut String, token: &str| {
            if file.is_empty() {
                push_token(pointer, token);
            }
        };
        match value {
            Value::Array(items) => {
                for (place, item) in
                    items.iter_mut().enumerate().filter(|(_, item)| item.is_object() || item.is_array())
                {
                    step(pointer, &place.to_string());
                    self.rewrite(item, file, pointer, depth + 1);
                    pointer.truncate(length);
                }
            }
            Value::Object(members) => {
                if let Some(Value::String(reference)) = members.get_mut("$ref")
                    && let Some(local) = self.local(reference, file, pointer)
                {
                    *reference = local;
                }
                for (key, member) in members.iter_mut().filter(|(_, member)| member.is_object() || member.is_array()) {
                    step(pointer, key);
                    self.rewrite(member, file, pointer, depth + 1);
                    pointer.truncate(length);
                }
            }
            _ => {}
        }
    }

    /// The local form of a reference; `None` when it is one.
    fn local(&mut self, reference: &str, file: &str, pointer: &str) -> Option<String> {
        let (target, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        if target.is_empty() && file.is_empty() {
            return None;
        }
        if target.contains("://") || target.starts_with("//") {
            let message = "refers to another host; such references are not followed".to_owned();
            self.problems.push(problem(pointer, message));
            return None;
        }
        let target = if target.is_empty() { file.to_owned() } else { joined(file, target) };
        if !self.wanted.iter().any(|(known, _)| *known == target) {
            self.wanted.push((target.clone(), pointer.to_owned()));
        }
        let holder = below(&below("", FILES), &target);
        // A reference into the same root file from another one would need its name; people refer to `openapi.yaml#/…`
        // rarely, and then the file is read once more.
        Some(format!("#{holder}{fragment}"))
    }
}

/// A path relative to the folder of another file, without `.` and `..` where they cancel.
fn joined(file: &str, target: &str) -> String {
    let target = crate::url::percent_decode(target);
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = Vec::new();
    let absolute = target.starts_with('/');
    let folder = if absolute { "" } else { folder };
    for part in folder.split('/').chain(target.split('/')).filter(|part| !part.is_empty() && *part != ".") {
        match (part, parts.last()) {
            ("..", Some(last)) if *last != ".." => drop(parts.pop()),
            (part, _) => parts.push(part),
        }
    }
    format!("{}{}", if absolute { "/" } else { "" }, parts.join("/"))
}
