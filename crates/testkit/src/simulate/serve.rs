//! The service: decides who may do what, does it, and answers. Routes marked as broken forget to check.

use std::rc::Rc;

use super::make;
use super::session::{Caller, Credential};
use super::table::{Act, Auth, Route, Scope};
use super::world::{World, add_up};
use crate::json::Json;
use crate::object;

/// A call that a client makes.
#[derive(Clone, Debug, Default)]
pub(super) struct Ask {
    pub(super) route: usize,
    pub(super) object: Option<usize>,
    pub(super) parent: Option<usize>,
    /// An id that may not exist, instead of `object`.
    pub(super) raw: Option<String>,
    pub(super) query: Vec<(String, String)>,
    /// Members of the body, on top of those that the client always sends or in their place.
    pub(super) body: Vec<(String, Json)>,
    /// Another method than the route's.
    pub(super) method: Option<&'static str>,
    /// Objects in one answer.
    pub(super) limit: Option<usize>,
    pub(super) page: usize,
    /// How much dearer than usual it is to answer.
    pub(super) cost: i64,
    /// Has a value of a type that nobody sends; half of the services notice.
    pub(super) odd: bool,
}

/// What came back.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Option<Json>,
    pub(super) objects: Vec<usize>,
    pub(super) cookie: Option<String>,
}

/// Objects in a page.
const PAGE: usize = 20;
/// Sections of what is public.
pub(super) const SECTIONS: usize = 9;
/// Objects that even an unbounded list answers at once.
const ANSWER_MAX: usize = 1_500;

impl Ask {
    pub(super) fn of(route: usize) -> Self {
        Self { route, ..Self::default() }
    }

    pub(super) fn on(route: usize, object: usize) -> Self {
        Self { route, object: Some(object), ..Self::default() }
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.body.push((name.to_owned(), value.into()));
        self
    }

    pub(super) fn query(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.query.push((name.to_owned(), crate::har::encode(&value.to_string())));
        self
    }

    pub(super) fn search(self, text: impl std::fmt::Display) -> Self {
        self.query("q", text)
    }

    pub(super) fn paged(mut self, page: usize, limit: usize) -> Self {
        (self.page, self.limit) = (page, Some(limit));
        self.query("page", page).query("limit", limit)
    }
}

impl Answer {
    fn status(status: u16, body: Json) -> Self {
        Self { status, body: Some(body), ..Self::default() }
    }

    fn error(status: u16) -> Self {
        let (code, message) = match status {
            400 => ("invalid_request", "The request is not valid"),
            401 => ("unauthorized", "Log in to continue"),
            403 => ("forbidden", "You may not do that"),
            404 => ("not_found", "No such resource"),
            405 => ("method_not_allowed", "Not here"),
            409 => ("conflict", "Already taken"),
            422 => ("unprocessable", "A value is not allowed"),
            _ => ("unavailable", "Try again soon"),
        };
        Self::status(status, object! { "error" => object! { "code" => code, "message" => message } })
    }
}

impl World {
    /// Makes a call, records it, and teaches the client what was answered.
    pub(super) fn perform(&mut self, caller: &mut Caller, ask: &Ask) -> Answer {
        let api = Rc::clone(&self.api);
        let route = api.route(ask.route);
        let body = self.request_body(caller, route, ask);
        // Who asks is written with the request, before a login changes it.
        let before = caller.clone();
        let broken_down = self.now >= self.outage.0 && self.now < self.outage.1;
        let answer = if broken_down && self.rng.chance(0.7) {
            Answer::error(503)
        } else if self.rng.chance(0.0015) {
            Answer::error(500)
        } else if ask.odd && self.rng.chance(0.5) {
            Answer::error(400)
        } else if matches!(route.act, Act::Create | Act::Do | Act::UpdateMe) && self.rng.chance(0.012) {
            // A form with a mistake in it.
            Answer::error(422)
        } else {
            match self.refusal(caller, route, ask) {
                Some(status) => Answer::error(status),
                None => self.act(caller, route, ask, body.as_ref()),
            }
        };
        // Whoever asks for the tools while they are not what they were is a witness.
        let changed = self.tools_changed.filter(|c| route.act == Act::Tools && self.now < c.until);
        if let Some(changed) = changed {
            self.log.resume(changed.attack);
        }
        self.record(&before, route, ask, body, &answer);
        if changed.is_some() {
            self.log.pause();
        }
        caller.calls += 1;
        for object in &answer.objects {
            caller.learn(*object);
        }
        answer
    }

