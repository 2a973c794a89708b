//! Captures of real clients and servers in front of a judge that is not ours: tshark.
//!
//! nginx and nghttpd serve on loopback, curl, h2load and a raw socket call them, tcpdump records. Then Vedette and
//! tshark read the same files and must have seen the same requests, statuses and byte counts. Needs root, because
//! recording does, and those tools (Debian: tcpdump, tshark, nginx-light, nghttp2-client, nghttp2-server, curl, openssl);
//! without them the check says that it was not made and passes.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::ci::{built, check, output, target};

mod scene;
mod traffic;
mod tshark;

/// What must be there.
const TOOLS: [&str; 9] = ["tcpdump", "tshark", "editcap", "nginx", "nghttp", "nghttpd", "h2load", "curl", "openssl"];

/// Where the committed captures are, small ones of the same traffic.
const FIXTURES: &str = "crates/ingest/tests/sources/captures";

/// One exchange, as both sides tell it: method, target, status, bytes of the request's body and of the response's.
type Seen = (String, String, u16, u64, u64);

/// Records and compares; with `write` the small captures are committed ones from now on.
pub(crate) fn run(root: &Path, write: bool) -> Result<()> {
    let missing: Vec<&str> = TOOLS.into_iter().filter(|tool| !is_there(tool)).collect();
    if !missing.is_empty() || !is_root() {
        let why =
            if missing.is_empty() { "only root may record".to_owned() } else { format!("no {}", missing.join(", ")) };
        println!("captures were NOT recorded and compared with tshark: {why}");
        return Ok(());
    }
    let exchanges = built(root, "examples/exchanges")?;
    let folder = target(root).join("xtask/captures");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let scene = scene::Scene::set(&folder)?;
    for group in traffic::GROUPS {
        let capture = scene.record(group.name, || (group.talk)(&scene))?;
        let ours = Ours::read(&exchanges, &["--keylog".as_ref(), scene.keys().as_os_str(), capture.as_os_str()])?;
        compare(group.name, &ours, tshark::read(&capture, &scene)?)?;
        embedded_keys(&exchanges, &scene, &capture, &ours)?;
        if write && group.is_small {
            std::fs::create_dir_all(root.join(FIXTURES))?;
            std::fs::copy(&capture, root.join(FIXTURES).join(format!("{}.pcap", group.name)))?;
        }
    }
    if write {
        std::fs::copy(scene.keys(), root.join(FIXTURES).join("tls.keys"))?;
    }
    Ok(())
}

/// What Vedette saw in a capture.
struct Ours {
    exchanges: Vec<Value>,
    source: Value,
}

impl Ours {
    fn read(exchanges: &Path, arguments: &[&std::ffi::OsStr]) -> Result<Self> {
        let run = Command::new(exchanges).args(arguments).output()?;
        if !run.status.success() {
            bail!("the example failed: {}", String::from_utf8_lossy(&run.stderr));
        }
        let lines = String::from_utf8(run.stdout)?;
        let exchanges = lines.lines().map(serde_json::from_str).collect::<serde_json::Result<_>>()?;
        Ok(Self { exchanges, source: serde_json::from_slice(&run.stderr)? })
    }

    /// HTTP/1 bodies are counted decoded, those of HTTP/2 as they traveled: as tshark does.
    fn seen(&self) -> Result<Vec<Seen>> {
        self.exchanges.iter().map(seen).collect::<Option<_>>().context("an exchange misses a field")
    }
}

fn seen(x: &Value) -> Option<Seen> {
    let text = |key: &str| x.get(key).and_then(Value::as_str);
    let number = |key: &str| x.get(key).and_then(Value::as_u64);
    let query = text("query").map(|query| format!("?{query}")).unwrap_or_default();
    let sizes = if text("version")? == "HTTP/2" {
        (number("request_bytes")?, number("response_bytes")?)
    } else {
        (number("request_body").unwrap_or(0), number("response_body").unwrap_or(0))
    };
    Some((text("method")?.to_owned(), format!("{}{query}", text("path")?), number("status")? as u16, sizes.0, sizes.1))
}

fn compare(name: &str, ours: &Ours, theirs: tshark::Read) -> Result<()> {
    let (mut seen, mut expected) = (ours.seen()?, theirs.exchanges);
    seen.sort();
    expected.sort();
    if seen.is_empty() || seen != expected {
        let count = |all: &[Seen]| {
            let mut counts: BTreeMap<Seen, i64> = BTreeMap::new();
            for one in all {
                *counts.entry(one.clone()).or_default() += 1;
            }
            counts
        };
        let (a, b) = (count(&seen), count(&expected));
        for one in a.keys().chain(b.keys()).filter(|one| a.get(one) != b.get(one)) {
            println!("{one:?}: Vedette {:?}, tshark {:?}", a.get(one), b.get(one));
        }
        bail!("{name}: {} exchanges, tshark sees {}", seen.len(), expected.len());
    }
    let hellos = ours.source.pointer("/capture/connections/tls").and_then(Value::as_u64).unwrap_or(0);
    if hellos != theirs.client_hellos {
        bail!("{name}: {hellos} TLS connections, tshark sees {}", theirs.client_hellos);
    }
    let bytes: u64 = seen.iter().map(|one| one.3 + one.4).sum();
    println!(
        "{name}: {} exchanges, {bytes} bytes of bodies, {hellos} TLS connections: as tshark sees them",
        seen.len()
    );
    Ok(())
}

/// The same capture as pcapng with the key log inside, once there is one, and compressed, says the same.
fn embedded_keys(exchanges: &Path, scene: &scene::Scene, capture: &Path, ours: &Ours) -> Result<()> {
    if std::fs::metadata(scene.keys()).map_or(0, |metadata| metadata.len()) == 0 {
        return Ok(());
    }
    let file = capture.with_extension("pcapng");
    let secrets = format!("tls,{}", scene.keys().display());
    check(Command::new("editcap").args(["-F", "pcapng", "--inject-secrets", &secrets]).arg(capture).arg(&file))?;
    check(Command::new("gzip").arg("--force").arg(&file))?;
    let packed = file.with_extension("pcapng.gz");
    let again = Ours::read(exchanges, &[packed.as_os_str()])?;
    if again.seen()? != ours.seen()? {
        bail!("{} says other than {}", packed.display(), capture.display());
    }
    Ok(())
}

fn is_there(tool: &str) -> bool {
    output(Command::new("sh").args(["-c", &format!("command -v {tool}")])).is_ok()
}

fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim_ascii() == b"0")
}
