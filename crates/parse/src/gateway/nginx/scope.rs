//! What a level of an nginx configuration inherits, and what it says anew.
//!
//! Simple directives are inherited one by one; of `add_header`, `proxy_set_header`, `limit_req` and `allow`/`deny` a level
//! that has any has none of the level above.

use super::super::{At, Cors, Origin, Serves, Setting};
use super::lex::{Directive, UNREADABLE};

/// The settings in force at one level.
#[derive(Clone, Default)]
pub(super) struct Scope {
    /// Modules that ask who calls, by directive.
    guards: Vec<(String, At)>,
    /// Client certificates: `on` or `optional`.
    certificates: Option<(String, At)>,
    /// `allow` (true) and `deny`, in order.
    access: Vec<(bool, String, At)>,
    satisfy_any: bool,
    limits: Vec<At>,
    body: Option<(String, At)>,
    verify: Option<(bool, At)>,
    headers: Vec<(String, String, At)>,
    pub(super) set_headers: Vec<(String, String, At)>,
    protocols: Option<(Vec<String>, At)>,
    ciphers: Option<(String, At)>,
    /// Why a proxy in front is likely.
    pub(super) behind: Option<String>,
    /// Why not everything in force is known.
    unread: Option<String>,
    /// Conditions that refuse some calls.
    refusal: Option<At>,
    /// What takes a module's question away here.
    taken: Option<(String, At)>,
}

impl Scope {
    /// The level below with its own directives.
    pub(super) fn level(&self, directives: &[Directive]) -> Self {
        let mut scope = self.clone();
        let has = |names: &[&str]| directives.iter().any(|one| names.contains(&one.name.as_str()));
        if has(&["allow", "deny"]) {
            scope.access.clear();
        }
        if has(&["limit_req"]) {
            scope.limits.clear();
        }
        if has(&["add_header"]) {
            scope.headers.clear();
        }
        if has(&["proxy_set_header", "grpc_set_header"]) {
            scope.set_headers.clear();
        }
        for directive in directives {
            scope.take(directive);
        }
        scope
    }

    fn take(&mut self, directive: &Directive) {
        let (at, value) = (directive.at.clone(), directive.arg(0).to_owned());
        match directive.name.as_str() {
            "allow" | "deny" => self.access.push((directive.name == "allow", value, at)),
            "satisfy" => self.satisfy_any = value == "any",
            "limit_req" => self.limits.push(at),
            "client_max_body_size" => self.body = Some((value, at)),
            "proxy_ssl_verify" | "grpc_ssl_verify" | "uwsgi_ssl_verify" => self.verify = Some((value == "on", at)),
            "add_header" | "more_set_headers" => {
                let (name, value) = value.split_once(':').map_or((value.as_str(), directive.arg(1)), |(n, v)| (n, v));
                self.headers.push((name.to_ascii_lowercase(), value.trim().to_owned(), at));
            }
            "proxy_set_header" | "grpc_set_header" => {
                if value.eq_ignore_ascii_case("x-forwarded-proto") && directive.arg(1).starts_with("$http_") {
                    self.behind.get_or_insert_with(|| {
                        format!("`X-Forwarded-Proto` of the request is passed on (line {})", at.line)
                    });
                }
                self.set_headers.push((value, directive.arg(1).to_owned(), at));
            }
            "ssl_protocols" => self.protocols = Some((directive.args.clone(), at)),
            "ssl_ciphers" => self.ciphers = Some((value, at)),
            "ssl_verify_client" => self.certificates = (value != "off").then_some((value, at)),
            "set_real_ip_from" => {
                self.behind
                    .get_or_insert_with(|| format!("`set_real_ip_from` names a proxy in front (line {})", at.line));
            }
            "if" => self.condition(directive),
            UNREADABLE => self.unread = Some(format!("`include {value}` could not be read")),
            name if is_guard(name) => {
                let asked = self.guards.len();
                self.guards.retain(|(known, _)| known != name);
                if value.eq_ignore_ascii_case("off") {
                    if self.guards.len() < asked {
                        self.taken = Some((format!("`{name} off` takes the question away"), at));
                    }
                } else {
                    self.guards.push((name.to_owned(), at));
                }
            }
            _ => {}
        }
    }

    /// `if` blocks that answer 401 or 403 ask for something, and so do headers in them hold for some calls.
    fn condition(&mut self, directive: &Directive) {
        let by_origin = directive.args.iter().any(|word| word.contains("$http_origin"));
        for inner in directive.inner() {
            match (inner.name.as_str(), inner.arg(0)) {
                ("return", "401" | "403" | "444") => self.refusal = Some(inner.at.clone()),
                ("add_header", name) if name.eq_ignore_ascii_case("access-control-allow-origin") => {
                    let value = if by_origin { "https://listed.invalid" } else { inner.arg(1) };
                    self.headers.push((name.to_ascii_lowercase(), value.to_owned(), inner.at.clone()));
                }
                _ => {}
            }
        }
    }