    /// Why the service refuses, if it does.
    fn refusal(&self, caller: &Caller, route: &Route, ask: &Ask) -> Option<u16> {
        if ask.method.is_some_and(|m| m != route.method) {
            return Some(405);
        }
        if route.open || route.act == Act::Refresh {
            return None;
        }
        let Some(user) = caller.user.filter(|u| !caller.refused && !self.user(*u).gone) else { return Some(401) };
        let privileged = !route.roles.is_empty() && route.roles.contains(&caller.role.as_str());
        if !route.roles.is_empty() && !privileged && !route.broken {
            return Some(403);
        }
        let target = ask.object.or(ask.parent);
        let (Some(object), None) = (target, &ask.raw) else {
            return ask.raw.is_some().then_some(404);
        };
        if self.object(object).gone {
            return Some(404);
        }
        let may = privileged || route.broken || self.may(user, object);
        (!may).then_some(if route.act == Act::Get { 404 } else { 403 })
    }

    /// Whether an object is a user's to see.
    pub(super) fn may(&self, user: usize, object: usize) -> bool {
        let thing = self.object(object);
        let Some(owner) = thing.owner else { return true };
        match self.api.kind(thing.kind).scope {
            Scope::Public => true,
            Scope::Private => owner == user || thing.shared.contains(&user),
            Scope::Group => self.user(owner).group == self.user(user).group || thing.shared.contains(&user),
        }
    }

    /// Objects that a list of this route has for this client.
    pub(super) fn visible(&self, caller: &Caller, route: usize) -> Vec<usize> {
        let route = self.api.route(route);
        let Some(kind) = route.kind else { return Vec::new() };
        match (self.api.kind(kind).scope, caller.user) {
            (Scope::Public, _) => self.of_kind(kind).to_vec(),
            _ if !route.roles.is_empty() => self.of_kind(kind).to_vec(),
            (Scope::Private, Some(user)) => self.owned_by(user, kind),
            (Scope::Group, Some(user)) => self.group_has(user, kind),
            (_, None) => Vec::new(),
        }
    }

    fn act(&mut self, caller: &mut Caller, route: &Route, ask: &Ask, body: Option<&Json>) -> Answer {
        match route.act {
            Act::Login => self.answer_login(caller, body),
            Act::Refresh => self.answer_refresh(caller),
            Act::Signup => self.answer_signup(body),
            Act::Reset => {
                let email = text(body, "email").unwrap_or_default();
                let known = self.users.iter().any(|u| u.email == email);
                if known { Answer::status(202, object! { "status" => "sent" }) } else { Answer::error(404) }
            }
            Act::Me | Act::UpdateMe => self.answer_me(caller, route, body),
            Act::List | Act::Search | Act::Export => self.answer_list(caller, route, ask),
            Act::Get => match ask.object {
                Some(o) => {
                    Answer { status: 200, body: Some(self.show(o, true)), objects: vec![o], ..Answer::default() }
                }
                None => Answer::error(404),
            },
            Act::Create => self.answer_create(caller, route, ask, body),
            Act::Update | Act::Delete | Act::Do => self.answer_change(caller, route, ask, body),
            Act::Chat => self.answer_chat(ask),
            Act::Hello => Answer::status(200, super::wire::greeting()),
            Act::Tools => Answer::status(200, self.tool_list()),
            Act::Static => Answer::status(200, object! { "status" => "ok", "version" => "8.14", "region" => "eu-1" }),
        }
    }

