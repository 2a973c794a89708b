//! Everybody and everything that a scenario has, and how it comes to be.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::log::Log;
use super::people::{User, person, program};
use super::table::{Api, Field, Scope};
use super::{Options, make};
use crate::json::Json;
use crate::rng::{Rng, hash};
use crate::values::{self, LOWER};

/// 2026-09-28T00:00:00Z, a Monday: three days later a month ends.
pub(super) const START_US: i64 = 1_790_553_600_000_000;
/// A second, a minute, an hour and a day in microseconds.
pub(super) const SECOND: i64 = 1_000_000;
pub(super) const MINUTE: i64 = 60 * SECOND;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

/// The state of a scenario.
pub(super) struct World {
    pub(super) api: Rc<Api>,
    pub(super) seed: u64,
    pub(super) rng: Rng,
    /// Time of what is being played.
    pub(super) now: i64,
    pub(super) end: i64,
    /// When the new version goes live.
    pub(super) deploy: i64,
    /// Short outage, from and to.
    pub(super) outage: (i64, i64),
    pub(super) users: Vec<User>,
    /// Users that were there from the beginning.
    pub(super) residents: usize,
    pub(super) groups: Vec<Vec<usize>>,
    pub(super) objects: Vec<Object>,
    pub(super) by_kind: Vec<Vec<usize>>,
    by_id: BTreeMap<(usize, String), usize>,
    by_login: BTreeMap<String, usize>,
    group_owned: Vec<Vec<usize>>,
    next: Vec<i64>,
    /// Users that attack already: an actor is one attacker.
    pub(super) busy: Vec<usize>,
    /// Attacks that are to come: index of the kind, index of the variant.
    pub(super) scheduled: Vec<(usize, usize)>,
    /// How the tools of the MCP server differ from what they were.
    pub(super) tools_changed: Option<ToolsChanged>,
    pub(super) log: Log,
}

/// A change of tools that somebody made who should not.
#[derive(Clone, Copy)]
pub(super) struct ToolsChanged {
    pub(super) variant: &'static str,
    pub(super) attack: usize,
    pub(super) until: i64,
}

/// A thing with an id.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) kind: usize,
    pub(super) id: String,
    pub(super) owner: Option<usize>,
    pub(super) parent: Option<usize>,
    /// In the order of the kind's fields.
    pub(super) values: Vec<Json>,
    /// Colleagues who were sent a link to it.
    pub(super) shared: Vec<usize>,
    pub(super) gone: bool,
}

impl World {
    pub(super) fn new(api: Api, options: &Options) -> Self {
        let kinds = api.kinds.len();
        let end = START_US + i64::from(options.days.max(1)) * DAY;
        let mut rng = Rng::labeled(options.seed, "times");
        let deploy = START_US + (end - START_US) * 54 / 100;
        let outage = START_US + (end - START_US) / 100 * rng.between(60, 75);
        let mut world = Self {
            // Profiles of one seed do not have the same attackers at the same times.
            seed: options.seed ^ hash(api.name),
            rng: Rng::labeled(options.seed, api.name),
            now: START_US,
            end,
            deploy,
            outage: (outage, outage + 11 * MINUTE),
            users: Vec::new(),
            residents: 0,
            groups: Vec::new(),
            objects: Vec::new(),
            by_kind: vec![Vec::new(); kinds],
            by_id: BTreeMap::new(),
            by_login: BTreeMap::new(),
            group_owned: Vec::new(),
            next: api
                .kinds
                .iter()
                .map(|k| k.ids.strip_prefix("seq:").and_then(|n| n.parse().ok()).unwrap_or(1))
                .collect(),
            busy: Vec::new(),
            scheduled: Vec::new(),
            tools_changed: None,
            log: Log::new(options.bodies),
            api: Rc::new(api),
        };
        world.populate((options.exchanges / 60).clamp(40, 1200));
        world
    }

    fn populate(&mut self, customers: usize) {
        let api = Rc::clone(&self.api);
        let mut group = 0;
        let mut left = 0;
        for _ in 0..customers {
            if left == 0 {
                left = self.rng.between(api.group.0, api.group.1);
                group = self.groups.len();
            }
            left -= 1;
            self.add_user("customer", group);
        }
        for (role, count) in &api.staff {
            let group = self.groups.len();
            for _ in 0..*count {
                self.add_user(role, group);
            }
        }
        for name in &api.partners {
            let partner = program(&mut self.rng, &api, name, "partner");
            self.push_user(partner);
        }
        let mut jobs: Vec<&str> = api.journeys.iter().filter_map(|j| j.who.strip_prefix("job:")).collect();
        jobs.dedup();
        for name in jobs {
            let job = program(&mut self.rng, &api, name, "job");
            self.push_user(job);
        }
        self.residents = self.users.len();
        // The user kind has its objects already.
        for kind in 1..api.kinds.len() {
            self.fill_kind(kind);
        }
        self.share_links();
    }

