//! The outline of a GraphQL text (October 2021 edition): operations with their root fields, arguments, depth and cost.
//! Reading is bounded by limits, never by trust: a text that breaks off is outlined as far as it goes.

use apollo_parser::Parser;
use apollo_parser::cst::{self, CstNode, Definition, Selection, Value};
use vedette_model::limits::{
    CALL_NAME_BYTES_MAX, GRAPHQL_ARGUMENTS_MAX, GRAPHQL_DEPTH_MAX, GRAPHQL_FIELDS_MAX, GRAPHQL_ROOTS_MAX,
    GRAPHQL_TEXT_BYTES_MAX, GRAPHQL_TOKENS_MAX,
};

use crate::protocol::members;

/// Arguments that ask for a number of items (Relay connections and common practice).
const PAGE_SIZES: &[&str] = &["first", "last", "limit", "take", "pageSize", "perPage", "count"];

/// Fragments of one text; generated clients have tens.
const DEFINED_MAX: usize = 1_000;

/// Fragments entered while one operation is written out; two per line can double per line.
const FRAGMENTS_MAX: usize = 5_000;

/// One text.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) operations: Vec<Operation>,
}

/// One operation.
#[derive(Debug, Default)]
pub(super) struct Operation {
    /// `query`, `mutation` or `subscription`.
    pub(super) kind: &'static str,
    pub(super) name: Option<String>,
    pub(super) roots: Vec<Root>,
    /// Levels of fields, at most [`GRAPHQL_DEPTH_MAX`].
    pub(super) depth: u64,
    /// Aliased fields.
    pub(super) aliases: u64,
    /// Per field: the field above it, and the page size asked for.
    fields: Vec<(Option<u32>, Option<PageSize>)>,
}

/// One field of the root type.
#[derive(Debug, Default)]
pub(super) struct Root {
    pub(super) field: String,
    /// The key that it has in the answer: its alias, else its name.
    pub(super) key: String,
    /// Arguments of the field, and of those below it as `path.name`.
    pub(super) arguments: Vec<(String, Vec<Piece>)>,
}

/// A piece of an argument's JSON.
#[derive(Debug, PartialEq)]
pub(super) enum Piece {
    Json(String),
    Variable(String),
}

#[derive(Debug)]
enum PageSize {
    Number(u64),
    Variable(String),
}

impl Document {
    /// Outlines a text; `None` when it holds no operation with a field.
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.len() > GRAPHQL_TEXT_BYTES_MAX {
            return None;
        }
        let tree = Parser::new(text).recursion_limit(GRAPHQL_DEPTH_MAX * 2).token_limit(GRAPHQL_TOKENS_MAX).parse();
        let (mut operations, mut fragments) = (Vec::new(), Vec::new());
        for definition in tree.document().definitions() {
            match definition {
                Definition::OperationDefinition(operation) => operations.push(operation),
                Definition::FragmentDefinition(fragment) if fragments.len() < DEFINED_MAX => fragments.push(fragment),
                _ => {}
            }
        }
        let named = fragments.iter().filter_map(|fragment| Some((fragment_name(fragment.fragment_name())?, fragment)));
        let fragments: Vec<(String, &cst::FragmentDefinition)> = named.collect();
        let outlined = operations.iter().map(|operation| outline(operation, &fragments));
        let operations: Vec<Operation> = outlined.filter(|one| !one.roots.is_empty()).collect();
        (!operations.is_empty()).then_some(Self { operations })
    }

    /// The operation that runs: the named one, else the first.
    pub(super) fn operation(&self, name: Option<&str>) -> Option<&Operation> {
        let named = name.and_then(|name| self.operations.iter().find(|one| one.name.as_deref() == Some(name)));
        named.or_else(|| self.operations.first())
    }

    /// Fields held, as a measure of its memory.
    pub(super) fn size(&self) -> usize {
        self.operations.iter().map(|one| one.fields.len()).sum()
    }
}

impl Operation {
    /// Fields, each times the page sizes asked for above it. `variable` gives the value of a variable as raw JSON.
    pub(super) fn cost<'v>(&self, variable: impl Fn(&str) -> Option<&'v str>) -> u64 {
        let mut weights: Vec<u64> = Vec::with_capacity(self.fields.len());
        let mut cost = 0_u64;
        for (above, page) in &self.fields {
            let weight = above.and_then(|above| weights.get(above as usize)).copied().unwrap_or(1);
            cost = cost.saturating_add(weight);
            let size = match page {
                None => 1,
                Some(PageSize::Number(n)) => *n,
                Some(PageSize::Variable(name)) => variable(name).and_then(members::count).unwrap_or(1),
            };
            weights.push(weight.saturating_mul(size.max(1)));
        }
        cost
    }
}

