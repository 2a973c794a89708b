//! Rules of gitleaks: `[[rules]]` with an expression, key words, a least entropy and allow-lists.

use serde::Deserialize;
use toml::Spanned;
use vedette_model::Diagnostic;
use vedette_model::limits::CLASS_IMPORTS_MAX;

use super::draft::{Draft, DraftPattern, slug};
use super::expression::{Expression, Groups};
use super::{Imported, xml};

/// Belief in a match of a rule that says nothing of its own.
const CONFIDENCE: f32 = 0.9;

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    rules: Vec<Spanned<Rule>>,
    allowlist: Option<Spanned<AllowList>>,
    #[serde(default)]
    allowlists: Vec<Spanned<AllowList>>,
    extend: Option<Spanned<toml::Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    #[serde(default)]
    id: String,
    #[serde(default)]
    description: String,
    regex: Option<String>,
    secret_group: Option<usize>,
    entropy: Option<f32>,
    #[serde(default)]
    keywords: Vec<String>,
    path: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    allowlist: Option<AllowList>,
    #[serde(default)]
    allowlists: Vec<AllowList>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AllowList {
    condition: Option<String>,
    regex_target: Option<String>,
    #[serde(default)]
    regexes: Vec<String>,
    #[serde(default)]
    stopwords: Vec<String>,
    #[serde(default)]
    paths: Vec<String>,
    #[serde(default)]
    commits: Vec<String>,
    #[serde(default)]
    target_rules: Vec<String>,
}

pub(super) fn read(file: &str, text: &str, imported: &mut Imported) -> Result<(), Diagnostic> {
    let read: File = toml::from_str(text).map_err(|error| located(file, text, &error))?;
    let lines = xml::Lines::of(text);
    if let Some(extend) = &read.extend {
        let line = lines.line(extend.span().start);
        imported.skip("[extend]", line, "rules of other files are not fetched: import those files, too");
    }
    for list in read.allowlist.iter().chain(&read.allowlists) {
        let line = lines.line(list.span().start);
        let list = list.get_ref();
        if list.target_rules.is_empty() {
            let (except, words) = exceptions(list, |what| imported.skip("global allow-list", line, what));
            imported.except.extend(except);
            imported.except_words.extend(words);
        } else {
            imported.skip(
                "global allow-list",
                line,
                "an allow-list for named rules (targetRules) belongs into those rules",
            );
        }
    }
    for (i, spanned) in read.rules.iter().enumerate() {
        let line = lines.line(spanned.span().start);
        let rule = spanned.get_ref();
        if i >= CLASS_IMPORTS_MAX {
            let more = read.rules.len() - i;
            imported.skip(
                "rules",
                line,
                format!("{more} more rules: at most {CLASS_IMPORTS_MAX} are imported at once"),
            );
            break;
        }
        self::rule(rule, line, imported);
    }
    Ok(())
}

fn located(file: &str, text: &str, error: &toml::de::Error) -> Diagnostic {
    let start = error.span().map_or(0, |span| span.start);
    let (line, column) = xml::Lines::of(text).place(text, start);
    Diagnostic {
        file: file.to_owned(),
        line,
        column,
        message: format!("not gitleaks rules: {}", error.message().lines().next().unwrap_or("no TOML")),
        hint: Some("a file has `[[rules]]` with `id`, `regex` and `keywords`".to_owned()),
    }
}

fn rule(rule: &Rule, line: usize, imported: &mut Imported) {
    let name = if rule.id.is_empty() { rule.description.as_str() } else { rule.id.as_str() };
    let Some(regex) = &rule.regex else {
        return imported.skip(name, line, "it looks for names of files, and traffic has none");
    };
    let group = rule.secret_group.filter(|group| *group > 0);
    let read = match group {
        // Groups are counted over all alternatives.
        Some(_) => Expression::read(regex, "", Groups::Kept, &rule.keywords).map(|expression| vec![expression]),
        None => Expression::read_all(regex, "", Groups::Kept, &rule.keywords),
    };
    let expressions = match read {
        Ok(expressions) => expressions,
        Err(reason) => return imported.skip(name, line, reason),
    };
    let groups = expressions.iter().map(Expression::group_count).max().unwrap_or(0);
    let called = expressions.iter().all(|expression| !expression.anchors.is_empty());
    if let Some(group) = group.filter(|group| called && *group > groups) {
        return imported.skip(name, line, format!("secretGroup is {group}, and its expression has {groups} groups"));
    }
    for remark in expressions.iter().filter_map(|expression| expression.remark.clone()) {
        imported.differ(name, line, remark);
    }
    if rule.path.is_some() {
        imported.differ(name, line, "it is looked for everywhere: the names of files (path) have no counterpart");
    }
    let (mut except, mut except_words) = (Vec::new(), Vec::new());
    for list in rule.allowlist.iter().chain(&rule.allowlists) {
        let (regexes, words) = exceptions(list, |what| imported.differ(name, line, what));
        except.extend(regexes);
        except_words.extend(words);
    }
    let patterns = expressions.into_iter().map(|expression| DraftPattern {
        // The group counts where it can: a pattern that is tried at every word has none.
        group: group.filter(|_| !expression.anchors.is_empty()),
        expression,
        confidence: CONFIDENCE,
        entropy: rule.entropy.filter(|entropy| *entropy > 0.0 && entropy.is_finite()),
        except: except.clone(),
        except_words: except_words.clone(),
        ..DraftPattern::default()
    });
    let patterns = patterns.collect();
    let mut labels = vec!["gitleaks".to_owned()];
    labels.extend(rule.tags.iter().cloned());
    imported.classes.push(Draft {
        id: slug(name),
        name: if name.is_empty() { "Secret".to_owned() } else { name.to_owned() },
        labels,
        patterns,
        line,
        ..Draft::default()
    });
}

/// Expressions and words of an allow-list; what cannot be carried over is told.
fn exceptions(list: &AllowList, mut tell: impl FnMut(&'static str)) -> (Vec<String>, Vec<String>) {
    let and = list.condition.as_deref().is_some_and(|condition| condition.eq_ignore_ascii_case("and"));
    let kinds =
        [!list.regexes.is_empty(), !list.stopwords.is_empty(), !list.paths.is_empty(), !list.commits.is_empty()];
    if and && kinds.iter().filter(|present| **present).count() > 1 {
        tell("an allow-list whose conditions must all hold (AND) is left out: more is reported");
        return Default::default();
    }
    if !list.paths.is_empty() {
        tell("names of files that are allowed are left out: traffic has none");
    }
    if !list.commits.is_empty() {
        tell("commits that are allowed are left out: traffic has none");
    }
    if matches!(list.regex_target.as_deref(), Some("match" | "line")) && !list.regexes.is_empty() {
        tell(
            "allowed expressions about the match or line around the secret are left out: exceptions see the secret only",
        );
        return (Vec::new(), list.stopwords.clone());
    }
    let mut usable = Vec::new();
    for regex in &list.regexes {
        match Expression::exception(regex) {
            Some(regex) => usable.push(regex),
            None => tell("an allowed expression that cannot be read is left out"),
        }
    }
    (usable, list.stopwords.clone())
}
