//! Documents with the line of every value: what a judge of configurations needs, where every value may be a place.

use foldhash::fast::FixedState;
use granit_parser::{Event, ScalarStyle};
use hashbrown::HashMap;
use serde_json::Value;
use vedette_model::Diagnostic;
use vedette_model::limits::{CONFIGURATION_NODES_MAX, DOCUMENT_DEPTH_MAX};

use super::yaml::{Events, scalar};

/// A value and where it stands.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// Line of its key, or of itself where there is none; from 1, 0 when unknown.
    pub line: usize,
    /// What is there.
    pub content: Content,
}

/// What a [`Node`] holds.
#[derive(Clone, Debug, Default)]
pub enum Content {
    /// Nothing, `null` or `~`.
    #[default]
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A number, as written.
    Number(f64),
    /// A text.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping in the order written; of equal keys the last one counts.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The member of a mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.content {
            Content::Map(members) => members.iter().rev().find(|(name, _)| name == key).map(|(_, node)| node),
            _ => None,
        }
    }

    /// A value further down: keys and places in lists, parted by `/`.
    pub fn find(&self, path: &str) -> Option<&Self> {
        path.split('/').try_fold(self, |node, step| match &node.content {
            Content::List(items) => step.parse::<usize>().ok().and_then(|at| items.get(at)),
            _ => node.get(step),
        })
    }

    /// The text at a path (see [`Self::find`]).
    pub fn text_at(&self, path: &str) -> Option<&str> {
        self.find(path)?.text()
    }

    /// The flag at a path; texts `"true"` and `"false"` count, in any case.
    pub fn flag_at(&self, path: &str) -> Option<bool> {
        match &self.find(path)?.content {
            Content::Flag(flag) => Some(*flag),
            Content::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Content::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// The number at a path; a text of digits counts.
    pub fn number_at(&self, path: &str) -> Option<f64> {
        match &self.find(path)?.content {
            Content::Number(number) => Some(*number),
            Content::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The items of the list at a path; none where there is no list.
    pub fn items_at(&self, path: &str) -> &[Self] {
        self.find(path).map_or(&[], Self::items)
    }

    /// Items of a list; none of anything else.
    pub fn items(&self) -> &[Self] {
        if let Content::List(items) = &self.content { items } else { &[] }
    }

    /// Members of a mapping; none of anything else.
    pub fn members(&self) -> &[(String, Self)] {
        if let Content::Map(members) = &self.content { members } else { &[] }
    }

    /// The text, when it is one.
    pub fn text(&self) -> Option<&str> {
        if let Content::Text(text) = &self.content { Some(text) } else { None }
    }

    /// The texts of a list, or the one text that is there in place of a list.
    pub fn texts(&self) -> Vec<&str> {
        self.text().into_iter().chain(self.items().iter().filter_map(Self::text)).collect()
    }

    /// True for nothing and `null`.
    pub fn is_null(&self) -> bool {
        matches!(self.content, Content::Null)
    }

    /// Visits this node and all below, each with the key that leads to it (of a list: the list's).
    pub fn walk<'n>(&'n self, key: &'n str, visit: &mut dyn FnMut(&'n str, &'n Self)) {
        visit(key, self);
        for item in self.items() {
            item.walk(key, visit);
        }
        for (name, member) in self.members() {
            member.walk(name, visit);
        }
    }
}

/// Reads every document of a YAML stream, or one JSON document.
///
/// # Errors
/// One diagnostic with line and column when the text is neither, is too deep, or has more than
/// [`CONFIGURATION_NODES_MAX`] values, aliases counted as what they stand for.
pub fn read_trees(file: &str, text: &str) -> Result<Vec<Node>, Diagnostic> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { events: Events::new(text), anchors: HashMap::default(), nodes: 0 };
    match reader.documents() {
        Ok(trees) => Ok(trees),
        // JSON that is no YAML (escaped surrogates) loses its lines, not its content.
        Err(_) if text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<Value>(text).is_ok() => {
            let value = super::read(file, text)?;
            let mut left = CONFIGURATION_NODES_MAX;
            Ok(unplaced(value, &mut left).into_iter().collect())
        }
        Err(message) => Err(reader.events.diagnostic(file, message)),
    }
}

/// A tree without lines; `None` once nothing is left of the bound.
fn unplaced(value: Value, left: &mut usize) -> Option<Node> {
    *left = left.checked_sub(1)?;
    let content = match value {
        Value::Null => Content::Null,
        Value::Bool(flag) => Content::Flag(flag),
        Value::Number(number) => Content::Number(number.as_f64().unwrap_or_default()),
        Value::String(text) => Content::Text(text),
        Value::Array(items) => Content::List(items.into_iter().map_while(|item| unplaced(item, left)).collect()),
        Value::Object(members) => {
            let placed = members.into_iter().map_while(|(key, member)| Some((key, unplaced(member, left)?)));
            Content::Map(placed.collect())
        }
    };
    Some(Node { line: 0, content })
}

struct Reader<'a> {
    events: Events<'a>,
    /// Nodes by anchor, with how many they are.
    anchors: HashMap<usize, (Node, usize), FixedState>,
    nodes: usize,
}

