//! Access lists and the rules of a proxy that refer to them.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use vedette_model::limits::RULES_FOLLOWED_MAX;

use super::super::{At, Cors, Origin, PathKind, PathPattern, Setting};
use super::Line;

/// The lines of one proxy.
pub(super) struct Rules<'l> {
    /// Lines that say something of every call; access lists and choices of backends are not among them.
    lines: Vec<&'l Line>,
    /// Access lists by name.
    lists: HashMap<&'l str, Vec<&'l Line>, FixedState>,
    /// Why not all rules are followed.
    beyond: Option<String>,
    /// Client certificates: required or optional, and where.
    certificates: Option<(bool, At)>,
}

/// What follows `if` or `unless`.
pub(super) struct Condition<'l> {
    unless: bool,
    words: &'l [String],
}

impl<'l> Condition<'l> {
    pub(super) fn of(line: &'l Line) -> Self {
        let place = line.words.iter().rposition(|word| word == "if" || word == "unless");
        let unless = place.and_then(|place| line.words.get(place)).is_some_and(|word| word == "unless");
        Self { unless, words: place.and_then(|place| line.words.get(place + 1..)).unwrap_or_default() }
    }
}

/// One test of a condition: its words, and whether it is negated.
struct Test<'l> {
    negated: bool,
    words: Vec<&'l str>,
}

/// Fetches that tell who calls.
const IDENTITY: &[&str] = &[
    "http_auth",
    "jwt_verify",
    "jwt_query",
    "jwt_header_query",
    "jwt_payload_query",
    "ssl_c_used",
    "ssl_c_verify",
    "ssl_c_s_dn",
    "ssl_fc_has_crt",
    "http_auth_bearer",
    "authorization",
    "x-api-key",
    "api-key",
    "apikey",
    "auth_token",
    "oauth",
    "var(txn.auth",
    "var(txn.authorized",
    "var(req.auth",
];

type Parts = (Vec<String>, PathPattern, Vec<String>);

impl<'l> Rules<'l> {
    pub(super) fn new(all: impl Iterator<Item = &'l Line>, certificates: Option<(bool, At)>) -> Self {
        let mut lists: HashMap<&str, Vec<&Line>, FixedState> = HashMap::default();
        let mut lines = Vec::new();
        let mut beyond = None;
        for line in all {
            match line.word(0) {
                "acl" => lists.entry(line.word(1)).or_default().push(line),
                "use_backend" | "server" | "bind" | "timeout" | "option" => {}
                _ if lines.len() < RULES_FOLLOWED_MAX => lines.push(line),
                _ => beyond = Some(format!("only {RULES_FOLLOWED_MAX} rules of a proxy are followed")),
            }
        }
        Self { lines, lists, beyond, certificates }
    }

    /// Tests of a condition with named lists replaced by what they test.
    fn tests(&self, condition: &Condition<'l>) -> Vec<Test<'l>> {
        let mut tests = Vec::new();
        let mut words = condition.words.iter().map(String::as_str);
        let mut negated = false;
        while let Some(word) = words.next() {
            let (negation, word) = word.strip_prefix('!').map_or((negated, word), |rest| (true, rest));
            negated = false;
            match word {
                "" => negated = true,
                "||" | "or" => {}
                "{" => {
                    let inner: Vec<&str> = words.by_ref().take_while(|word| *word != "}").collect();
                    tests.push(Test { negated: negation, words: inner });
                }
                name => {
                    for line in self.lists.get(name).into_iter().flatten() {
                        let inner = line.words.iter().skip(2).map(String::as_str).collect();
                        tests.push(Test { negated: negation, words: inner });
                    }
                    if matches!(name, "METH_GET" | "METH_POST" | "METH_OPTIONS" | "METH_PUT" | "METH_DELETE") {
                        tests.push(Test { negated: negation, words: vec!["method", name.trim_start_matches("METH_")] });
                    }
                }
            }
        }
        if condition.unless {
            for test in &mut tests {
                test.negated = !test.negated;
            }
        }
        tests
    }

    /// Hosts, path and methods that a condition chooses, one for each path.
    pub(super) fn routes(&self, condition: &Condition<'l>) -> Vec<Parts> {
        let tests = self.tests(condition);
        let mut hosts = Vec::new();
        let mut methods = Vec::new();
        let mut paths = Vec::new();
        for test in tests.iter().filter(|test| !test.negated) {
            hosts.extend(test.hosts());
            methods.extend(test.methods());
            paths.extend(test.paths());
        }
        if paths.is_empty() {
            paths.push(PathPattern::any());
        }
        paths.into_iter().map(|path| (hosts.clone(), path, methods.clone())).collect()
    }

    fn requests(&self) -> impl Iterator<Item = &&'l Line> {
        self.lines.iter().filter(|line| matches!(line.word(0), "http-request" | "tcp-request"))
    }

