//! Attacks that try what nobody sends: parameters, types; and tools that change under their users.

use super::Tag;
use crate::json::Json;
use crate::simulate::serve::Ask;
use crate::simulate::table::{Act, Wire};
use crate::simulate::world::{HOUR, ToolsChanged, World};

/// Parameters that no client sends.
const DEBUG: &[(&str, &str)] =
    &[("debug", "1"), ("verbose", "true"), ("trace", "1"), ("_method", "DELETE"), ("test", "1")];
/// Parameters that staff might have.
const ADMIN: &[(&str, &str)] =
    &[("admin", "true"), ("include", "all"), ("role", "admin"), ("as_user", "1"), ("deleted", "true")];

pub(super) fn parameters(w: &mut World, tag: Tag) -> bool {
    let names = if tag.variant == "debug" { DEBUG } else { ADMIN };
    let routes = w.api.routes_where(|r| {
        matches!(r.act, Act::List | Act::Get | Act::Me) && r.roles.is_empty() && r.wire == Wire::Rest && !r.new
    });
    let Some(mut caller) = w.insider() else { return false };
    let attack = w.mark(tag);
    for _ in 0..w.rng.between(14, 30) {
        let route = *w.rng.pick(&routes);
        // The lists that it needs first are what everybody asks for.
        w.log.pause();
        let ask = w.fill(&mut caller, route);
        w.log.resume(attack);
        let Some(ask) = ask else { continue };
        let (name, value) = *w.rng.pick(names);
        w.perform(&mut caller, &ask.query(name, value));
        w.wait(3, 20);
    }
    true
}

/// Numbers where words belong, arrays where one value does, and less than nothing.
pub(super) fn types(w: &mut World, tag: Tag) -> bool {
    let api = std::rc::Rc::clone(&w.api);
    let routes = api.routes_where(|r| {
        matches!(r.act, Act::Create | Act::Update | Act::Do)
            && r.roles.is_empty()
            && r.wire == Wire::Rest
            && !r.open
            && r.method != "GET"
            && r.kind.is_some_and(|k| api.kind(k).fields.iter().any(|f| f.sent))
    });
    if routes.is_empty() {
        return false;
    }
    let Some(mut caller) = w.insider() else { return false };
    let attack = w.mark(tag);
    for _ in 0..w.rng.between(12, 26) {
        let route = *w.rng.pick(&routes);
        let Some(kind) = api.route(route).kind else { continue };
        w.log.pause();
        let ask = w.fill(&mut caller, route);
        w.log.resume(attack);
        let Some(ask) = ask else { continue };
        let fields: Vec<_> = api.kind(kind).fields.iter().filter(|f| f.sent).collect();
        let field = *w.rng.pick(&fields);
        let value = match w.rng.below(5) {
            0 => Json::Int(-1),
            1 => Json::array([1, 2]),
            2 => crate::object! { "$ne" => Json::Null },
            3 => Json::Bool(true),
            _ => Json::Int(99_999_999_999),
        };
        w.perform(&mut caller, &Ask { odd: true, ..ask.with(field.name, value) });
        w.wait(4, 25);
    }
    true
}

/// The description or the schema of a tool is no longer what it was, for everybody, until somebody notices. The actors
/// are those who were given it: the traffic shows nobody else.
pub(super) fn tool_change(w: &mut World, tag: Tag) -> bool {
    if w.api.of_act(Act::Tools).is_none() {
        return false;
    }
    let attack = w.mark(tag);
    w.log.pause();
    let until = w.now + w.rng.between(1, 3) * HOUR;
    w.tools_changed = Some(ToolsChanged { variant: tag.variant, attack, until });
    true
}
