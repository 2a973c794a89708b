//! The objects behind an API: for each path parameter a pool of values, and below each value pools of its own (the
//! repositories of an owner). Nothing is stored: a value follows from the seed, its pool, its parents and its index.

use std::collections::HashMap;

use super::document::{Document, Operation, Piece};
use super::form::{Form, Style, words};
use crate::rng::{Rng, hash};

/// Largest pool without parents, in values.
const ROOT_VALUES_MAX: i64 = 70;
/// Largest pool below one parent.
const CHILD_VALUES_MAX: i64 = 9;
/// Share of a child's values that other parents have too (every owner has a `website`).
const SHARED_SHARE: f64 = 0.35;

/// The objects of one API.
#[derive(Debug)]
pub(super) struct World {
    seed: u64,
    pools: Vec<Pool>,
    /// Pool of each path parameter of each operation.
    of_operations: Vec<Vec<usize>>,
    /// For each operation, the pool of the parameter that follows its path in an item's template.
    items: Vec<Option<usize>>,
    /// For each operation without items of its own, another whose path ends in what this one's last word names.
    elsewhere: Vec<Option<usize>>,
    /// Pools without parents by the normalized name of their parameter, for foreign keys in bodies.
    roots: HashMap<String, usize>,
}

#[derive(Debug)]
struct Pool {
    key: String,
    name: String,
    form: Form,
}

/// One object: what it is called in paths and bodies, and where everything else about it is derived from.
#[derive(Clone, Debug)]
pub(super) struct Object {
    /// Name of its path parameter.
    pub(super) parameter: String,
    /// Its value.
    pub(super) value: String,
    /// Seed of everything else about it: the same object always has the same body.
    pub(super) seed: u64,
}

impl World {
    /// Draws the pools of a document.
    pub(super) fn new(document: &Document, seed: u64, slugs: bool) -> Self {
        let style = Style::of(&mut Rng::labeled(seed, "style"), slugs);
        let mut world = Self {
            seed,
            pools: Vec::new(),
            of_operations: Vec::new(),
            items: Vec::new(),
            elsewhere: Vec::new(),
            roots: HashMap::new(),
        };
        let mut known: HashMap<String, usize> = HashMap::new();
        for operation in &document.operations {
            let mut of_operation = Vec::new();
            for (index, parameter) in operation.path_parameters.iter().enumerate() {
                let key = pool_key(operation, index);
                let pool = *known.entry(key.clone()).or_insert_with(|| {
                    let mut rng = Rng::labeled(seed, &key);
                    let suffix = operation.template.contains(&format!(".{{{}}}", parameter.name));
                    let form = if suffix && parameter.schema.get("enum").is_none() {
                        Form::file_type()
                    } else {
                        Form::of(&parameter.name, &parameter.schema, &style, &mut rng)
                    };
                    world.pools.push(Pool { key, name: parameter.name.clone(), form });
                    world.pools.len() - 1
                });
                if index == 0 {
                    world.roots.entry(normalize(&parameter.name)).or_insert(pool);
                }
                of_operation.push(pool);
            }
            world.of_operations.push(of_operation);
        }
        world.roots.retain(|name, _| !is_generic(name));
        world.items = document.operations.iter().map(|o| world.item_pool(document, o)).collect();
        world.elsewhere = document.operations.iter().map(|o| item_operation(document, o)).collect();
        world
    }

    fn item_pool(&self, document: &Document, operation: &Operation) -> Option<usize> {
        let depth = operation.segments.len();
        let at = document.operations.iter().position(|other| {
            other.segments.len() == depth + 1
                && other.segments.starts_with(&operation.segments)
                && matches!(other.segments.get(depth).map(Vec::as_slice), Some([Piece::Parameter(_)]))
        })?;
        self.of_operations.get(at)?.last().copied()
    }

    /// Objects along the path of an operation, frequent ones far more often.
    pub(super) fn path(&self, operation: usize, rng: &mut Rng) -> Vec<Object> {
        let mut parent = 0;
        let mut path = Vec::new();
        for pool in self.of_operations.get(operation).into_iter().flatten() {
            let object = self.object(*pool, parent, rng.skewed(self.size(*pool, parent)));
            parent = object.seed;
            path.push(object);
        }
        path
    }

    /// Values that nobody has, of the forms that the path of an operation has.
    pub(super) fn unknown(&self, operation: usize, rng: &mut Rng) -> Vec<String> {
        let pools = self.of_operations.get(operation).into_iter().flatten();
        pools.filter_map(|p| self.pools.get(*p)).map(|p| p.form.value(rng, 5_000 + p.key.len())).collect()
    }

