//! # password-spraying
//!
//! A few common passwords are tried for many names, so that no account is locked.
//!
//! **Signals.** As for stolen pairs (`credential-stuffing`), but far fewer passwords than names: the body of the login
//! must tell them (they are hashed and only compared).
//!
//! **False positives.** A default password that an administrator gave to many new people; they succeed with it.
//!
//! **References.** OWASP API2:2023; ATT&CK T1110.003.

use vedette_model::results::Severity;

use super::{Detector, Meta, credential_stuffing};
use crate::watch::logins::Guessing;

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "password-spraying",
        title: "Tries common passwords for many names",
        severity: Severity::High,
        owasp: &["API2:2023"],
        attack: &["T1110.003"],
        response: &[
            "Refuse common and leaked passwords",
            "Limit failed logins over all names, not only for each",
            "Reset the passwords of the accounts that it got into",
        ],
    },
    judge: |world| credential_stuffing::alarms(world, Guessing::Spraying),
};
