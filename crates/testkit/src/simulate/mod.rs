//! Days of believable APIs with labelled attacks, for measuring what is found and what is cried over.
//!
//! A profile is a table of text (`table`) under `profiles/`: services, kinds of objects, routes with the checks that
//! they forget, and the journeys of people. One interpreter (`serve`) answers all of them with state, so ids in lists
//! are the ids in later paths and fields name their owners; the attacks are written once against the table, too.
//!
//! Attackers are built from how real ones work, never from what a detector looks for. The population is built to be
//! mistaken for them: shared addresses, people who change networks, forgotten passwords, bookmarks and links of
//! colleagues, support staff, jobs that walk over everything, exports at the end of a month, a deploy and an outage.

mod attacks;
mod device;
mod log;
mod make;
mod people;
mod plan;
mod serve;
mod session;
mod table;
mod wire;
mod world;

use std::str::FromStr;

use crate::har::Entry;
use table::Api;
use world::World;

/// A kind of API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// A retail bank with bearer tokens, transfers and open-banking partners.
    Bank,
    /// A business application: cookies, tenants, invoices, GraphQL.
    Saas,
    /// A web shop: a public catalogue, carts of visitors, checkout.
    Shop,
    /// A clinic: patients, staff with shifts, an insurer.
    Clinic,
    /// A platform of LLM agents: MCP tools, completions, API keys.
    Agents,
}

impl Profile {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Bank, Self::Saas, Self::Shop, Self::Clinic, Self::Agents];

    /// As it is written on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bank => "bank",
            Self::Saas => "saas",
            Self::Shop => "shop",
            Self::Clinic => "clinic",
            Self::Agents => "agents",
        }
    }

    fn table(self) -> &'static str {
        match self {
            Self::Bank => include_str!("profiles/bank.txt"),
            Self::Saas => include_str!("profiles/saas.txt"),
            Self::Shop => include_str!("profiles/shop.txt"),
            Self::Clinic => include_str!("profiles/clinic.txt"),
            Self::Agents => include_str!("profiles/agents.txt"),
        }
    }

    /// Kinds of attacks that the profile can have.
    pub fn attacks(self) -> Vec<&'static str> {
        Api::read(self.table()).attacks
    }
}

/// A name that no profile has.
#[derive(Debug, thiserror::Error)]
#[error("no profile '{0}'")]
pub struct UnknownProfile(String);

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(name: &str) -> Result<Self, UnknownProfile> {
        Self::ALL.iter().copied().find(|p| p.name() == name).ok_or_else(|| UnknownProfile(name.to_owned()))
    }
}

/// What to make.
#[derive(Clone, Debug)]
pub struct Options {
    /// Kind of API.
    pub profile: Profile,
    /// Same seed, same bytes.
    pub seed: u64,
    /// Exchanges, about; attacks come on top.
    pub exchanges: usize,
    /// Days that they are spread over.
    pub days: u32,
    /// Whether anybody attacks.
    pub attacks: bool,
    /// Whether bodies are recorded; their sizes always are.
    pub bodies: bool,
}

/// Traffic with the truth about it.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// In the order of time.
    pub traffic: Vec<Entry>,
    /// A line of JSON per attack: `kind`, `variant`, `actor`, `endpoint`, `exchanges` (zero-based lines).
    pub truth: String,
    /// A line per exchange with its true template, as [`Entry::write_truth`] has it.
    pub templates: String,
}

/// Makes a scenario.
pub fn generate(options: &Options) -> Scenario {
    let mut world = World::new(Api::read(options.profile.table()), options);
    plan::play(&mut world, options.exchanges, options.attacks);
    let (traffic, truth) = world.log.finish(world.end);
    let mut templates = String::new();
    for entry in &traffic {
        entry.write_truth(&mut templates);
    }
    Scenario { traffic, truth, templates }
}

#[cfg(test)]
mod tests;
