//! # account-takeover
//!
//! Somebody got into the account of another: which accounts fell.
//!
//! **Signals.** A login that succeeds amid a campaign of guesses (`credential-stuffing`, `password-spraying`,
//! `brute-force`), from where it came. And a login from a network and a program that the account never used, after
//! which the session at once changes how the account is proved or reached (password, e-mail, second factor, payee) and
//! then moves money or exports: steps that owners nearly never do together.
//!
//! **False positives.** Somebody with a new telephone in a new place who changes the password and pays a bill.
//!
//! **References.** OWASP API2:2023; ATT&CK T1078, T1098.

use std::net::IpAddr;

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::checks::wording::count;
use crate::watch::known::Few;
use crate::watch::logins::Attempt;
use crate::watch::names;
use crate::watch::report::lasting;
use crate::watch::world::{Place, World, network};

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "account-takeover",
        title: "An account fell",
        severity: Severity::Critical,
        owasp: &["API2:2023"],
        attack: &["T1078", "T1098"],
        response: &[
            "End all sessions of the account and reset its password",
            "Undo what was changed, and tell the owner by a way that was not changed",
        ],
    },
    judge,
};

/// Seconds between a login and the first call of its session.
const FOLLOWS_SECS: i64 = 900;

/// Seconds in which a thief does what he came for.
const SOON_SECS: i64 = 1_200;

/// Length of a session that is looked at.
const SESSION_SECS: i64 = 3_600;

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let sharers = sharers(world);
    let mut alarms = Vec::new();
    let mut fallen: HashSet<u32> = HashSet::new();
    for campaign in &world.logins.campaigns {
        for attempt in campaign.attempts.iter().filter(|attempt| attempt.succeeded) {
            let Some((who, calls)) = session(world, attempt) else { continue };
            // Owners log in while a campaign goes on: who got in by it came from where it failed, or does what thieves do.
            let failed_there = campaign.attempts.iter().any(|one| !one.succeeded && one.address == attempt.address);
            let does = || !story(world, &calls).changes.is_empty();
            let shared = attempt
                .address
                .and_then(|address| sharers.get(&address))
                .is_some_and(|here| here.iter().filter(|other| **other != who).count() > SHARERS_MAX);
            let strange = !calls.is_empty() && !shared && is_strange(world, who, attempt, &calls);
            if !strange || !failed_there && !does() || !fallen.insert(who) {
                continue;
            }
            let failed = campaign.attempts.iter().filter(|attempt| !attempt.succeeded).count();
            let explanation = format!(
                "A login succeeded amid {failed} that failed in the same campaign, from where the account had never been \
                 used; the session then made {}.",
                count(calls.len() as u64, "call")
            );
            alarms.push(alarm(who, attempt, calls, explanation, 0.97));
        }
    }
    let patient = by_what_follows(world, &world.logins.attempts);
    alarms.extend(patient.into_iter().filter(|alarm| !fallen.contains(&alarm.who)));
    alarms
}

fn alarm(who: u32, attempt: &Attempt<'_>, rest: Vec<u32>, explanation: String, sure: f64) -> Alarm {
    let mut calls = vec![attempt.number];
    calls.extend(rest);
    Alarm {
        who,
        at: calls.get(1).copied().unwrap_or(attempt.number),
        place: attempt.place,
        confidence: sure,
        addresses: attempt.address.into_iter().collect(),
        explanation,
        calls,
        ..Alarm::default()
    }
}

