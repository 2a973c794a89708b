//! Attempts to log in: who tried which name from where, and whether it worked.

use std::net::IpAddr;

use super::world::{Seen, World};

/// One attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt<'w> {
    /// Number of the call.
    pub(crate) number: u32,
    /// Name that was tried, when a body or header tells it.
    pub(crate) user: Option<&'w str>,
    /// Hash of the password; 0 when it is not told.
    pub(crate) password: u32,
    pub(crate) succeeded: bool,
    pub(crate) address: Option<IpAddr>,
    pub(crate) program: u32,
    pub(crate) secs: i64,
    pub(crate) who: u32,
    pub(crate) place: u32,
}

/// All attempts in order of time, and the campaigns among them. What the server could not judge (overload, outage) is none.
#[derive(Debug, Default)]
pub(crate) struct Logins<'w> {
    pub(crate) attempts: Vec<Attempt<'w>>,
    pub(crate) campaigns: Vec<Campaign<'w>>,
}

impl<'w> Logins<'w> {
    /// Reads them off the calls of a world.
    pub(crate) fn of(world: &World<'w>) -> Self {
        let calls = (0..).zip(&world.calls);
        let attempts: Vec<Attempt<'w>> = calls.filter_map(|(number, seen)| attempt(world, number, seen)).collect();
        let campaigns = campaigns(world, &attempts);
        Self { attempts, campaigns }
    }
}

fn attempt<'w>(world: &World<'w>, number: u32, seen: &Seen<'w>) -> Option<Attempt<'w>> {
    let place = world.place(seen.place)?;
    if !place.writes || !(200..500).contains(&seen.call.status) || seen.call.status == 429 {
        return None;
    }
    let login = seen.details().and_then(|details| details.login.as_ref());
    let by_path = matches!(place.function, "login" | "token");
    if !by_path && (login.is_none() || world.is_sign_up(seen)) {
        return None;
    }
    // Where bodies are told, what names nobody is a renewed token.
    let told = place.endpoint.request_schema.is_some();
    if login.is_none() && told && place.function == "token" {
        return None;
    }
    Some(Attempt {
        number,
        user: login.map(|login| &*login.user),
        password: login.map_or(0, |login| login.password),
        succeeded: seen.succeeded(),
        address: seen.address(),
        program: seen.call.program,
        secs: seen.secs(),
        who: seen.who,
        place: seen.place,
    })
}

/// What a campaign of guesses tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guessing {
    /// Many names, each with its own password: pairs stolen elsewhere.
    Stuffing,
    /// Many names, few passwords.
    Spraying,
    /// Few names, many passwords.
    Brute,
}

/// Guesses that belong together.
#[derive(Clone, Debug)]
pub(crate) struct Campaign<'w> {
    pub(crate) guessing: Guessing,
    /// In order of time.
    pub(crate) attempts: Vec<Attempt<'w>>,
    /// Place in `attempts` of the one that made it sure.
    pub(crate) sure_at: usize,
    pub(crate) names: usize,
    pub(crate) passwords: usize,
    pub(crate) addresses: usize,
    pub(crate) tail: f64,
}

/// Distinct names that fail from one address before it is no shared office: with this many, most would have to forget.
const NAMES_MIN: usize = 8;

/// Failures that a distributed campaign must have.
const LONE_MIN: usize = 12;

/// Failures for one name: people give up, or reset, long before.
const FAILURES_OF_NAME_MIN: usize = 10;

/// Share of lone failures that is taken for usual at the least.
const LONE_SHARE_MIN: f64 = 0.04;

/// Length of the windows in which a program that honest people use too is looked at.
const WINDOW_SECS: i64 = 4 * 3_600;

/// All campaigns: of single addresses, of programs over many addresses, and against single names.
fn campaigns<'w>(world: &World<'_>, attempts: &[Attempt<'w>]) -> Vec<Campaign<'w>> {
    let mut found = by_address(attempts);
    found.extend(by_program(world, attempts, &found));
    found.extend(by_name(attempts, &found));
    found
}

type Groups<'w, K> = hashbrown::HashMap<K, Vec<Attempt<'w>>, foldhash::fast::FixedState>;

fn grouped<'w, K: std::hash::Hash + Eq + Ord + Copy>(
    attempts: impl Iterator<Item = Attempt<'w>>,
    key: impl Fn(&Attempt<'w>) -> Option<K>,
) -> Vec<(K, Vec<Attempt<'w>>)> {
    let mut groups: Groups<'w, K> = Groups::default();
    for attempt in attempts {
        if let Some(key) = key(&attempt) {
            groups.entry(key).or_default().push(attempt);
        }
    }
    let mut groups: Vec<(K, Vec<Attempt<'w>>)> = groups.into_iter().collect();
    groups.sort_unstable_by_key(|(key, _)| *key);
    groups
}

fn by_address<'w>(attempts: &[Attempt<'w>]) -> Vec<Campaign<'w>> {
    let groups = grouped(attempts.iter().copied(), |attempt| attempt.address);
    groups.into_iter().filter_map(|(_, own)| from_one_place(own)).collect()
}

