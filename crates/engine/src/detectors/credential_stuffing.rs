//! # credential-stuffing
//!
//! Pairs of names and passwords that were stolen elsewhere are tried at a login, from one address or from thousands.
//!
//! **Signals.** Many different names fail from one address. Over many addresses: failures from addresses where nothing
//! else ever succeeds, by one program or in one window of hours, against how many of such failures are usual. It does
//! not matter how slow it is: what is counted is how failures and successes stand to each other.
//!
//! **False positives.** A shared office fails too, but mostly succeeds, and people who forget succeed in the end from
//! where they failed. An application that was shipped with a wrong secret fails with few names.
//!
//! **References.** OWASP API2:2023; ATT&CK T1110.004; Herley and Florêncio: "Distinguishing Attacks from Legitimate
//! Authentication Traffic at Scale" (2019).

use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::checks::wording::count;
use crate::watch::calibrate::confidence;
use crate::watch::logins::{Campaign, Guessing};
use crate::watch::report::{lasting, percent};
use crate::watch::world::World;

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "credential-stuffing",
        title: "Tries stolen names and passwords",
        severity: Severity::High,
        owasp: &["API2:2023"],
        attack: &["T1110.004"],
        response: &[
            "Limit logins by name and by program, not only by address",
            "Reset the passwords of the accounts that it got into",
            "Ask for a second factor where the place is new",
        ],
    },
    judge: |world| alarms(world, Guessing::Stuffing),
};

/// The campaigns of one way of guessing.
pub(super) fn alarms(world: &World<'_>, guessing: Guessing) -> Vec<Alarm> {
    let all = world.logins.campaigns.iter();
    all.filter(|campaign| campaign.guessing == guessing).map(|campaign| alarm(world, campaign)).collect()
}

fn alarm(world: &World<'_>, campaign: &Campaign<'_>) -> Alarm {
    let Campaign { attempts, names, passwords, addresses, tail, sure_at, .. } = campaign;
    let first = attempts.first();
    let fell = attempts.iter().filter(|attempt| attempt.succeeded).count();
    let secs = attempts.last().zip(first).map_or(0, |(last, first)| last.secs - first.secs);
    let mut from = Vec::new();
    for address in attempts.iter().filter(|attempt| !attempt.succeeded).filter_map(|attempt| attempt.address) {
        if !from.contains(&address) && from.len() < 20 {
            from.push(address);
        }
    }
    let tried = match (names, passwords) {
        (0, _) => String::new(),
        (names, 0) => format!(" for {}", count(*names as u64, "name")),
        (names, passwords) => {
            format!(" for {} with {}", count(*names as u64, "name"), count(*passwords as u64, "password"))
        }
    };
    let explanation = format!(
        "{} of {} logins failed{tried} from {} within {}; {}.",
        attempts.len() - fell,
        attempts.len(),
        count(*addresses as u64, "address"),
        lasting(secs),
        match fell {
            0 => "none succeeded".to_owned(),
            1 => "one succeeded".to_owned(),
            n => format!("{n} succeeded ({})", percent(n as f64 / attempts.len() as f64)),
        }
    );
    let sure = attempts.get(*sure_at).or(first);
    // The one who fails most stands for all.
    let mut failing: Vec<u32> = attempts.iter().filter(|a| !a.succeeded).map(|a| a.who).collect();
    failing.sort_unstable();
    let who = failing.chunk_by(|a, b| a == b).max_by_key(|run| run.len()).and_then(|run| run.first().copied());
    Alarm {
        who: who.unwrap_or(0),
        calls: attempts.iter().map(|attempt| attempt.number).collect(),
        at: sure.map_or(0, |attempt| attempt.number),
        place: sure.map_or(0, |attempt| attempt.place),
        confidence: confidence(*tail, world.alpha),
        severity: (fell > 0).then_some(Severity::Critical),
        explanation,
        addresses: from,
        ..Alarm::default()
    }
}
