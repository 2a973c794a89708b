//! Checks a backup, and puts an installation back from one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use vedette_model::limits::{BACKUP_FILES_MAX, BACKUP_MANIFEST_BYTES_MAX};

use super::archive::{Entry, Reader};
use super::{BackupError, FORMAT, KEY, MANIFEST, Manifest, Member, STATE, key_check, sync_parent};
use crate::keys::{DataKey, hex};
use crate::state::{State, check_dump};

type Archive = Reader<zstd::stream::read::Decoder<'static, BufReader<File>>>;

/// Where to restore to.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The data folder: missing or empty.
    pub data: &'a Path,
    /// The state's database, when it is not the file in the data folder. It must be empty.
    pub state_url: Option<&'a str>,
    /// The data key's file, when it is not in the backup or is to stay outside of the data folder.
    pub key_file: Option<&'a Path>,
}

/// Reads a backup from beginning to end and compares every file with the manifest, the state's dump line by line too.
/// Writes nothing.
pub async fn verify(backup: &Path) -> Result<Manifest, BackupError> {
    let manifest = check(backup)?;
    let mut archive = open(backup)?;
    while let Some(entry) = next(&mut archive, backup)? {
        if entry.path == STATE {
            let dumped = check_dump(&mut BufReader::new(&mut archive)).await?;
            if (dumped.schema, dumped.rows) == (manifest.schema, manifest.rows) {
                return Ok(manifest);
            }
            return Err(BackupError::Damaged("the state has other rows than the manifest says".to_owned()));
        }
    }
    Err(BackupError::Damaged("the state is missing".to_owned()))
}

/// Puts an installation back: checks the whole backup, unpacks it beside the data folder, loads the state into its
/// database, and names the folder last. An error leaves no data folder behind (and an empty database).
pub async fn restore(backup: &Path, target: Target<'_>) -> Result<Manifest, BackupError> {
    require_empty(target.data)?;
    let manifest = verify(backup).await?;
    let fresh = sibling(target.data)?;
    let restored = unpack(backup, &fresh, &manifest, target).await;
    let named = match restored {
        Ok(()) => name(&fresh, target.data),
        Err(error) => Err(error),
    };
    if named.is_err() {
        let _ = fs::remove_dir_all(&fresh);
    }
    named.map(|()| manifest)
}

async fn unpack(backup: &Path, fresh: &Path, manifest: &Manifest, target: Target<'_>) -> Result<(), BackupError> {
    folder(fresh)?;
    let mut archive = open(backup)?;
    while let Some(entry) = next(&mut archive, backup)? {
        if entry.path != MANIFEST {
            extract(&mut archive, &fresh.join(&entry.path))?;
        }
    }
    let key = match (target.key_file, manifest.key_included) {
        (Some(path), _) => {
            // The operator keeps the key elsewhere; it does not belong beside the data then.
            let _ = fs::remove_file(fresh.join(KEY));
            DataKey::read(path)?
        }
        (None, true) => DataKey::read(&fresh.join(KEY))?,
        (None, false) => return Err(BackupError::NoKey),
    };
    if key_check(&key) != manifest.key_check {
        return Err(BackupError::WrongKey);
    }
    let dump = fresh.join(STATE);
    let state = State::of_folder(fresh, target.state_url, &key).await?;
    let file = File::open(&dump).map_err(BackupError::file("reading", &dump))?;
    let loaded = state.load(&mut BufReader::new(file)).await;
    state.close().await;
    loaded?;
    fs::remove_file(&dump).map_err(BackupError::file("removing", &dump))
}

/// The manifest, after every member was compared with it.
fn check(backup: &Path) -> Result<Manifest, BackupError> {
    let mut archive = open(backup)?;
    let mut found: Vec<Member> = Vec::new();
    let manifest = loop {
        let Some(entry) = next(&mut archive, backup)? else {
            return Err(BackupError::Damaged("the manifest is missing: the file was cut".to_owned()));
        };
        if entry.path == MANIFEST {
            break manifest(&mut archive, &entry)?;
        }
        if found.len() >= BACKUP_FILES_MAX {
            return Err(BackupError::Damaged("it holds too many files".to_owned()));
        }
        found.push(hashed(&mut archive, entry, backup)?);
    };
    if next(&mut archive, backup)?.is_some() {
        return Err(BackupError::Damaged("it goes on behind the manifest".to_owned()));
    }
    if found.len() != manifest.files.len() {
        return Err(BackupError::Damaged("it holds other files than the manifest names".to_owned()));
    }
    match found.iter().zip(&manifest.files).find(|(found, told)| found != told) {
        Some((found, _)) => Err(BackupError::Damaged(format!("{} is not what the manifest says", found.path))),
        None => Ok(manifest),
    }
}

