//! HAProxy: frontends with the backends that their rules lead to.

mod rules;

use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use vedette_model::Diagnostic;
use vedette_model::limits::GATEWAY_ROUTES_MAX;

use self::rules::{Condition, Rules};
use super::address::reach;
use super::secrets::Secrets;
use super::{
    Admin, At, Backend, Gateway, Listener, Oldest, PathPattern, Product, Reach, Route, Serves, Setting, Tls, TlsVersion,
};

/// Keywords that begin a section.
const SECTIONS: &[&str] = &[
    "global",
    "defaults",
    "frontend",
    "backend",
    "listen",
    "userlist",
    "peers",
    "resolvers",
    "mailers",
    "cache",
    "program",
    "http-errors",
    "ring",
    "log-forward",
    "log-profile",
    "fcgi-app",
    "crt-store",
    "traces",
];

/// True when a text reads like a configuration of HAProxy.
pub(super) fn is_haproxy(text: &str) -> bool {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let begins = |words: &[&str]| {
        lines().any(|line| {
            !line.ends_with(['{', ';', ':']) && line.split_whitespace().next().is_some_and(|word| words.contains(&word))
        })
    };
    begins(&["frontend", "listen", "backend", "defaults", "global"])
        && begins(&[
            "bind",
            "server",
            "mode",
            "default_backend",
            "use_backend",
            "stats",
            "timeout",
            "balance",
            "http-request",
        ])
}

/// One line: its words and place.
pub(super) struct Line {
    words: Vec<String>,
    at: At,
}

impl Line {
    fn word(&self, place: usize) -> &str {
        self.words.get(place).map_or("", String::as_str)
    }

    fn starts(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(place, word)| self.word(place) == *word)
    }

    fn has(&self, word: &str) -> bool {
        self.words.iter().any(|one| one == word)
    }

    /// The word after another one.
    fn after(&self, word: &str) -> Option<&str> {
        let place = self.words.iter().position(|one| one == word)?;
        self.words.get(place + 1).map(String::as_str)
    }
}

struct Section {
    kind: String,
    name: String,
    at: At,
    /// Place of the `defaults` in force.
    defaults: Option<usize>,
    lines: Vec<Line>,
}

/// True when the text has the language's form.
pub(super) fn parses(file: &Arc<str>, text: &str) -> bool {
    sections(file, text).is_ok()
}

/// Reads one file.
pub(super) fn read(file: &Arc<str>, text: &str, secrets: &Secrets<'_>) -> Result<Gateway, Diagnostic> {
    let sections = sections(file, text)?;
    let named = sections.iter().enumerate().filter(|(_, one)| one.kind == "backend");
    let backends = named.map(|(place, one)| (one.name.as_str(), place)).collect();
    let mut reader = Reader { gateway: Gateway::new(Product::Haproxy, file), sections: &sections, backends, secrets };
    for section in &sections {
        match section.kind.as_str() {
            "global" => reader.global(section),
            "userlist" => reader.users(section),
            "frontend" => reader.frontend(section),
            "listen" => {
                reader.frontend(section);
                reader.servers(section);
            }
            "backend" => reader.servers(section),
            _ => {}
        }
        reader.find_secrets(section);
    }
    Ok(reader.gateway)
}

fn sections(file: &Arc<str>, text: &str) -> Result<Vec<Section>, Diagnostic> {
    let mut sections: Vec<Section> = Vec::new();
    let mut defaults: Option<usize> = None;
    for (place, line) in text.lines().enumerate() {
        let at = At::new(file, place + 1);
        let words = words(line).map_err(|message| Diagnostic {
            file: file.to_string(),
            line: place + 1,
            column: 1,
            message: message.to_owned(),
            hint: None,
        })?;
        let Some(first) = words.first() else { continue };
        if SECTIONS.contains(&first.as_str()) {
            let (kind, name) = (first.clone(), words.get(1).cloned().unwrap_or_default());
            if kind == "defaults" {
                defaults = Some(sections.len());
            }
            let from = words.iter().position(|word| word == "from").and_then(|place| words.get(place + 1));
            let named =
                from.and_then(|name| sections.iter().position(|one| one.kind == "defaults" && one.name == *name));
            sections.push(Section { kind, name, at, defaults: named.or(defaults), lines: Vec::new() });
        } else if let Some(section) = sections.last_mut() {
            section.lines.push(Line { words, at });
        } else if !first.starts_with('.') {
            return Err(Diagnostic {
                file: file.to_string(),
                line: place + 1,
                column: 1,
                message: format!("`{}` stands outside of any section", first.chars().take(40).collect::<String>()),
                hint: None,
            });
        }
    }
    Ok(sections)
}

