//! Properties that tests and fuzz targets share: each takes bytes from anywhere and panics when one does not hold.

use std::fmt::Write as _;
use std::sync::LazyLock;

use vedette_model::limits::PATH_BYTES_MAX;

use crate::decode::Decoder;
use crate::{document, gateway, log, spec};

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
        same_when_written_down(&detected.decoder, &lines);
    }
}

/// A decoder that was written down and made again reads every record as the first one does.
#[doc(hidden)]
pub fn same_when_written_down(decoder: &Decoder, records: &[&str]) {
    let description = decoder.describe();
    let mut pair = match Decoder::from_description(&description) {
        Ok(again) => (decoder.clone(), again),
        Err(diagnostic) => panic!("{description:?} is not read: {diagnostic}"),
    };
    for record in records {
        assert_eq!(pair.0.describe(), pair.1.describe());
        let read = |decoder: &Decoder| {
            let mut read = String::new();
            decoder.decode_each(record, |exchange| {
                let _ = writeln!(read, "{exchange:?}");
            });
            read
        };
        assert_eq!(read(&pair.0), read(&pair.1), "by {description:?}");
        match (pair.0.after(record), pair.1.after(record)) {
            (None, None) => {}
            (Some(one), Some(other)) => pair = (one, other),
            _ => panic!("{description:?} follows {record:?} differently"),
        }
    }
}

/// Any text is a description or refused, and what it stands for is written down the same.
#[doc(hidden)]
pub fn decoder_description(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (description, records) = text.split_once('\0').unwrap_or((&text, ""));
    match Decoder::from_description(description) {
        Ok(decoder) => same_when_written_down(&decoder, &records.lines().collect::<Vec<_>>()),
        Err(diagnostic) => assert!(!diagnostic.message.is_empty(), "refused without a reason"),
    }
}

/// Any format string compiles or says why not, at a column within it; what compiles reads any line without a panic.
#[doc(hidden)]
pub fn log_format(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (format, line) = text.split_once('\n').unwrap_or((&text, ""));
    match log::LogFormat::compile(format) {
        Ok(compiled) => same_when_written_down(&Decoder::Log(compiled), &[line]),
        Err(diagnostic) => assert!(diagnostic.column <= format.len() + 1, "{diagnostic} is past the format"),
    }
}

/// Any mapping is taken or refused with diagnostics that say where.
#[doc(hidden)]
pub fn log_mapping(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match log::JsonLog::with_mapping("mapping.yaml", &text) {
        Ok(log) => same_when_written_down(&Decoder::Json(log), &[&text]),
        Err(diagnostics) => assert!(!diagnostics.is_empty(), "refused without a reason"),
    }
}

/// Any text is a specification or a located error; what is read has pointers that lead somewhere.
#[doc(hidden)]
pub fn spec(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let lines = text.matches(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).count() + 1;
    let mut fetch =
        |file: &str| if file.ends_with("self.yaml") { Ok(text.to_string()) } else { Err("none".to_owned()) };
    match spec::read("spec.yaml", &text, &mut fetch) {
        Ok(spec) => {
            for operation in &spec.operations {
                let bodies = operation.request.iter().chain(operation.responses.iter().map(|(_, body)| body));
                let leads = |pointer: &String| spec.root.pointer(pointer).is_some();
                assert!(bodies.flat_map(|body| &body.content).filter_map(|(_, at)| at.as_ref()).all(leads));
                assert!(operation.line <= lines + 1, "{} of {lines} lines", operation.line);
            }
            assert!(spec.problems.iter().all(|problem| !problem.message.is_empty() && problem.line <= lines + 1));
        }
        Err(error) => assert!(!error.message.is_empty() && error.line <= lines + 1, "{error}"),
    }
    for place in document::locate(&text, ["", "/paths", "/a/0"]).values() {
        assert!(place.line >= 1 && place.end_line >= place.line, "{place:?}");
    }
}

/// Any text is a configuration of nginx or refused where it goes wrong.
#[doc(hidden)]
pub fn gateway_nginx(data: &[u8]) {
    gateway::fuzz::nginx_text(&String::from_utf8_lossy(data));
}

/// Any text is a configuration of HAProxy or refused where it goes wrong.
#[doc(hidden)]
pub fn gateway_haproxy(data: &[u8]) {
    gateway::fuzz::haproxy_text(&String::from_utf8_lossy(data));
}

/// Any document is read by every gateway that is configured with documents.
#[doc(hidden)]
pub fn gateway_document(data: &[u8]) {
    gateway::fuzz::document_text(&String::from_utf8_lossy(data));
}
