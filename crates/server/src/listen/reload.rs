//! The certificate, and its successor: renewed files are taken without a restart.

use std::io;
use std::time::Duration;

use axum_server::tls_rustls::RustlsConfig;

use super::{ListenError, TlsFiles};

/// How often the files are looked at. Renewals happen weeks before the old certificate ends.
const LOOK_SECS: u64 = 30;

/// Both files as they were read last.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pair {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// Reads both files.
pub(super) async fn read(files: &TlsFiles) -> Result<(RustlsConfig, Pair), ListenError> {
    install_provider();
    let failed = |source| ListenError::Certificate { certificate: files.certificate.clone(), source };
    let pair = pair(files).await.map_err(failed)?;
    let config = RustlsConfig::from_pem(pair.certificate.clone(), pair.key.clone()).await.map_err(failed)?;
    Ok((config, pair))
}

/// Takes changed files for as long as it runs.
pub(super) async fn watch(config: RustlsConfig, files: TlsFiles, mut known: Pair) {
    let mut timer = tokio::time::interval(Duration::from_secs(LOOK_SECS));
    loop {
        timer.tick().await;
        known = look(&config, &files, known).await;
    }
}

/// Takes the files if they changed and fit together. Until they do (one is renewed, the other not yet) the old ones serve.
async fn look(config: &RustlsConfig, files: &TlsFiles, known: Pair) -> Pair {
    let Ok(now) = pair(files).await else { return known };
    if now == known {
        return known;
    }
    match config.reload_from_pem(now.certificate.clone(), now.key.clone()).await {
        Ok(()) => {
            tracing::info!("the renewed certificate is in use");
            now
        }
        Err(error) => {
            tracing::warn!(%error, "the changed certificate cannot be used; the old one serves on");
            known
        }
    }
}

async fn pair(files: &TlsFiles) -> io::Result<Pair> {
    Ok(Pair { certificate: tokio::fs::read(&files.certificate).await?, key: tokio::fs::read(&files.key).await? })
}

/// One provider of cryptography for the process; a second call changes nothing.
fn install_provider() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::*;

    fn put(folder: &Path, certificate: &str, key: &str) -> TlsFiles {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls");
        let files = TlsFiles { certificate: folder.join("tls.pem"), key: folder.join("tls.key") };
        std::fs::copy(from.join(certificate), &files.certificate).unwrap();
        std::fs::copy(from.join(key), &files.key).unwrap();
        files
    }

    #[tokio::test]
    async fn a_renewed_certificate_is_taken_once_both_files_are_there() {
        let folder = tempfile::tempdir().unwrap();
        let files = put(folder.path(), "first.pem", "first.key");
        let (config, known) = read(&files).await.unwrap();
        let first = config.get_inner();
        let known = look(&config, &files, known).await;
        assert!(Arc::ptr_eq(&first, &config.get_inner()), "nothing changed");
        put(folder.path(), "second.pem", "first.key");
        let known = look(&config, &files, known).await;
        assert!(Arc::ptr_eq(&first, &config.get_inner()), "the files do not fit together");
        put(folder.path(), "second.pem", "second.key");
        let known = look(&config, &files, known).await;
        assert!(!Arc::ptr_eq(&first, &config.get_inner()));
        std::fs::remove_file(&files.key).unwrap();
        let second = config.get_inner();
        look(&config, &files, known).await;
        assert!(Arc::ptr_eq(&second, &config.get_inner()), "a missing file ends nothing");
    }

    #[tokio::test]
    async fn files_that_are_no_certificate_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let files = put(folder.path(), "README.md", "first.key");
        let error = read(&files).await.unwrap_err();
        assert!(error.to_string().contains("tls.pem"), "{error}");
    }
}
