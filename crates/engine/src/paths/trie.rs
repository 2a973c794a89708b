//! The provisional tree of paths: exchanges land here at once, and templates are read off it later.
//!
//! Segments of a strong [`Shape`] share one child per shape; words get a child of their own until a node has
//! [`PATH_CHILDREN_MAX`] of them, when the judged parameters fold into one. A node's place is provisional: when
//! several turn out to be one template, their summaries merge ([`super::templates`]).

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use smallvec::SmallVec;
use vedette_model::limits::{PATH_CHILDREN_MAX, PATH_DEPTH_MAX, PATH_NODES_MAX, PATH_VALUES_KEPT};

use super::shape::{Segment, Shape, segment};
use crate::endpoint::EndpointSummary;
use crate::routes::{Fixed, ValueKind};
use crate::sketch::{DistinctCount, hash};

mod stored;

/// Index of a node in its [`Trie`].
pub(crate) type NodeId = u32;

/// The root of every trie.
pub(crate) const ROOT: NodeId = 0;

/// One position of a path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    /// Children that are words, by their text.
    pub(crate) literals: HashMap<Box<str>, NodeId, FixedState>,
    /// Children of a shape, by shape and suffix.
    pub(crate) typed: SmallVec<[(Shape, Box<str>, NodeId); 1]>,
    /// What was seen in the place of a shape or of folded words.
    pub(crate) values: Option<Box<Values>>,
    /// What happened at paths that end here, by method.
    pub(crate) endpoints: Vec<(u16, Box<EndpointSummary>)>,
    /// Exchanges whose bodies held this segment's text as the value of an identifying field, in tenths.
    pub(crate) echoes: u32,
    /// Exchanges with a body that could have echoed it.
    pub(crate) echo_chances: u32,
    /// Those of them whose path ended here: they are about this segment.
    pub(crate) chances_at_end: u32,
    /// Exchanges at this segment after the parent path had returned it as a value.
    pub(crate) listed: u32,
    /// Unknown words go to the folded child.
    pub(crate) open: bool,
    /// A template that was given has this segment; its text is the template's.
    pub(crate) declared: Option<Declared>,
    /// Some child is declared as a parameter.
    declares: bool,
    /// Hash of the segments that lead here: the same in every shard, which ids are not.
    pub(crate) identity: u64,
}

/// A segment that is not left to learning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Declared {
    /// What the values of a parameter look like; `None` for a literal.
    pub(crate) parameter: Option<ValueKind>,
    pub(crate) by: DeclaredBy,
}

/// Who gave a template. The user comes first where both did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DeclaredBy {
    User,
    Specification,
    /// The names of a protocol stand in the path (gRPC: service and method).
    Protocol,
}

/// The values seen in one place: a few of them, their number and range.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values {
    /// The first distinct ones.
    pub(crate) first: SmallVec<[Box<str>; 4]>,
    /// More than [`PATH_VALUES_KEPT`] were seen.
    pub(crate) many: bool,
    /// How many there were.
    pub(crate) distinct: DistinctCount,
    /// The least and the greatest of those that are numbers.
    pub(crate) range: Option<(u64, u64)>,
}

impl Values {
    pub(crate) fn add(&mut self, text: &str) {
        self.distinct.observe(hash(text.as_bytes()));
        if let Ok(number) = text.parse::<u64>() {
            self.widen((number, number));
        }
        self.keep(text);
    }

    fn widen(&mut self, (low, high): (u64, u64)) {
        let (least, greatest) = self.range.unwrap_or((low, high));
        self.range = Some((least.min(low), greatest.max(high)));
    }

    fn keep(&mut self, text: &str) {
        if self.many || self.first.iter().any(|v| v.as_ref() == text) {
            return;
        }
        if self.first.len() < PATH_VALUES_KEPT {
            self.first.push(text.into());
        } else {
            self.many = true;
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for value in &other.first {
            self.keep(value);
        }
        self.many |= other.many;
        self.distinct.merge(&other.distinct);
        if let Some(range) = other.range {
            self.widen(range);
        }
    }
}

/// The tree of one service.
#[derive(Clone, Debug)]
pub(crate) struct Trie {
    nodes: Vec<Node>,
}

impl Default for Trie {
    fn default() -> Self {
        Self { nodes: vec![Node::default()] }
    }
}

/// A template that was given for a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeclaredTemplate {
    /// `/boats/{boatId}`, with the base that the path has.
    pub(crate) path: String,
    /// What the values of its segments look like, one per segment.
    pub(crate) kinds: Vec<ValueKind>,
    pub(crate) by: DeclaredBy,
}

impl DeclaredTemplate {
    /// A path whose segments are names, whatever they look like.
    pub(crate) fn names(path: &str) -> Self {
        let kinds = segments(path).map(|_| ValueKind::Any).collect();
        Self { path: path.to_owned(), kinds, by: DeclaredBy::Protocol }
    }
}

