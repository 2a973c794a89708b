//! Speed of the log parsers (`cargo bench -p vedette-parse --bench log`).

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
    let (status, size) = (if n % 9 == 0 { 404 } else { 200 }, n * 31);
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
