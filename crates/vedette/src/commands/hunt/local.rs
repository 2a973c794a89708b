//! A hunt in a data folder. It only reads, so a server may run on the folder meanwhile; what the server has not written
//! yet is not seen.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};
use indicatif::ProgressBar;
use tokio::runtime::Runtime;
use vedette_model::Timestamp;
use vedette_model::results::Results;
use vedette_store::hunt::{Hunt, HuntConfig, HuntStats, Hunter, Limits, Query, Tables, Value, shipped_named};
use vedette_store::lake::{Lake, LakeConfig};

use super::super::Hinted;
use super::{Args, Question, Sink, hinted};

/// Asks, and writes the answer.
pub(super) fn ask(runtime: &Runtime, args: &Args, question: &Question, sink: &mut Sink) -> Result<HuntStats> {
    let query = query(question)?;
    let folder = args.data.join("tenants").join(&args.tenant);
    if !folder.is_dir() {
        let message = format!("no data in {}", folder.display());
        bail!(Hinted::new(
            message,
            "start `vedette serve` first, or name its folder with --data or its URL with --server"
        ));
    }
    let spill = Spill(std::env::temp_dir().join(format!("vedette-hunt-{}", std::process::id())));
    let mut config = HuntConfig::new(spill.0.clone());
    // Nothing else wants the processors of this process, and there is one hunt.
    config.threads = std::thread::available_parallelism().map_or(1, usize::from);
    config.at_once = 1;
    let hunter = Hunter::new(config).map_err(hinted)?;
    let tables = runtime.block_on(tables(&folder))?;
    let progress = progress();
    let asked = runtime.block_on(async {
        tokio::select! {
            answer = write(&hunter, tables, query, sink, &progress) => answer.map(Some),
            _ = tokio::signal::ctrl_c() => Ok(None),
        }
    });
    progress.finish_and_clear();
    match asked? {
        Some(stats) => Ok(stats),
        None => bail!("the hunt was canceled"),
    }
}

async fn write(
    hunter: &Hunter,
    tables: Tables,
    query: Query,
    sink: &mut Sink,
    progress: &ProgressBar,
) -> Result<HuntStats> {
    let mut hunt: Hunt = hunter.run(tables, query).await.map_err(hinted)?;
    let mut encoder = sink.encoder(hunt.schema())?;
    let mut out = Vec::new();
    while let Some(batch) = hunt.next().await.map_err(hinted)? {
        encoder.write(&batch, &mut out).map_err(hinted)?;
        if !out.is_empty() {
            progress.finish_and_clear();
            sink.to.write_all(&out)?;
            out.clear();
        }
    }
    let stats = hunt.stats().unwrap_or_default();
    encoder.finish(&stats, &mut out).map_err(hinted)?;
    progress.finish_and_clear();
    sink.to.write_all(&out)?;
    Ok(stats)
}

fn query(question: &Question) -> Result<Query> {
    let (sql, parameters) = if let Some(name) = question.saved {
        let hunt = shipped_named(name).map_err(hinted)?;
        (hunt.sql.clone(), hunt.values(&question.parameters).map_err(hinted)?)
    } else {
        let values =
            question.parameters.iter().filter_map(|(name, value)| Some((name.clone(), Value::from_json(value)?)));
        (question.sql.unwrap_or_default().to_owned(), values.collect())
    };
    Ok(Query {
        sql,
        parameters,
        limits: Limits { rows: question.limit, time: question.timeout },
        tenant: String::new(),
        asked_by: String::new(),
        now: now(),
    })
}

/// What the folder of a tenant holds.
async fn tables(folder: &Path) -> Result<Tables> {
    let mut tables = Tables::new();
    let lake = folder.join("lake").join("exchanges");
    // Opening makes a lake where there is none, and a question should change nothing.
    if lake.join("_delta_log").is_dir() {
        let opened = Lake::open(LakeConfig::new(lake.to_string_lossy())).await;
        let opened = opened.with_context(|| format!("opening the lake in {}", lake.display()))?;
        tables = tables.with_exchanges(opened.provider(Vec::new()));
    }
    let learned = folder.join("learned").join("results.json.zst");
    match std::fs::read(&learned) {
        Ok(packed) => {
            let json = vedette_store::unpack(&packed).with_context(|| format!("reading {}", learned.display()))?;
            let results: Results =
                serde_json::from_slice(&json).with_context(|| format!("reading {}", learned.display()))?;
            tables = tables.with_results(Arc::new(results));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("reading {}", learned.display())),
    }
    Ok(tables)
}

/// Nothing for half a second, then a sign of life on a terminal.
fn progress() -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message("hunting; Ctrl-C ends it");
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}

#[expect(clippy::disallowed_methods, reason = "the edge reads the clock; hunts get it from here")]
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// The folder for rows that do not fit into memory; gone with the process.
struct Spill(std::path::PathBuf);

impl Drop for Spill {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
