//! A client with its credential, and what people do in a visit.

use std::rc::Rc;

use super::device::{Device, Look};
use super::people::hosted;
use super::serve::{Ask, SECTIONS};
use super::table::{Act, Auth, Journey, Scope, Wire, placeholder};
use super::world::{DAY, HOUR, MINUTE, SECOND, World};
use crate::values::{self, ALPHANUMERIC};

/// What a client shows.
#[derive(Clone, Debug, Default)]
pub(super) enum Credential {
    #[default]
    None,
    Bearer(String),
    Cookie(String),
    Key(String),
}

/// A credential with its end and the role that it was issued with.
#[derive(Clone, Debug)]
pub(super) struct Login {
    pub(super) credential: Credential,
    pub(super) role: String,
    pub(super) expires: i64,
}

/// A client in the middle of a visit.
#[derive(Clone, Debug, Default)]
pub(super) struct Caller {
    /// Whom the server believes it talks to.
    pub(super) user: Option<usize>,
    pub(super) role: String,
    pub(super) credential: Credential,
    /// The server sees through the credential.
    pub(super) refused: bool,
    pub(super) ip: String,
    pub(super) device: Device,
    /// Objects that answers gave to this client, latest last.
    pub(super) given: Vec<usize>,
    /// Name of the calling service, on the inner network.
    pub(super) service: Option<&'static str>,
    /// Number of the last JSON-RPC call.
    pub(super) calls: i64,
    /// Seconds that a person needs between two calls, at most; 0 for programs.
    pub(super) pace: i64,
}

/// Objects that a client remembers.
const GIVEN_MAX: usize = 300;

impl Caller {
    /// Somebody that is not logged in.
    pub(super) fn stranger(ip: String, device: Device) -> Self {
        Self { ip, device, ..Self::default() }
    }

    pub(super) fn learn(&mut self, object: usize) {
        self.given.retain(|g| *g != object);
        self.given.push(object);
        if self.given.len() > GIVEN_MAX {
            self.given.remove(0);
        }
    }
}

impl World {
    /// A machine rented by the hour, with a script.
    pub(super) fn rented(&mut self) -> Caller {
        Caller::stranger(hosted(&mut self.rng), Device::tool(&mut self.rng))
    }

    /// The client of a user at this hour, not logged in yet.
    pub(super) fn client_of(&mut self, user: usize) -> Caller {
        let hour = (self.now % DAY) / HOUR;
        let person = self.user(user).clone();
        let device = match person.app {
            Some(app) if self.rng.chance(0.7) => app,
            _ => person.browser,
        };
        let mobile = device.look != Look::Browser;
        let abroad = person.networks.abroad.filter(|_| self.now % (5 * DAY) > 2 * DAY);
        let ip = match (abroad, person.networks.office) {
            (Some(ip), _) => ip,
            (None, Some(office)) if !mobile && (8..17).contains(&hour) => office,
            _ if mobile && self.rng.chance(0.4) => person.networks.mobile,
            _ => person.networks.home,
        };
        Caller { pace: 25, ..Caller::stranger(ip, device) }
    }

    /// A user's client, logged in; none when the password is forgotten for good.
    pub(super) fn signed_in(&mut self, user: usize) -> Option<Caller> {
        let mut caller = self.client_of(user);
        let app = caller.device.look != Look::Browser;
        if self.api.auth == Auth::Key || self.user(user).is_program() {
            self.enter_with_key(&mut caller, user);
            return Some(caller);
        }
        if app {
            caller.given.clone_from(&self.user(user).remembered);
            let refresh = self.api.of_act(Act::Refresh);
            match (self.user(user).kept.clone(), refresh) {
                (Some(login), _) if login.expires > self.now + HOUR => {
                    self.use_login(&mut caller, user, &login);
                    return Some(caller);
                }
                (Some(_), Some(refresh)) => {
                    caller.user = Some(user);
                    self.perform(&mut caller, &Ask::of(refresh));
                    return Some(caller);
                }
                _ => {}
            }
        }
        let (login, password) = (self.user(user).login.clone(), self.user(user).password.clone());
        if self.rng.chance(0.07) {
            self.mistype(&mut caller, &login, &password);
        }
        self.log_in(&mut caller, &login, &password).then_some(caller)
    }

