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

/// What a token says, in its two highest bits: words right below sort first, so that a cut profile keeps them.
const KIND: u64 = 0b11 << 62;
/// A word right below; deeper ones may be values of parameters that are not decided yet.
const FIRST: u64 = 0;
/// A word deeper below.
const DEEPER: u64 = 1 << 62;
/// A method or a field of a response.
const BEHAVIOR: u64 = 0b10 << 62;

fn token(hash: u64, kind: u64) -> u64 {
    hash & !KIND | kind
}

fn is_structure(token: u64) -> bool {
    token & KIND != BEHAVIOR
}

/// Sorted, distinct tokens of one node's subtree.
pub(crate) type Profile = Vec<u64>;

/// Rarity of tokens in a service.
///
/// Segments below are counted by place, all words below one node: what every value of one parameter has below it
/// occurs in one place, however many the values are. Methods and fields of answers are counted by distinct profile:
/// the reports of one folder share their wrapper and are still different reports.
#[derive(Default)]
pub(crate) struct Rarity {
    holders: HashMap<u64, u32, FixedState>,
    places: u32,
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
        tokens.push(token(mix(place, u64::from(*method) + 1), BEHAVIOR));
        summary.response_names(|name| tokens.push(token(mix(place ^ 0x5bd1, name), BEHAVIOR)));
    }
    if levels == 0 {
        return;
    }
    let mut words: Vec<_> = node.literals.iter().collect();
    words.sort_unstable_by(|a, b| a.0.cmp(b.0));
    for (word, &child) in words.into_iter().take(32) {
        let below = mix(place, super::provenance::hash(word));
        tokens.push(token(below, if levels == LEVELS { FIRST } else { DEEPER }));
        collect(trie, child, below, levels - 1, tokens);
    }
    for (_, suffix, child) in &node.typed {
        // That a collection has items says nothing; what hangs below them does.
        let below = mix(place, super::provenance::hash(suffix) ^ 0x7b7d);
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
    /// Counts the tokens of all words of a service.
    pub(crate) fn of(trie: &Trie) -> Self {
        let mut seen: HashSet<u64, FixedState> = HashSet::default();
        let mut is_new = |tokens: &[u64]| !tokens.is_empty() && seen.insert(tokens.iter().fold(0, |a, &b| mix(a, b)));
        let mut rarity = Self::default();
        for node in (0..trie.len() as NodeId).filter_map(|id| trie.node(id)) {
            let mut segments = Vec::new();
            for &child in node.literals.values() {
                let mut tokens = profile(trie, &[child]);
                segments.extend(tokens.iter().filter(|token| is_structure(**token)));
                tokens.retain(|token| !is_structure(*token));
                if is_new(&tokens) {
                    rarity.profiles += 1;
                    rarity.hold(&tokens);
                }
            }
            segments.sort_unstable();
            segments.dedup();
            if is_new(&segments) {
                rarity.places += 1;
                rarity.hold(&segments);
            }
        }
        rarity
    }

    fn hold(&mut self, tokens: &[u64]) {
        for token in tokens {
            *self.holders.entry(*token).or_default() += 1;
        }
    }

    /// Weight of a token: 0 when every place or profile has it.
    fn weight(&self, token: u64) -> f64 {
        let all = if is_structure(token) { self.places } else { self.profiles };
        let held = f64::from(self.holders.get(&token).copied().unwrap_or(1));
        (f64::from(all.max(2)) / held).ln().max(0.0)
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
    /// Words right below.
    pub(crate) first: f64,
    /// Their number.
    pub(crate) first_words: u32,
    /// Segments below.
    pub(crate) structure: f64,
    /// Their number.
    pub(crate) words: u32,
    /// Methods and fields of responses.
    pub(crate) behavior: f64,
    /// Their number.
    pub(crate) behaviors: u32,
}

impl Mass {
    fn add(&mut self, token: u64, weight: f64) {
        if is_structure(token) {
            self.structure += weight;
            self.words += 1;
            if token & KIND == FIRST {
                self.first += weight;
                self.first_words += 1;
            }
        } else {
            self.behavior += weight;
            self.behaviors += 1;
        }
    }

    /// Both.
    pub(crate) fn total(self) -> f64 {
        self.structure + self.behavior
    }
}
