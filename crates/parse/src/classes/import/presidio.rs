//! Recognizers of Microsoft Presidio: patterns with scores, words of context, deny-lists.

use serde_json::Value;
use vedette_model::Diagnostic;
use vedette_model::limits::{CLASS_IMPORT_WORDS_MAX, CLASS_IMPORTS_MAX};

use super::Imported;
use super::draft::{Draft, DraftPattern, slug};
use super::expression::{Expression, Groups};
use crate::document::{self, Place};

/// What context adds to a score there, and what a supported match reaches at least.
const CONTEXT_ADDS: f32 = 0.35;
const WITH_CONTEXT_MIN: f32 = 0.4;

/// Flags of Python's `re` that are on when a recognizer says nothing: DOTALL, MULTILINE, IGNORECASE.
const FLAGS: u64 = 26;

/// Recognizers that come with Presidio as code, and the classes of ours for the same.
const PREDEFINED: &[(&str, &str)] = &[
    ("creditcard", "payment-card"),
    ("crypto", ""),
    ("esnif", "es-dni"),
    ("email", "email"),
    ("iban", "iban"),
    ("inaadhaar", "in-aadhaar"),
    ("inpan", "in-pan"),
    ("ip", "ip-address"),
    ("itfiscalcode", "it-codice-fiscale"),
    ("medicallicense", ""),
    ("nhs", "uk-nhs-number"),
    ("phone", "phone"),
    ("uknino", "uk-nino"),
    ("url", "url"),
    ("usbank", "bank-account"),
    ("usitin", "us-itin"),
    ("uspassport", "passport"),
    ("usssn", "us-ssn"),
];

pub(super) fn read(file: &str, text: &str, imported: &mut Imported) -> Result<(), Diagnostic> {
    let root = document::read(file, text)?;
    let (base, list) = match &root {
        Value::Array(list) => (String::new(), list.as_slice()),
        Value::Object(members) => match members.get("recognizers") {
            Some(Value::Array(list)) => ("/recognizers".to_owned(), list.as_slice()),
            None if members.contains_key("supported_entity") => (String::new(), std::slice::from_ref(&root)),
            _ => return Err(misshapen(file)),
        },
        _ => return Err(misshapen(file)),
    };
    let single = base.is_empty() && root.is_object();
    let pointers: Vec<String> =
        (0..list.len()).map(|i| if single { String::new() } else { format!("{base}/{i}") }).collect();
    let places = document::locate(text, pointers.iter().map(String::as_str));
    let global = root.get("global_regex_flags").and_then(Value::as_u64);
    for (i, (recognizer, pointer)) in list.iter().zip(&pointers).enumerate() {
        let line = places.get(pointer.as_str()).map_or(0, |place: &Place| place.line);
        if i >= CLASS_IMPORTS_MAX {
            let more = list.len() - i;
            let told = format!("{more} more recognizers: at most {CLASS_IMPORTS_MAX} are imported at once");
            imported.skip("recognizers", line, told);
            break;
        }
        self::recognizer(recognizer, line, global, imported);
    }
    Ok(())
}

fn misshapen(file: &str) -> Diagnostic {
    Diagnostic {
        file: file.to_owned(),
        line: 1,
        column: 1,
        message: "not Presidio recognizers: `recognizers` is no list".to_owned(),
        hint: Some("a file has `recognizers:` with a list of `name`, `supported_entity` and `patterns`".to_owned()),
    }
}

