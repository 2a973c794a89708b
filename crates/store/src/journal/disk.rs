//! What the journal needs of a disk, so that a test can pull the plug.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::PathBuf;

/// A folder of segments.
pub trait Disk: Send + Sync {
    /// Names of the files in it, in any order.
    fn list(&self) -> io::Result<Vec<String>>;
    /// Makes a new file; fails when it exists. When it returned, the name survives a crash.
    fn create(&self, name: &str) -> io::Result<Box<dyn Appender>>;
    /// The content of a file.
    fn read(&self, name: &str) -> io::Result<Vec<u8>>;
    /// Makes durable what a file holds, whoever wrote it.
    fn sync(&self, name: &str) -> io::Result<()>;
    /// Removes a file. It may come back after a crash.
    fn remove(&self, name: &str) -> io::Result<()>;
}

/// A file that only grows.
pub trait Appender: Send {
    /// Writes at the end; may be lost in a crash until [`Appender::sync`] returned.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Makes durable what was appended.
    fn sync(&mut self) -> io::Result<()>;
}

/// A folder of the file system.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Opens a folder, and makes it when it is missing; only its owner may look into it.
    pub fn open(path: PathBuf) -> io::Result<Self> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(Self(path))
    }
}

impl Disk for Folder {
    fn list(&self) -> io::Result<Vec<String>> {
        let names = fs::read_dir(&self.0)?.map(|entry| Ok(entry?.file_name().into_string().ok()));
        names.filter_map(Result::transpose).collect()
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn Appender>> {
        let mut options = OpenOptions::new();
        options.append(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(self.0.join(name))?;
        File::open(&self.0)?.sync_all()?;
        Ok(Box::new(file))
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let file = File::open(self.0.join(name))?;
        let bytes = file.metadata()?.len();
        let mut content = Vec::with_capacity(usize::try_from(bytes).unwrap_or_default());
        #[expect(clippy::disallowed_methods, reason = "our own file, bounded by its length")]
        file.take(bytes).read_to_end(&mut content)?;
        Ok(content)
    }

    fn sync(&self, name: &str) -> io::Result<()> {
        File::open(self.0.join(name))?.sync_all()
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.0.join(name))
    }
}

impl Appender for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}
