//! # bola
//!
//! Somebody reaches objects that belong to others (broken object level authorization, API1:2023).
//!
//! A client should only send ids that it was given: in a list, in the answer that created the object, by a colleague.
//! For every parameter it is learned how often people send values that they were never given; for one that is nearly
//! always explained, somebody with several unexplained values that the API answered with success is using ids that he
//! walked, guessed or stole.
//!
//! **Signals.** Ids never given to this actor (nor before its login, nor made by it, nor public), answered with success;
//! once per object. The count is judged against the same parameter's other users
//! (beta-binomial); several parameters add up. Without bodies nothing is ever given: then objects count that only
//! actors of another circle use, people with whom this one shares nothing else.
//!
//! **False positives.** Links between colleagues and bookmarks from before the watch raise the usual share of
//! unexplained ids and so the threshold. Support and batch jobs touch many objects by role: they are compared with
//! their role. Partners whose ids come from elsewhere use parameters that are not explained for anybody.
//!
//! **References.** OWASP API1:2023; CWE-639; Atlidakis, Godefroid, Polishchuk: "Checking Security Properties of Cloud
//! Service REST APIs" (2020).

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::checks::wording::count;
use crate::watch::calibrate::{MEMBERS_MIN, Share, combined, confidence};
use crate::watch::report::percent;
use crate::watch::world::{Object, SlotKind, World};

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "bola",
        title: "Reaches objects of others",
        severity: Severity::High,
        owasp: &["API1:2023"],
        attack: &["T1190", "T1213"],
        response: &[
            "Check on the server that the object belongs to the caller",
            "Find out what was read or changed, and tell the owners",
            "Suspend the actor until that is known",
        ],
    },
    judge,
};

/// Objects of one actor that it takes at the least.
const OBJECTS_MIN: usize = 3;

/// Share of unexplained values above which a parameter says nothing: its values come from elsewhere.
const UNEXPLAINED_MAX: f64 = 0.35;

/// What one actor did at one parameter.
#[derive(Default)]
struct Use {
    tried: u32,
    /// Calls with values that were never given.
    odd: Vec<u32>,
}

type Uses = HashMap<(u32, u32), Use, FixedState>;

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let mut alarms = given(world);
    let known: HashSet<u32> = alarms.iter().map(|alarm| alarm.who).collect();
    alarms.extend(foreign(world).into_iter().filter(|alarm| !known.contains(&alarm.who)));
    alarms
}

/// By what was given.
fn given(world: &World<'_>) -> Vec<Alarm> {
    let uses = uses(world, |_, object, kind| (kind != SlotKind::Field).then_some(!object.explained));
    convict(world, &uses, |slot, all, usual| {
        format!(
            "used {} of `{slot}` that it was never given, out of {all}, all answered; of all uses here {} are like that",
            "{odd}",
            percent(usual)
        )
    })
}

/// Every actor's first uses of objects that were answered with success; `is_odd` says nothing of those that do not count.
fn uses(world: &World<'_>, is_odd: impl Fn(u32, &Object, SlotKind) -> Option<bool>) -> Uses {
    let mut uses = Uses::default();
    for (number, seen) in (0..).zip(&world.calls).filter(|(_, seen)| seen.succeeded()) {
        for object in seen.objects.iter().filter(|object| object.fresh) {
            let Some(slot) = world.slots.get(object.slot as usize) else { continue };
            let Some(odd) = is_odd(seen.who, object, slot.kind) else { continue };
            let one = uses.entry((object.slot, seen.who)).or_default();
            one.tried += 1;
            if odd {
                one.odd.push(number);
            }
        }
    }
    uses
}

/// By who else uses the objects, where bodies do not tell what was given.
fn foreign(world: &World<'_>) -> Vec<Alarm> {
    if world.calls.iter().any(|seen| seen.details().is_some_and(|details| !details.given.is_empty())) {
        return Vec::new();
    }
    // Who meets whom, and at how many objects: one shared object alone joins nobody.
    let mut together: HashMap<(u32, u32), u32, FixedState> = HashMap::default();
    let mut private: Vec<(&(u32, u32), &crate::watch::known::Few)> =
        world.users.iter().filter(|(_, users)| (2..=6).contains(&users.len())).collect();
    private.sort_unstable_by_key(|(object, _)| **object);
    for (_, users) in &private {
        for (at, a) in users.iter().enumerate() {
            for b in users.iter().skip(at + 1) {
                *together.entry((*a.min(b), *a.max(b))).or_default() += 1;
            }
        }
    }
    let uses = uses(world, |who, object, kind| {
        let users = world.users.get(&(object.slot, object.value)).filter(|_| kind == SlotKind::Path)?;
        let mut others = users.iter().filter(|user| **user != who).peekable();
        let strangers = others.peek().is_some()
            && users.len() <= 3
            && others.all(|other| together.get(&(who.min(*other), who.max(*other))) == Some(&1));
        Some(strangers)
    });
    convict(world, &uses, |slot, all, usual| {
        format!(
            "reached {} of `{slot}` that only people use with whom it shares nothing else, out of {all}; usual are {}",
            "{odd}",
            percent(usual)
        )
    })
}

