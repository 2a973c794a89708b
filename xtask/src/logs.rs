//! The lines that Vedette tells people to paste, tried with the servers that they are for.
//!
//! Each server gets the snippet as it is shipped (only the folder of the log is another), a configuration around it and
//! varied traffic on loopback. Then its log must be recognized, read without loss and score 100. Where a server is not
//! installed, this is said and passed at a desk, and fails in CI.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use vedette_engine::quality::snippets::GATEWAYS;

use crate::ci::{debug_binary, output, target};

mod server;
mod traffic;

use server::Running;

/// A server that a snippet is tried with.
pub(crate) struct Server {
    /// Id of the snippet.
    id: &'static str,
    /// Names of its program.
    programs: &'static [&'static str],
    /// Format that its log must be recognized as.
    format: &'static str,
    /// Arguments that start it in the foreground with a configuration file.
    arguments: fn(&Path) -> Vec<String>,
    /// Writes the log to standard output.
    to_stdout: bool,
    /// Its configuration around the snippet.
    configure: fn(&Place<'_>) -> String,
}

/// Where a server runs.
pub(crate) struct Place<'a> {
    folder: &'a Path,
    port: u16,
    /// Port of a service behind it.
    backend: u16,
    snippet: &'a str,
}

/// Tries every snippet whose server is installed.
pub(crate) fn run(root: &Path) -> Result<()> {
    let target = target(root);
    let mut built = false;
    for server in server::SERVERS {
        let Some(program) = installed(server.programs) else {
            let sentence = format!("{} is not installed: its snippet was NOT tried", server.id);
            ensure!(std::env::var_os("CI").is_none(), "{sentence}");
            println!("{sentence}");
            continue;
        };
        if !built {
            debug_binary(root)?;
            built = true;
        }
        let folder = std::env::temp_dir().join(format!("vedette-logs-{}-{}", server.id, std::process::id()));
        let tried = try_one(server, &program, &folder, &target.join("debug/vedette"));
        if tried.is_ok() {
            let _ = std::fs::remove_dir_all(&folder);
        }
        println!("{}", tried.with_context(|| format!("{} in {}", server.id, folder.display()))?);
    }
    Ok(())
}

fn try_one(server: &Server, program: &Path, folder: &Path, vedette: &Path) -> Result<String> {
    let _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder)?;
    let shipped = GATEWAYS.iter().find(|gateway| gateway.id == server.id).context("it has no snippet")?;
    let log = folder.join("vedette.json");
    let snippet = elsewhere(shipped.text, &log)?;
    let backend = traffic::backend()?;
    let place = Place { folder, port: free_port()?, backend, snippet: &snippet };
    let configuration = folder.join("server.conf");
    std::fs::write(&configuration, (server.configure)(&place))?;
    let running = Running::start(server, program, &configuration, &log, place.port)?;
    let sent = traffic::send(place.port)?;
    server::wait_for_lines(&log, sent)?;
    drop(running);
    let text = std::fs::read_to_string(&log)?;
    for secret in traffic::SECRETS {
        ensure!(!text.contains(secret), "the log holds {secret}");
    }
    let results: Value = serde_json::from_slice(&output(Command::new(vedette).args(["analyze", "--json"]).arg(&log))?)?;
    judge(server, &results, sent)
}

/// The snippet with its log in a folder of the test.
fn elsewhere(snippet: &str, log: &Path) -> Result<String> {
    let mut out = snippet.to_owned();
    for path in ["/var/log/nginx/vedette.json", "/var/log/apache2/vedette.json"] {
        if snippet.contains(path) {
            ensure!(snippet.matches(path).count() == 1, "the snippet names {path} more than once");
            out = snippet.replace(path, &log.display().to_string());
        }
    }
    Ok(out)
}

fn judge(server: &Server, results: &Value, sent: usize) -> Result<String> {
    let source = results.pointer("/sources/0").context("no source")?;
    let text = |pointer: &str| source.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let number = |pointer: &str| source.pointer(pointer).and_then(Value::as_u64).unwrap_or_default();
    ensure!(text("/format") == server.format, "recognized as {}, not {}", text("/format"), server.format);
    ensure!(number("/unreadable") == 0, "unreadable: {}", source["unreadable_samples"]);
    ensure!(number("/exchanges") == sent as u64, "{} exchanges of {sent} requests", number("/exchanges"));
    let score = number("/quality/score");
    if score != 100 {
        let parts = source.pointer("/quality/parts").and_then(Value::as_array).into_iter().flatten();
        let lost: Vec<String> = parts.filter(|part| part["points"] != part["of"]).map(Value::to_string).collect();
        bail!("score {score}: {}", lost.join("\n"));
    }
    let actors = results["actors"].to_string();
    ensure!(actors.contains("\"ada\""), "the user is not named: {actors}");
    let tokens = results["endpoints"].to_string();
    ensure!(tokens.contains("\"bearer\"") && tokens.contains("\"api-key-header\""), "the tokens are not told apart");
    Ok(format!("{}: {sent} requests, recognized as {}, score 100", server.id, server.format))
}

/// Finds a program on the path, and where servers are when the path of a user lacks it.
fn installed(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> =
        std::env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from)).collect();
    let candidates = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.into_iter().find(|program| program.is_file())
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
