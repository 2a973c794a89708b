//! Servers on loopback, and a recorder in front of them.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::ci::check;

/// How long a server may take to start and a recorder to write.
const PATIENCE: Duration = Duration::from_secs(20);

/// A recorder that wrote nothing for so long has written all.
const SILENCE: Duration = Duration::from_millis(400);

/// nginx and nghttpd with their ports; they end with the scene.
pub(super) struct Scene {
    folder: PathBuf,
    servers: Vec<Child>,
    pub(super) http1: u16,
    pub(super) http2: u16,
    pub(super) trailers: u16,
    pub(super) tls13: u16,
    pub(super) tls12: u16,
}

impl Scene {
    /// Writes content, certificate and configuration into `folder` and starts the servers.
    pub(super) fn set(folder: &Path) -> Result<Self> {
        let [http1, http2, trailers, tls13, tls12] = free_ports()?;
        let mut scene = Self { folder: folder.to_owned(), servers: Vec::new(), http1, http2, trailers, tls13, tls12 };
        scene.content()?;
        fs::write(folder.join("nginx.conf"), scene.configuration())?;
        let quiet = |command: &mut Command| command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let nginx = quiet(Command::new("nginx").arg("-c").arg(folder.join("nginx.conf"))).context("starting nginx")?;
        scene.servers.push(nginx);
        let mut nghttpd = Command::new("nghttpd");
        nghttpd
            .args(["--no-tls", "--address=127.0.0.1", "--trailer=x-checksum: 1", "--htdocs"])
            .arg(folder.join("www"))
            .arg(trailers.to_string());
        scene.servers.push(quiet(&mut nghttpd).context("starting nghttpd")?);
        for port in scene.ports() {
            wait(|| TcpStream::connect(("127.0.0.1", port)).is_ok())
                .with_context(|| format!("waiting for port {port}"))?;
        }
        Ok(scene)
    }

    fn content(&self) -> Result<()> {
        let www = self.folder.join("www");
        fs::create_dir_all(&www)?;
        let orders: Vec<_> =
            (0..40).map(|n| serde_json::json!({"id": n, "total": n * 7, "note": "to the harbor"})).collect();
        fs::write(www.join("orders.json"), serde_json::to_vec(&orders)?)?;
        let large: Vec<String> = (0..60_000).map(|n: u32| format!("{:08x}\n", n.wrapping_mul(2_654_435_761))).collect();
        fs::write(www.join("large.txt"), large.concat())?;
        let mut openssl = Command::new("openssl");
        openssl.args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ]);
        openssl.args(["-subj", "/CN=api.example", "-addext", "subjectAltName=DNS:api.example"]);
        openssl.arg("-keyout").arg(self.folder.join("key.pem")).arg("-out").arg(self.certificate());
        check(openssl.stderr(Stdio::null()))
    }

    fn configuration(&self) -> String {
        let folder = self.folder.display();
        let temp: Vec<String> = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .iter()
            .map(|kind| format!("{kind}_temp_path {folder}/temp-{kind};\n"))
            .collect();
        let tls = format!("ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;");
        let places = format!(
            "root {folder}/www;
            location = /v1/orders {{ default_type application/json; return 201 '{{\"id\":7}}'; }}
            location = /v1/gone {{ return 204; }}
            location = /v1/missing {{ return 404; }}
            location = /v1/old {{ return 301 /v1/orders; }}"
        );
        format!(
            "daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
            events {{ worker_connections 256; }}
            http {{
              access_log off; types {{ application/json json; text/plain txt; }}
              gzip on; gzip_types application/json; gzip_min_length 100;
              {}
              server {{ listen 127.0.0.1:{}; listen [::1]:{}; {places} }}
              server {{ listen 127.0.0.1:{} http2; {places} }}
              server {{ listen 127.0.0.1:{} ssl http2; {tls} ssl_protocols TLSv1.3; {places} }}
              server {{ listen 127.0.0.1:{} ssl; {tls} ssl_protocols TLSv1.2; {places} }}
            }}",
            temp.concat(),
            self.http1,
            self.http1,
            self.http2,
            self.tls13,
            self.tls12
        )
    }

    pub(super) fn certificate(&self) -> PathBuf {
        self.folder.join("cert.pem")
    }

    /// The key log that clients write.
    pub(super) fn keys(&self) -> PathBuf {
        self.folder.join("keys")
    }

    fn ports(&self) -> [u16; 5] {
        [self.http1, self.http2, self.trailers, self.tls13, self.tls12]
    }

    /// Records what `talk` does.
    pub(super) fn record(&self, name: &str, talk: impl FnOnce() -> Result<()>) -> Result<PathBuf> {
        let file = self.folder.join(format!("{name}.pcap"));
        let ports: Vec<String> = self.ports().iter().map(|port| format!("port {port}")).collect();
        let mut tcpdump = Command::new("tcpdump");
        tcpdump.args(["-i", "lo", "-s", "0", "-U", "--immediate-mode", "-B", "16384", "-Z", "root", "-w"]);
        tcpdump.arg(&file).arg(format!("tcp and ({})", ports.join(" or ")));
        let mut recorder = tcpdump.stderr(Stdio::piped()).spawn().context("starting tcpdump")?;
        let mut messages = BufReader::new(recorder.stderr.take().context("tcpdump has no messages")?);
        let mut line = String::new();
        // It says that it listens once it does.
        while !line.contains("listening on") {
            line.clear();
            if messages.read_line(&mut line)? == 0 {
                bail!("tcpdump ended before it listened");
            }
        }
        let talked = talk();
        let (mut size, mut since) = (0, Instant::now());
        wait(|| {
            let now = fs::metadata(&file).map_or(0, |metadata| metadata.len());
            if now != size {
                (size, since) = (now, Instant::now());
            }
            since.elapsed() > SILENCE
        })?;
        check(Command::new("kill").args(["-INT", &recorder.id().to_string()]))?;
        recorder.wait()?;
        talked.map(|()| file)
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        for server in &mut self.servers {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

fn wait(mut is_so: impl FnMut() -> bool) -> Result<()> {
    let started = Instant::now();
    while !is_so() {
        if started.elapsed() > PATIENCE {
            bail!("nothing happened for {} s", PATIENCE.as_secs());
        }
        sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Ports that nobody listens on now.
fn free_ports<const N: usize>() -> Result<[u16; N]> {
    let listeners: Vec<TcpListener> =
        (0..N).map(|_| TcpListener::bind(("127.0.0.1", 0))).collect::<std::io::Result<_>>()?;
    let ports: Vec<u16> = listeners.iter().map(|l| Ok(l.local_addr()?.port())).collect::<std::io::Result<_>>()?;
    ports.try_into().map_err(|_| anyhow::anyhow!("no free ports"))
}
