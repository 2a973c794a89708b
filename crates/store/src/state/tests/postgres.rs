//! A PostgreSQL of the tests' own: started on first use, gone with the process.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

use sqlx::{AssertSqlSafe, Connection, Executor};

/// When this is set, tests fail without a PostgreSQL; the script that checks everything sets it.
const REQUIRED: &str = "TEST_REQUIRES_POSTGRES";

/// Who runs the server when we are root, which it refuses to be: nobody.
const NOBODY: u32 = 65_534;

/// Starts the server, says `ready`, and stops it when our end of its input closes: however the tests end.
const SCRIPT: &str = r#"
cd "$1" || exit 1
"$2/initdb" -D data -U postgres -A trust --no-sync -E UTF8 --locale=C >log 2>&1 || { cat log; exit 1; }
"$2/pg_ctl" -D data -w -l log -o "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=200 -k $1" \
    start >start 2>&1 || { cat start log; exit 1; }
echo ready
cat >/dev/null
"$2/pg_ctl" -D data -m immediate stop >/dev/null 2>&1
rm -rf "$1"
"#;

struct Server {
    folder: PathBuf,
    /// Its input stays open for as long as this process lives.
    _script: Mutex<Child>,
}

/// The address of a new, empty database; `None`, said loudly, when there is no PostgreSQL on this machine.
pub(crate) async fn database() -> Option<String> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    static DATABASES: AtomicU32 = AtomicU32::new(0);
    let server = SERVER.get_or_init(start).as_ref()?;
    let url = |name: &str| format!("postgres://postgres@localhost/{name}?host={}", server.folder.display());
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    sqlx::any::install_default_drivers();
    let mut connection = sqlx::AnyConnection::connect(&url("postgres")).await.unwrap();
    connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    connection.close().await.unwrap();
    Some(url(&name))
}

fn start() -> Option<Server> {
    let Some(programs) = programs() else {
        assert!(std::env::var_os(REQUIRED).is_none(), "no PostgreSQL was found, and {REQUIRED} is set");
        eprintln!("NOTE: no PostgreSQL was found (initdb, pg_ctl): the state is tested on SQLite only");
        return None;
    };
    let folder = tempfile::tempdir().unwrap().keep();
    let mut script = Command::new("sh");
    script.args(["-c", SCRIPT, "sh"]).arg(&folder).arg(programs);
    script.stdin(Stdio::piped()).stdout(Stdio::piped());
    // Nothing of our environment may lead it to another server.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
        script.env_remove(name);
    }
    if chown(&folder, Some(NOBODY), Some(NOBODY)).is_ok() {
        script.uid(NOBODY).gid(NOBODY);
    }
    let mut child = script.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = Vec::new();
    loop {
        match lines.next() {
            Some(Ok(line)) if line == "ready" => break,
            Some(Ok(line)) => said.push(line),
            _ => panic!("PostgreSQL did not start:\n{}", said.join("\n")),
        }
    }
    Some(Server { folder, _script: Mutex::new(child) })
}

/// Where `initdb` and `pg_ctl` are.
fn programs() -> Option<PathBuf> {
    let complete = |folder: &Path| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut installed: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    installed.sort();
    installed.into_iter().rev().chain(std::env::split_paths(&path)).find(|folder| complete(folder))
}