impl Root {
    /// The arguments as one JSON object, variables filled in.
    pub(super) fn request<'v>(&self, variable: impl Fn(&str) -> Option<&'v str>) -> Vec<u8> {
        let mut out = String::from("{");
        for (name, pieces) in &self.arguments {
            // A variable that was not given leaves its argument out.
            if let [Piece::Variable(name)] = pieces.as_slice()
                && variable(name).is_none()
            {
                continue;
            }
            if out.len() > 1 {
                out.push(',');
            }
            out.push_str(&members::quoted(name));
            out.push(':');
            for piece in pieces {
                match piece {
                    Piece::Json(json) => out.push_str(json),
                    Piece::Variable(name) => out.push_str(variable(name).unwrap_or("null")),
                }
            }
        }
        out.push('}');
        out.into_bytes()
    }
}

/// Writes one operation out.
struct Outline<'a> {
    fragments: &'a [(String, &'a cst::FragmentDefinition)],
    operation: Operation,
    /// Fragments that are being written out: one inside itself is a circle.
    open: Vec<String>,
    entered: usize,
}

fn outline(operation: &cst::OperationDefinition, fragments: &[(String, &cst::FragmentDefinition)]) -> Operation {
    let kind = match operation.operation_type() {
        Some(kind) if kind.mutation_token().is_some() => "mutation",
        Some(kind) if kind.subscription_token().is_some() => "subscription",
        _ => "query",
    };
    let name = operation.name().map(|name| name.text().to_string());
    let operation_of = Operation { kind, name, ..Operation::default() };
    let mut outline = Outline { fragments, operation: operation_of, open: Vec::new(), entered: 0 };
    if let Some(set) = operation.selection_set() {
        outline.set(&set, &Place { above: None, depth: 1, path: String::new(), nesting: 0 });
    }
    outline.operation
}

/// Where a selection stands.
struct Place {
    above: Option<u32>,
    depth: usize,
    /// Names of the fields below the root field.
    path: String,
    /// Selection sets around it, fragments among them: the depth of the recursion.
    nesting: usize,
}

impl Outline<'_> {
    fn set(&mut self, set: &cst::SelectionSet, place: &Place) {
        if place.nesting > GRAPHQL_DEPTH_MAX {
            return;
        }
        let inside = |place: &Place| Place { path: place.path.clone(), nesting: place.nesting + 1, ..*place };
        for selection in set.selections() {
            if self.operation.fields.len() >= GRAPHQL_FIELDS_MAX || self.entered >= FRAGMENTS_MAX {
                return;
            }
            match selection {
                Selection::Field(field) => self.field(&field, place),
                Selection::InlineFragment(fragment) => {
                    self.entered += 1;
                    if let Some(set) = fragment.selection_set() {
                        self.set(&set, &inside(place));
                    }
                }
                Selection::FragmentSpread(spread) => {
                    self.entered += 1;
                    let Some(name) = fragment_name(spread.fragment_name()) else { continue };
                    let known = self.fragments.iter().find(|(known, _)| *known == name);
                    if let Some((_, fragment)) = known
                        && !self.open.contains(&name)
                        && let Some(set) = fragment.selection_set()
                    {
                        self.open.push(name);
                        self.set(&set, &inside(place));
                        self.open.pop();
                    }
                }
            }
        }
    }

    fn field(&mut self, field: &cst::Field, place: &Place) {
        let Some(name) = field.name().map(|name| name.text().to_string()) else { return };
        let alias = field.alias().and_then(|alias| alias.name()).map(|name| name.text().to_string());
        self.operation.aliases += u64::from(alias.is_some());
        self.operation.depth = self.operation.depth.max(place.depth.min(GRAPHQL_DEPTH_MAX) as u64);
        let is_root = place.depth == 1;
        if is_root && self.operation.roots.len() < GRAPHQL_ROOTS_MAX {
            let key = alias.unwrap_or_else(|| name.clone());
            self.operation.roots.push(Root { field: name.clone(), key, arguments: Vec::new() });
        }
        let short = name.get(..name.floor_char_boundary(CALL_NAME_BYTES_MAX)).unwrap_or_default();
        let path = match (is_root, place.path.is_empty()) {
            (true, _) => String::new(),
            (false, true) => short.to_owned(),
            // Deeper names would copy more than they tell.
            (false, false) if place.path.len() > CALL_NAME_BYTES_MAX => place.path.clone(),
            (false, false) => format!("{}.{short}", place.path),
        };
        let page = self.arguments(field, &path);
        let at = self.operation.fields.len() as u32;
        self.operation.fields.push((place.above, page));
        if let Some(set) = field.selection_set() {
            self.set(&set, &Place { above: Some(at), depth: place.depth + 1, path, nesting: place.nesting + 1 });
        }
    }

    /// Notes the arguments of a field at the last root; gives the page size that it asks for.
    fn arguments(&mut self, field: &cst::Field, path: &str) -> Option<PageSize> {
        let mut page = None;
        for argument in field.arguments()?.arguments() {
            let (Some(name), Some(value)) = (argument.name(), argument.value()) else { continue };
            let name = name.text().to_string();
            if PAGE_SIZES.contains(&name.as_str()) {
                page = page_size(&value).or(page);
            }
            let Some(root) = self.operation.roots.last_mut().filter(|r| r.arguments.len() < GRAPHQL_ARGUMENTS_MAX)
            else {
                continue;
            };
            let name = if path.is_empty() { name } else { format!("{path}.{name}") };
            if root.arguments.iter().any(|(known, _)| *known == name) {
                continue;
            }
            let mut pieces = Vec::new();
            write(&value, &mut pieces, 0);
            root.arguments.push((name, pieces));
        }
        page
    }
}