    /// Who may call.
    pub(super) fn authentication(&self) -> Setting {
        let everybody = self.access.iter().find(|(_, who, _)| who == "all");
        let listed = everybody.filter(|(allow, ..)| !allow);
        if let (true, Some((true, _, at))) = (self.satisfy_any, everybody) {
            return Setting::Off("`satisfy any` with `allow all` lets everybody in".to_owned(), Some(at.clone()));
        }
        if let Some((name, at)) = self.guards.first() {
            return Setting::On(name.clone(), at.clone());
        }
        match &self.certificates {
            Some((value, at)) if value == "on" => return Setting::On("client certificates".to_owned(), at.clone()),
            Some((value, at)) => {
                return Setting::Unknown(format!(
                    "`ssl_verify_client {value}` (line {}) leaves the decision to others",
                    at.line
                ));
            }
            None => {}
        }
        if let Some((_, _, at)) = listed {
            return Setting::On("a list of addresses".to_owned(), at.clone());
        }
        if let Some(at) = &self.refusal {
            return Setting::Unknown(format!("an `if` refuses some calls (line {})", at.line));
        }
        match (&self.taken, &self.unread) {
            (Some((reason, at)), _) => Setting::Off(reason.clone(), Some(at.clone())),
            (None, Some(reason)) => Setting::Unknown(reason.clone()),
            (None, None) => {
                Setting::Off("no `auth_…` directive, client certificate or address list is in force".to_owned(), None)
            }
        }
    }

    /// True when nobody may call.
    pub(super) fn refuses_all(&self) -> bool {
        matches!(self.access.as_slice(), [(false, who, _), ..] if who == "all")
    }

    pub(super) fn rate_limit(&self) -> Setting {
        match (self.limits.first(), &self.unread) {
            (Some(at), _) => Setting::On("limit_req".to_owned(), at.clone()),
            (None, Some(reason)) => Setting::Unknown(reason.clone()),
            (None, None) => {
                Setting::Off("no `limit_req` is in force, and nginx has no limit of its own".to_owned(), None)
            }
        }
    }

    pub(super) fn body_limit(&self) -> Setting {
        match &self.body {
            Some((size, at)) if size == "0" => {
                Setting::Off("`client_max_body_size 0` turns nginx's limit off".to_owned(), Some(at.clone()))
            }
            Some((size, at)) => Setting::On(size.clone(), at.clone()),
            None => Setting::Default("1m, nginx's default of `client_max_body_size`".to_owned()),
        }
    }

    pub(super) fn verification(&self) -> Setting {
        match &self.verify {
            Some((true, at)) => Setting::On("proxy_ssl_verify on".to_owned(), at.clone()),
            Some((false, at)) => Setting::Off("`proxy_ssl_verify off`".to_owned(), Some(at.clone())),
            None => Setting::Off("nginx's default of `proxy_ssl_verify` is off".to_owned(), None),
        }
    }

    /// Versions of `ssl_protocols`.
    pub(super) fn protocols(&self) -> Option<&(Vec<String>, At)> {
        self.protocols.as_ref()
    }

    /// The cipher list.
    pub(super) fn ciphers(&self) -> Option<(String, At)> {
        self.ciphers.clone()
    }

    /// What pages of other origins may do; `reflecting` are variables that a `map` fills with any origin.
    pub(super) fn cors(&self, reflecting: &[String]) -> Option<Cors> {
        let header = |wanted: &str| self.headers.iter().find(|(name, ..)| name == wanted);
        let (_, value, at) = header("access-control-allow-origin")?;
        let origin = match value.as_str() {
            "*" => Origin::Any,
            "null" => Origin::Null,
            "$http_origin" | "${http_origin}" => Origin::Reflected,
            variable if reflecting.iter().any(|known| known == variable) => Origin::Reflected,
            _ => Origin::Listed,
        };
        let credentials = header("access-control-allow-credentials").is_some_and(|(_, value, _)| value == "true");
        Some(Cors { at: at.clone(), origin, credentials })
    }
}

/// Directives that ask who calls: modules of nginx, and scripts in the access phase.
fn is_guard(name: &str) -> bool {
    let parts = ["auth_", "access_by_", "openid", "oidc_", "secure_link", "js_access", "akamai_", "shib_"];
    let ends =
        ["_file", "_type", "_leeway", "_cache", "_set", "_key_request", "_http_timeout", "_connect_timeout", "_string"];
    parts.iter().any(|part| name.starts_with(part))
        && !ends.iter().any(|end| name.ends_with(end))
        && !matches!(
            name,
            "auth_delay" | "auth_request_set" | "secure_link_md5" | "secure_link_secret" | "auth_jwt_claim_set"
        )
}

/// What a location answers with; `None` when it says nothing of its own.
pub(super) fn serves(directives: &[Directive]) -> Option<Serves> {
    let mut files = None;
    for directive in directives {
        match directive.name.as_str() {
            "proxy_pass"
            | "grpc_pass"
            | "fastcgi_pass"
            | "uwsgi_pass"
            | "scgi_pass"
            | "memcached_pass"
            | "content_by_lua"
            | "content_by_lua_block"
            | "content_by_lua_file"
            | "js_content"
            | "perl"
            | "passenger_enabled" => {
                return Some(Serves::Backend);
            }
            "return" => {
                let code = directive.arg(0);
                let redirect = matches!(code, "301" | "302" | "303" | "307" | "308") || code.starts_with("http");
                return Some(if redirect { Serves::Redirect } else { Serves::Fixed });
            }
            "rewrite" if matches!(directive.arg(2), "permanent" | "redirect") => files = Some(Serves::Redirect),
            "empty_gif" => return Some(Serves::Fixed),
            "root" | "alias" | "index" | "try_files" | "autoindex" => files = files.or(Some(Serves::Files)),
            "if" if serves(directive.inner()) == Some(Serves::Backend) => return Some(Serves::Backend),
            _ => {}
        }
    }
    files
}
