//! A running `vedette serve`, with what it costs.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::client::Client;
use crate::ci::check;
use crate::product::Product;

/// Longest wait for a start, a readiness or an end; recovery of a million exchanges has a budget of 2 s.
const PATIENCE: Duration = Duration::from_mins(2);

/// Clock ticks of `/proc/PID/stat` per second: the kernel's interface has had this value since it exists.
const TICKS_PER_SEC: f64 = 100.0;

/// A server process; killed when dropped.
pub(super) struct Server {
    child: Child,
    pub(super) address: SocketAddr,
    pub(super) token: String,
    /// From the start of the process to the first `200` of `/ready`.
    pub(super) ready_secs: f64,
}

/// What a process has used so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Usage {
    pub(super) cpu_secs: f64,
    pub(super) memory_bytes: u64,
    pub(super) memory_bytes_max: u64,
}

impl Server {
    /// Starts a server on a data folder and waits until it is ready. Without `token` the first start prints one.
    pub(super) fn start(product: &Product, data: &Path, arguments: &[&str], token: Option<&str>) -> Result<Self> {
        let mut command = product.vedette();
        command.arg("serve").arg("--data").arg(data).args(["--listen", "127.0.0.1:0"]).args(arguments);
        let started = Instant::now();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let stderr = child.stderr.take().context("no standard error")?;
        let (say, said) = sync_channel(64);
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                // Once the address is known nobody listens, and what is said must not hold the server up.
                let _ = say.try_send(line);
            }
        });
        match announced(&said, token) {
            Ok((address, token)) => {
                let mut server = Self { child, address, token, ready_secs: 0.0 };
                server.wait_until_ready(started)?;
                Ok(server)
            }
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(error)
            }
        }
    }

    fn wait_until_ready(&mut self, started: Instant) -> Result<()> {
        while started.elapsed() < PATIENCE {
            let answer = Client::connect(self.address).and_then(|mut client| client.get("/ready", &self.token));
            if answer.is_ok_and(|answer| answer.status == 200) {
                self.ready_secs = started.elapsed().as_secs_f64();
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        bail!("the server is not ready after {} s", PATIENCE.as_secs())
    }

    /// CPU time and memory of the process, all threads.
    pub(super) fn usage(&self) -> Usage {
        let folder = Path::new("/proc").join(self.child.id().to_string());
        let stat = std::fs::read_to_string(folder.join("stat")).unwrap_or_default();
        // The name in parentheses may hold anything; user and system time are fields 14 and 15 of all.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
        let status = std::fs::read_to_string(folder.join("status")).unwrap_or_default();
        let kilobytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            line.split_whitespace().next().and_then(|text| text.parse::<u64>().ok()).unwrap_or(0)
        };
        Usage {
            cpu_secs: (ticks(11) + ticks(12)) / TICKS_PER_SEC,
            memory_bytes: kilobytes("VmRSS:") * 1024,
            memory_bytes_max: kilobytes("VmHWM:") * 1024,
        }
    }

    /// Asks it to end and waits until everything is written.
    pub(super) fn stop(mut self) -> Result<Usage> {
        let usage = self.usage();
        check(Command::new("kill").arg("-TERM").arg(self.child.id().to_string()))?;
        let asked = Instant::now();
        while asked.elapsed() < PATIENCE {
            if self.child.try_wait()?.is_some() {
                return Ok(usage);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("the server does not end after {} s", PATIENCE.as_secs())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Address and token, as the server says them.
fn announced(said: &Receiver<String>, token: Option<&str>) -> Result<(SocketAddr, String)> {
    let mut token = token.map(str::to_owned);
    let mut address = None;
    let mut last = String::new();
    let since = Instant::now();
    while since.elapsed() < PATIENCE {
        let Ok(line) = said.recv_timeout(PATIENCE) else { break };
        if let Some((_, text)) = line.split_once("admin token: ") {
            token = Some(text.trim().to_owned());
        }
        if let Some((_, text)) = line.split_once("listening on http://") {
            address = Some(text.trim().parse().with_context(|| format!("no address: {text}"))?);
        }
        if let (Some(address), Some(token)) = (address, &token) {
            return Ok((address, token.clone()));
        }
        last = line;
    }
    bail!("the server did not say where it listens; it said last: {last}")
}

/// A connection to the server with a bound on waiting.
pub(super) fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}
