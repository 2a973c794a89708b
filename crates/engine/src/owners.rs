//! Gives services and endpoints their owners, from files that say who owns what.
//!
//! An entry is about a service when one of its hosts is the service's, or else one of its names: the whole name, its
//! first label (`orders` of `orders.internal`), or the same without an ending that says nothing (`-service`). Within a
//! service the longest route wins; then the specification that declares the endpoint, by the last line of CODEOWNERS
//! that fits; then what is said of the whole service, hosts before names. Of two entries that are equally close the
//! first given wins, and the other is named.

mod index;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use vedette_model::limits::OWNERS_UNMATCHED_MAX;
use vedette_model::results::{Endpoint, Owner, OwnerSource, Ownership, Results, Service};
use vedette_parse::owners::{Entry, Kind, OwnerFile, Route};

use index::{Closeness, Index, Place};

/// Sets the owners in `results`, and what the files leave open.
pub fn assign(files: &[OwnerFile], results: &mut Results) {
    let mut assigning = Assigning {
        files,
        index: Index::of(files),
        used: BTreeSet::new(),
        conflicts: BTreeSet::new(),
        specs: HashMap::default(),
    };
    let mut of_services = HashMap::with_hasher(FixedState::default());
    for service in &mut results.services {
        let about = assigning.index.about(files, &service.name);
        service.owner = assigning.of_service(service, &about);
        of_services.insert(service.name.clone(), (about, service.owner.clone()));
    }
    for endpoint in &mut results.endpoints {
        let of_service = of_services.get(&endpoint.service);
        endpoint.owner = assigning.of_endpoint(endpoint, of_service.map_or(&[], |(about, _)| about.as_slice()));
        if endpoint.owner.is_none() {
            endpoint.owner = of_service.and_then(|(_, owner)| owner.clone());
        }
    }
    results.ownership = Some(assigning.conclude(&results.endpoints));
}

struct Assigning<'f> {
    files: &'f [OwnerFile],
    index: Index<'f>,
    /// Entries that are about something observed.
    used: BTreeSet<Place>,
    conflicts: BTreeSet<String>,
    /// Owners of specifications, once they were looked for.
    specs: HashMap<String, Option<Owner>, FixedState>,
}