fn fragment_name(name: Option<cst::FragmentName>) -> Option<String> {
    Some(name?.name()?.text().to_string())
}

fn page_size(value: &Value) -> Option<PageSize> {
    match value {
        Value::IntValue(int) => int.syntax().text().to_string().trim().parse().ok().map(PageSize::Number),
        Value::Variable(variable) => Some(PageSize::Variable(variable.name()?.text().to_string())),
        _ => None,
    }
}

/// Writes a value as JSON with holes for its variables.
fn write(value: &Value, out: &mut Vec<Piece>, depth: usize) {
    match value {
        Value::Variable(variable) => match variable.name() {
            Some(name) => out.push(Piece::Variable(name.text().to_string())),
            None => text(out, "null"),
        },
        Value::StringValue(string) => text(out, &json_string(string.syntax().text().to_string().trim())),
        Value::IntValue(number) => text(out, &json_number(&number.syntax().text().to_string())),
        Value::FloatValue(number) => text(out, &json_number(&number.syntax().text().to_string())),
        Value::BooleanValue(truth) => text(out, if truth.true_token().is_some() { "true" } else { "false" }),
        Value::NullValue(_) => text(out, "null"),
        Value::EnumValue(word) => {
            text(out, &members::quoted(&word.name().map(|name| name.text().to_string()).unwrap_or_default()));
        }
        Value::ListValue(_) | Value::ObjectValue(_) if depth >= GRAPHQL_DEPTH_MAX / 2 => text(out, "null"),
        Value::ListValue(list) => {
            text(out, "[");
            for (n, item) in list.values().enumerate() {
                text(out, if n > 0 { "," } else { "" });
                write(&item, out, depth + 1);
            }
            text(out, "]");
        }
        Value::ObjectValue(object) => {
            text(out, "{");
            let mut first = true;
            for field in object.object_fields() {
                let (Some(name), Some(value)) = (field.name(), field.value()) else { continue };
                let comma = if std::mem::replace(&mut first, false) { "" } else { "," };
                text(out, &format!("{comma}{}:", members::quoted(&name.text())));
                write(&value, out, depth + 1);
            }
            text(out, "}");
        }
    }
}

fn text(out: &mut Vec<Piece>, json: &str) {
    match out.last_mut() {
        Some(Piece::Json(last)) => last.push_str(json),
        _ => out.push(Piece::Json(json.to_owned())),
    }
}

/// GraphQL's escapes are JSON's but for `\u{…}`; what is no JSON string is quoted as it stands.
fn json_string(raw: &str) -> String {
    if let Some(block) = raw.strip_prefix("\"\"\"") {
        return members::quoted(block.strip_suffix("\"\"\"").unwrap_or(block));
    }
    let mut reader = crate::json::Reader::new(raw);
    let whole = reader.value().is_ok() && reader.end().is_ok();
    if whole { raw.to_owned() } else { members::quoted(raw.trim_matches('"')) }
}

fn json_number(raw: &str) -> String {
    let raw = raw.trim();
    let mut reader = crate::json::Reader::new(raw);
    let whole = reader.value().is_ok() && reader.end().is_ok();
    if whole { raw.to_owned() } else { "null".to_owned() }
}
