//! From definitions to the compiled set, with everything that is wrong in a file said at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_saphyr::Spanned;
use vedette_model::Diagnostic;

use super::anchors::Anchors;
use super::automaton::WordAutomaton;
use super::claims::Claims;
use super::definition::{ClassFile, Definition, LEVELS, PatternDefinition, diagnostic};
use super::exceptions::Exceptions;
use super::finder::Finder;
use super::keys::{KeyTable, Strength};
use super::prepared;
use super::regex::{LazyRegex, last_line};
use super::validators::{self, Validator};
use super::{Class, ClassId, Classifier};

/// What the engine needs of a class beside what users see.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts of a class, read on the hot path")]
pub(crate) struct Rule {
    pub(crate) keyed: Option<(Validator, f32)>,
    /// An assignment to a name of this class is read in text.
    pub(crate) assigned: bool,
    pub(crate) generic: bool,
    pub(crate) custom: bool,
    pub(crate) secret: bool,
    pub(crate) public: bool,
}

/// One pattern of one class.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub(crate) class: ClassId,
    pub(crate) matcher: Matcher,
    pub(crate) validator: Option<Validator>,
    pub(crate) exceptions: Option<Box<Exceptions>>,
    /// Those of its whole file.
    pub(crate) of_file: Option<Arc<Exceptions>>,
    pub(crate) confidence: f32,
    pub(crate) with_context: f32,
}

impl Pattern {
    /// True for a customer's pattern whose match is a part of it: before the part there is a name, most of the time.
    pub(crate) fn is_labeled(&self, rules: &[Rule]) -> bool {
        let groups = matches!(&self.matcher, Matcher::Regex { regex, .. } if regex.groups);
        groups && rules.get(usize::from(self.class.0)).is_some_and(|rule| rule.custom)
    }

    /// How much a match is believed, 0 to 1: its exceptions and its validator have seen it.
    #[inline]
    pub(crate) fn believe(&self, matched: &str) -> f32 {
        let own = self.exceptions.as_ref().is_none_or(|exceptions| exceptions.allow(matched));
        if !own || self.of_file.as_ref().is_some_and(|exceptions| !exceptions.allow(matched)) {
            return 0.0;
        }
        self.validator.map_or(1.0, |validator| validator(matched))
    }
}

/// How a pattern finds its matches.
#[derive(Debug)]
pub(crate) enum Matcher {
    /// Tried at the start of each word, by the shared automaton.
    Word,
    /// A regular expression called by an anchor, at most `inside` bytes after the start of the match.
    Regex { regex: LazyRegex, inside: usize, bytes_min: usize },
    /// A finder called by its anchors.
    Finder(Finder),
}

/// What an anchor calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// A pattern, by its index.
    Pattern(u16),
    /// The reader of assignments, for a name with a word of its class in it.
    Assignment,
    /// The reader of assignments, for a name with a vendor in it and this class.
    Vendor(ClassId),
    /// A word that supports a class nearby.
    Context(ClassId),
}

/// A definition that was read.
struct Entry {
    file: String,
    definition: Definition,
    custom: bool,
    of_file: Option<Arc<Exceptions>>,
}

/// Collects definitions, ours first, then a customer's.
#[derive(Default)]
pub(crate) struct Builder {
    definitions: Vec<Entry>,
    /// Exceptions of the file whose class is compiled.
    of_file: Option<Arc<Exceptions>>,
    levels: BTreeMap<String, f32>,
    diagnostics: Vec<Diagnostic>,
}

