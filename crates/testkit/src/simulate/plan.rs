//! What happens when: visits, programs, noise, and attacks.

use std::rc::Rc;

use super::attacks;
use super::device::{Device, Look};
use super::people::{hosted, household};
use super::serve::Ask;
use super::session::Caller;
use super::table::{Act, Auth, Journey};
use super::world::{DAY, HOUR, MINUTE, START_US, World};
use crate::rng::Rng;

/// What begins at a time.
#[derive(Clone, Copy)]
enum Event {
    Visit(usize),
    Visitor,
    Program(usize),
    Health,
    Crawler,
    Scanner,
    /// A job walks all objects of a kind.
    Batch,
    /// A day on which one of the staff works through a pile.
    Pile(usize),
    /// Somebody exports for the end of the month.
    MonthEnd(usize),
    Attack(usize),
}

/// Visits of customers by hour of their day.
const DAY_OF_CUSTOMERS: &[u32] = &[2, 1, 1, 1, 1, 2, 5, 8, 9, 9, 8, 8, 9, 8, 8, 8, 8, 10, 11, 11, 12, 11, 8, 4];
/// Visits of staff by hour; somebody is on call in the evening.
const DAY_OF_STAFF: &[u32] = &[0, 0, 0, 0, 0, 0, 1, 8, 18, 20, 20, 18, 10, 16, 20, 18, 14, 6, 2, 1, 1, 0, 1, 0];

/// Plays everything. `share` is the part of the exchanges that visits make.
pub(super) fn play(world: &mut World, exchanges: usize, attacks: bool) {
    let mut events = visits(world, exchanges);
    events.extend(background(world, exchanges));
    if attacks {
        events.extend(attacks::schedule(world).into_iter().enumerate().map(|(i, at)| (at, Event::Attack(i))));
    }
    events.sort_by_key(|(at, _)| *at);
    for (number, (at, event)) in events.into_iter().enumerate() {
        world.now = at;
        // Each event has a stream of its own: an attack does not change what others do.
        world.rng = match event {
            Event::Attack(i) => Rng::labeled(world.seed, &format!("attack {i}")),
            _ => Rng::labeled(world.seed, &format!("{at}")),
        };
        begin(world, number, event);
        world.log.pause();
    }
}

fn begin(world: &mut World, number: usize, event: Event) {
    match event {
        Event::Visit(user) => visit(world, user),
        Event::Visitor => {
            let device = Device::browser(&mut world.rng);
            let mut caller = Caller { pace: 25, ..Caller::stranger(household(&mut world.rng), device) };
            journey(world, &mut caller, "visitor");
        }
        Event::Program(user) => program(world, user),
        Event::Health => health(world),
        Event::Crawler => crawl(world),
        Event::Scanner => scan(world, number),
        Event::Batch => batch(world),
        Event::MonthEnd(user) => month_end(world, user),
        Event::Pile(user) => pile(world, user),
        Event::Attack(index) => attacks::begin(world, index),
    }
}

fn visits(world: &World, exchanges: usize) -> Vec<(i64, Event)> {
    let mut rng = Rng::labeled(world.seed, "plan");
    let mut customers: Vec<usize> = (0..world.users.len()).filter(|u| world.user(*u).is_customer()).collect();
    rng.shuffle(&mut customers);
    let staff: Vec<usize> =
        (0..world.users.len()).filter(|u| !world.user(*u).is_customer() && !world.user(*u).is_program()).collect();
    let sessions = exchanges * 80 / 10 / world.api.mean.max(1);
    let days = (world.end - START_US) / DAY;
    let has_visitors = world.api.journeys.iter().any(|j| j.who == "visitor");
    let mut events = Vec::new();
    for _ in 0..sessions {
        let day = START_US + rng.between(0, days - 1) * DAY;
        let within = rng.between(0, HOUR - 1);
        let by_staff = !staff.is_empty() && rng.between(1, 100) <= world.api.staff_share;
        let hours = if by_staff { DAY_OF_STAFF } else { DAY_OF_CUSTOMERS };
        let hour = i64::try_from(rng.weighted(hours)).unwrap_or(0);
        let (event, zone) = if by_staff {
            (Event::Visit(*rng.pick(&staff)), 0)
        } else if has_visitors && rng.between(1, 100) <= world.api.visitor_share {
            (Event::Visitor, rng.between(-3, 3))
        } else {
            let user = if rng.chance(0.75) { *rng.pick(&customers) } else { *rng.pick_skewed(&customers) };
            (Event::Visit(user), world.user(user).zone)
        };
        events.push((day + (hour - zone).rem_euclid(24) * HOUR + within, event));
    }
    // A message of marketing on the second evening.
    for _ in 0..sessions / 25 {
        let at =
            START_US + (days - 1).min(1) * DAY + 18 * HOUR + rng.between(0, 80) * MINUTE + rng.between(0, MINUTE - 1);
        events.push((at, Event::Visit(*rng.pick(&customers))));
    }
    events
}

