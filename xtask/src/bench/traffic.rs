//! Files to measure on: made once per size, from seeds, kept below `target/bench`.

use std::fmt::Write as _;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::ci::check;
use crate::product::Product;

/// The generator's access log.
pub(crate) fn access_log(product: &Product, lines: usize) -> Result<PathBuf> {
    made(product, &format!("access-{lines}.log"), |product, path| {
        let mut testkit = product.testkit();
        testkit.args(["access-log", "--seed", "1", "--lines", &lines.to_string()]);
        check(testkit.stdout(std::fs::File::create(path)?))
    })
}

/// Exchanges of one API with JSON bodies of 2 kB, as HAR entries.
pub(crate) fn bodies(product: &Product, exchanges: usize) -> Result<PathBuf> {
    made(product, &format!("bodies-{exchanges}.har.ndjson"), |product, path| {
        let mut testkit = product.testkit();
        testkit.args(["exchanges", "--seed", "1", "--count", &exchanges.to_string()]);
        check(testkit.stdout(std::fs::File::create(path)?))
    })
}

/// A plain access log with a known number of endpoints and of active actors.
pub(crate) fn plain(product: &Product, lines: usize, endpoints: usize, actors: usize) -> Result<PathBuf> {
    made(product, &format!("plain-{lines}-{endpoints}-{actors}.log"), |_, path| {
        let mut out = BufWriter::new(std::fs::File::create(path)?);
        let mut line = String::new();
        for n in 0..lines {
            line.clear();
            let (endpoint, actor) = (n % endpoints, (n / 3) % actors);
            let address = format!("10.{}.{}.{}", actor >> 16 & 255, actor >> 8 & 255, actor & 255);
            let (hour, minute, second) = (n / 3600 % 24, n / 60 % 60, n % 60);
            let _ = writeln!(
                line,
                "{address} - - [21/Sep/2026:{hour:02}:{minute:02}:{second:02} +0000] \"GET /v1/{}/{} HTTP/1.1\" 200 {} \
                 \"-\" \"Mozilla/5.0 (X11; Linux x86_64)\"",
                word(endpoint / 26),
                word(endpoint % 26 + 26),
                200 + n % 4000
            );
            out.write_all(line.as_bytes())?;
        }
        out.flush().context("writing")
    })
}

/// One JSON line per value for `classify`.
pub(crate) fn values(product: &Product, lines: usize) -> Result<PathBuf> {
    made(product, &format!("values-{lines}.ndjson"), |_, path| {
        let mut out = BufWriter::new(std::fs::File::create(path)?);
        for n in 0..lines {
            let body = serde_json::json!({"id": n, "json": {
                "orderId": n * 7919 % 1_000_003, "status": "shipped", "total": (n % 9000) as f64 / 100.0,
                "customer": {"name": format!("{} {}", word(n), word(n / 7)), "email": format!("{}@mail.example", word(n))},
                "lines": (0..12).map(|k| serde_json::json!({
                    "sku": format!("{}-{:05}", word(n + k), n * k % 99_991), "quantity": k + 1,
                    "description": format!("{} {} for the {} of a {}", word(k), word(n + 3), word(n * k), word(k * 5)),
                    "href": format!("https://shop.example/items/{}", word(n * 3 + k)),
                })).collect::<Vec<_>>(),
                "createdAt": "2026-09-21T14:13:20Z", "note": "leave it at the harbor master's office, please",
            }});
            writeln!(out, "{body}")?;
        }
        out.flush().context("writing")
    })
}

fn made(product: &Product, name: &str, make: impl Fn(&Product, &PathBuf) -> Result<()>) -> Result<PathBuf> {
    let path = product.scratch.join(name);
    if !path.exists() {
        let partial = path.with_extension("partial");
        make(product, &partial).with_context(|| format!("making {name}"))?;
        std::fs::rename(&partial, &path)?;
    }
    Ok(path)
}

/// A pronounceable word per number: letters only, so that it is no id by its shape.
fn word(mut n: usize) -> String {
    let (consonants, vowels) = ("bdfgklmnprstv", "aeiou");
    let mut out = String::new();
    loop {
        out.extend(consonants.chars().nth(n % 13));
        n /= 13;
        out.extend(vowels.chars().nth(n % 5));
        n /= 5;
        if n == 0 {
            return out + "n";
        }
    }
}
