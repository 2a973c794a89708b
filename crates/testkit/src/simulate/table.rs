//! What an API looks like, read from a table of text: services, kinds of objects, routes, and what people do.
//!
//! One statement a line, words apart by spaces; an indented line lists the fields of the kind above it.
//! `+` before a field: the client sends it; `-`: only in details, not in lists; `~`: since the deploy in the middle.

/// An API with its people.
#[derive(Debug, Default)]
pub(super) struct Api {
    pub(super) name: &'static str,
    pub(super) services: Vec<Service>,
    pub(super) auth: Auth,
    /// What customers are called in tokens and profiles.
    pub(super) called: &'static str,
    /// Visits of staff, and of people without an account, in a hundred.
    pub(super) staff_share: i64,
    pub(super) visitor_share: i64,
    /// Users of a household or a tenant, from and to.
    pub(super) group: (i64, i64),
    /// Roles with how many people have them.
    pub(super) staff: Vec<(&'static str, usize)>,
    pub(super) partners: Vec<&'static str>,
    /// Tenths of exchanges of a visit, about.
    pub(super) mean: usize,
    /// Kinds of attacks that make sense here.
    pub(super) attacks: Vec<&'static str>,
    pub(super) kinds: Vec<Kind>,
    pub(super) routes: Vec<Route>,
    pub(super) journeys: Vec<Journey>,
    /// Steps that have to follow each other.
    pub(super) flows: Vec<Vec<&'static str>>,
    /// Operations that turn a foreign account into money.
    pub(super) takeover: Vec<&'static str>,
    /// Lines that were not understood; a test holds them at none.
    pub(super) mistakes: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Auth {
    #[default]
    Jwt,
    Cookie,
    /// An API key per user, no login.
    Key,
}

#[derive(Debug)]
pub(super) struct Service {
    pub(super) name: &'static str,
    pub(super) origin: &'static str,
    pub(super) internal: bool,
}

/// Who may see an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Private,
    Group,
    Public,
}

#[derive(Debug)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    /// `uuid`, `seq:FIRST`, `code:PREFIX`, `slug`.
    pub(super) ids: &'static str,
    pub(super) scope: Scope,
    /// How many per owner, parent, or (public) in all.
    pub(super) count: (i64, i64),
    pub(super) parent: Option<usize>,
    pub(super) fields: Vec<Field>,
}

#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) make: &'static str,
    pub(super) sent: bool,
    pub(super) detail: bool,
    pub(super) new: bool,
}

/// What a route does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Login,
    Refresh,
    Signup,
    Reset,
    Me,
    UpdateMe,
    List,
    Search,
    Export,
    Get,
    Create,
    Update,
    Delete,
    /// A step on an object: confirm, cancel, redeem.
    Do,
    Chat,
    /// `initialize` of MCP.
    Hello,
    /// `tools/list` of MCP.
    Tools,
    Static,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wire {
    Rest,
    GraphQl,
    Mcp,
}

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a line in a table")]
pub(super) struct Route {
    pub(super) op: &'static str,
    pub(super) service: usize,
    pub(super) method: &'static str,
    pub(super) template: &'static str,
    pub(super) act: Act,
    pub(super) kind: Option<usize>,
    /// Kind of the object that a step makes.
    pub(super) makes: Option<usize>,
    /// Needs no login.
    pub(super) open: bool,
    /// Roles that it is for; empty: everybody who is logged in.
    pub(super) roles: Vec<&'static str>,
    /// Its check of owner or role is missing.
    pub(super) broken: bool,
    /// Takes any `limit`.
    pub(super) unbounded: bool,
    pub(super) new: bool,
    pub(super) wire: Wire,
    /// Server-issued fields that the client sends back.
    pub(super) echo: Vec<&'static str>,
}

/// What somebody does in one visit.
#[derive(Debug)]
pub(super) struct Journey {
    /// `customer`, `visitor`, a role, a partner, or `job:NAME`.
    pub(super) who: &'static str,
    pub(super) weight: u32,
    /// Operations; a `?`, `*` or `+` at the end repeats as in a regular expression.
    pub(super) steps: Vec<&'static str>,
}

