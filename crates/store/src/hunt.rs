//! Hunting: SQL over the lake and over what was learned.
//!
//! [`Hunter::run`] takes the SQL of somebody who may hunt and gives a stream of batches. A hunt reads and can do nothing
//! else: only queries pass (`guard`), only the tables of [`crate::tables`] exist, and no function touches a file.
//!
//! A hunt is bounded in everything: size and depth of the SQL, time, memory, spilled bytes, rows of the answer, hunts at
//! once. Hunts run on threads of their own with low priority, so that taking traffic does not wait for them. What they
//! may take together is [`HuntConfig`]; what one may take is [`Limits`].
//!
//! Not bounded: what one call of a function allocates for one batch of rows. Functions whose result can be far larger
//! than their input are left out (`session`).
//!
//! Start reading at [`Hunter`]; `hunt/run.rs` is what happens to one hunt.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use datafusion::execution::runtime_env::RuntimeEnv;
use tokio::runtime::Runtime;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::AbortHandle;
use tokio::time::Instant;
use vedette_model::Timestamp;
use vedette_model::limits::{
    HUNT_MEMORY_BYTES, HUNT_ROWS_DEFAULT, HUNT_SPILL_BYTES_MAX, HUNT_TIME_DEFAULT, HUNTS_AT_ONCE, HUNTS_WAITING_MAX,
};

mod answer;
mod data;
mod error;
mod functions;
mod guard;
mod output;
mod parameters;
mod reference;
mod run;
mod saved;
mod session;
mod wording;

#[cfg(test)]
mod tests;

pub use answer::{Hunt, HuntStats};
pub use data::{Loader, Tables};
pub use error::{HuntError, Position};
pub use functions::{FUNCTIONS, FunctionDoc};
pub use output::{Encoder, Format, Table, decode};
pub use parameters::Value;
pub use reference::reference;
pub use saved::{Parameter, ParameterKind, SavedHunt, shipped, shipped_named};

/// What all hunts of a process may take together.
#[derive(Clone, Debug)]
pub struct HuntConfig {
    /// Threads that hunts run on; each hunt uses up to all of them.
    pub threads: usize,
    /// Hunts that run at once. More wait, up to `waiting`.
    pub at_once: usize,
    /// Hunts that wait for their turn; more are refused.
    pub waiting: usize,
    /// Bytes of memory for all running hunts; each gets an equal share.
    pub memory_bytes: usize,
    /// Folder for what does not fit into memory; emptied by whoever owns the data folder at start.
    pub spill_dir: PathBuf,
    /// Bytes that all running hunts may spill.
    pub spill_bytes: u64,
}

impl HuntConfig {
    /// Half of the processors, at least one: the other half takes traffic.
    pub fn new(spill_dir: PathBuf) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            threads: (processors / 2).max(1),
            at_once: HUNTS_AT_ONCE,
            waiting: HUNTS_WAITING_MAX,
            memory_bytes: HUNT_MEMORY_BYTES,
            spill_dir,
            spill_bytes: HUNT_SPILL_BYTES_MAX,
        }
    }
}

/// What one hunt may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rows of the answer; the rest is left out, and [`HuntStats::truncated`] says so. `None` for as many as there are.
    pub rows: Option<usize>,
    /// Time from being asked to the last row, waiting included.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { rows: Some(HUNT_ROWS_DEFAULT), time: HUNT_TIME_DEFAULT }
    }
}

/// A question.
#[derive(Clone, Debug)]
pub struct Query {
    /// One query: `select`, `with`, `values`, `explain`, `show tables`, `describe`.
    pub sql: String,
    /// Values of its `$name` parameters.
    pub parameters: BTreeMap<String, Value>,
    /// What it may take.
    pub limits: Limits,
    /// Whose data it asks; only the same tenant sees it among [`Hunter::running`] and cancels it.
    pub tenant: String,
    /// Who asks, for [`Hunter::running`].
    pub asked_by: String,
    /// What `now()` says.
    pub now: Timestamp,
}

/// Number of a hunt within the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HuntId(pub u64);

/// A hunt that runs or waits.
#[derive(Clone, Debug)]
pub struct Running {
    /// Its number.
    pub id: HuntId,
    /// Who asked.
    pub asked_by: String,
    /// What was asked.
    pub sql: String,
    /// How long ago.
    pub age: Duration,
}

/// Runs hunts. One per process; dropping it ends all of them.
pub struct Hunter {
    config: HuntConfig,
    env: Arc<RuntimeEnv>,
    /// Always there until drop.
    runtime: Option<Runtime>,
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
    next: AtomicU64,
    entries: Entries,
}

/// The hunts that run, by number. Never held across an await.
type Entries = Arc<Mutex<HashMap<HuntId, Entry>>>;

struct Entry {
    tenant: String,
    asked_by: String,
    sql: String,
    started: Instant,
    task: AbortHandle,
}

