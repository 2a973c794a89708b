//! Attacks on objects: other people's, and values that clients have no business to set.

use super::{Tag, is_personal};
use crate::json::Json;
use crate::simulate::serve::Ask;
use crate::simulate::session::Caller;
use crate::simulate::table::{Act, Scope, Wire};
use crate::simulate::world::World;

/// Reads or changes objects of others, one by one.
pub(super) fn bola(w: &mut World, tag: Tag) -> bool {
    match tag.variant {
        "sequential-walk" => walk(w, tag, 3, 9, 90),
        "patient-walk" => walk(w, tag, 2_400, 4_800, 26),
        "leaked-uuid" => leaked(w, tag, 4, 30, 24),
        "patient-uuid" => leaked(w, tag, 2_600, 6_000, 14),
        "graphql" => graphql(w, tag),
        "several-accounts" => several(w, tag),
        _ => write(w, tag),
    }
}

/// Counts up from an id of its own.
fn walk(w: &mut World, tag: Tag, low: i64, high: i64, count: i64) -> bool {
    let api = std::rc::Rc::clone(&w.api);
    let counted = |kind: Option<usize>| kind.is_some_and(|k| api.kind(k).ids.starts_with("seq:"));
    let Some(route) = w.any_route(|r| is_personal(r) && r.wire != Wire::GraphQl && counted(r.kind)) else {
        return false;
    };
    let Some(mut caller) = w.insider() else { return false };
    let kind = api.route(route).kind.unwrap_or(0);
    // It begins like everybody: with something of its own.
    let Some(own) = w.known(&mut caller, kind) else { return false };
    w.perform(&mut caller, &Ask::on(route, own));
    let Ok(begin) = w.object(own).id.parse::<i64>() else { return false };
    let attack = w.mark(tag);
    let count = w.rng.between(count * 2 / 3, count * 4 / 3);
    let mut id = begin - w.rng.between(0, count);
    for _ in 0..count {
        w.wait(low, high);
        w.renew(&mut caller, attack);
        id += 1;
        ask_by_id(w, &mut caller, route, kind, &id.to_string());
    }
    true
}

/// Asks for an id that may or may not exist.
pub(super) fn ask_by_id(w: &mut World, caller: &mut Caller, route: usize, kind: usize, id: &str) -> u16 {
    let ask = match w.find(kind, id) {
        Some(object) => Ask::on(route, object),
        None => Ask { raw: Some(id.to_owned()), ..Ask::of(route) },
    };
    w.perform(caller, &ask).status
}

/// Has ids that nobody can guess from somewhere else: a mail, a log, another API.
fn leaked(w: &mut World, tag: Tag, low: i64, high: i64, count: i64) -> bool {
    let api = std::rc::Rc::clone(&w.api);
    let random = |kind: Option<usize>| kind.is_some_and(|k| !api.kind(k).ids.starts_with("seq:"));
    let route = w.any_route(|r| is_personal(r) && r.wire != Wire::GraphQl && random(r.kind));
    let Some(route) = route else { return false };
    read_others(w, tag, route, (low, high), count)
}

/// Several accounts of one attacker take turns, so that none of them reads much.
fn several(w: &mut World, tag: Tag) -> bool {
    let Some(route) = w.any_route(|r| is_personal(r) && r.wire == Wire::Rest) else { return false };
    let Some(kind) = w.api.route(route).kind else { return false };
    let accounts: Vec<Caller> = (0..5).filter_map(|_| w.insider()).collect();
    let mut victims = w.of_others(accounts.first().and_then(|c| c.user).unwrap_or(0), kind);
    w.rng.shuffle(&mut victims);
    let attack = w.mark(tag);
    let mut callers = accounts;
    for (i, victim) in victims.into_iter().take(32).enumerate() {
        let turn = i % callers.len().max(1);
        let Some(caller) = callers.get_mut(turn) else { return false };
        w.wait(60, 400);
        w.renew(caller, attack);
        w.perform(caller, &Ask::on(route, victim));
    }
    true
}

fn graphql(w: &mut World, tag: Tag) -> bool {
    let Some(route) = w.any_route(|r| is_personal(r) && r.wire == Wire::GraphQl) else { return false };
    read_others(w, tag, route, (2, 15), 30)
}

fn read_others(w: &mut World, tag: Tag, route: usize, pace: (i64, i64), count: i64) -> bool {
    let Some(kind) = w.api.route(route).kind else { return false };
    let Some(mut caller) = w.insider() else { return false };
    if let Some(own) = w.known(&mut caller, kind) {
        w.perform(&mut caller, &Ask::on(route, own));
    }
    let mut victims = w.of_others(caller.user.unwrap_or(0), kind);
    w.rng.shuffle(&mut victims);
    let attack = w.mark(tag);
    let count = w.rng.between(count * 2 / 3, count * 4 / 3) as usize;
    for victim in victims.into_iter().take(count) {
        w.wait(pace.0, pace.1);
        w.renew(&mut caller, attack);
        w.perform(&mut caller, &Ask::on(route, victim));
    }
    true
}

