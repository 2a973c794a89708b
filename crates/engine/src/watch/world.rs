//! Everything that is watched, in order of time, with settled endpoints, people and what they were given: what the
//! detectors read. Built anew for each judgment and thrown away after it.

use std::net::IpAddr;
use std::ops::Range;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use smallvec::SmallVec;
use vedette_model::results::{Endpoint, Results};
use vedette_parse::url;

use super::call::{Call, Chunk, Details, Kind, NONE, text_hash};
use super::known::{Few, Known};
use super::logins::Logins;
use super::{Watch, names};
use crate::actors::{ActorKey, Actors};
use crate::checks::wording;
use crate::engine::METHODS;
use crate::router::Router;

mod people;

/// Detectors that judge by a population and share the budget.
const SHARE_THE_BUDGET: f64 = 16.0;

/// People who show credentials from one address before it is shared.
const SHARERS_MIN: usize = 4;

/// False alarms that are accepted of a recording however short it is: one in ten has one.
const SHORT: f64 = 0.1;

/// Seconds of a day.
pub(crate) const DAY_SECS: i64 = 86_400;

/// Seconds of a week.
const WEEK_SECS: f64 = 604_800.0;

/// One call in the world.
pub(crate) struct Seen<'a> {
    pub(crate) call: &'a Call,
    chunk: &'a Chunk,
    /// Number in [`World::people`].
    pub(crate) who: u32,
    /// Number in [`World::places`]; [`NONE`] for what no endpoint took.
    pub(crate) place: u32,
    /// Values that name things, or that the server decided.
    pub(crate) objects: SmallVec<[Object; 2]>,
}

/// A value that a call sent in a slot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Object {
    /// Number in [`World::slots`].
    pub(crate) slot: u32,
    pub(crate) value: u32,
    /// The actor had been given it, made it, or everybody has it.
    pub(crate) explained: bool,
    /// The actor had not used it here before.
    pub(crate) fresh: bool,
    /// Its value, of a number in a query or body.
    pub(crate) number: f32,
}

/// A parameter: of paths that begin alike, or a named field of one endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) name: String,
    pub(crate) kind: SlotKind,
}

/// Where the values of a slot stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SlotKind {
    /// In the path.
    Path,
    /// In a query or body, under a name that means an id.
    Id,
    /// In a query or body, under another name.
    Field,
}

/// Somebody.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) key: ActorKey,
    /// `user`, `client`, `session`, `token`, `address`, `unknown`.
    pub(crate) kind: &'static str,
    /// Name of a user whose sessions were joined.
    pub(crate) name: Option<Box<str>>,
    /// Calls in order of time.
    pub(crate) calls: Vec<u32>,
    /// Hash of the role; 0 when none was told.
    pub(crate) role: u32,
    /// Number of the peer group.
    pub(crate) group: u32,
    /// An address that several people share.
    pub(crate) shared: bool,
    /// Spends much of its calls on administration.
    pub(crate) administers: bool,
    /// Says that it crawls.
    pub(crate) crawler: bool,
    /// Sessions that were joined.
    pub(crate) sessions: Vec<ActorKey>,
}

/// An endpoint with what is known of its use.
pub(crate) struct Place<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) function: &'a str,
    pub(crate) writes: bool,
    /// People who succeeded here.
    pub(crate) people: u32,
    /// People who called.
    pub(crate) callers: u32,
    parameters: SmallVec<[Parameter; 2]>,
}

/// A parameter of a path: its segment, its slot, and the bytes of fixed text before and behind it.
#[derive(Clone, Copy, Debug)]
struct Parameter {
    segment: usize,
    slot: u32,
    before: usize,
    behind: usize,
}

/// All of it.
pub(crate) struct World<'a> {
    pub(crate) calls: Vec<Seen<'a>>,
    pub(crate) people: Vec<Person>,
    pub(crate) places: Vec<Place<'a>>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) known: Known,
    /// Who used a value of a slot with success.
    pub(crate) users: HashMap<(u32, u32), Few, FixedState>,
    pub(crate) roles: HashMap<u32, Box<str>, FixedState>,
    /// Members of each peer group.
    pub(crate) groups: Vec<Vec<u32>>,
    pub(crate) logins: Logins<'a>,
    pub(crate) watch: &'a Watch,
    pub(crate) actors: &'a Actors,
    /// Tail below which a surprise is an alarm.
    pub(crate) alpha: f64,
}

impl<'a> Seen<'a> {
    pub(crate) fn succeeded(&self) -> bool {
        (200..400).contains(&self.call.status)
    }

    pub(crate) fn failed(&self) -> bool {
        (400..500).contains(&self.call.status)
    }

    pub(crate) fn secs(&self) -> i64 {
        self.call.at / 1_000_000
    }

