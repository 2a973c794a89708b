//! What the server says: log lines on standard error, and our own traces to a collector.

use std::io::{self, IsTerminal, Write};

use anyhow::{Context, Result};
use secrecy::{ExposeSecret, SecretString};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use vedette_server::telemetry::{Otlp, Traces};

use super::config::{Config, secret};
use crate::commands::Hinted;

/// Libraries that tell every step at `info`.
const QUIET: &str = "buoyant_kernel=warn,buoyant_kernel_engine=warn,delta_kernel=warn,deltalake=warn,deltalake_core=warn,datafusion=warn,object_store=warn,sqlx=warn,hyper=warn,h2=warn,rustls=warn,reqwest=warn";

/// Starts logging and, when configured, the export of traces. Within the runtime.
pub(super) fn start(config: &Config) -> Result<Option<Traces>> {
    // Libraries speak only when something is wrong, unless the operator asks for more.
    let filter = EnvFilter::try_new(format!("{QUIET},{}", config.log))
        .map_err(|error| Hinted::new(format!("log: {error}"), "levels are error, warn, info, debug, trace"))?;
    let traces = otlp(config)?.map(|otlp| Traces::start(&otlp)).transpose()?;
    let layer = traces.as_ref().map(|traces| tracing_opentelemetry::layer().with_tracer(traces.tracer()));
    let registry = tracing_subscriber::registry().with(filter).with(layer);
    let format = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_target(false);
    if config.log_json {
        registry.with(format.json()).try_init()
    } else {
        registry.with(format.compact().with_ansi(io::stderr().is_terminal())).try_init()
    }
    .context("starting the log")?;
    Ok(traces)
}

/// Tells the person who started us something.
pub(super) fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

fn otlp(config: &Config) -> Result<Option<Otlp>> {
    let Some(endpoint) = &config.telemetry.otlp else { return Ok(None) };
    let text = secret(None, config.telemetry.headers_file.as_deref(), "telemetry.headers_file")?;
    let text = text.as_ref().map(ExposeSecret::expose_secret).unwrap_or_default();
    let headers = text.lines().filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.trim().to_owned(), SecretString::from(value.trim()))).collect();
    Ok(Some(Otlp { endpoint: endpoint.clone(), headers, service: "vedette".to_owned() }))
}
