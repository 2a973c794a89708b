//! Attacks that ask for one thing after the other: what exists, what there is to copy, what the server has.

use super::Tag;
use super::objects::ask_by_id;
use crate::simulate::device::Device;
use crate::simulate::people::hosted;
use crate::simulate::serve::Ask;
use crate::simulate::session::Caller;
use crate::simulate::table::{Act, Scope, Wire};
use crate::simulate::world::World;
use crate::values::{self, LOWER};
use crate::words::{SCANNER_PATHS, TOPICS};

/// Finds out which accounts, ids or codes exist.
pub(super) fn enumeration(w: &mut World, tag: Tag) -> bool {
    match tag.variant {
        "accounts" => accounts(w, tag),
        "codes" => codes(w, tag),
        "ids" => ids(w, tag, 1, 4, w.scaled(160)),
        _ => ids(w, tag, 240, 900, 60),
    }
}

/// Sign-up or the forgotten password tells which addresses have an account.
fn accounts(w: &mut World, tag: Tag) -> bool {
    let Some(route) = w.api.of_act(Act::Reset).or_else(|| w.api.of_act(Act::Signup)) else { return false };
    let mut caller = w.rented();
    w.mark(tag);
    for _ in 0..w.scaled(180) {
        let email = if w.rng.chance(0.12) {
            let known = w.rng.below(w.users.len());
            w.user(known).email.clone()
        } else {
            let (first, last) = values::person(&mut w.rng);
            values::email(&mut w.rng, first, last)
        };
        w.perform(&mut caller, &Ask::of(route).with("email", email));
        w.wait(1, 5);
    }
    true
}

/// Guesses coupons or invitations until one is taken.
fn codes(w: &mut World, tag: Tag) -> bool {
    let route =
        w.any_route(|r| r.op.contains("coupon") && matches!(r.act, Act::Get | Act::Do) && r.template.contains('{'));
    let Some(route) = route else { return false };
    let Some(kind) = w.api.route(route).kind else { return false };
    let Some(mut caller) = w.insider() else { return false };
    w.mark(tag);
    for _ in 0..w.scaled(150) {
        let all = w.of_kind(kind).to_vec();
        let code = if w.rng.chance(0.03) && !all.is_empty() {
            let known = *w.rng.pick(&all);
            w.object(known).id.clone()
        } else {
            format!("{}-{}", w.rng.word(TOPICS), w.rng.word(TOPICS))
        };
        ask_by_id(w, &mut caller, route, kind, &code);
        w.wait(2, 7);
    }
    true
}

/// Guesses ids of a route that checks: nearly all do not exist or are refused.
fn ids(w: &mut World, tag: Tag, low: i64, high: i64, count: usize) -> bool {
    let api = std::rc::Rc::clone(&w.api);
    let closed = |r: &crate::simulate::table::Route| {
        let personal = r.kind.is_some_and(|k| api.kind(k).scope != Scope::Public);
        r.act == Act::Get && r.roles.is_empty() && personal && r.wire == Wire::Rest
    };
    let checked = w.any_route(|r| closed(r) && !r.broken).or_else(|| w.any_route(closed));
    let Some(route) = checked else { return false };
    let Some(kind) = api.route(route).kind else { return false };
    let Some(mut caller) = w.insider() else { return false };
    let Some(own) = w.known(&mut caller, kind) else { return false };
    let sample = w.object(own).id.clone();
    let attack = w.mark(tag);
    for _ in 0..count {
        w.wait(low, high);
        w.renew(&mut caller, attack);
        let guess = match sample.parse::<i64>() {
            // A far jump: most numbers there were never used.
            Ok(number) => (number + 4_000 + w.rng.between(0, 90_000)).to_string(),
            Err(_) if sample.len() == 36 => values::uuid(&mut w.rng),
            Err(_) => {
                let prefix: String = sample.chars().take(3).collect();
                format!("{prefix}{}", w.rng.text(LOWER, sample.len().saturating_sub(3)))
            }
        };
        ask_by_id(w, &mut caller, route, kind, &guess);
    }
    true
}

