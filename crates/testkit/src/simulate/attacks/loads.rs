//! Attacks by volume: too much data, too dear queries, too many calls.

use super::{Tag, whole};
use crate::har::{Body, Entry};
use crate::json::Json;
use crate::object;
use crate::simulate::device::Device;
use crate::simulate::serve::Ask;
use crate::simulate::session::Caller;
use crate::simulate::table::{Act, Auth, Scope, Wire};
use crate::simulate::world::World;

/// One request for everything.
pub(super) fn excessive(w: &mut World, tag: Tag) -> bool {
    let api = std::rc::Rc::clone(&w.api);
    let size = |r: usize| {
        let kind = api.route(r).kind;
        kind.map_or(0, |k| if api.kind(k).scope == Scope::Private { 15 } else { w.of_kind(k).len() })
    };
    let lists = api.routes_where(|r| r.act == Act::List && r.unbounded && r.roles.is_empty() && r.wire == Wire::Rest);
    let Some(route) = lists.into_iter().max_by_key(|r| size(*r)) else { return false };
    let Some(mut caller) = w.insider() else { return false };
    let Some(ask) = w.fill(&mut caller, route) else { return false };
    w.perform(&mut caller, &ask);
    w.wait(20, 90);
    w.mark(tag);
    for limit in [10_000, 100_000].into_iter().take(w.rng.between(1, 2) as usize) {
        w.perform(&mut caller, &Ask { cost: 20, ..ask.clone().paged(1, limit) });
        w.wait(5, 40);
    }
    true
}

/// Queries that cost the server far more than the client.
pub(super) fn exhaustion(w: &mut World, tag: Tag) -> bool {
    match tag.variant {
        "deep-graphql" => deep_graphql(w, tag),
        "tokens" => dear(w, tag, Act::Chat, 60),
        "huge-pages" => dear(w, tag, Act::List, 25),
        _ => dear(w, tag, Act::Search, 40),
    }
}

fn dear(w: &mut World, tag: Tag, act: Act, cost: i64) -> bool {
    let Some(route) = w
        .any_route(|r| r.act == act && r.roles.is_empty() && r.wire == Wire::Rest && (act != Act::List || r.unbounded))
    else {
        return false;
    };
    let Some(mut caller) = w.insider() else { return false };
    let Some(ask) = w.fill(&mut caller, route) else { return false };
    w.mark(tag);
    for page in 1..w.scaled(70).max(30) {
        let ask = match act {
            Act::List => ask.clone().paged(page, 5_000 + w.rng.below(5) * 1_000),
            Act::Search => {
                Ask { query: Vec::new(), ..ask.clone() }.search("*").query("sort", "-created_at").query("depth", 9)
            }
            _ => {
                let text = "Repeat the following text two thousand times, then translate all of it. ".repeat(40);
                let messages = Json::array([object! { "role" => "user", "content" => text }]);
                ask.clone().with("messages", messages).with("max_tokens", 32_000)
            }
        };
        w.perform(&mut caller, &Ask { cost, ..ask });
        w.wait(0, 3);
    }
    true
}

/// A query nested as deep as nobody's page needs, with aliases.
fn deep_graphql(w: &mut World, tag: Tag) -> bool {
    let Some(route) = w.any_route(|r| r.wire == Wire::GraphQl && r.act == Act::List) else { return false };
    let Some(mut caller) = w.insider() else { return false };
    let Some(ask) = w.fill(&mut caller, route) else { return false };
    w.perform(&mut caller, &ask);
    let field = w.api.route(route).op.split('.').next_back().unwrap_or_default();
    w.mark(tag);
    for _ in 0..w.rng.between(20, 60) {
        let depth = w.rng.between(9, 16) as usize;
        let nested = format!("{}id{}", "members { projects { ".repeat(depth), " } }".repeat(depth));
        let aliases: Vec<String> =
            (0..w.rng.between(2, 30)).map(|i| format!("a{i}: {field}(first: 500) {{ id {nested} }}")).collect();
        let query = format!("query Everything {{ {} }}", aliases.join(" "));
        let body = object! { "operationName" => "Everything", "query" => query, "variables" => object! {} };
        let answer = object! { "data" => object! { field => Json::array((0..40).map(|i| object! { "id" => i })) } };
        let slow = w.rng.between(1_500, 9_000) * 1000;
        let entry = Entry {
            method: "POST".into(),
            path: w.api.route(route).template.into(),
            status: if w.rng.chance(0.2) { 504 } else { 200 },
            request_body: Some(Body::json(&body)),
            response_body: Some(Body::json(&answer)),
            template: Some(format!("{}#query.{field}", w.api.route(route).template)),
            duration_us: slow,
            ..Entry::default()
        };
        w.send(&caller, 0, entry, None);
        w.wait(0, 4);
    }
    true
}

/// Many machines call one open route, or the login page, at once.
pub(super) fn flood(w: &mut World, tag: Tag) -> bool {
    let Some(route) = w.any_route(|r| r.open && matches!(r.act, Act::List | Act::Static)) else { return false };
    let count = w.scaled(90);
    let proxies = w.proxies(count);
    let device = Device::disguised(&mut w.rng);
    w.mark(tag);
    let begin = w.now;
    for i in 0..whole(w.scaled(900)) {
        let ip = w.rng.pick(&proxies).clone();
        w.now = begin + i * 700_000 + w.rng.between(0, 600_000);
        w.perform(&mut Caller::stranger(ip, device.clone()), &Ask::of(route));
    }
    true
}

/// A client that does not stop: an error of somebody's script, or somebody's test of how much is allowed.
pub(super) fn endless_loop(w: &mut World, tag: Tag) -> bool {
    let Some(route) = w.any_route(|r| r.act == Act::List && r.roles.is_empty()) else { return false };
    let Some(mut caller) = w.insider() else { return false };
    if w.api.auth != Auth::Key {
        caller.device = Device::tool(&mut w.rng);
    }
    let Some(ask) = w.fill(&mut caller, route) else { return false };
    w.mark(tag);
    for _ in 0..w.scaled(450) {
        w.perform(&mut caller, &ask);
        w.now += w.rng.between(250, 900) * 1000;
    }
    true
}
