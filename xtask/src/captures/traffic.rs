//! What the clients do.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use anyhow::Result;

use super::scene::Scene;
use crate::ci::check;

/// Traffic that is recorded into one file.
pub(super) struct Group {
    pub(super) name: &'static str,
    /// Small enough to be committed.
    pub(super) is_small: bool,
    pub(super) talk: fn(&Scene) -> Result<()>,
}

pub(super) const GROUPS: &[Group] = &[
    Group { name: "http1", is_small: true, talk: http1 },
    Group { name: "http2", is_small: true, talk: http2 },
    Group { name: "tls", is_small: true, talk: tls },
    Group { name: "large", is_small: false, talk: large },
];

/// curl with the same arguments for every URL; what it gets is thrown away.
fn curl(scene: &Scene, arguments: &[&str], urls: &[String]) -> Result<()> {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--noproxy", "*", "--cacert"]).arg(scene.certificate());
    for port in [scene.tls13, scene.tls12] {
        command.args(["--resolve", &format!("api.example:{port}:127.0.0.1")]);
    }
    command.args(arguments);
    for url in urls {
        command.args(["--output", "/dev/null", url]);
    }
    check(command.env("SSLKEYLOGFILE", scene.keys()).stdout(Stdio::null()))
}

/// nghttp on one connection for all URLs: curl 7.88 has trouble with HTTP/2 in clear.
fn nghttp(arguments: &[&str], urls: &[String]) -> Result<()> {
    check(Command::new("nghttp").args(arguments).args(urls).stdout(Stdio::null()))
}

fn urls(base: &str, paths: &[&str]) -> Vec<String> {
    paths.iter().map(|path| format!("{base}{path}")).collect()
}

fn http1(scene: &Scene) -> Result<()> {
    let base = format!("http://127.0.0.1:{}", scene.http1);
    let orders = urls(&base, &["/v1/orders"]);
    // One connection for all.
    curl(scene, &[], &urls(&base, &["/orders.json?page=2", "/v1/gone", "/v1/missing", "/v1/old"]))?;
    curl(scene, &["--compressed"], &urls(&base, &["/orders.json"]))?;
    curl(scene, &["--head"], &urls(&base, &["/orders.json"]))?;
    curl(scene, &["--json", r#"{"item":"rope","email":"ann@mail.example"}"#], &orders)?;
    curl(scene, &["--data", "a=1", "--header", "Transfer-Encoding: chunked"], &orders)?;
    curl(scene, &["--data", "b=2", "--header", "Expect: 100-continue"], &orders)?;
    curl(scene, &["--globoff"], &urls(&format!("http://[::1]:{}", scene.http1), &["/orders.json"]))?;
    pipelined(scene)
}

/// Five requests at once, which curl does not do any more.
fn pipelined(scene: &Scene) -> Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", scene.http1))?;
    let mut requests = String::new();
    for (method, path, more) in [
        ("GET", "/orders.json?page=1", ""),
        // No HEAD: tshark 4.0 takes the next response for its body when requests are pipelined.
        ("GET", "/v1/old", ""),
        ("POST", "/v1/orders", "Content-Length: 2\r\n"),
        ("GET", "/v1/gone", ""),
        ("GET", "/v1/missing", "Connection: close\r\n"),
    ] {
        let body = if more.starts_with("Content-Length") { "{}" } else { "" };
        write!(requests, "{method} {path} HTTP/1.1\r\nHost: api.example\r\n{more}\r\n{body}")?;
    }
    stream.write_all(requests.as_bytes())?;
    while stream.read(&mut [0; 4096])? > 0 {}
    Ok(())
}

fn http2(scene: &Scene) -> Result<()> {
    let base = format!("http://127.0.0.1:{}", scene.http2);
    nghttp(&["--header=accept-encoding: gzip"], &urls(&base, &["/orders.json?page=3", "/v1/gone", "/v1/missing"]))?;
    nghttp(&["--padding=100", "--data", &scene.certificate().display().to_string()], &urls(&base, &["/v1/orders"]))?;
    nghttp(&[], &urls(&format!("http://127.0.0.1:{}", scene.trailers), &["/orders.json?page=4"]))?;
    let mut load = Command::new("h2load");
    load.args(["--requests=12", "--clients=2", "--max-concurrent-streams=4", "--header=authorization: Bearer abc"]);
    check(load.arg(format!("{base}/v1/orders")).stdout(Stdio::null()))
}

fn tls(scene: &Scene) -> Result<()> {
    let (new, old) = (format!("https://api.example:{}", scene.tls13), format!("https://api.example:{}", scene.tls12));
    for suite in ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"] {
        curl(scene, &["--tls13-ciphers", suite], &urls(&new, &["/v1/orders?tls=13", "/v1/missing"]))?;
    }
    curl(scene, &["--http1.1", "--json", "{}"], &urls(&new, &["/v1/orders"]))?;
    for suite in ["AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305"] {
        let suite = format!("ECDHE-ECDSA-{suite}");
        curl(scene, &["--tls-max", "1.2", "--ciphers", &suite], &urls(&old, &["/v1/orders?tls=12", "/v1/gone"]))?;
    }
    Ok(())
}

fn large(scene: &Scene) -> Result<()> {
    let upload = scene.certificate().display().to_string();
    for (base, argument) in [
        (format!("http://127.0.0.1:{}", scene.http1), "--http1.1"),
        (format!("https://api.example:{}", scene.tls13), "--http2"),
        (format!("https://api.example:{}", scene.tls12), "--http1.1"),
    ] {
        curl(scene, &[argument], &urls(&base, &["/large.txt", "/large.txt?again"]))?;
    }
    curl(
        scene,
        &["--data-binary", &format!("@{upload}")],
        &urls(&format!("http://127.0.0.1:{}", scene.http1), &["/v1/orders"]),
    )?;
    let base = format!("http://127.0.0.1:{}", scene.http2);
    nghttp(&[], &urls(&base, &["/large.txt", "/large.txt?again", "/orders.json"]))?;
    nghttp(&["--data", &upload], &urls(&base, &["/v1/orders"]))
}