impl<'a> Reader<'a> {
    fn documents(&mut self) -> Result<Vec<Node>, String> {
        let mut trees = Vec::new();
        loop {
            match self.events.next()? {
                Event::StreamStart | Event::DocumentStart(..) => {}
                Event::DocumentEnd => self.anchors.clear(),
                Event::StreamEnd => return Ok(trees),
                event => trees.push(self.node(event, self.events.at.0, 0)?),
            }
        }
    }

    fn node(&mut self, event: Event<'a>, line: usize, depth: usize) -> Result<Node, String> {
        if depth > DOCUMENT_DEPTH_MAX {
            return Err(format!("nested deeper than {DOCUMENT_DEPTH_MAX} levels"));
        }
        self.count(1)?;
        let first = self.nodes;
        let (content, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain && tag.is_none();
                (if plain { plain_scalar(&text) } else { Content::Text(text.into_owned()) }, anchor)
            }
            Event::SequenceStart(_, anchor, _) => (self.sequence(depth)?, anchor),
            Event::MappingStart(_, anchor, _) => (self.mapping(depth)?, anchor),
            Event::Alias(anchor) => {
                let (node, nodes) = self.anchors.get(&anchor).cloned().ok_or("an alias of itself")?;
                self.count(nodes)?;
                return Ok(node);
            }
            other => return Err(format!("unexpected {other:?}").chars().take(80).collect()),
        };
        let node = Node { line, content };
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), self.nodes - first + 1));
        }
        Ok(node)
    }

    fn count(&mut self, nodes: usize) -> Result<(), String> {
        self.nodes += nodes;
        if self.nodes > CONFIGURATION_NODES_MAX {
            return Err(format!("more than {CONFIGURATION_NODES_MAX} values, aliases counted as what they stand for"));
        }
        Ok(())
    }

    fn sequence(&mut self, depth: usize) -> Result<Content, String> {
        let mut items = Vec::new();
        loop {
            match self.events.next()? {
                Event::SequenceEnd => return Ok(Content::List(items)),
                event => items.push(self.node(event, self.events.at.0, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Content, String> {
        let mut members: Vec<(String, Node)> = Vec::new();
        let mut merged = Vec::new();
        loop {
            let event = self.events.next()?;
            let line = self.events.at.0;
            let (key, plain) = match event {
                Event::MappingEnd => break,
                Event::Scalar(text, style, anchor, _) => {
                    if anchor > 0 {
                        let node = Node { line, content: Content::Text(text.clone().into_owned()) };
                        self.anchors.insert(anchor, (node, 1));
                    }
                    (text.into_owned(), style == ScalarStyle::Plain)
                }
                event => match self.node(event, line, depth + 1)?.content {
                    Content::Text(text) => (text, false),
                    _ => return Err("a key that is no text".to_owned()),
                },
            };
            let event = self.events.next()?;
            let node = self.node(event, line, depth + 1)?;
            if plain && key == "<<" {
                let others = if node.items().is_empty() { std::slice::from_ref(&node) } else { node.items() };
                merged.extend(others.iter().flat_map(Node::members).cloned());
            } else {
                members.push((key, node));
            }
        }
        for (key, node) in merged {
            if !members.iter().any(|(known, _)| *known == key) {
                members.push((key, node));
            }
        }
        Ok(Content::Map(members))
    }
}

fn plain_scalar(text: &str) -> Content {
    match scalar(text) {
        Value::Null => Content::Null,
        Value::Bool(flag) => Content::Flag(flag),
        Value::Number(number) => Content::Number(number.as_f64().unwrap_or_default()),
        _ => Content::Text(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn values_know_their_lines_in_yaml_and_json() {
        let yaml = "a: 1\nb:\n  - x: 'y'\n  - [p, q]\n---\nc: {d: true}\n";
        let trees = read_trees("a", yaml).unwrap();
        assert_eq!(trees.len(), 2);
        assert_eq!(trees[0].find("b/0/x").map(|node| (node.line, node.text())), Some((3, Some("y"))));
        assert_eq!(trees[0].find("b/1/1").map(|node| node.line), Some(4));
        assert_eq!(trees[1].flag_at("c/d"), Some(true));
        let json = "{\n\t\"a\": {\n\t\t\"b\": [1, \"2\"]\n\t}\n}";
        let tree = &read_trees("a", json).unwrap()[0];
        assert_eq!(tree.find("a/b").map(|node| node.line), Some(3));
        assert_eq!(tree.number_at("a/b/1"), Some(2.0));
        assert_eq!(read_trees("a", "{\"a\": \"\\ud83d\\ude00\"}").unwrap()[0].text_at("a"), Some("😀"));
    }

    #[test]
    fn bombs_and_broken_text_are_refused_where_they_stand() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = format!("*a{}, ", level - 1).repeat(10);
            writeln!(bomb, "a{level}: &a{level} [{before}]").unwrap();
        }
        assert!(read_trees("a", &bomb).unwrap_err().message.contains("more than"));
        assert_eq!(read_trees("a", "a: 1\nb: [1,\nc: }").unwrap_err().line, 2);
        assert!(read_trees("a", &"[".repeat(100_000)).is_err());
    }
}
