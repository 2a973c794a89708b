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

/// Set in tokens that are segments below, clear in methods and fields of responses.
const STRUCTURE: u64 = 1;

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
        tokens.push(mix(place, u64::from(*method) + 1) & !STRUCTURE);
        summary.response_names(|name| tokens.push(mix(place ^ 0x5bd1, name) & !STRUCTURE));
    }
    if levels == 0 {
        return;
    }
    let mut words: Vec<_> = node.literals.iter().collect();
    words.sort_unstable_by(|a, b| a.0.cmp(b.0));
    for (word, &child) in words.into_iter().take(32) {
        let below = mix(place, super::provenance::hash(word)) | STRUCTURE;
        tokens.push(below);
        collect(trie, child, below, levels - 1, tokens);
    }
    for (_, suffix, child) in &node.typed {
        let below = mix(place, super::provenance::hash(suffix) ^ 0x7b7d) | STRUCTURE;
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

    /// Weight of a whole profile.
    pub(crate) fn mass(&self, profile: &Profile) -> Mass {
        let mut mass = Mass::default();
        for token in profile {
            mass.add(*token, self.weight(*token));
        }
        mass
    }

    /// Weight that two profiles share.
    pub(crate) fn shared(&self, a: &Profile, b: &Profile) -> Mass {
        let (mut shared, mut i, mut j) = (Mass::default(), a.iter().peekable(), b.iter().peekable());
        while let (Some(&&x), Some(&&y)) = (i.peek(), j.peek()) {
            match x.cmp(&y) {
                std::cmp::Ordering::Less => i.next(),
                std::cmp::Ordering::Greater => j.next(),
                std::cmp::Ordering::Equal => {
                    shared.add(x, self.weight(x));
                    i.next();
                    j.next()
                }
            };
        }
        shared
    }
}

/// Weight of tokens, by what they are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mass {
    /// Segments below.
    pub(crate) structure: f64,
    /// Methods and fields of responses.
    pub(crate) behavior: f64,
}

impl Mass {
    fn add(&mut self, token: u64, weight: f64) {
        if token & STRUCTURE == 0 {
            self.behavior += weight;
        } else {
            self.structure += weight;
        }
    }

    /// Both.
    pub(crate) fn total(self) -> f64 {
        self.structure + self.behavior
    }
}