    fn answer_login(&mut self, caller: &mut Caller, body: Option<&Json>) -> Answer {
        let login = text(body, "username").or_else(|| text(body, "email")).unwrap_or_default();
        let password = text(body, "password").unwrap_or_default();
        let found = self.find_login(login).filter(|u| self.user(*u).password == password && !self.user(*u).gone);
        let Some(user) = found else {
            return Answer::status(401, object! { "error" => object! { "code" => "invalid_credentials" } });
        };
        let login = self.issue(user);
        (caller.user, caller.role, caller.credential) = (Some(user), login.role, login.credential.clone());
        let who = object! { "id" => self.user_id(user), "name" => &self.user(user).name };
        match login.credential {
            Credential::Bearer(token) => {
                let expires = (login.expires - self.now) / 1_000_000;
                Answer::status(
                    200,
                    object! { "access_token" => token, "token_type" => "Bearer", "expires_in" => expires, "user" => who },
                )
            }
            Credential::Cookie(sid) => {
                let who = who.with("role", self.user(user).role_shown(&self.api));
                Answer { cookie: Some(sid), ..Answer::status(200, object! { "user" => who }) }
            }
            _ => Answer::error(400),
        }
    }

    fn answer_refresh(&mut self, caller: &mut Caller) -> Answer {
        let Some(user) = caller.user else { return Answer::error(401) };
        let login = self.issue(user);
        (caller.role, caller.credential) = (login.role, login.credential.clone());
        let Credential::Bearer(token) = login.credential else { return Answer::error(400) };
        let expires = (login.expires - self.now) / 1_000_000;
        Answer::status(200, object! { "access_token" => token, "token_type" => "Bearer", "expires_in" => expires })
    }

    fn answer_signup(&mut self, body: Option<&Json>) -> Answer {
        let email = text(body, "email").unwrap_or_default().to_owned();
        if self.users.iter().any(|u| u.email == email) {
            return Answer::error(409);
        }
        let group = self.groups.len();
        let user = self.add_user("customer", group);
        let mail_name =
            if self.api.auth == Auth::Cookie { email.as_str() } else { email.split('@').next().unwrap_or_default() };
        self.rename(user, text(body, "username").unwrap_or(mail_name));
        if let Some(person) = self.users.get_mut(user) {
            if let Some(password) = text(body, "password") {
                password.clone_into(&mut person.password);
            }
            person.email.clone_from(&email);
            if let Some(name) = ["name", "full_name", "display"].iter().find_map(|n| text(body, n)) {
                name.clone_into(&mut person.name);
            }
        }
        if let Some(object) = self.owned_by(user, 0).first().copied() {
            self.change(object, body, false);
        }
        Answer::status(201, object! { "id" => self.user_id(user), "status" => "active" })
    }

    fn answer_me(&mut self, caller: &mut Caller, route: &Route, body: Option<&Json>) -> Answer {
        let Some(object) = caller.user.and_then(|u| self.owned_by(u, 0).first().copied()) else {
            return Answer::error(404);
        };
        if route.act == Act::UpdateMe {
            self.change(object, body, route.broken);
            if self.api.auth != Auth::Jwt {
                // A session looks its role up; a token carries the one that it was issued with.
                caller.role = caller.user.map(|u| self.user(u).role.clone()).unwrap_or_default();
            }
        }
        Answer { status: 200, body: Some(self.show(object, true)), objects: vec![object], ..Answer::default() }
    }

    fn answer_list(&mut self, caller: &Caller, route: &Route, ask: &Ask) -> Answer {
        let mut all = self.visible(caller, ask.route);
        all.retain(|o| !self.object(*o).gone && (ask.parent.is_none() || self.object(*o).parent == ask.parent));
        if let Some((_, section)) = ask.query.iter().find(|(n, _)| n == "section") {
            let section = section.parse().unwrap_or(0);
            all.retain(|o| o % SECTIONS == section);
        }
        if route.act == Act::Search {
            let wanted = ask.query.iter().find(|(n, _)| n == "q").map(|(_, v)| crate::har::decode(v));
            let wanted = wanted.unwrap_or_default();
            all.retain(|o| self.searched(*o) == wanted);
        }
        let total = all.len();
        let most = if route.unbounded || route.act == Act::Export { ANSWER_MAX } else { 100 };
        let size = ask.limit.unwrap_or(if route.act == Act::Export { 400 } else { PAGE }).min(most);
        let page: Vec<usize> = all.into_iter().skip(ask.page.saturating_sub(1) * size).take(size).collect();
        let items = Json::array(page.iter().map(|o| self.show(*o, route.act == Act::Export)));
        let body = if route.wire == super::table::Wire::GraphQl {
            items
        } else {
            object! { "items" => items, "total" => total, "page" => ask.page.max(1) }
        };
        Answer { status: 200, body: Some(body), objects: page, ..Answer::default() }
    }