fn manifest(archive: &mut Archive, entry: &Entry) -> Result<Manifest, BackupError> {
    let damaged = |_| BackupError::Damaged("the manifest is malformed".to_owned());
    if entry.bytes > BACKUP_MANIFEST_BYTES_MAX {
        return Err(BackupError::Damaged("the manifest is too large".to_owned()));
    }
    let mut text = Vec::new();
    io::copy(archive, &mut text).map_err(|_| BackupError::Damaged("the manifest was cut".to_owned()))?;
    let value: serde_json::Value = serde_json::from_slice(&text).map_err(damaged)?;
    let format = value.get("format").and_then(serde_json::Value::as_u64).unwrap_or(0);
    if format > u64::from(FORMAT) {
        return Err(BackupError::Newer(u32::try_from(format).unwrap_or(u32::MAX)));
    }
    serde_json::from_value(value).map_err(damaged)
}

fn hashed(archive: &mut Archive, entry: Entry, backup: &Path) -> Result<Member, BackupError> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = archive.read(&mut buffer).map_err(unreadable(backup))?;
        if read == 0 {
            break;
        }
        hash.update(buffer.get(..read).unwrap_or_default());
    }
    Ok(Member { path: entry.path, bytes: entry.bytes, sha256: hex(&hash.finalize()) })
}

fn extract(archive: &mut Archive, path: &Path) -> Result<(), BackupError> {
    if let Some(parent) = path.parent() {
        folder(parent)?;
    }
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = BufWriter::new(file.map_err(BackupError::file("creating", path))?);
    io::copy(archive, &mut file).map_err(BackupError::file("writing", path))?;
    let synced = file.flush().and_then(|()| file.get_ref().sync_all());
    synced.map_err(BackupError::file("writing", path))
}

fn open(backup: &Path) -> Result<Archive, BackupError> {
    let file = File::open(backup).map_err(BackupError::file("reading", backup))?;
    let decoder = zstd::stream::read::Decoder::new(file).map_err(BackupError::file("reading", backup))?;
    Ok(Reader::new(decoder))
}

fn next(archive: &mut Archive, backup: &Path) -> Result<Option<Entry>, BackupError> {
    archive.next().map_err(unreadable(backup))
}

/// An archive that cannot be read is damaged, whatever the decoder calls it.
fn unreadable(backup: &Path) -> impl FnOnce(io::Error) -> BackupError {
    move |error| BackupError::Damaged(format!("{}: {error}", backup.display()))
}

fn require_empty(data: &Path) -> Result<(), BackupError> {
    match fs::read_dir(data) {
        Ok(mut entries) => entries.next().map_or(Ok(()), |_| Err(BackupError::NotEmpty(data.to_owned()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(BackupError::file("listing", data)(error)),
    }
}

/// Gives the unpacked folder its name.
fn name(fresh: &Path, data: &Path) -> Result<(), BackupError> {
    match fs::remove_dir(data) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => fs::rename(fresh, data).and_then(|()| sync_parent(data)),
    }
    .map_err(BackupError::file("naming", data))
}

/// A folder beside the data folder, on the same disk. One of an attempt that failed before is removed.
fn sibling(data: &Path) -> Result<PathBuf, BackupError> {
    let mut name = data.as_os_str().to_owned();
    name.push(".restoring");
    let path = PathBuf::from(name);
    match fs::remove_dir_all(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(BackupError::file("removing", &path)(error)),
        _ => Ok(path),
    }
}

fn folder(path: &Path) -> Result<(), BackupError> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(BackupError::file("creating", path))
}
