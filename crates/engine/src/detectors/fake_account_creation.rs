//! # fake-account-creation
//!
//! Many accounts are made by one hand.
//!
//! **Signals.** Sign-ups that succeed from one address, one network, or by one program within hours, against how many
//! are usual from one; more so when the accounts then do nothing, or the sign-ups come in even steps.
//!
//! **False positives.** A school class behind one address, a marketing peak: the latter comes from many addresses and
//! with the programs that everybody has.
//!
//! **References.** OWASP API6:2023; OAT-019; ATT&CK T1136, T1585.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use vedette_model::results::Severity;

use super::business_flow_abuse::variation;
use super::{Alarm, Detector, Meta};
use crate::checks::wording::count;
use crate::watch::calibrate::{Amount, binomial_tail, confidence};
use crate::watch::report::lasting;
use crate::watch::world::{World, network};

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "fake-account-creation",
        title: "Makes many accounts",
        severity: Severity::Medium,
        owasp: &["API6:2023"],
        attack: &["T1136", "T1585"],
        response: &[
            "Ask for a proof of a person at sign-up, and confirm addresses before an account may act",
            "Review the accounts that were made, and what they were given",
        ],
    },
    judge,
};

/// Accounts by one hand before it is no family.
const ACCOUNTS_MIN: usize = 6;

/// Seconds in which sign-ups by one program are looked at together.
const WINDOW_SECS: i64 = 6 * 3_600;

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let sign_ups: Vec<u32> = (0..)
        .zip(&world.calls)
        .filter(|(_, seen)| seen.succeeded() && world.is_sign_up(seen))
        .map(|(number, _)| number)
        .collect();
    let by = |key: &dyn Fn(u32) -> Option<u64>| {
        let mut groups: HashMap<u64, Vec<u32>, FixedState> = HashMap::default();
        for number in &sign_ups {
            if let Some(key) = key(*number) {
                groups.entry(key).or_default().push(*number);
            }
        }
        let mut groups: Vec<(u64, Vec<u32>)> = groups.into_iter().collect();
        groups.sort_unstable();
        groups
    };
    let by_address = by(&|number| Some(u64::from(world.seen(number)?.who)));
    let by_network = by(&|number| world.seen(number)?.address().map(network));
    let by_program = by(&|number| {
        let seen = world.seen(number)?;
        Some(u64::from(seen.call.program) << 24 | (seen.secs().div_euclid(WINDOW_SECS) as u64 & 0xFF_FFFF))
    });
    let mut alarms = Vec::new();
    let mut taken: HashSet<u32> = HashSet::new();
    for (groups, from) in [(&by_address, "one source"), (&by_network, "one network")] {
        let amount = Amount::fit(groups.iter().map(|(_, own)| own.len() as f64).collect());
        for (_, own) in groups.iter().filter(|(_, own)| own.len() >= ACCOUNTS_MIN) {
            let tail = amount.tail(own.len() as f64);
            let regular = variation(world, own) < 0.3;
            if (tail < world.alpha * 5.0 || regular) && own.iter().any(|number| !taken.contains(number)) {
                taken.extend(own);
                alarms.extend(alarm(world, own, from, tail, amount.high));
            }
        }
    }
    alarms.extend(by_programs(world, &by_program, sign_ups.len(), &mut taken));
    alarms
}

/// One program in one window, many times what its share is otherwise.
fn by_programs(world: &World<'_>, groups: &[(u64, Vec<u32>)], all: usize, taken: &mut HashSet<u32>) -> Vec<Alarm> {
    let mut use_of: HashMap<u32, f64, FixedState> = HashMap::default();
    for seen in &world.calls {
        *use_of.entry(seen.call.program).or_default() += 1.0;
    }
    let calls = world.calls.len().max(1) as f64;
    let mut alarms = Vec::new();
    for (_, own) in groups.iter().filter(|(_, own)| own.len() >= ACCOUNTS_MIN * 2) {
        let Some(seen) = own.first().and_then(|number| world.seen(*number)) else { continue };
        let secs = seen.secs().div_euclid(WINDOW_SECS);
        let others = groups.iter().filter(|(key, _)| *key & 0xFF_FFFF == secs as u64 & 0xFF_FFFF);
        let in_window: usize = others.map(|(_, group)| group.len()).sum();
        // Its share of all traffic is what its share of the sign-ups should be.
        let share = (use_of.get(&seen.call.program).copied().unwrap_or(0.0) / calls).max(0.02);
        let tail = binomial_tail(own.len() as u32, in_window as u32, share);
        if tail < world.alpha * 0.01 && all > own.len() && own.iter().any(|number| !taken.contains(number)) {
            taken.extend(own);
            alarms.extend(alarm(world, own, "one program", tail, share * in_window as f64));
        }
    }
    alarms
}

fn alarm(world: &World<'_>, own: &[u32], from: &str, tail: f64, usual: f64) -> Option<Alarm> {
    let (first, last) = (world.seen(*own.first()?)?, world.seen(*own.last()?)?);
    let addresses: HashSet<_> = own.iter().filter_map(|number| world.seen(*number)?.address()).collect();
    Some(Alarm {
        who: last.who,
        at: *own.get(ACCOUNTS_MIN - 1)?,
        place: last.place,
        confidence: confidence(tail, world.alpha).max(0.8),
        explanation: format!(
            "{} accounts were made from {from} ({}) within {}; usual are at most {:.0}.",
            own.len(),
            count(addresses.len() as u64, "address"),
            lasting(last.secs() - first.secs()),
            usual.max(1.0)
        ),
        calls: own.to_vec(),
        ..Alarm::default()
    })
}
