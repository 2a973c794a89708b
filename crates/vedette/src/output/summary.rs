//! The terminal summary: what you expose, the five worst things, who abuses it, what flows, what to do next. It fits a
//! screen of 80 columns and 24 rows, so nothing of it scrolls away.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;

use vedette_model::Severity;
use vedette_model::results::{Capture, Endpoint, Results};

use self::abuse::abuse;
use super::page::{Page, Style, number, plural};

mod abuse;
#[cfg(test)]
pub(crate) mod tests;

/// Rows of the screen.
const HEIGHT: usize = 24;

/// Findings shown, and how many at the least where the sources need more room.
const WORST_MAX: usize = 5;
const WORST_MIN: usize = 2;

/// Lines about sources that leave room for all of these.
const HEAD_LINES_MAX: usize = 4;

/// Services shown by name; one fewer where the sources need more room.
const SERVICES_MAX: usize = 2;

/// Lines that a problem may take.
const PROBLEM_LINES_MAX: usize = 2;

/// Score below which a source is poor: a combined log that names no user has 59.
const POOR_BELOW: u8 = 70;

/// Lines of a heading: a blank one and the words.
const HEADING_LINES: usize = 2;

/// Steps to take that are shown, and the lines that one may take.
const STEPS_MAX: usize = 2;
const STEP_LINES_MAX: usize = 2;

/// Writes the summary. `width` is in columns; `report` is what to open for the rest, when a report was written.
pub(crate) fn summary(
    results: &Results,
    report: Option<&Path>,
    out: &mut dyn Write,
    width: usize,
    color: bool,
) -> io::Result<()> {
    let mut page = Page::new(width, color);
    read(&mut page, results);
    problems(&mut page, results);
    poor(&mut page, results);
    let more = page.height().saturating_sub(HEAD_LINES_MAX);
    // Without traffic there is nothing to say but why; the error that follows says what to do.
    if results.stats.exchanges > 0 {
        expose(&mut page, results, SERVICES_MAX - usize::from(more > 0));
        flows(&mut page, results);
        let room = (WORST_MAX + 1).saturating_sub(more.max(1)).max(WORST_MIN);
        if results.incidents.is_empty() {
            worst(&mut page, results, room);
            next(&mut page, results, STEPS_MAX);
        } else {
            // Two headings, one step to take and the report; the rest is shared, and abuse comes before weaknesses.
            let taken = page.height() + 2 * HEADING_LINES + HEADING_LINES + STEP_LINES_MAX + 1;
            let free = HEIGHT.saturating_sub(taken);
            let incidents =
                abuse::rows(results).min(free.saturating_sub(results.findings.len().clamp(1, WORST_MIN))).max(1);
            worst(&mut page, results, free.saturating_sub(incidents).clamp(1, room));
            abuse(&mut page, results, incidents);
            next(&mut page, results, 1);
        }
    }
    if let Some(report) = report {
        page.line(&[("Report  ", Style::Bold), (&report.display().to_string(), Style::Plain)]);
    }
    out.write_all(page.text().as_bytes())
}

/// What was read, in which format and why.
fn read(page: &mut Page, results: &Results) {
    let stats = &results.stats;
    let mut facts = vec![plural(stats.exchanges, "exchange")];
    if let (Some(first), Some(last)) = (stats.first_seen, stats.last_seen) {
        let day = |at: vedette_model::Timestamp| at.to_string().get(..16).unwrap_or_default().replace('T', " ");
        facts.push(format!("{} to {} UTC", day(first), day(last)));
    }
    if let Some(secs) = stats.elapsed_secs {
        facts.push(format!("{secs:.1} s"));
    }
    let partial = if results.partial { "interrupted, so far " } else { "" };
    page.line(&[("Read    ", Style::Bold), (partial, Style::Warning), (&facts.join(" · "), Style::Plain)]);
    let Some(source) = results.sources.first() else { return };
    let mut text = format!("{}: {}", source.name, source.format);
    if !source.format_reason.is_empty() {
        text = format!("{text} ({})", source.format_reason);
    }
    if results.sources.len() > 1 {
        text = format!("{} sources, the first {text}", number(results.sources.len() as u64));
    }
    page.line(&[("From    ", Style::Bold), (&text, Style::Plain)]);
    packets(page, results);
    if let Some(ownership) = &results.ownership {
        let all = ownership.owned + ownership.unowned;
        let text = format!("known for {} of {}", number(ownership.owned), plural(all, "endpoint"));
        let left = ownership.remarks.len() as u64;
        let more = if left > 0 { format!(" · {} in the report", plural(left, "remark")) } else { String::new() };
        page.line(&[("Owners  ", Style::Bold), (&text, Style::Plain), (&more, Style::Dim)]);
    }
}

