//! The lake on an S3-compatible store, and in front of engines that are not ours: ClickHouse (PyPI `chdb`) and Polars
//! with delta-rs' own reader (PyPI `polars`, `deltalake`). The store is PyPI `moto`, which keeps its objects in memory.
//!
//! All of it is brought into a virtual environment below the target folder, about 1.5 GB. Without Python or PyPI the
//! check says that it was not made and passes.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::ci::{cargo, check, target};

/// Other engines and the store, pinned so that a new release of one breaks nothing by itself.
const PACKAGES: [&str; 4] = ["chdb==4.4.0", "deltalake==1.6.6", "moto[server]==5.2.5", "polars==2.1.0"];

/// How long the store may take to answer; it imports half of its services first.
const START: Duration = Duration::from_mins(1);

/// Runs the lake's tests on both kinds of store, and has the other engines read what they leave.
pub(crate) fn run(root: &Path) -> Result<()> {
    let target = target(root);
    let folder = target.join("xtask/lake");
    let Some(python) = python(&folder) else {
        println!("Python or PyPI is not there: the lake was NOT tried on S3, nor by other engines");
        return Ok(());
    };
    let store = Store::start(&folder)?;
    let judge = root.join("xtask/src/lake/judge.py");
    check(Command::new(&python).arg(&judge).args(["bucket", &store.endpoint]))?;
    let out = folder.join("table");
    let _ = std::fs::remove_dir_all(&out);
    std::fs::create_dir_all(&out)?;
    let out = out.canonicalize()?;
    let tests = ["test", "--locked", "--quiet", "--workspace", "--test", "store", "lake::"];
    let places = [("VEDETTE_TEST_S3", store.endpoint.as_str()), ("VEDETTE_TEST_OUT", out.to_str().context("a path")?)];
    cargo(root, &tests, &places)?;
    // ClickHouse reads local tables below its working folder only.
    check(Command::new(&python).arg(&judge).arg("read").arg(&out).arg(&store.endpoint).current_dir(&out))
        .context("another engine reads something else than we wrote")
}

/// An S3-compatible store on a free port of this machine; it ends with this value.
struct Store {
    process: Child,
    endpoint: String,
}

impl Store {
    fn start(folder: &Path) -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let log = std::fs::File::create(folder.join("moto.log"))?;
        let mut command = Command::new(folder.join("python/bin/moto_server"));
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        let process = command.stdout(log.try_clone()?).stderr(log).stdin(Stdio::null()).spawn();
        let mut store = Self {
            process: process.context("moto_server could not be started")?,
            endpoint: format!("http://127.0.0.1:{port}"),
        };
        let started = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if started.elapsed() > START || store.process.try_wait()?.is_some() {
                bail!("moto_server does not answer; see {}", folder.join("moto.log").display());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(store)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The environment's Python, with all packages in it.
fn python(folder: &Path) -> Option<PathBuf> {
    let environment = folder.join("python");
    let program = environment.join("bin/python");
    let stamp = environment.join("packages");
    let wanted = PACKAGES.join("\n");
    if std::fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Some(program);
    }
    let quiet = |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
    let made = quiet(Command::new("python3").args(["-m", "venv"]).arg(&environment))
        && quiet(Command::new(environment.join("bin/pip")).args(["install", "--quiet"]).args(PACKAGES));
    (made && std::fs::write(stamp, wanted).is_ok()).then_some(program)
}