impl<'f> Assigning<'f> {
    fn entry(&self, place: Place) -> Option<&'f Entry> {
        self.files.get(place.file)?.entries.get(place.entry)
    }

    /// The owner of a whole service: its own entries, then the specifications that declare it, then a folder of its name.
    fn of_service(&mut self, service: &Service, about: &[(Closeness, Place, String)]) -> Option<Owner> {
        let whole = about.iter().filter(|(closeness, place, _)| {
            *closeness > Closeness::Folder && self.entry(*place).is_some_and(|entry| entry.routes.is_empty())
        });
        let whole: Vec<_> = whole.map(|(closeness, place, why)| (*closeness as usize, *place, why.clone())).collect();
        let declared = service.specs.first().filter(|_| service.specs.len() == 1).cloned();
        self.closest(&service.name, &whole).or_else(|| self.of_spec(declared.as_deref()?)).or_else(|| {
            let folder = about.iter().rev().find(|(closeness, ..)| *closeness == Closeness::Folder)?;
            self.owner(folder.1, &folder.2)
        })
    }

    /// The owner of one endpoint beside its service's: by route, else by the specification that declares it.
    fn of_endpoint(&mut self, endpoint: &Endpoint, about: &[(Closeness, Place, String)]) -> Option<Owner> {
        let mut routed = Vec::new();
        for (closeness, place, why) in about {
            let routes = self.entry(*place).map(|entry| entry.routes.as_slice()).unwrap_or_default();
            let fitting = routes.iter().filter(|route| fits(route, endpoint)).max_by_key(|route| weight(route));
            if let Some(route) = fitting {
                let weight = weight(route) * 8 + *closeness as usize;
                routed.push((weight, *place, format!("route {} of {why}", route.path)));
            }
        }
        let place = format!("{} {}", endpoint.method, endpoint.template);
        let declared = endpoint.operation.as_ref().map(|operation| operation.spec.clone());
        self.closest(&place, &routed).or_else(|| self.of_spec(&declared?))
    }

    /// The owner of a specification: the last line of a CODEOWNERS file that fits, or an API that names the file.
    fn of_spec(&mut self, spec: &str) -> Option<Owner> {
        if let Some(known) = self.specs.get(spec) {
            return known.clone();
        }
        let owner = self.look_for_spec(spec);
        self.specs.insert(spec.to_owned(), owner.clone());
        owner
    }

    fn look_for_spec(&mut self, spec: &str) -> Option<Owner> {
        for (at, file) in self.files.iter().enumerate() {
            let fits = |entry: &Entry| entry.files.as_ref().is_some_and(|files| files.fits(spec));
            let Some(entry) = file.entries.iter().rposition(fits) else { continue };
            let place = Place { file: at, entry };
            let text = self.entry(place).and_then(|entry| entry.files.as_ref()).map(|files| files.text.clone());
            let owner = self.owner(place, &format!("{spec} fits {}", text.unwrap_or_default()));
            if owner.is_some() {
                return owner;
            }
        }
        None
    }

    /// The closest of several entries; others as close that name somebody else are told.
    fn closest(&mut self, what: &str, found: &[(usize, Place, String)]) -> Option<Owner> {
        let best = found.iter().map(|(weight, ..)| *weight).max()?;
        let mut all = found.iter().filter(|(weight, ..)| *weight == best);
        let (_, place, why) = all.next()?;
        let owner = self.owner(*place, why)?;
        for (_, other, _) in all {
            let (Some(entry), Some(file)) = (self.entry(*other), self.files.get(other.file)) else { continue };
            self.used.insert(*other);
            let Some(name) = entry.owner.as_ref().filter(|name| **name != owner.name) else { continue };
            if self.conflicts.len() < OWNERS_UNMATCHED_MAX {
                self.conflicts.insert(format!(
                    "{}:{}: {} gives {what} to {name}, {}:{} gives it to {}: the first counts",
                    file.file, entry.line, entry.of, owner.file, owner.line, owner.name
                ));
            }
        }
        Some(owner)
    }

    fn owner(&mut self, place: Place, why: &str) -> Option<Owner> {
        let (entry, file) = (self.entry(place)?, self.files.get(place.file)?);
        self.used.insert(place);
        let name = entry.owner.clone()?;
        let reason = if entry.files.is_some() && file.kind == Kind::Codeowners {
            why.to_owned()
        } else {
            format!("{}: {why}", entry.of)
        };
        Some(Owner { name, file: file.file.clone(), line: entry.line as u64, reason })
    }

    fn conclude(self, endpoints: &[Endpoint]) -> Ownership {
        let owned = endpoints.iter().filter(|endpoint| endpoint.owner.is_some()).count() as u64;
        let mut ownership = Ownership { owned, unowned: endpoints.len() as u64 - owned, ..Ownership::default() };
        ownership.remarks.extend(self.conflicts);
        let (mut told, mut more) = (0, 0_u64);
        for (at, file) in self.files.iter().enumerate() {
            let mut matched = 0;
            for (entry, one) in file.entries.iter().enumerate() {
                if self.used.contains(&Place { file: at, entry }) {
                    matched += 1;
                } else if file.kind != Kind::Codeowners && told < OWNERS_UNMATCHED_MAX {
                    told += 1;
                    ownership.remarks.push(unmatched(file, one));
                } else if file.kind != Kind::Codeowners {
                    more += 1;
                }
            }
            ownership.files.push(OwnerSource {
                file: file.file.clone(),
                kind: file.kind.name().to_owned(),
                entries: file.entries.len() as u64,
                matched,
                problems: file.problems.iter().map(ToString::to_string).collect(),
            });
        }
        if more > 0 {
            ownership.remarks.push(format!("{more} more entries are about nothing that was observed"));
        }
        ownership
    }
}

/// Why an entry is about nothing.
fn unmatched(file: &OwnerFile, entry: &Entry) -> String {
    let wanted: Vec<&str> = entry.hosts.iter().chain(&entry.names).map(String::as_str).take(4).collect();
    let about = match (wanted.as_slice(), entry.routes.first(), &entry.files) {
        ([], _, Some(files)) => format!("no specification {} was given", files.text),
        ([], Some(route), _) => format!("{} has neither host nor service", route.path),
        ([], None, None) => "it names neither host nor service".to_owned(),
        (wanted, Some(route), _) => format!("no endpoint {} of {} was observed", route.path, wanted.join(", ")),
        (wanted, None, _) => format!("no service {} was observed", wanted.join(", ")),
    };
    format!("{}:{}: {} ({}): {about}", file.file, entry.line, entry.of, entry.owner.as_deref().unwrap_or("nobody"))
}

/// Longer routes are closer, and exact ones closer than those with everything below.
fn weight(route: &Route) -> usize {
    2 * segments(&route.path).count() + usize::from(route.exact)
}

/// True when the endpoint lies on a route: segment by segment, where a parameter is any segment.
fn fits(route: &Route, endpoint: &Endpoint) -> bool {
    let parameter = |part: &str| part.starts_with('{') || part.starts_with(':');
    // A parameter of the endpoint is no literal of a route: `/orders/{id}` is not `/orders/refunds`.
    let agree = |wanted: &str, part: &str| wanted == part || parameter(wanted) && (parameter(part) || route.exact);
    let mut template = segments(&endpoint.template);
    let below = segments(&route.path).all(|wanted| template.next().is_some_and(|part| agree(wanted, part)));
    let method = route.methods.is_empty() || route.methods.contains(&endpoint.method);
    below && method && (!route.exact || template.next().is_none())
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}
