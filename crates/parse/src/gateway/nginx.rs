//! nginx: servers and locations with what they inherit.

mod lex;
mod scope;

use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashSet;
use vedette_model::Diagnostic;
use vedette_model::limits::GATEWAY_ROUTES_MAX;

use self::lex::{Directive, Included};
use self::scope::{Scope, serves};
use super::address::{host_of, reach};
use super::secrets::Secrets;
use super::{
    Admin, At, Backend, Fetch, Gateway, Listener, Oldest, PathKind, PathPattern, Product, Reach, Route, Serves, Tls,
    TlsVersion,
};

/// True when a text reads like an nginx configuration.
pub(super) fn is_nginx(text: &str) -> bool {
    let begins = |line: &str, words: &[&str]| words.iter().any(|word| line.starts_with(word));
    text.lines().map(str::trim_start).filter(|line| !line.starts_with('#')).take(5_000).any(|line| {
        let block = line.contains('{')
            && begins(line, &["http ", "http{", "server ", "server{", "location ", "upstream ", "map $"]);
        block
            || (line.contains(';')
                && begins(
                    line,
                    &["proxy_pass ", "server_name ", "worker_processes ", "listen ", "limit_req", "include "],
                ))
    })
}

/// True when the text has the language's form.
pub(super) fn parses(file: &Arc<str>, text: &str) -> bool {
    lex::parse(file, text).is_ok()
}

/// Reads one configuration with all that it includes.
pub(super) fn read(
    file: &Arc<str>,
    text: &str,
    secrets: &Secrets<'_>,
    fetch: &mut Fetch<'_>,
) -> Result<Gateway, Diagnostic> {
    let mut included = Included::default();
    let directives = lex::include(lex::parse(file, text)?, fetch, 0, &mut included);
    let mut reader = Reader {
        gateway: Gateway::new(Product::Nginx, file),
        secrets,
        upstreams: Vec::new(),
        reflecting: Vec::new(),
        known: HashSet::default(),
    };
    reader.gateway.files.extend(included.files);
    reader.gateway.problems.extend(included.problems);
    // A file of a site has no `http` around its servers.
    let http = directives.iter().find(|one| one.name == "http").map(Directive::inner);
    reader.http(http.unwrap_or(&directives));
    Ok(reader.gateway)
}

struct Reader<'a> {
    gateway: Gateway,
    secrets: &'a Secrets<'a>,
    /// Names of upstreams, and how far their servers are.
    upstreams: Vec<(String, Reach)>,
    /// Variables that a `map` fills with whatever origin asks.
    reflecting: Vec<String>,
    /// Backends met: name, and how they are verified.
    known: HashSet<(String, String), FixedState>,
}

/// What locations of one server share.
struct Server<'d> {
    hosts: Vec<String>,
    listeners: Vec<usize>,
    reach: Reach,
    locations: &'d [Directive],
}

