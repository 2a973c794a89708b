//! What is new at one endpoint.

use std::collections::BTreeSet;

use vedette_model::results::{Change, ChangeKind, Endpoint, Field, Severity};

use crate::checks::wording::{duration, list, place};

/// Exchanges from which an endpoint is known well enough for a new field of it to be news.
const ESTABLISHED_EXCHANGES: u64 = 20;

/// Time without a call after which a call is news, in seconds: as for the finding of an unused endpoint.
const UNUSED_SECS: u64 = 30 * 86_400;

/// Compares an endpoint with what it was: nothing for a new one, several when their templates became one.
/// `with_service`: its exposure changed as that of its service did, which is told there.
pub(super) fn compare(old: &[&Endpoint], now: &Endpoint, with_service: bool, changes: &mut Vec<Change>) {
    let mut tell = Telling { now, changes };
    match old {
        [] => return tell.new_endpoint(),
        [one] if one.id == now.id => {}
        merged => tell.merged(merged),
    }
    tell.access(old);
    tell.exposure(old, with_service);
    tell.risk(old);
    tell.usage(old);
    tell.declaration(old);
    if old.iter().map(|one| one.exchanges).sum::<u64>() >= ESTABLISHED_EXCHANGES {
        tell.statuses(old);
        tell.fields(old);
        tell.classes(old);
    }
}

struct Telling<'a> {
    now: &'a Endpoint,
    changes: &'a mut Vec<Change>,
}