    /// Rules that refuse or ask.
    fn refusals(&self) -> impl Iterator<Item = &&'l Line> {
        self.requests().filter(|line| {
            line.words
                .iter()
                .skip(1)
                .take(3)
                .any(|word| matches!(word.as_str(), "deny" | "auth" | "tarpit" | "reject" | "silent-drop"))
        })
    }

    /// Who may call a path.
    pub(super) fn authentication(&self, path: &PathPattern) -> Setting {
        match &self.certificates {
            Some((true, at)) => return Setting::On("client certificates".to_owned(), at.clone()),
            Some((false, at)) => {
                return Setting::Unknown(format!("`verify optional` (line {}) leaves the decision to others", at.line));
            }
            None => {}
        }
        let mut partial = None;
        for line in self.refusals() {
            let tests = self.tests(&Condition::of(line));
            let identity = line.word(1) == "auth" || tests.iter().any(|test| test.says(IDENTITY));
            let list = tests.iter().any(|test| test.negated && test.words.first().is_some_and(|word| *word == "src"));
            if !identity && !list {
                continue;
            }
            match fits(&tests, path) {
                Some(true) => {
                    let what = if identity {
                        format!("{} {}", line.word(0), line.word(1))
                    } else {
                        "a list of addresses".to_owned()
                    };
                    return Setting::On(what, line.at.clone());
                }
                Some(false) => {}
                None => partial = Some(line.at.line),
            }
        }
        let program = self.lines.iter().find(|line| {
            line.starts(&["filter", "spoe"])
                || line.word(1).starts_with("lua.")
                || line.starts(&["http-request", "send-spoe-group"])
        });
        if let Some(reason) = &self.beyond {
            return Setting::Unknown(reason.clone());
        }
        match (partial, program) {
            (Some(line), _) => Setting::Unknown(format!("a rule asks at parts of it (line {line})")),
            (None, Some(line)) => Setting::Unknown(format!("the program of line {} may ask", line.at.line)),
            (None, None) => Setting::Off("no rule asks who calls".to_owned(), None),
        }
    }

    pub(super) fn rate_limit(&self, path: &PathPattern) -> Setting {
        let rates = ["_rate", "rate_limit", "_cnt", "ratelimit"];
        for line in self.refusals() {
            let tests = self.tests(&Condition::of(line));
            if tests.iter().any(|test| test.says(&rates)) && fits(&tests, path) != Some(false) {
                return Setting::On(format!("{} by rate", line.word(0)), line.at.clone());
            }
        }
        match self
            .lines
            .iter()
            .find(|line| line.starts(&["rate-limit", "sessions"]) || line.starts(&["filter", "bwlim-in"]))
        {
            Some(line) => Setting::On(line.word(0).to_owned(), line.at.clone()),
            None => Setting::Off("no rule refuses by rate, and HAProxy has no limit of its own".to_owned(), None),
        }
    }

    pub(super) fn body_limit(&self, path: &PathPattern) -> Setting {
        let sizes = ["body_size", "body_len", "content-length", "req.len"];
        for line in self.refusals() {
            let tests = self.tests(&Condition::of(line));
            if tests.iter().any(|test| test.says(&sizes)) && fits(&tests, path) != Some(false) {
                return Setting::On(format!("{} by size", line.word(0)), line.at.clone());
            }
        }
        Setting::Off("HAProxy passes bodies of any size on unless a rule looks at `req.body_size`".to_owned(), None)
    }

    pub(super) fn cors(&self) -> Option<Cors> {
        let header = |name: &str| {
            self.lines.iter().find(|line| {
                matches!(line.word(0), "http-response" | "http-after-response" | "rspadd")
                    && line.words.iter().any(|word| word.eq_ignore_ascii_case(name))
            })
        };
        let line = header("Access-Control-Allow-Origin")?;
        let place = line.words.iter().position(|word| word.eq_ignore_ascii_case("Access-Control-Allow-Origin"))?;
        let value = line.word(place + 1);
        let tests = self.tests(&Condition::of(line));
        let chosen =
            tests.iter().any(|test| !test.negated && test.says(&["origin"]) && !test.says(&["-m found", "found"]));
        let dynamic = value.starts_with("%[") && value.to_ascii_lowercase().contains("origin");
        let origin = match value {
            "*" => Origin::Any,
            "null" => Origin::Null,
            _ if dynamic && !chosen => Origin::Reflected,
            _ => Origin::Listed,
        };
        let credentials = header("Access-Control-Allow-Credentials").is_some_and(|line| line.has("true"));
        Some(Cors { at: line.at.clone(), origin, credentials })
    }

    /// A redirect to `https` for whatever comes without TLS.
    pub(super) fn redirects_plain(&self) -> bool {
        self.redirects().any(|line| {
            let secure =
                line.starts_any("scheme", "https") || line.words.iter().any(|word| word.starts_with("https://"));
            secure
                && self
                    .tests(&Condition::of(line))
                    .iter()
                    .all(|test| test.says(&["ssl_fc", "dst_port", "x-forwarded-proto", "acme", "well-known"]))
        })
    }

    pub(super) fn redirects_all(&self) -> bool {
        self.redirects().any(|line| Condition::of(line).words.is_empty())
    }

    /// A fixed answer or a refusal for everything.
    pub(super) fn answers_all(&self) -> bool {
        self.requests().any(|line| matches!(line.word(1), "return" | "deny") && Condition::of(line).words.is_empty())
    }

    fn redirects(&self) -> impl Iterator<Item = &&'l Line> {
        self.lines.iter().filter(|line| line.word(0) == "redirect" || line.starts(&["http-request", "redirect"]))
    }
}