/// Words of a line: quotes join, `\` escapes, `#` begins a comment.
fn words(line: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut quote, mut any) = (None, false);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some('"') | None, '\\') => {
                word.extend(chars.next());
                any = true;
            }
            (Some(open), c) if c == open => quote = None,
            (Some(_), c) => word.push(c),
            (None, '"' | '\'') => (quote, any) = (Some(c), true),
            (None, '#') => break,
            (None, c) if c.is_whitespace() => {
                if any {
                    words.push(std::mem::take(&mut word));
                    any = false;
                }
            }
            (None, c) => {
                word.push(c);
                any = true;
            }
        }
    }
    if quote.is_some() {
        return Err("a quote that is not closed");
    }
    if any {
        words.push(word);
    }
    Ok(words)
}

struct Reader<'a> {
    gateway: Gateway,
    sections: &'a [Section],
    /// Places of backends by name.
    backends: HashMap<&'a str, usize, FixedState>,
    secrets: &'a Secrets<'a>,
}

impl<'a> Reader<'a> {
    /// The lines in force in a section: its defaults', then its own.
    fn lines(&self, section: &'a Section) -> impl DoubleEndedIterator<Item = &'a Line> + Clone + use<'a> {
        let defaults = section.defaults.and_then(|place| self.sections.get(place));
        defaults.map(|one| one.lines.as_slice()).unwrap_or_default().iter().chain(&section.lines)
    }