    /// How many items an operation's path has below it, when its items have paths.
    pub(super) fn items(&self, operation: usize, path: &[Object]) -> Option<usize> {
        let pool = (*self.items.get(operation)?)?;
        Some(self.size(pool, path.last().map_or(0, |o| o.seed)))
    }

    /// The item of that number below an operation's path.
    pub(super) fn item(&self, operation: usize, path: &[Object], index: usize) -> Option<Object> {
        let pool = (*self.items.get(operation)?)?;
        Some(self.object(pool, path.last().map_or(0, |o| o.seed), index))
    }

    /// Objects that another part of the API serves and this operation lists (`/user/repos`), each after its parents.
    pub(super) fn elsewhere(&self, operation: usize, rng: &mut Rng) -> Option<Vec<Vec<Object>>> {
        let other = (*self.elsewhere.get(operation)?)?;
        Some((0..rng.between(1, 8)).map(|_| self.path(other, rng)).collect())
    }

    /// Some object that a body's member refers to by its name (`customer_id`).
    pub(super) fn referred(&self, member: &str, rng: &mut Rng) -> Option<Object> {
        let pool = *self.roots.get(&normalize(member))?;
        Some(self.object(pool, 0, rng.skewed(self.size(pool, 0))))
    }

    fn size(&self, pool: usize, parent: u64) -> usize {
        let Some(pool) = self.pools.get(pool) else { return 1 };
        let mut rng = Rng::labeled(self.seed ^ parent, &pool.key);
        let size = if parent == 0 { rng.between(4, ROOT_VALUES_MAX) } else { rng.between(1, CHILD_VALUES_MAX) };
        (size as usize).min(pool.form.count().unwrap_or(usize::MAX)).max(1)
    }

    fn object(&self, pool: usize, parent: u64, index: usize) -> Object {
        let Some(pool) = self.pools.get(pool) else {
            return Object { parameter: String::new(), value: String::new(), seed: 1 };
        };
        let mut rng = Rng::labeled(self.seed ^ parent.rotate_left(17), &format!("{}#{index}", pool.key));
        let shared = parent != 0 && rng.chance(SHARED_SHARE);
        let value = match (&pool.form, shared) {
            (Form::Slug | Form::FileName | Form::Version, true) => {
                pool.form.value(&mut Rng::labeled(self.seed, &format!("{}#shared{}", pool.key, index % 8)), index)
            }
            // Counted ids are counted across parents.
            (Form::Integer { .. }, _) if parent != 0 => pool.form.value(&mut rng, index + (parent % 7_001) as usize),
            _ => pool.form.value(&mut rng, index),
        };
        let seed = hash(&value) ^ hash(&pool.key).rotate_left(9) ^ self.seed ^ parent.rotate_left(31);
        Object { parameter: pool.name.clone(), value, seed: seed | 1 }
    }
}

/// An operation whose path ends in a parameter named as the last word of this one's path: `repo` and `repos`.
fn item_operation(document: &Document, operation: &Operation) -> Option<usize> {
    let Some([Piece::Text(word)]) = operation.segments.last().map(Vec::as_slice) else { return None };
    let singular = normalize(word.trim_end_matches('s'));
    document.operations.iter().position(|other| {
        let parameter = other.path_parameters.last().map(|p| normalize(&p.name)).unwrap_or_default();
        let ends = matches!(other.segments.last().map(Vec::as_slice), Some([Piece::Parameter(_)]));
        ends && !singular.is_empty() && (parameter == singular || parameter.strip_suffix("id") == Some(&singular))
    })
}

/// What a parameter names: its own name when that tells (`orderId`), else the collection before it (`pets` and `id`).
fn pool_key(operation: &Operation, index: usize) -> String {
    let name = operation.path_parameters.get(index).map(|p| p.name.as_str()).unwrap_or_default();
    if !is_generic(&normalize(name)) {
        return normalize(name);
    }
    let mut before = "";
    for segment in &operation.segments {
        match segment.as_slice() {
            [Piece::Text(text)] => before = text,
            pieces if pieces.contains(&Piece::Parameter(index)) => break,
            _ => {}
        }
    }
    format!("{}.{}", before.trim_end_matches('s'), normalize(name))
}

fn is_generic(normalized: &str) -> bool {
    ["id", "ids", "name", "key", "slug", "uuid", "guid", "sid", "gid", "value", "code", "number", "type", "identifier"]
        .contains(&normalized)
}

/// A name without case and punctuation: `order_id` and `orderId` are the same.
pub(super) fn normalize(name: &str) -> String {
    words(name).concat()
}