/// Whose session a login began, and its calls: those that show a credential and come next from there.
fn session(world: &World<'_>, attempt: &Attempt<'_>) -> Option<(u32, Vec<u32>)> {
    let from_there = |number: u32| {
        let seen = world.seen(number)?;
        let there = seen.address() == attempt.address && seen.call.program == attempt.program;
        (there && seen.call.authenticated && seen.secs() <= attempt.secs + SESSION_SECS).then_some(seen)
    };
    let end = (attempt.number + 20_000).min(world.calls.len() as u32);
    let named = attempt.user.map(crate::actors::ActorKey::of_user);
    let is_named = |who: u32| named.is_some() && world.person_at(who).map(|person| person.key) == named;
    let next = (attempt.number + 1..end)
        .take_while(|number| world.seen(*number).is_some_and(|seen| seen.secs() <= attempt.secs + FOLLOWS_SECS))
        .filter_map(from_there)
        .map(|seen| seen.who);
    let candidates: Vec<u32> = next.collect();
    let who = candidates.iter().copied().find(|who| is_named(*who)).or(candidates.first().copied())?;
    let calls = world.calls_of(who).filter(|(number, _)| *number > attempt.number);
    Some((who, calls.filter(|(number, _)| from_there(*number).is_some()).map(|(number, _)| number).collect()))
}

/// Others who use the address are signs of a shared one, where nobody is strange.
const SHARERS_MAX: usize = 2;

/// Who works from each address, as many as it takes to know that it is shared.
fn sharers(world: &World<'_>) -> HashMap<IpAddr, Few, FixedState> {
    let mut sharers: HashMap<IpAddr, Few, FixedState> = HashMap::default();
    for seen in world.calls.iter().filter(|seen| seen.call.authenticated && seen.succeeded()) {
        let Some(address) = seen.address() else { continue };
        let here = sharers.entry(address).or_default();
        if here.len() <= SHARERS_MAX + 1 && !here.contains(&seen.who) {
            here.push(seen.who);
        }
    }
    sharers
}

/// The account is used otherwise, and there with other programs and from other networks.
fn is_strange(world: &World<'_>, who: u32, attempt: &Attempt<'_>, session: &[u32]) -> bool {
    let (mut others, mut alike) = (0_u32, 0_u32);
    for (_, seen) in world.calls_of(who).filter(|(number, _)| session.binary_search(number).is_err()) {
        others += 1;
        let near = seen.address().map(network) == attempt.address.map(network);
        alike += u32::from(near || seen.call.program == attempt.program);
    }
    others > 0 && alike == 0
}

/// What a session does that matters to a thief.
#[derive(Clone, Copy, Default)]
struct Deeds {
    /// Changes how the account is proved or reached.
    changes: bool,
    /// Moves money, or takes data away.
    takes: bool,
}

/// Where accounts are changed.
const CHANGES: &[&str] = &[
    "password",
    "email",
    "phone",
    "mfa",
    "2fa",
    "otp",
    "payee",
    "payees",
    "beneficiaries",
    "beneficiary",
    "profile",
    "account",
    "settings",
    "me",
    "security",
    "addresses",
    "address",
    "contact",
    "credentials",
    "apikeys",
    "api-keys",
    "tokens",
    "keys",
    "devices",
];

/// Where something is taken.
const TAKES: &[&str] =
    &["transfer", "payout", "payment", "invoice", "export", "download", "order", "reservation", "refund", "coupon"];

fn deeds(place: &Place<'_>) -> Deeds {
    let last = place.endpoint.template.rsplit('/').find(|s| !s.starts_with('{')).unwrap_or("");
    let changes = place.writes && CHANGES.contains(&last);
    let takes = TAKES.contains(&place.function) && (place.writes || matches!(place.function, "export" | "download"));
    Deeds { changes, takes }
}

/// What a session did after it began, first call of each place that matters.
#[derive(Default)]
struct Story {
    changes: Vec<(Deed, u32)>,
    took: Option<(Deed, u32)>,
}

/// A place, and whether a way to reach the owner was changed there.
type Deed = (u32, bool);

fn story(world: &World<'_>, calls: &[u32]) -> Story {
    let mut story = Story::default();
    for number in calls {
        let Some(seen) = world.seen(*number).filter(|seen| seen.call.status < 500) else { continue };
        let Some(place) = world.place(seen.place) else { continue };
        let deeds = deeds(place);
        // To change where messages go is another thing than to change a name.
        let sent = seen.details().map_or(&[][..], |details| details.sent.as_slice());
        let reach = sent.iter().any(|sent| names::reaches(world.field(sent.name)));
        let deed = (seen.place, deeds.changes && reach);
        if deeds.changes && seen.succeeded() && story.changes.iter().all(|(known, _)| *known != deed) {
            story.changes.push((deed, *number));
        } else if deeds.takes && story.took.is_none() {
            story.took = Some((deed, *number));
        }
    }
    story
}

