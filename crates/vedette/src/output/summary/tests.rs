use vedette_model::Timestamp;
use vedette_model::results::{
    ActorRef, DataClasses, Detection, Field, FieldClass, Finding, Identifier, Incident, Quality, QualityPart, Service,
    Source, Stats, UnreadableSample,
};

use super::*;

/// A small analysis with a bit of everything.
pub(crate) fn sample() -> Results {
    let at = |text| Timestamp::parse_rfc3339(text);
    Results {
        sources: vec![Source {
            name: "access.log".into(),
            format: "combined".into(),
            format_reason: "12 of 12 lines fit Apache combined".into(),
            records: 12_361,
            exchanges: 12_345,
            ..Source::default()
        }],
        services: vec![
            service("api.harbor.example", "public", 3, 12_000),
            service("auth.harbor.example", "public", 1, 345),
            service("ledger.internal", "internal", 0, 0),
        ],
        endpoints: vec![
            endpoint("GET", "/v1/boats/{boatId}/owner", "none", "email"),
            endpoint("GET", "/v1/berths", "bearer", ""),
            endpoint("POST", "/login", "none", "credential"),
            Endpoint { kind: "static".into(), ..Endpoint::default() },
        ],
        findings: vec![
            finding(Severity::Critical, "unauthenticated-sensitive", "Personal data without authentication"),
            finding(Severity::High, "credential-in-url", "A credential travels in the URL"),
            finding(Severity::Medium, "no-rate-limit-observed", "No limit on how often it may be called"),
            finding(Severity::Medium, "unbounded-pagination", "A page may have any size"),
            finding(Severity::Low, "security-headers", "Security headers are missing"),
            finding(Severity::Low, "security-headers", "Security headers are missing"),
        ],
        stats: Stats {
            exchanges: 12_345,
            first_seen: at("2026-09-21T14:13:20Z"),
            last_seen: at("2026-09-23T08:00:00Z"),
            elapsed_secs: Some(0.31),
            data_classes: [("email", 4), ("credential", 1), ("phone", 2)].map(|(k, v)| (k.to_owned(), v)).into(),
            blind_spots: vec!["response bodies: data classes in responses were not looked for".into()],
            ..Stats::default()
        },
        ..Results::default()
    }
}

fn service(name: &str, exposure: &str, endpoints: u64, exchanges: u64) -> Service {
    Service { name: name.into(), exposure: exposure.into(), endpoints, exchanges, ..Service::default() }
}

fn endpoint(method: &str, template: &str, authentication: &str, class: &str) -> Endpoint {
    let level = if class == "email" { "personal" } else { "secret" };
    let classes = FieldClass { class: class.into(), level: level.into(), ..FieldClass::default() };
    let classes = if class.is_empty() { Vec::new() } else { vec![classes] };
    Endpoint {
        method: method.into(),
        template: template.into(),
        kind: "api".into(),
        exposure: "public".into(),
        authentication: vec![authentication.into()],
        data_classes: DataClasses {
            request: Vec::new(),
            response: classes.iter().map(|class| class.class.clone()).collect(),
        },
        fields: vec![Field { classes, ..Field::default() }],
        ..Endpoint::default()
    }
}

fn finding(severity: Severity, kind: &str, title: &str) -> Finding {
    Finding {
        kind: kind.into(),
        service: "api.harbor.example".into(),
        place: "GET /v1/boats/{boatId}/owner".into(),
        severity,
        title: title.into(),
        fix: format!("Fix {kind}: ask for a credential before the handler runs, and test that it does."),
        ..Finding::default()
    }
}