    /// Forgets or mistypes the password a few times; sometimes asks for a new one.
    fn mistype(&mut self, caller: &mut Caller, login: &str, password: &str) {
        // Back from a long holiday, some try everything that they ever had.
        let tries = if self.rng.chance(0.06) { self.rng.between(5, 9) } else { self.rng.between(1, 3) };
        for _ in 0..tries {
            let wrong = format!("{}{}", password.get(1..).unwrap_or_default(), self.rng.below(10));
            self.log_in(caller, login, &wrong);
            self.pause(8);
        }
        if let Some(reset) = self.api.of_act(Act::Reset).filter(|_| self.rng.chance(0.25)) {
            let email = self.find_login(login).map(|u| self.user(u).email.clone()).unwrap_or_default();
            self.perform(caller, &Ask::of(reset).with("email", email));
            self.now += self.rng.between(1, 4) * MINUTE;
        }
    }

    /// Sends user name and password; true when that worked.
    pub(super) fn log_in(&mut self, caller: &mut Caller, login: &str, password: &str) -> bool {
        let Some(route) = self.api.of_act(Act::Login) else { return false };
        let name = if self.api.auth == Auth::Cookie { "email" } else { "username" };
        let ask = Ask::of(route).with(name, login).with("password", password);
        self.perform(caller, &ask).status < 300
    }

    /// Programs and keys need no login: partners bring a token of the token service, or a key.
    pub(super) fn enter_with_key(&mut self, caller: &mut Caller, user: usize) {
        if self.api.auth == Auth::Jwt || self.user(user).role == "job" {
            let login = match self.user(user).kept.clone().filter(|l| l.expires > self.now + MINUTE) {
                Some(login) => login,
                None => self.issue(user),
            };
            self.use_login(caller, user, &login);
        } else {
            let credential = Credential::Key(self.user(user).key.clone());
            let role = self.user(user).role.clone();
            self.use_login(caller, user, &Login { credential, role, expires: i64::MAX });
        }
        if self.user(user).is_program() {
            caller.pace = 0;
        }
    }

    fn use_login(&mut self, caller: &mut Caller, user: usize, login: &Login) {
        caller.user = Some(user);
        caller.role.clone_from(&login.role);
        caller.credential = login.credential.clone();
        if let Some(person) = self.users.get_mut(user) {
            person.kept = Some(login.clone());
        }
    }

    /// A fresh credential for a user, as the login route hands it out.
    pub(super) fn issue(&mut self, user: usize) -> Login {
        let person = self.user(user).clone();
        let lifetime = if person.app.is_some() { 12 * HOUR } else { 2 * HOUR };
        let credential = if self.api.auth == Auth::Cookie && person.role != "job" {
            Credential::Cookie(self.rng.text(ALPHANUMERIC, 40))
        } else {
            let claims = person.claims(&self.api, self.now / SECOND, lifetime / SECOND);
            Credential::Bearer(values::jwt(&mut self.rng, "HS256", &claims))
        };
        let login = Login { credential, role: person.role, expires: self.now + lifetime };
        if let Some(person) = self.users.get_mut(user) {
            person.kept = Some(login.clone());
        }
        login
    }

