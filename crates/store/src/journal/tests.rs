//! The journal against a disk whose plug is pulled.

use std::collections::BTreeMap;
use std::sync::mpsc::{SyncSender, sync_channel};

use proptest::prelude::*;

use super::*;

const KEY: [u8; 32] = [7; 32];

impl Entry for Vec<u8> {
    fn write_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }

    fn bytes(&self) -> usize {
        self.len()
    }
}

/// Tells a test what the journal told.
struct Told(SyncSender<Outcome>);

/// A number with its entry, or the entry that was refused.
type Outcome = Result<(u64, Vec<u8>), Vec<u8>>;

impl Receiver<Vec<u8>> for Told {
    fn durable(&mut self, number: u64, entry: Vec<u8>) {
        self.0.send(Ok((number, entry))).unwrap();
    }

    fn refused(&mut self, entry: Vec<u8>, _: JournalError) {
        self.0.send(Err(entry)).unwrap();
    }
}

/// A disk in memory that forgets, at a crash, some of what was not synced, and fails when told to.
#[derive(Clone, Default)]
struct Fake(Arc<Mutex<Files>>);

#[derive(Default)]
struct Files {
    /// Content, and how much of it is synced.
    all: BTreeMap<String, (Vec<u8>, usize)>,
    /// Appends and syncs until one fails; none fails when it is none.
    fails_in: Option<u32>,
    /// A failing append writes half.
    half: bool,
}

impl Fake {
    fn crash(&self, keep: impl Fn(usize) -> usize) {
        for (content, synced) in self.0.lock().unwrap().all.values_mut() {
            let unsynced = content.len() - *synced;
            content.truncate(*synced + keep(unsynced).min(unsynced));
        }
    }

    fn fails(&self) -> bool {
        let mut files = self.0.lock().unwrap();
        match files.fails_in.as_mut() {
            Some(0) => true,
            Some(left) => {
                *left -= 1;
                false
            }
            None => false,
        }
    }
}

struct FakeFile(Fake, String);

impl Disk for Fake {
    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.0.lock().unwrap().all.keys().cloned().collect())
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn Appender>> {
        if self.fails() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = self.0.lock().unwrap().all.insert(name.to_owned(), (Vec::new(), 0));
        assert!(taken.is_none(), "{name} is there");
        Ok(Box::new(FakeFile(self.clone(), name.to_owned())))
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        self.0.lock().unwrap().all.get(name).map(|(content, _)| content.clone()).ok_or(io::ErrorKind::NotFound.into())
    }

    fn sync(&self, name: &str) -> io::Result<()> {
        let mut files = self.0.lock().unwrap();
        let (content, synced) = files.all.get_mut(name).ok_or(io::ErrorKind::NotFound)?;
        *synced = content.len();
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.0.lock().unwrap().all.remove(name).map(drop).ok_or(io::ErrorKind::NotFound.into())
    }
}

impl Appender for FakeFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let fails = self.0.fails();
        let mut files = self.0.0.lock().unwrap();
        let half = files.half;
        let (content, _) = files.all.get_mut(&self.1).unwrap();
        if fails {
            if half {
                content.extend_from_slice(&bytes[..bytes.len() / 2]);
            }
            return Err(io::ErrorKind::StorageFull.into());
        }
        content.extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.0.fails() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let mut files = self.0.0.lock().unwrap();
        let (content, synced) = files.all.get_mut(&self.1).unwrap();
        *synced = content.len();
        Ok(())
    }
}

fn open(disk: &Fake, options: Options) -> (Journal<Vec<u8>>, std::sync::mpsc::Receiver<Outcome>) {
    let (told, tells) = sync_channel(64);
    (Journal::open(Arc::new(disk.clone()), KEY, options, 0, Told(told)).unwrap(), tells)
}

fn replayed(journal: &Journal<Vec<u8>>, after: u64) -> (Vec<(u64, Vec<u8>)>, Vec<Lost>) {
    let mut replay = journal.replay(after);
    let mut entries = Vec::new();
    while let Some(entry) = replay.next() {
        entries.push(entry.unwrap());
    }
    (entries, replay.lost().to_vec())
}

