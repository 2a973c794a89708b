//! Attacks by people who may: staff that takes more, at other hours, or about somebody.

use super::Tag;
use crate::simulate::people::User;
use crate::simulate::serve::Ask;
use crate::simulate::session::Caller;
use crate::simulate::table::{Act, Wire};
use crate::simulate::world::World;

fn is_staff(user: &User) -> bool {
    !user.is_customer() && !user.is_program()
}

/// Reads or exports far more than colleagues do.
pub(super) fn exfiltration(w: &mut World, tag: Tag) -> bool {
    if tag.variant == "exports" {
        return exports(w, tag);
    }
    let Some((mut caller, role)) = staff(w) else { return false };
    let gets = w.api.routes_where(|r| r.act == Act::Get && r.roles.contains(&role.as_str()));
    if gets.is_empty() {
        return false;
    }
    let route = *w.rng.pick(&gets);
    let Some(kind) = w.api.route(route).kind else { return false };
    let mut all = w.of_kind(kind).to_vec();
    w.rng.shuffle(&mut all);
    let (count, low, high) =
        if tag.variant == "staff-bulk" { (w.scaled(220), 2, 9) } else { (w.scaled(140), 120, 500) };
    let attack = w.mark(tag);
    for object in all.into_iter().take(count) {
        w.renew(&mut caller, attack);
        w.perform(&mut caller, &Ask::on(route, object));
        w.wait(low, high);
    }
    true
}

/// Somebody who is about to leave exports whatever there is to export.
fn exports(w: &mut World, tag: Tag) -> bool {
    let Some((mut caller, role)) = staff(w) else { return false };
    let routes = w.api.routes_where(|r| r.act == Act::Export && r.roles.contains(&role.as_str()));
    if routes.is_empty() {
        return false;
    }
    w.mark(tag);
    for page in 1..w.rng.between(14, 30) {
        let route = *w.rng.pick(&routes);
        w.perform(&mut caller, &Ask::of(route).paged(page as usize, 200));
        w.wait(15, 240);
    }
    true
}

fn staff(w: &mut World) -> Option<(Caller, String)> {
    let user = w.pick_person(is_staff)?;
    let mut caller = w.client_of(user);
    w.enter(&mut caller, user).then(|| (caller, w.user(user).role.clone()))
}

/// A staff account that works when its owner sleeps.
pub(super) fn off_hours(w: &mut World, tag: Tag) -> bool {
    w.wait_for_night();
    let Some(user) = w.pick_person(is_staff) else { return false };
    let mut caller = w.client_of(user);
    if w.rng.chance(0.5) {
        caller.ip = super::household(&mut w.rng);
    }
    let attack = w.mark(tag);
    if !w.enter(&mut caller, user) {
        return false;
    }
    let role = w.user(user).role.clone();
    let routes = w.api.routes_where(|r| {
        matches!(r.act, Act::List | Act::Get | Act::Export) && r.roles.contains(&role.as_str()) && !r.new
    });
    if routes.is_empty() {
        return false;
    }
    for _ in 0..w.rng.between(25, 60) {
        w.renew(&mut caller, attack);
        let route = *w.rng.pick(&routes);
        super::functions::call_somehow(w, &mut caller, route);
        w.wait(10, 120);
    }
    true
}

/// Looks for the same few persons again and again, for no case of its own.
pub(super) fn query_intent(w: &mut World, tag: Tag) -> bool {
    let searches = w.api.routes_where(|r| r.act == Act::Search && !r.roles.is_empty() && r.wire == Wire::Rest);
    let Some(route) = searches.first().copied() else { return false };
    let roles = w.api.route(route).roles.clone();
    let Some(user) = w.pick_person(|u| roles.contains(&u.role.as_str())) else { return false };
    let Some(kind) = w.api.route(route).kind else { return false };
    let page = w.api.routes.iter().position(|r| r.act == Act::Get && r.kind == Some(kind) && !r.roles.is_empty());
    let mut all = w.of_kind(kind).to_vec();
    w.rng.shuffle(&mut all);
    all.truncate(if tag.variant == "one-person" { 1 } else { 3 });
    let mut caller = w.client_of(user);
    if !w.enter(&mut caller, user) {
        return false;
    }
    let attack = w.mark(tag);
    for _ in 0..w.rng.between(10, 18) {
        let Some(person) = all.get(w.rng.below(all.len())).copied() else { return false };
        w.renew(&mut caller, attack);
        let name = w.searched(person);
        w.perform(&mut caller, &Ask::of(route).search(name));
        w.wait(3, 30);
        if let Some(page) = page {
            w.perform(&mut caller, &Ask::on(page, person));
        }
        // Between other work, over the day and the next.
        w.wait(1_200, 9_000);
    }
    true
}
