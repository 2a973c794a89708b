//! Attacks on accounts: guessed, leaked and stolen passwords.

use super::{Tag, whole};
use crate::simulate::device::Device;
use crate::simulate::people::household;
use crate::simulate::serve::Ask;
use crate::simulate::session::Caller;
use crate::simulate::table::{Act, Auth};
use crate::simulate::world::{HOUR, World};
use crate::values;
use crate::words::TOPICS;

/// Passwords that people choose.
const COMMON: &[&str] =
    &["Summer2026!", "Welcome1", "Password123", "Qwerty2026", "Autumn2026!", "Liverpool1", "Changeme1"];

/// Replays a leaked list of names and passwords: few of the people are here, fewer still use the same password.
pub(super) fn stuffing(w: &mut World, tag: Tag) -> bool {
    if w.api.of_act(Act::Login).is_none() || w.api.auth == Auth::Key {
        return false;
    }
    let (attempts, addresses, low, high) = match tag.variant {
        "one-address" => (w.scaled(320), 1, 200, 1_500),
        "distributed" => (w.scaled(700), w.scaled(500), 900, 9_000),
        _ => (w.scaled(500), w.scaled(420), 0, 0),
    };
    let proxies = if addresses == 1 { vec![super::super::people::hosted(&mut w.rng)] } else { w.proxies(addresses) };
    // One tool: the same headers and the same TLS stack from everywhere.
    let device = if addresses == 1 { Device::tool(&mut w.rng) } else { Device::disguised(&mut w.rng) };
    let between = if high == 0 { w.left() / whole(attempts) } else { 0 };
    w.mark(tag);
    for i in 0..attempts {
        let ip = proxies.get(i % proxies.len()).cloned().unwrap_or_default();
        let mut caller = Caller::stranger(ip, device.clone());
        let (login, password) = leaked_pair(w);
        if w.log_in(&mut caller, &login, &password) {
            // It looks whether the account is worth something; who buys the list comes later.
            w.step(&mut caller, "me");
        }
        w.now += if high == 0 { w.rng.between(between / 3, between * 5 / 3) } else { w.rng.between(low, high) * 1000 };
    }
    true
}

fn leaked_pair(w: &mut World) -> (String, String) {
    let customers = w.users.len();
    if w.rng.chance(0.35) {
        let victim = w.rng.below(customers);
        let user = w.user(victim).clone();
        if user.is_customer() {
            let password =
                if w.rng.chance(0.04) { user.password } else { format!("{}{}", w.rng.word(TOPICS), w.rng.below(1000)) };
            return (user.login, password);
        }
    }
    let (first, last) = values::person(&mut w.rng);
    let email = values::email(&mut w.rng, first, last);
    let login = if w.api.auth == Auth::Cookie { email } else { email.split('@').next().unwrap_or_default().to_owned() };
    (login, format!("{}{}", w.rng.word(TOPICS), w.rng.below(1000)))
}

/// A few common passwords on many accounts.
pub(super) fn spraying(w: &mut World, tag: Tag) -> bool {
    if w.api.of_act(Act::Login).is_none() || w.api.auth == Auth::Key {
        return false;
    }
    let mut victims: Vec<usize> = (0..w.users.len()).filter(|u| !w.user(*u).is_program()).collect();
    w.rng.shuffle(&mut victims);
    victims.truncate(w.scaled(110));
    let addresses = if tag.variant == "one-address" { 1 } else { 12 };
    let proxies = w.proxies(addresses);
    let device = Device::tool(&mut w.rng);
    let rounds = w.rng.between(2, 3) as usize;
    w.mark(tag);
    for round in 0..rounds {
        let password = COMMON.get((round + w.seed as usize) % COMMON.len()).copied().unwrap_or_default();
        for (i, victim) in victims.iter().enumerate() {
            let mut caller = Caller::stranger(proxies.get(i % addresses).cloned().unwrap_or_default(), device.clone());
            let login = w.user(*victim).login.clone();
            w.log_in(&mut caller, &login, password);
            if tag.variant == "patient" { w.wait(20, 160) } else { w.wait(1, 5) }
        }
        // Below the limit of failures that locks an account.
        w.now += if tag.variant == "patient" { 6 * HOUR } else { HOUR / 2 };
    }
    true
}

/// One account, many passwords.
pub(super) fn brute_force(w: &mut World, tag: Tag) -> bool {
    if w.api.of_act(Act::Login).is_none() || w.api.auth == Auth::Key {
        return false;
    }
    let Some(victim) = w.pick_customer() else { return false };
    let (login, right) = (w.user(victim).login.clone(), w.user(victim).password.clone());
    let (addresses, count, low, high) = match tag.variant {
        "fast" => (1, w.scaled(220), 0, 2),
        "slow" => (1, w.scaled(70), 180, 900),
        _ => (5, w.scaled(120), 2, 15),
    };
    let proxies = w.proxies(addresses);
    let device = Device::tool(&mut w.rng);
    let lucky = w.rng.chance(0.4);
    w.mark(tag);
    for i in 0..count {
        let mut caller = Caller::stranger(proxies.get(i % addresses).cloned().unwrap_or_default(), device.clone());
        let guess = if lucky && i + 1 == count {
            right.clone()
        } else {
            format!("{}{}", w.rng.word(TOPICS), w.rng.below(10_000))
        };
        w.log_in(&mut caller, &login, &guess);
        w.wait(low, high);
    }
    true
}

/// Enters an account with its real password, changes where mail goes, and takes what is in it.
pub(super) fn takeover(w: &mut World, tag: Tag) -> bool {
    let api = std::rc::Rc::clone(&w.api);
    if api.takeover.is_empty() || api.auth == Auth::Key {
        return false;
    }
    let Some(victim) = w.pick_customer() else { return false };
    let device = if tag.variant == "stuffed" { Device::disguised(&mut w.rng) } else { Device::browser(&mut w.rng) };
    let mut caller = Caller { pace: 12, ..Caller::stranger(household(&mut w.rng), device) };
    let (login, password) = (w.user(victim).login.clone(), w.user(victim).password.clone());
    w.mark(tag);
    if tag.variant == "stuffed" {
        for _ in 0..w.rng.between(1, 4) {
            let other = format!("{}{}", w.rng.word(TOPICS), w.rng.below(1000));
            w.log_in(&mut caller, &login, &other);
            w.wait(2, 9);
        }
    }
    if !w.log_in(&mut caller, &login, &password) {
        return false;
    }
    for op in &api.takeover {
        let Some(route) = api.route_named(op) else { continue };
        if api.route(route).act == Act::UpdateMe {
            let email = format!("{}@mail.test", w.rng.text(values::LOWER, 11));
            w.perform(&mut caller, &Ask::of(route).with("email", email));
            w.pause(12);
        } else {
            w.prepare(&mut caller, op);
            w.step(&mut caller, op);
        }
    }
    true
}
