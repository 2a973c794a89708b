//! Rule packages of Microsoft Purview: entities whose patterns name an expression, a function or words, and words
//! that must stand near.

use std::collections::{BTreeMap, BTreeSet};

use vedette_model::Diagnostic;
use vedette_model::limits::{CLASS_IMPORT_WORDS_MAX, CLASS_IMPORTS_MAX};

use super::draft::{Draft, DraftPattern, slug};
use super::expression::{Expression, Groups};
use super::xml::{self, Element};
use super::{Imported, functions};

/// Belief in a match alone when every pattern of its entity asks for words nearby.
const ALONE: f32 = 0.3;

/// A list of words.
struct Words {
    terms: Vec<String>,
    /// Upper and lower case differ.
    exact: bool,
}

/// What entities refer to, by id.
struct Package<'a> {
    regexes: BTreeMap<&'a str, &'a Element>,
    keywords: BTreeMap<&'a str, Words>,
    names: BTreeMap<&'a str, &'a str>,
}

pub(super) fn read(file: &str, text: &str, imported: &mut Imported) -> Result<(), Diagnostic> {
    let root = xml::read(file, text)?;
    let by_id = |name: &str| {
        let found = root.all(name).into_iter();
        found.filter_map(|element| Some((element.attribute("id")?, element))).collect::<BTreeMap<_, _>>()
    };
    let keywords = by_id("Keyword").into_iter().map(|(id, keyword)| (id, words(keyword))).collect();
    let package = Package { regexes: by_id("Regex"), keywords, names: names(&root) };
    for affinity in root.all("Affinity") {
        let name = affinity.attribute("id").unwrap_or("Affinity");
        let name = package.names.get(name).copied().unwrap_or(name);
        imported.skip(
            name,
            affinity.line,
            "an affinity judges a whole document by its parts, and classes judge values",
        );
    }
    let entities = root.all("Entity");
    for (i, entity) in entities.iter().enumerate() {
        if i >= CLASS_IMPORTS_MAX {
            let told =
                format!("{} more entities: at most {CLASS_IMPORTS_MAX} are imported at once", entities.len() - i);
            imported.skip("entities", entity.line, told);
            break;
        }
        self::entity(entity, &package, imported);
    }
    let far = |entity: &&Element| {
        let window = entity.attribute("patternsProximity").unwrap_or("300");
        window.parse::<usize>().map_or(true, |window| window > 64)
    };
    if imported.class_count() > 0
        && let Some(entity) = entities.iter().find(|entity| far(entity))
    {
        let told = "words count within 64 bytes before a match and 24 after it, whatever patternsProximity says";
        imported.differ("patternsProximity", entity.line, told);
    }
    Ok(())
}

/// Names of entities: the default one, else the first.
fn names(root: &Element) -> BTreeMap<&str, &str> {
    let mut names = BTreeMap::new();
    for resource in root.all("Resource") {
        let all = resource.all("Name");
        let name = all.iter().find(|name| name.attribute("default") == Some("true")).or_else(|| all.first());
        if let (Some(id), Some(name)) = (resource.attribute("idRef"), name) {
            names.insert(id, name.text.trim());
        }
    }
    names
}

/// What the patterns with one thing to match say together.
#[derive(Default)]
struct Evidence {
    alone: Option<f32>,
    supported: Option<f32>,
}

fn entity(entity: &Element, package: &Package<'_>, imported: &mut Imported) {
    let id = entity.attribute("id").unwrap_or_default();
    let name = package.names.get(id).copied().filter(|name| !name.is_empty()).unwrap_or(id);
    let mut draft = Draft {
        id: slug(name),
        name: name.to_owned(),
        labels: vec!["purview".to_owned()],
        line: entity.line,
        ..Draft::default()
    };
    let mut found: Vec<(&str, Evidence)> = Vec::new();
    for pattern in entity.all("Pattern") {
        let Some(matched) =
            pattern.children.iter().find(|child| child.name == "IdMatch").and_then(|id| id.attribute("idRef"))
        else {
            imported.differ(name, entity.line, format!("its pattern in line {} names nothing to match", pattern.line));
            continue;
        };
        let level = pattern.attribute("confidenceLevel").and_then(|level| level.parse::<f32>().ok());
        let level = level.unwrap_or(75.0).clamp(0.0, 100.0) / 100.0;
        let Some(supported) = support(pattern, package, &mut draft, imported) else { continue };
        let at = found.iter().position(|(known, _)| *known == matched).unwrap_or_else(|| {
            found.push((matched, Evidence::default()));
            found.len() - 1
        });
        if let Some((_, evidence)) = found.get_mut(at) {
            let best = if supported { &mut evidence.supported } else { &mut evidence.alone };
            *best = Some(best.unwrap_or(0.0).max(level));
        }
    }
    for (matched, evidence) in found {
        match expression(matched, package) {
            Ok((expression, validator, remark)) => {
                for remark in remark.into_iter().chain(expression.remark.clone()) {
                    imported.differ(name, entity.line, format!("`{matched}`: {remark}"));
                }
                draft.patterns.push(DraftPattern {
                    expression,
                    validator,
                    confidence: evidence.alone.unwrap_or(ALONE),
                    with_context: evidence.supported,
                    ..DraftPattern::default()
                });
            }
            Err(reason) => imported.differ(name, entity.line, format!("`{matched}` is left out: {reason}")),
        }
    }
    if draft.patterns.is_empty() {
        // What was said of its parts is the reason, and belongs to the definition that is left out.
        let (told, others): (Vec<_>, Vec<_>) = std::mem::take(&mut imported.differing)
            .into_iter()
            .partition(|remark| remark.line == entity.line && remark.name == name);
        imported.differing = others;
        let reasons: Vec<String> = told.into_iter().map(|remark| remark.text).collect();
        let reason = if reasons.is_empty() { "it has no patterns".to_owned() } else { reasons.join("; ") };
        return imported.skip(name, entity.line, reason);
    }
    for words in [&mut draft.weak, &mut draft.against, &mut draft.context] {
        words.sort();
        words.dedup();
        words.truncate(CLASS_IMPORT_WORDS_MAX);
    }
    imported.classes.push(draft);
}

