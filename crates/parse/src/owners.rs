//! Who owns what, from files that teams keep anyway: Backstage catalogs, CODEOWNERS, Kong's declarative configuration,
//! Kubernetes manifests.
//!
//! [`read`] turns a file into [`Entry`]s: an owner, and what the entry is about (names of services, hosts, routes, files
//! of specifications). Which entry is about which endpoint is the engine's to decide.

mod backstage;
mod codeowners;
pub mod fuzz;
mod kong;
mod kubernetes;
mod stream;
#[cfg(test)]
mod tests;

use vedette_model::Diagnostic;
use vedette_model::limits::OWNER_ENTRIES_MAX;

pub use codeowners::Pattern;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Entities of a Backstage catalog (`catalog-info.yaml`).
    Backstage,
    /// CODEOWNERS of GitHub, GitLab or Gitea.
    Codeowners,
    /// Kong's declarative configuration.
    Kong,
    /// Kubernetes manifests.
    Kubernetes,
}

impl Kind {
    /// What users call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Backstage => "Backstage catalog",
            Self::Codeowners => "CODEOWNERS",
            Self::Kong => "Kong configuration",
            Self::Kubernetes => "Kubernetes manifests",
        }
    }
}

/// A file that says who owns what.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnerFile {
    /// Its name, as the user gave it.
    pub file: String,
    /// What it is.
    pub kind: Kind,
    /// What it says, in its order.
    pub entries: Vec<Entry>,
    /// What could not be understood of it.
    pub problems: Vec<Diagnostic>,
}

/// One thing with its owner. It is about the services that one of `names` or `hosts` names, there about `routes` only
/// when it has some; or about the operations of the specifications that `files` fits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// Who; nobody when a CODEOWNERS line takes an owner away.
    pub owner: Option<String>,
    /// What, for people (`Component orders`).
    pub of: String,
    /// Line in the file, from 1.
    pub line: usize,
    /// Names of services.
    pub names: Vec<String>,
    /// Hosts, in lower case; `*.example.org` is every host below.
    pub hosts: Vec<String>,
    /// Parts of the services.
    pub routes: Vec<Route>,
    /// Files of specifications.
    pub files: Option<Pattern>,
}

/// A part of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// Path or path template.
    pub path: String,
    /// The path alone, not what is below it.
    pub exact: bool,
    /// Methods; all when empty.
    pub methods: Vec<String>,
}

/// Reads a file of any kind, recognized by its name and content.
///
/// # Errors
/// One diagnostic when the file is of no known kind.
pub fn read(file: &str, text: &str) -> Result<OwnerFile, Diagnostic> {
    let base = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let mut read =
        OwnerFile { file: file.to_owned(), kind: Kind::Codeowners, entries: Vec::new(), problems: Vec::new() };
    if base.eq_ignore_ascii_case("codeowners") || codeowners::looks_like(text) {
        codeowners::read(text, &mut read);
    } else {
        let documents = stream::documents(file, text, &mut read.problems);
        let kinds = documents.iter().filter_map(|document| stream::kind(&document.root));
        let Some(kind) = kinds.into_iter().next() else { return Err(unknown(file, read.problems)) };
        read.kind = kind;
        match kind {
            Kind::Kong => kong::read(&documents, &mut read),
            Kind::Kubernetes => kubernetes::read(&documents, &mut read),
            Kind::Backstage | Kind::Codeowners => backstage::read(&documents, &mut read),
        }
    }
    if read.entries.len() > OWNER_ENTRIES_MAX {
        let message = format!("{} entries; the first {OWNER_ENTRIES_MAX} are used", read.entries.len());
        read.problems.push(Diagnostic { file: file.to_owned(), message, ..Diagnostic::default() });
        read.entries.truncate(OWNER_ENTRIES_MAX);
    }
    Ok(read)
}

fn unknown(file: &str, problems: Vec<Diagnostic>) -> Diagnostic {
    problems.into_iter().next().unwrap_or_else(|| Diagnostic {
        file: file.to_owned(),
        line: 1,
        column: 1,
        message: "no file that says who owns what".to_owned(),
        hint: Some(
            "give a Backstage catalog (`apiVersion: backstage.io/…`), CODEOWNERS, Kong's configuration \
             (`_format_version:`) or Kubernetes manifests (`apiVersion:` and `kind:`)"
                .to_owned(),
        ),
    })
}

/// True for names of labels, annotations and tags that hold an owner: `owner`, `example.org/team`.
fn is_owner_key(key: &str) -> bool {
    let last = key.rsplit('/').next().unwrap_or(key).to_ascii_lowercase().replace(['_', '.'], "-");
    matches!(
        last.as_str(),
        "owner"
            | "owners"
            | "owned-by"
            | "team"
            | "team-name"
            | "owner-team"
            | "squad"
            | "maintainer"
            | "responsible-team"
    )
}

/// The host of a URL or of `host:port`, in lower case.
fn host(text: &str) -> Option<String> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
        .map_or(host, |(host, _)| host);
    let sound = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._*".contains(&b));
    sound.then(|| host.to_ascii_lowercase())
}