    /// `http` or `tcp`, which is the default.
    fn mode(&self, section: &'a Section) -> &'a str {
        self.lines(section).rev().find(|line| line.word(0) == "mode").map_or("tcp", |line| line.word(1))
    }

    fn global_lines(&self) -> impl Iterator<Item = &'a Line> + use<'a> {
        self.sections.iter().filter(|one| one.kind == "global").flat_map(|one| &one.lines)
    }

    fn global(&mut self, section: &Section) {
        for line in section.lines.iter().filter(|line| line.starts(&["stats", "socket"])) {
            let address = line.word(2);
            let address = address
                .split_once('@')
                .map_or(address, |(kind, rest)| if kind.starts_with("ipv") { rest } else { "/" });
            self.gateway.admins.push(Admin {
                at: line.at.clone(),
                name: format!("runtime API on {}", line.word(2)),
                reach: reach(address),
                guard: Setting::Off("the runtime API asks nobody who they are".to_owned(), Some(line.at.clone())),
                controls: matches!(line.after("level"), Some("admin")),
            });
        }
    }

    fn users(&mut self, section: &Section) {
        for line in section.lines.iter().filter(|line| line.word(0) == "user") {
            if let Some(password) = line.after("insecure-password") {
                let what = format!("`insecure-password` of user {}", line.word(1));
                Secrets::known(&what, password, &line.at, &mut self.gateway.secrets);
            }
        }
    }

    fn frontend(&mut self, section: &'a Section) {
        let mode = self.mode(section);
        let first = self.gateway.listeners.len();
        let mut certificates = None;
        for line in section.lines.iter().filter(|line| line.word(0) == "bind") {
            self.bind(line, &section.name);
            if let Some(verify) = line.after("verify").filter(|word| *word != "none") {
                certificates = Some((verify == "required", line.at.clone()));
            }
        }
        let own = || self.gateway.listeners.iter().enumerate().skip(first);
        let far = own().map(|(_, one)| one.reach).max().unwrap_or(Reach::Loopback);
        let own_rules = Rules::new(self.lines(section), certificates);
        self.stats(section, far, &own_rules);
        // Of TCP proxies nothing is to be seen above the connection.
        if mode != "http" {
            self.gateway.listeners.truncate(first);
            return;
        }
        let redirects = own_rules.redirects_plain();
        let listeners: Vec<usize> = self
            .gateway
            .listeners
            .iter()
            .enumerate()
            .skip(first)
            .filter(|(_, one)| one.tls.is_some() || !redirects)
            .map(|(place, _)| place)
            .collect();
        let choices = section.lines.iter().filter(|line| line.word(0) == "use_backend");
        for line in choices {
            let condition = Condition::of(line);
            for (hosts, path, methods) in own_rules.routes(&condition) {
                self.route(line, Some(line.word(1)), (hosts, path, methods), &own_rules, &listeners);
            }
        }
        let default = self.lines(section).rev().find(|line| line.word(0) == "default_backend");
        let everything = (Vec::new(), PathPattern::any(), Vec::new());
        if let Some(line) = default {
            self.route(line, Some(line.word(1)), everything, &own_rules, &listeners);
        } else if section.lines.iter().any(|line| line.word(0) == "server") {
            let head = Line { words: Vec::new(), at: section.at.clone() };
            self.route(&head, None, everything, &own_rules, &listeners);
        }
    }

    fn route(
        &mut self,
        line: &Line,
        backend: Option<&str>,
        (hosts, path, methods): (Vec<String>, PathPattern, Vec<String>),
        rules: &Rules<'a>,
        listeners: &[usize],
    ) {
        if self.gateway.routes.len() >= GATEWAY_ROUTES_MAX {
            return;
        }
        let section = backend.and_then(|name| self.backends.get(name)).and_then(|place| self.sections.get(*place));
        let behind = section.map(|section| Rules::new(self.lines(section), None));
        let both = |judge: &dyn Fn(&Rules<'a>) -> Setting| {
            let front = judge(rules);
            match (&front, &behind) {
                (Setting::Off(..) | Setting::Unknown(_), Some(behind)) => {
                    let back = judge(behind);
                    if back.is_off() { front } else { back }
                }
                _ => front,
            }
        };
        let serves = match (rules.redirects_all(), behind.as_ref().is_some_and(Rules::redirects_all)) {
            (false, false) if behind.as_ref().is_some_and(Rules::answers_all) || rules.answers_all() => Serves::Fixed,
            (false, false) => Serves::Backend,
            _ => Serves::Redirect,
        };
        let route = Route {
            at: line.at.clone(),
            authentication: both(&|rules| rules.authentication(&path)),
            rate_limit: both(&|rules| rules.rate_limit(&path)),
            body_limit: both(&|rules| rules.body_limit(&path)),
            cors: rules.cors().or_else(|| behind.as_ref().and_then(Rules::cors)),
            hosts,
            path: path.clone(),
            methods,
            serves,
            listeners: listeners.to_vec(),
            deprecated: None,
        };
        self.gateway.routes.push(route);
    }

    fn bind(&mut self, line: &Line, proxy: &str) {
        let tls = line.has("ssl").then(|| self.tls(line));
        let behind = line.has("accept-proxy").then(|| "the listener takes the PROXY protocol".to_owned());
        for address in line.word(1).split(',') {
            let bare = address
                .split_once('@')
                .map_or(address, |(kind, rest)| if kind.starts_with("ipv") { rest } else { "/" });
            let name = format!("{address} ({proxy})");
            let (at, tls, behind) = (line.at.clone(), tls.clone(), behind.clone());
            self.gateway.listeners.push(Listener { at, name, reach: reach(bare), tls, behind });
        }
    }

    fn tls(&self, line: &Line) -> Tls {
        let default = |name: &str| self.global_lines().find(|line| line.word(0) == name);
        let defaults = default("ssl-default-bind-options");
        let minimum = |line: &Line| {
            let word = line.after("ssl-min-ver").map(|version| ("ssl-min-ver", version));
            let forced = line.words.iter().find_map(|word| Some(("", word.strip_prefix("force-")?)));
            let (option, text) = word.or(forced)?;
            Some((TlsVersion::read(text)?, format!("`{option} {text}`").replace("` ", "`force-"), line.at.clone()))
        };
        let found = minimum(line).or_else(|| defaults.and_then(minimum));
        let ciphers = line.after("ciphers").map(|text| (text.to_owned(), line.at.clone()));
        let ciphers = ciphers
            .or_else(|| default("ssl-default-bind-ciphers").map(|line| (line.word(1).to_owned(), line.at.clone())));
        let (version, reason, at) =
            found.unwrap_or_else(|| (TlsVersion::Tls12, "HAProxy's default since 2.2".to_owned(), line.at.clone()));
        Tls { at, oldest: Oldest { version, reason, certain: true }, ciphers }
    }

    fn stats(&mut self, section: &'a Section, far: Reach, rules: &Rules<'a>) {
        let stats: Vec<&Line> = section.lines.iter().filter(|line| line.word(0) == "stats").collect();
        let on = stats.iter().find(|line| matches!(line.word(1), "enable" | "uri"));
        let guard = stats.iter().find(|line| line.word(1) == "auth" || line.starts(&["stats", "http-request", "auth"]));
        for line in stats.iter().filter(|line| line.word(1) == "auth") {
            let password = line.word(2).split_once(':').map_or("", |(_, password)| password);
            Secrets::known("the password of `stats auth`", password, &line.at, &mut self.gateway.secrets);
        }
        let uri = stats.iter().find(|line| line.word(1) == "uri").map_or("/haproxy?stats", |line| line.word(2));
        if let Some(on) = on {
            let uri = PathPattern::new(super::PathKind::Prefix, uri);
            self.gateway.admins.push(Admin {
                at: on.at.clone(),
                name: format!("statistics page {} of {}", uri.text, section.name),
                reach: far,
                guard: match guard {
                    Some(line) => Setting::On("stats auth".to_owned(), line.at.clone()),
                    None => rules.authentication(&uri),
                },
                controls: stats.iter().any(|line| line.word(1) == "admin"),
            });
        }
        let metrics = section.lines.iter().find(|line| line.has("prometheus-exporter"));
        if let Some(line) = metrics {
            self.gateway.admins.push(Admin {
                at: line.at.clone(),
                name: format!("metrics of {}", section.name),
                reach: far,
                guard: rules.authentication(&PathPattern::new(super::PathKind::Exact, "/metrics")),
                controls: false,
            });
        }
    }

    fn servers(&mut self, section: &'a Section) {
        let default: Vec<&Line> = self.lines(section).filter(|line| line.word(0) == "default-server").collect();
        let lax = self.global_lines().find(|line| line.starts(&["ssl-server-verify", "none"]));
        for line in section.lines.iter().filter(|line| line.word(0) == "server") {
            let tls = line.has("ssl") || default.iter().any(|one| one.has("ssl")) && !line.has("no-ssl");
            let said =
                std::iter::once(line).chain(default.iter().copied()).find_map(|one| Some((one.after("verify")?, one)));
            let verify = match (said, lax) {
                (Some(("none", one)), _) => Setting::Off("`verify none`".to_owned(), Some(one.at.clone())),
                (Some((_, one)), _) => Setting::On("verify required".to_owned(), one.at.clone()),
                (None, Some(global)) => Setting::Off("`ssl-server-verify none`".to_owned(), Some(global.at.clone())),
                (None, None) => Setting::Default("HAProxy verifies unless told otherwise".to_owned()),
            };
            // What runs inside of plain TCP is not known.
            if !tls && self.mode(section) != "http" {
                continue;
            }
            let address = line.word(2).rsplit('@').next().unwrap_or_default();
            // Such a server is wherever the connection was meant to go.
            let transparent = address.starts_with("0.0.0.0") || address.starts_with('*') || address.starts_with("[::]");
            self.gateway.backends.push(Backend {
                at: line.at.clone(),
                name: format!("{}/{} {}", section.name, line.word(1), line.word(2)),
                tls,
                verify,
                reach: if transparent { Reach::Private } else { reach(address) },
                authentication: None,
            });
        }
    }

    fn find_secrets(&mut self, section: &Section) {
        for line in &section.lines {
            if let Some(place) = line
                .words
                .iter()
                .position(|word| matches!(word.as_str(), "set-header" | "add-header" | "setenv" | "presetenv"))
            {
                let (name, value) = (line.word(place + 1), line.word(place + 2));
                self.secrets.header(&format!("`{name}`"), name, value, &line.at, &mut self.gateway.secrets);
            }
        }
    }
}