fn background(world: &World, exchanges: usize) -> Vec<(i64, Event)> {
    let mut rng = Rng::labeled(world.seed, "background");
    let length = world.end - START_US;
    let mut events = Vec::new();
    let mut every = |rng: &mut Rng, interval: i64, jitter: i64, event: Event| {
        let mut at = START_US + rng.between(0, interval);
        while at < world.end {
            events.push((at + rng.between(0, jitter), event));
            at += interval;
        }
    };
    // Health checks are few against the rest, however much traffic was asked for.
    let calls = i64::try_from(exchanges).unwrap_or(1).max(1);
    every(&mut rng, length / (calls / 50).max(1), 20_000, Event::Health);
    every(&mut rng, length / (calls / 1500).max(1), 40 * MINUTE, Event::Crawler);
    every(&mut rng, length / (calls / 4000).max(1), 5 * HOUR, Event::Scanner);
    let programs: Vec<usize> = (0..world.users.len()).filter(|u| world.user(*u).is_program()).collect();
    for user in &programs {
        let visits = (calls / 12 / i64::try_from(programs.len()).unwrap_or(1) / 5).max(1);
        let jitter = if world.user(*user).role == "job" { 1_500_000 } else { 4 * MINUTE };
        every(&mut rng, length / visits, jitter, Event::Program(*user));
    }
    for day in 0..length / DAY {
        events.push((START_US + day * DAY + 2 * HOUR + 30 * MINUTE, Event::Batch));
    }
    let staff: Vec<usize> =
        (0..world.users.len()).filter(|u| !world.user(*u).is_customer() && !world.user(*u).is_program()).collect();
    for day in 0..length / DAY {
        if !staff.is_empty() {
            let at = START_US + day * DAY + rng.between(8, 14) * HOUR + rng.between(0, HOUR);
            events.push((at, Event::Pile(*rng.pick(&staff))));
        }
    }
    let customers: Vec<usize> = (0..world.users.len()).filter(|u| world.user(*u).is_customer()).collect();
    for _ in 0..2 {
        events.push((world.end - rng.between(8, 14) * HOUR, Event::MonthEnd(*rng.pick(&customers))));
    }
    events
}

fn visit(world: &mut World, user: usize) {
    if world.user(user).gone {
        return;
    }
    let Some(mut caller) = world.signed_in(user) else { return };
    if world.api.auth == Auth::Key && !world.user(user).is_program() && caller.role == "customer" {
        // An agent is a program that thinks between its calls.
        caller.pace = 6;
    }
    let role = world.user(user).habits.clone();
    let moves = caller.device.look != Look::Browser && world.rng.chance(0.05);
    if !world.user(user).is_customer() && world.rng.chance(0.02) {
        forbidden(world, &mut caller);
    }
    match caller.device.look {
        Look::Browser if world.rng.chance(0.02) => world.stray(&caller, "GET", "/favicon.ico"),
        Look::Android if world.rng.chance(0.02) => world.stray(&caller, "GET", "/v0/config"),
        _ => {}
    }
    journey(world, &mut caller, &role);
    while world.rng.chance(0.3) {
        journey(world, &mut caller, &role);
    }
    if moves {
        // Out of the house: the same token from the mobile network.
        caller.ip.clone_from(&world.user(user).networks.mobile);
        journey(world, &mut caller, &role);
    }
}

/// Somebody of the staff opens a page that is for another team, and is told so.
fn forbidden(world: &mut World, caller: &mut Caller) {
    let role = caller.role.clone();
    let closed = world.api.routes_where(|r| {
        r.act == Act::List && !r.broken && !r.roles.is_empty() && !r.roles.contains(&role.as_str()) && r.service == 0
    });
    let closed: Vec<usize> = closed.into_iter().filter(|r| !world.api.route(*r).template.contains('{')).collect();
    if !closed.is_empty() {
        let route = *world.rng.pick(&closed);
        world.perform(caller, &Ask::of(route));
        world.pause(9);
    }
}

