//! The servers: their configuration around a snippet, and a process that ends with its guard.

use std::fmt::Write as _;
use std::fs::File;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::{Place, Server};

/// How long a server may take to start, and to write its last line.
const PATIENCE: Duration = Duration::from_secs(20);

/// Between two looks.
const TICK: Duration = Duration::from_millis(50);

/// Every server that a snippet is tried with.
pub(super) const SERVERS: &[Server] = &[
    Server {
        id: "nginx",
        programs: &["nginx"],
        format: "nginx-json",
        arguments: |file| vec!["-c".into(), file.display().to_string()],
        to_stdout: false,
        configure: nginx,
    },
    Server {
        id: "apache",
        programs: &["apache2", "httpd"],
        format: "apache-json",
        arguments: |file| vec!["-DFOREGROUND".into(), "-f".into(), file.display().to_string()],
        to_stdout: false,
        configure: apache,
    },
    Server {
        id: "haproxy",
        programs: &["haproxy"],
        format: "haproxy-json",
        arguments: |file| vec!["-db".into(), "-f".into(), file.display().to_string()],
        to_stdout: true,
        configure: haproxy,
    },
];

fn nginx(place: &Place<'_>) -> String {
    let folder = place.folder.display();
    let mut temporary = String::new();
    for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
        let _ = writeln!(temporary, "{kind}_temp_path {folder}/{kind};");
    }
    format!(
        "daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nworker_processes 1;\nevents {{}}\nhttp {{\n\
         {temporary}{}\nserver {{\nlisten 127.0.0.1:{};\nlocation / {{ proxy_pass http://127.0.0.1:{}; }}\n\
         location /missing {{ return 404; }}\n}}\n}}\n",
        place.snippet, place.port, place.backend
    )
}

/// User and group 65534 are `nobody` wherever there is one; they are asked for only when root starts it.
fn apache(place: &Place<'_>) -> String {
    let folder = place.folder.display();
    let mut modules = String::new();
    for name in APACHE_MODULES {
        let file = format!("{}/mod_{name}.so", module_folder());
        let _ = writeln!(modules, "<IfModule !{name}_module>\nLoadModule {name}_module {file}\n</IfModule>");
    }
    // {SHA} of `harbor-light`.
    let _ = std::fs::write(place.folder.join("users"), "ada:{SHA}tOOivW8aATsSvbQbV3SFGqIyFR8=\n");
    format!(
        "ServerRoot {folder}\nServerName localhost\nListen 127.0.0.1:{}\nPidFile {folder}/pid\n\
         ErrorLog {folder}/error.log\nUser \"#65534\"\nGroup \"#65534\"\n{modules}{}\n\
         ProxyPass \"/missing\" \"!\"\nProxyPass \"/\" \"http://127.0.0.1:{}/\"\n\
         <Location \"/v1/private\">\nAuthType Basic\nAuthName harbor\nAuthBasicProvider file\n\
         AuthUserFile {folder}/users\nRequire valid-user\n</Location>\n",
        place.port, place.snippet, place.backend
    )
}

/// What the configuration needs beside the modules that are compiled in.
const APACHE_MODULES: &[&str] = &[
    "mpm_event",
    "authz_core",
    "authn_core",
    "authn_file",
    "authz_user",
    "auth_basic",
    "setenvif",
    "proxy",
    "proxy_http",
];

/// Where Debian and Red Hat keep the modules.
fn module_folder() -> &'static str {
    ["/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/usr/lib/httpd/modules"]
        .into_iter()
        .find(|folder| Path::new(folder).is_dir())
        .unwrap_or("modules")
}

fn haproxy(place: &Place<'_>) -> String {
    format!(
        "global\n    log stdout format raw local0\ndefaults\n    mode http\n    log global\n    option dontlognull\n    timeout connect 5s\n    \
         timeout client 5s\n    timeout server 5s\nfrontend api\n    bind 127.0.0.1:{}\n{}\n    \
         http-request deny deny_status 404 if {{ path_beg /missing }}\n    default_backend boats\nbackend boats\n    \
         server one 127.0.0.1:{}\n",
        place.port, place.snippet, place.backend
    )
}

/// A server that is stopped by its process id when the guard goes.
pub(super) struct Running(Child);

impl Running {
    /// Starts it and waits until it listens.
    pub(super) fn start(server: &Server, program: &Path, configuration: &Path, log: &Path, port: u16) -> Result<Self> {
        let out = if server.to_stdout { Stdio::from(File::create(log)?) } else { Stdio::null() };
        let words = File::create(configuration.with_extension("stderr"))?;
        let mut command = Command::new(program);
        command.args((server.arguments)(configuration)).stdin(Stdio::null()).stdout(out).stderr(words);
        let mut running = Self(command.spawn().with_context(|| format!("starting {}", program.display()))?);
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Some(status) = running.0.try_wait()? {
                let said = std::fs::read_to_string(configuration.with_extension("stderr")).unwrap_or_default();
                bail!("it did not start ({status}): {said}");
            }
            if started.elapsed() > PATIENCE {
                bail!("it does not listen after {} s", PATIENCE.as_secs());
            }
            sleep(TICK);
        }
        Ok(running)
    }
}

/// Waits until a log has at least this many lines.
pub(super) fn wait_for_lines(log: &Path, lines: usize) -> Result<()> {
    let started = Instant::now();
    loop {
        let written = std::fs::read_to_string(log).unwrap_or_default().lines().count();
        if written >= lines {
            return Ok(());
        }
        if started.elapsed() > PATIENCE {
            bail!("{written} lines for {lines} requests");
        }
        sleep(TICK);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Killed the hard way, a master would leave its workers behind.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let started = Instant::now();
        while matches!(self.0.try_wait(), Ok(None)) && started.elapsed() < PATIENCE {
            sleep(TICK);
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