impl Telling<'_> {
    fn change(&self, kind: ChangeKind, subject: &str, text: String) -> Change {
        Change {
            kind,
            at: self.now.last_seen,
            service: self.now.service.clone(),
            endpoint: self.now.id.clone(),
            place: place(self.now),
            subject: subject.to_owned(),
            before: None,
            after: None,
            text,
        }
    }

    fn tell(&mut self, kind: ChangeKind, subject: &str, text: String) {
        let change = self.change(kind, subject, text);
        self.changes.push(change);
    }

    fn turned(&mut self, kind: ChangeKind, subject: &str, (before, after): (&str, &str), text: String) {
        let change = self.change(kind, subject, text);
        self.changes.push(Change { before: Some(before.to_owned()), after: Some(after.to_owned()), ..change });
    }

    fn new_endpoint(&mut self) {
        let authentication = match self.now.authentication.as_slice() {
            [] => String::new(),
            [one] if one == "none" => ", called without authentication".to_owned(),
            [one] if one == "unknown" => String::new(),
            schemes => format!(", called with {}", list(schemes)),
        };
        let text =
            format!("{} appeared in {}, {}{authentication}.", place(self.now), self.now.service, self.now.exposure);
        let change = self.change(ChangeKind::NewEndpoint, "", text);
        self.changes.push(Change { at: self.now.first_seen, ..change });
    }

    fn merged(&mut self, old: &[&Endpoint]) {
        let mut names: Vec<String> = old.iter().filter(|one| one.id != self.now.id).map(|one| place(one)).collect();
        names.sort_unstable();
        let (before, after) = (list(&names), place(self.now));
        let text = match names.len() {
            1 => format!("{before} turned out to be {after}."),
            n => format!("{n} paths turned out to be values of {after}: {before}."),
        };
        self.turned(ChangeKind::EndpointsMerged, "", (&before, &after), text);
    }

    fn access(&mut self, old: &[&Endpoint]) {
        let schemes = |endpoint: &Endpoint| -> BTreeSet<String> {
            endpoint.authentication.iter().filter(|one| !matches!(one.as_str(), "none" | "unknown")).cloned().collect()
        };
        let had: BTreeSet<String> = old.iter().flat_map(|one| schemes(one)).collect();
        let has = schemes(self.now);
        let in_words = |schemes: &BTreeSet<String>| list(&schemes.iter().collect::<Vec<_>>());
        for scheme in has.difference(&had).filter(|_| !had.is_empty()) {
            let text = format!("{} is called with {scheme}, and was with {}.", place(self.now), in_words(&had));
            self.turned(ChangeKind::NewAuthentication, scheme, (&in_words(&had), &in_words(&has)), text);
        }
        for scheme in had.difference(&has) {
            let rest =
                if has.is_empty() { "without authentication".to_owned() } else { format!("with {}", in_words(&has)) };
            let text = format!("{} is not called with {scheme} any more, but {rest}.", place(self.now));
            self.turned(ChangeKind::AuthenticationGone, scheme, (&in_words(&had), &in_words(&has)), text);
        }
        let anonymous = |endpoint: &Endpoint| {
            let details = endpoint.authentication_details.iter();
            details.filter(|one| one.scheme == "none").map(|one| one.successes).sum::<u64>()
        };
        if !had.is_empty() && old.iter().all(|one| anonymous(one) == 0) && anonymous(self.now) > 0 {
            let text = format!(
                "{} answered a call without any credential; until now callers had {}.",
                place(self.now),
                in_words(&had)
            );
            self.turned(ChangeKind::AnonymousAccess, "none", (&in_words(&had), "none"), text);
        }
    }

    fn exposure(&mut self, old: &[&Endpoint], with_service: bool) {
        let [one, ..] = old else { return };
        if with_service || old.iter().any(|one| one.exposure == self.now.exposure) {
            return;
        }
        let text = format!("{} was {} and is {} now.", place(self.now), one.exposure, self.now.exposure);
        self.turned(ChangeKind::ExposureChanged, "", (&one.exposure, &self.now.exposure), text);
    }

    fn risk(&mut self, old: &[&Endpoint]) {
        let Some(score) = old.iter().map(|one| one.risk.score).max() else { return };
        let (was, is) = (Severity::of_risk(score), Severity::of_risk(self.now.risk.score));
        if was == is {
            return;
        }
        let known: BTreeSet<&str> =
            old.iter().flat_map(|one| &one.risk.reasons).map(|why| why.factor.as_str()).collect();
        let (verb, why) = if is > was {
            let new = self.now.risk.reasons.iter().find(|why| !known.contains(why.factor.as_str()));
            ("rose", new.or(self.now.risk.reasons.first()).map(|why| why.text.trim_end_matches('.').to_owned()))
        } else {
            ("fell", None)
        };
        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
        let scores = format!("from {} ({score}) to {} ({})", was.id(), is.id(), self.now.risk.score);
        let text = format!("The risk of {} {verb} {scores}{why}.", place(self.now));
        self.turned(ChangeKind::RiskChanged, "", (was.id(), is.id()), text);
    }

    fn usage(&mut self, old: &[&Endpoint]) {
        let Some((last, now)) = old.iter().filter_map(|one| one.last_seen).max().zip(self.now.last_seen) else {
            return;
        };
        let idle = now.secs().saturating_sub(last.secs()).max(0) as u64;
        if idle >= UNUSED_SECS {
            let text = format!("{} is in use again after {}.", place(self.now), duration(idle));
            self.tell(ChangeKind::EndpointBack, "", text);
        }
    }

    fn declaration(&mut self, old: &[&Endpoint]) {
        let mcp = |endpoint: &'_ Endpoint| {
            endpoint.protocol.as_ref().and_then(|protocol| protocol.mcp.as_ref()).map(|mcp| mcp.changes.clone())
        };
        let Some(declared) = mcp(self.now) else { return };
        let known = old.iter().filter_map(|one| mcp(one)).map(|changes| changes.len()).max();
        let Some(known) = known else { return };
        for change in declared.iter().skip(known) {
            let what = list(&change.changed);
            let text = format!("{} is declared with another {what} than before.", place(self.now));
            let told = self.change(ChangeKind::DeclarationChanged, &what, text);
            self.changes.push(Change { at: change.at.or(told.at), ..told });
        }
    }

    fn statuses(&mut self, old: &[&Endpoint]) {
        let classes = |endpoint: &Endpoint| -> BTreeSet<char> {
            endpoint.statuses.keys().filter_map(|status| status.chars().next()).filter(char::is_ascii_digit).collect()
        };
        let known: BTreeSet<char> = old.iter().flat_map(|one| classes(one)).collect();
        for class in classes(self.now).difference(&known).filter(|class| **class != '0') {
            let counted = self.now.statuses.iter().filter(|(status, _)| status.starts_with(*class));
            let statuses: Vec<&str> = counted.map(|(status, _)| status.as_str()).collect();
            let text = format!("{} answers with {} for the first time.", place(self.now), list(&statuses));
            self.tell(ChangeKind::NewStatusClass, &format!("{class}xx"), text);
        }
    }

    fn fields(&mut self, old: &[&Endpoint]) {
        fn key(field: &Field) -> (&str, &str, &str) {
            (&field.side, &field.location, &field.name)
        }
        let known: BTreeSet<_> = old.iter().flat_map(|one| &one.fields).map(key).collect();
        let new: BTreeSet<_> = self.now.fields.iter().map(key).filter(|field| !known.contains(field)).collect();
        for (side, location, name) in new {
            // Parameters of the path belong to the template; and properties that turned out to be entries of a map are
            // not new.
            let map = name.split_once(".*").is_some_and(|(head, _)| {
                known.iter().any(|(known_side, at, known)| {
                    *known_side == side
                        && *at == location
                        && known.strip_prefix(head).is_some_and(|rest| rest.len() > 1)
                })
            });
            if location == "path" || map {
                continue;
            }
            let (kind, text) = match (location, side) {
                ("body", "request") => {
                    (ChangeKind::NewField, format!("Callers of {} send a field {name}.", place(self.now)))
                }
                ("body", _) => (ChangeKind::NewField, format!("Answers of {} have a field {name}.", place(self.now))),
                (_, "request") => (
                    ChangeKind::NewParameter,
                    format!("Callers of {} send a {location} parameter {name}.", place(self.now)),
                ),
                _ => (ChangeKind::NewParameter, format!("Answers of {} have a {location} {name}.", place(self.now))),
            };
            self.tell(kind, name, text);
        }
    }

    fn classes(&mut self, old: &[&Endpoint]) {
        for side in ["request", "response"] {
            let of = |endpoint: &Endpoint| -> Vec<String> {
                let classes = &endpoint.data_classes;
                if side == "request" { classes.request.clone() } else { classes.response.clone() }
            };
            let known: BTreeSet<String> = old.iter().flat_map(|one| of(one)).collect();
            for class in of(self.now).into_iter().filter(|class| !known.contains(class)) {
                let holders: Vec<&str> = self
                    .now
                    .fields
                    .iter()
                    .filter(|field| field.side == side && field.classes.iter().any(|one| one.class == class))
                    .map(|field| field.name.as_str())
                    .collect();
                let holders = if holders.is_empty() { String::new() } else { format!(" in {}", list(&holders)) };
                let does = if side == "request" { "takes" } else { "returns" };
                let text = format!("{} {does} {class}{holders}.", place(self.now));
                let change = self.change(ChangeKind::NewDataClass, &class, text);
                self.changes.push(Change { after: Some(side.to_owned()), ..change });
            }
        }
    }
}