    /// A new account with its object; the index of the user.
    pub(super) fn add_user(&mut self, role: &str, group: usize) -> usize {
        let id = self.next_id(0);
        let api = Rc::clone(&self.api);
        let user = person(&mut self.rng, &api, id.clone(), role, group);
        let index = self.push_user(user);
        if self.groups.len() <= group {
            self.groups.resize(group + 1, Vec::new());
            self.group_owned.resize(group + 1, Vec::new());
        }
        if let Some(members) = self.groups.get_mut(group) {
            members.push(index);
        }
        self.add_with_id(0, id, Some(index), None);
        index
    }

    fn push_user(&mut self, mut user: User) -> usize {
        // Two people of the same name do not get the same login.
        while self.by_login.contains_key(&user.login) {
            user.login = format!("{}{}", self.rng.below(9), user.login);
        }
        self.by_login.insert(user.login.clone(), self.users.len());
        self.users.push(user);
        self.users.len() - 1
    }

    /// Gives a user another login, unless somebody has it.
    pub(super) fn rename(&mut self, user: usize, login: &str) {
        if self.by_login.contains_key(login) {
            return;
        }
        if let Some(person) = self.users.get_mut(user) {
            self.by_login.remove(&person.login);
            login.clone_into(&mut person.login);
            self.by_login.insert(login.to_owned(), user);
        }
    }

    fn fill_kind(&mut self, kind: usize) {
        let api = Rc::clone(&self.api);
        let spec = api.kind(kind);
        let mut slots: Vec<(Option<usize>, Option<usize>)> = Vec::new();
        let hosts: Vec<(Option<usize>, Option<usize>)> = match (spec.parent, spec.scope) {
            (Some(parent), _) => self.of_kind(parent).iter().map(|o| (self.object(*o).owner, Some(*o))).collect(),
            (None, Scope::Public) => vec![(None, None)],
            (None, Scope::Private) => {
                (0..self.users.len()).filter(|u| self.user(*u).is_customer()).map(|u| (Some(u), None)).collect()
            }
            (None, Scope::Group) => {
                let members: Vec<Vec<usize>> = self.groups.clone();
                members.iter().filter(|m| !m.is_empty()).map(|m| (Some(*self.rng.pick(m)), None)).collect()
            }
        };
        for host in hosts {
            for _ in 0..self.rng.between(spec.count.0, spec.count.1) {
                slots.push(match spec.scope {
                    Scope::Group => (host.0.map(|u| self.colleague(u)), host.1),
                    _ => host,
                });
            }
        }
        // Objects of all owners are made in turn, so neighbors in a sequence belong to different people.
        self.rng.shuffle(&mut slots);
        for (owner, parent) in slots {
            self.add_object(kind, owner, parent);
        }
    }

    /// A member of the same group, or the user itself.
    pub(super) fn colleague(&mut self, user: usize) -> usize {
        let members = self.groups.get(self.user(user).group).cloned().unwrap_or_default();
        if members.is_empty() { user } else { *self.rng.pick(&members) }
    }

    pub(super) fn add_object(&mut self, kind: usize, owner: Option<usize>, parent: Option<usize>) -> usize {
        let id = self.next_id(kind);
        self.add_with_id(kind, id, owner, parent)
    }

    fn add_with_id(&mut self, kind: usize, id: String, owner: Option<usize>, parent: Option<usize>) -> usize {
        let api = Rc::clone(&self.api);
        let user = owner.and_then(|o| self.users.get(o)).cloned();
        let mut values = Vec::new();
        for field in &api.kind(kind).fields {
            let value = match field.make.strip_prefix("ref:").and_then(|k| api.kind_named(k)) {
                Some(kind) => self.reference(kind, owner),
                None => make::value(&mut self.rng, field.make, user.as_ref(), self.now),
            };
            values.push(value);
        }
        add_up(&api.kind(kind).fields, &mut values);
        let index = self.objects.len();
        self.by_id.insert((kind, id.clone()), index);
        self.objects.push(Object { kind, id, owner, parent, values, shared: Vec::new(), gone: false });
        if let Some(list) = self.by_kind.get_mut(kind) {
            list.push(index);
        }
        if let Some(owner) = owner {
            let group = self.user(owner).group;
            if let Some(user) = self.users.get_mut(owner) {
                user.owned.push(index);
            }
            if let Some(list) = self.group_owned.get_mut(group) {
                list.push(index);
            }
        }
        index
    }

    fn reference(&mut self, kind: usize, owner: Option<usize>) -> Json {
        let own: Vec<usize> = owner.map_or_else(Vec::new, |o| self.owned_by(o, kind));
        let all = if own.is_empty() { self.of_kind(kind).to_vec() } else { own };
        if all.is_empty() {
            return Json::Null;
        }
        let picked = *self.rng.pick(&all);
        self.id_json(picked)
    }

