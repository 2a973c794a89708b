//! The lattice: what was seen at one place of a body, and below it.

use vedette_model::limits::{SCHEMA_NODES_MAX, SCHEMA_PROPERTIES_MAX};

use vedette_parse::json::Text;
use vedette_parse::stored;
use vedette_parse::stored::{Damaged, Reader, Stored};

use super::keys;
use super::names::{Named, Names};
use super::scalar::Scalars;
use crate::sketch::hash;

/// Types as bits of [`Node::types`].
pub(super) mod types {
    pub(crate) const NULL: u8 = 1;
    pub(crate) const BOOLEAN: u8 = 2;
    pub(crate) const INTEGER: u8 = 4;
    pub(crate) const NUMBER: u8 = 8;
    pub(crate) const STRING: u8 = 16;
    pub(crate) const ARRAY: u8 = 32;
    pub(crate) const OBJECT: u8 = 64;

    /// Names in JSON Schema, in the order shown.
    pub(crate) const NAMES: [(u8, &str); 7] = [
        (BOOLEAN, "boolean"),
        (INTEGER, "integer"),
        (NUMBER, "number"),
        (STRING, "string"),
        (ARRAY, "array"),
        (OBJECT, "object"),
        (NULL, "null"),
    ];
}

/// What was seen at one place: a union of types, each with its own part.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// Values seen.
    pub(super) seen: u64,
    /// Of them `null`.
    pub(super) nulls: u64,
    /// Bodies with a value here that was not `null`: what one body repeats in an array is one witness, not many.
    pub(super) bodies: u64,
    /// Number of the last such body.
    pub(super) last_body: u64,
    /// Set of [`types`].
    pub(super) types: u8,
    pub(super) scalars: Option<Box<Scalars>>,
    pub(super) object: Option<Box<Object>>,
    pub(super) items: Option<Box<Items>>,
}

/// What was seen in objects.
#[derive(Clone, Debug, Default)]
pub(super) struct Object {
    /// Objects read to their end; presence is counted against them.
    pub(super) complete: u64,
    /// Number of the object being read, to tell a key that comes twice.
    pub(super) serial: u32,
    pub(super) properties: Names<Property>,
    /// Values under keys that are data.
    pub(super) entries: Option<Box<Entries>>,
    /// Had more names than [`SCHEMA_PROPERTIES_MAX`]: all keys are data.
    collapsed: bool,
}

/// One property of an object.
#[derive(Clone, Debug)]
pub(super) struct Property {
    pub(super) key: Box<str>,
    /// The key is written without escapes: the reader may guess it.
    pub(super) plain: bool,
    /// Complete objects that had it.
    pub(super) present: u64,
    /// Serial of the last object that had it.
    pub(super) stamp: u32,
    pub(super) node: Node,
}

impl Named for Property {
    #[inline]
    fn name(&self) -> (&str, u8) {
        (&self.key, 0)
    }
}

/// The values of a map.
#[derive(Clone, Debug, Default)]
pub(super) struct Entries {
    pub(super) node: Node,
}

/// The items of arrays.
#[derive(Clone, Debug, Default)]
pub(super) struct Items {
    pub(super) arrays: u64,
    /// Items in the longest.
    pub(super) max: u64,
    pub(super) node: Node,
}

/// Nodes that may still be made in one schema.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget(pub(super) usize);

impl Default for Budget {
    fn default() -> Self {
        Self(SCHEMA_NODES_MAX)
    }
}

impl Budget {
    pub(super) fn take(&mut self) -> bool {
        let left = self.0 > 0;
        self.0 = self.0.saturating_sub(1);
        left
    }
}

// Numbers of bodies and objects only tell the one that is being read from those before it: none is.
stored!(Object { complete, properties, entries, collapsed; serial = 0 });
stored!(Property { key, plain, present, node; stamp = u32::MAX });
stored!(Entries { node });
stored!(Items { arrays, max, node });

impl Stored for Node {
    fn store(&self, out: &mut Vec<u8>) {
        (self.seen, self.nulls, self.bodies).store(out);
        self.types.store(out);
        self.scalars.store(out);
        self.object.store(out);
        self.items.store(out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        let (seen, nulls, bodies) = Stored::load(from)?;
        let types = Stored::load(from)?;
        let scalars = Stored::load(from)?;
        let object = from.nested(Stored::load)?;
        let items = from.nested(Stored::load)?;
        Ok(Self { seen, nulls, bodies, last_body: 0, types, scalars, object, items })
    }
}

impl Stored for Budget {
    fn store(&self, out: &mut Vec<u8>) {
        self.0.store(out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        usize::load(from).map(|left| Self(left.min(SCHEMA_NODES_MAX)))
    }
}

/// Where the value of a key is learned.
pub(super) enum Slot {
    /// A property, by its place.
    Property(usize),
    /// An entry of a map.
    Entry,
    /// Nowhere: the budget is spent.
    None,
}

impl Node {
    /// Notes a value of a body.
    #[inline]
    pub(super) fn see(&mut self, types: u8, body: u64) {
        self.seen += 1;
        self.types |= types;
        self.bodies += u64::from(self.last_body != body);
        self.last_body = body;
    }

