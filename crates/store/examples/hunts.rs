//! For `cargo xtask bench`: fills a lake with exchanges of a made-up shop, and times hunts in it.
//!
//! ```text
//! hunts fill DIR ROWS
//! hunts run DIR THREADS RUNS < queries      one query per line; prints a JSON line each
//! ```

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead, stdin};
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use vedette_model::Timestamp;
use vedette_store::hunt::{HuntConfig, Hunter, Limits, Query, Tables};
use vedette_store::lake::{Lake, LakeConfig};
use vedette_store::row::{ExchangeRow, RowBuffer};

/// 2026-03-01T00:00:00Z in microseconds; the traffic is ten days of it.
const START_US: i64 = 1_772_323_200_000_000;
const DAYS: u64 = 10;
const ENDPOINTS: u64 = 200;
const ACTORS: u64 = 50_000;
/// Rows of one append.
const APPEND_ROWS: u64 = 500_000;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["fill", folder, rows] => runtime.block_on(fill(folder, rows.parse()?)),
        ["run", folder, threads, runs] => runtime.block_on(run(folder, threads.parse()?, runs.parse()?)),
        _ => Err("usage: hunts fill DIR ROWS | hunts run DIR THREADS RUNS".into()),
    }
}

async fn fill(folder: &str, rows: u64) -> Result<(), Box<dyn Error>> {
    let lake = Lake::open(LakeConfig::new(folder)).await?;
    let mut dice = Dice(7);
    let mut seq = 0;
    let mut at = 0;
    while at < rows {
        seq += 1;
        let end = (at + APPEND_ROWS).min(rows);
        let (mut batches, mut buffer) = (Vec::new(), RowBuffer::new());
        for n in at..end {
            let row = Row::new(n, rows, &mut dice);
            if !buffer.push(&row.view(seq, n)) {
                batches.push(buffer.take()?);
                let _ = buffer.push(&row.view(seq, n));
            }
        }
        batches.push(buffer.take()?);
        lake.append(batches, seq).await?;
        at = end;
    }
    let now = Timestamp(START_US + (DAYS.cast_signed() + 1) * 86_400_000_000);
    lake.maintain(now).await?;
    Ok(())
}

async fn run(folder: &str, threads: usize, runs: usize) -> Result<(), Box<dyn Error>> {
    let lake = Lake::open(LakeConfig::new(folder)).await?;
    let spill = std::env::temp_dir().join(format!("vedette-bench-{}", std::process::id()));
    let mut config = HuntConfig::new(spill.clone());
    (config.threads, config.at_once) = (threads, 1);
    let hunter = Hunter::new(config)?;
    for sql in stdin().lock().lines() {
        let sql = sql?;
        let mut millis = Vec::new();
        let (mut rows, mut scanned) = (0, 0);
        for _ in 0..runs {
            let query = Query {
                sql: sql.clone(),
                parameters: BTreeMap::new(),
                limits: Limits { rows: None, time: Duration::from_mins(10) },
                tenant: String::new(),
                asked_by: String::new(),
                now: Timestamp(START_US + DAYS.cast_signed() * 86_400_000_000),
            };
            let started = Instant::now();
            let tables = Tables::new().with_exchanges(lake.provider(Vec::new()));
            let (_, stats) = hunter.run(tables, query).await?.collect().await?;
            millis.push(started.elapsed().as_secs_f64() * 1000.0);
            (rows, scanned) = (stats.rows, stats.scanned_rows);
        }
        print(&serde_json::json!({"sql": sql, "millis": millis, "rows": rows, "scanned_rows": scanned}));
    }
    let _ = std::fs::remove_dir_all(spill);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the answer of a program")]
fn print(line: &serde_json::Value) {
    println!("{line}");
}

/// One exchange, with its text.
struct Row {
    at: Timestamp,
    method: &'static str,
    path: String,
    endpoint: String,
    endpoint_id: u64,
    status: u16,
    duration_us: u64,
    response_bytes: u64,
    actor: u64,
    client_ip: IpAddr,
    user_agent: String,
}

impl Row {
    fn new(n: u64, of: u64, dice: &mut Dice) -> Self {
        let endpoint = dice.skewed(ENDPOINTS);
        let actor = dice.skewed(ACTORS);
        let method = pick(&["GET", "GET", "GET", "POST", "PUT", "DELETE"], endpoint);
        let object = dice.below(10_000);
        let status = match dice.below(100) {
            0 => 500,
            1 => 503,
            2..=6 => 404,
            7..=8 => 401,
            9 => 201,
            _ => 200,
        };
        Self {
            at: Timestamp(START_US + (i128::from(n) * i128::from(DAYS) * 86_400_000_000 / i128::from(of)) as i64),
            method,
            path: format!("/v1/things{endpoint}/{object}"),
            endpoint: format!("{method} /v1/things{endpoint}/{{id}}"),
            endpoint_id: endpoint + 1,
            status,
            duration_us: 500 + dice.below(20_000) * (1 + endpoint % 7),
            response_bytes: 200 + dice.below(4_000),
            actor: (actor + 1) << 16,
            client_ip: IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + (actor * 2_654_435_761 % 65_536) as u32)),
            user_agent: format!("agent/{}", actor % 50),
        }
    }

    fn view(&self, seq: u64, n: u64) -> ExchangeRow<'_> {
        ExchangeRow {
            seq,
            record: (n % APPEND_ROWS) as u32,
            source: "bench",
            at: Some(self.at),
            received_at: self.at,
            service: pick(&["shop", "bank", "mail", "auth", "search"], self.endpoint_id),
            method: self.method,
            path: &self.path,
            call: None,
            endpoint: &self.endpoint,
            endpoint_id: self.endpoint_id,
            query_keys: "",
            status: self.status,
            duration_us: Some(self.duration_us),
            request_bytes: Some(120),
            response_bytes: Some(self.response_bytes),
            actor: self.actor,
            client_ip: Some(self.client_ip),
            user_agent: &self.user_agent,
            referer_host: "",
            authentication: "bearer",
            tls_version: "TLSv1.3",
            ja4: "",
            direction: "inbound",
            caller: "",
            anomalies: "",
        }
    }
}

/// Numbers that are the same in every run (SplitMix64, Steele et al. 2014).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// Small numbers come often, as busy actors and endpoints do.
    fn skewed(&mut self, n: u64) -> u64 {
        let unit = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        ((unit * unit * unit) * n as f64) as u64
    }
}

/// One of some words, by a number of any size.
fn pick(words: &[&'static str], number: u64) -> &'static str {
    words.get(number as usize % words.len()).copied().unwrap_or_default()
}
