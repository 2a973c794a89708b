//! Holds alarms against attacks.

use std::collections::{BTreeMap, BTreeSet};

use vedette_model::Timestamp;
use vedette_model::results::Identifier;

use super::tally::Tally;
use super::{
    Alarm, Attack, EXCHANGES_LISTED_MAX, FalseAlarm, GRACE_SECS, Ground, IDENTIFIERS_LISTED_MAX, Judged, Missed,
};

/// What identifies somebody, in a form that sorts.
type Name<'a> = (&'a str, &'a str);

/// Judges the alarms of one scenario.
pub fn judge(ground: &Ground, attacks: &[Attack], alarms: &[Alarm]) -> Judged {
    let mut judged = Judged { exchanges: ground.exchanges, days: ground.days(), ..Judged::default() };
    let by_name = by_name(alarms);
    for attack in attacks {
        let found = find(ground, attack, alarms, &by_name);
        for tally in [&mut judged.overall, judged.kinds.entry(attack.kind.clone()).or_default()] {
            tally.count(found.as_ref());
        }
        if found.is_none() {
            judged.missed.push(missed(attack));
        }
    }
    count_actors(&mut judged, attacks, alarms);
    judged.false_alarms = false_alarms(attacks, alarms);
    judged
}

/// Numbers of the alarms about each identifier, so that not every alarm is held against every attack.
fn by_name(alarms: &[Alarm]) -> BTreeMap<Name<'_>, Vec<usize>> {
    let mut by_name: BTreeMap<Name<'_>, Vec<usize>> = BTreeMap::new();
    for (number, alarm) in alarms.iter().enumerate() {
        for identifier in &alarm.identifiers {
            by_name.entry(name(identifier)).or_default().push(number);
        }
    }
    by_name
}

fn name(identifier: &Identifier) -> Name<'_> {
    (&identifier.kind, &identifier.value)
}

/// How an attack was found.
struct Found {
    kind_right: bool,
    exchanges: u64,
    us: Option<u64>,
}

fn find(ground: &Ground, attack: &Attack, alarms: &[Alarm], by_name: &BTreeMap<Name<'_>, Vec<usize>>) -> Option<Found> {
    let mut times: Vec<Timestamp> =
        attack.exchanges.iter().filter_map(|exchange| ground.times.get(exchange).copied()).collect();
    times.sort_unstable();
    let about: BTreeSet<usize> =
        attack.actors.iter().filter_map(|one| by_name.get(&name(one))).flatten().copied().collect();
    let finding: Vec<&Alarm> = about
        .into_iter()
        .filter_map(|number| alarms.get(number))
        .filter(|alarm| {
            alarm.exchanges.iter().any(|exchange| attack.exchanges.binary_search(exchange).is_ok())
                || alarm.at.is_some_and(|at| is_soon_after(&times, at))
        })
        .collect();
    // What has no time is as late as can be; its exchanges tell how late.
    let first = finding.iter().min_by_key(|alarm| (alarm.at.is_none(), alarm.at, alarm.exchanges.iter().max()))?;
    let (exchanges, us) = if let (Some(at), Some(began)) = (first.at, times.first()) {
        let happened = times.partition_point(|time| *time <= at);
        (happened, Some(at.0.saturating_sub(began.0).max(0).cast_unsigned()))
    } else {
        let last = first.exchanges.iter().max().copied().unwrap_or(u64::MAX);
        (attack.exchanges.partition_point(|exchange| *exchange <= last), None)
    };
    Some(Found {
        kind_right: finding.iter().any(|alarm| alarm.kind == attack.kind),
        // Nobody is recognized before the first thing they did.
        exchanges: exchanges.max(1) as u64,
        us,
    })
}

/// True within [`GRACE_SECS`] after one of some sorted times.
fn is_soon_after(times: &[Timestamp], at: Timestamp) -> bool {
    let before = times.partition_point(|time| *time <= at);
    let last = before.checked_sub(1).and_then(|last| times.get(last));
    last.is_some_and(|last| at.0.saturating_sub(last.0) <= GRACE_SECS * 1_000_000)
}

