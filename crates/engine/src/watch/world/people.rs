//! Who is who: calls, roles and peers of everybody, who administers, and which addresses are shared.

use std::net::IpAddr;

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};

use super::{SHARERS_MIN, World};
use crate::actors::ActorKey;
use crate::watch::call::{NONE, text_hash};
use crate::watch::known::Few;

impl World<'_> {
    /// Gives everybody their calls and role, and finds peers.
    pub(super) fn meet_people(&mut self) {
        let by_key: HashMap<ActorKey, u32, FixedState> =
            (0..).zip(&self.people).map(|(number, person)| (person.key, number)).collect();
        for (number, seen) in (0..).zip(&self.calls) {
            let Some(person) = self.people.get_mut(seen.who as usize) else { continue };
            person.calls.push(number);
            let Some(details) = seen.details().filter(|_| seen.succeeded()) else { continue };
            let Some(role) = details.role.as_deref() else { continue };
            // Only an answer about oneself says one's own role, and that to a login is about who logs in.
            let function = self.places.get(seen.place as usize).map_or("", |place| place.function);
            let about_self = matches!(function, "profile" | "login" | "token");
            if details.role_answered && !about_self {
                continue;
            }
            let login = details.login.as_ref().filter(|_| details.role_answered);
            let who = login.map_or(Some(seen.who), |login| by_key.get(&ActorKey::of_user(&login.user)).copied());
            if let Some(person) = who.and_then(|who| self.people.get_mut(who as usize)) {
                let hash = text_hash(role);
                self.roles.entry(hash).or_insert_with(|| role.into());
                // The first role counts: who raised it later is to be told from who always had it.
                if person.role == 0 {
                    person.role = hash;
                }
            }
        }
        let mut by_peers: HashMap<(&str, u32), Vec<u32>, FixedState> = HashMap::default();
        for (number, person) in (0..).zip(&self.people) {
            by_peers.entry((person.kind, person.role)).or_default().push(number);
        }
        let mut groups: Vec<((&str, u32), Vec<u32>)> = by_peers.into_iter().collect();
        groups.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        self.groups = groups.into_iter().map(|(_, members)| members).collect();
        for (group, members) in (0..).zip(&self.groups) {
            for member in members {
                if let Some(person) = self.people.get_mut(*member as usize) {
                    person.group = group;
                }
            }
        }
    }

    /// Where roles are not told, what somebody does is his role.
    pub(super) fn find_administrators(&mut self) {
        let is_admin = |place: u32| self.places.get(place as usize).is_some_and(|place| place.function == "admin");
        let administers = self.people.iter().map(|person| {
            let calls = person.calls.iter().filter_map(|number| self.calls.get(*number as usize));
            let admin = calls.filter(|seen| is_admin(seen.place) && seen.succeeded()).count();
            admin >= 5 && admin * 3 >= person.calls.len()
        });
        let administers: Vec<bool> = administers.collect();
        self.people.iter_mut().zip(administers).for_each(|(person, administers)| person.administers = administers);
    }

    /// Addresses from which several people work are offices and gateways, not actors.
    pub(super) fn find_shared(&mut self) {
        let mut people: HashMap<IpAddr, Few, FixedState> = HashMap::default();
        for seen in self.calls.iter().filter(|seen| seen.call.authenticated) {
            let Some(address) = seen.address() else { continue };
            let here = people.entry(address).or_default();
            if here.len() < SHARERS_MIN && !here.contains(&seen.who) {
                here.push(seen.who);
            }
        }
        let shared = people.into_iter().filter(|(_, here)| here.len() >= SHARERS_MIN);
        let keys: HashSet<ActorKey> = shared.map(|(address, _)| ActorKey::of_address(address)).collect();
        self.people.iter_mut().for_each(|person| person.shared = keys.contains(&person.key));
    }

    pub(super) fn count_people(&mut self) {
        let mut at: HashMap<(u32, u32), bool, FixedState> = HashMap::default();
        for seen in self.calls.iter().filter(|seen| seen.place != NONE) {
            *at.entry((seen.place, seen.who)).or_default() |= seen.succeeded();
        }
        for ((place, _), succeeded) in at {
            if let Some(place) = self.places.get_mut(place as usize) {
                place.callers += 1;
                place.people += u32::from(succeeded);
            }
        }
    }
}
