//! # Debug and internal files that answer
//!
//! **What.** Routes and files that belong to development or operation answer calls from outside: `/.env`, `/.git/`,
//! heap dumps, actuators, profilers, `phpinfo`, database consoles, API documentation.
//!
//! **Why it matters.** They hand out keys, memory and internals, or run code. Scanners ask for each of them all day.
//!
//! **Signals and thresholds.** A path of a closed list, answered with 200 or 206 and content. High for what contains
//! secrets (`.env`, `.git/config`, heap dumps, backups, `/actuator/env`), medium for consoles, profilers and
//! `phpinfo`, low for metrics and documentation; one step lower when every caller had a credential.
//!
//! **False positives.** Single-page applications answer any path with their start page: an HTML answer where none
//! belongs, or one as large (within 1 %) as the start page or as two other routes, is not counted. Health checks are not in the
//! list. Calls between own services are not judged: metrics belong there.
//!
//! **Fix.** Do not deploy them, or bind them to an inner address.
//!
//! **References.** OWASP API8:2023, CWE-489, CWE-538.

use vedette_model::results::{Endpoint, Severity};

use super::ground::{self, Ground, Subject};
use super::{Check, Conclusion, Meta, Needs, Tally, wording};
use crate::quality::facts::Fact;

/// Two sizes within this share of each other are the same page with another time or token in it.
const SAME_SIZE: f64 = 0.01;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "debug-endpoint",
        title: "Debug or internal route answers",
        severity: Severity::Medium,
        owasp: &["API8:2023"],
        cwe: &["CWE-489", "CWE-538"],
        compliance: &["PCI DSS 4.0.1 6.5.6", "PCI DSS 4.0.1 2.2.4", "ASVS 5.0.0 13.4.2", "ASVS 5.0.0 13.4.5"],
        compliance_by_data: false,
        facts: &[&[Fact::Status]],
        fix: "Remove it from what is deployed, or bind it to an inner address behind authentication. If it held \
              secrets, replace them.",
    },
    needs: Needs::NOTHING,
    observe: None,
    endpoint: Some(endpoint),
    service: None,
};