fn recognizer(recognizer: &Value, line: usize, global: Option<u64>, imported: &mut Imported) {
    let text = |name: &str| recognizer.get(name).and_then(Value::as_str);
    let Some(name) = recognizer.as_str().or_else(|| text("name")).or_else(|| text("supported_entity")) else {
        return imported.skip("recognizer", line, "it has no name");
    };
    if recognizer.get("enabled") == Some(&Value::Bool(false)) {
        return imported.skip(name, line, "it is switched off");
    }
    let patterns = recognizer.get("patterns").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let denied: Vec<String> = strings(recognizer.get("deny_list"));
    if patterns.is_empty() && denied.is_empty() {
        return imported.skip(name, line, predefined(name));
    }
    let entity = text("supported_entity").unwrap_or(name);
    let context = context(recognizer, name, line, imported);
    let flags = flags(recognizer.get("global_regex_flags").and_then(Value::as_u64).or(global).unwrap_or(FLAGS));
    let mut drafts: Vec<DraftPattern> = Vec::new();
    for pattern in patterns {
        let title = pattern.get("name").and_then(Value::as_str).unwrap_or("pattern");
        let Some(regex) = pattern.get("regex").and_then(Value::as_str) else {
            imported.differ(name, line, format!("its pattern `{title}` has no expression"));
            continue;
        };
        match Expression::read_all(regex, &flags, Groups::Dropped, &[]) {
            Ok(expressions) => {
                for remark in expressions.iter().filter_map(|expression| expression.remark.as_ref()) {
                    imported.differ(name, line, format!("its pattern `{title}`: {remark}"));
                }
                let score = pattern.get("score").and_then(Value::as_f64).unwrap_or(0.5).clamp(0.0, 1.0) as f32;
                let raised = (score + CONTEXT_ADDS).clamp(WITH_CONTEXT_MIN, 1.0);
                let with_context = (!context.is_empty() && raised > score).then_some(round(raised));
                drafts.extend(expressions.into_iter().map(|expression| DraftPattern {
                    expression,
                    confidence: round(score),
                    with_context,
                    ..DraftPattern::default()
                }));
            }
            Err(reason) => imported.differ(name, line, format!("its pattern `{title}` is left out: {reason}")),
        }
    }
    let weak = drafts.iter().any(|draft| draft.with_context.unwrap_or(draft.confidence) < 0.5);
    if weak {
        imported.differ(name, line, "a pattern that stays below 0.5 even with context is never named");
    }
    match deny_list(&denied, recognizer, &flags) {
        Ok(pattern) => {
            for remark in pattern.iter().filter_map(|pattern| pattern.expression.remark.as_ref()) {
                imported.differ(name, line, format!("its deny-list: {remark}"));
            }
            drafts.extend(pattern);
        }
        Err(reason) => imported.differ(name, line, format!("its deny-list is left out: {reason}")),
    }
    if drafts.is_empty() {
        return imported.skip(name, line, "none of its patterns can be read");
    }
    imported.classes.push(Draft {
        id: slug(entity),
        name: name.to_owned(),
        labels: vec!["presidio".to_owned()],
        patterns: drafts,
        weak: context.clone(),
        context,
        line,
        ..Draft::default()
    });
}

/// Why a recognizer without patterns is not carried over: it is code.
fn predefined(name: &str) -> String {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let plain = plain.trim_end_matches("recognizer");
    match PREDEFINED.iter().find(|(known, _)| *known == plain) {
        Some((_, class)) if !class.is_empty() => format!("it is code of Presidio; `{class}` of Vedette finds the same"),
        _ => "it has neither patterns nor a deny-list: it is code".to_owned(),
    }
}

/// Words of context of all languages; languages themselves have no counterpart.
fn context(recognizer: &Value, name: &str, line: usize, imported: &mut Imported) -> Vec<String> {
    let mut words = strings(recognizer.get("context"));
    let languages = recognizer.get("supported_languages").and_then(Value::as_array);
    for language in languages.into_iter().flatten() {
        words.extend(strings(language.get("context")));
    }
    words.retain(|word| word.trim().len() > 1);
    words.sort();
    words.dedup();
    words.truncate(CLASS_IMPORT_WORDS_MAX);
    let foreign = recognizer.get("supported_language").and_then(Value::as_str).is_some_and(|language| language != "en");
    if foreign || languages.is_some() {
        imported.differ(name, line, "it is looked for in every language");
    }
    words
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// Our flags for those of Python's `re`.
fn flags(bits: u64) -> String {
    [(2, 'i'), (8, 'm'), (16, 's'), (64, 'x')]
        .iter()
        .filter(|(bit, _)| bits & bit != 0)
        .map(|(_, flag)| *flag)
        .collect()
}

/// Words that are the class wherever they stand.
fn deny_list(words: &[String], recognizer: &Value, flags: &str) -> Result<Option<DraftPattern>, String> {
    let words: Vec<String> = words.iter().filter(|word| word.trim().len() > 1).cloned().collect();
    if words.is_empty() {
        return Ok(None);
    }
    let score = recognizer.get("deny_list_score").and_then(Value::as_f64).unwrap_or(1.0).clamp(0.0, 1.0) as f32;
    let expression = Expression::words(&words, flags.contains('i'))?;
    Ok(Some(DraftPattern { expression, confidence: round(score), ..DraftPattern::default() }))
}

/// Two digits: what people write.
fn round(score: f32) -> f32 {
    (score * 100.0).round() / 100.0
}