    pub(crate) fn path(&self) -> &str {
        self.chunk.text(self.call.path)
    }

    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.chunk.address(self.call.address)
    }

    pub(crate) fn details(&self) -> Option<&'a Details> {
        self.call.details.as_deref()
    }
}

/// The network of an address: what one operator gives to neighbors.
pub(crate) fn network(address: IpAddr) -> u64 {
    match address {
        IpAddr::V4(v4) => u64::from(u32::from(v4) >> 8),
        IpAddr::V6(v6) => (u128::from(v6) >> 80) as u64,
    }
}

impl<'a> World<'a> {
    /// Reads all that is watched. `services` are the names of service numbers.
    pub(crate) fn new(watch: &'a Watch, services: &[&str], results: &'a Results, actors: &'a Actors) -> Self {
        let mut world = Self {
            calls: Vec::new(),
            people: Vec::new(),
            places: Vec::new(),
            slots: Vec::new(),
            known: Known::default(),
            users: HashMap::default(),
            roles: HashMap::default(),
            groups: Vec::new(),
            logins: Logins::default(),
            watch,
            actors,
            alpha: 0.0,
        };
        world.settle_places(results);
        let aliases = aliases(watch);
        world.read(services, results, &aliases);
        world.calls.sort_by_key(|seen| (seen.call.at, seen.call.seen_at));
        world.meet_people();
        world.follow_values();
        world.count_people();
        world.find_administrators();
        world.find_shared();
        world.alpha = world.alpha();
        world.logins = Logins::of(&world);
        world
    }

    fn settle_places(&mut self, results: &'a Results) {
        let mut slots: HashMap<String, u32, FixedState> = HashMap::default();
        for endpoint in &results.endpoints {
            let mut parameters = SmallVec::new();
            let mut prefix = endpoint.service.clone();
            for (at, segment) in endpoint.path_template().split('/').enumerate() {
                prefix.push('/');
                let Some((before, rest)) = segment.split_once('{') else {
                    prefix.push_str(segment);
                    continue;
                };
                prefix.push_str(before);
                prefix.push_str("{}");
                let slot = *slots.entry(prefix.clone()).or_insert_with(|| {
                    let name = rest.split('}').next().unwrap_or("id").to_owned();
                    self.slots.push(Slot { name, kind: SlotKind::Path });
                    self.slots.len() as u32 - 1
                });
                let behind = rest.rsplit_once('}').map_or(0, |(_, behind)| behind.len());
                parameters.push(Parameter { segment: at, slot, before: before.len(), behind });
            }
            self.places.push(Place {
                endpoint,
                function: endpoint.function.as_deref().unwrap_or(""),
                writes: endpoint.is_write(),
                people: 0,
                callers: 0,
                parameters,
            });
        }
    }

    fn read(&mut self, services: &[&str], results: &Results, aliases: &Aliases) {
        let router = Router::new(results);
        let ids = results.endpoints.iter().map(|endpoint| u64::from_str_radix(&endpoint.id, 16).unwrap_or(0));
        let by_id: HashMap<u64, u32, FixedState> = ids.zip(0..).collect();
        let mut by_key: HashMap<ActorKey, u32, FixedState> = HashMap::default();
        let mut fields: HashMap<(u32, u32), u32, FixedState> = HashMap::default();
        for chunk in self.watch.chunks() {
            let mut routed: HashMap<(u16, u16, u32, u32), u32, FixedState> = HashMap::default();
            for call in &chunk.calls {
                let place = *routed.entry((call.service, call.method, call.path, call.name)).or_insert_with(|| {
                    let service = services.get(usize::from(call.service)).copied().unwrap_or_default();
                    let method = METHODS.get(usize::from(call.method)).copied().unwrap_or_default();
                    let name = Some(chunk.text(call.name)).filter(|_| call.name != NONE);
                    let route = router.route(service, method, chunk.text(call.path), name);
                    route.and_then(|route| by_id.get(&route.endpoint_id).copied()).unwrap_or(NONE)
                });
                let who = self.person(call.actor, aliases, &mut by_key);
                let mut seen = Seen { call, chunk, who, place, objects: SmallVec::new() };
                self.path_objects(&mut seen);
                self.field_objects(&mut seen, &mut fields);
                self.calls.push(seen);
            }
        }
    }

