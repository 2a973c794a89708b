//! Prints every exchange of the sources given, a line of JSON each: what `cargo xtask captures` compares with tshark.
//!
//! `cargo run -p vedette-ingest --example exchanges -- [--keylog FILE] PATH…`. Values stand in clear: a development
//! tool, for captures that are made for the purpose.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a development tool talks on the terminal")]

use std::path::PathBuf;
use std::sync::Arc;

use vedette_ingest::{Options, Reader, Sources};
use vedette_model::Exchange;
use vedette_parse::capture::KeyLog;

fn main() -> std::io::Result<()> {
    let mut options = Options::default();
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut arguments = std::env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--keylog" {
            let file = arguments.next().unwrap_or_default();
            options.keys = Some(Arc::new(KeyLog::read(&std::fs::read(file)?)));
        } else {
            paths.push(argument.into());
        }
    }
    let mut sources = Sources::open(&paths, options);
    let ledger = sources.ledger();
    let mut reader = Reader::default();
    while let Some(batch) = sources.next(vedette_ingest::Records::default()) {
        reader.read(&batch, |exchange, _| println!("{}", line(exchange)));
    }
    let mut described = ledger.sources();
    for (source, tally) in described.iter_mut().zip(reader.finish()) {
        tally.describe(source);
        eprintln!("{}", serde_json::to_string_pretty(source)?);
    }
    Ok(())
}

fn line(x: &Exchange<'_>) -> serde_json::Value {
    serde_json::json!({
        "at": x.at.map(|at| at.to_string()),
        "client": x.client_ip.map(|ip| ip.to_string()),
        "server": x.server_ip.map(|ip| ip.to_string()),
        "scheme": format!("{:?}", x.scheme),
        "host": x.host,
        "version": x.http_version,
        "method": x.method,
        "path": x.path,
        "query": x.query,
        "status": x.status,
        "duration_us": x.duration_us,
        "request_bytes": x.request_bytes,
        "response_bytes": x.response_bytes,
        "request_body": x.request_body.as_ref().map(|body| body.len()),
        "response_body": x.response_body.as_ref().map(|body| body.len()),
        "request_headers": x.request_headers.0.len(),
        "response_headers": x.response_headers.0.len(),
        "tls": x.tls_version,
        "ja4": x.tls_ja4,
        "mutual": x.tls_mutual,
        "websocket": x.websocket.as_deref().map(|w| [w.sent, w.sent_bytes, w.received, w.received_bytes]),
        "anomalies": x.anomalies.iter().map(|anomaly| format!("{anomaly:?}")).collect::<Vec<_>>(),
    })
}
