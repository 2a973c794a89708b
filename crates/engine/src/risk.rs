//! Risk of an endpoint: likelihood × impact, 0 to 100, each with its reasons.
//!
//! Likelihood asks how easily somebody can do harm there, impact how much harm it would be. Both are combined from
//! factors as independent causes (`1 − Π(1 − weight)`), so every factor that is added raises the score, none can lower
//! it, and it never leaves its range. The score is their product times 100. The points of a reason are its part of
//! the score: each half is shared out by the factors' logarithms, so the points sum to the score.
//!
//! All weights stand in [`Weights`].

use vedette_model::results::{Endpoint, Finding, Risk, RiskReason, Severity};
use vedette_parse::classes::Classifier;

use crate::checks::class_weight;
use crate::functions;

/// How much each factor adds, 0 (nothing) to 1 (certain).
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Reachable from outside.
    pub public: f64,
    /// Reachable from private networks.
    pub private: f64,
    /// Reachable between own services only, or not known.
    pub internal: f64,
    /// No call carried a credential.
    pub unauthenticated: f64,
    /// Some calls succeeded without the credential that others carried.
    pub mixed: f64,
    /// Basic, Digest, or a key in the URL.
    pub weak: f64,
    /// The source does not say how callers prove who they are.
    pub unknown: f64,
    /// Called without TLS.
    pub cleartext: f64,
    /// A finding, by severity from info to critical.
    pub finding: [f64; 5],
    /// Most that findings of info and low severity add together.
    pub minor_findings_max: f64,
    /// Takes parameters or a body from the caller.
    pub parameters: f64,
    /// Many callers (from [`CALLERS_MANY`]).
    pub callers: f64,
    /// For administration or debugging.
    pub admin_function: f64,
    /// Declared deprecated.
    pub deprecated: f64,
    /// Any endpoint at all.
    pub base_impact: f64,
    /// The heaviest data class of responses, times its own weight (emphasized).
    pub response_data: f64,
    /// The heaviest data class of requests, times its own weight (emphasized).
    pub request_data: f64,
    /// Each further data class, up to [`CLASSES_COUNTED`].
    pub further_class: f64,
    /// Moves money; half of it for reading of it.
    pub money_function: f64,
    /// Hands out what there is only so much of: stock, seats, appointments.
    pub stock_function: f64,
    /// Hands out many records at once.
    pub bulk_function: f64,
    /// Decides who somebody is.
    pub identity_function: f64,
    /// Administers.
    pub admin_impact: f64,
    /// Changes something.
    pub write: f64,
    /// Carries a lot (from [`EXCHANGES_MANY`]) of personal data.
    pub volume: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            public: 0.5,
            private: 0.25,
            internal: 0.15,
            unauthenticated: 0.85,
            mixed: 0.6,
            weak: 0.25,
            unknown: 0.15,
            cleartext: 0.35,
            finding: [0.01, 0.04, 0.15, 0.4, 0.6],
            minor_findings_max: 0.15,
            parameters: 0.05,
            callers: 0.05,
            admin_function: 0.25,
            deprecated: 0.1,
            base_impact: 0.04,
            response_data: 0.99,
            request_data: 0.6,
            further_class: 0.05,
            money_function: 0.5,
            stock_function: 0.2,
            bulk_function: 0.2,
            identity_function: 0.45,
            admin_impact: 0.5,
            write: 0.2,
            volume: 0.1,
        }
    }
}

/// Callers from which an endpoint is used by many.
pub const CALLERS_MANY: u64 = 1_000;

/// Exchanges from which an endpoint carries a lot.
pub const EXCHANGES_MANY: u64 = 10_000;

/// Further data classes that count.
pub const CLASSES_COUNTED: usize = 5;

/// Scores one endpoint from what was learned of it and from its findings (those of its service, whose `endpoint` is
/// empty, count too when they are given).
pub fn score(endpoint: &Endpoint, findings: &[&Finding], classifier: &Classifier) -> Risk {
    score_with(&Weights::default(), endpoint, findings, classifier)
}

/// Like [`score`], with a user's own weights.
pub fn score_with(weights: &Weights, endpoint: &Endpoint, findings: &[&Finding], classifier: &Classifier) -> Risk {
    let mut likely = Factors::default();
    exposure(weights, endpoint, &mut likely);
    authentication(weights, endpoint, findings, &mut likely);
    known_findings(weights, findings, &mut likely);
    use_of(weights, endpoint, &mut likely);
    let mut grave = Factors::default();
    grave.add("base", weights.base_impact, || "every endpoint can be misused somehow".to_owned());
    data(weights, endpoint, classifier, &mut grave);
    purpose(weights, endpoint, &mut grave);
    combine(&likely, &grave)
}

