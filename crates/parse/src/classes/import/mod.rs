//! Definitions that teams already have, as classes of ours: gitleaks rules (TOML), Presidio recognizers (YAML) and
//! rule packages of Microsoft Purview (XML).
//!
//! What is read is [`Imported`]: drafts of classes, with a remark for everything that is not carried over, or not
//! exactly. [`yaml`] writes the file that `--classes` takes. Nothing is guessed: what has no counterpart is
//! named, with its line and the reason.

mod draft;
mod expression;
mod functions;
pub mod fuzz;
mod gitleaks;
mod presidio;
mod purview;
#[cfg(test)]
mod tests;
mod write;
mod xml;

use vedette_model::Diagnostic;

use draft::Draft;

/// Where definitions come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Rules of the secret scanner gitleaks.
    Gitleaks,
    /// Recognizers of Microsoft Presidio.
    Presidio,
    /// Sensitive information types of Microsoft Purview.
    Purview,
}

impl Kind {
    /// What users call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gitleaks => "gitleaks rules",
            Self::Presidio => "Presidio recognizers",
            Self::Purview => "Microsoft Purview sensitive information types",
        }
    }

    /// Recognizes a file by its content.
    pub fn of(text: &str) -> Option<Self> {
        let begin = text.trim_start_matches('\u{feff}').trim_start();
        let line =
            |starts: &[&str]| text.lines().any(|line| starts.iter().any(|start| line.trim_start().starts_with(start)));
        match () {
            () if begin.starts_with('<') => text.contains("<RulePackage").then_some(Self::Purview),
            () if line(&["[[rules]]"]) => Some(Self::Gitleaks),
            () if line(&["recognizers:", "\"recognizers\":", "- supported_entity:", "supported_entity:"]) => {
                Some(Self::Presidio)
            }
            () => None,
        }
    }
}

/// Something to be said of one definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The definition, by its own name.
    pub name: String,
    /// Its line, from 1; 0 when unknown.
    pub line: usize,
    /// What is to be said, a lowercase fragment.
    pub text: String,
}

/// What was read of one file.
#[derive(Debug)]
pub struct Imported {
    /// What the file is.
    pub kind: Kind,
    /// Definitions that are not carried over, each with the reason.
    pub skipped: Vec<Remark>,
    /// Definitions that are carried over, but not exactly.
    pub differing: Vec<Remark>,
    classes: Vec<Draft>,
    except: Vec<String>,
    except_words: Vec<String>,
}

impl Imported {
    /// Reads definitions; `level` is the sensitivity of the classes, by default `secret` for gitleaks rules and
    /// `personal` for the others, which do not say.
    ///
    /// # Errors
    /// One diagnostic with its place when the file is none of the known kinds, or cannot be read as what it is.
    pub fn read(file: &str, text: &str, level: Option<&str>) -> Result<Self, Diagnostic> {
        let Some(kind) = Kind::of(text) else {
            return Err(Diagnostic {
                file: file.to_owned(),
                line: 1,
                column: 1,
                message: "no definitions that are known".to_owned(),
                hint: Some(
                    "give gitleaks rules (TOML with `[[rules]]`), Presidio recognizers (YAML with `recognizers:`) or a \
                     Purview rule package (XML with `<RulePackage>`)"
                        .to_owned(),
                ),
            });
        };
        let mut imported = Self::empty(kind);
        match kind {
            Kind::Gitleaks => gitleaks::read(file, text, &mut imported)?,
            Kind::Presidio => presidio::read(file, text, &mut imported)?,
            Kind::Purview => purview::read(file, text, &mut imported)?,
        }
        let default = if kind == Kind::Gitleaks { "secret" } else { "personal" };
        for class in &mut imported.classes {
            level.unwrap_or(default).clone_into(&mut class.level);
        }
        Ok(imported)
    }

    fn empty(kind: Kind) -> Self {
        Self {
            kind,
            skipped: Vec::new(),
            differing: Vec::new(),
            classes: Vec::new(),
            except: Vec::new(),
            except_words: Vec::new(),
        }
    }

    /// How many classes there are.
    pub fn class_count(&self) -> usize {
        self.classes.len()
    }

    fn skip(&mut self, name: &str, line: usize, reason: impl Into<String>) {
        self.skipped.push(Remark { name: name.to_owned(), line, text: reason.into() });
    }

    fn differ(&mut self, name: &str, line: usize, how: impl Into<String>) {
        let remark = Remark { name: name.to_owned(), line, text: how.into() };
        if self.differing.last() != Some(&remark) {
            self.differing.push(remark);
        }
    }
}

/// The file that `--classes` takes, from several files in their order.
pub fn yaml(files: &[(String, Imported)]) -> String {
    write::yaml(files)
}
