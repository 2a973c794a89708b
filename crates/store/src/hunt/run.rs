//! What happens to one hunt: it is checked, planned, executed, counted.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::temporal_conversions::timestamp_us_to_datetime;
use datafusion::execution::memory_pool::PeakRecordingPool;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::SessionContext;
use futures::{FutureExt, StreamExt};
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::Sender;
use tokio::time::Instant;

use super::answer::Message;
use super::{HuntError, HuntStats, Query, Tables, guard, parameters, session, wording};

/// One hunt on its way.
pub(super) struct Job {
    pub(super) tables: Tables,
    pub(super) query: Query,
    pub(super) env: Arc<RuntimeEnv>,
    pub(super) share: Share,
    pub(super) started: Instant,
    pub(super) deadline: Instant,
}

/// What one hunt gets of what all may take.
#[derive(Clone, Copy)]
pub(super) struct Share {
    pub(super) memory_bytes: usize,
    pub(super) partitions: usize,
}

/// Runs a hunt and sends its reader what comes of it. A panic in the query engine ends this hunt and nothing else.
pub(super) async fn produce(job: Job, turn: OwnedSemaphorePermit, sender: Sender<Message>) {
    let limit = job.query.limits.time;
    let deadline = job.deadline;
    let work = AssertUnwindSafe(answer(job, &sender)).catch_unwind();
    let last = match tokio::time::timeout_at(deadline, work).await {
        Ok(Ok(Ok(stats))) => Message::End(stats),
        Ok(Ok(Err(error))) => Message::Failed(error),
        Ok(Err(panic)) => Message::Failed(HuntError::Broken(panic_text(panic.as_ref()).into())),
        Err(_) => Message::Failed(HuntError::TimedOut { limit }),
    };
    // What is left is the reader's business; the next hunt may begin.
    drop(turn);
    let _ = sender.send(last).await;
}

async fn answer(job: Job, sender: &Sender<Message>) -> Result<HuntStats, HuntError> {
    let Job { tables, query, env, share, started, .. } = job;
    let mut statement = guard::parse(&query.sql)?;
    parameters::bind(&mut statement, &query.parameters)?;
    let (context, pool) = session::open(&env, share, tables)?;
    let planned = context.state().statement_to_plan(statement).await.map_err(|error| wording::planning(&error))?;
    guard::check_plan(&planned)?;
    let rows_max = query.limits.rows;
    let bounded = bounded(planned, rows_max)?;
    let plan = physical(&context, bounded, &query).await?;
    let mut stream =
        execute_stream(Arc::clone(&plan), context.task_ctx()).map_err(|error| wording::execution(&error))?;
    send(sender, Message::Schema(stream.schema())).await?;
    let mut stats = HuntStats::default();
    let mut left = rows_max.unwrap_or(usize::MAX);
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(|error| wording::execution(&error))?;
        stats.truncated = batch.num_rows() > left;
        let batch = if stats.truncated { batch.slice(0, left) } else { batch };
        left -= batch.num_rows();
        stats.rows += batch.num_rows() as u64;
        if batch.num_rows() > 0 {
            send(sender, Message::Batch(batch)).await?;
        }
        if stats.truncated {
            break;
        }
    }
    drop(stream);
    measure(&plan, &pool, started.elapsed(), &mut stats);
    Ok(stats)
}

/// Rows up to which the plan itself is limited. A sort with a limit keeps its rows in memory and cannot spill.
const ROWS_PLANNED_MAX: usize = 100_000;

/// The plan with one row more than may be given, so that it is known whether there were more.
fn bounded(plan: LogicalPlan, rows: Option<usize>) -> Result<LogicalPlan, HuntError> {
    let reads = !matches!(plan, LogicalPlan::Explain(_) | LogicalPlan::DescribeTable(_));
    match rows {
        Some(rows) if reads && rows <= ROWS_PLANNED_MAX => LogicalPlanBuilder::from(plan)
            .limit(0, Some(rows.saturating_add(1)))
            .and_then(LogicalPlanBuilder::build)
            .map_err(|error| wording::planning(&error)),
        _ => Ok(plan),
    }
}

async fn physical(
    context: &SessionContext,
    plan: LogicalPlan,
    query: &Query,
) -> Result<Arc<dyn ExecutionPlan>, HuntError> {
    // A frame answers `describe` itself; the state it carries would take `now()` from the clock.
    let frame = context.execute_logical_plan(plan).await.map_err(|error| wording::planning(&error))?;
    let (mut state, plan) = frame.into_parts();
    let now = timestamp_us_to_datetime(query.now.0).map(|now| now.and_utc());
    state.execution_props_mut().query_execution_start_time = now;
    state.create_physical_plan(&plan).await.map_err(|error| wording::planning(&error))
}

/// Sends to the reader; one that left has ended the hunt.
async fn send(sender: &Sender<Message>, message: Message) -> Result<(), HuntError> {
    sender.send(message).await.map_err(|_| HuntError::Canceled)
}

/// Adds up what the operators counted.
fn measure(plan: &Arc<dyn ExecutionPlan>, pool: &PeakRecordingPool, elapsed: Duration, stats: &mut HuntStats) {
    stats.elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    stats.memory_peak_bytes = pool.max_reserved() as u64;
    let mut waiting = vec![plan];
    while let Some(node) = waiting.pop() {
        let children = node.children();
        if let Some(metrics) = node.metrics() {
            let value = |name: &str| metrics.sum_by_name(name).map_or(0, |value| value.as_usize()) as u64;
            stats.spilled_bytes += metrics.spilled_bytes().unwrap_or_default() as u64;
            stats.scanned_bytes += value("bytes_scanned");
            if children.is_empty() {
                stats.scanned_rows += metrics.output_rows().unwrap_or_default() as u64;
            }
        }
        waiting.extend(children);
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without words".to_owned())
}