/// Causes of one side of the product.
#[derive(Default)]
struct Factors(Vec<(&'static str, f64, String)>);

impl Factors {
    fn add(&mut self, factor: &'static str, weight: f64, text: impl FnOnce() -> String) {
        let weight = weight.clamp(0.0, 0.99);
        if weight > 0.0 {
            self.0.push((factor, weight, text()));
        }
    }

    fn combined(&self) -> f64 {
        1.0 - self.0.iter().map(|(_, weight, _)| 1.0 - weight).product::<f64>()
    }

    /// Each factor's part of `points`, by its logarithm.
    fn share(&self, points: f64) -> impl Iterator<Item = RiskReason> {
        let log = |weight: f64| -(1.0 - weight).ln();
        let total: f64 = self.0.iter().map(|(_, weight, _)| log(*weight)).sum();
        self.0.iter().map(move |(factor, weight, text)| RiskReason {
            factor: (*factor).to_owned(),
            points: (points * log(*weight) / total.max(f64::MIN_POSITIVE) * 10.0).round() / 10.0,
            text: text.clone(),
        })
    }
}

fn combine(likely: &Factors, grave: &Factors) -> Risk {
    let (likelihood, impact) = (likely.combined(), grave.combined());
    let score = 100.0 * likelihood * impact;
    let mut reasons: Vec<RiskReason> = likely.share(score / 2.0).chain(grave.share(score / 2.0)).collect();
    reasons.retain(|reason| reason.points >= 0.1);
    reasons.sort_by(|a, b| b.points.total_cmp(&a.points));
    Risk { score: score.round() as u8, likelihood: round(likelihood), impact: round(impact), reasons }
}

fn round(share: f64) -> f64 {
    (share * 1_000.0).round() / 1_000.0
}

fn exposure(weights: &Weights, endpoint: &Endpoint, likely: &mut Factors) {
    let (weight, text) = match endpoint.exposure.as_str() {
        "public" => (weights.public, "reachable from the internet"),
        "private" => (weights.private, "reachable from private networks"),
        _ => (weights.internal, "reachable from inside"),
    };
    likely.add("exposure", weight, || text.to_owned());
}

fn authentication(weights: &Weights, endpoint: &Endpoint, findings: &[&Finding], likely: &mut Factors) {
    let schemes = &endpoint.authentication;
    let has = |wanted: &[&str]| schemes.iter().any(|scheme| wanted.contains(&scheme.as_str()));
    let found = |kind: &str| findings.iter().any(|f| f.kind == kind && !f.endpoint.is_empty());
    let open_by_design = matches!(
        function(endpoint),
        Some("login" | "logout" | "sign-up" | "password-reset" | "token" | "mfa" | "health" | "docs")
    );
    let none = !schemes.is_empty() && schemes.iter().all(|scheme| scheme == "none");
    if (none && !open_by_design) || found("unauthenticated-sensitive") {
        likely.add("unauthenticated", weights.unauthenticated, || "no call carried a credential".to_owned());
    } else if (has(&["none"]) && !open_by_design) || found("mixed-authentication") {
        likely.add("mixed-authentication", weights.mixed, || {
            "some calls succeed without the credential that others carry".to_owned()
        });
    } else if has(&["basic", "digest", "api-key-query"]) {
        likely.add("weak-authentication", weights.weak, || "callers use a weak credential".to_owned());
    } else if schemes.is_empty() || has(&["unknown"]) {
        likely.add("authentication-unknown", weights.unknown, || {
            "the traffic does not show how callers prove who they are".to_owned()
        });
    }
    if findings.iter().any(|f| matches!(f.kind.as_str(), "cleartext-transport" | "east-west-plaintext")) {
        likely.add("cleartext", weights.cleartext, || "called without TLS".to_owned());
    }
}

fn known_findings(weights: &Weights, findings: &[&Finding], likely: &mut Factors) {
    let [info, low, medium, high, critical] = weights.finding;
    let mut minor = 1.0;
    let mut minor_count = 0;
    for finding in findings {
        let weight = match finding.severity {
            Severity::Critical => critical,
            Severity::High => high,
            Severity::Medium => medium,
            Severity::Low | Severity::Info => {
                minor *= 1.0 - if finding.severity == Severity::Low { low } else { info };
                minor_count += 1;
                continue;
            }
        };
        likely.add("finding", weight, || finding.title.clone());
    }
    let minor = f64::min(1.0 - minor, weights.minor_findings_max);
    likely.add("minor-findings", minor, || match minor_count {
        1 => "one finding of low severity".to_owned(),
        n => format!("{n} findings of low severity"),
    });
}

fn use_of(weights: &Weights, endpoint: &Endpoint, likely: &mut Factors) {
    if endpoint.fields.iter().any(|f| f.side == "request" && f.location != "header" && f.location != "cookie") {
        likely.add("parameters", weights.parameters, || "takes parameters that a caller may tamper with".to_owned());
    }
    if endpoint.actors >= CALLERS_MANY {
        likely.add("many-callers", weights.callers, || format!("used by about {} callers", endpoint.actors));
    }
    if matches!(function(endpoint), Some("admin" | "metrics")) {
        likely.add("admin-function", weights.admin_function, || "a target that attackers look for".to_owned());
    }
    if endpoint.deprecated {
        likely.add("deprecated", weights.deprecated, || "deprecated: nobody watches or fixes it".to_owned());
    }
}

fn data(weights: &Weights, endpoint: &Endpoint, classifier: &Classifier, grave: &mut Factors) {
    let weigh = |class: &str| {
        let of_field = endpoint.fields.iter().flat_map(|f| &f.classes).find(|known| known.class == *class);
        class_weight(classifier, class, of_field.map_or("", |known| &known.level))
    };
    let sides = [
        ("sensitive-response", &endpoint.data_classes.response, weights.response_data, "returns"),
        ("sensitive-request", &endpoint.data_classes.request, weights.request_data, "takes"),
    ];
    let mut personal = false;
    for (factor, classes, weight, verb) in sides {
        let weighed = classes.iter().map(|class| (weigh(class), class.as_str()));
        if let Some((heavy, class)) = weighed.max_by(|a, b| a.0.total_cmp(&b.0)) {
            personal |= heavy > 0.3;
            grave.add(factor, weight * emphasis(heavy), || format!("{verb} {class}"));
        }
    }
    let mut further: Vec<&String> =
        endpoint.data_classes.response.iter().chain(&endpoint.data_classes.request).collect();
    further.sort();
    further.dedup();
    let further = further.len().saturating_sub(1).min(CLASSES_COUNTED);
    let added = 1.0 - (1.0 - weights.further_class).powf(further as f64);
    grave.add("more-data", added, || match further {
        1 => "one more class of data".to_owned(),
        n => format!("{n} more classes of data"),
    });
    if personal && endpoint.exchanges >= EXCHANGES_MANY {
        grave.add("volume", weights.volume, || format!("{} exchanges", endpoint.exchanges));
    }
}

/// Sets sensitive data apart from ordinary data: `w² (3 − 2w)` leaves 0, ½ and 1 where they are, lifts 0.8 to 0.9 and
/// lowers 0.2 to 0.1. Monotone.
fn emphasis(weight: f64) -> f64 {
    weight * weight * (3.0 - 2.0 * weight)
}

fn purpose(weights: &Weights, endpoint: &Endpoint, grave: &mut Factors) {
    match function(endpoint) {
        Some(what @ ("payment" | "invoice" | "transfer" | "payout" | "refund" | "coupon")) => {
            let write = endpoint.is_write();
            let weight = if write { weights.money_function } else { 0.5 * weights.money_function };
            grave.add("money", weight, || format!("{} money ({what})", if write { "moves" } else { "tells of" }));
        }
        Some(what @ ("order" | "reservation" | "cart")) if endpoint.is_write() => {
            grave.add("stock", weights.stock_function, || format!("takes what others then cannot have ({what})"));
        }
        Some(what @ ("export" | "download")) => {
            grave.add("bulk", weights.bulk_function, || format!("hands out much at once ({what})"));
        }
        Some(what @ ("login" | "sign-up" | "password-reset" | "token" | "mfa")) => {
            grave.add("identity", weights.identity_function, || format!("decides who somebody is ({what})"));
        }
        Some("admin") => grave.add("administration", weights.admin_impact, || "acts for administrators".to_owned()),
        _ => {}
    }
    if endpoint.is_write() {
        grave.add("write", weights.write, || format!("changes data ({})", endpoint.method));
    }
}

fn function(endpoint: &Endpoint) -> Option<&str> {
    endpoint.function.as_deref().or_else(|| functions::function(&endpoint.method, &endpoint.template))
}

#[cfg(test)]
mod tests;