    /// Plays one visit.
    pub(super) fn visit(&mut self, caller: &mut Caller, journey: &Journey) {
        for step in &journey.steps {
            let op = step.trim_end_matches(['?', '*', '+']);
            let times = match step.as_bytes().last() {
                Some(b'?') => self.rng.between(0, 1),
                Some(b'*') => self.rng.between(0, 3),
                Some(b'+') => self.rng.between(1, 4),
                _ => 1,
            };
            for _ in 0..times {
                self.step(caller, op);
            }
        }
        if caller.device.look != Look::Browser
            && let Some(user) = caller.user.and_then(|u| self.users.get_mut(u))
        {
            user.remembered.clone_from(&caller.given);
        }
    }

    /// One operation of a visit, with the objects that the client knows; nothing when it knows none.
    pub(super) fn step(&mut self, caller: &mut Caller, op: &str) {
        let api = Rc::clone(&self.api);
        let Some(route) = api.route_named(op).filter(|r| !api.route(*r).new || self.now >= self.deploy) else { return };
        if let Some(ask) = self.fill(caller, route) {
            if caller.pace > 20 && caller.user.is_some() && self.rng.chance(0.008) {
                self.start_over(caller, &ask);
            }
            let people = self.users.len();
            self.perform(caller, &ask);
            self.pause(caller.pace);
            if api.route(route).act == Act::Signup && self.users.len() > people {
                let (login, password) = (self.user(people).login.clone(), self.user(people).password.clone());
                self.log_in(caller, &login, &password);
            }
        }
    }

    /// Came back from lunch to a credential that ended.
    fn start_over(&mut self, caller: &mut Caller, ask: &Ask) {
        caller.refused = true;
        self.perform(caller, ask);
        caller.refused = false;
        let Some(user) = caller.user else { return };
        let (login, password) = (self.user(user).login.clone(), self.user(user).password.clone());
        self.pause(12);
        self.log_in(caller, &login, &password);
        self.pause(6);
    }

    /// Lets time pass: a person reads, a program computes.
    pub(super) fn pause(&mut self, seconds: i64) {
        let most = if seconds == 0 { 700 } else { seconds * 1000 };
        self.now += self.rng.between(if seconds == 0 { 30 } else { 600 }, most) * 1000;
    }

    /// A call to a route with what it needs, from what the client was given.
    pub(super) fn fill(&mut self, caller: &mut Caller, route: usize) -> Option<Ask> {
        let api = Rc::clone(&self.api);
        let spec = api.route(route);
        let mut ask = Ask::of(route);
        let needs = |kind: usize| spec.template.split('/').filter_map(placeholder).any(|p| p == api.kind(kind).name);
        match (spec.act, spec.kind) {
            (Act::Get | Act::Update | Act::Delete | Act::Do, Some(kind)) => {
                ask.object = Some(self.known(caller, kind)?);
            }
            (_, Some(kind)) => {
                if let Some(parent) = api.kind(kind).parent.filter(|p| needs(*p)) {
                    ask.parent = Some(self.known(caller, parent)?);
                }
            }
            _ => {}
        }
        if spec.act == Act::List && spec.wire == Wire::Rest {
            ask = self.leafed(caller, ask);
        }
        if spec.act == Act::Search {
            let kind = spec.kind?;
            let seen = self.visible(caller, route);
            let all = if seen.is_empty() { self.of_kind(kind).to_vec() } else { seen };
            let about = self.looked_for(caller, &all)?;
            ask = ask.search(self.searched(about));
        }
        Some(ask)
    }

    /// How pages of a list are asked for: as its first page most of the time; the new version of the app has a view.
    fn leafed(&mut self, caller: &Caller, ask: Ask) -> Ask {
        let app = !matches!(caller.device.look, Look::Browser | Look::Service);
        let ask = if app && self.now >= self.deploy { ask.query("view", "compact") } else { ask };
        let kind = self.api.route(ask.route).kind;
        let large = kind.is_some_and(|k| self.api.kind(k).scope == Scope::Public && self.of_kind(k).len() > 100);
        let ask = if large && self.rng.chance(0.7) { ask.query("section", self.rng.below(SECTIONS)) } else { ask };
        match self.rng.below(20) {
            0..6 => ask.paged(1, *self.rng.pick(&[10, 20, 20, 50])),
            6..9 if self.visible(caller, ask.route).len() > 45 => ask.paged(2 + self.rng.skewed(4), 20),
            _ => ask,
        }
    }

