//! Which detectors watch a business function, and what nobody watches: from what the traffic tells, how many there are
//! to compare, and which detectors there are.

use vedette_model::results::{AbuseUsers, Endpoint, Unwatched, WatchedBy};

use super::catalog::About;
use crate::checks::wording::count;
use crate::detectors::{ACTORS_OF_PLACE_MIN, AGAINST_EVERYBODY, CALLS_MIN, DETECTORS};
use crate::quality::detections::DETECTIONS;
use crate::quality::facts::{Fact, Facts, TABLE};
use crate::watch::calibrate::MEMBERS_MIN;

/// What is seen at all.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sight {
    /// What the sources tell.
    pub(crate) told: Facts,
    /// False when the budget of false alarms is zero.
    pub(crate) on: bool,
    /// Exchanges of the whole traffic.
    pub(crate) exchanges: u64,
    /// Distinct actors of the whole traffic (estimate).
    pub(crate) actors: u64,
}

/// What a kind needs beyond [`DETECTIONS`] to say anything at one place, with what is missing then.
const ALSO: &[(&str, Fact)] = &[("parameter-tampering", Fact::ResponseBody)];

/// Kinds that say less without a fact: kind, fact, what is left.
const LESS: &[(&str, Fact, &str)] = &[
    ("bola", Fact::ResponseBody, "without answers only objects that other circles of people use count"),
    ("enumeration", Fact::Caller, "callers are addresses: whoever changes them is many"),
    ("scraping", Fact::Caller, "callers are addresses: whoever changes them is many"),
    ("business-flow-abuse", Fact::Caller, "callers are addresses: whoever changes them is many"),
    ("data-exfiltration", Fact::ResponseBody, "without answers only their sizes are compared"),
];

/// Kinds that look at calls which change something, and at those which do not.
const OF_CHANGES: &[&str] = &["mass-assignment", "parameter-tampering", "business-flow-abuse", "sequence-anomaly"];
const OF_READS: &[&str] = &["query-intent"];

/// Functions that people use before anybody knows who they are.
const BEFORE_LOGIN: &[&str] = &["login", "sign-up", "password-reset", "mfa", "token"];

/// Kinds that watch, and kinds that cannot, with the reason; in the order of the function's kinds.
pub(super) fn watch(
    sight: Sight,
    about: &About,
    endpoints: &[&Endpoint],
    users: &AbuseUsers,
) -> (Vec<WatchedBy>, Vec<Unwatched>) {
    let here = Here::new(sight, about, endpoints, users);
    let (mut watched, mut unwatched) = (Vec::new(), Vec::new());
    for kind in about.kinds {
        match here.obstacle(kind) {
            Some(reason) => note(&mut unwatched, kind, reason),
            None => watched.push(WatchedBy { kind: (*kind).to_owned(), detections: 0, limit: here.limit(kind) }),
        }
    }
    unwatched.push(Unwatched { kinds: Vec::new(), reason: about.beyond.to_owned() });
    (watched, unwatched)
}

/// One reason is said once, for all kinds that it holds for.
fn note(unwatched: &mut Vec<Unwatched>, kind: &str, reason: String) {
    if let Some(known) = unwatched.iter_mut().find(|known| known.reason == reason) {
        known.kinds.push(kind.to_owned());
        return;
    }
    unwatched.push(Unwatched { kinds: vec![kind.to_owned()], reason });
}

/// What is seen at one business function.
struct Here<'a> {
    sight: Sight,
    /// What its own endpoints show of that.
    told: Facts,
    writes: bool,
    reads: bool,
    users: &'a AbuseUsers,
}

