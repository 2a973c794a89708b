//! Operations, parameters, statuses, authentication.

use std::collections::BTreeMap;

use vedette_parse::spec::{Body, Operation, Parameter, Spec};

use super::schemas::{Direction, Schemas};
use super::{Change, Level, shape};

type Key = (String, String);

pub(super) fn compare(old: &Spec, new: &Spec, out: &mut Vec<Change>) {
    let by_key = |spec: &'_ Spec| -> BTreeMap<Key, usize> {
        let each = spec.operations.iter().enumerate();
        each.map(|(place, one)| ((shape(&one.path), one.method.clone()), place)).collect()
    };
    let (before, after) = (by_key(old), by_key(new));
    let at = |spec: &'_ Spec, place: Option<&usize>| place.and_then(|place| spec.operations.get(*place)).cloned();
    let mut keys: Vec<&Key> = before.keys().chain(after.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        match (at(old, before.get(key)), at(new, after.get(key))) {
            (Some(was), None) => {
                let text = if was.deprecated { "was deprecated and is gone" } else { "is gone" };
                let mut pair = Pair::new(old, new, &was, &was, out);
                pair.new_line = None;
                pair.tell(Level::Breaking, "operation-removed", text);
            }
            (None, Some(now)) => {
                let mut pair = Pair::new(old, new, &now, &now, out);
                pair.old_line = None;
                let (level, text) = if is_open(&now) {
                    (Level::Security, "is new, and anybody may call it")
                } else {
                    (Level::Compatible, "is new")
                };
                pair.tell(level, "operation-added", text);
            }
            (Some(was), Some(now)) => Pair::new(old, new, &was, &now, out).compare(),
            (None, None) => {}
        }
    }
    servers(old, new, out);
}

fn is_open(operation: &Operation) -> bool {
    operation.security.is_empty() || operation.security.iter().any(Vec::is_empty)
}

fn servers(old: &Spec, new: &Spec, out: &mut Vec<Change>) {
    let plain = |spec: &Spec| spec.servers.iter().any(|server| matches!(server.scheme.as_deref(), Some("http" | "ws")));
    let mut tell = |level, kind, text: String| {
        out.push(Change { level, operation: String::new(), kind, text, old_line: None, new_line: None });
    };
    if plain(new) && !plain(old) {
        tell(Level::Security, "server-without-tls", "a server without TLS was added".to_owned());
    }
    for server in old.servers.iter().filter(|one| !new.servers.contains(one)) {
        let name = format!("{}{}", server.host.as_deref().unwrap_or(""), server.base);
        tell(Level::Breaking, "server-removed", format!("the server {name} is gone"));
    }
}

/// One operation before and after.
struct Pair<'a> {
    specs: (&'a Spec, &'a Spec),
    was: &'a Operation,
    now: &'a Operation,
    old_line: Option<usize>,
    new_line: Option<usize>,
    out: &'a mut Vec<Change>,
}

impl<'a> Pair<'a> {
    fn new(old: &'a Spec, new: &'a Spec, was: &'a Operation, now: &'a Operation, out: &'a mut Vec<Change>) -> Self {
        let line = |line: usize| (line > 0).then_some(line);
        Self { specs: (old, new), was, now, old_line: line(was.line), new_line: line(now.line), out }
    }

    fn tell(&mut self, level: Level, kind: &'static str, text: impl Into<String>) {
        let operation = format!("{} {}", self.now.method, self.now.path);
        let (old_line, new_line) = (self.old_line, self.new_line);
        self.out.push(Change { level, operation, kind, text: text.into(), old_line, new_line });
    }

    fn compare(&mut self) {
        if self.now.deprecated && !self.was.deprecated {
            self.tell(Level::Compatible, "operation-deprecated", "is deprecated now");
        }
        self.security();
        self.parameters();
        self.request();
        self.responses();
    }

    fn security(&mut self) {
        match (is_open(self.was), is_open(self.now)) {
            (false, true) => self.tell(Level::Security, "authentication-removed", "needs no authentication any more"),
            (true, false) => self.tell(Level::Breaking, "authentication-added", "needs authentication now"),
            (false, false) => {
                let (old, new) = self.specs;
                let kinds = |spec: &Spec, one: &Operation| -> Vec<Vec<String>> {
                    let kind = |name: &String| {
                        let found = spec.schemes.iter().find(|(known, _)| known == name);
                        found.map_or_else(|| name.clone(), |(_, scheme)| scheme.kind.clone())
                    };
                    one.security.iter().map(|all| all.iter().map(kind).collect()).collect()
                };
                let (before, after) = (kinds(old, self.was), kinds(new, self.now));
                for gone in before.iter().filter(|one| !after.contains(one)) {
                    let text = format!("does not take {} any more", gone.join(" and "));
                    self.tell(Level::Breaking, "authentication-changed", text);
                }
                for added in after.iter().filter(|one| !before.contains(one)) {
                    let text = format!("takes {} too", added.join(" and "));
                    self.tell(Level::Security, "authentication-changed", text);
                }
            }
            (true, true) => {}
        }
    }