    fn answer_create(&mut self, caller: &mut Caller, route: &Route, ask: &Ask, body: Option<&Json>) -> Answer {
        let Some(kind) = route.kind else { return Answer::error(400) };
        let object = self.add_object(kind, caller.user, ask.parent);
        self.change(object, body, route.broken);
        if let Some(thing) = self.objects.get_mut(object) {
            add_up(&self.api.kind(kind).fields, &mut thing.values);
        }
        let mut cookie = None;
        if route.open && matches!(caller.credential, Credential::None) {
            // A visitor without an account gets a session of its own.
            let sid = self.rng.text(crate::values::ALPHANUMERIC, 32);
            caller.credential = Credential::Cookie(sid.clone());
            cookie = Some(sid);
        }
        Answer { status: 201, body: Some(self.show(object, true)), objects: vec![object], cookie }
    }

    fn answer_change(&mut self, caller: &Caller, route: &Route, ask: &Ask, body: Option<&Json>) -> Answer {
        let Some(object) = ask.object else { return Answer::error(404) };
        if route.act == Act::Delete {
            if let Some(thing) = self.objects.get_mut(object) {
                thing.gone = true;
            }
            return Answer { status: 204, ..Answer::default() };
        }
        if let Some(kind) = route.makes {
            let made = self.add_object(kind, caller.user, None);
            self.change(made, body, true);
            return Answer { status: 201, body: Some(self.show(made, true)), objects: vec![made], ..Answer::default() };
        }
        self.change(object, body, route.broken);
        Answer { status: 200, body: Some(self.show(object, true)), objects: vec![object], ..Answer::default() }
    }

    /// Takes what the client sent: the fields that clients may set; all of them where nobody checks.
    fn change(&mut self, object: usize, body: Option<&Json>, anything: bool) {
        let Some(Json::Object(members)) = body else { return };
        let api = Rc::clone(&self.api);
        let kind = self.object(object).kind;
        for (name, value) in members {
            let fields = &api.kind(kind).fields;
            let Some(at) = fields.iter().position(|f| f.name == name && (f.sent || anything)) else { continue };
            let role = fields.get(at).is_some_and(|f| f.make == "role");
            if let (true, Json::Text(role), Some(owner)) = (role, value, self.object(object).owner)
                && let Some(user) = self.users.get_mut(owner)
            {
                role.clone_into(&mut user.role);
            }
            if let Some(slot) = self.objects.get_mut(object).and_then(|o| o.values.get_mut(at)) {
                slot.clone_from(value);
            }
        }
    }

    /// What the client sends: fields that are its to set, server-issued ones that it repeats, and extras.
    fn request_body(&mut self, caller: &Caller, route: &Route, ask: &Ask) -> Option<Json> {
        let api = Rc::clone(&self.api);
        let mut members: Vec<(String, Json)> = Vec::new();
        let kind = if route.act == Act::UpdateMe || route.act == Act::Signup { Some(0) } else { route.kind };
        match (route.act, kind) {
            (Act::Create | Act::Signup, Some(kind)) => {
                for field in api.kind(kind).fields.iter().filter(|f| f.sent) {
                    let value = self.sent(caller, field.make);
                    members.push((field.name.to_owned(), value));
                }
                if route.act == Act::Signup {
                    let password = self.rng.text(crate::values::LOWER, 10);
                    members.push(("password".to_owned(), password.into()));
                }
            }
            (Act::Update | Act::UpdateMe, Some(kind)) if ask.body.is_empty() => {
                let fields: Vec<_> = api.kind(kind).fields.iter().filter(|f| f.sent && f.make != "login").collect();
                if !fields.is_empty() {
                    let field = *self.rng.pick(&fields);
                    let value = self.sent(caller, field.make);
                    members.push((field.name.to_owned(), value));
                }
            }
            (Act::Do, Some(kind)) => self.repeated(route, kind, ask, &mut members),
            (Act::Refresh, _) => members.push(("refresh_token".to_owned(), self.refresh_token(caller).into())),
            _ => {}
        }
        for (name, value) in &ask.body {
            members.retain(|(n, _)| n != name);
            members.push((name.clone(), value.clone()));
        }
        let bodyless = matches!(route.method, "GET" | "DELETE") || (members.is_empty() && route.act == Act::Do);
        (!bodyless).then_some(Json::Object(members))
    }