/// Whether a pattern asks for words nearby, which are added to the draft; `None` when it asks for something else.
fn support(pattern: &Element, package: &Package<'_>, draft: &mut Draft, imported: &mut Imported) -> Option<bool> {
    let (name, line) = (draft.name.clone(), draft.line);
    let mut supported = false;
    for child in pattern.children.iter().filter(|child| child.name == "Match" || child.name == "Any") {
        let limit = |name: &str| child.attribute(name).and_then(|count| count.parse::<u32>().ok());
        let mut words: Vec<&String> = Vec::new();
        let mut strange = None;
        let references: BTreeSet<&str> = child.all("Match").iter().filter_map(|one| one.attribute("idRef")).collect();
        for reference in references {
            match package.keywords.get(reference) {
                Some(keyword) => {
                    let room = CLASS_IMPORT_WORDS_MAX - words.len().min(CLASS_IMPORT_WORDS_MAX);
                    words.extend(keyword.terms.iter().take(room));
                }
                None => strange = Some(reference),
            }
        }
        if limit("maxMatches") == Some(0) {
            imported.differ(&name, line, "words that must not stand near count only in the name of a field");
            add(&mut draft.against, &words);
            continue;
        }
        if limit("minMatches").is_some_and(|count| count > 1) {
            imported.differ(&name, line, "it asks for several words nearby; here one suffices");
        }
        if words.is_empty() {
            let told = strange.map_or("nothing that is known".to_owned(), |reference| {
                format!("`{reference}`, which is no list of words")
            });
            imported.differ(
                &name,
                line,
                format!("its pattern in line {} is left out: it asks for {told} nearby", pattern.line),
            );
            return None;
        }
        supported = true;
        add(&mut draft.weak, &words);
        add(&mut draft.context, &words);
    }
    Some(supported)
}

/// Adds words while there is room; some may be there already.
fn add(to: &mut Vec<String>, words: &[&String]) {
    if to.len() < CLASS_IMPORT_WORDS_MAX {
        to.extend(words.iter().map(|word| (*word).clone()));
    }
}

/// The words of a list.
fn words(keyword: &Element) -> Words {
    let all = keyword.all("Term");
    let terms = all.iter().map(|term| term.text.trim().to_owned()).filter(|term| term.len() > 1).collect();
    Words { terms, exact: all.iter().all(|term| term.attribute("caseSensitive") == Some("true")) }
}

/// An expression with its check, and what is to be said of it.
type Matched = (Expression, Option<&'static str>, Option<String>);

fn expression(matched: &str, package: &Package<'_>) -> Result<Matched, String> {
    if let Some(regex) = package.regexes.get(matched) {
        let expression = Expression::read(regex.text.trim(), "", Groups::Dropped, &[])?;
        let checks = [regex.attribute("validators"), regex.attribute("filters")];
        let names: Vec<&str> = checks.into_iter().flatten().collect();
        let validator = names.iter().find_map(|name| functions::validator(name));
        let dropped = (!names.is_empty() && (validator.is_none() || names.len() > 1))
            .then(|| format!("its check ({}) is left out", names.join(", ")));
        return Ok((expression, validator, dropped));
    }
    if let Some(keyword) = package.keywords.get(matched) {
        return Ok((Expression::words(&keyword.terms, !keyword.exact)?, None, None));
    }
    functions::pattern(matched)
        .map(|(regex, validator)| {
            (Expression { regex: regex.to_owned(), ..Expression::default() }, Some(validator), None)
        })
        .ok_or_else(|| "it is a function or a dictionary that is not in the file".to_owned())
}