/// How a path is recognized.
enum Pattern {
    /// The whole path, or its end after a slash.
    Ends(&'static str),
    /// A segment or run of segments anywhere.
    Holds(&'static str),
    /// The last segment ends in this.
    Extension(&'static str),
}

/// What a route gives away.
struct Route {
    pattern: Pattern,
    severity: Severity,
    /// It is an HTML page by nature.
    page: bool,
    what: &'static str,
}

const fn file(pattern: Pattern, what: &'static str) -> Route {
    Route { pattern, severity: Severity::High, page: false, what }
}

const fn tool(pattern: Pattern, page: bool, what: &'static str) -> Route {
    Route { pattern, severity: Severity::Medium, page, what }
}

const fn view(pattern: Pattern, page: bool, what: &'static str) -> Route {
    Route { pattern, severity: Severity::Low, page, what }
}

const ROUTES: [Route; 38] = [
    file(Pattern::Ends("/.env"), "a file of environment variables"),
    file(Pattern::Ends("/.env.local"), "a file of environment variables"),
    file(Pattern::Ends("/.env.production"), "a file of environment variables"),
    file(Pattern::Holds("/.git/"), "the source repository"),
    file(Pattern::Holds("/.svn/"), "the source repository"),
    file(Pattern::Holds("/.aws/"), "cloud credentials"),
    file(Pattern::Holds("/.ssh/"), "SSH keys"),
    file(Pattern::Ends("/.htpasswd"), "password hashes"),
    file(Pattern::Ends("/.npmrc"), "registry credentials"),
    file(Pattern::Ends("/.docker/config.json"), "registry credentials"),
    file(Pattern::Ends("/wp-config.php.bak"), "database credentials"),
    file(Pattern::Ends("/actuator/heapdump"), "a dump of the memory"),
    file(Pattern::Ends("/heapdump"), "a dump of the memory"),
    file(Pattern::Ends("/actuator/env"), "the environment of the process"),
    file(Pattern::Ends("/actuator/configprops"), "the configuration of the process"),
    file(Pattern::Extension(".sql"), "a database dump"),
    file(Pattern::Extension(".sql.gz"), "a database dump"),
    file(Pattern::Extension(".bak"), "a backup file"),
    tool(Pattern::Holds("/actuator/"), false, "an actuator of the process"),
    tool(Pattern::Holds("/debug/pprof"), true, "a profiler"),
    tool(Pattern::Ends("/debug/vars"), false, "variables of the process"),
    tool(Pattern::Ends("/phpinfo.php"), true, "the configuration of PHP"),
    tool(Pattern::Ends("/phpinfo"), true, "the configuration of PHP"),
    tool(Pattern::Ends("/server-status"), true, "the status page of the web server"),
    tool(Pattern::Holds("/h2-console"), true, "a database console"),
    tool(Pattern::Holds("/phpmyadmin"), true, "a database console"),
    tool(Pattern::Ends("/adminer.php"), true, "a database console"),
    tool(Pattern::Holds("/_profiler"), true, "a profiler"),
    tool(Pattern::Holds("/__debug__"), true, "a debug toolbar"),
    tool(Pattern::Ends("/jolokia"), false, "a management console"),
    view(Pattern::Ends("/metrics"), false, "metrics of the process"),
    view(Pattern::Holds("/swagger-ui"), true, "the API documentation"),
    view(Pattern::Ends("/swagger.json"), false, "the API specification"),
    view(Pattern::Ends("/openapi.json"), false, "the API specification"),
    view(Pattern::Ends("/v2/api-docs"), false, "the API specification"),
    view(Pattern::Ends("/v3/api-docs"), false, "the API specification"),
    view(Pattern::Ends("/graphiql"), true, "a GraphQL console"),
    view(Pattern::Ends("/playground"), true, "a GraphQL console"),
];

/// Actuators that are made to be asked by load balancers.
const HARMLESS: [&str; 4] =
    ["/actuator/health", "/actuator/info", "/actuator/health/liveness", "/actuator/health/readiness"];

fn endpoint(subject: &Subject<'_>, _: &Tally) -> Option<Conclusion> {
    let endpoint = subject.endpoint;
    let answered: u64 = ["200", "206"].iter().filter_map(|status| endpoint.statuses.get(*status)).sum();
    if answered == 0 || endpoint.method != "GET" || !subject.ground.inbound() || !subject.public() {
        return None;
    }
    let route = route(&endpoint.template)?;
    if is_catch_all(route, endpoint, subject.ground) {
        return None;
    }
    let closed = !endpoint.authentication.is_empty()
        && endpoint.authentication.iter().all(|scheme| !matches!(scheme.as_str(), "none" | "unknown"));
    let severity = match (route.severity, closed) {
        (severity, false) => severity,
        (Severity::High, true) => Severity::Medium,
        (Severity::Medium, true) => Severity::Low,
        (_, true) => return None,
    };
    let size = endpoint.response_bytes.map_or(String::new(), |bytes| format!(" with {:.0} bytes", bytes.p50));
    // Without a media type it is not known what came back.
    let certain = if endpoint.response_content_types.is_empty() { 0.6 } else { 0.9 };
    Some(Conclusion {
        severity: Some(severity),
        confidence: certain,
        explanation: format!(
            "{} for {} {} answered{size}: it is {}{}.",
            wording::count(answered, "call"),
            endpoint.template,
            wording::was(answered),
            route.what,
            if closed { ", for callers with a credential" } else { "" },
        ),
        occurrences: answered,
        ..Conclusion::default()
    })
}

fn route(template: &str) -> Option<&'static Route> {
    let path = template.to_ascii_lowercase();
    let path = path.trim_end_matches('/');
    if HARMLESS.iter().any(|harmless| path.ends_with(harmless)) {
        return None;
    }
    ROUTES.iter().find(|route| match route.pattern {
        Pattern::Ends(end) => path.ends_with(end),
        Pattern::Holds(part) => path.contains(part),
        Pattern::Extension(end) => path.ends_with(end) && !path.ends_with('}'),
    })
}

/// The start page of an application that answers every path.
fn is_catch_all(route: &Route, endpoint: &Endpoint, ground: &Ground<'_>) -> bool {
    let html = endpoint.response_content_types.iter().any(|kind| kind.contains("html"));
    if html && !route.page {
        return true;
    }
    let Some(size) = endpoint.response_bytes.map(|bytes| bytes.p50) else { return false };
    if size < 1.0 {
        return true;
    }
    let mut alike = 0;
    for other in ground.endpoints.iter().filter(|other| other.id != endpoint.id && ground::successes(other) > 0) {
        let same = other.response_bytes.is_some_and(|bytes| (bytes.p50 - size).abs() <= SAME_SIZE * size);
        if same && other.template == "/" {
            return true;
        }
        // Pages of an application, and what scanners find "there" too.
        alike += usize::from(same && other.method == "GET" && (html || !other.is_api()));
    }
    alike >= 2
}
