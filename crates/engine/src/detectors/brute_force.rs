//! # brute-force
//!
//! Many passwords are tried for one name, or for a few.
//!
//! **Signals.** Ten failures and more for one name of which hardly any is followed by a success, from one address or
//! many; without bodies, an address whose logins nearly all fail.
//!
//! **False positives.** A job with an old password. It fails in even steps for ever and has one password: look at the
//! exchanges.
//!
//! **References.** OWASP API2:2023; ATT&CK T1110.001.

use vedette_model::results::Severity;

use super::{Detector, Meta, credential_stuffing};
use crate::watch::logins::Guessing;

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "brute-force",
        title: "Guesses the password of an account",
        severity: Severity::High,
        owasp: &["API2:2023"],
        attack: &["T1110.001"],
        response: &[
            "Delay further logins of the name, and ask for a second factor",
            "Limit failed logins by name and by address",
        ],
    },
    judge: |world| credential_stuffing::alarms(world, Guessing::Brute),
};
