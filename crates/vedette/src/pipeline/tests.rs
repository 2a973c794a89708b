use std::path::PathBuf;

use vedette_ingest::{Options, Sources};
use vedette_model::results::Source;

use super::run;
use crate::interrupt::Interrupt;
use crate::progress::Progress;

/// A folder of this test, removed when it ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("vedette-pipeline-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, lines: impl Iterator<Item = u64>) -> PathBuf {
        let text = lines.fold(String::new(), |mut text, n| {
            let (minute, second) = (n / 60 % 60, n % 60);
            let at = format!("2026-09-21T14:{minute:02}:{second:02}Z");
            let request = format!(r#"{{"method":"GET","url":"https://a.example/{n}"}}"#);
            let entry = format!(r#"{{"startedDateTime":"{at}","request":{request},"response":{{"status":200}}}}"#);
            text.extend([entry.as_str(), "\n"]);
            text
        });
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn paths(folder: &Folder, threads: usize, interrupt: &Interrupt) -> (Vec<(u64, String)>, Vec<Source>) {
    let sources = Sources::open(std::slice::from_ref(&folder.0), Options::default());
    let progress = Progress::silent(&sources);
    run(
        sources,
        threads,
        Vec::new,
        |seen: &mut Vec<_>, exchange, (_, record)| {
            assert!(exchange.path != "/13", "a defect in a detector");
            seen.push((record, exchange.path.clone().into_owned()));
        },
        Vec::extend,
        &progress,
        interrupt,
    )
}

#[test]
fn every_exchange_is_learned_once_whatever_the_number_of_workers() {
    let folder = Folder::new("once");
    folder.file("a.ndjson", 100..20_100);
    for threads in [1, 2, 5] {
        let (mut seen, sources) = paths(&folder, threads, &Interrupt::default());
        assert_eq!(seen, paths(&folder, threads, &Interrupt::default()).0, "the same order again");
        seen.sort();
        assert!(
            seen.iter()
                .enumerate()
                .all(|(n, (record, path))| *record == n as u64 && path[1..] == (n + 100).to_string())
        );
        let source = &sources[0];
        assert_eq!((seen.len(), source.records, source.exchanges, source.unreadable), (20_000, 20_000, 20_000, 0));
    }
}

#[test]
fn a_panic_costs_one_record() {
    let folder = Folder::new("panic");
    folder.file("a.ndjson", 0..40);
    let (seen, sources) = paths(&folder, 2, &Interrupt::default());
    assert_eq!((seen.len(), sources[0].exchanges, sources[0].unreadable), (39, 39, 1));
    assert_eq!(sources[0].unreadable_samples[0].record, 13);
    assert!(sources[0].unreadable_samples[0].reason.contains("defect"));
}

#[test]
fn an_interrupted_run_ends_with_what_it_has() {
    let folder = Folder::new("interrupt");
    folder.file("a.ndjson", 100..200);
    let interrupt = Interrupt::default();
    interrupt.set();
    let (seen, sources) = paths(&folder, 2, &interrupt);
    assert_eq!((seen.len(), sources.len()), (0, 1));
}

/// A pipe whose writer neither writes nor closes: the reader of the run waits in `read` for ever.
#[cfg(target_os = "linux")]
#[test]
fn a_source_that_blocks_does_not_hold_up_an_interrupted_run() {
    use std::io::Write;
    use std::os::fd::AsRawFd;

    let (reader, mut writer) = std::io::pipe().unwrap();
    let path = PathBuf::from(format!("/proc/self/fd/{}", reader.as_raw_fd()));
    let line = "{\"request\":{\"method\":\"GET\",\"url\":\"/x\"},\"response\":{\"status\":200}}\n";
    let lines = line.repeat(2 * vedette_model::limits::BATCH_BYTES / line.len());
    let writing = std::thread::spawn(move || {
        // Fails when the run stopped reading first.
        let _ = writer.write_all(lines.as_bytes());
        writer
    });
    let sources = Sources::open(&[path], Options::default());
    let progress = Progress::silent(&sources);
    let interrupt = Interrupt::default();
    let observe = |seen: &mut u64, _: &vedette_model::Exchange<'_>, _| {
        *seen += 1;
        interrupt.set();
    };
    let (seen, sources) = run(sources, 2, || 0, observe, |all, more| *all += more, &progress, &interrupt);
    assert!(seen > 1_000, "{seen}");
    assert_eq!(sources[0].exchanges, seen);
    drop(reader);
    drop(writing.join().unwrap());
}
