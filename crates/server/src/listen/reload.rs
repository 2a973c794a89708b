//! The certificate, and its successor: renewed files are taken without a restart.

use std::time::{Duration, SystemTime};

use axum_server::tls_rustls::RustlsConfig;

use super::{ListenError, TlsFiles};

/// How often the files are looked at. Renewals happen weeks before the old certificate ends.
const LOOK_SECS: u64 = 30;

/// Reads both files.
pub(super) async fn read(files: &TlsFiles) -> Result<RustlsConfig, ListenError> {
    install_provider();
    RustlsConfig::from_pem_file(&files.certificate, &files.key)
        .await
        .map_err(|source| ListenError::Certificate { certificate: files.certificate.clone(), source })
}

/// Takes changed files for as long as it runs. Files that do not fit together (one is renewed, the other not yet) are
/// tried again; the old certificate serves until then.
pub(super) async fn watch(config: RustlsConfig, files: TlsFiles) {
    let mut known = changed_at(&files).await;
    let mut timer = tokio::time::interval(Duration::from_secs(LOOK_SECS));
    loop {
        timer.tick().await;
        let now = changed_at(&files).await;
        if now == known {
            continue;
        }
        match config.reload_from_pem_file(&files.certificate, &files.key).await {
            Ok(()) => {
                tracing::info!("the renewed certificate is in use");
                known = now;
            }
            Err(error) => tracing::warn!(%error, "the changed certificate cannot be used; the old one serves on"),
        }
    }
}

async fn changed_at(files: &TlsFiles) -> [Option<SystemTime>; 2] {
    let time = |path| async move { tokio::fs::metadata(path).await.ok()?.modified().ok() };
    [time(files.certificate.clone()).await, time(files.key.clone()).await]
}

/// One provider of cryptography for the process; a second call changes nothing.
fn install_provider() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}
