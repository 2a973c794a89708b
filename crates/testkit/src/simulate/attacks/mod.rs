//! Attacks, written against the table of an API: each works on every profile that has what it needs.

mod flows;
mod functions;
mod insiders;
mod loads;
mod logins;
mod objects;
mod probes;
mod tokens;
mod walks;

use super::device::Device;
use super::people::household;
use super::session::Caller;
use super::table::{Act, Auth, Route};
use super::world::{DAY, HOUR, START_US, World};
use crate::rng::Rng;

/// Which attack of which kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag {
    pub(super) kind: &'static str,
    pub(super) variant: &'static str,
}

/// Plays an attack at the time of the world; false when the API has not what it needs.
type Run = fn(&mut World, Tag) -> bool;

/// Every kind with its variants, loud ones first.
const KINDS: &[(&str, &[&str], Run)] = &[
    (
        "bola",
        &["sequential-walk", "patient-walk", "leaked-uuid", "patient-uuid", "graphql", "write", "several-accounts"],
        objects::bola,
    ),
    ("mass-assignment", &["profile-role", "server-fields"], objects::mass_assignment),
    ("parameter-tampering", &["zero", "negative", "slightly-less"], objects::tampering),
    ("bfla", &["admin-routes", "patient-admin", "method-switch"], functions::bfla),
    ("privilege-escalation", &["raised-role", "raised-role-later"], functions::escalation),
    ("endpoint-spray", &["fast", "slow"], functions::spray),
    ("lateral-movement", &["service-token", "partner-credential"], functions::lateral),
    ("credential-stuffing", &["one-address", "distributed", "slow-distributed"], logins::stuffing),
    ("password-spraying", &["one-address", "few-addresses", "patient"], logins::spraying),
    ("brute-force", &["fast", "slow", "few-addresses"], logins::brute_force),
    ("account-takeover", &["stuffed", "phished"], logins::takeover),
    ("token-theft", &["concurrent", "later"], tokens::theft),
    ("jwt-tampering", &["alg-none", "alg-none-refused", "changed-claim", "changed-claim-refused"], tokens::tampering),
    ("enumeration", &["accounts", "ids", "patient-ids", "codes"], walks::enumeration),
    ("scraping", &["fast", "patient", "distributed"], walks::scraping),
    ("recon-scan", &["loud", "api-words", "slow"], walks::recon),
    ("data-exfiltration", &["staff-bulk", "staff-slow", "exports"], insiders::exfiltration),
    ("off-hours-access", &["night"], insiders::off_hours),
    ("query-intent", &["few-persons", "one-person"], insiders::query_intent),
    ("excessive-data", &["one-request"], loads::excessive),
    ("resource-exhaustion", &["deep-graphql", "huge-pages", "dear-searches", "tokens"], loads::exhaustion),
    ("traffic-spike", &["flood"], loads::flood),
    ("actor-spike", &["loop"], loads::endless_loop),
    ("business-flow-abuse", &["scripted", "scripted-patient"], flows::abuse),
    ("sequence-anomaly", &["skipped-step"], flows::skipped),
    ("fake-account-creation", &["one-network", "distributed"], flows::fake_accounts),
    ("unseen-parameter", &["debug", "admin-words"], probes::parameters),
    ("unseen-type", &["types"], probes::types),
    ("mcp-tool-change", &["poisoned-description", "widened-schema"], probes::tool_change),
];

/// When attacks begin: one or two of each kind that the profile claims, after the first hours. The world keeps which.
pub(super) fn schedule(world: &mut World) -> Vec<i64> {
    let mut rng = Rng::labeled(world.seed, "attacks");
    let api = std::rc::Rc::clone(&world.api);
    let length = world.end - START_US;
    let mut times = Vec::new();
    for (index, (kind, variants, _)) in KINDS.iter().enumerate() {
        if !api.attacks.contains(kind) {
            continue;
        }
        let first = rng.below(variants.len());
        for i in 0..=usize::from(variants.len() > 1 && rng.chance(0.3)) {
            let variant = (first + i) % variants.len();
            // What takes days has to begin early.
            let patient =
                variants.get(variant).is_some_and(|v| ["patient", "slow", "later"].iter().any(|w| v.contains(w)));
            let latest = if patient { 40 } else { 88 };
            times.push(START_US + length / 100 * rng.between(14, latest) + rng.between(0, HOUR));
            world.scheduled.push((index, variant));
        }
    }
    times
}

