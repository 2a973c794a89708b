//! Who owns services and endpoints, as files of the user say.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An owner, and what says so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Owner {
    /// Team or person, as the file names it.
    pub name: String,
    /// File that says so.
    pub file: String,
    /// Line in it, from 1.
    pub line: u64,
    /// Why its entry is about this one (`Component orders: host api.example.org`).
    pub reason: String,
}

/// How the files that name owners fit the traffic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ownership {
    /// The files.
    pub files: Vec<OwnerSource>,
    /// Endpoints with an owner.
    pub owned: u64,
    /// Endpoints without one.
    pub unowned: u64,
    /// Entries that are about nothing observed, and entries that contradict each other, in sentences with file and
    /// line; at most 100 of each.
    pub remarks: Vec<String>,
}

/// A file that names owners.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OwnerSource {
    /// Its name.
    pub file: String,
    /// What it is (`Backstage catalog`).
    pub kind: String,
    /// Entries in it.
    pub entries: u64,
    /// Of them about something observed.
    pub matched: u64,
    /// What could not be understood, with line and column.
    pub problems: Vec<String>,
}
