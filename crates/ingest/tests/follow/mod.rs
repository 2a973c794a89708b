//! Files that live: written, rotated, cut and deleted while they are followed. Looks are calls, time is a number.

mod formats;
mod many;
mod rotation;
mod running;
mod simulation;

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use vedette_ingest::{Batch, FollowOptions, Follower, Format, Health, LiveSource, Reader, Watched};

use crate::read::{self, Folder};

/// Files that are followed by a node that keeps what it is told.
pub(crate) struct Play {
    pub(crate) folder: Folder,
    watched: Vec<Watched>,
    pub(crate) follower: Follower,
    pub(crate) now: Duration,
    /// By key, as of the last delivery.
    pub(crate) positions: HashMap<String, String>,
    /// Paths of the exchanges, in the order met.
    pub(crate) seen: Vec<String>,
    /// What the last delivery said of its format.
    pub(crate) decoder: String,
    pub(crate) deliveries: u64,
}

impl Play {
    /// Follows a whole folder.
    pub(crate) fn folder() -> Self {
        Self::of(Path::to_owned)
    }

    /// Follows what is named below a folder.
    pub(crate) fn of(path: impl Fn(&Path) -> PathBuf) -> Self {
        let folder = Folder::new();
        let watched = vec![Watched { path: path(&folder.0), decoder: None }];
        let follower = Follower::new(watched.clone(), FollowOptions::default(), HashMap::new());
        let (now, decoder) = (Duration::ZERO, String::new());
        Self { folder, watched, follower, now, positions: HashMap::new(), seen: Vec::new(), decoder, deliveries: 0 }
    }

    /// A look one second later, and all that it finds. Returns what is new.
    pub(crate) fn look(&mut self) -> Vec<String> {
        let before = self.seen.len();
        self.poll();
        while self.take() {}
        self.seen[before..].to_vec()
    }

    pub(crate) fn poll(&mut self) {
        self.now += Duration::from_secs(1);
        self.follower.poll(self.now);
    }

    /// Takes one delivery through the form in which a journal keeps it.
    pub(crate) fn take(&mut self) -> bool {
        let Some(delivery) = self.follower.take(self.now) else { return false };
        self.decoder = delivery.decoder().unwrap();
        let (first, count) = (delivery.batch.first_record, delivery.batch.count());
        self.positions.insert(delivery.key.to_string(), delivery.position);
        let format = Arc::new(Format::described(&self.decoder).unwrap());
        let batch = Batch::whole(0, first, format, delivery.batch.into_bytes());
        assert_eq!(batch.count(), count, "no record is lost on the way");
        Reader::default().read(&batch, |exchange, _| self.seen.push(exchange.path.to_string()));
        self.deliveries += 1;
        true
    }

    /// Ends the process and starts a new one.
    pub(crate) fn restart(&mut self) {
        self.follower = Follower::new(self.watched.clone(), FollowOptions::default(), self.positions.clone());
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.0.join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        self.folder.write(name, content);
    }

    pub(crate) fn append(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        let mut file = OpenOptions::new().create(true).append(true).open(self.path(name)).unwrap();
        file.write_all(content.as_ref()).unwrap();
    }

    /// Appends log lines with these numbers.
    pub(crate) fn log(&self, name: &str, numbers: std::ops::Range<u64>) {
        self.append(name, lines(numbers));
    }

    pub(crate) fn rename(&self, from: &str, to: &str) {
        std::fs::rename(self.path(from), self.path(to)).unwrap();
    }

    pub(crate) fn remove(&self, name: &str) {
        std::fs::remove_file(self.path(name)).unwrap();
    }

    /// As logrotate's `copytruncate` does.
    pub(crate) fn copy_and_truncate(&self, from: &str, to: &str) {
        std::fs::copy(self.path(from), self.path(to)).unwrap();
        self.truncate(from);
    }

    pub(crate) fn truncate(&self, name: &str) {
        OpenOptions::new().write(true).truncate(true).open(self.path(name)).unwrap();
    }

    pub(crate) fn compress(&self, from: &str, to: &str) {
        self.write(to, gzip(&std::fs::read(self.path(from)).unwrap()));
        self.remove(from);
    }

    /// Appends through a descriptor that a server got before.
    pub(crate) fn log_as_writer(&self, name: &str, numbers: std::ops::Range<u64>) {
        if let Ok(mut file) = OpenOptions::new().append(true).open(self.path(name)) {
            file.write_all(lines(numbers).as_bytes()).unwrap();
        } else {
            std::fs::set_permissions(self.path(name), std::fs::Permissions::from_mode(0o200)).unwrap();
            self.log(name, numbers);
            std::fs::set_permissions(self.path(name), std::fs::Permissions::from_mode(0o000)).unwrap();
        }
    }

    /// Health of all sources.
    pub(crate) fn follower_health(&self) -> Vec<Health> {
        self.follower.health().all().into_values().collect()
    }

    /// Health of the only source.
    pub(crate) fn health(&self) -> Health {
        let mut all = self.follower.health().all();
        assert_eq!(all.len(), 1, "{all:?}");
        all.pop_first().unwrap().1
    }
}

/// A line of a combined log, its path `/n`.
pub(crate) fn line(n: u64) -> String {
    let second = n % 60;
    format!("203.0.113.9 - - [17/May/2026:10:05:{second:02} +0000] \"GET /{n} HTTP/1.1\" 200 17 \"-\" \"curl/8.5.0\"\n")
}

pub(crate) fn lines(numbers: std::ops::Range<u64>) -> String {
    numbers.map(line).collect()
}

pub(crate) fn paths(numbers: std::ops::Range<u64>) -> Vec<String> {
    numbers.map(|n| format!("/{n}")).collect()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A HAR entry as a line.
pub(crate) fn entry(n: u64) -> String {
    read::entry(n) + "\n"
}
