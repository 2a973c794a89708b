//! Follows files and folders: every line once, across rotation, truncation and restarts.
//!
//! [`Follower::poll`] lists what there is; [`Follower::take`] reads the next records, in turn from every log that has some,
//! within a log the oldest generation first. The name decides which *log* a file belongs to (`access.log`, `access.log.1`,
//! `access.log-20261126.gz` are one), its number and its first bytes decide which *text* it holds, and each text is read
//! once:
//!
//! - renamed (`logrotate`, date in the name): the same file under another name; its rest is read, then the new one;
//! - copied and truncated: the rest is read from the copy. What is written between the copy and the truncation is in
//!   neither file: that loss is `copytruncate`'s own, and `logrotate` says so;
//! - compressed afterwards: known by what comes out of it, and not read again;
//! - deleted: read to its end while it is open; what is written and deleted between two looks is not seen;
//! - restarted: the position has the number, the place and a fingerprint of every generation, so that a file is found
//!   again under the name that it has by then.
//!
//! A last line without its end waits for the rest for ten seconds without a change. Files are compared by their first
//! kilobyte: a file that is written anew with the same first kilobyte is taken for the same text. What is compressed, in
//! UTF-16, a HAR document or a capture is read when it did not change between two looks, and again from where it was left
//! when it grew.
//!
//! Nothing waits here and no clock is read but through [`LiveSource`]: looks are calls, and time is what the caller says.

mod content;
mod lines;
mod log;
mod name;
mod position;
mod stream;
mod watch;
mod whole;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use vedette_model::limits::FOLLOW_SOURCES_MAX;
use vedette_parse::capture::KeyLog;
use vedette_parse::decode::Decoder;

use crate::batch::Records;
use crate::source::{Delivery, HealthBoard, LiveSource, Receipt, wall_clock};
use content::Files;
use log::{Log, Settings};
use position::Position;
use watch::{FileId, Seen};

/// What to follow.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    /// A file, a folder with all below it, or a pattern with `*` and `?` in its last part. It need not exist yet.
    pub path: PathBuf,
    /// Format of all its files, instead of recognizing it.
    pub decoder: Option<Decoder>,
}

/// How files are followed.
#[derive(Clone, Debug)]
pub struct FollowOptions {
    /// Time between two looks.
    pub interval: Duration,
    /// Opens the TLS connections of packet captures.
    pub keys: Option<Arc<KeyLog>>,
}

/// Follows files.
pub struct Follower {
    watched: Vec<Watched>,
    options: FollowOptions,
    logs: BTreeMap<Arc<str>, Followed>,
    /// Positions of logs that were not met yet.
    saved: HashMap<String, String>,
    /// Logs that have something to read, in turn.
    ready: VecDeque<Arc<str>>,
    files: Files,
    /// Logs of each watched path so far.
    counts: Vec<usize>,
    board: HealthBoard,
    delivered: u64,
    started: Instant,
    next_look: Duration,
    spare: Records,
}

struct Followed {
    log: Log,
    /// Id of the source that it counts for.
    source: Arc<str>,
    watch: usize,
}

impl Default for FollowOptions {
    fn default() -> Self {
        Self { interval: Duration::from_secs(1), keys: None }
    }
}

impl Follower {
    /// Follows what is named, from the positions of the last deliveries that are durable, by their key.
    pub fn new(watched: Vec<Watched>, options: FollowOptions, positions: HashMap<String, String>) -> Self {
        Self {
            counts: vec![0; watched.len()],
            watched,
            options,
            logs: BTreeMap::new(),
            saved: positions,
            ready: VecDeque::new(),
            files: Files::default(),
            board: HealthBoard::default(),
            delivered: 0,
            started: Instant::now(),
            next_look: Duration::ZERO,
            spare: Records::default(),
        }
    }

    /// Looks what files there are. `now` is the time since any fixed moment, and never runs backward.
    pub fn poll(&mut self, now: Duration) {
        let found = watch::scan(self.watched.iter().map(|watched| watched.path.as_path()));
        for (watch, problem) in found.problems {
            let name = self.watch_name(watch);
            self.board.update(&name, |health| health.problem = Some(problem));
        }
        let mut by_log = self.assign(found.files);
        let known: Vec<Arc<str>> = self.logs.keys().cloned().collect();
        for key in known {
            by_log.entry(key).or_default();
        }
        let queued: BTreeSet<Arc<str>> = self.ready.iter().cloned().collect();
        let mut totals: BTreeMap<Arc<str>, Total> = BTreeMap::new();
        let mut read = HashSet::new();
        for (key, seen) in by_log {
            if !self.logs.contains_key(&key) {
                let Some(first) = seen.first() else { continue };
                let followed = self.begin(&key, first.watch);
                self.logs.insert(Arc::clone(&key), followed);
            }
            let Some(followed) = self.logs.get_mut(&key) else { continue };
            followed.log.observe(seen, &mut self.files, now);
            if followed.log.is_ready(now) && !queued.contains(&key) {
                self.ready.push_back(key);
            }
            read.extend(followed.log.read_files());
            totals.entry(Arc::clone(&followed.source)).or_default().add(&followed.log, now);
        }
        self.files.keep(&read);
        for (source, total) in totals {
            self.board.update(&source, |health| {
                health.waiting_bytes = total.waiting_bytes;
                health.behind = total.behind;
                health.problem = total.problem;
            });
        }
    }

