//! # Tokens that live long
//!
//! **What.** JWTs that are valid for more than a day.
//!
//! **Why it matters.** A JWT cannot be taken back before it expires (nothing looks it up). For as long as it lives,
//! whoever copied it is the user.
//!
//! **Signals and thresholds.** The longest lifetime (`exp` − `iat`) among accepted JWTs: low above one day, medium
//! above 30 days. Tokens without expiry are `jwt-weak`. One finding per service: the fix is the issuer.
//!
//! **False positives.** Refresh tokens live long by design and are sent to the token endpoint only: token and login
//! endpoints are not counted. Services that look tokens up in a deny list can afford more.
//!
//! **Fix.** Minutes to an hour, with a refresh token that is rotated.
//!
//! **References.** OWASP API2:2023, CWE-613, RFC 9700.

use vedette_model::results::Severity;

use super::ground::{self, Ground};
use super::{Check, Conclusion, Meta, Needs, Note, Tally, View, wording};
use crate::quality::facts::Fact;

/// Lifetime from which a JWT lives long: a working day with a night, in seconds.
const LONG_SECS: u64 = 86_400;

/// Lifetime from which it outlives any session, in seconds.
const VERY_LONG_SECS: u64 = 30 * 86_400;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "long-lived-token",
        title: "Tokens that live long",
        severity: Severity::Low,
        owasp: &["API2:2023"],
        cwe: &["CWE-613"],
        compliance: &["PCI DSS 4.0.1 8.2.8", "ASVS 5.0.0 7.3.2"],
        compliance_by_data: false,
        facts: &[&[Fact::Claims]],
        fix: "Issue access tokens for minutes up to an hour and renew them with a rotated refresh token, or look each \
              token up in a deny list.",
    },
    needs: Needs::CREDENTIALS,
    observe: Some(observe),
    endpoint: None,
    service: Some(service),
};

fn observe(view: &View<'_>, note: &mut Note<'_>) {
    for credential in view.credentials {
        let Some(jwt) = &credential.jwt else { continue };
        let (Some(issued), Some(expires)) = (jwt.issued_at, jwt.expires_at) else { continue };
        let lifetime = u64::try_from(expires.secs().saturating_sub(issued.secs())).unwrap_or(0);
        if view.success && lifetime > LONG_SECS {
            note.hit_distinct(view, &format!("request.header.{}", credential.name), || {
                format!("valid for {}", wording::duration(lifetime))
            });
        }
    }
}

fn service(ground: &Ground<'_>, tallies: &[&Tally]) -> Option<Conclusion> {
    if ground.service.direction == vedette_model::Direction::Outbound {
        return None;
    }
    let mut longest = 0;
    let (mut calls, mut places) = (0, 0);
    for (endpoint, tally) in ground.endpoints.iter().zip(tallies) {
        if matches!(ground::function(endpoint), Some("token" | "login" | "logout")) {
            continue;
        }
        let lifetime = endpoint.authentication_details.iter().filter_map(|a| a.jwt_lifetime_secs).max().unwrap_or(0);
        if lifetime > LONG_SECS {
            longest = longest.max(lifetime);
            calls += tally.hits;
            places += 1;
        }
    }
    (longest > LONG_SECS).then(|| Conclusion {
        severity: Some(if longest > VERY_LONG_SECS { Severity::Medium } else { Severity::Low }),
        confidence: 0.9,
        explanation: format!(
            "JWTs accepted at {} are valid for up to {}; an hour is usual.",
            wording::count(places, "endpoint"),
            wording::duration(longest),
        ),
        occurrences: calls,
        ..Conclusion::default()
    })
}
