//! Objects whose keys are names by their letters and data by their behavior.

use super::node::{Budget, Node, Object, types};

/// Objects that must have been seen to judge.
const OBJECTS_MIN: u64 = 5;

/// Different keys that must have been seen to judge.
const KEYS_MIN: usize = 12;

/// The value of a map, if the object is one: many different keys, hardly one of them in even half of the objects, and
/// values of one kind. Countries, currencies and user names as keys are found so; ids never become properties at all.
pub(super) fn value_of(object: &Object) -> Option<Node> {
    let keys = object.properties.len();
    if keys < KEYS_MIN || object.complete < OBJECTS_MIN {
        return None;
    }
    let usual = object.properties.iter().filter(|property| property.present * 2 >= object.complete).count();
    let kinds = object.properties.iter().fold(0, |kinds, property| kinds | kind(property.node.types));
    if usual * 10 > keys || kinds.count_ones() > 1 {
        return None;
    }
    let mut value = Node::default();
    let mut budget = Budget::default();
    object.properties.iter().for_each(|property| value.merge(&property.node, &mut budget));
    if let Some(entries) = &object.entries {
        value.merge(&entries.node, &mut budget);
    }
    Some(value)
}

/// Types without `null`, integers counted as numbers.
fn kind(set: u8) -> u8 {
    let set = set & !types::NULL;
    if set & types::INTEGER != 0 { set & !types::INTEGER | types::NUMBER } else { set }
}
