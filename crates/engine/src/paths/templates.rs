//! Reads path templates off a [`Trie`]: decides, place by place from the root, which words are values of one
//! parameter, and merges what was learned of them.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::evidence::{Evidence, weights};
use super::parts::{self, Draft, Group, Part, PlaceValues, add_draft, is_prefix, literal, parameter};
use super::profile::{Mass, Profile, Rarity, profile};
use super::provenance::{Provenance, hash};
use super::shape::Shape;
use super::trie::{Declared, NodeId, ROOT, Trie, Values};
use super::words::singular;
use crate::endpoint::EndpointSummary;
use crate::engine::ECHO_WHOLE;

/// A learned template with what was learned of it.
pub(crate) struct Settled {
    /// `/users/{userId}`.
    pub(crate) template: String,
    /// 0 to 1.
    pub(crate) confidence: f64,
    /// Why each parameter is one.
    pub(crate) reasons: Vec<String>,
    /// The parameters in order, with a few of their values.
    pub(crate) values: Vec<PlaceValues>,
    /// By method.
    pub(crate) endpoints: Vec<SettledEndpoint>,
}

/// What was learned at a template.
pub(crate) struct SettledEndpoint {
    /// Number of the method.
    pub(crate) method: u16,
    /// Name of the call behind the path.
    pub(crate) call: Option<String>,
    pub(crate) summary: Box<EndpointSummary>,
}

/// A word with the provisional nodes that it names.
type WordNodes = (Box<str>, Vec<NodeId>);

/// A shape and suffix with their provisional nodes.
type TypedNodes = (Shape, Box<str>, Vec<NodeId>);

/// Words judged at one place at the most; a place with more is folded before.
const JUDGED_MAX: usize = 1_024;

/// Siblings that one word is compared with.
const COMPARED_MAX: usize = 48;

/// Share of their profiles that two siblings must have in common to behave alike, and the least weight of it.
const ALIKE: f64 = 0.6;
const ALIKE_MASS: f64 = 1.0;
/// Methods and fields in common from which answers agree: a lone GET is no behavior.
const ALIKE_BEHAVIORS: u32 = 2;

/// Weight in common from which two siblings are twins, and the words right below in common that say the same.
const TWIN_MASS: f64 = 25.0;
const TWIN_WORDS: u32 = 6;
/// Share of the larger that twins have in common.
const TWIN_SHARE: f64 = 0.8;

/// Rounds in which words join an established parameter.
const ADOPTION_ROUNDS: usize = 3;

/// Reads all templates of a service and takes the summaries out of the trie.
pub(crate) fn settle(mut trie: Trie, provenance: &Provenance) -> Vec<Settled> {
    let mut plan = Vec::new();
    Judge::new(&trie, provenance).place(&[ROOT], &mut Vec::new(), &mut plan);
    let mut out: Vec<Settled> = Vec::with_capacity(plan.len());
    for (parts, ids) in plan {
        let endpoints = take_endpoints(&mut trie, &ids);
        if !endpoints.is_empty() {
            out.push(finish(&parts, endpoints));
        }
    }
    out.sort_by(|a, b| a.template.cmp(&b.template));
    out
}

/// Words of a crowded node that should fold into one child: all but the busiest eighth, which may be names.
pub(crate) fn words_to_fold(trie: &Trie, at: NodeId) -> Vec<Box<str>> {
    let Some(node) = trie.node(at) else { return Vec::new() };
    let mut words: Vec<(u64, Box<str>)> = node
        .literals
        .iter()
        .filter(|(_, id)| trie.node(**id).is_none_or(|child| child.declared.is_none()))
        .map(|(w, &id)| (subtree_exchanges(trie, id, 6), w.clone()))
        .collect();
    words.sort_unstable();
    words.truncate(words.len() - words.len() / 8);
    words.into_iter().map(|(_, word)| word).collect()
}

fn subtree_exchanges(trie: &Trie, id: NodeId, levels: u32) -> u64 {
    let Some(node) = trie.node(id) else { return 0 };
    let own: u64 = node.endpoints.iter().map(|(_, s)| s.traffic()).sum();
    if levels == 0 {
        return own;
    }
    let below = node.literals.values().copied().chain(node.typed.iter().map(|(_, _, id)| *id));
    own + below.map(|child| subtree_exchanges(trie, child, levels - 1)).sum::<u64>()
}

