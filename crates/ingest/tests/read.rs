//! Reads sources to the end and keeps what a test wants to see.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use vedette_ingest::{Options, Reader, Records, Sources};
use vedette_model::results::Source;

/// A folder of one test, removed when it ends.
pub(crate) struct Folder(pub(crate) PathBuf);

/// What was read.
pub(crate) struct Seen {
    /// Source, record number, path and query, in the order met.
    pub(crate) exchanges: Vec<(u32, u64, String)>,
    pub(crate) sources: Vec<Source>,
    pub(crate) notes: Vec<String>,
}

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("vedette-ingest-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Reads paths to the end.
pub(crate) fn all(paths: &[PathBuf]) -> Seen {
    each(paths, |_| {})
}

/// As [`all`], with a look at every exchange.
pub(crate) fn each(paths: &[PathBuf], look: impl FnMut(&vedette_model::Exchange<'_>)) -> Seen {
    with(paths, Options::default(), look)
}

/// As [`each`], with options.
pub(crate) fn with(paths: &[PathBuf], options: Options, mut look: impl FnMut(&vedette_model::Exchange<'_>)) -> Seen {
    let mut sources = Sources::open(paths, options);
    let ledger = sources.ledger();
    let mut reader = Reader::default();
    let mut records = Records::default();
    let mut exchanges = Vec::new();
    while let Some(batch) = sources.next(records) {
        reader.read(&batch, |x, (source, record)| {
            look(x);
            let query = x.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
            exchanges.push((source, record, format!("{}{query}", x.path)));
        });
        records = batch.recycle();
    }
    let mut described = ledger.sources();
    for (source, tally) in described.iter_mut().zip(reader.finish()) {
        tally.describe(source);
    }
    Seen { exchanges, sources: described, notes: sources.notes().to_vec() }
}

/// Reads bytes as a file of their own.
pub(crate) fn bytes(content: impl AsRef<[u8]>) -> Seen {
    let folder = Folder::new();
    all(&[folder.write("traffic", content)])
}

/// Reads one path.
pub(crate) fn path(path: &Path) -> Seen {
    all(&[path.to_owned()])
}

/// A HAR entry as one line, its path `/n`, its time `n` seconds after a fixed one.
pub(crate) fn entry(n: u64) -> String {
    let at = vedette_model::Timestamp::from_secs(1_790_000_000 + n.cast_signed());
    format!(
        r#"{{"startedDateTime":"{at}","request":{{"method":"GET","url":"https://a.example/{n}"}},"response":{{"status":200}}}}"#
    )
}

/// Entries as lines.
pub(crate) fn lines(numbers: impl Iterator<Item = u64>) -> String {
    numbers.map(|n| entry(n) + "\n").collect()
}

impl Seen {
    pub(crate) fn paths(&self) -> Vec<&str> {
        self.exchanges.iter().map(|(_, _, path)| path.as_str()).collect()
    }

    pub(crate) fn only(&self) -> &Source {
        assert_eq!(self.sources.len(), 1);
        &self.sources[0]
    }

    pub(crate) fn problem(&self) -> &str {
        let problems = &self.only().problems;
        assert_eq!(problems.len(), 1, "{problems:?}");
        &problems[0]
    }
}