impl Builder {
    /// Adds a file. A class with an id that is there already replaces it when it is the customer's.
    pub(crate) fn add(&mut self, file: &str, read: Result<ClassFile, Diagnostic>, custom: bool) {
        if self.levels.is_empty() {
            self.levels = LEVELS.iter().map(|(name, weight)| ((*name).to_owned(), *weight)).collect();
        }
        let read = match read {
            Ok(read) => read,
            Err(error) => return self.diagnostics.push(error),
        };
        for (name, weight) in read.levels {
            self.check_unit(file, &weight, "the weight of a level");
            self.levels.insert(name, weight.value);
        }
        let of_file = Exceptions::new(0.0, &read.except, &read.except_words).unwrap_or_else(|message| {
            let at = read.except.first();
            let message = format!("the exceptions cannot be used: {message}");
            self.diagnostics
                .push(at.map_or_else(|| plain(message.clone()), |at| diagnostic(file, at, message.clone(), None)));
            None
        });
        let of_file: Option<Arc<Exceptions>> = of_file.map(Arc::from);
        for definition in read.classes {
            let id = definition.id.value.clone();
            let known = self.definitions.iter().position(|other| other.definition.id.value == id);
            match known {
                Some(at) if custom && !self.definitions.get(at).is_some_and(|other| other.custom) => {
                    self.definitions.remove(at);
                }
                Some(_) => self.error(
                    file,
                    &definition.id,
                    format!("class `{id}` is defined twice"),
                    Some("give each class its own id"),
                ),
                None => {}
            }
            let entry = Entry { file: file.to_owned(), definition, custom, of_file: of_file.clone() };
            self.definitions.push(entry);
        }
    }

    fn error<T>(&mut self, file: &str, at: &Spanned<T>, message: String, hint: Option<&str>) {
        self.diagnostics.push(diagnostic(file, at, message, hint));
    }

    fn check_unit(&mut self, file: &str, value: &Spanned<f32>, what: &str) {
        if !(0.0..=1.0).contains(&value.value) {
            self.error(file, value, format!("{what} is {}, outside 0 to 1", value.value), None);
        }
    }

    /// Compiles everything, or says all that is wrong.
    pub(crate) fn build(mut self) -> Result<Classifier, Vec<Diagnostic>> {
        let mut definitions = std::mem::take(&mut self.definitions);
        let levels = std::mem::take(&mut self.levels);
        definitions.sort_by(|a, b| b.custom.cmp(&a.custom).then_with(|| a.definition.order(&b.definition, &levels)));
        let mut set = Assembly::default();
        let mut claims = Vec::new();
        for Entry { file, definition, custom, of_file } in definitions {
            self.of_file = of_file;
            if !levels.contains_key(&definition.level.value) {
                let names: Vec<&str> = levels.keys().map(String::as_str).collect();
                let hint = format!("one of {}, or define it under `levels:`", names.join(", "));
                self.error(
                    &file,
                    &definition.level,
                    format!("level `{}` is not known", definition.level.value),
                    Some(&hint),
                );
            }
            let weight = definition.weight(&levels);
            if custom {
                claims.push((file.clone(), ClassId(set.classes.len() as u16), Claims::of(&definition)));
            }
            self.compile(&file, definition, weight, custom, &mut set);
        }
        let classifier = set.finish(&mut self.diagnostics);
        if self.diagnostics.is_empty() {
            for (file, class, claims) in &claims {
                claims.check(&classifier, *class, file, &mut self.diagnostics);
            }
        }
        if self.diagnostics.is_empty() { Ok(classifier) } else { Err(self.diagnostics) }
    }

    fn compile(&mut self, file: &str, definition: Definition, weight: f32, custom: bool, set: &mut Assembly) {
        let class = ClassId(set.classes.len() as u16);
        let id = &definition.id.value;
        let kebab = id.starts_with(|c: char| c.is_ascii_lowercase())
            && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !kebab {
            self.error(
                file,
                &definition.id,
                format!("`{id}` is no class id"),
                Some("use lower case letters, digits and `-`, like `loyalty-card`"),
            );
        }
        if let Some(weight) = &definition.weight {
            self.check_unit(file, weight, "the weight of a class");
        }
        if definition.patterns.is_empty() && definition.keys.strong.is_empty() {
            self.error(
                file,
                &definition.id,
                format!("class `{id}` can match nothing"),
                Some("give it `patterns:` or `keys: {strong: […]}`"),
            );
        }
        for word in definition.context.iter().filter(|word| word.len() > 1) {
            set.call(word, Call::Context(class));
        }
        // A vendor's prefix before a row of `x` stands for a token, and is said with less confidence.
        let unsaid = (!custom && definition.level.value == "secret").then_some(validators::NOT_PLACEHOLDER);
        for pattern in &definition.patterns {
            self.pattern(file, &definition.id, pattern, (class, unsaid), set);
        }
        let mut keyed = None;
        if let Some(by_name) = &definition.keyed {
            keyed = self.validator(file, &by_name.validator).map(|validator| (validator, by_name.confidence));
            for trigger in &by_name.triggers {
                set.call(trigger, Call::Assignment);
            }
            for vendor in &by_name.vendors {
                set.call(vendor, Call::Vendor(class));
            }
        } else if custom && definition.patterns.is_empty() {
            keyed = Some((any_value as Validator, 0.9));
        }
        let keys = [
            (&definition.keys.strong, Strength::Strong),
            (&definition.keys.weak, Strength::Weak),
            (&definition.keys.against, Strength::Against),
        ];
        for (phrases, strength) in keys {
            for phrase in phrases {
                set.keys.add(&phrase.value, class, strength);
            }
        }
        set.rules.push(Rule {
            keyed,
            assigned: definition.keyed.as_ref().is_some_and(|keyed| !keyed.triggers.is_empty()),
            generic: definition.generic,
            custom,
            secret: definition.level.value == "secret",
            public: weight <= 0.0,
        });
        set.classes.push(Class {
            name: if definition.name.is_empty() { id.clone() } else { definition.name },
            level: definition.level.value,
            labels: definition.labels,
            weight,
            id: definition.id.value,
        });
    }