fn take_endpoints(trie: &mut Trie, ids: &[NodeId]) -> Vec<(u16, Box<EndpointSummary>)> {
    let mut out: Vec<(u16, Box<EndpointSummary>)> = Vec::new();
    for &id in ids {
        let Some(node) = trie.node_mut(id) else { continue };
        for (method, summary) in std::mem::take(&mut node.endpoints) {
            match out.iter_mut().find(|(m, _)| *m == method) {
                Some((_, own)) => own.merge(*summary),
                None => out.push((method, summary)),
            }
        }
    }
    out.retain(|(_, summary)| summary.is_real());
    out.sort_by_key(|(method, _)| *method);
    out
}

fn finish(parts: &[Part], endpoints: Vec<(u16, Box<EndpointSummary>)>) -> Settled {
    let (template, values, reasons) = parts::write(parts);
    let odds = parts.iter().map(|p| p.certainty).fold(f64::INFINITY, f64::min);
    let confidence = if odds.is_finite() { 1.0 / (1.0 + (-odds).exp()) } else { 1.0 };
    let own = |(method, summary)| SettledEndpoint { method, call: None, summary };
    Settled { template, confidence, reasons, values, endpoints: endpoints.into_iter().map(own).collect() }
}

/// All that deciding needs.
struct Judge<'a> {
    trie: &'a Trie,
    provenance: &'a Provenance,
    rarity: Rarity,
    /// Distinct words before each word, over the service.
    places: HashMap<&'a str, u32, FixedState>,
}

impl<'a> Judge<'a> {
    fn new(trie: &'a Trie, provenance: &'a Provenance) -> Self {
        let mut places: HashMap<&str, u32, FixedState> = HashMap::default();
        for id in 0..trie.len() as NodeId {
            // A word below another word counts once for each word before it.
            for (_, &child) in trie.node(id).map(|n| &n.literals).into_iter().flatten() {
                for (word, _) in trie.node(child).map(|n| &n.literals).into_iter().flatten() {
                    *places.entry(word).or_default() += 1;
                }
            }
            for (_, _, child) in trie.node(id).map(|n| n.typed.as_slice()).unwrap_or_default() {
                for (word, _) in trie.node(*child).map(|n| &n.literals).into_iter().flatten() {
                    *places.entry(word).or_default() += 1;
                }
            }
        }
        Self { trie, provenance, rarity: Rarity::of(trie), places }
    }

    /// Decides one place and goes on below it. `ids` are the provisional nodes that share it.
    fn place(&self, ids: &[NodeId], parts: &mut Vec<Part>, plan: &mut Vec<(Vec<Part>, Vec<NodeId>)>) {
        let ends_here = ids.iter().any(|&id| self.trie.node(id).is_some_and(|n| !n.endpoints.is_empty()));
        if ends_here {
            plan.push((parts.clone(), ids.to_vec()));
        }
        for group in self.groups(ids, parts) {
            parts.push(group.part);
            self.place(&group.ids, parts, plan);
            parts.pop();
        }
    }

    /// The children of a place, grouped into segments.
    fn groups(&self, ids: &[NodeId], parts: &[Part]) -> Vec<Group> {
        let (mut words, typed) = self.children(ids);
        let declared: Vec<WordNodes> = words.extract_if(.., |(_, nodes)| self.declaration(nodes).is_some()).collect();
        let strong = typed.iter().any(|(shape, _, ids)| *shape != Shape::File && self.is_parameter(*shape, ids, parts));
        let judged = self.judge_words(ids, &words, strong, parts);
        let mut drafts: Vec<Draft> = Vec::new();
        let mut groups: Vec<Group> = declared.into_iter().map(|(text, ids)| self.declared(&text, ids)).collect();
        for (shape, suffix, ids) in typed {
            let mut values = Values::default();
            for own in ids.iter().filter_map(|&id| self.trie.node(id)?.values.as_deref()) {
                values.merge(own);
            }
            if self.is_parameter(shape, &ids, parts) {
                let reason = self.shape_reason(shape, &ids);
                add_draft(&mut drafts, Draft { suffix, ids, odds: 3.5, reason, values, shapes: vec![shape] });
            } else {
                let text = values.first.first().cloned().unwrap_or_default();
                groups.push(literal(&format!("{text}{suffix}"), ids, 1.0));
            }
        }
        for ((word, ids), (odds, reason)) in words.into_iter().zip(judged) {
            if odds > 0.0 {
                let mut values = Values::default();
                values.add(&word);
                let shapes = vec![Shape::Word];
                add_draft(&mut drafts, Draft { suffix: "".into(), ids, odds, reason, values, shapes });
            } else {
                groups.push(literal(&word, ids, -odds));
            }
        }
        groups.extend(drafts.into_iter().map(|draft| parameter(draft, parts)));
        groups.sort_by(|a, b| a.part.text.cmp(&b.part.text));
        groups
    }

