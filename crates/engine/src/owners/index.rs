//! Entries by host and name, so that ten thousand of them cost a service a few look-ups.

use std::collections::BTreeMap;

use vedette_parse::owners::{Entry, Kind, OwnerFile};

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) file: usize,
    pub(super) entry: usize,
}

/// How an entry is about a service, the closest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Closeness {
    /// A folder of CODEOWNERS is called like it.
    Folder = 1,
    /// A name without an ending that says nothing.
    Similar = 2,
    /// A name is its first label.
    Label = 3,
    /// A name is its name.
    Name = 4,
    /// A host with `*`.
    Wildcard = 5,
    /// A host.
    Host = 6,
}

/// Labels that are no names of services.
const PLAIN_LABELS: &[&str] =
    &["api", "www", "app", "web", "gateway", "edge", "internal", "dev", "test", "staging", "prod"];

/// Endings of names that say nothing.
const ENDINGS: &[&str] = &["-service", "-svc", "-api", "-server", "-backend"];

pub(super) struct Index<'f> {
    hosts: BTreeMap<&'f str, Vec<Place>>,
    wildcards: Vec<(&'f str, Place)>,
    names: BTreeMap<String, Vec<Place>>,
    similar: BTreeMap<String, Vec<Place>>,
    folders: BTreeMap<String, Vec<Place>>,
}

impl<'f> Index<'f> {
    pub(super) fn of(files: &'f [OwnerFile]) -> Self {
        let mut index = Self {
            hosts: BTreeMap::new(),
            wildcards: Vec::new(),
            names: BTreeMap::new(),
            similar: BTreeMap::new(),
            folders: BTreeMap::new(),
        };
        for (file, read) in files.iter().enumerate() {
            for (at, entry) in read.entries.iter().enumerate() {
                index.add(read.kind, entry, Place { file, entry: at });
            }
        }
        index
    }

    fn add(&mut self, kind: Kind, entry: &'f Entry, place: Place) {
        for host in &entry.hosts {
            match host.strip_prefix('*') {
                Some(rest) => self.wildcards.push((rest, place)),
                None => self.hosts.entry(host).or_default().push(place),
            }
        }
        for name in &entry.names {
            let name = name.to_ascii_lowercase();
            self.similar.entry(bare(&name).to_owned()).or_default().push(place);
            self.names.entry(name).or_default().push(place);
        }
        let subject = entry.files.as_ref().filter(|_| kind == Kind::Codeowners).and_then(|files| files.subject());
        if let Some(subject) = subject {
            self.folders.entry(bare(&subject.to_ascii_lowercase()).to_owned()).or_default().push(place);
        }
    }

    /// Entries about a service, each once with its closest reason, in the order of the files.
    pub(super) fn about(&self, files: &[OwnerFile], service: &str) -> Vec<(Closeness, Place, String)> {
        let whole = service.to_ascii_lowercase();
        let host = whole
            .rsplit_once(':')
            .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
            .map_or(whole.as_str(), |(host, _)| host);
        let address = host.starts_with('[') || host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let label = host.split('.').next().unwrap_or(host);
        let label = if address || PLAIN_LABELS.contains(&label) { host } else { label };
        let mut found: BTreeMap<Place, (Closeness, String)> = BTreeMap::new();
        let mut add = |places: Option<&Vec<Place>>, closeness: Closeness, why: String| {
            for place in places.into_iter().flatten() {
                let known = found.entry(*place).or_insert_with(|| (closeness, why.clone()));
                if closeness > known.0 {
                    *known = (closeness, why.clone());
                }
            }
        };
        add(self.hosts.get(host), Closeness::Host, format!("host {host}"));
        for (rest, place) in self.wildcards.iter().filter(|(rest, _)| host.len() > rest.len() && host.ends_with(rest)) {
            add(Some(&vec![*place]), Closeness::Wildcard, format!("host *{rest}"));
        }
        add(self.names.get(host), Closeness::Name, format!("name {host}"));
        add(self.names.get(label), Closeness::Label, format!("name {label}"));
        add(self.similar.get(bare(label)), Closeness::Similar, format!("name {} without its ending", bare(label)));
        let folder = self.folders.get(bare(label));
        for place in folder.into_iter().flatten() {
            let text =
                files.get(place.file).and_then(|file| file.entries.get(place.entry)).map(|entry| entry.of.as_str());
            add(
                Some(&vec![*place]),
                Closeness::Folder,
                format!("{} is called like the service", text.unwrap_or_default()),
            );
        }
        found.into_iter().map(|(place, (closeness, why))| (closeness, place, why)).collect()
    }
}

fn bare(name: &str) -> &str {
    ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).filter(|rest| !rest.is_empty()).unwrap_or(name)
}