    /// Adds what another saw, as far as the budget reaches.
    pub(super) fn merge(&mut self, other: &Self, budget: &mut Budget) {
        self.seen += other.seen;
        self.nulls += other.nulls;
        self.bodies += other.bodies;
        self.types |= other.types;
        match (&mut self.scalars, &other.scalars) {
            (Some(mine), Some(theirs)) => mine.merge(theirs),
            (None, Some(theirs)) => self.scalars = Some(theirs.clone()),
            (_, None) => {}
        }
        if let Some(theirs) = &other.object {
            self.object.get_or_insert_default().merge(theirs, budget);
        }
        if let Some(theirs) = &other.items
            && (self.items.is_some() || budget.take())
        {
            let mine = self.items.get_or_insert_default();
            mine.arrays += theirs.arrays;
            mine.max = mine.max.max(theirs.max);
            mine.node.merge(&theirs.node, budget);
        }
    }
}

impl Node {
    /// See [`super::Schema::names`]; `path` is the hash of what leads here.
    pub(super) fn names(&self, levels: usize, path: u64, name: &mut impl FnMut(u64)) {
        if let Some(items) = &self.items {
            items.node.names(levels, path, name);
        }
        let Some(object) = self.object.as_ref().filter(|_| levels > 0) else { return };
        for property in object.properties.iter() {
            let path = path.rotate_left(7) ^ hash(property.key.as_bytes());
            name(path);
            property.node.names(levels - 1, path, name);
        }
        if let Some(entries) = &object.entries {
            entries.node.names(levels - 1, path.rotate_left(7), name);
        }
    }
}

impl Object {
    /// Where the value of `key` goes. `expected` is the place of the property that came next last time.
    #[inline]
    pub(super) fn slot(&mut self, key: &str, expected: usize, budget: &mut Budget) -> Slot {
        match self.properties.find(key, 0, expected) {
            Some(place) => Slot::Property(place),
            None => self.admit(key, budget),
        }
    }

    /// A key that is not known yet: a new property, or an entry.
    #[cold]
    fn admit(&mut self, key: &str, budget: &mut Budget) -> Slot {
        if !self.collapsed && !keys::is_data(key) {
            if !budget.take() {
                return Slot::None;
            }
            if self.properties.len() < SCHEMA_PROPERTIES_MAX {
                return Slot::Property(self.properties.push(Property {
                    key: key.into(),
                    plain: Text::is_plain(key),
                    present: 0,
                    stamp: self.serial.wrapping_sub(1),
                    node: Node::default(),
                }));
            }
            self.collapse(budget);
        }
        if self.entries.is_none() {
            if !budget.take() {
                return Slot::None;
            }
            self.entries = Some(Box::default());
        }
        Slot::Entry
    }

    /// Takes back the presence that an object which broke off had claimed.
    #[cold]
    pub(super) fn forget_last(&mut self) {
        for property in self.properties.iter_mut().filter(|property| property.stamp == self.serial) {
            property.present = property.present.saturating_sub(1);
            property.stamp = self.serial.wrapping_sub(1);
        }
    }

    fn merge(&mut self, other: &Self, budget: &mut Budget) {
        self.complete += other.complete;
        if other.collapsed && !self.collapsed {
            self.collapse(budget);
        }
        if let Some(theirs) = &other.entries
            && (self.entries.is_some() || budget.take())
        {
            self.entries.get_or_insert_default().node.merge(&theirs.node, budget);
        }
        for theirs in other.properties.iter() {
            match self.slot(&theirs.key, 0, budget) {
                Slot::None => {}
                Slot::Entry => {
                    if let Some(entries) = &mut self.entries {
                        entries.node.merge(&theirs.node, budget);
                    }
                }
                Slot::Property(place) => {
                    if let Some(mine) = self.properties.get_mut(place) {
                        mine.present += theirs.present;
                        mine.node.merge(&theirs.node, budget);
                    }
                }
            }
        }
    }

    /// Makes a map of it: all values become entries.
    #[cold]
    fn collapse(&mut self, budget: &mut Budget) {
        self.collapsed = true;
        let entries = self.entries.get_or_insert_default();
        for property in self.properties.take() {
            entries.node.merge(&property.node, budget);
        }
    }
}
