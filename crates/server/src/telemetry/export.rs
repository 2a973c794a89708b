//! Our own spans to an OTLP collector (HTTP, protobuf).
//!
//! Finished spans wait in a bounded queue for one task that sends them in batches. When the collector is away, spans are
//! dropped and counted: tracing never slows or stops what is traced.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, Span, SpanData, SpanExporter as _, SpanProcessor};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Spans that wait for the collector.
const WAITING_MAX: usize = 4_096;

/// Spans sent at once.
const BATCH_MAX: usize = 512;

/// How long a span waits for company.
const BATCH_WAIT: Duration = Duration::from_secs(2);

/// How long the collector may take.
const SEND_SECS: u64 = 10;

/// Where spans go.
#[derive(Clone, Debug)]
pub struct Otlp {
    /// Address that takes traces (`http://127.0.0.1:4318/v1/traces`).
    pub endpoint: String,
    /// Headers of every request, for collectors that want a key. Never printed.
    pub headers: Vec<(String, SecretString)>,
    /// `service.name` of the resource.
    pub service: String,
}

/// Why spans cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum OtlpError {
    /// The address or a header is wrong.
    #[error("preparing the export of traces")]
    Build(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A running export. Dropping it stops; [`Traces::finish`] sends what waits first.
pub struct Traces {
    provider: SdkTracerProvider,
    task: Option<JoinHandle<()>>,
}

impl Traces {
    /// Starts sending to a collector. Must be called within a tokio runtime.
    pub fn start(settings: &Otlp) -> Result<Self, OtlpError> {
        let headers = settings.headers.iter().map(|(name, value)| (name.clone(), value.expose_secret().to_owned()));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_endpoint(settings.endpoint.clone())
            .with_timeout(Duration::from_secs(SEND_SECS))
            .with_headers(headers.collect())
            .build()
            .map_err(|error| OtlpError::Build(Box::new(error)))?;
        let resource = Resource::builder_empty()
            .with_attribute(opentelemetry::KeyValue::new("service.name", settings.service.clone()))
            .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        let mut exporter = exporter;
        exporter.set_resource(&resource);
        let task = tokio::spawn(send(exporter, receiver));
        let queue = Queue { sender: Mutex::new(Some(sender)), dropped: Arc::default() };
        let provider = SdkTracerProvider::builder().with_span_processor(queue).with_resource(resource).build();
        Ok(Self { provider, task: Some(task) })
    }

    /// For `tracing_opentelemetry::layer().with_tracer(…)`.
    pub fn tracer(&self) -> SdkTracer {
        self.provider.tracer("vedette")
    }

    /// Sends what waits, then stops.
    pub async fn finish(mut self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::debug!(%error, "the export of traces did not stop cleanly");
        }
        if let Some(task) = self.task.take() {
            let _ = tokio::time::timeout(Duration::from_secs(SEND_SECS), task).await;
        }
    }
}

/// Takes finished spans without waiting.
struct Queue {
    /// Gone after the end.
    sender: Mutex<Option<mpsc::Sender<SpanData>>>,
    dropped: Arc<AtomicU64>,
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("dropped", &self.dropped).finish_non_exhaustive()
    }
}

impl SpanProcessor for Queue {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        if !span.span_context.is_sampled() {
            return;
        }
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        if sender.as_ref().is_some_and(|sender| sender.try_send(span).is_err()) {
            let dropped = self.dropped.fetch_add(1, Ordering::Relaxed) + 1;
            metrics::counter!("vedette_spans_dropped_total").absolute(dropped);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(())
    }
}

async fn send(exporter: SpanExporter, mut receiver: mpsc::Receiver<SpanData>) {
    let mut batch = Vec::new();
    let mut away = false;
    while receiver.recv_many(&mut batch, BATCH_MAX).await > 0 {
        if batch.len() < BATCH_MAX {
            let more =
                async { while batch.len() < BATCH_MAX && receiver.recv_many(&mut batch, BATCH_MAX).await > 0 {} };
            let _ = tokio::time::timeout(BATCH_WAIT, more).await;
        }
        let sent = exporter.export(std::mem::take(&mut batch)).await;
        match (&sent, away) {
            (Err(error), false) => {
                tracing::warn!(%error, "the collector of traces cannot be reached; spans are dropped");
            }
            (Ok(()), true) => tracing::info!("the collector of traces is back"),
            _ => {}
        }
        away = sent.is_err();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use axum::Router;
    use axum::body::Bytes;
    use axum::http::HeaderMap;
    use axum::routing::post;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[tokio::test]
    async fn spans_arrive_at_a_collector_with_its_key_and_without_ours_in_the_log() {
        let seen: Arc<Mutex<Vec<(HeaderMap, Bytes)>>> = Arc::default();
        let collected = Arc::clone(&seen);
        let collector = Router::new().route(
            "/v1/traces",
            post(move |headers: HeaderMap, body: Bytes| async move {
                collected.lock().unwrap().push((headers, body));
            }),
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}/v1/traces", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, collector).await });
        let settings = Otlp {
            endpoint,
            headers: vec![("x-key".to_owned(), SecretString::from("hush"))],
            service: "vedette-under-test".to_owned(),
        };
        assert!(!format!("{settings:?}").contains("hush"));
        let traces = Traces::start(&settings).unwrap();
        let layer = tracing_opentelemetry::layer().with_tracer(traces.tracer());
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, || {
            tracing::info_span!("request", otel.name = "GET /v1/endpoints").in_scope(|| {});
        });
        traces.finish().await;
        let seen = seen.lock().unwrap();
        let (headers, body) = seen.first().expect("a request came");
        assert_eq!(headers.get("x-key").unwrap(), "hush");
        assert_eq!(headers.get("content-type").unwrap(), "application/x-protobuf");
        for text in ["vedette-under-test", "GET /v1/endpoints"] {
            assert!(body.windows(text.len()).any(|window| window == text.as_bytes()), "{text}");
        }
    }

    #[tokio::test]
    async fn a_collector_that_is_away_stops_nothing() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let endpoint = format!("http://{free}/v1/traces");
        let traces = Traces::start(&Otlp { endpoint, headers: Vec::new(), service: "v".to_owned() }).unwrap();
        let subscriber =
            tracing_subscriber::registry().with(tracing_opentelemetry::layer().with_tracer(traces.tracer()));
        let count = AtomicUsize::new(0);
        tracing::subscriber::with_default(subscriber, || {
            for _ in 0..WAITING_MAX * 2 {
                tracing::info_span!("work").in_scope(|| count.fetch_add(1, Ordering::Relaxed));
            }
        });
        traces.finish().await;
        assert_eq!(count.load(Ordering::Relaxed), WAITING_MAX * 2);
    }
}
