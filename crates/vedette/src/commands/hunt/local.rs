//! A hunt in a data folder. It only reads, so a server may run on the folder meanwhile; what the server has not written
//! yet is not seen.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use indicatif::ProgressBar;
use tokio::runtime::Runtime;
use vedette_ingest::wall_clock;
use vedette_model::results::Results;
use vedette_store::hunt::{Hunt, HuntConfig, HuntStats, Hunter, Limits, Query, Tables, Value, shipped_named};
use vedette_store::lake::{Lake, LakeConfig};

use super::super::Hinted;
use super::super::place::{NOT_THERE, Place};
use super::{Args, Question, Sink, hinted};

/// Asks, and writes the answer.
pub(super) fn ask(runtime: &Runtime, args: &Args, question: &Question, sink: &mut Sink) -> Result<HuntStats> {
    let query = query(question)?;
    let folder = args.place.folder();
    if !folder.is_dir() {
        bail!(Hinted::new(format!("no data in {}", folder.display()), NOT_THERE));
    }
    let spill = Spill(std::env::temp_dir().join(format!("vedette-hunt-{}", std::process::id())));
    let mut config = HuntConfig::new(spill.0.clone());
    // Nothing else wants the processors of this process, and there is one hunt.
    config.threads = std::thread::available_parallelism().map_or(1, usize::from);
    config.at_once = 1;
    let hunter = Hunter::new(config).map_err(hinted)?;
    let tables = runtime.block_on(tables(&args.place))?;
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
        now: wall_clock(),
    })
}

/// What the folder of a tenant holds.
async fn tables(place: &Place) -> Result<Tables> {
    let mut tables = Tables::new();
    let lake = place.folder().join("lake").join("exchanges");
    // Opening makes a lake where there is none, and a question should change nothing.
    if lake.join("_delta_log").is_dir() {
        let opened = Lake::open(LakeConfig::new(lake.to_string_lossy())).await;
        let opened = opened.with_context(|| format!("opening the lake in {}", lake.display()))?;
        tables = tables.with_exchanges(opened.provider(Vec::new()));
    }
    if let Some(results) = place.results::<Results>()? {
        tables = tables.with_results(Arc::new(results));
    }
    Ok(tables)
}

/// Nothing for half a second, then a sign of life on a terminal.
fn progress() -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message("hunting; Ctrl-C ends it");
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}

/// The folder for rows that do not fit into memory; gone with the process.
struct Spill(std::path::PathBuf);

impl Drop for Spill {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
