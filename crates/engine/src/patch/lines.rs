//! Lines added to a YAML text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use vedette_parse::document::locate;

use super::additions::Place;

/// Lines around a change that a unified diff shows.
const CONTEXT: usize = 3;

/// Lines to insert, by the number of lines before them.
pub(super) struct Insertions<'t> {
    text: &'t str,
    lines: Vec<&'t str>,
    /// With their indentation: what is deeper belongs to what stands before, and comes first.
    by_line: BTreeMap<usize, Vec<(usize, Vec<String>)>>,
}

impl<'t> Insertions<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, lines: text.lines().collect(), by_line: BTreeMap::new() }
    }

    /// Adds at the first place that exists.
    pub(super) fn add(&mut self, places: &[Place]) -> Result<(), String> {
        let mut reason = "its place is in another file".to_owned();
        for place in places {
            match self.insert(place) {
                Ok(()) => return Ok(()),
                Err(why) => reason = why,
            }
        }
        Err(reason)
    }

    fn insert(&mut self, place: &Place) -> Result<(), String> {
        let found = locate(self.text, [place.holder.as_str()]);
        let holder = *found.get(place.holder.as_str()).ok_or("its place is not in this file")?;
        // A block has its first child on a line of its own.
        let own = self.lines.get(holder.line.saturating_sub(1)).copied().unwrap_or_default();
        let after_key = own.split_once(": ").map_or("", |(_, rest)| rest.trim_start());
        let inline = own.trim_end().ends_with(['}', ']']) || after_key.starts_with(['{', '[', '&', '*', '!', '|', '>']);
        let first = (holder.line..holder.end_line.saturating_sub(1)).find(|at| self.is_content(*at));
        let (Some(first), false) = (first, inline) else { return Err("it is written in flow style".to_owned()) };
        let indent = self.indent(first);
        let item = self.lines.get(first).is_some_and(|line| line.trim_start().starts_with("- "));
        if item != place.key.is_none() {
            return Err("its place has another form".to_owned());
        }
        let mut last = holder.end_line.saturating_sub(1).min(self.lines.len());
        while last > first + 1 && !self.is_content(last - 1) {
            last -= 1;
        }
        let value = match &place.key {
            Some(key) => json!({key.as_str(): place.value}),
            None => Value::Array(vec![place.value.clone()]),
        };
        let yaml = serde_saphyr::to_string(&value).map_err(|error| error.to_string())?;
        let added = yaml.lines().map(|line| format!("{}{line}", " ".repeat(indent))).collect();
        let here = self.by_line.entry(last).or_default();
        here.push((indent, added));
        here.sort_by_key(|(indent, _)| std::cmp::Reverse(*indent));
        Ok(())
    }

    /// Lines to insert after so many lines.
    fn at(&self, line: usize) -> impl Iterator<Item = &String> {
        self.by_line.get(&line).into_iter().flatten().flat_map(|(_, lines)| lines)
    }

    fn is_content(&self, at: usize) -> bool {
        self.lines.get(at).is_some_and(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
    }

    fn indent(&self, at: usize) -> usize {
        self.lines.get(at).map_or(0, |line| line.len() - line.trim_start().len())
    }

    /// The new text, and the change as a unified diff.
    pub(super) fn apply(&self, file: &str) -> (String, String) {
        let mut text = String::with_capacity(self.text.len() + 4_096);
        for at in 0..=self.lines.len() {
            for line in self.at(at) {
                text.push_str(line);
                text.push('\n');
            }
            if let Some(line) = self.lines.get(at) {
                text.push_str(line);
                text.push('\n');
            }
        }
        (text, self.diff(file))
    }

    fn diff(&self, file: &str) -> String {
        let mut out = String::new();
        if self.by_line.is_empty() {
            return out;
        }
        let _ = writeln!(out, "--- {file}\n+++ {file}");
        let places: Vec<usize> = self.by_line.keys().copied().collect();
        let mut shift = 0;
        let mut rest = places.as_slice();
        while let Some(&start) = rest.first() {
            // Changes whose contexts touch are one hunk.
            let touching = rest.windows(2).take_while(|pair| matches!(pair, [a, b] if b - a <= 2 * CONTEXT)).count();
            let (hunk, others) = rest.split_at(touching + 1);
            let end = hunk.last().copied().unwrap_or(start);
            let (from, to) = (start.saturating_sub(CONTEXT), (end + CONTEXT).min(self.lines.len()));
            let added: usize = hunk.iter().map(|at| self.at(*at).count()).sum();
            let _ = writeln!(out, "@@ -{},{} +{},{} @@", from + 1, to - from, from + 1 + shift, to - from + added);
            for at in from..=to {
                for line in self.at(at).filter(|_| hunk.contains(&at)) {
                    let _ = writeln!(out, "+{line}");
                }
                if let Some(line) = self.lines.get(at).filter(|_| at < to) {
                    let _ = writeln!(out, " {line}");
                }
            }
            shift += added;
            rest = others;
        }
        out
    }
}