/// Changes or deletes what others own.
fn write(w: &mut World, tag: Tag) -> bool {
    let route = w.any_route(|r| {
        matches!(r.act, Act::Update | Act::Delete) && r.broken && r.roles.is_empty() && r.template.contains('{')
    });
    let Some(route) = route else { return false };
    let Some(kind) = w.api.route(route).kind else { return false };
    let Some(mut caller) = w.insider() else { return false };
    w.known(&mut caller, kind);
    let mut victims = w.of_others(caller.user.unwrap_or(0), kind);
    w.rng.shuffle(&mut victims);
    w.mark(tag);
    let count = w.rng.between(4, 12) as usize;
    for victim in victims.into_iter().take(count) {
        w.wait(8, 90);
        w.perform(&mut caller, &Ask::on(route, victim));
    }
    true
}

/// Sends fields that only the server sets.
pub(super) fn mass_assignment(w: &mut World, tag: Tag) -> bool {
    let api = std::rc::Rc::clone(&w.api);
    let profile = tag.variant == "profile-role";
    let route = w.any_route(|r| {
        let takes = if profile { r.act == Act::UpdateMe } else { matches!(r.act, Act::Create | Act::Update) };
        takes && r.broken && r.roles.is_empty() && r.wire == Wire::Rest
    });
    let Some(route) = route else { return false };
    let Some(mut caller) = w.insider() else { return false };
    let Some(ask) = w.fill(&mut caller, route) else { return false };
    let kind = api.route(route).kind.unwrap_or(0);
    let server = api.kind(kind).fields.iter().filter(|f| !f.sent && !f.new && f.make != "role");
    let mut extras: Vec<(&str, Json)> = server.map(|f| (f.name, wished(f.make))).collect();
    if profile {
        extras.extend([("is_admin", Json::Bool(true)), ("credit_limit", 1_000_000.into()), ("verified", true.into())]);
    }
    w.rng.shuffle(&mut extras);
    w.mark(tag);
    let tries = w.rng.between(2, 5) as usize;
    for (name, value) in extras.into_iter().take(tries) {
        w.perform(&mut caller, &ask.clone().with(name, value));
        w.wait(10, 120);
    }
    true
}

/// What somebody would like such a field to be.
fn wished(make: &str) -> Json {
    match make {
        "money" | "price" | "fee" => Json::Hundredths(99_999_900),
        choice if choice.starts_with("(true") => true.into(),
        number if number.contains("..") => 99.into(),
        _ => "approved".into(),
    }
}

/// Sends a server-issued value back changed.
pub(super) fn tampering(w: &mut World, tag: Tag) -> bool {
    let api = std::rc::Rc::clone(&w.api);
    let Some(route) = w.any_route(|r| r.act == Act::Do && !r.echo.is_empty() && r.wire == Wire::Rest) else {
        return false;
    };
    let spec = api.route(route);
    let Some(flow) = api.flows.iter().find(|f| f.last() == Some(&spec.op)) else { return false };
    let Some(kind) = spec.kind else { return false };
    let Some(mut caller) = w.insider() else { return false };
    let attack = w.mark(tag);
    for _ in 0..w.rng.between(3, 8) {
        w.log.pause();
        for op in flow.iter().take(flow.len() - 1) {
            w.prepare(&mut caller, op);
            w.step(&mut caller, op);
        }
        let Some(object) = caller.given.iter().rev().find(|o| w.object(**o).kind == kind).copied() else {
            return false;
        };
        w.log.resume(attack);
        let mut ask = Ask::on(route, object);
        for name in spec.echo.iter().skip(1) {
            let at = api.kind(kind).fields.iter().position(|f| f.name == *name);
            let Some(Json::Hundredths(cents)) = at.and_then(|i| w.object(object).values.get(i)).cloned() else {
                continue;
            };
            let changed = match tag.variant {
                "zero" => 0,
                "negative" => -cents,
                _ => cents * 9 / 10,
            };
            ask = ask.with(name, Json::Hundredths(changed));
        }
        w.perform(&mut caller, &ask);
        w.wait(20, 400);
    }
    true
}

impl World {
    /// Asks for what a step's body will name: the lists of the kinds that it refers to.
    pub(in crate::simulate) fn prepare(&mut self, caller: &mut Caller, op: &str) {
        let api = std::rc::Rc::clone(&self.api);
        let kind = api.route_named(op).and_then(|r| api.route(r).kind);
        let Some(kind) = kind.filter(|k| api.kind(*k).scope != Scope::Public) else { return };
        for field in &api.kind(kind).fields {
            if let Some(kind) = field.make.strip_prefix("ref:").and_then(|k| api.kind_named(k)) {
                self.known(caller, kind);
            }
        }
    }
}
