//! Chooses the format of a log from its first lines.

use std::sync::LazyLock;

use memchr::memmem;
use vedette_model::limits::LOG_DETECTION_LINES_MAX;
use vedette_model::{Anomaly, Exchange};

use super::builtin::{BUILTINS, Builtin};
use super::draft::Draft;
use super::envelope;
use super::format::LogFormat;
use super::infer;
use super::json::{JsonLog, PROFILES, object_in, records};
use super::w3c;
use crate::decode::Decoder;

/// A format that was recognized.
#[derive(Clone, Debug)]
pub struct Detected {
    /// How to read it.
    pub decoder: Decoder,
    /// Why it was chosen, in a sentence (`"12 of 12 lines fit Apache combined"`).
    pub reason: String,
}

/// Recognizes the log format of some lines from the start of a source (never a HAR entry). A quarter of the lines must
/// fit, as servers mix in other messages; half of them where the format is a guess (columns without a directive, an
/// inferred layout).
pub fn detect(lines: &[&str]) -> Option<Detected> {
    let lines: Vec<&str> = lines
        .iter()
        .map(|line| line.trim_ascii())
        .filter(|line| !line.is_empty())
        .take(LOG_DETECTION_LINES_MAX)
        .collect();
    // HAR entries look like many a JSON log; they have a reader of their own.
    let entries = lines.iter().filter(|line| memmem::find(line.as_bytes(), b"\"startedDateTime\"").is_some()).count();
    if entries * 2 > lines.len() {
        return None;
    }
    let objects = lines.iter().filter(|line| object_in(line).is_some()).count();
    if objects * 2 >= lines.len().max(1)
        && let Some(detected) = detect_json(&lines)
    {
        return Some(detected);
    }
    if let Some((detected, _)) = detect_w3c(&lines) {
        return Some(detected);
    }
    let layout = detect_layout(&lines);
    if let Some((detected, fit)) = &layout
        && fit * 10 >= lines.len() * 9
    {
        return Some(detected.clone());
    }
    // A layout that a few lines fit by chance loses against one that most fit.
    let known = layout.as_ref().map_or(0, |(_, fit)| *fit);
    let inferred = detect_inferred(&lines).filter(|(_, fit)| *fit * 2 > known * 3);
    inferred.or(layout).map(|(detected, _)| detected)
}

/// A format and how many lines fit it.
type Candidate = (Detected, usize);

/// The JSON log whose marks are in most of the lines that carry a request.
fn detect_json(lines: &[&str]) -> Option<Detected> {
    let inner: Vec<String> = lines.iter().map(|line| envelope::docker(line).unwrap_or_default()).collect();
    let marked = |marks: &[&[&str]]| {
        let has = |line: &str, mark: &str| memmem::find(line.as_bytes(), mark.as_bytes()).is_some();
        let fits = |line: &str| marks.iter().any(|group| group.iter().all(|mark| has(line, mark)));
        lines.iter().zip(&inner).filter(|(line, inner)| fits(line) || fits(inner)).count()
    };
    let generic = PROFILES.last()?;
    let mut best = (0, generic);
    for profile in PROFILES {
        let count = marked(profile.marks);
        if count > best.0 {
            best = (count, profile);
        }
    }
    let (_, profile) = best;
    let log = JsonLog::of(profile);
    // Messages about a request name its path and method too; only a log of requests says how each was answered.
    let counts = |exchange: &Exchange<'_>| is_sound(exchange) && (exchange.status != 0 || profile.without_status);
    let records: Vec<&str> = lines.iter().flat_map(|line| records(line)).collect();
    let read = records.iter().filter(|record| log.parse(record).is_ok_and(|e| e.as_ref().is_some_and(counts))).count();
    if read == 0 || read * 4 < records.len() {
        return None;
    }
    let reason = format!("{read} of {} records are requests in {}", records.len(), profile.title);
    Some(Detected { decoder: Decoder::Json(log), reason })
}

/// A W3C log by its `#Fields:` directives, or by the columns that IIS and CloudFront write when a file begins without.
fn detect_w3c(lines: &[&str]) -> Option<Candidate> {
    let mut directives: Vec<&str> = lines.iter().filter_map(|line| w3c::columns(line)).collect();
    directives.dedup();
    directives.reverse();
    let rows = lines.iter().filter(|line| !line.starts_with('#')).count();
    if let Some(last) = directives.first()
        && let Some(log) = LogFormat::from_directives(w3c::id(last), &directives)
    {
        let fit = tally(&log, lines, usize::MAX, is_sound).fit;
        if fit * 2 >= rows {
            let columns = last.split_ascii_whitespace().count();
            let reason = format!("{fit} of {rows} lines fit the {columns} columns of the #Fields directive");
            return Some((Detected { decoder: Decoder::Log(log), reason }, fit));
        }
    }
    for (log, title) in [(cloudfront(), "CloudFront"), (iis(), "IIS")] {
        let fit = tally(&log, lines, usize::MAX, is_sound_row).fit;
        if fit > 0 && fit * 2 >= rows {
            let reason = format!("{fit} of {rows} lines fit the columns that {title} writes unless told otherwise");
            return Some((Detected { decoder: Decoder::Log(log), reason }, fit));
        }
    }
    None
}