/// Copies a list and the pages behind it.
pub(super) fn scraping(w: &mut World, tag: Tag) -> bool {
    let api = std::rc::Rc::clone(&w.api);
    let lists = api.routes_where(|r| {
        r.act == Act::List
            && r.roles.is_empty()
            && !r.new
            && r.wire != Wire::Mcp
            && r.kind.is_some_and(|k| api.kind(k).scope == Scope::Public && api.kind(k).parent.is_none())
    });
    if lists.is_empty() {
        return false;
    }
    // The longest list is what is worth it.
    let size = |r: &usize| api.route(*r).kind.map_or(0, |k| w.of_kind(k).len());
    let Some(list) = lists.iter().copied().max_by_key(size) else { return false };
    let Some(kind) = api.route(list).kind else { return false };
    let page = api
        .routes
        .iter()
        .position(|r| r.act == Act::Get && r.kind == Some(kind) && r.roles.is_empty() && r.wire != Wire::Mcp);
    let (addresses, low, high) = match tag.variant {
        "fast" => (1, 0, 1),
        "patient" => (1, 30, 110),
        _ => (w.scaled(60), 2, 20),
    };
    let open = api.route(list).open;
    let stranger = if open { Some(w.rented()) } else { w.insider() };
    let Some(mut caller) = stranger else { return false };
    if addresses > 1 {
        caller.device = Device::disguised(&mut w.rng);
    }
    let proxies = w.proxies(addresses);
    let attack = w.mark(tag);
    let most = w.scaled(500);
    let mut calls = 0;
    for number in 1..200 {
        w.renew(&mut caller, attack);
        if addresses > 1 {
            caller.ip = w.rng.pick(&proxies).clone();
        }
        let got = w.perform(&mut caller, &Ask::of(list).paged(number, 20)).objects;
        calls += 1;
        for object in &got {
            let Some(page) = page else { break };
            if addresses > 1 {
                caller.ip = w.rng.pick(&proxies).clone();
            }
            w.perform(&mut caller, &Ask::on(page, *object));
            calls += 1;
            w.wait(low, high);
        }
        if got.is_empty() || calls > most {
            break;
        }
        w.wait(low, high);
    }
    true
}

/// Words that APIs have behind their versions.
const API_WORDS: &[&str] = &[
    "swagger.json",
    "openapi.json",
    "api-docs",
    "graphql",
    "graphiql",
    "internal",
    "debug",
    "metrics",
    "actuator/env",
    "health/details",
    "v0/users",
    "v2/users",
    "v3/users",
    "beta/accounts",
    "private",
    "test",
    "staging",
    "export",
    "backup",
    "config",
    "settings",
    "keys",
    "tokens",
    "sessions",
    "dump",
    "console",
    "jobs",
    "queues",
    "flags",
    "logs",
];

/// Asks for paths that servers often have.
pub(super) fn recon(w: &mut World, tag: Tag) -> bool {
    let device = Device::tool(&mut w.rng);
    let caller = Caller::stranger(hosted(&mut w.rng), device);
    let (count, low, high) = match tag.variant {
        "loud" => (w.scaled(180), 0, 1),
        "api-words" => (w.scaled(90), 1, 6),
        _ => (60, 300, 1_500),
    };
    w.mark(tag);
    for i in 0..count {
        let known = SCANNER_PATHS.get(i % SCANNER_PATHS.len()).copied().unwrap_or("/");
        let path = if tag.variant == "api-words" || (i >= SCANNER_PATHS.len() && w.rng.chance(0.6)) {
            format!("/{}{}", w.rng.word(&["", "v1/", "v2/", "api/", "api/v1/", "admin/"]), w.rng.word(API_WORDS))
        } else {
            known.to_owned()
        };
        let method = if w.rng.chance(0.06) { "OPTIONS" } else { "GET" };
        w.stray(&caller, method, &path);
        w.wait(low, high);
    }
    true
}
