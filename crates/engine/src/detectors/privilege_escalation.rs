//! # privilege-escalation
//!
//! Somebody gives himself a role and uses it.
//!
//! **Signals.** An ordinary person sends a field that makes a role (`role`, `is_admin`, `permissions`) to an endpoint
//! that is no administrator's, with success; from then on a rarer role is told of him, or he succeeds where nobody of his
//! role does.
//!
//! **False positives.** An administrator who promotes somebody does so elsewhere and for another.
//!
//! **References.** OWASP API3:2023, API5:2023; CWE-269; ATT&CK T1098, T1078.

use vedette_model::results::Severity;

use super::bfla::Matrix;
use super::{Alarm, Detector, Meta};
use crate::watch::call::{NONE, text_hash};
use crate::watch::names;
use crate::watch::world::{Person, World};

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "privilege-escalation",
        title: "Raised its own role",
        severity: Severity::Critical,
        owasp: &["API3:2023", "API5:2023"],
        attack: &["T1098", "T1078"],
        response: &[
            "Take the role back and end the sessions of the account",
            "Accept only the fields that an operation means to change",
            "Find out what was done with the role",
        ],
    },
    judge,
};

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let matrix = Matrix::new(world);
    world.everybody().filter_map(|(who, person)| of_person(world, &matrix, who, person)).collect()
}

fn of_person(world: &World<'_>, matrix: &Matrix, who: u32, person: &Person) -> Option<Alarm> {
    if person.role != 0 && !matrix.is_common(person.role) {
        return None;
    }
    let (raised, _) = world.calls_of(who).find(|(_, seen)| raises(world, seen))?;
    let mut calls = vec![raised];
    let mut told = None;
    for (number, seen) in world.calls_of(who).filter(|(number, seen)| *number > raised && seen.succeeded()) {
        let about_self = world.place(seen.place).is_some_and(|place| matches!(place.function, "profile" | "login"));
        let told_of = seen.details().filter(|details| !details.role_answered || about_self);
        let role = told_of.and_then(|details| details.role.as_deref()).map(text_hash);
        let rarer = role.filter(|role| *role != person.role && person.role != 0);
        if rarer.is_some() {
            told = told.or(rarer);
            calls.push(number);
        } else if seen.place != NONE && matrix.is_foreign(world, who, person, seen.place) {
            calls.push(number);
        }
    }
    let at = calls.get(1).copied()?;
    let place = world.seen(raised)?.place;
    let after = match told {
        Some(role) => format!("since then its role is `{}`", world.role(role)),
        None => format!("since then it succeeded {} times where nobody of its role does", calls.len() - 1),
    };
    Some(Alarm {
        who,
        at,
        place,
        confidence: 0.95,
        explanation: format!("Sent a role to `{}`, which was taken; {after}.", world.place_name(place)),
        calls,
        ..Alarm::default()
    })
}

fn raises(world: &World<'_>, seen: &crate::watch::world::Seen<'_>) -> bool {
    let Some(place) = world.place(seen.place).filter(|place| place.writes && place.function != "admin") else {
        return false;
    };
    let sent = || seen.details().map_or(&[][..], |details| details.sent.as_slice());
    place.function != "login"
        && seen.succeeded()
        && sent().iter().any(|sent| names::is_role_field(world.field(sent.name)))
}
