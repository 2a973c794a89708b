//! Speed of the log parsers (`cargo bench -p vedette-parse --bench log`).

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::fmt::Write as _;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use vedette_parse::log;

fn main() {
    divan::main();
}

/// Lines of one benchmark: more than the branch predictor learns by heart, less than the second-level cache.
const LINES: u32 = 1_000;

#[divan::bench(args = ["combined", "common", "envoy", "haproxy-http", "aws-alb"])]
fn fixed_layout(bencher: Bencher<'_, '_>, id: &str) {
    let lines = lines(id);
    run(bencher, id, &lines);
}

#[divan::bench(args = ["nginx-json", "caddy", "cloudflare", "json"])]
fn json(bencher: Bencher<'_, '_>, id: &str) {
    let lines: Vec<String> = (0..LINES).map(|n| json_line(id, n)).collect();
    run(bencher, id, &lines);
}

#[divan::bench]
fn detection(bencher: Bencher<'_, '_>) {
    let lines = lines("combined");
    let head: Vec<&str> = lines.iter().take(64).map(String::as_str).collect();
    bencher.bench(|| log::detect(black_box(&head)));
}

fn run(bencher: Bencher<'_, '_>, id: &str, lines: &[String]) {
    let decoder = log::by_id(id).unwrap();
    let bytes: usize = lines.iter().map(String::len).sum();
    bencher.counter(ItemsCount::new(lines.len())).counter(BytesCount::new(bytes)).bench(|| {
        for line in lines {
            let _ = black_box(decoder.decode(black_box(line)));
        }
    });
}

fn lines(id: &str) -> Vec<String> {
    (0..LINES).map(|n| line(id, n)).collect()
}

fn line(id: &str, n: u32) -> String {
    let ip = format!("203.0.113.{}", n * 7 % 250);
    let (day, hour, minute, second) = (1 + n % 28, n % 24, n % 60, n * 13 % 60);
    let path = format!("/v1/users/{}/orders?page={}", n * 7919 % 100_000, n % 9);
    let clf = format!("{day:02}/May/2026:{hour:02}:{minute:02}:{second:02}");
    let iso = format!("2026-05-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}", n % 1000);
    let agent =
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0 Safari/537.36";
    let (status, size) = (if n.is_multiple_of(9) { 404 } else { 200 }, n * 31);
    let mut out = String::new();
    match id {
        "common" => write!(out, r#"{ip} - - [{clf} +0000] "GET {path} HTTP/1.1" {status} {size}"#),
        "combined" => write!(
            out,
            r#"{ip} - - [{clf} +0000] "GET {path} HTTP/1.1" {status} {size} "https://shop.example/cart/{n}" "{agent}""#
        ),
        "envoy" => write!(
            out,
            r#"[{iso}Z] "GET {path} HTTP/2" {status} - 0 {size} {} 9 "{ip}" "{agent}" "cc21-{n}" "api.shop.example" "10.0.0.1:80""#,
            n % 300
        ),
        "haproxy-http" => write!(
            out,
            r#"{ip}:33317 [{clf}.{:03}] https-in~ users/web1 0/0/0/{}/{} {status} {size} - - ---- 1/1/1/1/0 0/0 "GET {path} HTTP/1.1""#,
            n % 1000,
            n % 90,
            n % 90 + 1
        ),
        _ => write!(
            out,
            r#"https {iso}Z app/shop/50dc {ip}:2817 10.0.0.1:80 0.001 0.{:03} 0.000 {status} {status} 120 {size} "GET https://api.shop.example:443{path} HTTP/1.1" "{agent}" ECDHE TLSv1.2 arn:aws:x "Root=1-{n}" "api.shop.example" "-" 1 {iso}Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-""#,
            n % 1000
        ),
    }
    .unwrap();
    out
}

fn json_line(id: &str, n: u32) -> String {
    let ip = format!("203.0.113.{}", n * 7 % 250);
    let path = format!("/v1/users/{}/orders?page={}", n * 7919 % 100_000, n % 9);
    let iso = format!("2026-05-{:02}T{:02}:{:02}:00Z", 1 + n % 28, n % 24, n % 60);
    let agent =
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0 Safari/537.36";
    let mut out = String::new();
    match id {
        "nginx-json" => write!(
            out,
            r#"{{"time_iso8601":"{iso}","remote_addr":"{ip}","remote_user":"","request":"GET {path} HTTP/1.1","status":200,"body_bytes_sent":{n},"request_time":0.0{n},"http_referer":"https://shop.example/","http_user_agent":"{agent}","http_host":"api.shop.example","upstream_response_time":"0.011","upstream_addr":"10.0.0.1:80"}}"#
        ),
        "caddy" => write!(
            out,
            r#"{{"level":"info","ts":1779012303.{n},"logger":"http.log.access.log0","msg":"handled request","request":{{"remote_ip":"{ip}","remote_port":"44790","client_ip":"{ip}","proto":"HTTP/2.0","method":"GET","host":"api.shop.example","uri":"{path}","headers":{{"User-Agent":["{agent}"],"Authorization":["REDACTED"],"Accept":["application/json"]}},"tls":{{"resumed":false,"version":772,"cipher_suite":4865,"proto":"h2","server_name":"api.shop.example"}}}},"bytes_read":0,"user_id":"","duration":0.001929675,"size":{n},"status":200,"resp_headers":{{"Server":["Caddy"],"Content-Type":["application/json"]}}}}"#
        ),
        "cloudflare" => write!(
            out,
            r#"{{"ClientIP":"{ip}","ClientASN":64500,"ClientCountry":"de","ClientRequestHost":"api.shop.example","ClientRequestMethod":"GET","ClientRequestURI":"{path}","ClientRequestProtocol":"HTTP/2","ClientRequestScheme":"https","ClientRequestUserAgent":"{agent}","ClientRequestBytes":2893,"ClientSSLProtocol":"TLSv1.3","ClientSSLCipher":"AEAD-AES128-GCM-SHA256","EdgeColoCode":"FRA","EdgeResponseBytes":{n},"EdgeResponseStatus":200,"EdgeStartTimestamp":"{iso}","EdgeEndTimestamp":"{iso}","EdgeTimeToFirstByteMs":42,"CacheCacheStatus":"dynamic","RayID":"8f1e{n}","WAFAction":"unknown","ZoneName":"shop.example"}}"#
        ),
        _ => write!(
            out,
            r#"{{"@timestamp":"{iso}","http":{{"request":{{"method":"GET","bytes":120}},"response":{{"status_code":200,"body":{{"bytes":{n}}}}},"version":"1.1"}},"url":{{"path":"/v1/users/{n}","query":"page=2","domain":"api.shop.example","scheme":"https"}},"source":{{"ip":"{ip}","port":4711}},"user_agent":{{"original":"{agent}"}},"event":{{"duration":12000000}},"trace":{{"id":"4bf92f3577b34da6a3ce929d0e0e4736"}},"labels":{{"team":"orders","env":"prod"}}}}"#
        ),
    }
    .unwrap();
    out
}