    fn person(&mut self, actor: ActorKey, aliases: &Aliases, by_key: &mut HashMap<ActorKey, u32, FixedState>) -> u32 {
        let name = aliases.get(&actor);
        let key = name.map_or(actor, |name| ActorKey::of_user(name));
        let who = *by_key.entry(key).or_insert_with(|| {
            let (kind, crawler) = self.actors.kind(actor).unwrap_or(("unknown", false));
            self.people.push(Person {
                key,
                kind: if name.is_some() { "user" } else { kind },
                name: name.cloned(),
                calls: Vec::new(),
                role: 0,
                group: 0,
                shared: false,
                administers: false,
                crawler,
                sessions: Vec::new(),
            });
            self.people.len() as u32 - 1
        });
        if name.is_some()
            && let Some(person) = self.people.get_mut(who as usize)
            && !person.sessions.contains(&actor)
            && person.sessions.len() < 64
        {
            person.sessions.push(actor);
        }
        who
    }

    fn path_objects(&self, seen: &mut Seen<'_>) {
        let Some(place) = self.places.get(seen.place as usize) else { return };
        if place.parameters.is_empty() {
            return;
        }
        let values: SmallVec<[(u32, u32); 2]> = place
            .parameters
            .iter()
            .filter_map(|parameter| {
                let mut segments = seen.path().split('/').filter(|s| !s.is_empty());
                let raw = segments.nth(parameter.segment.saturating_sub(1))?;
                let end = raw.len().checked_sub(parameter.behind)?;
                Some((parameter.slot, text_hash(&url::percent_decode(raw.get(parameter.before..end)?))))
            })
            .collect();
        seen.objects.extend(values.into_iter().map(|(slot, value)| Object {
            slot,
            value,
            explained: false,
            fresh: false,
            number: f32::NAN,
        }));
    }

    fn field_objects(&mut self, seen: &mut Seen<'_>, fields: &mut HashMap<(u32, u32), u32, FixedState>) {
        let Some(details) = seen.call.details.as_deref().filter(|_| seen.place != NONE) else { return };
        for sent in details.sent.iter().filter(|sent| sent.kind != Kind::Bool) {
            let slot = *fields.entry((seen.place, sent.name)).or_insert_with(|| {
                let name = self.watch.names.get(&sent.name).map_or("", |name| name);
                let kind = if names::is_id(name) { SlotKind::Id } else { SlotKind::Field };
                self.slots.push(Slot { name: name.to_owned(), kind });
                self.slots.len() as u32 - 1
            });
            let (value, number) = (sent.value, sent.number);
            seen.objects.push(Object { slot, value, explained: false, fresh: false, number });
        }
    }

    /// Walks through time: what is sent is compared with what was given before.
    fn follow_values(&mut self) {
        let mut known = Known::new(self.people.len());
        for seen in &self.calls {
            let Some(details) = seen.details() else { continue };
            details.given.iter().for_each(|value| known.hold(seen.who, *value));
        }
        let by_address: HashMap<ActorKey, u32, FixedState> =
            (0..).zip(&self.people).filter(|(_, p)| p.kind == "address").map(|(n, p)| (p.key, n)).collect();
        let mut used: HashMap<(u32, u32, u32), (), FixedState> = HashMap::default();
        let cap = (self.people.len() / 50).clamp(8, 64);
        let own: Vec<u32> = self.people.iter().map(|p| p.name.as_deref().map_or(0, text_hash)).collect();
        for seen in &mut self.calls {
            let who = seen.who;
            let before_login = seen.address().and_then(|ip| by_address.get(&ActorKey::of_address(ip)).copied());
            let succeeded = (200..400).contains(&seen.call.status);
            for object in &mut seen.objects {
                let value = object.value;
                object.fresh = used.insert((who, object.slot, value), ()).is_none();
                object.explained = known.has(who, value)
                    || before_login.is_some_and(|address| known.has(address, value))
                    || own.get(who as usize) == Some(&value)
                    || known.is_public(value);
                if succeeded {
                    let users = self.users.entry((object.slot, value)).or_default();
                    if users.len() < cap && !users.contains(&who) {
                        users.push(who);
                    }
                }
            }
            if let Some(details) = seen.call.details.as_deref() {
                details.given.iter().for_each(|value| known.give(who, *value));
            }
            // What was made under a name of the client's own is its own.
            let made = succeeded && matches!(METHODS.get(usize::from(seen.call.method)), Some(&("POST" | "PUT")));
            if made {
                seen.objects.iter().for_each(|object| known.give(who, object.value));
            }
        }
        self.known = known;
    }

    /// The budget's share of one judgment: false alarms accepted in the time watched, over all that is judged.
    fn alpha(&self) -> f64 {
        let span = self.span_secs() as f64;
        let accepted = (self.watch.budget * span / WEEK_SECS).max(SHORT.min(self.watch.budget));
        (accepted / (self.people.len().max(1) as f64 * SHARE_THE_BUDGET)).min(1e-3)
    }

    /// Seconds from the first call to the last.
    pub(crate) fn span_secs(&self) -> i64 {
        let ends = self.calls.first().zip(self.calls.last());
        ends.map_or(0, |(first, last)| last.secs() - first.secs())
    }

