//! Ctrl-C: the first asks for the result so far, the second ends the process.

use std::io::Write;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a shell reports for a process that SIGINT ended (128 + 2).
const EXIT_INTERRUPTED: i32 = 130;

/// Whether the user wants to stop. Clones share the answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens for SIGINT and SIGTERM from now on.
    ///
    /// # Errors
    /// When another handler was set before: one process has one.
    pub(crate) fn on_signal() -> Result<Self, ctrlc::Error> {
        let interrupt = Self::default();
        let shared = interrupt.clone();
        ctrlc::set_handler(move || {
            if shared.0.swap(true, Ordering::Relaxed) {
                process::exit(EXIT_INTERRUPTED);
            }
            let _ = writeln!(std::io::stderr(), "\nstopping with the result so far; once more to quit at once");
        })?;
        Ok(interrupt)
    }

    /// True from the first signal on.
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// As a signal does.
    #[cfg(test)]
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
