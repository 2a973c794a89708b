//! The progress bar: on a terminal only, silence in a pipe.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use vedette_ingest::Sources;

/// How far a run is.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Bytes on disk read so far.
    position: Arc<AtomicU64>,
    records: AtomicU64,
    /// Bytes after decompression.
    bytes: AtomicU64,
    started: Instant,
}

impl Progress {
    /// A bar on standard error when that is a terminal; with the time left when the size of all sources is known.
    pub(crate) fn on_terminal(sources: &Sources) -> Self {
        let bar = ProgressBar::with_draw_target(sources.total_bytes(), ProgressDrawTarget::stderr_with_hz(10));
        let template = match sources.total_bytes() {
            Some(_) => "{bar:32.cyan/dim} {percent:>3} %  {msg}  {eta} left",
            None => "{spinner} {msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self::new(bar, sources)
    }

    /// No bar.
    #[cfg(test)]
    pub(crate) fn silent(sources: &Sources) -> Self {
        Self::new(ProgressBar::hidden(), sources)
    }

    fn new(bar: ProgressBar, sources: &Sources) -> Self {
        let position = sources.position();
        Self { bar, position, records: AtomicU64::new(0), bytes: AtomicU64::new(0), started: Instant::now() }
    }

    /// Counts a batch; any thread.
    pub(crate) fn advance(&self, records: u64, bytes: u64) {
        self.records.fetch_add(records, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Draws the bar anew.
    pub(crate) fn draw(&self) {
        if self.bar.is_hidden() {
            return;
        }
        let secs = self.started.elapsed().as_secs_f64().max(0.001);
        let records = self.records.load(Ordering::Relaxed);
        let megabytes = self.bytes.load(Ordering::Relaxed) as f64 / 1e6;
        self.bar.set_message(format!(
            "{} records  {}/s  {:.0} MB/s",
            HumanCount(records),
            HumanCount((records as f64 / secs) as u64),
            megabytes / secs
        ));
        self.bar.set_position(self.position.load(Ordering::Relaxed));
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