    pub(crate) fn seen(&self, number: u32) -> Option<&Seen<'a>> {
        self.calls.get(number as usize)
    }

    pub(crate) fn place(&self, number: u32) -> Option<&Place<'a>> {
        self.places.get(number as usize)
    }

    pub(crate) fn person_at(&self, number: u32) -> Option<&Person> {
        self.people.get(number as usize)
    }

    /// Calls of somebody in order of time, with their numbers.
    pub(crate) fn calls_of(&self, who: u32) -> impl Iterator<Item = (u32, &Seen<'a>)> {
        let calls = self.person_at(who).map_or(&[][..], |person| person.calls.as_slice());
        calls.iter().filter_map(|number| Some((*number, self.seen(*number)?)))
    }

    /// The window in which most of some calls lie, which are in order of time: their places among those given.
    pub(crate) fn busiest(&self, calls: &[u32], window_secs: i64) -> Range<usize> {
        let secs = |at: usize| calls.get(at).and_then(|number| self.seen(*number)).map_or(0, Seen::secs);
        let (mut best, mut begin) = (0..0, 0);
        for at in 0..calls.len() {
            while secs(at) - secs(begin) > window_secs {
                begin += 1;
            }
            if at + 1 - begin > best.len() {
                best = begin..at + 1;
            }
        }
        best
    }

    /// The largest page size that a call asks for; 0 when it asks for none.
    pub(crate) fn page_size(&self, seen: &Seen<'_>) -> f64 {
        let sent = seen.details().map_or(&[][..], |details| details.sent.as_slice());
        let sizes = sent.iter().filter(|sent| names::is_page_size(self.field(sent.name)));
        sizes.map(|sent| f64::from(sent.number)).filter(|number| number.is_finite()).fold(0.0, f64::max)
    }

    /// Everybody, with their numbers.
    pub(crate) fn everybody(&self) -> impl Iterator<Item = (u32, &Person)> {
        (0..).zip(&self.people)
    }

    /// Members of somebody's peer group; all of its kind where the group is small.
    pub(crate) fn peers(&self, person: &Person) -> Vec<u32> {
        let group = self.groups.get(person.group as usize).map_or(&[][..], Vec::as_slice);
        if group.len() >= super::calibrate::MEMBERS_MIN {
            return group.to_vec();
        }
        self.everybody().filter(|(_, other)| other.kind == person.kind).map(|(number, _)| number).collect()
    }

    /// Has a role that few have: staff, who work with the data of many.
    pub(crate) fn is_of_few(&self, person: &Person) -> bool {
        let group = self.groups.get(person.group as usize).map_or(0, Vec::len);
        person.role != 0 && group * 5 <= self.people.len() || person.role == 0 && person.administers
    }

    /// A call that makes an account: by its path, or because it takes a name and a password and starts no session.
    pub(crate) fn is_sign_up(&self, seen: &Seen<'_>) -> bool {
        let Some(place) = self.place(seen.place).filter(|place| place.writes) else { return false };
        let content = || {
            let details = seen.details().filter(|details| details.login.is_some() && details.issued.is_empty());
            details.is_some() && seen.call.status == 201 && !matches!(place.function, "login" | "token")
        };
        place.function == "sign-up" || content()
    }

    /// `METHOD template` of a place.
    pub(crate) fn place_name(&self, place: u32) -> String {
        self.place(place).map_or_else(String::new, |place| wording::place(place.endpoint))
    }

    /// The place of a call; what landed on none is named by its method, for its path may hold anything.
    pub(crate) fn place_or_path(&self, seen: &Seen<'_>) -> String {
        if seen.place != NONE {
            return self.place_name(seen.place);
        }
        format!("{} of no known endpoint", METHODS.get(usize::from(seen.call.method)).unwrap_or(&"OTHER"))
    }

    /// The name of a field.
    pub(crate) fn field(&self, name: u32) -> &str {
        self.watch.names.get(&name).map_or("?", |name| name)
    }

    pub(crate) fn role(&self, role: u32) -> &str {
        self.roles.get(&role).map_or("none", |role| role)
    }
}

/// Names of users by the session or token that their login was answered with.
type Aliases = HashMap<ActorKey, Box<str>, FixedState>;

fn aliases(watch: &Watch) -> Aliases {
    let mut aliases = Aliases::default();
    for call in watch.chunks().flat_map(|chunk| &chunk.calls) {
        let Some(details) = call.details.as_deref().filter(|_| (200..400).contains(&call.status)) else { continue };
        let Some(login) = &details.login else { continue };
        for issued in &details.issued {
            aliases.insert(ActorKey::of_session(*issued), login.user.clone());
            aliases.insert(ActorKey::of_token(*issued), login.user.clone());
        }
    }
    aliases
}