impl Reader<'_> {
    fn http(&mut self, directives: &[Directive]) {
        let scope = Scope::default().level(directives);
        for directive in directives {
            match directive.name.as_str() {
                "upstream" => {
                    let servers = directive.inner().iter().filter(|one| one.name == "server");
                    let farthest = servers.map(|one| reach(one.arg(0))).max().unwrap_or(Reach::Private);
                    self.upstreams.push((directive.arg(0).to_owned(), farthest));
                }
                "map" => self.map(directive),
                _ => {}
            }
        }
        self.find_secrets(directives);
        for server in directives.iter().filter(|one| one.name == "server" && one.block.is_some()) {
            self.server(server, &scope);
        }
    }

    fn map(&mut self, map: &Directive) {
        let (from, to) = (map.arg(0), map.arg(1));
        if from == "$http_origin" {
            let any = map.inner().iter().any(|row| {
                row.name == "default" && matches!(row.arg(0), "$http_origin" | "*")
                    || (matches!(row.name.as_str(), "~.*" | "~.+" | "~^.*$" | "~^https?://") && !row.arg(0).is_empty())
            });
            if any {
                self.reflecting.push(to.to_owned());
            }
        }
        let names = ["api_key", "apikey", "authorization", "token", "access_key"];
        if from.starts_with('$') && names.iter().any(|name| from.contains(name)) {
            for row in map.inner().iter().filter(|row| row.name != "default" && !row.name.starts_with('~')) {
                Secrets::known(&format!("a key in `map {from}`"), &row.name, &row.at, &mut self.gateway.secrets);
            }
        }
    }

    fn server(&mut self, server: &Directive, outer: &Scope) {
        let directives = server.inner();
        let scope = outer.level(directives);
        self.find_secrets(directives);
        let names = directives.iter().filter(|one| one.name == "server_name").flat_map(|one| &one.args);
        let hosts: Vec<String> = names.filter_map(|name| host_name(name)).collect();
        let first = self.gateway.listeners.len();
        self.listen(server, &scope, hosts.first().map(String::as_str));
        let redirects = directives.iter().any(redirects_plain);
        let listeners = self.gateway.listeners.iter().enumerate().skip(first);
        let listeners: Vec<(usize, Reach)> = listeners
            .filter(|(_, one)| one.tls.is_some() || !redirects)
            .map(|(place, one)| (place, one.reach))
            .collect();
        let shared = Server {
            hosts,
            reach: listeners.iter().map(|(_, reach)| *reach).max().unwrap_or(Reach::Anywhere),
            listeners: listeners.into_iter().map(|(place, _)| place).collect(),
            locations: directives,
        };
        let before = self.gateway.routes.len();
        let whole = directives.iter().find(|one| one.name == "return");
        if whole.is_none() {
            self.locations(directives, &scope, &shared, 0);
        }
        if whole.is_some() || self.gateway.routes.len() == before {
            let serves = serves(directives).unwrap_or(Serves::Files);
            self.route(
                whole.map_or(&server.at, |one| &one.at),
                PathPattern::any(),
                serves,
                &scope,
                &shared,
                Vec::new(),
            );
        }
    }

    fn listen(&mut self, server: &Directive, scope: &Scope, host: Option<&str>) {
        let directives = server.inner();
        let all_tls = directives.iter().any(|one| one.name == "ssl" && one.arg(0) == "on");
        let written: Vec<&Directive> = directives.iter().filter(|one| one.name == "listen").collect();
        let default = [server];
        let listens = if written.is_empty() { &default[..] } else { &written[..] };
        for listen in listens {
            let address = if written.is_empty() { "80" } else { listen.arg(0) };
            let words = listen.args.iter().skip(1);
            let tls = all_tls || words.clone().any(|word| matches!(word.as_str(), "ssl" | "quic"));
            let proxied = words.clone().any(|word| word == "proxy_protocol");
            let name =
                if address.bytes().all(|b| b.is_ascii_digit()) { format!("*:{address}") } else { address.to_owned() };
            let name = host.map_or(name.clone(), |host| format!("{name} ({host})"));
            let behind =
                if proxied { Some("the listener takes the PROXY protocol".to_owned()) } else { scope.behind.clone() };
            let tls = tls.then(|| of_tls(listen, scope));
            self.gateway.listeners.push(Listener { at: listen.at.clone(), name, reach: reach(address), tls, behind });
        }
    }

    fn locations(&mut self, directives: &[Directive], scope: &Scope, server: &Server<'_>, depth: usize) {
        for location in directives.iter().filter(|one| one.name == "location") {
            if self.gateway.routes.len() >= GATEWAY_ROUTES_MAX || depth > 32 {
                return;
            }
            let Some(path) = pattern(location) else { continue };
            let inner = location.inner();
            let mut scope = scope.level(inner);
            self.find_secrets(inner);
            let has = |name: &str| inner.iter().any(|one| one.name == name);
            if has("stub_status") || has("api") || has("status") && !has("proxy_pass") {
                self.admin(location, &scope, server);
                continue;
            }
            if has("internal") {
                continue;
            }
            let mut what = serves(inner);
            if let Some(named) = fallback(inner, server.locations) {
                scope = guarded(scope, named.inner());
                self.find_backend(named.inner(), &scope);
                what = serves(named.inner()).or(what);
            }
            let nested = has("location");
            self.find_backend(inner, &scope);
            if what.is_some() || !nested {
                let what = if scope.refuses_all() { Serves::Fixed } else { what.unwrap_or(Serves::Files) };
                self.route(&location.at, path, what, &scope, server, methods(inner));
            }
            self.locations(inner, &scope, server, depth + 1);
        }
    }

    fn route(
        &mut self,
        at: &At,
        path: PathPattern,
        serves: Serves,
        scope: &Scope,
        server: &Server<'_>,
        methods: Vec<String>,
    ) {
        self.gateway.routes.push(Route {
            at: at.clone(),
            hosts: server.hosts.clone(),
            path,
            methods,
            serves,
            listeners: server.listeners.clone(),
            authentication: scope.authentication(),
            rate_limit: scope.rate_limit(),
            body_limit: scope.body_limit(),
            cors: scope.cors(&self.reflecting),
            deprecated: None,
        });
    }

    fn admin(&mut self, location: &Directive, scope: &Scope, server: &Server<'_>) {
        let controls = location.inner().iter().any(|one| one.name == "api" && one.arg(0) == "write=on");
        let what = if location.inner().iter().any(|one| one.name == "api") { "nginx API" } else { "status page" };
        self.gateway.admins.push(Admin {
            at: location.at.clone(),
            name: format!("{what} at {}", location.args.last().map_or("/", String::as_str)),
            reach: server.reach,
            guard: scope.authentication(),
            controls,
        });
    }

    fn find_backend(&mut self, directives: &[Directive], scope: &Scope) {
        for directive in directives {
            if directive.name == "if" {
                self.find_backend(directive.inner(), scope);
            }
            if !matches!(directive.name.as_str(), "proxy_pass" | "grpc_pass" | "uwsgi_pass") {
                continue;
            }
            let url = directive.arg(0);
            let (scheme, _) = url.split_once("://").unwrap_or(("", ""));
            let host = host_of(url);
            let known = self.upstreams.iter().find(|(name, _)| name == host).map(|(_, reach)| *reach);
            let far = if host.contains('$') || host.is_empty() { Reach::Private } else { reach(host) };
            let backend = Backend {
                at: directive.at.clone(),
                name: Secrets::without_user(url),
                tls: matches!(scheme, "https" | "grpcs" | "suwsgi"),
                verify: scope.verification(),
                reach: known.unwrap_or(far),
                authentication: None,
            };
            if self.known.insert((backend.name.clone(), backend.verify.to_string())) {
                self.gateway.backends.push(backend);
            }
        }
    }

    fn find_secrets(&mut self, directives: &[Directive]) {
        for one in directives {
            let found = &mut self.gateway.secrets;
            match one.name.as_str() {
                "proxy_set_header" | "grpc_set_header" | "add_header" | "set" | "fastcgi_param" | "env" => {
                    self.secrets.header(
                        &format!("`{} {}`", one.name, one.arg(0)),
                        one.arg(0),
                        one.arg(1),
                        &one.at,
                        found,
                    );
                }
                "secure_link_secret" => {
                    Secrets::known("the word of `secure_link_secret`", one.arg(0), &one.at, found);
                }
                "proxy_pass" | "auth_request" => {
                    Secrets::url(&format!("the URL of `{}`", one.name), one.arg(0), &one.at, found);
                }
                "if" => {
                    if let [variable, _, literal] = one.args.as_slice() {
                        let literal = literal.trim_end_matches(')');
                        self.secrets.header(
                            "a comparison in `if`",
                            variable.trim_start_matches(['(', '$']),
                            literal,
                            &one.at,
                            found,
                        );
                    }
                    self.find_secrets(one.inner());
                }
                _ => {}
            }
        }
    }
}

