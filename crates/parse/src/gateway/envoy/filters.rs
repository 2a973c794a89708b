//! What Envoy's HTTP filters do at one route.

use std::sync::Arc;

use super::super::{At, Cors, Origin, PathKind, PathPattern, Setting};
use super::{below, context_flag, field, is, typed};
use crate::document::Node;

/// A filter of the connection manager.
pub(super) struct Filter<'n> {
    node: &'n Node,
    name: &'n str,
}

impl<'n> Filter<'n> {
    pub(super) fn of(node: &'n Node) -> Self {
        Self { node, name: node.text_at("name").unwrap_or_default() }
    }

    fn at(&self, file: &Arc<str>) -> At {
        At::new(file, self.node.line)
    }
}

/// The levels that may configure a filter for a route.
pub(super) struct Levels<'n> {
    pub(super) route: &'n Node,
    pub(super) host: &'n Node,
    pub(super) config: &'n Node,
    /// Where client certificates are required.
    pub(super) certificates: Option<At>,
}

/// What a level says of a filter.
enum Said<'n> {
    Nothing,
    Disabled(&'n Node),
    Config(&'n Node),
}

impl<'n> Levels<'n> {
    fn said(&self, filter: &Filter<'n>) -> Said<'n> {
        for level in [self.route, self.host, self.config] {
            let all = field(level, "typed_per_filter_config").map_or(&[][..], Node::members);
            let Some((_, config)) = all.iter().find(|(name, _)| name == filter.name) else { continue };
            let inner = config.get("config").unwrap_or(config);
            return if context_flag(config, "disabled") || context_flag(inner, "disabled") {
                Said::Disabled(config)
            } else {
                Said::Config(inner)
            };
        }
        if context_flag(filter.node, "disabled") { Said::Disabled(filter.node) } else { Said::Nothing }
    }
}

/// Filters that always ask who calls.
const GUARDS: &[&str] = &["ext_authz", "basic_auth", "oauth2", "api_key_auth", "rbac", "gcp_authn_server", "spiffe"];

/// Filters whose program the configuration does not show.
const PROGRAMS: &[&str] = &["filters.http.lua", "filters.http.wasm", "ext_proc", "golang", "dynamic_modules"];

pub(super) fn authentication<'n>(
    file: &Arc<str>,
    levels: &Levels<'n>,
    filters: &[Filter<'n>],
    path: &PathPattern,
) -> Setting {
    if let Some(at) = &levels.certificates {
        return Setting::On("client certificates".to_owned(), at.clone());
    }
    let mut off = None;
    let mut unknown = None;
    for filter in filters {
        let said = levels.said(filter);
        let guard = GUARDS.iter().find(|word| is(filter.node, word));
        match (guard, said) {
            (Some(name), Said::Disabled(node)) => {
                off = Some(Setting::Off(format!("`{name}` is disabled here"), Some(At::new(file, node.line))));
            }
            (Some(&"rbac"), Said::Nothing)
                if typed(filter.node).is_none_or(|config| field(config, "rules").is_none()) => {}
            (Some(name), _) => return Setting::On((*name).to_owned(), filter.at(file)),
            (None, said) if is(filter.node, "jwt_authn") => match tokens(file, filter, &said, path) {
                on @ Setting::On(..) => return on,
                Setting::Unknown(reason) => unknown = Some(reason),
                other => off = Some(other),
            },
            (None, said) if PROGRAMS.iter().any(|word| is(filter.node, word)) && !matches!(said, Said::Disabled(_)) => {
                unknown = Some(format!("the program of `{}` may ask", filter.name));
            }
            _ => {}
        }
    }
    if let Some(reason) = unknown {
        return Setting::Unknown(reason);
    }
    off.unwrap_or_else(|| Setting::Off("no filter asks who calls".to_owned(), None))
}

/// What `jwt_authn` asks of a route: its own requirement, else the first rule that fits.
fn tokens(file: &Arc<str>, filter: &Filter<'_>, said: &Said<'_>, path: &PathPattern) -> Setting {
    match said {
        Said::Disabled(node) => {
            return Setting::Off("`jwt_authn` is disabled here".to_owned(), Some(At::new(file, node.line)));
        }
        Said::Config(node) if field(node, "requirement_name").is_some() => {
            return Setting::On("jwt_authn".to_owned(), At::new(file, node.line));
        }
        _ => {}
    }
    let rules = typed(filter.node).map_or(&[][..], |config| config.items_at("rules"));
    let mut partial = false;
    for rule in rules {
        match rule.get("match").map_or(Fit::Whole, |matches| fit(matches, path)) {
            Fit::None => {}
            Fit::Part => partial = true,
            Fit::Whole => return requirement(file, filter, rule),
        }
    }
    if partial {
        return Setting::Unknown("rules of `jwt_authn` ask for a token at parts of it".to_owned());
    }
    Setting::Off("no rule of `jwt_authn` fits".to_owned(), Some(filter.at(file)))
}

fn requirement(file: &Arc<str>, filter: &Filter<'_>, rule: &Node) -> Setting {
    let at = At::new(file, rule.line);
    if field(rule, "requirement_name").is_some() {
        return Setting::On("jwt_authn".to_owned(), filter.at(file));
    }
    let Some(requires) = rule.get("requires") else {
        return Setting::Off("the rule of `jwt_authn` requires nothing".to_owned(), Some(at));
    };
    let any = below(requires, "requires_any/requirements").map_or(&[][..], Node::items);
    let lax = |one: &Node| field(one, "allow_missing").is_some() || field(one, "allow_missing_or_failed").is_some();
    if lax(requires) || any.iter().any(lax) {
        return Setting::Off("`jwt_authn` lets calls without a token pass (`allow_missing`)".to_owned(), Some(at));
    }
    Setting::On("jwt_authn".to_owned(), at)
}

enum Fit {
    None,
    Part,
    Whole,
}

/// Whether a match of a rule takes all paths of a route, some, or none.
fn fit(matches: &Node, path: &PathPattern) -> Fit {
    let text = |name: &str| field(matches, name).and_then(Node::text);
    let narrow = matches.get("headers").is_some();
    let whole = if narrow { Fit::Part } else { Fit::Whole };
    let Some(prefix) = text("prefix").or(text("path_separated_prefix")) else {
        return match text("path") {
            Some(exact) if exact == path.text => whole,
            Some(exact) if path.kind != PathKind::Exact && exact.starts_with(&path.text) => Fit::Part,
            Some(_) => Fit::None,
            None => Fit::Part,
        };
    };
    match path.kind {
        PathKind::Regex if prefix == "/" => whole,
        PathKind::Regex => Fit::Part,
        _ if path.text.starts_with(prefix) => whole,
        PathKind::Exact => Fit::None,
        _ if prefix.starts_with(&path.text) => Fit::Part,
        _ => Fit::None,
    }
}

pub(super) fn rate_limit<'n>(file: &Arc<str>, levels: &Levels<'n>, filters: &[Filter<'n>]) -> Setting {
    let mut off = None;
    for filter in filters {
        let said = levels.said(filter);
        if is(filter.node, "local_ratelimit") {
            let config = match said {
                Said::Disabled(_) => continue,
                Said::Config(config) => Some(config),
                Said::Nothing => typed(filter.node),
            };
            match config.map(local_limit) {
                Some(None) => return Setting::On("local_ratelimit".to_owned(), filter.at(file)),
                Some(Some(reason)) => off = Some(Setting::Off(reason.to_owned(), Some(filter.at(file)))),
                None => {}
            }
        } else if is(filter.node, "filters.http.ratelimit") || is(filter.node, "rate_limit_quota") {
            let action = field(levels.route, "route").and_then(|action| field(action, "rate_limits"));
            let actions = action.or_else(|| field(levels.host, "rate_limits")).is_some();
            if actions || matches!(said, Said::Config(_)) || is(filter.node, "rate_limit_quota") {
                return Setting::On("ratelimit".to_owned(), filter.at(file));
            }
            off = Some(Setting::Off(
                "`ratelimit` is there, but no `rate_limits` say what to count".to_owned(),
                Some(filter.at(file)),
            ));
        }
    }
    off.unwrap_or_else(|| {
        Setting::Off("no rate limit filter is in force, and Envoy has no limit of its own".to_owned(), None)
    })
}

/// Why a local limit does not work, if so.
fn local_limit(config: &Node) -> Option<&'static str> {
    field(config, "token_bucket").or_else(|| config.get("descriptors")).map_or(
        Some("`local_ratelimit` has no `token_bucket` here"),
        |_| {
            let share = |name: &str| {
                field(config, name)
                    .map(|one| field(one, "default_value").and_then(|value| value.number_at("numerator")))
            };
            match (share("filter_enabled"), share("filter_enforced")) {
                (None, _) => Some("`local_ratelimit` is off: `filter_enabled` is 0 % by default"),
                (Some(Some(0.0)), _) => Some("`local_ratelimit` is off: `filter_enabled` is 0 %"),
                (_, None) => Some("`local_ratelimit` only counts: `filter_enforced` is 0 % by default"),
                (_, Some(Some(0.0))) => Some("`local_ratelimit` only counts: `filter_enforced` is 0 %"),
                _ => None,
            }
        },
    )
}

pub(super) fn body_limit<'n>(file: &Arc<str>, levels: &Levels<'n>, filters: &[Filter<'n>]) -> Setting {
    let Some(filter) = filters.iter().find(|one| is(one.node, "filters.http.buffer")) else {
        return Setting::Off("Envoy passes bodies of any size on without a `buffer` filter".to_owned(), None);
    };
    match levels.said(filter) {
        Said::Disabled(node) => Setting::Off("`buffer` is disabled here".to_owned(), Some(At::new(file, node.line))),
        _ => Setting::On("buffer, max_request_bytes".to_owned(), filter.at(file)),
    }
}

pub(super) fn cors<'n>(file: &Arc<str>, levels: &Levels<'n>, filters: &[Filter<'n>]) -> Option<Cors> {
    let filter = filters.iter().find(|one| is(one.node, "filters.http.cors"))?;
    let legacy = || below(levels.route, "route/cors").or_else(|| levels.host.get("cors"));
    let policy = match levels.said(filter) {
        Said::Disabled(_) => return None,
        Said::Config(policy) => policy,
        Said::Nothing => legacy()?,
    };
    let listed = field(policy, "allow_origin_string_match").map_or(&[][..], Node::items);
    let older = field(policy, "allow_origin").map(Node::texts).unwrap_or_default();
    let any = listed.iter().any(|one| one.text_at("exact") == Some("*")) || older.contains(&"*");
    let reflected = listed.iter().any(|one| {
        let prefix = one.text_at("prefix").is_some_and(|text| matches!(text, "" | "http" | "http://" | "https://"));
        let regex = field(one, "safe_regex").and_then(|regex| regex.text_at("regex"));
        prefix || regex.is_some_and(|text| matches!(text, ".*" | ".+" | "^.*$" | "\\*" | "https?://.*"))
    });
    let origin = match (any, reflected) {
        // Envoy answers with the origin of the request, also for `*`.
        (true, _) if context_flag(policy, "allow_credentials") => Origin::Reflected,
        (true, _) => Origin::Any,
        (_, true) => Origin::Reflected,
        _ => Origin::Listed,
    };
    let at = At::new(file, policy.line);
    Some(Cors { at, origin, credentials: context_flag(policy, "allow_credentials") })
}