fn printed(results: &Results, width: usize, color: bool) -> String {
    let mut out = Vec::new();
    summary(results, Some(Path::new("report/report.html")), &mut out, width, color).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_summary_reads_like_a_page() {
    insta::assert_snapshot!(printed(&sample(), 80, false), @r##"
    Read    12,345 exchanges · 2026-09-21 14:13 to 2026-09-23 08:00 UTC · 0.3 s
    From    access.log: combined (12 of 12 lines fit Apache combined)

    What you expose
      3 services, 3 API endpoints: 3 public, 2 unauthenticated, 2 sensitive
      api.harbor.example   public  3 endpoints, 12,000 exchanges
      auth.harbor.example  public  1 endpoint, 345 exchanges
      data classes (fields): credential 1, email 4, phone 2

    The 5 worst things (findings: 1 critical, 1 high, 2 medium, 2 low)
      CRITICAL  Personal data without authentication    GET /v1/boats/{boatId}/owner
      HIGH      A credential travels in the URL         GET /v1/boats/{boatId}/owner
      MEDIUM    No limit on how often it may be called  GET /v1/boats/{boatId}/owner
      MEDIUM    A page may have any size                GET /v1/boats/{boatId}/owner
      LOW       Security headers are missing            GET /v1/boats/{boatId}/owner

    What to do next
      1. Fix unauthenticated-sensitive: ask for a credential before the handler
         runs, and test that it does
      2. Fix credential-in-url: ask for a credential before the handler runs, and
         test that it does
    Report  report/report.html
    "##);
}

#[test]
fn unreadable_records_and_interruption_are_said_first() {
    let mut results = sample();
    results.partial = true;
    if let Some(source) = results.sources.first_mut() {
        source.unreadable = 16;
        source.records = 12_361;
        let excerpt = "GET \u{1b}[31m••••".into();
        source.unreadable_samples =
            vec![UnreadableSample { record: 3, reason: "expected a quoted request".into(), excerpt }];
        source.problems = vec!["ends in the middle of a line".into()];
    }
    let text = printed(&results, 100, false);
    insta::assert_snapshot!(text.lines().take(4).collect::<Vec<_>>().join("\n"), @r##"
    Read    interrupted, so far 12,345 exchanges · 2026-09-21 14:13 to 2026-09-23 08:00 UTC · 0.3 s
    From    access.log: combined (12 of 12 lines fit Apache combined)
    Problem access.log: 16 of 12,361 records could not be read: ends in the middle of a line
            record 3: expected a quoted request: GET �[31m••••
    "##);
}

#[test]
fn a_source_that_tells_too_little_is_named_with_what_to_do() {
    let mut results = sample();
    let part = |name: &str, points, of| QualityPart { name: name.into(), points, of, ..QualityPart::default() };
    if let Some(source) = results.sources.first_mut() {
        source.quality = Some(Quality {
            score: 59,
            parts: vec![part("times", 8, 8), part("host names", 0, 8), part("users or credentials", 0, 15)],
            snippets: vec!["nginx".into(), "apache".into()],
            ..Quality::default()
        });
    }
    let text = printed(&results, 80, false);
    let lines: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("Log ")).take(1).collect();
    insta::assert_snapshot!(
        lines.join("\n"),
        @"Log     access.log tells 59 of 100; try: vedette logs snippet nginx|apache"
    );
    if let Some(source) = results.sources.first_mut() {
        source.quality = Some(Quality { score: 90, ..Quality::default() });
    }
    assert!(!printed(&results, 110, false).contains("\nLog "));
}

#[test]
fn an_empty_analysis_says_so() {
    insta::assert_snapshot!(printed(&Results::default(), 80, false), @r##"
    Read    0 exchanges
    Report  report/report.html
    "##);
}

#[test]
fn it_fits_the_screen() {
    let mut results = sample();
    for index in 0..50 {
        let quality = Some(Quality { snippets: vec!["nginx".into()], ..Quality::default() });
        results.sources.push(Source { name: format!("{index}.log"), unreadable: 1, quality, ..Source::default() });
        results.stats.data_classes.insert(format!("class-of-a-long-name-{index}"), index);
        results.findings.push(finding(Severity::Low, &format!("kind-{index}"), &"long title ".repeat(20)));
    }
    let mut abused = results.clone();
    for index in 0..50 {
        let at = "2026-09-22T08:00:00Z";
        add_incident(&mut abused, Severity::High, &"long title ".repeat(20), &format!("user-{index}").repeat(9), at);
    }
    for (results, width) in
        [&results, &abused].into_iter().flat_map(|results| [40, 80, 100].map(|width| (results, width)))
    {
        let text = printed(results, width, false);
        assert!(text.lines().all(|line| line.chars().count() <= width), "{width}:\n{text}");
        assert!(text.lines().count() <= 24, "{text}");
    }
}

#[test]
fn colors_only_when_asked_for_and_never_from_traffic() {
    let mut results = sample();
    if let Some(finding) = results.findings.first_mut() {
        finding.place = "GET /\u{1b}]0;owned\u{7}\u{202e}x".into();
    }
    let plain = printed(&results, 80, false);
    assert!(!plain.contains('\u{1b}') && !plain.contains('\u{202e}'));
    let colored = printed(&results, 80, true);
    assert!(colored.contains("\u{1b}[1;31mCRITICAL\u{1b}[0m") && !colored.contains("\u{1b}]"));
}

/// Adds an incident with one detection.
fn add_incident(results: &mut Results, severity: Severity, title: &str, user: &str, at: &str) {
    let identifier = |kind: &str, value: &str| Identifier { kind: kind.into(), value: value.into() };
    let id = format!("d-{}", results.detections.len());
    results.detections.push(Detection {
        id: id.clone(),
        at: Timestamp::parse_rfc3339(at),
        actor: ActorRef {
            id: "a-1".into(),
            identifiers: vec![identifier("ip", "203.0.113.9"), identifier("user", user)],
        },
        ..Detection::default()
    });
    results.incidents.push(Incident { title: title.into(), severity, detections: vec![id], ..Incident::default() });
}

/// The lines of a section, its heading first.
fn section(text: &str, heading: &str) -> Vec<String> {
    let lines = text.lines().skip_while(|line| !line.starts_with(heading));
    lines.take_while(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn who_abuses_it_is_said_with_actor_and_time() {
    let mut results = sample();
    let title = "Objects of other users were read: user u17";
    add_incident(&mut results, Severity::High, "Many names with one password", "u4", "2026-09-22T08:00:00Z");
    add_incident(&mut results, Severity::Critical, title, "u17", "2026-09-21T20:15:59Z");
    insta::assert_snapshot!(section(&printed(&results, 80, false), "Who abuses it").join("\n"), @r##"
    Who abuses it (incidents: 1 critical, 1 high)
      CRITICAL  2026-09-21 20:15  Objects of other users were read  user u17
      HIGH      2026-09-22 08:00  Many names with one password      user u4
    "##);
    assert!(!printed(&sample(), 80, false).contains("Who abuses it"));
}

#[test]
fn many_incidents_are_counted_and_the_worst_are_shown() {
    let mut results = sample();
    for index in 0..40 {
        let at = format!("2026-09-22T08:{index:02}:00Z");
        add_incident(&mut results, Severity::Medium, &format!("Scraping {index}"), &format!("u{index}"), &at);
    }
    let text = printed(&results, 80, false);
    let lines = section(&text, "Who abuses it");
    assert_eq!(lines[0], "Who abuses it (incidents: 40 medium)");
    assert!(lines[1].contains("08:39  Scraping 39"), "the newest of the worst:\n{text}");
    let shown = lines.len() - 2;
    assert!((2..=5).contains(&shown) && lines[shown + 1] == format!("  and {} more", 40 - shown), "{text}");
    assert!(text.lines().count() <= 24 && text.contains("CRITICAL  Personal data without"), "{text}");
}