/// How a listener speaks TLS.
fn of_tls(listen: &Directive, scope: &Scope) -> Tls {
    let ciphers = scope.ciphers();
    let Some((versions, at)) = scope.protocols() else {
        let oldest = Oldest {
            version: TlsVersion::Tls10,
            reason: "no `ssl_protocols`; nginx before 1.27.3 then takes TLS 1.0 and 1.1".to_owned(),
            certain: false,
        };
        return Tls { at: listen.at.clone(), oldest, ciphers };
    };
    let oldest = versions.iter().filter_map(|version| TlsVersion::read(version)).min();
    let oldest = Oldest {
        version: oldest.unwrap_or(TlsVersion::Tls12),
        reason: format!("`ssl_protocols {}`", versions.join(" ")),
        certain: oldest.is_some(),
    };
    Tls { at: at.clone(), oldest, ciphers }
}

/// A server name as a host; regular expressions become a free one, the catch-all none.
fn host_name(name: &str) -> Option<String> {
    match name {
        "_" | "" | "\"\"" | "localhost" => None,
        name if name.starts_with('~') => Some("*".to_owned()),
        name if name.starts_with('.') => Some(format!("*{}", name.to_ascii_lowercase())),
        name => Some(name.to_ascii_lowercase()),
    }
}

/// Paths of a location; `None` for a named one.
fn pattern(location: &Directive) -> Option<PathPattern> {
    let (modifier, text) = match location.args.as_slice() {
        [text] => match text.split_at_checked(1) {
            Some((modifier @ ("=" | "~"), text)) if !text.is_empty() => (modifier, text.trim_start_matches('*')),
            _ => ("", text.as_str()),
        },
        [modifier, text, ..] => (modifier.as_str(), text.as_str()),
        [] => return None,
    };
    if text.starts_with('@') {
        return None;
    }
    Some(match modifier {
        "=" => PathPattern::new(PathKind::Exact, text),
        "~" => PathPattern::new(PathKind::Regex, text),
        "~*" => PathPattern::new(PathKind::Regex, format!("(?i){text}")),
        _ => PathPattern::new(PathKind::Prefix, text),
    })
}

