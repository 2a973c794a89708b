//! From a key, as a log spells it, to the field it holds: one hash lookup per key.
//!
//! Spellings differ by case and separators only (`remoteAddr`, `remote_addr`, `remote-addr`), so those are ignored;
//! dots are ignored too, so that `http.request.method` is found nested, dotted and half and half.

use vedette_model::limits::{LOG_KEY_BYTES_MAX, LOG_KEY_NAMES_MAX};

use crate::log::field::Field;

/// A node of the tree of key paths; the root is 0.
pub(super) type NodeId = u32;

/// What is known of the value at a path.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// What it holds, and its rank among the keys that hold the same (0 is the best).
    pub(super) target: Option<(Field, u8)>,
    /// Keys below it matter.
    pub(super) has_children: bool,
}

/// The lookup table.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    nodes: Vec<Node>,
    entries: Vec<Entry>,
    /// Open addressing: index into `entries` plus one, 0 is free.
    slots: Vec<u32>,
}

#[derive(Clone, Debug)]
struct Entry {
    parent: NodeId,
    node: NodeId,
    key: Box<[u8]>,
}

impl Keys {
    /// An empty table.
    pub(super) fn new() -> Self {
        Self { nodes: vec![Node { target: None, has_children: true }], entries: Vec::new(), slots: vec![0; 64] }
    }

    /// Adds a path (`request.headers`); the first field given to a path stays.
    pub(super) fn insert(&mut self, path: &str, field: &Field, rank: u8) {
        let names: Vec<&str> = path.split('.').filter(|name| !name.is_empty()).take(LOG_KEY_NAMES_MAX).collect();
        self.insert_names(0, &names, field, rank);
    }

    /// Adds the path in all ways in which its names may be joined by dots within one key.
    fn insert_names(&mut self, parent: NodeId, names: &[&str], field: &Field, rank: u8) {
        for count in 1..=names.len() {
            let (joined, rest) = names.split_at(count);
            let node_id = self.child(parent, &joined.concat());
            if !rest.is_empty() {
                self.insert_names(node_id, rest, field, rank);
            } else if let Some(node) = self.nodes.get_mut(node_id as usize)
                && node.target.is_none()
            {
                node.target = Some((field.clone(), rank));
            }
        }
    }

    fn child(&mut self, parent: NodeId, key: &str) -> NodeId {
        let normal = Normal::of(key).unwrap_or_default();
        if let Some(found) = self.find(parent, &normal) {
            return found;
        }
        if let Some(node) = self.nodes.get_mut(parent as usize) {
            node.has_children = true;
        }
        let node = self.nodes.len() as NodeId;
        self.nodes.push(Node::default());
        self.entries.push(Entry { parent, node, key: normal.bytes().into() });
        if self.entries.len() * 2 > self.slots.len() {
            self.slots = vec![0; self.slots.len() * 2];
            for index in 0..self.entries.len() {
                self.place(index);
            }
        } else {
            self.place(self.entries.len() - 1);
        }
        node
    }

    fn place(&mut self, index: usize) {
        let Some(entry) = self.entries.get(index) else { return };
        let mask = self.slots.len() - 1;
        let mut at = hash(entry.parent, &entry.key) as usize & mask;
        while let Some(slot) = self.slots.get_mut(at) {
            if *slot == 0 {
                *slot = index as u32 + 1;
                return;
            }
            at = (at + 1) & mask;
        }
    }

    /// The node of a key below `parent`.
    #[inline]
    pub(super) fn get(&self, parent: NodeId, key: &str) -> Option<NodeId> {
        self.find(parent, &Normal::of(key)?)
    }

    #[inline]
    fn find(&self, parent: NodeId, key: &Normal) -> Option<NodeId> {
        let mask = self.slots.len() - 1;
        let mut at = hash(parent, key.bytes()) as usize & mask;
        loop {
            let slot = *self.slots.get(at)?;
            let entry = self.entries.get((slot as usize).checked_sub(1)?)?;
            if entry.parent == parent && *entry.key == *key.bytes() {
                return Some(entry.node);
            }
            at = (at + 1) & mask;
        }
    }

    /// A node.
    #[inline]
    pub(super) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id as usize)
    }
}

/// A key in lower case without separators.
#[derive(Debug)]
struct Normal {
    bytes: [u8; LOG_KEY_BYTES_MAX],
    len: usize,
}

impl Default for Normal {
    fn default() -> Self {
        Self { bytes: [0; LOG_KEY_BYTES_MAX], len: 0 }
    }
}

impl Normal {
    /// `None` for a key that is too long.
    #[inline]
    fn of(key: &str) -> Option<Self> {
        if key.len() > LOG_KEY_BYTES_MAX {
            return None;
        }
        let mut out = Self::default();
        for &c in key.as_bytes() {
            // Writing always and stepping sometimes keeps branches out of the loop.
            *out.bytes.get_mut(out.len)? = c.to_ascii_lowercase();
            out.len += usize::from(!matches!(c, b'_' | b'-' | b'.' | b':' | b'@' | b' ' | b'$' | b'/'));
        }
        Some(out)
    }

    #[inline]
    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// Multiply and fold, eight bytes at a time. The table holds our own and the user's keys only, so that an attacker
/// cannot make it degenerate.
#[inline]
fn hash(parent: NodeId, key: &[u8]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut state = u64::from(parent).wrapping_mul(ODD) ^ key.len() as u64;
    let mut chunks = key.chunks_exact(8);
    for chunk in &mut chunks {
        let word = chunk.try_into().map_or(0, u64::from_le_bytes);
        state = fold(state ^ word, ODD);
    }
    let tail = chunks.remainder().iter().fold(0_u64, |word, c| word << 8 | u64::from(*c));
    fold(state ^ tail, ODD)
}

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product >> 64) as u64 ^ product as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_in_every_spelling() {
        let mut keys = Keys::new();
        keys.insert("http.request.method", &Field::Method, 0);
        keys.insert("client_ip", &Field::Peer, 1);
        let field = |path: &[&str]| {
            let node = path.iter().try_fold(0, |node, key| keys.get(node, key))?;
            keys.node(node)?.target.clone().map(|(field, _)| field)
        };
        for path in [
            &["http", "request", "method"][..],
            &["http.request.method"],
            &["http.request", "method"],
            &["HTTP", "request_method"],
            &["httpRequestMethod"],
        ] {
            assert_eq!(field(path), Some(Field::Method), "{path:?}");
        }
        assert_eq!(field(&["ClientIP"]), Some(Field::Peer));
        assert_eq!(field(&["http"]), None);
        assert_eq!(field(&["method"]), None);
        assert_eq!(field(&[&"x".repeat(99)]), None);
    }
}