impl<'a> Here<'a> {
    fn new(sight: Sight, about: &About, endpoints: &[&Endpoint], users: &'a AbuseUsers) -> Self {
        let body = |side: &str| {
            endpoints.iter().any(|one| one.fields.iter().any(|field| field.side == side && is_body(&field.location)))
        };
        let sent = body("request") || endpoints.iter().any(|one| one.request_schema.is_some());
        let answered = body("response") || endpoints.iter().any(|one| !one.response_schemas.is_empty());
        let known = |kind: &String| !matches!(kind.as_str(), "address" | "unknown");
        let callers = BEFORE_LOGIN.contains(&about.id) || users.kinds.is_empty() || users.kinds.keys().any(known);
        let timed = endpoints.iter().any(|one| one.first_seen.is_some());
        let told =
            [(Fact::RequestBody, sent), (Fact::ResponseBody, answered), (Fact::Caller, callers), (Fact::Time, timed)];
        let told = told.iter().fold(sight.told, |told, (fact, here)| told.without(*fact, !here));
        let writes = endpoints.iter().any(|one| one.is_write());
        let reads = endpoints.iter().any(|one| !one.is_write());
        Self { sight, told, writes, reads, users }
    }

    /// Why a kind cannot say anything here.
    fn obstacle(&self, kind: &str) -> Option<String> {
        if !DETECTORS.iter().any(|detector| detector.meta.id == kind) {
            return Some("No detector of this version looks for it.".to_owned());
        }
        if !self.sight.on {
            return Some("Detection is switched off: the budget of false alarms is 0.".to_owned());
        }
        if self.sight.exchanges < CALLS_MIN as u64 {
            let all = count(self.sight.exchanges, "exchange");
            return Some(format!("The whole traffic has {all}: below {CALLS_MIN} nobody can say what is usual."));
        }
        if OF_CHANGES.contains(&kind) && !self.writes {
            return Some("Every endpoint here only reads, and this is told by what is changed.".to_owned());
        }
        if OF_READS.contains(&kind) && !self.reads {
            return Some("Every endpoint here changes something, and this is told by what is read.".to_owned());
        }
        self.untold(kind).or_else(|| self.too_few(kind))
    }

    fn untold(&self, kind: &str) -> Option<String> {
        let needs = DETECTIONS.iter().find(|(known, _)| *known == kind).map_or(&[][..], |(_, needs)| needs);
        let also = ALSO.iter().filter(|(known, _)| *known == kind).map(|(_, fact)| std::slice::from_ref(fact));
        let missing = needs.iter().copied().chain(also).find(|group| !self.told.meet(&[group]))?;
        let names: Vec<&str> =
            TABLE.iter().filter(|about| missing.contains(&about.fact)).map(|about| about.name).collect();
        let whom = if self.sight.told.meet(&[missing]) { "These endpoints show" } else { "The traffic has" };
        Some(format!("{whom} no {}.", names.join(" and no ")))
    }

    fn too_few(&self, kind: &str) -> Option<String> {
        let of_place = ACTORS_OF_PLACE_MIN.iter().find(|(known, _)| *known == kind);
        if let Some((_, least)) = of_place.filter(|(_, least)| self.users.actors < *least) {
            return Some(format!("{}; from {least} on they can be compared.", used_by(self.users.actors)));
        }
        let few = AGAINST_EVERYBODY.contains(&kind) && self.sight.actors < MEMBERS_MIN as u64;
        let all = count(self.sight.actors, "actor");
        few.then(|| format!("The whole traffic has {all}; from {MEMBERS_MIN} on they can be compared."))
    }

    /// Why a kind sees less than it could.
    fn limit(&self, kind: &str) -> String {
        let less = LESS.iter().find(|(known, fact, _)| *known == kind && !self.told.has(*fact));
        less.map_or_else(String::new, |(_, _, left)| (*left).to_owned())
    }
}

fn is_body(location: &str) -> bool {
    matches!(location, "body" | "form")
}

fn used_by(actors: u64) -> String {
    match actors {
        0 => "Nobody was seen to use it".to_owned(),
        1 => "One actor uses it".to_owned(),
        n => format!("{n} actors use it"),
    }
}
