//! # recon-scan
//!
//! Somebody looks for what is not there: known holes, forgotten files, other versions.
//!
//! **Signals.** Different paths that no endpoint has, against what others ask for in vain; a few suffice where they are
//! what scanners ask for (`/.env`, `/wp-login.php`, `/actuator/env`).
//!
//! **False positives.** A client of an older version whose paths are gone: it asks for few paths, again and again. Links
//! to pages that were removed lead search engines to many; those that say who they are are compared with their like.
//!
//! **References.** OWASP API9:2023; ATT&CK T1595.002, T1595.003.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::checks::wording::count;
use crate::watch::calibrate::{Amount, confidence};
use crate::watch::call::NONE;
use crate::watch::report::lasting;
use crate::watch::world::World;

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "recon-scan",
        title: "Looks for what is not there",
        severity: Severity::Low,
        owasp: &["API9:2023", "API8:2023"],
        attack: &["T1595.002", "T1595.003"],
        response: &["Block the address for a while", "Look whether anything answered with success"],
    },
    judge,
};

/// Different paths in vain before it is looking around.
const PATHS_MIN: usize = 12;

/// Paths of known holes before it is a scanner.
const PROBES_MIN: usize = 3;

/// Parts of paths that only scanners ask for.
const PROBES: &[&str] = &[
    "/.env",
    "/.git",
    "/.aws",
    "/.svn",
    "/.ssh",
    "/.ds_store",
    "wp-login",
    "wp-admin",
    "wp-content",
    "xmlrpc.php",
    "phpmyadmin",
    "phpinfo",
    "/cgi-bin",
    "/actuator/",
    "/server-status",
    "/solr/",
    "/jenkins",
    "/manager/html",
    "/hnap1",
    "/boaform",
    "/vendor/phpunit",
    "/etc/passwd",
    "/.well-known/../",
    "/console/",
    "/druid/",
    "/owa/",
    "/shell",
    "eval-stdin",
    "/backup.",
    "/db.sql",
    "/dump.sql",
    "/config.json",
    "/web.config",
    "/swagger.json",
    "/id_rsa",
];

#[derive(Default)]
struct Vain {
    paths: HashSet<u64>,
    probes: HashSet<u64>,
    calls: Vec<u32>,
    first_probes: Vec<u32>,
}

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let mut vain: HashMap<u32, Vain, FixedState> = HashMap::default();
    for (number, seen) in (0..).zip(&world.calls).filter(|(_, seen)| !seen.succeeded()) {
        let nothing = seen.place == NONE && matches!(seen.call.status, 400 | 403 | 404 | 405 | 410);
        let path = seen.path();
        let lower = path.to_ascii_lowercase();
        let probe = PROBES.iter().any(|probe| lower.contains(probe));
        if !nothing && !probe {
            continue;
        }
        let one = vain.entry(seen.who).or_default();
        let hash = crate::sketch::hash(path.as_bytes());
        if one.paths.insert(hash) {
            one.calls.push(number);
        }
        if probe && one.probes.insert(hash) {
            one.first_probes.push(number);
        }
    }
    let amount = Amount::fit(
        world.everybody().map(|(who, _)| vain.get(&who).map_or(0.0, |one| one.paths.len() as f64)).collect(),
    );
    let mut alarms: Vec<Alarm> = vain.into_iter().filter_map(|(who, one)| alarm(world, who, one, amount)).collect();
    alarms.sort_by_key(|alarm| alarm.who);
    alarms
}

fn alarm(world: &World<'_>, who: u32, one: Vain, amount: Amount) -> Option<Alarm> {
    let person = world.person_at(who)?;
    let tail = amount.tail(one.paths.len() as f64);
    let scans = one.probes.len() >= PROBES_MIN;
    let share = one.calls.len() as f64 / person.calls.len() as f64;
    let many = one.paths.len() >= PATHS_MIN && tail < world.alpha && share >= 0.3 && !person.crawler;
    if !scans && !many {
        return None;
    }
    let at = if scans { one.first_probes.get(PROBES_MIN - 1) } else { one.calls.get(PATHS_MIN - 1) };
    let (first, last) = (world.seen(*one.calls.first()?)?, world.seen(*one.calls.last()?)?);
    let known = if scans { format!(", {} of them those of known holes", one.probes.len()) } else { String::new() };
    Some(Alarm {
        who,
        at: *at?,
        place: first.place,
        confidence: if scans { 0.95 } else { confidence(tail, world.alpha) },
        explanation: format!(
            "Asked for {} that do not exist within {}{known}; nearly all others ask for at most {:.0}.",
            count(one.paths.len() as u64, "path"),
            lasting(last.secs() - first.secs()),
            amount.high
        ),
        calls: one.calls,
        ..Alarm::default()
    })
}
