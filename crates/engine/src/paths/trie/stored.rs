//! A trie as bytes: its nodes in their order, so that ids stay, and children by id.

use smallvec::SmallVec;
use vedette_model::limits::PATH_DEPTH_MAX;
use vedette_parse::stored::{Bits, Codec, Damaged, Reader, Stored, Wide};
use vedette_parse::{stored, stored_codes};

use super::{Declared, DeclaredBy, Node, Trie, Values};
use crate::endpoint::EndpointSummary;
use crate::engine::snapshot::known_method;

stored!(Trie { nodes } => Trie::checked);
stored!(Node {
    literals,
    typed,
    values,
    endpoints as ByMethod,
    echoes,
    echo_chances,
    chances_at_end,
    listed,
    open,
    declared,
    declares,
    identity as Bits,
});
stored!(Values { first, many, distinct, range as Option<(Wide, Wide)> });
stored!(Declared { parameter, by });
stored_codes!(DeclaredBy { User = 0, Specification = 1, Protocol = 2 });

/// Summaries by number of the method.
struct ByMethod;

impl Codec<Vec<(u16, Box<EndpointSummary>)>> for ByMethod {
    fn store(value: &Vec<(u16, Box<EndpointSummary>)>, out: &mut Vec<u8>) {
        value.store(out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Vec<(u16, Box<EndpointSummary>)>, Damaged> {
        let mut endpoints = Vec::<(u16, Box<EndpointSummary>)>::load(from)?;
        for (method, _) in &mut endpoints {
            *method = known_method(from, *method)?;
        }
        Ok(endpoints)
    }
}

impl Trie {
    /// Every walk must end: a child comes behind its parent, has no other, and is not too deep.
    fn checked(self) -> Result<Self, Damaged> {
        let mut depths: Vec<Option<usize>> = vec![None; self.nodes.len()];
        *depths.first_mut().ok_or(Damaged::Impossible("tree"))? = Some(0);
        for (id, node) in self.nodes.iter().enumerate() {
            let typed = node.typed.iter().map(|(_, _, child)| *child);
            let children: SmallVec<[u32; 8]> = node.literals.values().copied().chain(typed).collect();
            let depth = depths.get(id).copied().flatten().map_or(0, |depth| depth + 1);
            for child in children {
                let place = depths.get_mut(child as usize).ok_or(Damaged::Impossible("tree"))?;
                if child as usize <= id || place.is_some() || depth > PATH_DEPTH_MAX {
                    return Err(Damaged::Impossible("tree"));
                }
                *place = Some(depth);
            }
        }
        Ok(self)
    }
}
