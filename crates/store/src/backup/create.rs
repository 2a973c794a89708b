//! Makes a backup, beside a running server.
//!
//! The parts of a tenant change while they are copied: the journal grows at its end, and is released at its beginning
//! once learned snapshots and lake are past it. What is copied must start with journal entries that both have seen and
//! end with at least all that they have seen. So: the journal's files are *opened* first (a file that is released
//! afterwards can still be read), then snapshots and the lake's log are copied, and the journal's content last. A
//! record that was half written at that moment is what a crash would leave, and recovery knows that.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use vedette_model::Timestamp;

use super::archive::Writer;
use super::{BackupError, FORMAT, KEY, MANIFEST, Manifest, Member, STATE, key_check, sync_parent};
use crate::keys::{DataKey, hex};
use crate::state::State;

/// Level of compression: most of a backup is compressed already.
const LEVEL: i32 = 3;

/// How often a listing is taken again because a file of it vanished before it was opened.
const LISTINGS_MAX: usize = 10;

/// What goes into a backup.
#[derive(Clone, Debug)]
pub struct Options {
    /// The data key too. Whoever reads the backup can then read the journal in it.
    pub include_key: bool,
    /// Where the lake is, when it is not in the data folder.
    pub external_lake: Option<String>,
    /// Now.
    pub now: Timestamp,
}

/// Writes a backup of the data folder and the state to the new file `out` (mode 0600). When this returns, it is on
/// disk; on an error no file of that name is left.
pub async fn create(
    data: &Path,
    state: &State,
    key: &DataKey,
    out: &Path,
    options: &Options,
) -> Result<Manifest, BackupError> {
    if out.try_exists().map_err(BackupError::file("looking at", out))? {
        return Err(BackupError::File {
            action: "creating",
            path: out.to_owned(),
            source: io::ErrorKind::AlreadyExists.into(),
        });
    }
    let dump_path = beside(out, "state");
    let partial = beside(out, "partial");
    let written = write(data, state, key, (&dump_path, &partial), options).await;
    // The dump is in the archive now, or of no use.
    let _ = fs::remove_file(&dump_path);
    let finished = written.and_then(|manifest| {
        fs::rename(&partial, out).and_then(|()| sync_parent(out)).map_err(BackupError::file("naming", out))?;
        Ok(manifest)
    });
    if finished.is_err() {
        let _ = fs::remove_file(&partial);
    }
    finished
}

async fn write(
    data: &Path,
    state: &State,
    key: &DataKey,
    (dump_path, partial): (&Path, &Path),
    options: &Options,
) -> Result<Manifest, BackupError> {
    let mut dump = BufWriter::new(private_file(dump_path)?);
    let dumped = state.dump(&mut dump).await?;
    drop(dump);
    let mut copy = Copy::new(partial)?;
    copy.file(STATE, dump_path)?;
    if options.include_key {
        copy.bytes(KEY, (key.to_hex().as_str().to_owned() + "\n").as_bytes())?;
    }
    for tenant in folders(&data.join("tenants"))? {
        copy.tenant(&data.join("tenants").join(&tenant), &format!("tenants/{tenant}"))?;
    }
    let manifest = Manifest {
        format: FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        created_at: options.now,
        schema: dumped.schema,
        rows: dumped.rows,
        external_lake: options.external_lake.clone(),
        key_included: options.include_key,
        key_check: key_check(key),
        files: copy.members.clone(),
    };
    copy.finish(&manifest)?;
    Ok(manifest)
}

/// The archive that is written.
struct Copy {
    archive: Writer<zstd::stream::write::Encoder<'static, BufWriter<File>>>,
    path: PathBuf,
    members: Vec<Member>,
}

impl Copy {
    fn new(path: &Path) -> Result<Self, BackupError> {
        let file = BufWriter::new(private_file(path)?);
        let failed = BackupError::file("writing", path);
        let mut encoder = zstd::stream::write::Encoder::new(file, LEVEL).map_err(failed)?;
        // Bits that turned on the way are then an error of the decoder, even where no hash is looked at.
        encoder.include_checksum(true).map_err(BackupError::file("writing", path))?;
        Ok(Self { archive: Writer::new(encoder), path: path.to_owned(), members: Vec::new() })
    }

    /// One tenant, in the order that the module's text explains.
    fn tenant(&mut self, folder: &Path, name: &str) -> Result<(), BackupError> {
        let mut journal = open_all(&folder.join("journal"))?;
        for (path, mut file) in open_all(&folder.join("learned"))? {
            self.open_file(&format!("{name}/learned/{path}"), &folder.join("learned").join(&path), &mut file)?;
        }
        self.lake(&folder.join("lake"), &format!("{name}/lake"))?;
        // Segments that began meanwhile follow those that were open.
        for (path, file) in open_all(&folder.join("journal"))? {
            journal.entry(path).or_insert(file);
        }
        for (path, mut file) in journal {
            self.open_file(&format!("{name}/journal/{path}"), &folder.join("journal").join(&path), &mut file)?;
        }
        Ok(())
    }