    fn pattern(
        &mut self,
        file: &str,
        id: &Spanned<String>,
        pattern: &PatternDefinition,
        (class, unsaid): (ClassId, Option<Validator>),
        set: &mut Assembly,
    ) {
        self.check_unit(file, &pattern.confidence, "a confidence");
        if let Some(confidence) = &pattern.with_context {
            self.check_unit(file, confidence, "a confidence");
        }
        let validator = match &pattern.validator {
            Some(name) => self.validator(file, name),
            None => unsaid.filter(|_| pattern.finder.is_none()),
        };
        let matcher = match (&pattern.regex, &pattern.finder) {
            (Some(regex), None) => self.regex(file, regex, pattern),
            (None, Some(name)) => {
                let finder = Finder::by_name(&name.value);
                if finder.is_none() {
                    self.error(file, name, format!("finder `{}` is not known", name.value), Some("use `regex:`"));
                }
                finder.map(Matcher::Finder)
            }
            _ => {
                self.error(file, id, format!("a pattern of `{}` needs `regex:`", id.value), None);
                None
            }
        };
        let Some(matcher) = matcher else { return };
        let index = set.patterns.len() as u16;
        match (&matcher, &pattern.regex) {
            (Matcher::Word, Some(regex)) => {
                set.words.push((index, regex.value.clone(), file.to_owned(), regex.referenced.line() as usize));
            }
            (Matcher::Finder(finder), _) => {
                finder.anchors().iter().for_each(|anchor| set.call(anchor, Call::Pattern(index)));
            }
            _ => pattern.anchors.iter().for_each(|anchor| set.call(&anchor.value, Call::Pattern(index))),
        }
        let confidence = pattern.confidence.value;
        let with_context = pattern.with_context.as_ref().map_or(confidence, |confidence| confidence.value);
        let exceptions = Exceptions::of(pattern).unwrap_or_else(|message| {
            let first = pattern.except.first().unwrap_or(id);
            self.error(file, first, format!("the exceptions cannot be used: {message}"), None);
            None
        });
        set.patterns.push(Pattern {
            class,
            matcher,
            validator,
            exceptions,
            of_file: self.of_file.clone(),
            confidence,
            with_context,
        });
    }