    fn declaration(&self, nodes: &[NodeId]) -> Option<Declared> {
        nodes.iter().filter_map(|&id| self.trie.node(id)?.declared).min_by_key(|declared| declared.by)
    }

    /// A segment of a template that was given: nothing is left to decide.
    fn declared(&self, text: &str, ids: Vec<NodeId>) -> Group {
        let declared = self.declaration(&ids);
        let Some(Declared { parameter: Some(_), by }) = declared else { return literal(text, ids, parts::DECLARED) };
        let mut values = Values::default();
        for own in ids.iter().filter_map(|&id| self.trie.node(id)?.values.as_deref()) {
            values.merge(own);
        }
        parts::declared(text, &values, ids, by)
    }

    fn children(&self, ids: &[NodeId]) -> (Vec<WordNodes>, Vec<TypedNodes>) {
        let mut words: HashMap<&str, Vec<NodeId>, FixedState> = HashMap::default();
        let mut typed: Vec<TypedNodes> = Vec::new();
        for node in ids.iter().filter_map(|&id| self.trie.node(id)) {
            for (word, &child) in &node.literals {
                words.entry(word).or_default().push(child);
            }
            for (shape, suffix, child) in &node.typed {
                match typed.iter_mut().find(|(s, x, _)| s == shape && x == suffix) {
                    Some((_, _, nodes)) => nodes.push(*child),
                    None => typed.push((*shape, suffix.clone(), vec![*child])),
                }
            }
        }
        // Words that only ever met 404 or 405 made no endpoint anywhere below: they are noise, not siblings.
        let mut words: Vec<WordNodes> = words
            .into_iter()
            .filter(|(_, nodes)| nodes.iter().any(|&id| self.is_alive(id, 8)))
            .map(|(w, mut nodes)| {
                nodes.sort_unstable();
                (w.into(), nodes)
            })
            .collect();
        words.sort_unstable();
        typed.retain(|(_, _, nodes)| nodes.iter().any(|&id| self.is_alive(id, 8)));
        typed.sort_unstable_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        (words, typed)
    }

    fn is_alive(&self, id: NodeId, levels: u32) -> bool {
        let Some(node) = self.trie.node(id) else { return false };
        node.endpoints.iter().any(|(_, s)| s.is_real())
            || (levels > 0
                && (node.literals.values().any(|&c| self.is_alive(c, levels - 1))
                    || node.typed.iter().any(|(_, _, c)| self.is_alive(*c, levels - 1))))
    }

    /// Distinct values seen in a typed place: their number, at most 9, and the first few.
    fn distinct(&self, nodes: &[NodeId]) -> (usize, Vec<&str>) {
        let mut seen: Vec<&str> = Vec::new();
        let mut many = false;
        for values in nodes.iter().filter_map(|&id| self.trie.node(id)?.values.as_deref()) {
            many |= values.many;
            for value in &values.first {
                if !seen.contains(&value.as_ref()) {
                    seen.push(value);
                }
            }
        }
        (if many { 9.max(seen.len()) } else { seen.len() }, seen)
    }

    /// Strong shapes are parameters, but a lone small number may be a version and a lone file is a file.
    fn is_parameter(&self, shape: Shape, nodes: &[NodeId], parts: &[Part]) -> bool {
        let (distinct, seen) = self.distinct(nodes);
        match (shape, seen.as_slice()) {
            (Shape::Word | Shape::File, _) => distinct > 1,
            (Shape::Integer, [only]) => {
                let after_prefix = parts.last().is_none_or(|p| !p.parameter && is_prefix(&p.word));
                !(only.len() <= 2 && after_prefix)
            }
            _ => true,
        }
    }

    fn shape_reason(&self, shape: Shape, nodes: &[NodeId]) -> String {
        match self.distinct(nodes) {
            (1, _) => format!("its value is one of {}", shape.noun()),
            (n @ 2..=8, _) => format!("its {n} values are {}", shape.noun()),
            _ => format!("its many values are {}", shape.noun()),
        }
    }