/// One address: many names fail there, or one does again and again, or nobody says which and nearly all fail.
fn from_one_place(own: Vec<Attempt<'_>>) -> Option<Campaign<'_>> {
    let (mut names, mut failed, mut unnamed) = (Vec::new(), 0usize, 0usize);
    for (at, attempt) in own.iter().enumerate() {
        if attempt.succeeded {
            continue;
        }
        failed += 1;
        match attempt.user {
            Some(user) if !names.contains(&user) => names.push(user),
            Some(_) => {}
            None => unnamed += 1,
        }
        let enough = names.len() >= NAMES_MIN || unnamed >= 2 * LONE_MIN;
        if enough && failed * 10 >= (at + 1) * 7 {
            return Some(campaign(own, at, 1e-6));
        }
    }
    None
}

/// One program over many addresses. Honest people fail too, but then they succeed from where they failed: what counts
/// are failures from addresses where nothing else ever succeeds.
fn by_program<'w>(world: &World<'_>, attempts: &[Attempt<'w>], known: &[Campaign<'_>]) -> Vec<Campaign<'w>> {
    let taken: hashbrown::HashSet<u32> = known.iter().flat_map(|c| c.attempts.iter().map(|a| a.number)).collect();
    let mut settled: hashbrown::HashSet<IpAddr> = hashbrown::HashSet::new();
    for seen in world.calls.iter().filter(|seen| seen.succeeded() && seen.call.authenticated) {
        settled.extend(seen.address());
    }
    let lone = |a: &Attempt<'_>| !a.succeeded && a.address.is_some_and(|address| !settled.contains(&address));
    let rest = || attempts.iter().copied().filter(|a| !taken.contains(&a.number));
    let (all, all_lone) = (rest().count(), rest().filter(|a| lone(a)).count());
    let windows = grouped(rest(), |a| Some((a.program, a.secs.div_euclid(WINDOW_SECS)))).into_iter();
    let whole = grouped(rest(), |a| Some((a.program, i64::MIN))).into_iter();
    let mut found: Vec<Campaign<'w>> = Vec::new();
    for (_, own) in whole.chain(windows) {
        if own.first().is_some_and(|first| found.iter().any(|c| c.attempts.iter().any(|a| a.number == first.number))) {
            continue;
        }
        let guesses: Vec<Attempt<'w>> = own.iter().copied().filter(|a| lone(a)).collect();
        let others = all.saturating_sub(own.len()).max(1) as f64;
        let usual = (all_lone.saturating_sub(guesses.len()) as f64 / others).max(LONE_SHARE_MIN);
        let tail = super::calibrate::binomial_tail(guesses.len() as u32, own.len() as u32, usual.min(0.5));
        let share = guesses.len() as f64 / own.len().max(1) as f64;
        // A program that honest people use as well must stand out by far.
        let stands_out = share >= 0.5 && tail < world.alpha || tail < world.alpha * 1e-6;
        if guesses.len() < LONE_MIN || !stands_out {
            continue;
        }
        let began = guesses.first().map_or(0, |a| a.secs);
        let clean = share >= 0.5;
        let tried: Vec<Attempt<'w>> = own.into_iter().filter(|a| lone(a) || clean && a.secs >= began).collect();
        let sure_at = tried.iter().enumerate().filter(|(_, a)| lone(a)).nth(LONE_MIN - 1).map_or(0, |(at, _)| at);
        found.push(campaign(tried, sure_at, tail));
    }
    found
}

/// One name from many addresses.
fn by_name<'w>(attempts: &[Attempt<'w>], known: &[Campaign<'_>]) -> Vec<Campaign<'w>> {
    let taken: hashbrown::HashSet<u32> = known.iter().flat_map(|c| c.attempts.iter().map(|a| a.number)).collect();
    let rest = attempts.iter().copied().filter(|a| !taken.contains(&a.number));
    let groups = grouped(rest, |attempt| attempt.user);
    let found = groups.into_iter().filter_map(|(_, own)| {
        // A success in between is the owner, who begins anew.
        let mut run = 0;
        let sure_at = own.iter().position(|attempt| {
            run = if attempt.succeeded { 0 } else { run + 1 };
            run >= FAILURES_OF_NAME_MIN
        })?;
        Some(campaign(own, sure_at, 1e-6))
    });
    found.collect()
}

fn campaign(attempts: Vec<Attempt<'_>>, sure_at: usize, tail: f64) -> Campaign<'_> {
    let failed = || attempts.iter().filter(|attempt| !attempt.succeeded);
    let names = distinct(failed().filter_map(|attempt| attempt.user));
    let passwords = distinct(failed().map(|attempt| attempt.password).filter(|password| *password != 0));
    let addresses = distinct(attempts.iter().filter_map(|attempt| attempt.address));
    let tries = failed().count();
    let guessing = if names <= 3 && tries >= 6 * names.max(1) {
        Guessing::Brute
    } else if passwords > 0 && passwords * 3 <= names {
        Guessing::Spraying
    } else {
        Guessing::Stuffing
    };
    Campaign { guessing, attempts, sure_at, names, passwords, addresses, tail }
}

fn distinct<T: Ord>(items: impl Iterator<Item = T>) -> usize {
    let mut items: Vec<T> = items.collect();
    items.sort_unstable();
    items.dedup();
    items.len()
}