/// What packet captures held: connections by what they carried, and what stayed closed or got lost.
fn packets(page: &mut Page, results: &Results) {
    let captures: Vec<&Capture> = results.sources.iter().filter_map(|source| source.capture.as_ref()).collect();
    if captures.is_empty() {
        return;
    }
    let sum = |of: fn(&Capture) -> u64| captures.iter().map(|capture| of(capture)).sum::<u64>();
    let mut carried: BTreeMap<&str, u64> = BTreeMap::new();
    for (kind, count) in captures.iter().flat_map(|capture| &capture.connections) {
        *carried.entry(kind).or_default() += count;
    }
    let mut facts = vec![plural(sum(|c| c.packets), "packet")];
    facts.extend(carried.iter().map(|(kind, count)| format!("{} {kind}", number(*count))));
    let (opened, closed, lost) = (sum(|c| c.tls.opened), sum(|c| c.tls.closed), sum(|c| c.loss.lost_bytes));
    let more = [(opened, "tls opened"), (closed, "tls closed"), (lost, "bytes lost")];
    facts.extend(more.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{} {what}", number(*count))));
    page.list("Capture ", facts.into_iter());
}

/// What could not be read comes before everything else: all numbers below stand on what could.
fn problems(page: &mut Page, results: &Results) {
    let troubled: Vec<_> =
        results.sources.iter().filter(|source| source.unreadable > 0 || !source.problems.is_empty()).collect();
    let Some(source) = troubled.first() else { return };
    let mut text = source.name.clone();
    if troubled.len() > 1 {
        text = format!("{text} and {}", plural(troubled.len() as u64 - 1, "other source"));
    }
    let unreadable: u64 = troubled.iter().map(|source| source.unreadable).sum();
    if unreadable > 0 {
        let records = troubled.iter().map(|source| source.records).sum();
        text = format!("{text}: {} of {} could not be read", number(unreadable), plural(records, "record"));
    }
    if let Some(problem) = source.problems.first() {
        text = format!("{text}: {problem}");
    }
    page.paragraph(("Problem ", Style::Warning), &text, PROBLEM_LINES_MAX);
    if let Some(sample) = source.unreadable_samples.first() {
        let text = format!("record {}: {}: {}", number(sample.record), sample.reason, sample.excerpt);
        page.line(&[("        ", Style::Plain), (&text, Style::Dim)]);
    }
}

/// Sources that tell too little: the poorest one, and what to do. The report says what it lacks.
fn poor(page: &mut Page, results: &Results) {
    let judged = results.sources.iter().filter_map(|source| Some((source, source.quality.as_ref()?)));
    let poor: Vec<_> = judged.filter(|(_, quality)| quality.score < POOR_BELOW).collect();
    let Some((source, quality)) = poor.iter().min_by_key(|(_, quality)| quality.score) else { return };
    let others = match poor.len() - 1 {
        0 => String::new(),
        n => format!(" (and {} more)", number(n as u64)),
    };
    let hint = match quality.snippets.as_slice() {
        [] => String::new(),
        few @ ([_] | [_, _]) => format!("; try: vedette logs snippet {}", few.join("|")),
        _ => "; try: vedette logs snippet GATEWAY".to_owned(),
    };
    let name = source.name.rsplit('/').next().unwrap_or(&source.name);
    let text = format!("{name} tells {} of 100{others}{hint}", quality.score);
    page.line(&[("Log     ", Style::Warning), (&text, Style::Plain)]);
}

fn expose(page: &mut Page, results: &Results, services_max: usize) {
    page.title("What you expose");
    let apis: Vec<&Endpoint> = results.endpoints.iter().filter(|endpoint| endpoint.is_api()).collect();
    let count = |is: &dyn Fn(&Endpoint) -> bool| apis.iter().filter(|endpoint| is(endpoint)).count() as u64;
    let level = levels(results);
    let holds = |class: &String| level.get(class.as_str()).is_some_and(|level| is_sensitive(level));
    let public = count(&|endpoint| endpoint.exposure == "public");
    let open = count(&|endpoint| endpoint.authentication.iter().any(|scheme| scheme == "none"));
    let unknown = count(&|endpoint| endpoint.authentication.iter().any(|scheme| scheme == "unknown"));
    let sensitive = count(&|endpoint| {
        let classes = &endpoint.data_classes;
        classes.request.iter().chain(&classes.response).any(holds)
    });
    let open = if open == 0 && unknown > 0 {
        "authentication not in the source".to_owned()
    } else {
        format!("{} unauthenticated", number(open))
    };
    let total =
        format!("{}, {}", plural(results.services.len() as u64, "service"), plural(apis.len() as u64, "API endpoint"));
    let facts = format!("  {total}: {} public, {open}, {} sensitive", number(public), number(sensitive));
    page.line(&[(&facts, Style::Plain)]);
    for service in results.services.iter().take(services_max) {
        let size = format!("{}, {}", plural(service.endpoints, "endpoint"), plural(service.exchanges, "exchange"));
        page.columns(&[(&service.name, Style::Plain), (&service.exposure, Style::Dim), (&size, Style::Dim)]);
    }
}

fn worst(page: &mut Page, results: &Results, findings_max: usize) {
    let baseline = results.baseline.as_ref();
    if results.findings.is_empty() {
        page.title("What is wrong");
        let known = baseline.map(|b| format!("  nothing new since {}: {}", b.name, plural(b.known, "known finding")));
        let text = known.unwrap_or_else(|| "  no findings in what this traffic shows".to_owned());
        page.line(&[(&text, Style::Plain)]);
        return;
    }
    let counts = counts(&results.findings.iter().map(|finding| finding.severity));
    let shown = results.findings.len().min(findings_max);
    let title = match (results.findings.len() > shown, baseline.is_some()) {
        (true, false) => format!("The {shown} worst things"),
        (true, true) => format!("The {shown} worst new things"),
        (false, false) => "What is wrong".to_owned(),
        (false, true) => "What is new".to_owned(),
    };
    page.title(&format!("{title} (findings: {counts})"));
    for finding in results.findings.iter().take(shown) {
        let place = if finding.place.is_empty() { &finding.service } else { &finding.place };
        let severity = finding.severity.id().to_uppercase();
        page.columns(&[
            (&severity, Style::Severity(finding.severity)),
            (&finding.title, Style::Plain),
            (place, Style::Dim),
        ]);
    }
}

/// `1 critical, 12 high`.
fn counts(severities: &(impl Iterator<Item = Severity> + Clone)) -> String {
    let all = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];
    let counts = all.iter().filter_map(|severity| {
        let count = severities.clone().filter(|one| one == severity).count();
        (count > 0).then(|| format!("{} {}", number(count as u64), severity.id()))
    });
    counts.collect::<Vec<_>>().join(", ")
}