    /// Reads the next records of what the last look found; `None` when all is read.
    pub fn take(&mut self, now: Duration) -> Option<Delivery> {
        for _ in 0..self.ready.len() {
            let key = self.ready.pop_front()?;
            let Some(followed) = self.logs.get_mut(&key) else { continue };
            let decoder = self.watched.get(followed.watch).and_then(|watched| watched.decoder.as_ref());
            let settings = Settings { decoder, keys: self.options.keys.as_ref() };
            let spare = std::mem::take(&mut self.spare);
            let outcome = catch_unwind(AssertUnwindSafe(|| followed.log.next(spare, &settings, &mut self.files, now)));
            // What a file holds must not stop the others.
            let outcome = outcome.unwrap_or_else(|_| {
                followed.log.give_up(now);
                Err(Records::default())
            });
            let notes = std::mem::take(&mut followed.log.notes);
            if notes.refused > 0 || notes.problem.is_some() {
                self.board.update(&followed.source, |health| {
                    health.received += notes.refused;
                    health.refuse(notes.refused, notes.samples);
                    health.problem = notes.problem.or(health.problem.take());
                });
            }
            let delivery = outcome.map(|batch| Delivery {
                number: self.delivered,
                source: Arc::clone(&followed.source),
                key: Arc::clone(&key),
                position: followed.log.position().write(),
                received_at: wall_clock(),
                batch,
            });
            if followed.log.is_ready(now) {
                self.ready.push_back(key);
            }
            match delivery {
                Ok(delivery) => {
                    self.delivered += 1;
                    self.board.deliver(&delivery);
                    return Some(delivery);
                }
                Err(unused) => self.spare = unused,
            }
        }
        None
    }

    /// Files by log. A file that was renamed beyond its log's names stays where it was read before.
    fn assign(&mut self, files: Vec<Seen>) -> BTreeMap<Arc<str>, Vec<Seen>> {
        let owners: HashMap<FileId, Arc<str>> =
            self.logs.iter().flat_map(|(key, followed)| followed.log.files().map(|id| (id, Arc::clone(key)))).collect();
        let mut by_log: BTreeMap<Arc<str>, Vec<Seen>> = BTreeMap::new();
        for seen in files {
            let owner = owners.get(&seen.id).filter(|owner| **owner != seen.log);
            let owner = owner.filter(|owner| {
                self.logs.get_mut(*owner).is_some_and(|followed| followed.log.holds(&seen, &mut self.files))
            });
            let log = Arc::clone(owner.unwrap_or(&seen.log));
            by_log.entry(log).or_default().push(seen);
        }
        by_log
    }

    fn begin(&mut self, key: &Arc<str>, watch: usize) -> Followed {
        let count = self.counts.get_mut(watch).map_or(0, |count| {
            *count += 1;
            *count
        });
        let source = if count <= FOLLOW_SOURCES_MAX { format!("file:{key}").into() } else { self.watch_name(watch) };
        let position = self.saved.remove(key.as_ref()).and_then(|text| Position::read(&text));
        Followed { log: Log::restored(self.logs.len() as u32, position), source, watch }
    }

    fn watch_name(&self, watch: usize) -> Arc<str> {
        self.watched.get(watch).map_or_else(|| "".into(), |watched| format!("file:{}", watched.path.display()).into())
    }
}

impl LiveSource for Follower {
    fn next(&mut self, wait: Duration) -> Option<Delivery> {
        let until = self.started.elapsed() + wait;
        loop {
            let now = self.started.elapsed();
            if now >= self.next_look {
                self.poll(now);
                self.next_look = self.started.elapsed() + self.options.interval;
            }
            let delivery = self.take(now);
            if delivery.is_some() || now >= until {
                return delivery;
            }
            thread::sleep(until.min(self.next_look).saturating_sub(now));
        }
    }

    fn settled(&mut self, receipt: &Receipt) {
        self.board.settle(receipt);
    }

    fn health(&self) -> HealthBoard {
        self.board.clone()
    }
}

/// Sums over the logs of one source.
#[derive(Default)]
struct Total {
    waiting_bytes: u64,
    behind: Duration,
    problem: Option<String>,
}

impl Total {
    fn add(&mut self, log: &Log, now: Duration) {
        self.waiting_bytes += log.waiting_bytes();
        let behind = log.behind_since.map_or(Duration::ZERO, |since| now.saturating_sub(since));
        self.behind = self.behind.max(behind);
        self.problem = self.problem.take().or_else(|| log.problem());
    }
}