    /// Whom or what somebody looks for: staff often the few that its work is about these days, else anything.
    fn looked_for(&mut self, caller: &Caller, all: &[usize]) -> Option<usize> {
        let staff = !matches!(caller.role.as_str(), "" | "customer" | "partner" | "job");
        let picked = self.rng.below(all.len());
        if let (true, Some(user)) = (staff && self.rng.chance(0.4), caller.user) {
            let begin = user * 7919 + usize::try_from(self.now / DAY).unwrap_or(0) * 31;
            return all.get((begin + self.rng.skewed(14)) % all.len().max(1)).copied();
        }
        all.get(picked).copied()
    }

    /// An object of that kind that the client can name: one that it was given, else one from a list that it asks for
    /// now; now and then a bookmark or a colleague's link.
    pub(super) fn known(&mut self, caller: &mut Caller, kind: usize) -> Option<usize> {
        let api = Rc::clone(&self.api);
        if caller.role == "partner" || caller.role == "job" {
            return self.booked(caller, kind);
        }
        if let Some(user) = caller.user.filter(|_| self.rng.chance(0.02)) {
            let own = self.linked(user, kind);
            if !own.is_empty() {
                return Some(*self.rng.pick(&own));
            }
        }
        if let Some(user) = caller.user.filter(|_| self.rng.chance(0.0015)) {
            // A colleague sent a link without asking whether it can be opened.
            let others = self.group_has(user, kind);
            if !others.is_empty() {
                return Some(*self.rng.pick(&others));
            }
        }
        let given = |w: &Self, c: &Caller| -> Vec<usize> {
            let mut all = c.given.clone();
            all.retain(|o| w.object(*o).kind == kind && !w.object(*o).gone);
            all
        };
        let mut all = given(self, caller);
        if all.is_empty() {
            let lists = api.routes_where(|r| {
                r.kind == Some(kind)
                    && matches!(r.act, Act::List | Act::Search)
                    && (!r.new || self.now >= self.deploy)
                    && (r.open || caller.user.is_some())
                    && (r.roles.is_empty() || r.roles.contains(&caller.role.as_str()))
            });
            // Pages of staff use the routes for staff.
            let list = lists.iter().copied().find(|r| !api.route(*r).roles.is_empty()).or(lists.first().copied())?;
            let ask = self.fill(caller, list)?;
            self.perform(caller, &ask);
            self.pause(caller.pace);
            all = given(self, caller);
        }
        (!all.is_empty()).then(|| *self.rng.pick(&all))
    }

    /// Objects that a user may open from outside: its own (a bookmark), and what colleagues sent.
    fn linked(&self, user: usize, kind: usize) -> Vec<usize> {
        let mut all = match self.api.kind(kind).scope {
            Scope::Private => self.owned_by(user, kind),
            _ => self.group_has(user, kind),
        };
        // A bookmark outlives what it points at.
        let gone = self.user(user).owned.iter().filter(|o| self.object(**o).kind == kind && self.object(**o).gone);
        all.extend(gone);
        let shared = self.of_kind(kind).iter().filter(|o| self.object(**o).shared.contains(&user));
        all.extend(shared);
        all
    }

    /// An object in the books of a partner or a job: a quarter of all, the same ones every day.
    fn booked(&mut self, caller: &Caller, kind: usize) -> Option<usize> {
        let all = self.of_kind(kind).len();
        if all == 0 {
            return None;
        }
        let begin = caller.user.unwrap_or(0) * 7919 % all;
        let at = (begin + self.rng.below((all / 4).max(1))) % all;
        self.of_kind(kind).get(at).copied()
    }
}