impl Hunter {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the spill folder cannot be made or threads cannot be started.
    pub fn new(config: HuntConfig) -> Result<Self, HuntError> {
        let env = session::environment(&config)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(config.threads.max(1))
            .max_blocking_threads(config.threads.max(1) * 2)
            .thread_name("hunt")
            .thread_stack_size(session::STACK_BYTES)
            .on_thread_start(session::lower_priority)
            .event_interval(session::EVENT_INTERVAL)
            .enable_all()
            .build()
            .map_err(HuntError::Setup)?;
        Ok(Self {
            turns: Arc::new(Semaphore::new(config.at_once.max(1))),
            config,
            env,
            runtime: Some(runtime),
            waiting: AtomicUsize::new(0),
            next: AtomicU64::new(1),
            entries: Entries::default(),
        })
    }

    /// Asks a question of some tables. Returns with the first rows, so that what is wrong with a hunt is an error here
    /// and not in the middle of an answer.
    ///
    /// # Errors
    /// [`HuntError::Wrong`] and [`HuntError::Refused`] when the author must change the SQL, the others as they say.
    pub async fn run(&self, tables: Tables, query: Query) -> Result<Hunt, HuntError> {
        guard::check_text(&query.sql)?;
        let started = Instant::now();
        let deadline = started + query.limits.time;
        let turn = self.turn(deadline, query.limits.time).await?;
        let id = HuntId(self.next.fetch_add(1, Ordering::Relaxed));
        let Some(runtime) = &self.runtime else { return Err(HuntError::Canceled) };
        let entry = (query.tenant.clone(), query.asked_by.clone(), query.sql.clone());
        let limits = query.limits;
        let (sender, receiver) = answer::channel();
        let job = run::Job { tables, query, env: Arc::clone(&self.env), share: self.share(), started, deadline };
        let task = runtime.spawn(run::produce(job, turn, sender));
        let (tenant, asked_by, sql) = entry;
        let running = Entry { tenant, asked_by, sql, started, task: task.abort_handle() };
        lock(&self.entries).insert(id, running);
        let guard = RunningGuard { id, entries: Arc::clone(&self.entries) };
        Hunt::open(id, receiver, guard, deadline, limits.time).await
    }

    /// The hunts of a tenant that run now, oldest first.
    pub fn running(&self, tenant: &str) -> Vec<Running> {
        let entries = lock(&self.entries);
        let mut running: Vec<Running> = entries
            .iter()
            .filter(|(_, entry)| entry.tenant == tenant)
            .map(|(id, entry)| Running {
                id: *id,
                asked_by: entry.asked_by.clone(),
                sql: entry.sql.clone(),
                age: entry.started.elapsed(),
            })
            .collect();
        running.sort_by_key(|one| one.id);
        running
    }

    /// Ends a hunt of a tenant; its reader gets [`HuntError::Canceled`]. False when no such hunt runs.
    pub fn cancel(&self, tenant: &str, id: HuntId) -> bool {
        let entries = lock(&self.entries);
        let entry = entries.get(&id).filter(|entry| entry.tenant == tenant);
        if let Some(entry) = entry {
            entry.task.abort();
        }
        entry.is_some()
    }

    /// Waits for a turn, not longer than the hunt may take.
    async fn turn(&self, deadline: Instant, time: Duration) -> Result<OwnedSemaphorePermit, HuntError> {
        if let Ok(turn) = Arc::clone(&self.turns).try_acquire_owned() {
            return Ok(turn);
        }
        let place = WaitingGuard::new(&self.waiting);
        if place.number >= self.config.waiting {
            return Err(HuntError::Busy);
        }
        let turn = Arc::clone(&self.turns).acquire_owned();
        match tokio::time::timeout_at(deadline, turn).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) => Err(HuntError::Canceled),
            Err(_) => Err(HuntError::TimedOut { limit: time }),
        }
    }

    /// What one hunt gets of what all may take.
    fn share(&self) -> run::Share {
        run::Share {
            memory_bytes: self.config.memory_bytes / self.config.at_once.max(1),
            partitions: self.config.threads.max(1),
        }
    }
}

impl Drop for Hunter {
    fn drop(&mut self) {
        // A runtime may not wait for its threads inside another runtime; nothing here needs to be waited for.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl std::fmt::Debug for Hunter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hunter").field("config", &self.config).finish_non_exhaustive()
    }
}

/// Ends a hunt when its answer is dropped.
pub(crate) struct RunningGuard {
    id: HuntId,
    entries: Entries,
}

impl Drop for RunningGuard {
    fn drop(&mut self) {
        if let Some(entry) = lock(&self.entries).remove(&self.id) {
            entry.task.abort();
        }
    }
}

/// A place in the queue.
struct WaitingGuard<'a> {
    waiting: &'a AtomicUsize,
    number: usize,
}

impl<'a> WaitingGuard<'a> {
    fn new(waiting: &'a AtomicUsize) -> Self {
        Self { waiting, number: waiting.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Drop for WaitingGuard<'_> {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A panic while it was held left the map whole: inserts and removals are single calls.
fn lock(entries: &Entries) -> std::sync::MutexGuard<'_, HashMap<HuntId, Entry>> {
    entries.lock().unwrap_or_else(PoisonError::into_inner)
}