impl Line {
    fn starts_any(&self, first: &str, second: &str) -> bool {
        self.words.windows(2).any(|pair| matches!(pair, [a, b] if a == first && b == second))
    }
}

impl Test<'_> {
    /// True when the text of the test holds any of the words.
    fn says(&self, words: &[&str]) -> bool {
        self.words.iter().any(|one| words.iter().any(|word| one.to_ascii_lowercase().contains(word)))
    }

    /// Values after the flags (`-i`, `-m beg`).
    fn values(&self) -> impl Iterator<Item = &str> {
        let mut skip = false;
        self.words.iter().skip(1).copied().filter(move |word| {
            let value = std::mem::take(&mut skip);
            skip = matches!(*word, "-m" | "-f" | "-M");
            !value && !word.starts_with('-')
        })
    }

    fn hosts(&self) -> Vec<String> {
        let fetch = self.words.first().map(|word| word.to_ascii_lowercase()).unwrap_or_default();
        if !fetch.contains("host") {
            return Vec::new();
        }
        let loose = |host: &str| match () {
            () if fetch.contains("_end") || fetch.contains("_dom") || self.words.contains(&"end") => format!("*{host}"),
            () if fetch.contains("_beg") || self.words.contains(&"beg") => format!("{host}*"),
            () if fetch.contains("_reg") || fetch.contains("_sub") || self.words.contains(&"reg") => "*".to_owned(),
            () => host.to_owned(),
        };
        self.values().map(|host| loose(&host.to_ascii_lowercase())).collect()
    }

    fn methods(&self) -> Vec<String> {
        if self.words.first() != Some(&"method") {
            return Vec::new();
        }
        self.values().map(str::to_ascii_uppercase).collect()
    }

    fn paths(&self) -> Vec<PathPattern> {
        let Some(fetch) = self.words.first() else { return Vec::new() };
        if !(fetch.starts_with("path")
            || fetch.starts_with("url")
            || fetch.starts_with("capture.req.uri")
            || fetch.starts_with("base"))
        {
            return Vec::new();
        }
        let kind = match self.words.as_slice() {
            words if fetch.contains("_beg") || words.contains(&"beg") => PathKind::Prefix,
            words if fetch.contains("_dir") || words.contains(&"dir") => PathKind::Segments,
            words if fetch.contains("_reg") || words.contains(&"reg") => PathKind::Regex,
            words if fetch.contains('_') || words.contains(&"end") || words.contains(&"sub") => {
                return vec![PathPattern::any()];
            }
            _ => PathKind::Exact,
        };
        self.values().map(|text| PathPattern::new(kind, text)).collect()
    }
}

/// Whether a rule with these tests holds for all of a path, for none of it (false), or for some of it.
fn fits(tests: &[Test<'_>], path: &PathPattern) -> Option<bool> {
    let mut restricted = false;
    for test in tests {
        let paths = test.paths();
        if paths.is_empty() {
            restricted |= !test.hosts().is_empty() || !test.methods().is_empty();
            continue;
        }
        let inside = paths.iter().any(|one| one.kind != PathKind::Regex && path.text.starts_with(&one.text));
        let touching = paths.iter().any(|one| one.kind == PathKind::Regex || one.text.starts_with(&path.text));
        match (test.negated, inside) {
            (true, true) => return Some(false),
            (false, false) if !touching => return Some(false),
            (false, false) => restricted = true,
            // Inside, or some paths are left out by name, which is how health checks are.
            (false, true) | (true, false) => {}
        }
    }
    if restricted { None } else { Some(true) }
}