/// The nodes that a path passes, root left out.
pub(crate) type Trail = SmallVec<[NodeId; 8]>;

impl Trie {
    /// The empty tree of a service.
    pub(crate) fn of(service: &str) -> Self {
        Self { nodes: vec![Node { identity: hash(service.as_bytes()), ..Node::default() }] }
    }

    /// A node; ids come from this trie, so an unknown one is the root's.
    pub(crate) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id as usize)
    }

    pub(crate) fn node_mut(&mut self, id: NodeId) -> Option<&mut Node> {
        self.nodes.get_mut(id as usize)
    }

    /// Nodes held.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Walks a path and makes what is missing. The trail's last node is the path's; `crowded` is a node that has more
    /// words than it may keep and should be folded.
    pub(crate) fn walk(&mut self, path: &str, trail: &mut Trail) -> Option<NodeId> {
        trail.clear();
        let mut at = ROOT;
        let mut crowded = None;
        for raw in segments(path) {
            let (next, grew) = self.step(at, raw);
            if grew && self.node(at).is_some_and(|n| !n.open && n.literals.len() > PATH_CHILDREN_MAX) {
                crowded = Some(at);
            }
            at = next;
            trail.push(at);
        }
        crowded
    }

    /// Walks a path along the template that was given for it. True when that changed where other paths may lead.
    pub(crate) fn walk_declared(&mut self, template: &DeclaredTemplate, path: &str, trail: &mut Trail) -> bool {
        trail.clear();
        let (mut at, mut changed) = (ROOT, false);
        for ((text, raw), kind) in segments(&template.path).zip(segments(path)).zip(&template.kinds) {
            let known = self.node(at).and_then(|node| node.literals.get(text).copied());
            let next = match known {
                Some(next) => next,
                None if self.nodes.len() >= PATH_NODES_MAX => at,
                None => {
                    changed = true;
                    self.add_word(at, text.into())
                }
            };
            if next != at {
                let parameter = text.contains('{').then_some(*kind);
                changed |= self.declare(at, next, Declared { parameter, by: template.by }, raw);
            }
            at = next;
            trail.push(at);
        }
        changed
    }

    /// Notes who gave a child. True when that is new.
    fn declare(&mut self, at: NodeId, child: NodeId, declared: Declared, raw: &str) -> bool {
        let mut changed = false;
        if declared.parameter.is_some()
            && let Some(node) = self.node_mut(at)
        {
            changed = !node.declares;
            node.declares = true;
        }
        if let Some(child) = self.node_mut(child) {
            let before = child.declared;
            child.declared = first(before, Some(declared));
            changed |= child.declared != before;
            if declared.parameter.is_some() {
                child.values.get_or_insert_default().add(raw);
            }
        }
        changed
    }

    /// The declared child whose fixed text a segment has.
    fn find_declared(&self, node: &Node, raw: &str) -> Option<NodeId> {
        if !node.declares {
            return None;
        }
        let fits = |text: &str| Fixed::of(text).is_some_and(|fixed| fixed.fits(raw));
        let kind = |id: &NodeId| self.node(*id)?.declared?.parameter;
        let declared = |id: &NodeId| kind(id).is_some_and(|kind| kind.takes(raw));
        let all = node.literals.iter().filter(|(text, id)| declared(id) && fits(text));
        // The longest fixed text, then the first: the same in every shard.
        all.min_by_key(|(text, _)| (std::cmp::Reverse(text.len()), (*text).clone())).map(|(_, id)| *id)
    }

    /// Follows a path without making anything.
    pub(crate) fn find(&self, path: &str) -> Option<NodeId> {
        let mut at = ROOT;
        for raw in segments(path) {
            let node = self.node(at)?;
            at = match node.literals.get(raw) {
                Some(&next) => next,
                None => self.find_declared(node, raw).or_else(|| find_typed(node, &segment(raw)))?,
            };
        }
        Some(at)
    }

    /// The child of `at` for a raw segment, and whether a word was added.
    fn step(&mut self, at: NodeId, raw: &str) -> (NodeId, bool) {
        let full = self.nodes.len() >= PATH_NODES_MAX;
        let Some(node) = self.nodes.get(at as usize) else { return (ROOT, false) };
        if !raw.as_bytes().first().is_some_and(u8::is_ascii_digit)
            && let Some(&next) = node.literals.get(raw)
        {
            return (next, false);
        }
        if let Some(next) = self.find_declared(node, raw) {
            if let Some(child) = self.nodes.get_mut(next as usize) {
                child.values.get_or_insert_default().add(raw);
            }
            return (next, false);
        }
        let cut = segment(raw);
        let word = cut.shape == Shape::Word;
        if word && let Some(&next) = node.literals.get(raw) {
            return (next, false);
        }
        if word && !node.open && !full {
            return (self.add_word(at, raw.into()), true);
        }
        let next = match find_typed(node, &cut) {
            Some(next) => next,
            None if full => return (at, false),
            None => self.add_typed(at, cut.shape, cut.suffix.into()),
        };
        if let Some(child) = self.nodes.get_mut(next as usize) {
            child.values.get_or_insert_default().add(cut.core);
        }
        (next, false)
    }

    fn add_word(&mut self, at: NodeId, word: Box<str>) -> NodeId {
        let next = self.add_node(at, hash(word.as_bytes()));
        if let Some(node) = self.nodes.get_mut(at as usize) {
            node.literals.insert(word, next);
        }
        next
    }

    fn add_node(&mut self, at: NodeId, segment: u64) -> NodeId {
        let next = self.nodes.len() as NodeId;
        let above = self.node(at).map_or(0, |node| node.identity);
        self.nodes.push(Node { identity: above.rotate_left(7) ^ segment, ..Node::default() });
        next
    }

    fn add_typed(&mut self, at: NodeId, shape: Shape, suffix: Box<str>) -> NodeId {
        let next = self.add_node(at, hash(suffix.as_bytes()).wrapping_add(shape as u64 + 1));
        if let Some(node) = self.nodes.get_mut(at as usize) {
            node.typed.push((shape, suffix, next));
        }
        next
    }

    /// Folds words of a crowded node into one child; new words will go there.
    pub(crate) fn fold(&mut self, at: NodeId, words: &[Box<str>]) {
        let Some(node) = self.nodes.get_mut(at as usize) else { return };
        node.open = true;
        let taken: Vec<(Box<str>, NodeId)> =
            words.iter().filter_map(|w| node.literals.remove(w).map(|id| (w.clone(), id))).collect();
        let folded = node.typed.iter().find(|(s, x, _)| *s == Shape::Word && x.is_empty()).map(|(_, _, id)| *id);
        let folded = folded.unwrap_or_else(|| self.add_typed(at, Shape::Word, "".into()));
        for (word, id) in taken {
            if let Some(child) = self.nodes.get_mut(folded as usize) {
                child.values.get_or_insert_default().add(&word);
            }
            self.absorb(folded, id, &mut None);
        }
    }

    /// Adds all that another trie learned.
    pub(crate) fn merge(&mut self, other: Self) {
        self.absorb(ROOT, ROOT, &mut Some(other));
    }

    /// Moves what hangs at `from` (of `other`, or of this trie) under `into`. Depth is bounded by [`PATH_DEPTH_MAX`].
    fn absorb(&mut self, into: NodeId, from: NodeId, other: &mut Option<Self>) {
        let arena = other.as_mut().map_or(&mut self.nodes, |o| &mut o.nodes);
        let Some(taken) = arena.get_mut(from as usize).map(std::mem::take) else { return };
        let Some(node) = self.nodes.get_mut(into as usize) else { return };
        // A busy server gets to the end of these within hours.
        node.echoes = node.echoes.saturating_add(taken.echoes);
        node.echo_chances = node.echo_chances.saturating_add(taken.echo_chances);
        node.chances_at_end = node.chances_at_end.saturating_add(taken.chances_at_end);
        node.listed = node.listed.saturating_add(taken.listed);
        node.open |= taken.open;
        node.declared = first(node.declared, taken.declared);
        node.declares |= taken.declares;
        if let Some(values) = &taken.values {
            node.values.get_or_insert_default().merge(values);
        }
        for (method, summary) in taken.endpoints {
            match node.endpoints.iter_mut().find(|(m, _)| *m == method) {
                Some((_, own)) => own.merge(*summary),
                None => node.endpoints.push((method, summary)),
            }
        }
        let mut words: Vec<(Box<str>, NodeId)> = taken.literals.into_iter().collect();
        words.sort_unstable();
        for (word, child) in words {
            let known = self.nodes.get(into as usize).and_then(|n| n.literals.get(&word).copied());
            let target = known.unwrap_or_else(|| self.add_word(into, word));
            self.absorb(target, child, other);
        }
        for (shape, suffix, child) in taken.typed {
            let known = self
                .nodes
                .get(into as usize)
                .and_then(|n| n.typed.iter().find(|(s, x, _)| *s == shape && *x == suffix).map(|(_, _, id)| *id));
            let target = known.unwrap_or_else(|| self.add_typed(into, shape, suffix));
            self.absorb(target, child, other);
        }
    }
}

/// The same for any order of two declarations.
fn first(a: Option<Declared>, b: Option<Declared>) -> Option<Declared> {
    a.into_iter().chain(b).min_by_key(|declared| declared.by)
}

fn find_typed(node: &Node, cut: &Segment<'_>) -> Option<NodeId> {
    node.typed.iter().find(|(s, x, _)| *s == cut.shape && x.as_ref() == cut.suffix).map(|(_, _, id)| *id)
}

/// Segments of a path: empty ones are left out, the deepest share the last node.
pub(crate) fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|s| !s.is_empty()).take(PATH_DEPTH_MAX)
}
