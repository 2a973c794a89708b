//! Scores as tables: overall, by kind, by scenario, against the baselines, and what was missed.

use vedette_engine::evaluate::{FalseAlarm, Missed, Report, ScenarioReport, Score};
use vedette_model::results::Identifier;

use super::page::{Page, Style, number, plural};

/// Heads of the columns of every table of scores, after the name.
const HEADS: [&str; 6] = ["recall", "precision", "found", "false", "calls", "after"];

/// Lines that one missed attack or false alarm may take.
const LISTED_LINES_MAX: usize = 4;

/// The tables as text; `width` is in columns.
pub(crate) fn tables(report: &Report, misses: bool, width: usize, color: bool) -> String {
    let mut page = Page::new(width, color);
    overall(report, &mut page);
    if !report.scores.kinds.is_empty() {
        page.title("By kind");
        head("kind", &mut page);
        for (kind, score) in &report.scores.kinds {
            row(kind, score, &mut page);
        }
    }
    if report.scenarios.len() > 1 {
        page.title("By scenario");
        head("scenario", &mut page);
        for scenario in &report.scenarios {
            row(&scenario.name, &scenario.scores.overall, &mut page);
        }
    }
    if let Some(baselines) = &report.baselines {
        page.title("Against what everybody builds first, on the same traffic");
        head("detection", &mut page);
        row("vedette", &report.scores.overall, &mut page);
        for (name, scores) in baselines {
            row(name, &scores.overall, &mut page);
        }
    }
    if misses {
        for scenario in &report.scenarios {
            listed(scenario, &mut page);
        }
    }
    page.text()
}

fn overall(report: &Report, page: &mut Page) {
    let exchanges = report.scenarios.iter().map(|scenario| scenario.exchanges).sum();
    let days: f64 = report.scenarios.iter().map(|scenario| scenario.days).sum();
    let read = format!(
        "{}, {}, {days:.1} days",
        plural(report.scenarios.len() as u64, "scenario"),
        plural(exchanges, "exchange")
    );
    page.line(&[("Evaluated  ", Style::Bold), (&read, Style::Plain)]);
    let all = &report.scores.overall;
    let found = format!(
        "{}: {} of {} found, {} of them by their kind",
        percent(all.recall),
        number(all.found),
        plural(all.attacks, "attack"),
        number(all.kind_right)
    );
    page.line(&[("Recall     ", Style::Bold), (&found, Style::Plain)]);
    let precise = format!(
        "{}: {} of {} nowhere",
        percent(all.precision),
        number(all.false_actors),
        if all.alarmed_actors == 1 { "1 alarmed actor attacks".to_owned() } else { alarmed(all.alarmed_actors) }
    );
    page.line(&[("Precision  ", Style::Bold), (&precise, Style::Plain)]);
    let wrong = format!("{:.2} actors per 100,000 exchanges, {:.2} a day", all.false_per_100k, all.false_per_day);
    page.line(&[("False      ", Style::Bold), (&wrong, Style::Plain)]);
    let delay = match (all.median_exchanges_to_detect, all.median_secs_to_detect) {
        (Some(calls), Some(secs)) => format!("after {calls} exchanges of the attack and {} (medians)", duration(secs)),
        (Some(calls), None) => format!("after {calls} exchanges of the attack (median)"),
        (None, _) => "nothing to detect, or nothing detected".to_owned(),
    };
    page.line(&[("Detected   ", Style::Bold), (&delay, Style::Plain)]);
}

fn alarmed(count: u64) -> String {
    format!("{} alarmed actors attack", number(count))
}

fn head(name: &str, page: &mut Page) {
    let cells: Vec<_> = std::iter::once(name).chain(HEADS).map(|text| (text, Style::Dim)).collect();
    page.columns(&cells);
}

fn row(name: &str, score: &Score, page: &mut Page) {
    let calls = score.median_exchanges_to_detect.map_or("-".to_owned(), |calls| calls.to_string());
    let cells = [
        name.to_owned(),
        percent(score.recall),
        percent(score.precision),
        format!("{} of {}", number(score.found), number(score.attacks)),
        number(score.false_actors),
        calls,
        score.median_secs_to_detect.map_or("-".to_owned(), duration),
    ];
    let cells: Vec<_> = cells.iter().map(|cell| (cell.as_str(), Style::Plain)).collect();
    page.columns(&cells);
}

/// What one scenario's detections missed and made up.
fn listed(scenario: &ScenarioReport, page: &mut Page) {
    if !scenario.missed.is_empty() {
        page.title(&format!("{}: missed ({})", scenario.name, scenario.missed.len()));
    }
    for Missed { kind, variant, actor, endpoint, exchanges, first } in &scenario.missed {
        let kind = variant.as_ref().map_or(kind.clone(), |variant| format!("{kind} ({variant})"));
        let size = plural(*exchanges, "exchange");
        let text = format!("{} at {endpoint}, {size} from number {}", names(actor), numbers(first));
        page.paragraph((&format!("  {kind}  "), Style::Bold), &text, LISTED_LINES_MAX);
    }
    if !scenario.false_alarms.is_empty() {
        page.title(&format!("{}: false alarms ({})", scenario.name, scenario.false_alarms.len()));
    }
    for FalseAlarm { kind, actor, title, first, .. } in &scenario.false_alarms {
        let text = format!("{}: {title} (exchange {})", names(actor), numbers(first));
        page.paragraph((&format!("  {kind}  "), Style::Bold), &text, LISTED_LINES_MAX);
    }
}

fn names(identifiers: &[Identifier]) -> String {
    identifiers.iter().map(|one| format!("{} {}", one.kind, one.value)).collect::<Vec<_>>().join(", ")
}

/// The first of some record numbers.
fn numbers(first: &[u64]) -> String {
    first.first().map_or("-".to_owned(), ToString::to_string)
}

/// `93.3 %`, or a dash where there is nothing to have a share of.
pub(crate) fn percent(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

/// `32 s`, `5 min`, `3.2 h`, `1.5 d`.
pub(crate) fn duration(secs: f64) -> String {
    match secs {
        secs if secs < 120.0 => format!("{secs:.0} s"),
        secs if secs < 7_200.0 => format!("{:.0} min", secs / 60.0),
        secs if secs < 172_800.0 => format!("{:.1} h", secs / 3_600.0),
        secs => format!("{:.1} d", secs / 86_400.0),
    }
}

#[cfg(test)]
pub(crate) mod tests;