    /// The lake's log before its files: what the log names is there, and files that came later are no part of it.
    fn lake(&mut self, folder: &Path, name: &str) -> Result<(), BackupError> {
        for table in folders(folder)? {
            let log = format!("{table}/_delta_log");
            let mut files = Vec::new();
            walk(&folder.join(&table), &table, &mut files)?;
            files.sort_by_key(|path| (!path.starts_with(&log), path.clone()));
            for path in files {
                let from = folder.join(&path);
                match self.file(&format!("{name}/{path}"), &from) {
                    // Compacted away between listing and opening; a log from before would name it, and vacuum waits
                    // for readers much longer than that.
                    Err(BackupError::File { source, .. })
                        if source.kind() == io::ErrorKind::NotFound && !path.starts_with(&log) => {}
                    copied => copied?,
                }
            }
        }
        Ok(())
    }

    fn file(&mut self, name: &str, from: &Path) -> Result<(), BackupError> {
        let mut file = File::open(from).map_err(BackupError::file("reading", from))?;
        self.open_file(name, from, &mut file)
    }

    fn open_file(&mut self, name: &str, from: &Path, file: &mut File) -> Result<(), BackupError> {
        file.rewind().map_err(BackupError::file("reading", from))?;
        let bytes = file.metadata().map_err(BackupError::file("reading", from))?.len();
        self.member(name, bytes, file).map_err(BackupError::file("copying", from))
    }

    fn bytes(&mut self, name: &str, content: &[u8]) -> Result<(), BackupError> {
        let path = self.path.clone();
        self.member(name, content.len() as u64, &mut &*content).map_err(BackupError::file("writing", &path))
    }

    fn member(&mut self, name: &str, bytes: u64, content: &mut dyn Read) -> io::Result<()> {
        let mut hashed = Hashed { content, hash: Sha256::new() };
        self.archive.member(name, bytes, &mut hashed)?;
        let sha256 = hex(&hashed.hash.finalize());
        self.members.push(Member { path: name.to_owned(), bytes, sha256 });
        Ok(())
    }

    fn finish(mut self, manifest: &Manifest) -> Result<(), BackupError> {
        let path = self.path.clone();
        let failed = || BackupError::file("writing", &path);
        let text = serde_json::to_vec_pretty(manifest).map_err(io::Error::from).map_err(failed())?;
        self.bytes(MANIFEST, &text)?;
        let encoder = self.archive.finish().map_err(failed())?;
        let mut file = encoder.finish().map_err(failed())?;
        file.flush().and_then(|()| file.get_ref().sync_all()).map_err(failed())
    }
}

/// Hashes what is read through it.
struct Hashed<'a> {
    content: &'a mut dyn Read,
    hash: Sha256,
}

impl Read for Hashed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read(buffer)?;
        self.hash.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// Every file directly in a folder, open, by name. A folder that is not there has none.
fn open_all(folder: &Path) -> Result<BTreeMap<String, File>, BackupError> {
    for _ in 0..LISTINGS_MAX {
        if let Some(open) = try_open_all(folder)? {
            return Ok(open);
        }
    }
    Err(BackupError::Damaged(format!("{} does not come to rest", folder.display())))
}

/// `None` when a file vanished between listing and opening: then the listing was of no one moment.
fn try_open_all(folder: &Path) -> Result<Option<BTreeMap<String, File>>, BackupError> {
    let mut open = BTreeMap::new();
    for name in names(folder, false)? {
        let path = folder.join(&name);
        match File::open(&path) {
            Ok(file) => open.insert(name, file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(BackupError::file("reading", &path)(error)),
        };
    }
    Ok(Some(open))
}

/// Names of the folders in a folder, sorted.
fn folders(folder: &Path) -> Result<Vec<String>, BackupError> {
    names(folder, true)
}

/// Sorted names in a folder: of folders, or of regular files. Links are neither.
fn names(folder: &Path, folders: bool) -> Result<Vec<String>, BackupError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(BackupError::file("listing", folder)(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(BackupError::file("listing", folder))?;
        let kind = entry.file_type().map_err(BackupError::file("listing", folder))?;
        let wanted = if folders { kind.is_dir() } else { kind.is_file() };
        if let (true, Ok(name)) = (wanted, entry.file_name().into_string()) {
            found.push(name);
        }
    }
    found.sort();
    Ok(found)
}

/// Every file below a folder, as paths that begin with `prefix`. Depth is what a partitioned table has.
fn walk(folder: &Path, prefix: &str, found: &mut Vec<String>) -> Result<(), BackupError> {
    found.extend(names(folder, false)?.into_iter().map(|name| format!("{prefix}/{name}")));
    for name in folders(folder)? {
        walk(&folder.join(&name), &format!("{prefix}/{name}"), found)?;
    }
    Ok(())
}

fn private_file(path: &Path) -> Result<File, BackupError> {
    let options = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    options.map_err(BackupError::file("creating", path))
}

/// The name of a file that is written before `out`.
fn beside(out: &Path, suffix: &str) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}
