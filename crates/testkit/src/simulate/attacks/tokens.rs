//! Attacks with credentials: stolen ones, and ones that were changed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Tag;
use super::functions::call_somehow;
use crate::simulate::device::Device;
use crate::simulate::people::hosted;
use crate::simulate::plan::journey;
use crate::simulate::session::Credential;
use crate::simulate::table::{Act, Auth};
use crate::simulate::world::{HOUR, SECOND, World};
use crate::values;

/// Somebody else uses a token or a cookie of a user, who goes on using it.
pub(super) fn theft(w: &mut World, tag: Tag) -> bool {
    let Some(victim) = w.pick_customer() else { return false };
    let Some(mut owner) = w.signed_in(victim) else { return false };
    let mut thief = owner.clone();
    thief.ip = if w.rng.chance(0.5) { hosted(&mut w.rng) } else { super::household(&mut w.rng) };
    thief.device = if w.rng.chance(0.6) { Device::tool(&mut w.rng) } else { Device::disguised(&mut w.rng) };
    thief.pace = 4;
    journey(w, &mut owner, "customer");
    let attack = w.mark(tag);
    w.log.pause();
    if tag.variant == "later" {
        w.now += w.rng.between(20, 80) * 60 * SECOND;
    }
    let reads: Vec<&'static str> = {
        let wanted = |r: &crate::simulate::table::Route| {
            matches!(r.act, Act::Get | Act::List | Act::Me) && r.roles.is_empty() && !r.open
        };
        w.api.routes_where(wanted).into_iter().map(|r| w.api.route(r).op).collect()
    };
    for i in 0..w.rng.between(10, 26) {
        w.log.resume(attack);
        let op = w.rng.word(&reads);
        w.step(&mut thief, op);
        w.log.pause();
        // The owner is still there.
        if i % 4 == 3 {
            let op = w.rng.word(&reads);
            w.step(&mut owner, op);
        }
    }
    true
}

/// Changes a token: no signature, or another claim under the old one.
pub(super) fn tampering(w: &mut World, tag: Tag) -> bool {
    if w.api.auth != Auth::Jwt {
        return false;
    }
    let Some(mut caller) = w.insider() else { return false };
    let Some(user) = caller.user else { return false };
    let Credential::Bearer(own) = caller.credential.clone() else { return false };
    w.step(&mut caller, "me");
    let refused = tag.variant.ends_with("refused");
    let none = tag.variant.starts_with("alg-none");
    let issued = w.now / SECOND;
    let victim = w.pick_customer().unwrap_or(user);
    w.mark(tag);
    for _ in 0..if refused { w.rng.between(4, 12) } else { w.rng.between(10, 25) } {
        let mut forged = w.user(if none { victim } else { user }).clone();
        if !none {
            "admin".clone_into(&mut forged.role);
        }
        let claims = forged.claims(&w.api, issued, 2 * HOUR / SECOND);
        let token = if none {
            values::jwt(&mut w.rng, "none", &claims)
        } else {
            let signature = own.rsplit('.').next().unwrap_or_default();
            let header = own.split('.').next().unwrap_or_default();
            format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(claims.to_string()))
        };
        caller.credential = Credential::Bearer(token);
        caller.refused = refused;
        if none {
            caller.user = Some(victim);
        } else {
            caller.role.clone_from(&forged.role);
        }
        let routes = w.api.routes_where(|r| {
            matches!(r.act, Act::List | Act::Get | Act::Me)
                && !r.open
                && r.service == 0
                && (if none { r.roles.is_empty() } else { r.roles.contains(&"admin") })
        });
        if routes.is_empty() {
            return false;
        }
        let route = *w.rng.pick(&routes);
        match w.fill(&mut caller, route).filter(|_| none) {
            Some(ask) => {
                w.perform(&mut caller, &ask);
            }
            None => {
                call_somehow(w, &mut caller, route);
            }
        }
        w.wait(5, 60);
    }
    true
}