/// The named location that `try_files` or `error_page` ends in.
fn fallback<'d>(inner: &[Directive], locations: &'d [Directive]) -> Option<&'d Directive> {
    let tries = inner.iter().find(|one| one.name == "try_files")?;
    let name = tries.args.last().filter(|name| name.starts_with('@'))?;
    locations.iter().find(|one| one.name == "location" && one.arg(0) == name)
}

/// The scope of a call that passes a location and then a named one: each may ask who calls.
fn guarded(scope: Scope, named: &[Directive]) -> Scope {
    let both = scope.level(named);
    if both.authentication().is_off() { scope } else { both }
}

/// Methods that stay open: `limit_except` guards the others.
fn methods(inner: &[Directive]) -> Vec<String> {
    let limited = inner.iter().find(|one| one.name == "limit_except");
    let mut methods: Vec<String> = limited.map(|one| one.args.clone()).unwrap_or_default();
    if methods.iter().any(|one| one == "GET") {
        methods.push("HEAD".to_owned());
    }
    methods
}

/// A condition on the scheme or host that answers plain HTTP with a redirect, as certificate tools write it.
fn redirects_plain(directive: &Directive) -> bool {
    let condition = directive.args.join(" ");
    directive.name == "if"
        && ["$scheme", "$https", "$host", "$http_x_forwarded_proto", "$server_port"]
            .iter()
            .any(|name| condition.contains(name))
        && directive.inner().iter().any(|one| {
            matches!(one.name.as_str(), "return" | "rewrite")
                && one.args.iter().any(|word| word.starts_with("https://"))
        })
}
