//! Attacks on business: flows by script, steps left out, accounts of nobody.

use super::Tag;
use crate::simulate::device::Device;
use crate::simulate::people::hosted;
use crate::simulate::serve::Ask;
use crate::simulate::session::Caller;
use crate::simulate::table::{Act, Auth};
use crate::simulate::world::World;
use crate::values;

/// The same flow again and again, as regular as a clock.
pub(super) fn abuse(w: &mut World, tag: Tag) -> bool {
    let api = std::rc::Rc::clone(&w.api);
    if api.flows.is_empty() {
        return false;
    }
    let flow = w.rng.pick(&api.flows).clone();
    let Some(mut caller) = w.insider() else { return false };
    if api.auth != Auth::Key {
        caller.device = Device::tool(&mut w.rng);
    }
    caller.pace = 0;
    for op in &flow {
        w.prepare(&mut caller, op);
    }
    let (rounds, every) = if tag.variant == "scripted" { (w.scaled(60), 20) } else { (40, 900) };
    let attack = w.mark(tag);
    for _ in 0..rounds {
        let begin = w.now;
        w.renew(&mut caller, attack);
        for op in &flow {
            w.step(&mut caller, op);
        }
        w.now = begin + every * 1_000_000 + w.rng.between(0, 400) * 1000;
    }
    true
}

/// The last step of a flow without those before it.
pub(super) fn skipped(w: &mut World, tag: Tag) -> bool {
    let api = std::rc::Rc::clone(&w.api);
    if api.flows.is_empty() {
        return false;
    }
    let flow = w.rng.pick(&api.flows).clone();
    let Some(route) = flow.last().and_then(|op| api.route_named(op)) else { return false };
    let Some(mut caller) = w.insider() else { return false };
    let Some(kind) = api.route(route).kind else { return false };
    w.mark(tag);
    for _ in 0..w.rng.between(4, 12) {
        // What an earlier visit left, of anybody; else an id made up.
        let all = w.of_kind(kind).to_vec();
        let mut ask = Ask::of(route);
        if all.is_empty() {
            ask.raw = Some(values::uuid(&mut w.rng));
        } else {
            ask.object = Some(*w.rng.pick(&all));
        }
        w.perform(&mut caller, &ask);
        w.wait(6, 90);
    }
    true
}

/// Accounts of nobody: made by one program, hardly used.
pub(super) fn fake_accounts(w: &mut World, tag: Tag) -> bool {
    let Some(route) = w.api.of_act(Act::Signup) else { return false };
    let count = w.scaled(80);
    let device = Device::disguised(&mut w.rng);
    let network = hosted(&mut w.rng);
    let proxies = if tag.variant == "one-network" { vec![network] } else { w.proxies(count / 2 + 1) };
    w.mark(tag);
    for i in 0..count {
        let mut caller = Caller { pace: 3, ..Caller::stranger(w.rng.pick(&proxies).clone(), device.clone()) };
        let (first, last) = values::person(&mut w.rng);
        let email = format!("{}{}{i}@mail.test", first.to_lowercase(), last.to_lowercase());
        let password = w.rng.text(values::LOWER, 12);
        let before = w.users.len();
        w.perform(&mut caller, &Ask::of(route).with("email", email).with("password", password));
        if w.users.len() > before && w.rng.chance(0.3) {
            w.wait(2, 20);
            if w.enter(&mut caller, before) {
                w.step(&mut caller, "me");
            }
        }
        w.wait(15, 200);
    }
    true
}
