//! Files to measure on: made once per size, from seeds, kept below `target/bench`.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::ci::check;
use crate::product::Product;

/// Endpoints and actors of the access log that speed is measured on.
const ENDPOINTS: usize = 120;
const ACTORS: usize = 5_000;

/// The generator's access log.
pub(crate) fn access_log(product: &Product, lines: usize) -> Result<PathBuf> {
    access_log_of(product, lines, ENDPOINTS, ACTORS)
}

/// An access log with a known number of endpoints and of active actors.
pub(crate) fn access_log_of(product: &Product, lines: usize, endpoints: usize, actors: usize) -> Result<PathBuf> {
    made(product, &format!("access-{lines}-{endpoints}-{actors}.log"), |product, path| {
        let mut testkit = product.testkit();
        testkit.args(["access-log", "--seed", "1", "--lines", &lines.to_string()]);
        testkit.args(["--endpoints", &endpoints.to_string(), "--actors", &actors.to_string()]);
        check(testkit.stdout(std::fs::File::create(path)?))
    })
}

/// Exchanges of one API with JSON bodies of 2 kB, as HAR entries.
pub(crate) fn bodies(product: &Product, exchanges: usize) -> Result<PathBuf> {
    made(product, &format!("bodies-{exchanges}.har.ndjson"), |product, path| {
        let mut testkit = product.testkit();
        testkit.args(["bodies", "--seed", "1", "--exchanges", &exchanges.to_string()]);
        check(testkit.stdout(std::fs::File::create(path)?))
    })
}

/// GraphQL exchanges with answers of 1 kB, as HAR entries: three operations with variables, and a tenth with inline
/// arguments, whose text is new each time.
pub(crate) fn graphql(product: &Product, exchanges: usize) -> Result<PathBuf> {
    made(product, &format!("graphql-{exchanges}.har.ndjson"), |_, path| {
        let mut out = BufWriter::new(std::fs::File::create(path)?);
        for n in 0..exchanges {
            let (query, data) = match (n % 10, n % 3) {
                (9, _) => (format!("{{ order(id: \"{n}\") {{ id total lines(first: 20) {{ sku quantity }} }} }}"), "order"),
                (_, 0) => ("query Me { me { id name email orders(first: 20) { id total } } }".to_owned(), "me"),
                (_, 1) => ("query Find($q: String!, $n: Int) { search(text: $q, first: $n) { ...Hit } } fragment Hit on Item { id title }".to_owned(), "search"),
                _ => ("mutation Add($id: ID!) { addToCart(itemId: $id) { cart { id lines { sku quantity } } } }".to_owned(), "addToCart"),
            };
            let lines: Vec<_> = (0..16).map(|k| serde_json::json!({
                "id": n * 31 + k, "sku": format!("{}-{k}", word(n + k)), "title": format!("{} {}", word(k), word(n)),
            })).collect();
            let sent = serde_json::json!({"query": query, "variables": {"q": word(n), "n": 20, "id": n % 5_000}});
            let answered = serde_json::json!({"data": {data: {"id": n, "name": word(n / 7), "lines": lines}}});
            let json = [serde_json::json!({"name": "Content-Type", "value": "application/json"})];
            let entry = serde_json::json!({
                "startedDateTime": format!("2026-09-21T{:02}:{:02}:{:02}Z", n / 3_600 % 24, n / 60 % 60, n % 60),
                "time": 12.5, "_client": {"ip": format!("203.0.113.{}", n % 250)},
                "request": {"method": "POST", "url": "https://api.shop.example/graphql", "headers": json,
                            "postData": {"mimeType": "application/json", "text": sent.to_string()}},
                "response": {"status": 200, "headers": json,
                             "content": {"mimeType": "application/json", "text": answered.to_string()}},
            });
            writeln!(out, "{entry}")?;
        }
        out.flush().context("writing")
    })
}

/// The same exchanges as a packet capture.
pub(crate) fn capture(product: &Product, exchanges: usize) -> Result<PathBuf> {
    made(product, &format!("capture-{exchanges}.pcap"), |product, path| {
        let mut testkit = product.testkit();
        testkit.args(["capture", "--seed", "1", "--exchanges", &exchanges.to_string()]);
        check(testkit.stdout(std::fs::File::create(path)?))
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

pub(super) fn made(product: &Product, name: &str, make: impl Fn(&Product, &PathBuf) -> Result<()>) -> Result<PathBuf> {
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