/// Judges every actor's uses against those of the others, parameter by parameter.
fn convict(world: &World<'_>, uses: &Uses, say: impl Fn(&str, usize, f64) -> String) -> Vec<Alarm> {
    let mut by_slot: HashMap<u32, Vec<(u32, &Use)>, FixedState> = HashMap::default();
    for ((slot, who), one) in uses {
        by_slot.entry(*slot).or_default().push((*who, one));
    }
    let mut surprises: HashMap<u32, Vec<(f64, u32, f64)>, FixedState> = HashMap::default();
    for (slot, members) in &by_slot {
        let counted: Vec<(u32, u32)> = members.iter().map(|(_, one)| (one.odd.len() as u32, one.tried)).collect();
        let share = Share::fit(&counted);
        if share.mean() > UNEXPLAINED_MAX {
            continue;
        }
        for (who, one) in members.iter().filter(|(_, one)| !one.odd.is_empty()) {
            let tail = surprise(world, members, &share, *who, one);
            surprises.entry(*who).or_default().push((tail, *slot, share.mean()));
        }
    }
    let mut alarms = Vec::new();
    for (who, mut own) in surprises {
        own.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let tails: Vec<f64> = own.iter().map(|(tail, ..)| *tail).take(3).collect();
        // The most telling ones add up; the best alone stands for itself, paid for by having chosen it.
        let tail = combined(&tails).min(tails.first().copied().unwrap_or(1.0) * own.len() as f64);
        let odd_in = |slot: u32| uses.get(&(slot, who)).map_or(&[][..], |one| one.odd.as_slice());
        let mut odd: Vec<u32> = own.iter().filter(|one| one.0 < 0.01).flat_map(|one| odd_in(one.1)).copied().collect();
        odd.sort_unstable();
        odd.dedup();
        if tail >= world.alpha || odd.len() < OBJECTS_MIN {
            continue;
        }
        let Some((_, slot, usual)) = own.first().copied() else { continue };
        let name = world.slots.get(slot as usize).map_or("id", |slot| slot.name.as_str());
        let all = uses.get(&(slot, who)).map_or(0, |one| one.tried as usize);
        let at = odd.get(OBJECTS_MIN - 1).or(odd.last()).copied().unwrap_or(0);
        let Some(seen) = odd.last().and_then(|number| world.seen(*number)) else { continue };
        let writes = odd.iter().any(|n| world.seen(*n).and_then(|s| world.place(s.place)).is_some_and(|p| p.writes));
        let shown = count(odd_in(slot).len() as u64, "value");
        let explanation = format!("It {}.", say(name, all, usual).replace("{odd}", &shown));
        alarms.push(Alarm {
            who,
            at,
            place: seen.place,
            confidence: confidence(tail, world.alpha),
            severity: writes.then_some(Severity::Critical),
            explanation,
            calls: odd,
            ..Alarm::default()
        });
    }
    alarms.sort_by_key(|alarm| alarm.who);
    alarms
}

/// The surprise among those of one's role, for support staff is many in one role and few among all. Where the role is too
/// small to tell, and others of it do the same, it is the role.
fn surprise(world: &World<'_>, members: &[(u32, &Use)], all: &Share, who: u32, one: &Use) -> f64 {
    let odd = one.odd.len() as u32;
    let tail = all.tail(odd, one.tried);
    let Some(person) = world.person_at(who) else { return tail };
    let group = |other: u32| world.person_at(other).map(|person| person.group) == Some(person.group);
    let peers: Vec<&(u32, &Use)> = members.iter().filter(|(other, _)| group(*other)).collect();
    if peers.len() >= MEMBERS_MIN {
        let counted: Vec<(u32, u32)> = peers.iter().map(|(_, one)| (one.odd.len() as u32, one.tried)).collect();
        return Share::fit(&counted).tail(odd, one.tried).max(if peers.len() * 4 > members.len() { 0.0 } else { tail });
    }
    let others = peers.iter().filter(|(other, _)| *other != who);
    let alike = others.clone().filter(|(_, one)| one.odd.len() as u32 * 4 >= odd).count();
    if person.role != 0 && alike > 0 && alike * 2 >= others.count() { 1.0 } else { tail }
}
