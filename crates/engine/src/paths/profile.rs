//! What hangs below a path node, as a set of tokens: siblings whose sets agree are one template.
//!
//! A token is a method at a relative path, a word below, or a field of a response. Tokens that many different sets
//! share (`data`, `links`, `GET` itself) say little, so each is weighted by its rarity over distinct sets.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use std::hash::{BuildHasher, Hasher};

use super::trie::{NodeId, Trie};

/// Tokens of one profile at the most: enough to tell collections apart.
const TOKENS_MAX: usize = 96;

/// Levels below a node that are looked at.
const LEVELS: u32 = 3;

/// Sorted, distinct tokens of one node's subtree.
pub(crate) type Profile = Vec<u64>;

/// Rarity of tokens over the distinct profiles of a service.
#[derive(Default)]
pub(crate) struct Rarity {
    holders: HashMap<u64, u32, FixedState>,
    profiles: u32,
}

/// Profile of several nodes that share a place.
pub(crate) fn profile(trie: &Trie, ids: &[NodeId]) -> Profile {
    let mut tokens = Vec::new();
    for &id in ids.iter().take(8) {
        collect(trie, id, 1, LEVELS, &mut tokens);
    }
    tokens.sort_unstable();
    tokens.dedup();
    tokens.truncate(TOKENS_MAX);
    tokens
}

fn collect(trie: &Trie, id: NodeId, place: u64, levels: u32, tokens: &mut Vec<u64>) {
    let Some(node) = trie.node(id) else { return };
    if tokens.len() >= TOKENS_MAX * 4 {
        return;
    }
    for (method, summary) in &node.endpoints {
        if !summary.is_real() {
            continue;
        }
        tokens.push(mix(place, u64::from(*method) + 1));
        summary.response_names(|name| tokens.push(mix(place ^ 0x5bd1, name)));
    }
    if levels == 0 {
        return;
    }
    let mut words: Vec<_> = node.literals.iter().collect();
    words.sort_unstable_by(|a, b| a.0.cmp(b.0));
    for (word, &child) in words.into_iter().take(32) {
        let below = mix(place, super::provenance::hash(word));
        tokens.push(below);
        collect(trie, child, below, levels - 1, tokens);
    }
    for (_, suffix, child) in &node.typed {
        let below = mix(place, super::provenance::hash(suffix) ^ 0x7b7d);
        tokens.push(below);
        collect(trie, *child, below, levels - 1, tokens);
    }
}

fn mix(a: u64, b: u64) -> u64 {
    let mut hasher = FixedState::with_seed(3).build_hasher();
    hasher.write_u64(a);
    hasher.write_u64(b);
    hasher.finish()
}

impl Rarity {
    /// Counts tokens over the distinct profiles of all words of a service.
    pub(crate) fn of(trie: &Trie) -> Self {
        let mut seen: HashSet<u64, FixedState> = HashSet::default();
        let mut rarity = Self::default();
        for id in 0..trie.len() as NodeId {
            let Some(node) = trie.node(id) else { continue };
            for &child in node.literals.values() {
                let tokens = profile(trie, &[child]);
                let signature = tokens.iter().fold(0, |a, &b| mix(a, b));
                if tokens.is_empty() || !seen.insert(signature) {
                    continue;
                }
                rarity.profiles += 1;
                for token in tokens {
                    *rarity.holders.entry(token).or_default() += 1;
                }
            }
        }
        rarity
    }

    /// Weight of a token: 0 when every profile has it.
    fn weight(&self, token: u64) -> f64 {
        let held = f64::from(self.holders.get(&token).copied().unwrap_or(1));
        (f64::from(self.profiles.max(2)) / held).ln().max(0.0)
    }

    /// Weighted Jaccard similarity, and the weight that the two share.
    pub(crate) fn similarity(&self, a: &Profile, b: &Profile) -> (f64, f64) {
        let (mut shared, mut all) = (0.0, 0.0);
        let (mut i, mut j) = (a.iter().peekable(), b.iter().peekable());
        loop {
            match (i.peek(), j.peek()) {
                (Some(&&x), Some(&&y)) if x == y => {
                    shared += self.weight(x);
                    all += self.weight(x);
                    i.next();
                    j.next();
                }
                (Some(&&x), Some(&&y)) if x < y => {
                    all += self.weight(x);
                    i.next();
                }
                (Some(&&x), None) => {
                    all += self.weight(x);
                    i.next();
                }
                (_, Some(&&y)) => {
                    all += self.weight(y);
                    j.next();
                }
                (None, None) => break,
            }
        }
        if all <= 0.0 { (0.0, 0.0) } else { (shared / all, shared) }
    }
}