/// One of the journeys of those people.
pub(super) fn journey(world: &mut World, caller: &mut Caller, who: &str) {
    let api = Rc::clone(&world.api);
    let wanted: Vec<&Journey> = api.journeys.iter().filter(|j| j.who == who).collect();
    let weights: Vec<u32> = wanted.iter().map(|j| j.weight).collect();
    if wanted.is_empty() {
        return;
    }
    if let Some(journey) = wanted.get(world.rng.weighted(&weights)) {
        world.visit(caller, journey);
    }
}

/// A partner or a job of our own, by its timetable.
pub(super) fn program(world: &mut World, user: usize) {
    let Some(mut caller) = world.signed_in(user) else { return };
    let api = Rc::clone(&world.api);
    let name = world.user(user).sub.clone();
    let job = format!("job:{name}");
    if let Some(journey) = api.journeys.iter().find(|j| j.who == job) {
        caller.service = journey.who.strip_prefix("job:");
        self::journey(world, &mut caller, &job);
    } else {
        journey(world, &mut caller, "partner");
    }
}

fn health(world: &mut World) {
    let caller = Caller::stranger("203.0.113.250".into(), Device::named(Look::Service, "kube-probe/1.33"));
    let mut entry = crate::har::Entry {
        method: "GET".into(),
        path: "/healthz".into(),
        status: 200,
        response_body: Some(crate::har::Body::json(&crate::object! { "status" => "ok" })),
        template: Some("/healthz".into()),
        duration_us: world.rng.between(8, 40) * 100,
        ..crate::har::Entry::default()
    };
    if world.now >= world.outage.0 && world.now < world.outage.1 {
        entry.status = 503;
    }
    world.send(&caller, 0, entry, None);
}

/// A search engine reads what is public.
fn crawl(world: &mut World) {
    let agent = "Mozilla/5.0 (compatible; Searchbot/2.1; +https://searchbot.example.org/bot.html)";
    let mut caller =
        Caller::stranger(format!("192.0.2.{}", 200 + world.rng.below(8)), Device::named(Look::Service, agent));
    world.stray(&caller, "GET", "/robots.txt");
    let open: Vec<&'static str> = {
        let open = world.api.routes_where(|r| r.open && matches!(r.act, Act::List | Act::Get));
        open.into_iter().map(|r| world.api.route(r).op).collect()
    };
    caller.pace = 8;
    for _ in 0..world.rng.between(3, 10) {
        let op = world.rng.word(&open);
        world.step(&mut caller, op);
    }
}

/// The internet's own noise: everybody's server is asked for a few of these.
fn scan(world: &mut World, number: usize) {
    let device = Device::tool(&mut world.rng);
    let caller = Caller::stranger(hosted(&mut world.rng), device);
    for i in 0..world.rng.between(1, 2) {
        let paths = crate::words::SCANNER_PATHS;
        let path = paths.get((number + i as usize) % paths.len()).copied().unwrap_or("/");
        world.stray(&caller, "GET", path);
        world.pause(3);
    }
}

/// The nightly job of a partner, or of our own, reads all that it has in its books.
fn batch(world: &mut World) {
    let programs: Vec<usize> = (0..world.users.len()).filter(|u| world.user(*u).role == "partner").collect();
    let routes = world.api.routes_where(|r| r.act == Act::Get && r.roles.contains(&"partner"));
    let (Some(user), Some(route)) = (programs.first().copied(), routes.first().copied()) else { return };
    let Some(kind) = world.api.route(route).kind else { return };
    let Some(mut caller) = world.signed_in(user) else { return };
    let all = world.of_kind(kind).to_vec();
    let begin = user * 7919 % all.len().max(1);
    for i in 0..(all.len() / 4).min(200) {
        if let Some(object) = all.get((begin + i) % all.len()) {
            world.perform(&mut caller, &Ask::on(route, *object));
            world.pause(0);
        }
    }
}

fn pile(world: &mut World, user: usize) {
    let Some(mut caller) = world.signed_in(user) else { return };
    let role = world.user(user).habits.clone();
    for _ in 0..world.rng.between(8, 14) {
        journey(world, &mut caller, &role);
    }
}

fn month_end(world: &mut World, user: usize) {
    let Some(mut caller) = world.signed_in(user) else { return };
    let exports: Vec<&'static str> = {
        let wanted = |r: &super::table::Route| r.act == Act::Export && r.roles.is_empty();
        world.api.routes_where(wanted).into_iter().map(|r| world.api.route(r).op).collect()
    };
    for _ in 0..world.rng.between(15, 30) {
        let op = world.rng.word(&exports);
        world.step(&mut caller, op);
    }
}