    /// Log-odds of each word being a value, with the reason.
    fn judge_words(&self, ids: &[NodeId], words: &[WordNodes], strong: bool, parts: &[Part]) -> Vec<(f64, String)> {
        let profiles: Vec<Profile> = words.iter().take(JUDGED_MAX).map(|(_, n)| profile(self.trie, n)).collect();
        let evidence = self.gather(ids, words, &profiles, strong, parts);
        let mut scores: Vec<f64> = evidence.iter().map(Evidence::log_odds).collect();
        for _ in 0..ADOPTION_ROUNDS {
            self.adopt(&mut scores, &evidence, &profiles);
        }
        evidence.iter().zip(scores).map(|(e, score)| (score, explain(e, words.len()))).collect()
    }

    fn gather(
        &self,
        ids: &[NodeId],
        words: &[WordNodes],
        profiles: &[Profile],
        strong: bool,
        parts: &[Part],
    ) -> Vec<Evidence> {
        let decoded: Vec<String> =
            words.iter().map(|(w, _)| vedette_parse::url::percent_decode(w).into_owned()).collect();
        let fields = self.explaining_fields(&decoded);
        let masses: Vec<Mass> = profiles.iter().map(|own| self.rarity.mass(own)).collect();
        let free_siblings = decoded.iter().filter(|word| Evidence::is_free(word)).count();
        let before = parts.last();
        let after_plural = before.is_some_and(|p| !p.parameter && singular(&p.word).is_some());
        let after_prefix = before.is_none_or(|p| !p.parameter && is_prefix(&p.word));
        let parent_lists = ids.iter().any(|&id| self.has_method(id, &[GET, POST]));
        words
            .iter()
            .enumerate()
            .map(|(i, (word, nodes))| {
                let sum = |f: fn(&super::trie::Node) -> u32| -> u32 {
                    nodes.iter().filter_map(|&id| self.trie.node(id)).map(f).fold(0, u32::saturating_add)
                };
                let (echoes, chances) = (sum(|n| n.echoes), sum(|n| n.echo_chances));
                let (field, explained) = fields.get(i).copied().unwrap_or((None, 0));
                let named = field.map(|f| self.provenance.field_of(f));
                let (alike, twins) = self.alike(i, profiles, &masses);
                let below = nodes.iter().any(|&id| self.trie.node(id).is_some_and(|n| !n.literals.is_empty()));
                Evidence {
                    word: decoded.get(i).cloned().unwrap_or_default(),
                    field: named.map(|(name, _)| name.to_owned()),
                    field_weight: named.map_or(0.0, |(_, weight)| weight),
                    explained_siblings: explained,
                    echo_share: f64::from(echoes) / (f64::from(chances.max(1)) * f64::from(ECHO_WHOLE)),
                    chances_at_end: sum(|n| n.chances_at_end),
                    listed: sum(|n| n.listed) > 0,
                    after_plural,
                    after_prefix,
                    after_parameter: before.is_some_and(|p| p.parameter),
                    item_methods: parent_lists && nodes.iter().any(|&id| self.has_method(id, &[PUT, PATCH, DELETE])),
                    alike,
                    twins,
                    siblings: words.len(),
                    free_siblings,
                    typed_sibling: strong,
                    elsewhere: self.places.get(word.as_ref()).map_or(0, |n| (*n as usize).saturating_sub(nodes.len())),
                    plural: singular(word).is_some(),
                    own_subtree: below && alike == 0 && words.len() > 1,
                }
            })
            .collect()
    }

    /// For each word the identifying field that explains it and most of its siblings, with how many it explains.
    fn explaining_fields(&self, words: &[String]) -> Vec<(Option<u16>, usize)> {
        let mut explains: HashMap<u16, usize, FixedState> = HashMap::default();
        let origins: Vec<Vec<u16>> = words
            .iter()
            .map(|word| {
                let mut fields: Vec<u16> = self.provenance.origins(hash(word)).iter().map(|o| o.field).collect();
                fields.sort_unstable();
                fields.dedup();
                for field in &fields {
                    *explains.entry(*field).or_default() += 1;
                }
                fields
            })
            .collect();
        let explained = |field: &u16| explains.get(field).copied().unwrap_or(0);
        let strength = |field: &u16| self.provenance.field_of(*field).1 * explained(field) as f64;
        origins
            .iter()
            .map(|fields| match fields.iter().max_by(|a, b| strength(a).total_cmp(&strength(b)).then(b.cmp(a))) {
                Some(field) => (Some(*field), explained(field)),
                None => (None, 0),
            })
            .collect()
    }