    fn parameters(&mut self) {
        // Path parameters are compared by their order: renaming one changes nothing for callers.
        let path = |one: &Operation| -> Vec<Parameter> {
            let names = one.path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
            names
                .filter_map(|name| {
                    one.parameters.iter().find(|known| known.location == "path" && known.name == name).cloned()
                })
                .collect()
        };
        for (was, now) in path(self.was).iter().zip(&path(self.now)) {
            self.parameter(was, now);
        }
        let (was, now) = (self.was, self.now);
        let same = |a: &Parameter, b: &Parameter| a.location == b.location && a.name.eq_ignore_ascii_case(&b.name);
        for one in was.parameters.iter().filter(|one| one.location != "path") {
            if let Some(other) = now.parameters.iter().find(|other| same(one, other)) {
                self.parameter(one, other);
            } else {
                let text = format!("{} parameter '{}' is gone", one.location, one.name);
                self.tell(Level::Breaking, "parameter-removed", text);
            }
        }
        let added = now.parameters.iter().filter(|one| one.location != "path");
        for one in added.filter(|one| !was.parameters.iter().any(|other| same(one, other))) {
            let (level, what) =
                if one.required { (Level::Breaking, "required now") } else { (Level::Compatible, "new") };
            self.tell(level, "parameter-added", format!("{} parameter '{}' is {what}", one.location, one.name));
        }
    }

    fn parameter(&mut self, was: &Parameter, now: &Parameter) {
        let name = format!("{} parameter '{}'", now.location, now.name);
        if now.required && !was.required {
            self.tell(Level::Breaking, "parameter-required", format!("{name} is required now"));
        }
        if was.required && !now.required {
            self.tell(Level::Compatible, "parameter-optional", format!("{name} is optional now"));
        }
        let (Some(a), Some(b)) = (&was.schema, &now.schema) else { return };
        let mut schemas = Schemas::new((&self.specs.0.root, &self.specs.1.root), Direction::Request);
        schemas.compare(a, b, &name);
        self.take(schemas);
    }

    fn take(&mut self, schemas: Schemas<'_>) {
        for (level, kind, text) in schemas.found {
            self.tell(level, kind, text);
        }
    }

    fn request(&mut self) {
        let (was, now) = (self.was, self.now);
        match (&was.request, &now.request) {
            (None, Some(body)) if body.required => {
                self.tell(Level::Breaking, "body-required", "needs a request body now");
            }
            (Some(_), None) => self.tell(Level::Breaking, "body-removed", "takes no request body any more"),
            (Some(a), Some(b)) => {
                if b.required && !a.required {
                    self.tell(Level::Breaking, "body-required", "needs a request body now");
                }
                self.body(a, b, "request body", Direction::Request);
            }
            _ => {}
        }
    }

    fn responses(&mut self) {
        let (was, now) = (self.was, self.now);
        for (status, body) in &was.responses {
            match now.responses.iter().find(|(other, _)| other == status) {
                Some((_, other)) => self.body(body, other, &format!("response {status}"), Direction::Response),
                None if status.starts_with('2') => {
                    self.tell(Level::Breaking, "response-removed", format!("does not answer {status} any more"));
                }
                None => self.tell(Level::Compatible, "response-removed", format!("does not answer {status} any more")),
            }
        }
        let known = |status: &str| was.responses.iter().any(|(other, _)| other == status);
        for (status, _) in now.responses.iter().filter(|(status, _)| !known(status)) {
            let level =
                if status.starts_with('2') && !was.responses.is_empty() { Level::Breaking } else { Level::Compatible };
            self.tell(level, "response-added", format!("answers {status} too"));
        }
    }

    fn body(&mut self, was: &Body, now: &Body, name: &str, direction: Direction) {
        for (place, (media, before)) in was.content.iter().enumerate() {
            // `application/json` and `application/json;simple` have one essence: the first is compared with the first.
            let same = |(other, _): &&(String, Option<String>)| other == media;
            let nth = was.content.iter().take(place).filter(same).count();
            let Some((_, after)) = now.content.iter().filter(same).nth(nth) else {
                self.tell(Level::Breaking, "media-type-removed", format!("{name}: {media} is gone"));
                continue;
            };
            let (old, new) = self.specs;
            let schema = |spec: &'a Spec, pointer: &Option<String>| spec.root.pointer(pointer.as_deref()?);
            if let (Some(a), Some(b)) = (schema(old, before), schema(new, after)) {
                let mut schemas = Schemas::new((&old.root, &new.root), direction);
                schemas.compare(a, b, name);
                self.take(schemas);
            }
        }
        for (media, _) in now.content.iter().filter(|(media, _)| !was.content.iter().any(|(one, _)| one == media)) {
            self.tell(Level::Compatible, "media-type-added", format!("{name}: {media} is new"));
        }
    }
}
