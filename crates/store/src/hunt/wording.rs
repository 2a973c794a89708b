//! What the query engine says, in words for the one who wrote the SQL.

use datafusion::common::SchemaError;
use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::tokenizer::TokenizerError;

use super::{HuntError, Position};

/// Names shown when a column is unknown and nothing is near.
const NAMES_SHOWN_MAX: usize = 40;

/// An error from parsing or planning: nearly always the author's.
pub(super) fn planning(error: &DataFusionError) -> HuntError {
    let at = error
        .diagnostic()
        .and_then(|diagnostic| diagnostic.span)
        .map(|span| Position { line: span.start.line, column: span.start.column });
    match error.find_root() {
        DataFusionError::SQL(inner, _) => parser(&inner.to_string()),
        DataFusionError::SchemaError(inner, _) => schema(inner, at),
        DataFusionError::Collection(errors) if !errors.is_empty() => {
            errors.first().map_or(HuntError::wrong("the SQL could not be planned"), planning)
        }
        // Before anything ran it is the text that the engine did not expect.
        DataFusionError::Internal(message) => said(message),
        root => match execution(root) {
            HuntError::Wrong { message, hint, .. } => HuntError::Wrong { message, position: at, hint },
            other => other,
        },
    }
}

/// An error from execution. `Storage` and `Broken` keep what was said for the log; it may name files.
pub(super) fn execution(error: &DataFusionError) -> HuntError {
    let root = error.find_root();
    let text = root.strip_backtrace();
    // A full disk comes wrapped as whatever the operator that wrote to it fails with.
    if text.contains("disk space during the spilling") || text.contains("No space left on device") {
        return HuntError::TooLarge { what: "room for spilled rows" };
    }
    match root {
        DataFusionError::ResourcesExhausted(_) => HuntError::TooLarge { what: "memory" },
        DataFusionError::SQL(inner, _) => parser(&inner.to_string()),
        DataFusionError::SchemaError(inner, _) => schema(inner, None),
        DataFusionError::Plan(message)
        | DataFusionError::NotImplemented(message)
        | DataFusionError::Execution(message)
        | DataFusionError::Configuration(message) => said(message),
        DataFusionError::ArrowError(inner, _) => said(&inner.to_string()),
        DataFusionError::ParquetError(_)
        | DataFusionError::ObjectStore(_)
        | DataFusionError::IoError(_)
        | DataFusionError::External(_) => HuntError::Storage(text.into()),
        _ => HuntError::Broken(text.into()),
    }
}

/// An error of the tokenizer, which says where.
pub(super) fn tokenizer(error: &TokenizerError) -> HuntError {
    let position = Position { line: error.location.line, column: error.location.column };
    HuntError::Wrong { message: decapitalized(&error.message), position: Some(position), hint: None }
}

/// `sql parser error: Expected: an expression, found: FROM at Line: 1, Column: 8` and the like.
fn parser(text: &str) -> HuntError {
    let text = text.strip_prefix("sql parser error: ").unwrap_or(text);
    if text.contains("recursion limit") {
        return HuntError::wrong_hint("the SQL is nested too deeply", "use with … as (…) instead of deep nesting");
    }
    let (message, position) = text.rsplit_once(" at Line: ").map_or((text, None), |(message, place)| {
        let (line, column) = place.split_once(", Column: ").unwrap_or((place, ""));
        let position = line.trim().parse().ok().zip(column.trim().parse().ok());
        (message, position.map(|(line, column)| Position { line, column }))
    });
    let message = message.replace("Expected: ", "expected ").replace(", found: ", ", found ");
    HuntError::Wrong { message: decapitalized(&message), position, hint: None }
}

fn schema(error: &SchemaError, position: Option<Position>) -> HuntError {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => {
            let names = || valid_fields.iter().map(|column| column.name.as_str());
            let near = nearest(&field.name, names());
            let hint = if near.is_empty() {
                let shown: Vec<_> = names().take(NAMES_SHOWN_MAX).collect();
                (!shown.is_empty()).then(|| format!("there are {}", shown.join(", ")))
            } else {
                Some(format!("did you mean {}?", near.join(" or ")))
            };
            HuntError::Wrong { message: format!("unknown column '{}'", field.name), position, hint }
        }
        SchemaError::AmbiguousReference { field } => HuntError::Wrong {
            message: format!("more than one table has a column '{}'", field.name),
            position,
            hint: Some(format!("name the table: exchanges.{}", field.name)),
        },
        other => HuntError::Wrong { message: decapitalized(&other.to_string()), position, hint: None },
    }
}

/// The first sentence of a message; suggestions become the hint.
fn said(message: &str) -> HuntError {
    if message.contains("physical plan does not support") {
        return HuntError::wrong_hint(
            "a subquery stands where it cannot be computed",
            "name it with with … as (…) and join it",
        );
    }
    let message = message.strip_prefix("Error during planning: ").unwrap_or(message);
    let (message, rest) = message.split_once('\n').unwrap_or((message, ""));
    let hint = rest.lines().find(|line| line.starts_with("Did you mean")).map(decapitalized);
    let message = message.trim_end_matches(['.', ' ']);
    HuntError::Wrong { message: decapitalized(message), position: None, hint }
}

/// Messages are lowercase fragments; a word in capitals stays as it is.
fn decapitalized(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            let rest = text.get(first.len_utf8()..).unwrap_or_default();
            first.to_lowercase().chain(rest.chars()).collect()
        }
        _ => text.to_owned(),
    }
}

/// Names that are one slip away: at most a third of the letters differ, nearest first.
pub(super) fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let name = name.to_lowercase();
    let mut near: Vec<(usize, &str)> = names
        .filter_map(|other| {
            let distance = distance(&name, other);
            let inside = name.len() > 3 && (other.contains(&name) || name.contains(other) && other.len() > 3);
            (distance <= name.chars().count().max(other.len()) / 3 || inside).then_some((distance, other))
        })
        .collect();
    near.sort_unstable();
    near.dedup_by_key(|(_, other)| *other);
    near.into_iter().map(|(_, other)| other).take(3).collect()
}

/// Levenshtein distance in characters, of names that are cut at 64.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(64).enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(&b) {
            let best = (diagonal + usize::from(x != *y)).min(*cell + 1).min(left + 1);
            diagonal = *cell;
            *cell = best;
            left = best;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found() {
        let names = ["status", "service", "user_agent", "at", "client_ip"];
        for (name, near) in [
            ("statsu", vec!["status"]),
            ("STATUS", vec!["status"]),
            ("agent", vec!["user_agent"]),
            ("clientip", vec!["client_ip"]),
            ("nonsense_altogether", vec![]),
        ] {
            assert_eq!(nearest(name, names.into_iter()), near, "{name}");
        }
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