    fn regex(&mut self, file: &str, regex: &Spanned<String>, pattern: &PatternDefinition) -> Option<Matcher> {
        for anchor in pattern.anchors.iter().filter(|anchor| anchor.value.len() < 2) {
            self.error(
                file,
                anchor,
                "an anchor needs two characters or more".to_owned(),
                Some("leave `anchors:` out: the pattern is then tried at the start of each word"),
            );
        }
        let parsed = prepared::facts(&regex.value);
        let groups = parsed.as_ref().map_or(0, |facts| facts.group_count);
        if let Some(group) =
            pattern.group.as_ref().filter(|group| parsed.is_ok() && !(1..=groups).contains(&group.value))
        {
            let message = format!("group {} of an expression with {groups} groups", group.value);
            self.error(file, group, message, Some("count the opening parentheses, from 1"));
        } else if let Some(group) = pattern.group.as_ref().filter(|_| pattern.anchors.is_empty()) {
            let hint = Some("without anchors the whole match counts: give it `anchors:`");
            self.error(file, group, "a group needs `anchors:`".to_owned(), hint);
        }
        match parsed {
            Err(message) => {
                self.error(file, regex, format!("not a regular expression: {message}"), None);
                None
            }
            Ok(facts) if facts.bytes_min == 0 => {
                self.error(
                    file,
                    regex,
                    "the pattern matches nothing at all".to_owned(),
                    Some("ask for one character at least"),
                );
                None
            }
            Ok(_) if pattern.anchors.is_empty() => Some(Matcher::Word),
            Ok(_) if !prepared::is_ours(&regex.value) && LazyRegex::too_large(&regex.value) => {
                let hint = "repeat less: nested repeats multiply (`{1,160}` of `{1,200}` is 32000 steps)";
                self.error(file, regex, "the pattern is too large".to_owned(), Some(hint));
                None
            }
            Ok(facts) => {
                let group = pattern.group.as_ref().map(|group| group.value);
                let regex = LazyRegex::new(&regex.value, facts.groups, group);
                Some(Matcher::Regex { regex, inside: pattern.inside, bytes_min: facts.bytes_min })
            }
        }
    }

    fn validator(&mut self, file: &str, name: &Spanned<String>) -> Option<Validator> {
        let found = validators::by_name(&name.value);
        if found.is_none() {
            let known: Vec<&str> = validators::names().collect();
            self.error(
                file,
                name,
                format!("validator `{}` is not known", name.value),
                Some(&format!("one of {}", known.join(", "))),
            );
        }
        found
    }
}

/// A field that is called what a customer says it is called, whatever it holds.
fn any_value(text: &str) -> f32 {
    f32::from(u8::from(!text.trim().is_empty()))
}

/// The parts of a classifier while it is put together.
#[derive(Default)]
struct Assembly {
    classes: Vec<Class>,
    rules: Vec<Rule>,
    patterns: Vec<Pattern>,
    keys: KeyTable,
    anchors: BTreeMap<String, Vec<Call>>,
    words: Vec<(u16, String, String, usize)>,
}

impl Assembly {
    fn call(&mut self, anchor: &str, call: Call) {
        let calls = self.anchors.entry(anchor.to_ascii_lowercase()).or_default();
        if !calls.contains(&call) {
            calls.push(call);
        }
    }

    fn finish(self, diagnostics: &mut Vec<Diagnostic>) -> Classifier {
        let sources: Vec<&str> = self.words.iter().map(|(_, source, ..)| source.as_str()).collect();
        let literals: Vec<&str> = self.anchors.keys().map(String::as_str).collect();
        let words = prepared::words(&sources).map_err(|error| diagnostics.push(self.too_large(&error))).ok();
        let anchors = Anchors::new(&literals)
            .map_err(|error| diagnostics.push(plain(format!("the anchors are too many: {error}"))))
            .ok();
        let calls: Vec<Vec<Call>> = self.anchors.into_values().collect();
        let rules = &self.rules;
        let labeled = self.patterns.iter().any(|pattern| pattern.is_labeled(rules));
        Classifier {
            labeled,
            classes: self.classes,
            rules: self.rules,
            patterns: self.patterns,
            keys: self.keys,
            word_patterns: self.words.iter().map(|(index, ..)| *index).collect(),
            words,
            anchors,
            calls,
        }
    }

    /// Finds the first pattern that is too large alone, so that the message has a place.
    fn too_large(&self, error: &str) -> Diagnostic {
        let culprit = self.words.iter().find(|(_, source, ..)| WordAutomaton::compile(&[source.as_str()]).is_err());
        let (file, line) = culprit.map_or((String::new(), 0), |(_, _, file, line)| (file.clone(), *line));
        Diagnostic {
            file,
            line,
            column: 0,
            message: format!("the pattern is too large: {}", last_line(error)),
            hint: Some(
                "repeat less (`{1,40}` instead of `{1,4000}`), leave out `\\b`, or give it `anchors:`".to_owned(),
            ),
        }
    }
}

fn plain(message: String) -> Diagnostic {
    Diagnostic { file: "classes".to_owned(), line: 0, column: 0, message, hint: None }
}