impl Tally {
    fn count(&mut self, found: Option<&Found>) {
        self.attacks += 1;
        let Some(found) = found else { return };
        self.found += 1;
        self.kind_right += u64::from(found.kind_right);
        self.exchanges_to_detect.push(found.exchanges);
        self.us_to_detect.extend(found.us);
    }
}

fn missed(attack: &Attack) -> Missed {
    Missed {
        kind: attack.kind.clone(),
        variant: attack.variant.clone(),
        actor: attack.actors.iter().take(IDENTIFIERS_LISTED_MAX).cloned().collect(),
        endpoint: attack.endpoint.clone(),
        exchanges: attack.exchanges.len() as u64,
        first: attack.exchanges.iter().take(EXCHANGES_LISTED_MAX).copied().collect(),
    }
}

/// One alarmed actor: its id, or all that identifies it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Who<'a> {
    Id(&'a str),
    Names(BTreeSet<Name<'a>>),
}

fn who(alarm: &Alarm) -> Who<'_> {
    if alarm.actor.is_empty() {
        return Who::Names(alarm.identifiers.iter().map(name).collect());
    }
    Who::Id(&alarm.actor)
}

fn attackers(attacks: &[Attack]) -> BTreeSet<Name<'_>> {
    attacks.iter().flat_map(|attack| &attack.actors).map(name).collect()
}

/// Alarmed actors, and whether they attack: overall, and by the kind of their alarms.
fn count_actors(judged: &mut Judged, attacks: &[Attack], alarms: &[Alarm]) {
    let attackers = attackers(attacks);
    let mut overall: BTreeMap<Who<'_>, bool> = BTreeMap::new();
    let mut kinds: BTreeMap<&str, BTreeMap<Who<'_>, bool>> = BTreeMap::new();
    for alarm in alarms {
        // An actor may be told with different identifiers; it attacks when one of them does.
        let attacks = alarm.identifiers.iter().any(|one| attackers.contains(&name(one)));
        *overall.entry(who(alarm)).or_default() |= attacks;
        *kinds.entry(&alarm.kind).or_default().entry(who(alarm)).or_default() |= attacks;
    }
    let count = |tally: &mut Tally, actors: &BTreeMap<Who<'_>, bool>| {
        tally.alarmed_actors += actors.len() as u64;
        tally.false_actors += actors.values().filter(|attacks| !**attacks).count() as u64;
    };
    count(&mut judged.overall, &overall);
    for (kind, actors) in &kinds {
        count(judged.kinds.entry((*kind).to_owned()).or_default(), actors);
    }
}

/// The first alarm of each kind about each actor that attacks nowhere.
fn false_alarms(attacks: &[Attack], alarms: &[Alarm]) -> Vec<FalseAlarm> {
    let attackers = attackers(attacks);
    let mut guilty: BTreeSet<Who<'_>> = BTreeSet::new();
    for alarm in alarms {
        if alarm.identifiers.iter().any(|one| attackers.contains(&name(one))) {
            guilty.insert(who(alarm));
        }
    }
    let mut first: BTreeMap<(&str, Who<'_>), &Alarm> = BTreeMap::new();
    for alarm in alarms.iter().filter(|alarm| !guilty.contains(&who(alarm))) {
        let place = first.entry((&alarm.kind, who(alarm))).or_insert(alarm);
        if (alarm.at.is_none(), alarm.at) < (place.at.is_none(), place.at) {
            *place = alarm;
        }
    }
    let mut list: Vec<FalseAlarm> = first
        .into_values()
        .map(|alarm| FalseAlarm {
            kind: alarm.kind.clone(),
            actor: alarm.identifiers.iter().take(IDENTIFIERS_LISTED_MAX).cloned().collect(),
            title: alarm.title.clone(),
            at: alarm.at,
            first: alarm.exchanges.iter().take(EXCHANGES_LISTED_MAX).copied().collect(),
        })
        .collect();
    list.sort_by(|a, b| (&a.kind, a.at).cmp(&(&b.kind, b.at)));
    list
}