fn small() -> Options {
    Options { segment_bytes: 600, ..Options::default() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever fails and whenever the plug is pulled: each acknowledged entry comes back once, in order, under its
    /// number, and no refused one comes back.
    #[test]
    fn what_was_acknowledged_comes_back_exactly_once(
        lives in prop::collection::vec((1_usize..20, prop::option::of(0_u32..40), any::<bool>(), 0_usize..400), 1..6)
    ) {
        let disk = Fake::default();
        let mut acknowledged: Vec<(u64, Vec<u8>)> = Vec::new();
        let mut refused: Vec<Vec<u8>> = Vec::new();
        let mut made = 0_u32;
        for (entries, fails_in, half, kept) in lives {
            let (journal, tells) = open(&disk, small());
            {
                let mut files = disk.0.lock().unwrap();
                files.fails_in = fails_in;
                files.half = half;
            }
            for _ in 0..entries {
                made += 1;
                let entry = format!("entry {made} {}", "x".repeat(made as usize % 90)).into_bytes();
                journal.append(entry).map_err(|(_, error)| error).unwrap();
                match tells.recv().unwrap() {
                    Ok((number, entry)) => acknowledged.push((number, entry)),
                    Err(entry) => refused.push(entry),
                }
                if half && !refused.is_empty() {
                    disk.0.lock().unwrap().fails_in = None;
                }
            }
            disk.0.lock().unwrap().fails_in = None;
            drop(journal);
            disk.crash(|unsynced| kept.min(unsynced));
        }
        let (journal, _tells) = open(&disk, small());
        let (entries, lost) = replayed(&journal, 0);
        prop_assert!(lost.is_empty(), "lost {lost:?}");
        let found: BTreeMap<u64, &Vec<u8>> = entries.iter().map(|(number, entry)| (*number, entry)).collect();
        prop_assert_eq!(found.len(), entries.len());
        for (number, entry) in &acknowledged {
            prop_assert_eq!(found.get(number), Some(&entry));
        }
        // What else is there was written whole when the disk said that it was not.
        for (number, entry) in &entries {
            let known = acknowledged.iter().any(|(own, _)| own == number);
            prop_assert!(known || refused.contains(entry), "{number} was never given");
        }
    }
}

#[test]
fn entries_that_wait_share_a_frame_and_keep_their_order() {
    let disk = Fake::default();
    let (journal, tells) = open(&disk, Options::default());
    for number in 0_u8..50 {
        journal.append(vec![number; 10]).map_err(|(_, error)| error).unwrap();
    }
    let numbers: Vec<u64> = (0..50).map(|_| tells.recv().unwrap().unwrap().0).collect();
    assert_eq!(numbers, (1..=50).collect::<Vec<u64>>());
    assert_eq!(replayed(&journal, 40).0.len(), 10);
}

#[test]
fn released_segments_are_gone_and_numbers_go_on() {
    let disk = Fake::default();
    let (journal, tells) = open(&disk, small());
    for _ in 0..30 {
        journal.append(vec![1; 100]).map_err(|(_, error)| error).unwrap();
        tells.recv().unwrap().unwrap();
    }
    let before = journal.bytes();
    journal.release(25);
    assert!(journal.bytes() < before);
    assert_eq!(replayed(&journal, 25).0.len(), 5);
    journal.release(30);
    drop(journal);
    let (journal, tells) = open(&disk, small());
    journal.append(vec![2]).map_err(|(_, error)| error).unwrap();
    assert_eq!(tells.recv().unwrap().unwrap().0, 31);
}

#[test]
fn damage_in_the_middle_is_told_and_what_stands_behind_it_is_read() {
    let disk = Fake::default();
    let (journal, tells) = open(&disk, Options::default());
    for number in 0_u8..6 {
        journal.append(vec![number; 200]).map_err(|(_, error)| error).unwrap();
        tells.recv().unwrap().unwrap();
    }
    drop(journal);
    {
        let mut files = disk.0.lock().unwrap();
        let (content, _) = files.all.values_mut().next().unwrap();
        let middle = content.len() / 2;
        content[middle] ^= 0x40;
    }
    let (journal, _tells) = open(&disk, Options::default());
    let (entries, lost) = replayed(&journal, 0);
    assert_eq!(journal.last(), 6);
    assert_eq!((entries.len(), lost.len()), (5, 1));
    assert_eq!(lost[0].first, lost[0].last);
}

#[test]
fn nothing_of_an_entry_can_be_read_on_the_disk() {
    let disk = Fake::default();
    let (journal, tells) = open(&disk, Options::default());
    journal.append(b"Authorization: Bearer very-secret-token".to_vec()).map_err(|(_, error)| error).unwrap();
    tells.recv().unwrap().unwrap();
    let files = disk.0.lock().unwrap();
    assert!(files.all.values().all(|(content, _)| !content.windows(6).any(|window| window == b"secret")));
}

#[test]
fn a_journal_that_is_full_gives_entries_back() {
    let disk = Fake::default();
    let (journal, tells) = open(&disk, Options { bytes_max: 300, ..small() });
    let mut taken = 0;
    let full = loop {
        match journal.append(vec![taken; 100]) {
            Ok(()) => {
                tells.recv().unwrap().unwrap();
                taken += 1;
            }
            Err((_, error)) => break error,
        }
    };
    assert!(matches!(full, JournalError::Full));
    assert!(taken > 0);
}