/// The built-in layout that fits most lines. A layout also fits the lines of one with more fields after it, so that
/// the one with the most fields is taken among those that fit about as many, if it is not for its fallbacks alone.
fn detect_layout(lines: &[&str]) -> Option<Candidate> {
    static COMPILED: LazyLock<Vec<(&Builtin, LogFormat)>> =
        LazyLock::new(|| BUILTINS.iter().filter_map(|builtin| Some((builtin, builtin.compile()?))).collect());
    let fits: Vec<_> = COMPILED
        .iter()
        .filter_map(|(builtin, log)| {
            let tally = tally(log, lines, builtin.own_layouts(), is_sound);
            (tally.own * 4 >= tally.fit).then_some((tally, builtin.title, log))
        })
        .collect();
    let most = fits.iter().map(|(tally, ..)| tally.fit).max()?;
    if most == 0 || most * 4 < lines.len() {
        return None;
    }
    let (tally, title, log) = fits.into_iter().find(|(tally, ..)| tally.fit * 10 >= most * 9)?;
    let mut reason = format!("{} of {} lines fit {title}", tally.fit, lines.len());
    if tally.exact < tally.fit {
        reason.push_str(", with values after it");
    }
    Some((Detected { decoder: Decoder::Log(log.clone()), reason }, tally.fit))
}

/// A layout read from the lines themselves.
fn detect_inferred(lines: &[&str]) -> Option<Candidate> {
    let inner: Vec<&str> = lines.iter().map(|line| envelope::strip(line).unwrap_or(line)).collect();
    let (format, log) = infer::infer(&inner)?;
    let tally = tally(&log, lines, 1, is_sound);
    if tally.fit * 2 < lines.len() {
        return None;
    }
    let reason = format!("{} of {} lines fit the layout inferred from them: {format}", tally.fit, lines.len());
    Some((Detected { decoder: Decoder::Log(log), reason }, tally.fit))
}

/// Lines that a format fits.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    fit: usize,
    /// By one of the format's own layouts.
    own: usize,
    /// To their end.
    exact: usize,
}

fn tally(log: &LogFormat, lines: &[&str], own_layouts: usize, is_sound: fn(&Exchange<'_>) -> bool) -> Tally {
    let mut tally = Tally::default();
    for line in lines {
        let inner = envelope::strip(line);
        let docker = if line.starts_with('{') { envelope::docker(line) } else { None };
        let candidates = [Some(*line), inner, docker.as_deref().map(str::trim_ascii)];
        for candidate in candidates.into_iter().flatten() {
            let mut draft = Draft::default();
            let Ok(fit) = log.read(candidate, &mut draft) else { continue };
            draft.finish();
            if is_sound(&draft.exchange) {
                tally.fit += 1;
                tally.own += usize::from(fit.layout < own_layouts);
                tally.exact += usize::from(fit.exact);
                break;
            }
        }
    }
    tally
}

/// An exchange whose parts were what they should be; a strange request is evidence, a strange time another format.
fn is_sound(exchange: &Exchange<'_>) -> bool {
    !exchange.anomalies.iter().any(|anomaly| matches!(anomaly, Anomaly::BadTimestamp | Anomaly::BadMethod))
}

/// As [`is_sound`], where nothing in the layout (quotes, brackets) tells columns of words from prose.
fn is_sound_row(exchange: &Exchange<'_>) -> bool {
    let answered = exchange.status != 0 && exchange.client_ip.is_some();
    is_sound(exchange) && answered && exchange.path.starts_with('/') && !exchange.method.is_empty()
}

fn iis() -> LogFormat {
    LogFormat::from_usual_columns("iis", w3c::IIS_COLUMNS)
}

fn cloudfront() -> LogFormat {
    LogFormat::from_usual_columns("cloudfront", w3c::CLOUDFRONT_COLUMNS)
}

/// A format by its id (`--format combined`), or `None`; [`format_ids`] lists them.
pub fn by_id(id: &str) -> Option<Decoder> {
    match id {
        "iis" => Some(Decoder::Log(iis())),
        "cloudfront" => Some(Decoder::Log(cloudfront())),
        _ => match BUILTINS.iter().find(|builtin| builtin.id == id) {
            Some(builtin) => builtin.compile().map(Decoder::Log),
            None => PROFILES.iter().find(|p| p.id == id).map(|profile| Decoder::Json(JsonLog::of(profile))),
        },
    }
}

/// Ids of all built-in log formats.
pub fn format_ids() -> Vec<&'static str> {
    let layouts = BUILTINS.iter().map(|builtin| builtin.id);
    layouts.chain(["iis", "cloudfront"]).chain(PROFILES.iter().map(|profile| profile.id)).collect()
}