impl Api {
    pub(super) fn read(text: &'static str) -> Self {
        let mut api =
            Self { mean: 90, group: (1, 1), called: "customer", staff_share: 12, visitor_share: 10, ..Self::default() };
        for line in text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#')) {
            let words: Vec<&'static str> = line.split_whitespace().collect();
            let understood = if line.starts_with(' ') { api.fields(&words) } else { api.statement(&words) };
            if understood.is_none() {
                api.mistakes.push(line.to_owned());
            }
        }
        api.check();
        api
    }

    pub(super) fn kind_named(&self, name: &str) -> Option<usize> {
        self.kinds.iter().position(|k| k.name == name)
    }

    pub(super) fn route_named(&self, op: &str) -> Option<usize> {
        self.routes.iter().position(|r| r.op == op)
    }

    #[expect(clippy::indexing_slicing, reason = "the index came from this table")]
    pub(super) fn route(&self, index: usize) -> &Route {
        &self.routes[index]
    }

    #[expect(clippy::indexing_slicing, reason = "the index came from this table")]
    pub(super) fn kind(&self, index: usize) -> &Kind {
        &self.kinds[index]
    }

    /// Indices of the routes that `wanted` holds for.
    pub(super) fn routes_where(&self, wanted: impl Fn(&Route) -> bool) -> Vec<usize> {
        self.routes.iter().enumerate().filter(|(_, r)| wanted(r)).map(|(i, _)| i).collect()
    }

    pub(super) fn of_act(&self, act: Act) -> Option<usize> {
        self.routes.iter().position(|r| r.act == act)
    }

    fn statement(&mut self, words: &[&'static str]) -> Option<()> {
        let (first, rest) = words.split_first()?;
        match *first {
            "name" => self.name = rest.first()?,
            "service" => self.services.push(Service {
                name: rest.first()?,
                origin: rest.get(1)?,
                internal: rest.get(2) == Some(&"internal"),
            }),
            "auth" => {
                self.auth = match *rest.first()? {
                    "jwt" => Auth::Jwt,
                    "cookie" => Auth::Cookie,
                    "key" => Auth::Key,
                    _ => return None,
                }
            }
            "called" => self.called = rest.first()?,
            "staffshare" => self.staff_share = rest.first()?.parse().ok()?,
            "visitorshare" => self.visitor_share = rest.first()?.parse().ok()?,
            "group" => self.group = range(rest.first()?)?,
            "staff" => self.staff.push((rest.first()?, rest.get(1)?.parse().ok()?)),
            "partner" => self.partners.push(rest.first()?),
            "mean" => self.mean = rest.first()?.parse().ok()?,
            "attacks" => self.attacks.extend(rest),
            "flow" => self.flows.push(rest.to_vec()),
            "takeover" => self.takeover = rest.to_vec(),
            "kind" => self.add_kind(rest)?,
            "route" => self.add_route(rest)?,
            "journey" => self.journeys.push(Journey {
                who: rest.first()?,
                weight: rest.get(1)?.parse().ok()?,
                steps: rest.get(2..)?.to_vec(),
            }),
            _ => return None,
        }
        Some(())
    }

    fn add_kind(&mut self, words: &[&'static str]) -> Option<()> {
        let scope = match *words.get(2)? {
            "private" => Scope::Private,
            "group" => Scope::Group,
            "public" => Scope::Public,
            _ => return None,
        };
        let parent = match words.get(4) {
            Some(&"in") => Some(self.kind_named(words.get(5)?)?),
            Some(_) => return None,
            None => None,
        };
        let count = range(words.get(3)?)?;
        self.kinds.push(Kind { name: words.first()?, ids: words.get(1)?, scope, count, parent, fields: Vec::new() });
        Some(())
    }

    fn fields(&mut self, words: &[&'static str]) -> Option<()> {
        let kind = self.kinds.last_mut()?;
        for word in words {
            let (marked, make) = word.split_once(':')?;
            let name = marked.trim_start_matches(['+', '-', '~']);
            let marks = marked.get(..marked.len() - name.len())?;
            let has = |c| marks.contains(c);
            kind.fields.push(Field { name, make, sent: has('+'), detail: has('-'), new: has('~') });
        }
        Some(())
    }

    fn add_route(&mut self, words: &[&'static str]) -> Option<()> {
        let act = act(words.get(3)?)?;
        let named = words.get(4).and_then(|w| self.kind_named(w));
        let mut route = Route {
            op: words.first()?,
            service: 0,
            method: words.get(1)?,
            template: words.get(2)?,
            act,
            kind: named,
            makes: None,
            open: false,
            roles: Vec::new(),
            broken: false,
            unbounded: false,
            new: false,
            wire: Wire::Rest,
            echo: Vec::new(),
        };
        for flag in words.iter().skip(if named.is_some() { 5 } else { 4 }) {
            match flag.split_once('=').unwrap_or((flag, "")) {
                ("open", _) => route.open = true,
                ("broken", _) => route.broken = true,
                ("unbounded", _) => route.unbounded = true,
                ("new", _) => route.new = true,
                ("gql", _) => route.wire = Wire::GraphQl,
                ("mcp", _) => route.wire = Wire::Mcp,
                ("roles", list) => route.roles = list.split(',').collect(),
                ("echo", list) => route.echo = list.split(',').collect(),
                ("makes", kind) => route.makes = Some(self.kind_named(kind)?),
                ("service", name) => route.service = self.services.iter().position(|s| s.name == name)?,
                _ => return None,
            }
        }
        self.routes.push(route);
        Some(())
    }

    /// Steps, kinds in templates and flows have to exist.
    fn check(&mut self) {
        let steps =
            self.journeys.iter().flat_map(|j| &j.steps).chain(self.flows.iter().flatten()).chain(&self.takeover);
        let unknown: Vec<String> = steps
            .map(|s| s.trim_end_matches(['?', '*', '+']))
            .filter(|s| self.route_named(s).is_none())
            .map(|s| format!("no route {s}"))
            .collect();
        let placeholders = self.routes.iter().flat_map(|r| r.template.split('/')).filter_map(placeholder);
        let nameless: Vec<String> =
            placeholders.filter(|p| self.kind_named(p).is_none()).map(|p| format!("no kind {p}")).collect();
        self.mistakes.extend(unknown.into_iter().chain(nameless));
    }
}

/// The kind that a segment of a template stands for.
pub(super) fn placeholder(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

fn act(word: &str) -> Option<Act> {
    Some(match word {
        "login" => Act::Login,
        "refresh" => Act::Refresh,
        "signup" => Act::Signup,
        "reset" => Act::Reset,
        "me" => Act::Me,
        "update-me" => Act::UpdateMe,
        "list" => Act::List,
        "search" => Act::Search,
        "export" => Act::Export,
        "get" => Act::Get,
        "create" => Act::Create,
        "update" => Act::Update,
        "delete" => Act::Delete,
        "do" => Act::Do,
        "chat" => Act::Chat,
        "hello" => Act::Hello,
        "tools" => Act::Tools,
        "static" => Act::Static,
        _ => return None,
    })
}

fn range(text: &str) -> Option<(i64, i64)> {
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    Some((low.parse().ok()?, high.parse().ok()?))
}