    /// Where a parameter is established, the words beside it are more likely values too: those that fit what hangs
    /// below its values most, those with something else below them least.
    fn adopt(&self, scores: &mut [f64], evidence: &[Evidence], profiles: &[Profile]) {
        let taken: Vec<usize> = (0..scores.len()).filter(|&i| scores.get(i).is_some_and(|s| *s > 0.0)).collect();
        let share = taken.len() as f64 / scores.len().max(1) as f64;
        if taken.len() < 3 || share < 0.25 {
            return;
        }
        let mut pool: Profile =
            taken.iter().take(COMPARED_MAX).filter_map(|&i| profiles.get(i)).flatten().copied().collect();
        pool.sort_unstable();
        pool.dedup();
        let established = (weights::ESTABLISHED_PER_DOUBLING * (1.0 + taken.len() as f64).log2()) * share;
        for (i, score) in scores.iter_mut().enumerate().filter(|(_, s)| **s <= 0.0 && **s > -5.0) {
            let (Some(own), Some(evidence)) = (profiles.get(i), evidence.get(i)) else { continue };
            let mass = self.rarity.mass(own).total();
            let fit = if mass < 0.5 { 0.6 } else { self.rarity.shared(own, &pool).total() / mass };
            let bonus = established * (0.45 + 0.8 * fit);
            *score = evidence.log_odds() + bonus.min(weights::ESTABLISHED_MAX);
        }
    }

    /// Siblings that behave like word `i`, and those that are its twins (a large subtree in common).
    fn alike(&self, i: usize, profiles: &[Profile], masses: &[Mass]) -> (usize, usize) {
        let Some(own) = profiles.get(i).filter(|p| !p.is_empty()) else { return (0, 0) };
        let mass = masses.get(i).copied().unwrap_or_default();
        let step = (profiles.len() / COMPARED_MAX).max(1);
        let (mut alike, mut twins) = (0, 0);
        for (k, (other, &theirs)) in profiles.iter().zip(masses).enumerate().step_by(step) {
            if k == i {
                continue;
            }
            let shared = self.rarity.shared(own, other);
            alike += usize::from(behave_alike(mass, theirs, shared));
            twins += usize::from(are_twins(mass, theirs, shared));
        }
        (alike * step, twins * step)
    }

    fn has_method(&self, id: NodeId, methods: &[u16]) -> bool {
        self.trie.node(id).is_some_and(|n| n.endpoints.iter().any(|(m, s)| methods.contains(m) && s.is_real()))
    }
}

/// Subtrees agree when the lighter is part of the heavier, for a sibling that was met rarely shows only part of what
/// hangs below; without subtrees the answers must agree as a whole, for reports share wrappers.
fn behave_alike(a: Mass, b: Mass, shared: Mass) -> bool {
    if a.first.min(b.first) >= ALIKE_MASS && shared.first >= ALIKE * a.first.min(b.first) {
        return true;
    }
    if a.structure.min(b.structure) >= ALIKE_MASS {
        return shared.structure >= ALIKE_MASS && shared.structure >= ALIKE * a.structure.min(b.structure);
    }
    shared.behaviors >= ALIKE_BEHAVIORS
        && shared.behavior >= ALIKE_MASS
        && shared.behavior >= ALIKE * a.behavior.max(b.behavior)
}

fn are_twins(a: Mass, b: Mass, shared: Mass) -> bool {
    let agree = |words: fn(Mass) -> u32| {
        let most = f64::from(words(a).max(words(b)));
        words(shared) >= TWIN_WORDS && f64::from(words(shared)) >= TWIN_SHARE * most
    };
    // Words deeper below may be values that differ, but where they agree they count.
    agree(|mass| mass.first_words)
        || agree(|mass| mass.words)
        || (shared.total() >= TWIN_MASS && shared.total() >= TWIN_SHARE * a.total().max(b.total()))
}

fn explain(e: &Evidence, siblings: usize) -> String {
    if let Some(field) = &e.field {
        return match (e.listed, e.explained_siblings) {
            (true, _) => format!("the collection before it returns its values as `{field}`"),
            (_, n @ 2..) => format!("{n} of its {siblings} values occur as `{field}` in bodies"),
            _ => format!("its value occurs as `{field}` in bodies"),
        };
    }
    if e.echo_share > 0.0 {
        return "answers repeat its value in an identifying field".to_owned();
    }
    if e.alike >= 2 {
        return format!("{} of its {siblings} values behave alike", e.alike + 1);
    }
    format!("{siblings} different values stand in its place")
}

/// Method numbers of [`crate::engine::METHODS`].
const GET: u16 = 0;
const POST: u16 = 1;
const PUT: u16 = 2;
const PATCH: u16 = 3;
const DELETE: u16 = 4;