    fn next_id(&mut self, kind: usize) -> String {
        let api = Rc::clone(&self.api);
        let ids = api.kind(kind).ids;
        if ids.starts_with("seq:") {
            // A number is lost now and then: rollbacks, deleted rows.
            let step = if self.rng.chance(0.08) { self.rng.between(2, 4) } else { 1 };
            let Some(next) = self.next.get_mut(kind) else { return String::new() };
            *next += step;
            return next.to_string();
        }
        match ids.strip_prefix("code:") {
            Some(prefix) => format!("{prefix}{}", self.rng.text(LOWER, 12)),
            None if ids == "slug" => loop {
                let slug = format!("{}-{}", values::slug(&mut self.rng), values::slug(&mut self.rng));
                if !self.by_id.contains_key(&(kind, slug.clone())) {
                    break slug;
                }
            },
            None => values::uuid(&mut self.rng),
        }
    }

    /// People send each other links: a few objects are known to somebody who was never given them by the API.
    fn share_links(&mut self) {
        for index in 0..self.objects.len() {
            let Some(owner) = self.object(index).owner else { continue };
            if self.rng.chance(0.01) {
                let friend = self.colleague(owner);
                if let Some(object) = self.objects.get_mut(index) {
                    object.shared.push(friend);
                }
            }
        }
    }

    #[expect(clippy::indexing_slicing, reason = "indices of users are made here only, and none is ever removed")]
    pub(super) fn user(&self, index: usize) -> &User {
        &self.users[index]
    }

    #[expect(clippy::indexing_slicing, reason = "indices of objects are made here only, and none is ever removed")]
    pub(super) fn object(&self, index: usize) -> &Object {
        &self.objects[index]
    }

    pub(super) fn of_kind(&self, kind: usize) -> &[usize] {
        self.by_kind.get(kind).map_or(&[], Vec::as_slice)
    }

    pub(super) fn find(&self, kind: usize, id: &str) -> Option<usize> {
        self.by_id.get(&(kind, id.to_owned())).copied()
    }

    pub(super) fn find_login(&self, login: &str) -> Option<usize> {
        self.by_login.get(login).copied()
    }

    /// Objects of a kind that a user made or has.
    pub(super) fn owned_by(&self, user: usize, kind: usize) -> Vec<usize> {
        self.live(&self.user(user).owned, kind)
    }

    /// Objects of a kind that a user's household or tenant has.
    pub(super) fn group_has(&self, user: usize, kind: usize) -> Vec<usize> {
        self.group_owned.get(self.user(user).group).map_or_else(Vec::new, |all| self.live(all, kind))
    }

    fn live(&self, all: &[usize], kind: usize) -> Vec<usize> {
        all.iter().copied().filter(|o| self.object(*o).kind == kind && !self.object(*o).gone).collect()
    }

    /// The id as the API writes it: a number when it is counted.
    pub(super) fn id_json(&self, index: usize) -> Json {
        let object = self.object(index);
        let counted = self.api.kind(object.kind).ids.starts_with("seq:");
        match object.id.parse::<i64>() {
            Ok(number) if counted => number.into(),
            _ => (&object.id).into(),
        }
    }

    /// The object as the API answers it, in a list or in full.
    pub(super) fn show(&self, index: usize, full: bool) -> Json {
        let object = self.object(index);
        let kind = self.api.kind(object.kind);
        let mut json = crate::object! { "id" => self.id_json(index) };
        if let Some(parent) = object.parent {
            let name = self.api.kind(self.object(parent).kind).name;
            json = json.with(&format!("{name}_id"), self.id_json(parent));
        }
        for (field, value) in kind.fields.iter().zip(&object.values) {
            if (field.detail && !full) || (field.new && self.now < self.deploy) {
                continue;
            }
            let value = match (field.make, object.owner) {
                ("role", Some(owner)) => self.user(owner).role_shown(&self.api).into(),
                _ => value.clone(),
            };
            json = json.with(field.name, value);
        }
        json
    }
}

/// A total is the price, or the amount, with the fee.
pub(super) fn add_up(fields: &[Field], values: &mut [Json]) {
    let at = |name: &str| fields.iter().position(|f| f.name == name);
    let (Some(fee), Some(total)) = (at("fee"), at("total")) else { return };
    let cents = |i: Option<usize>| match i.and_then(|i| values.get(i)) {
        Some(Json::Hundredths(cents)) => *cents,
        _ => 0,
    };
    let sum = cents(at("price").or(at("amount"))) + cents(Some(fee));
    if let Some(slot) = values.get_mut(total) {
        *slot = Json::Hundredths(sum);
    }
}