/// Plays a scheduled attack: its variant, else the first of its kind that this API can have.
pub(super) fn begin(world: &mut World, index: usize) {
    let Some((kind, variants, run)) = world.scheduled.get(index).and_then(|(k, _)| KINDS.get(*k)) else { return };
    let first = world.scheduled.get(index).map_or(0, |(_, v)| *v);
    let at = world.now;
    for i in 0..variants.len() {
        let Some(variant) = variants.get((first + i) % variants.len()) else { continue };
        world.now = at;
        if run(world, Tag { kind, variant }) {
            return;
        }
        world.log.pause();
    }
}

impl World {
    /// What is recorded from now on belongs to this attack.
    fn mark(&mut self, tag: Tag) -> usize {
        self.log.begin(tag.kind, tag.variant)
    }

    /// A customer who attacks nobody else yet.
    fn pick_customer(&mut self) -> Option<usize> {
        self.pick_person(super::people::User::is_customer)
    }

    fn pick_person(&mut self, wanted: impl Fn(&super::people::User) -> bool) -> Option<usize> {
        let free: Vec<usize> = (0..self.residents)
            .filter(|u| wanted(self.user(*u)) && !self.user(*u).gone && !self.busy.contains(u))
            .collect();
        if free.is_empty() {
            return None;
        }
        let user = *self.rng.pick(&free);
        self.busy.push(user);
        Some(user)
    }

    /// A customer who logs in to attack: from the usual client, or from a script at home.
    fn insider(&mut self) -> Option<Caller> {
        let user = self.pick_customer()?;
        let mut caller = self.client_of(user);
        if self.rng.chance(0.6) {
            caller.device =
                if self.rng.chance(0.5) { Device::tool(&mut self.rng) } else { Device::disguised(&mut self.rng) };
        }
        self.enter(&mut caller, user).then_some(caller)
    }

    /// Logs a user in with what the client is; false when that failed.
    fn enter(&mut self, caller: &mut Caller, user: usize) -> bool {
        if self.api.auth == Auth::Key || self.user(user).is_program() {
            self.enter_with_key(caller, user);
            return true;
        }
        let (login, password) = (self.user(user).login.clone(), self.user(user).password.clone());
        for _ in 0..4 {
            if self.log_in(caller, &login, &password) {
                return true;
            }
            self.now += 4 * super::world::MINUTE;
        }
        false
    }

    /// Logs in again, outside of the attack, when the credential is about to end.
    fn renew(&mut self, caller: &mut Caller, attack: usize) {
        let Some(user) = caller.user else { return };
        let expires = self.user(user).kept.as_ref().map_or(0, |l| l.expires);
        if expires < self.now + super::world::MINUTE {
            self.log.pause();
            self.enter(caller, user);
            self.log.resume(attack);
        }
    }

    /// One route of those, at random.
    fn any_route(&mut self, wanted: impl Fn(&Route) -> bool) -> Option<usize> {
        let routes = self.api.routes_where(|r| wanted(r) && !r.new);
        (!routes.is_empty()).then(|| *self.rng.pick(&routes))
    }

    /// Objects of a kind that a user has no business with.
    fn of_others(&self, user: usize, kind: usize) -> Vec<usize> {
        self.of_kind(kind).iter().copied().filter(|o| !self.may(user, *o) && !self.object(*o).gone).collect()
    }

    /// Addresses of rented proxies in homes.
    fn proxies(&mut self, count: usize) -> Vec<String> {
        (0..count).map(|_| household(&mut self.rng)).collect()
    }

    /// A number that fits the size of the scenario: `usual` for one with 600 users.
    fn scaled(&self, usual: usize) -> usize {
        (usual * self.users.len() / 600).clamp(usual / 4 + 1, usual * 2)
    }

    /// Time until the scenario ends.
    fn left(&self) -> i64 {
        (self.end - self.now).max(0)
    }

    /// Waits from `low` to `high` seconds.
    fn wait(&mut self, low: i64, high: i64) {
        self.now += self.rng.between(low * 1000, high * 1000) * 1000;
    }

    /// Waits for the hours when people in Europe sleep.
    fn wait_for_night(&mut self) {
        let day = self.now - (self.now - START_US) % DAY;
        self.now = day + self.rng.between(1, 3) * HOUR + self.rng.between(0, HOUR);
    }
}

/// Whether a route is read by the owner of objects only.
fn is_personal(route: &Route) -> bool {
    route.act == Act::Get && route.broken && route.roles.is_empty()
}

/// A count as the generator's numbers are.
fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