/// Logins from a new world after which the session does several things that few sessions do.
fn by_what_follows(world: &World<'_>, attempts: &[Attempt<'_>]) -> Vec<Alarm> {
    let mut sessions = Vec::new();
    let mut failures: HashMap<(Option<IpAddr>, Option<&str>), u32, FixedState> = HashMap::default();
    for attempt in attempts {
        let failed = failures.entry((attempt.address, attempt.user)).or_default();
        if !attempt.succeeded {
            *failed += 1;
            continue;
        }
        let failed = std::mem::take(failed);
        let Some((who, calls)) = session(world, attempt) else { continue };
        let soon = |number: &&u32| world.seen(**number).is_some_and(|seen| seen.secs() - attempt.secs <= SOON_SECS);
        let calls: Vec<u32> = calls.iter().filter(soon).copied().collect();
        let story = story(world, &calls);
        let strange = strangeness(world, who, attempt, failed);
        sessions.push((who, *attempt, calls, story, strange));
    }
    let all = sessions.len() as f64 + 1.0;
    let mut visits: HashMap<Deed, f64, FixedState> = HashMap::default();
    for (.., story, _) in &sessions {
        story.changes.iter().chain(&story.took).for_each(|(place, _)| *visits.entry(*place).or_insert(0.5) += 1.0);
    }
    let share_as_strange =
        |strange: u8| (sessions.iter().filter(|session| session.4 >= strange).count() as f64 + 0.5) / all;
    let share_of = |place: Deed| (visits.get(&place).copied().unwrap_or(0.5) / all).min(1.0);
    let mut alarms = Vec::new();
    for (who, attempt, calls, story, strange) in sessions.iter().filter(|one| one.4 > 0 && !one.3.changes.is_empty()) {
        let deeds: Vec<&(Deed, u32)> = story.changes.iter().chain(&story.took).collect();
        // Which of the deeds come together was not said before: each choice is paid for.
        let choices = f64::from(1_u32 << deeds.len().min(6));
        let tail =
            share_as_strange(*strange) * deeds.iter().map(|(place, _)| share_of(*place)).product::<f64>() * choices;
        if deeds.len() < 2 || tail >= world.alpha * if *strange > 1 { 1.5 } else { 0.3 } {
            continue;
        }
        let end = deeds.iter().map(|(_, number)| *number).max().unwrap_or(attempt.number);
        let calls: Vec<u32> = calls.iter().copied().filter(|number| *number <= end).collect();
        let secs = world.seen(end).map_or(0, |seen| seen.secs() - attempt.secs);
        let named: Vec<String> =
            deeds.iter().map(|((place, _), _)| format!("`{}`", world.place_name(*place))).collect();
        let explanation = format!(
            "A login from {} that the account had never used; within {} the session called {}, which \
             sessions seldom do together.",
            if *strange > 1 { "a network and a program" } else { "a network" },
            lasting(secs),
            named.join(", ")
        );
        let sure = crate::watch::calibrate::confidence(tail, world.alpha);
        alarms.push(Alarm { at: end, ..alarm(*who, attempt, calls, explanation, sure) });
    }
    alarms
}

/// How strange a login is: 0 as ever, or of an account without a past; 1 from a network where it never was; 2 with a program
/// that it never had as well, or guessed at just before.
fn strangeness(world: &World<'_>, who: u32, attempt: &Attempt<'_>, failed: u32) -> u8 {
    let past = || world.calls_of(who).take_while(|(number, _)| *number < attempt.number);
    let near = past().any(|(_, seen)| seen.address().map(network) == attempt.address.map(network));
    let alike = past().any(|(_, seen)| seen.call.program == attempt.program);
    let strange = past().next().is_some() && !near;
    u8::from(strange) + u8::from(strange && (!alike || failed >= 3))
}
