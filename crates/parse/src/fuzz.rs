//! Properties that tests and fuzz targets share: each takes bytes from anywhere and panics when one does not hold.

use std::sync::LazyLock;

use vedette_model::limits::PATH_BYTES_MAX;

use crate::decode::Decoder;
use crate::log;

/// Any bytes are read by every log format without a panic, and what is read keeps the contract of an exchange.
#[doc(hidden)]
pub fn log_line(data: &[u8]) {
    static DECODERS: LazyLock<Vec<Decoder>> =
        LazyLock::new(|| log::format_ids().into_iter().filter_map(log::by_id).collect());
    let text = String::from_utf8_lossy(data);
    for decoder in DECODERS.iter() {
        decoder.decode_each(&text, |read| {
            if let Ok(Some(exchange)) = read {
                assert!(exchange.status < 1000, "{} read status {}", decoder.id(), exchange.status);
                let sound = !exchange.method.is_empty() || exchange.path.len() <= PATH_BYTES_MAX;
                assert!(sound, "{} read a malformed request without a bound", decoder.id());
                assert!(exchange.user.as_deref() != Some("-"), "{} read a dash as a user", decoder.id());
            }
        });
    }
    let lines: Vec<&str> = text.lines().collect();
    if let Some(detected) = log::detect(&lines) {
        assert!(!detected.reason.is_empty(), "a format without a reason");
    }
}

/// Any format string compiles or says why not, at a column within it; what compiles reads any line without a panic.
#[doc(hidden)]
pub fn log_format(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (format, line) = text.split_once('\n').unwrap_or((&text, ""));
    match log::LogFormat::compile(format) {
        Ok(compiled) => {
            let _ = compiled.parse(line);
        }
        Err(diagnostic) => assert!(diagnostic.column <= format.len() + 1, "{diagnostic} is past the format"),
    }
}

/// Any mapping is taken or refused with diagnostics that say where.
#[doc(hidden)]
pub fn log_mapping(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Err(diagnostics) = log::JsonLog::with_mapping("mapping.yaml", &text) {
        assert!(!diagnostics.is_empty(), "refused without a reason");
    }
}
