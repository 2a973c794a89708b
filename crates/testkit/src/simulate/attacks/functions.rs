//! Attacks on functions: routes that are for others.

use super::Tag;
use crate::simulate::device::Device;
use crate::simulate::serve::Ask;
use crate::simulate::session::Caller;
use crate::simulate::table::{Act, Route};
use crate::simulate::world::World;

fn for_staff(route: &Route) -> bool {
    !route.roles.is_empty() && !route.roles.contains(&"partner") && !route.roles.contains(&"job")
}

/// A normal user calls routes of staff.
pub(super) fn bfla(w: &mut World, tag: Tag) -> bool {
    if tag.variant == "method-switch" {
        return method_switch(w, tag);
    }
    let routes = w.api.routes_where(for_staff);
    if routes.is_empty() {
        return false;
    }
    let Some(mut caller) = w.insider() else { return false };
    w.step(&mut caller, "me");
    let attack = w.mark(tag);
    let (low, high, count) = if tag.variant == "patient-admin" { (1_500, 5_000, 16) } else { (2, 20, 24) };
    for _ in 0..count {
        // What worked is asked again: most of what follows the first tries succeeds.
        let works: Vec<usize> = routes.iter().copied().filter(|r| w.api.route(*r).broken).collect();
        let route = if !works.is_empty() && w.rng.chance(0.6) { *w.rng.pick(&works) } else { *w.rng.pick(&routes) };
        w.renew(&mut caller, attack);
        call_somehow(w, &mut caller, route);
        w.wait(low, high);
    }
    true
}

/// Calls a route with any object that fits, given or not.
pub(super) fn call_somehow(w: &mut World, caller: &mut Caller, route: usize) -> u16 {
    let api = std::rc::Rc::clone(&w.api);
    let spec = api.route(route);
    let mut ask = Ask::of(route);
    if let Some(kind) = spec.kind {
        let wanted = match spec.act {
            Act::List | Act::Search | Act::Export | Act::Create => {
                api.kind(kind).parent.filter(|p| spec.template.contains(&format!("{{{}}}", api.kind(*p).name)))
            }
            _ => Some(kind),
        };
        let all = wanted.map_or_else(Vec::new, |k| w.of_kind(k).to_vec());
        let any = if all.is_empty() { None } else { Some(*w.rng.pick(&all)) };
        match (spec.act, any) {
            (Act::List | Act::Search | Act::Export | Act::Create, any) => ask.parent = any,
            (_, Some(object)) => ask.object = Some(object),
            (_, None) => ask.raw = Some("1".to_owned()),
        }
        if spec.act == Act::Search {
            let all = w.of_kind(kind).to_vec();
            if !all.is_empty() {
                let about = *w.rng.pick(&all);
                ask = ask.search(w.searched(about));
            }
        }
    }
    w.perform(caller, &ask).status
}

/// Tries methods that its own pages never use on objects of its own.
fn method_switch(w: &mut World, tag: Tag) -> bool {
    let Some(mut caller) = w.insider() else { return false };
    let gets = w.api.routes_where(|r| r.act == Act::Get && r.roles.is_empty() && !r.new && r.method == "GET");
    let staff = w.api.routes_where(|r| for_staff(r) && matches!(r.act, Act::Delete | Act::Update));
    if gets.is_empty() {
        return false;
    }
    let mut known = Vec::new();
    for route in &gets {
        let kind = w.api.route(*route).kind.unwrap_or(0);
        if let Some(object) = w.known(&mut caller, kind) {
            known.push((*route, object));
        }
    }
    if known.is_empty() {
        return false;
    }
    w.mark(tag);
    for _ in 0..w.rng.between(10, 22) {
        if !staff.is_empty() && w.rng.chance(0.25) {
            let route = *w.rng.pick(&staff);
            call_somehow(w, &mut caller, route);
        } else {
            let (route, object) = *w.rng.pick(&known);
            let method = *w.rng.pick(&["DELETE", "PUT", "PATCH", "POST"]);
            w.perform(&mut caller, &Ask { method: Some(method), ..Ask::on(route, object) });
        }
        w.wait(3, 25);
    }
    true
}

