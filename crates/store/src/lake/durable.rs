//! Files on a local disk that are on it when a write says so.
//!
//! `object_store` writes files that the operating system may still hold in memory. The lake's commit lets the journal
//! forget its exchanges, so a file must outlive a power failure before it is named: content first, then name, then the
//! folder that holds the name.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};
use std::time::SystemTime;

use async_trait::async_trait;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMode,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use tokio_util::bytes::Bytes;
use uuid::Uuid;

/// A local file system whose files are durable when [`ObjectStore::put_opts`] returns.
#[derive(Debug)]
pub(super) struct DurableDisk(LocalFileSystem);

impl DurableDisk {
    /// The whole file system; paths are absolute.
    pub(super) fn new() -> Self {
        Self(LocalFileSystem::new())
    }
}

impl std::fmt::Display for DurableDisk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "durable {}", self.0)
    }
}

#[async_trait]
impl ObjectStore for DurableDisk {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let create = match options.mode {
            PutMode::Create => true,
            PutMode::Overwrite => false,
            PutMode::Update(_) => {
                return Err(Error::NotImplemented {
                    operation: "update in place".into(),
                    implementer: self.to_string(),
                });
            }
        };
        let path = self.0.path_to_filesystem(location)?;
        let place = path.display().to_string();
        let written = tokio::task::spawn_blocking(move || write(&path, &payload, create)).await;
        match written? {
            Ok(()) => Ok(PutResult { e_tag: None, version: None }),
            Err(error) if create && error.kind() == io::ErrorKind::AlreadyExists => {
                Err(Error::AlreadyExists { path: place, source: Box::new(error) })
            }
            Err(error) => Err(Error::Generic { store: "disk", source: Box::new(error) }),
        }
    }

    async fn put_multipart_opts(&self, _: &Path, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        // Files of the lake are written whole; an upload in parts would not be durable.
        Err(Error::NotImplemented { operation: "upload in parts".into(), implementer: self.to_string() })
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.0.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.0.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.0.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.0.list(prefix)
    }

    fn list_with_offset(&self, prefix: Option<&Path>, offset: &Path) -> BoxStream<'static, Result<ObjectMeta>> {
        self.0.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.0.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.0.copy_opts(from, to, options).await
    }
}

/// Writes a file under a name of its own, makes it durable, and only then gives it its name.
fn write(path: &FilePath, payload: &PutPayload, create: bool) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    make_folders(folder)?;
    let (mut file, staged) = stage(path)?;
    let named = (|| {
        for bytes in payload {
            file.write_all(bytes)?;
        }
        file.sync_all()?;
        if create { std::fs::hard_link(&staged, path) } else { std::fs::rename(&staged, path) }
    })();
    if create || named.is_err() {
        // Without it a name stays that no listing shows; the error that counts is the other one.
        let _ = std::fs::remove_file(&staged);
    }
    named?;
    sync_folder(folder)
}

/// A new file beside its later name. `object_store` leaves names that end in `#` and digits out of its listings, so no
/// reader takes it for a file of the table.
fn stage(path: &FilePath) -> io::Result<(File, PathBuf)> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!("#{}", Uuid::now_v7().as_u128()));
    let staged = PathBuf::from(name);
    let file = OpenOptions::new().write(true).create_new(true).open(&staged)?;
    Ok((file, staged))
}

/// Removes what crashes left of [`stage`] in a folder and the folders in it, if it is older than a time. Returns how
/// many files went; what cannot be looked at stays.
pub(super) fn sweep(folder: &FilePath, before: SystemTime) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let mut swept = 0;
    for entry in entries.flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            swept += sweep(&path, before);
            continue;
        }
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let staged = name.rsplit_once('#').is_some_and(|(_, number)| number.bytes().all(|c| c.is_ascii_digit()));
        let old = entry.metadata().and_then(|about| about.modified()).is_ok_and(|at| at < before);
        if staged && old && std::fs::remove_file(&path).is_ok() {
            swept += 1;
        }
    }
    swept
}

/// Makes missing folders, and their names durable.
fn make_folders(folder: &FilePath) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        make_folders(parent)?;
    }
    match std::fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    folder.parent().map_or(Ok(()), sync_folder)
}

fn sync_folder(folder: &FilePath) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