    fn sent(&mut self, caller: &Caller, make: &str) -> Json {
        if let Some(kind) = make.strip_prefix("ref:").and_then(|k| self.api.kind_named(k)) {
            let named = caller.given.iter().rev().filter(|o| self.object(**o).kind == kind).copied();
            let mut known: Vec<usize> = named.take(12).collect();
            if self.api.kind(kind).scope != Scope::Public {
                // The latest cart, account or payee; of a catalogue, anything on the page.
                known.truncate(1);
            }
            let known = (!known.is_empty()).then(|| *self.rng.pick(&known));
            return known.map(|o| self.id_json(o)).into();
        }
        make::value(&mut self.rng, make, None, self.now)
    }

    /// The id of the object, when the path does not name it, and its server-issued values.
    fn repeated(&self, route: &Route, kind: usize, ask: &Ask, members: &mut Vec<(String, Json)>) {
        let spec = self.api.kind(kind);
        if !route.template.contains('{') {
            let id = ask.object.map(|o| self.id_json(o)).or_else(|| ask.raw.clone().map(Json::from));
            members.push((format!("{}_id", spec.name), id.into()));
        }
        let Some(object) = ask.object else { return };
        for (field, value) in spec.fields.iter().zip(&self.object(object).values) {
            if route.echo.contains(&field.name) {
                members.push((field.name.to_owned(), value.clone()));
            }
        }
    }

    fn refresh_token(&self, caller: &Caller) -> String {
        let user = caller.user.map(|u| self.user(u).key.clone()).unwrap_or_default();
        user.replacen("sk_live", "rt", 1)
    }

    fn answer_chat(&mut self, ask: &Ask) -> Answer {
        let asked = self.rng.between(200, 1_800) * ask.cost.max(1);
        let written = self.rng.between(60, 700) * ask.cost.max(1);
        let text = make::value(&mut self.rng, "text", None, self.now);
        let id = format!("chatcmpl-{}", self.rng.text(crate::values::ALPHANUMERIC, 20));
        let choice = object! {
            "index" => 0, "message" => object! { "role" => "assistant", "content" => text }, "finish_reason" => "stop",
        };
        let usage =
            object! { "prompt_tokens" => asked, "completion_tokens" => written, "total_tokens" => asked + written };
        let body = object! {
            "id" => id, "object" => "chat.completion", "model" => "harbor-large-2", "choices" => Json::array([choice]),
            "usage" => usage,
        };
        Answer::status(200, body)
    }

    /// What people search this object by: its name, else its first text.
    pub(super) fn searched(&self, object: usize) -> String {
        let thing = self.object(object);
        let fields = &self.api.kind(thing.kind).fields;
        let named = fields.iter().zip(&thing.values).find(|(f, _)| f.name.contains("name") || f.name == "counterparty");
        let value = named.map(|(_, v)| v).or_else(|| thing.values.iter().find(|v| matches!(v, Json::Text(_))));
        match value {
            Some(Json::Text(text)) => text.clone(),
            _ => thing.id.clone(),
        }
    }

    /// The id of a user as bodies write it.
    pub(super) fn user_id(&self, user: usize) -> Json {
        self.owned_by(user, 0).first().map_or_else(|| self.user(user).sub.clone().into(), |o| self.id_json(*o))
    }
}

fn text<'a>(body: Option<&'a Json>, name: &str) -> Option<&'a str> {
    let Some(Json::Object(members)) = body else { return None };
    members
        .iter()
        .find(|(n, _)| n == name)
        .and_then(|(_, v)| if let Json::Text(text) = v { Some(text.as_str()) } else { None })
}