/// Gives itself a role, then uses it.
pub(super) fn escalation(w: &mut World, tag: Tag) -> bool {
    let Some(route) = w.any_route(|r| r.act == Act::UpdateMe && r.broken) else { return false };
    let Some(mut caller) = w.insider() else { return false };
    let Some(user) = caller.user else { return false };
    w.step(&mut caller, "me");
    let attack = w.mark(tag);
    w.perform(&mut caller, &Ask::of(route).with("role", "admin"));
    w.wait(10, 60);
    if tag.variant == "raised-role-later" {
        w.now += w.left() / 4;
    }
    // A token keeps the role that it was issued with: the next login brings the new one.
    w.log.pause();
    w.enter(&mut caller, user);
    w.log.resume(attack);
    let routes = w.api.routes_where(|r| for_staff(r) && r.roles.contains(&"admin") && r.act != Act::Delete);
    for _ in 0..w.rng.between(12, 30) {
        if routes.is_empty() {
            break;
        }
        let route = *w.rng.pick(&routes);
        call_somehow(w, &mut caller, route);
        w.wait(4, 45);
    }
    true
}

/// One credential tries everything that the documentation, or the app's code, names.
pub(super) fn spray(w: &mut World, tag: Tag) -> bool {
    let Some(mut caller) = w.insider() else { return false };
    let mut routes = w.api.routes_where(|r| {
        !matches!(r.act, Act::Login | Act::Signup | Act::Reset | Act::Refresh)
            && r.service == 0
            && !r.new
            && r.act != Act::Delete
    });
    w.rng.shuffle(&mut routes);
    let attack = w.mark(tag);
    let (low, high) = if tag.variant == "fast" { (1, 6) } else { (120, 900) };
    for route in routes {
        w.renew(&mut caller, attack);
        let own = if w.api.route(route).roles.is_empty() { w.fill(&mut caller, route) } else { None };
        match own {
            Some(ask) => {
                w.perform(&mut caller, &ask);
            }
            None => {
                call_somehow(w, &mut caller, route);
            }
        }
        w.wait(low, high);
    }
    true
}

/// The credential of a program calls what this program never calls.
pub(super) fn lateral(w: &mut World, tag: Tag) -> bool {
    let service = tag.variant == "service-token";
    let role = if service { "job" } else { "partner" };
    let Some(user) = w.pick_person(|u| u.role == role) else { return false };
    let api = std::rc::Rc::clone(&w.api);
    let name = w.user(user).sub.clone();
    let who = if service { format!("job:{name}") } else { "partner".to_owned() };
    let usual: Vec<&str> = api
        .journeys
        .iter()
        .filter(|j| j.who == who)
        .flat_map(|j| j.steps.iter().map(|s| s.trim_end_matches(['?', '*', '+'])))
        .collect();
    let foreign = api.routes_where(|r| {
        !usual.contains(&r.op)
            && matches!(r.act, Act::List | Act::Get | Act::Search | Act::Static | Act::Create)
            && (if service { r.roles.contains(&"job") } else { !r.open && r.service == 0 })
    });
    if foreign.is_empty() {
        return false;
    }
    let mut caller = w.client_of(user);
    caller.device = Device::tool(&mut w.rng);
    w.enter(&mut caller, user);
    if service {
        caller.service = api.journeys.iter().find_map(|j| j.who.strip_prefix("job:").filter(|n| *n == name));
    }
    w.mark(tag);
    for _ in 0..w.rng.between(18, 45) {
        let route = *w.rng.pick(&foreign);
        call_somehow(w, &mut caller, route);
        w.wait(2, 30);
    }
    true
}
