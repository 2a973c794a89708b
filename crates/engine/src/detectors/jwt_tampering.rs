//! # jwt-tampering
//!
//! Somebody sends a token that nobody signed: `alg` is `none`, the signature is empty or that of another token, or the
//! key comes with the token.
//!
//! **Signals.** Facts of the token alone (RFC 8725): unsigned; `jku`, `x5u` or `jwk` in its header; the signature of a
//! token with other content; an algorithm that no other token here has. Accepted or refused: both are an attempt.
//!
//! **False positives.** A test system that accepts unsigned tokens, where most are: then they say nothing here.
//!
//! **References.** OWASP API2:2023; CWE-347; RFC 8725, 2.1 and 3.1; ATT&CK T1606.001.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::watch::world::{Seen, World};

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "jwt-tampering",
        title: "Sends forged tokens",
        severity: Severity::High,
        owasp: &["API2:2023"],
        attack: &["T1606.001"],
        response: &[
            "Verify every token with a fixed list of algorithms and keys of your own (RFC 8725)",
            "Find out what was answered to the forged tokens",
        ],
    },
    judge,
};

/// Share of tokens that are odd above which it is how things are here.
const USUAL: f64 = 0.1;

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let mut tokens = 0_u32;
    let mut signatures: HashMap<u64, u64, FixedState> = HashMap::default();
    let mut algorithms: HashMap<u32, u32, FixedState> = HashMap::default();
    for details in world.calls.iter().filter_map(Seen::details) {
        tokens += u32::from(details.token.algorithm != 0);
        if details.token.algorithm != 0 {
            *algorithms.entry(details.token.algorithm).or_default() += 1;
        }
    }
    let mut odd: HashMap<u32, (Vec<u32>, &'static str), FixedState> = HashMap::default();
    for (number, seen) in (0..).zip(&world.calls) {
        let Some(details) = seen.details().filter(|details| details.token.algorithm != 0) else { continue };
        let token = details.token;
        let first = *signatures.entry(token.signature).or_insert(details.credential);
        let rare = algorithms.get(&token.algorithm).is_some_and(|n| n * 200 < tokens) && tokens >= 200;
        let why = if token.forged {
            "unsigned, or signed with a key of their own"
        } else if token.signature != 0 && first != details.credential {
            "changed after they were signed: their signature is that of another"
        } else if rare {
            "signed by an algorithm that hardly any token here has"
        } else {
            continue;
        };
        odd.entry(seen.who).or_insert_with(|| (Vec::new(), why)).0.push(number);
    }
    let all: usize = odd.values().map(|(calls, _)| calls.len()).sum();
    if all as f64 > f64::from(tokens) * USUAL {
        return Vec::new();
    }
    let mut alarms: Vec<Alarm> =
        odd.into_iter().filter_map(|(who, (calls, why))| alarm(world, who, calls, why)).collect();
    alarms.sort_by_key(|alarm| alarm.who);
    alarms
}

fn alarm(world: &World<'_>, who: u32, calls: Vec<u32>, why: &str) -> Option<Alarm> {
    let first = world.seen(*calls.first()?)?;
    let taken = calls.iter().filter(|number| world.seen(**number).is_some_and(Seen::succeeded)).count();
    let explanation = format!("Sent {} calls with tokens {why}; {taken} of them were accepted.", calls.len());
    Some(Alarm {
        who,
        at: *calls.first()?,
        place: first.place,
        confidence: 0.95,
        severity: (taken > 0).then_some(Severity::Critical),
        explanation,
        calls,
        ..Alarm::default()
    })
}