/// What the fields hold, in one line: classes by the number of their fields, the most sensitive level first.
fn flows(page: &mut Page, results: &Results) {
    let level = levels(results);
    let mut classes: Vec<(usize, u64, &str)> = results
        .stats
        .data_classes
        .iter()
        .map(|(class, fields)| (rank(level.get(class.as_str()).copied().unwrap_or("other")), *fields, class.as_str()))
        .collect();
    if classes.is_empty() {
        return;
    }
    classes.sort_by_key(|(rank, fields, class)| (*rank, std::cmp::Reverse(*fields), *class));
    let listed = classes.iter().map(|(_, fields, class)| format!("{class} {}", number(*fields)));
    page.list("  data classes (fields): ", listed);
}

fn next(page: &mut Page, results: &Results, most: usize) {
    let mut seen = BTreeSet::new();
    let fixes = results.findings.iter().filter(|finding| seen.insert(finding.kind.as_str()) && !finding.fix.is_empty());
    let mut steps: Vec<&str> = fixes.map(|finding| finding.fix.as_str()).take(most).collect();
    if steps.len() < most {
        steps.extend(results.stats.blind_spots.first().map(String::as_str));
    }
    if steps.is_empty() {
        return;
    }
    page.title("What to do next");
    for (number, step) in steps.iter().enumerate() {
        let step = step.split_once(". ").map_or(*step, |(first, _)| first).trim_end_matches('.');
        page.paragraph((&format!("  {}. ", number + 1), Style::Bold), step, STEP_LINES_MAX);
    }
}

/// Level of each class that a field was found to hold.
fn levels(results: &Results) -> BTreeMap<&str, &str> {
    let fields = results.endpoints.iter().flat_map(|endpoint| &endpoint.fields);
    fields.flat_map(|field| &field.classes).map(|class| (class.class.as_str(), class.level.as_str())).collect()
}

/// Customers may name levels of their own; only the two harmless built-in ones are known not to matter.
fn is_sensitive(level: &str) -> bool {
    !matches!(level, "public" | "internal")
}

fn rank(level: &str) -> usize {
    let order = ["secret", "health", "financial", "sensitive-personal", "personal"];
    let harmless = ["internal", "public", "other"];
    let own = order.len();
    let last = harmless.iter().position(|name| *name == level).map(|at| own + 1 + at);
    order.iter().position(|name| *name == level).or(last).unwrap_or(own)
}
