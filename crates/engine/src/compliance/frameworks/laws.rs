//! Privacy laws.

use super::{Framework, Requirement, about_data, about_logs, requirement};
use crate::quality::facts::Fact;

const PERSONAL: &[&str] = &["personal", "sensitive-personal", "financial", "health"];
const HEALTH: &[&str] = &["health"];

pub(super) const GDPR: Framework = Framework {
    id: "gdpr",
    name: "GDPR",
    version: "2016/679",
    prefix: "GDPR ",
    outside: "Lawfulness, consent, rights of people, retention and contracts are not seen in traffic.",
    requirements: &GDPR_REQUIREMENTS,
};

const GDPR_REQUIREMENTS: [Requirement; 6] = [
    about_data(
        HEALTH,
        requirement("Art. 9", "Special categories of data are processed by exception only", "Grounds are not seen."),
    ),
    about_data(
        PERSONAL,
        requirement("Art. 25", "Data protection by design: no more data than needed", "The need is an estimate."),
    ),
    about_data(
        PERSONAL,
        requirement("Art. 28", "Processors act under a contract", "Receivers are found; contracts are not seen."),
    ),
    requirement(
        "Art. 30",
        "There are records of processing",
        "The inventory names which personal data flows where, as a source for them.",
    ),
    about_data(PERSONAL, requirement("Art. 32", "Processing is secure", "Storage, people and recovery are not seen.")),
    about_logs(
        &[Fact::Time, Fact::Caller, Fact::ResponseBytes],
        requirement(
            "Art. 33",
            "A breach is notified within 72 hours",
            "Whether logs could say who took how much and when is judged; notifying is a process.",
        ),
    ),
];

pub(super) const HIPAA: Framework = Framework {
    id: "hipaa",
    name: "HIPAA Security Rule",
    version: "45 CFR 164.312",
    prefix: "HIPAA ",
    outside: "Of the technical safeguards what shows in traffic; administrative and physical ones are not seen.",
    requirements: &HIPAA_REQUIREMENTS,
};

const HIPAA_REQUIREMENTS: [Requirement; 5] = [
    about_data(
        HEALTH,
        requirement("164.312(a)(1)", "Access to health data is controlled", "Roles show in calls that try."),
    ),
    about_logs(
        &[Fact::Time, Fact::Caller, Fact::Status],
        requirement("164.312(b)", "Activity is recorded", "Only the logs given are judged."),
    ),
    requirement("164.312(c)(1)", "Health data is protected from alteration", "Integrity of storage is not seen."),
    requirement(
        "164.312(d)",
        "Who asks for health data is authenticated",
        "Health data without a credential stands under (a)(1); how a credential was obtained is not seen.",
    ),
    requirement("164.312(e)(1)", "Health data is protected on its way", "Cipher suites are not judged."),
];

pub(super) const CCPA: Framework = Framework {
    id: "ccpa",
    name: "CCPA",
    version: "Cal. Civ. Code 1798",
    prefix: "CCPA ",
    outside: "Notices, opt-outs, deletion and sale are not seen in traffic.",
    requirements: &CCPA_REQUIREMENTS,
};

const CCPA_REQUIREMENTS: [Requirement; 2] = [
    about_data(
        PERSONAL,
        requirement("1798.100(c)", "No more personal data than the purpose needs", "Purposes are not seen."),
    ),
    about_data(
        PERSONAL,
        requirement("1798.150", "Personal data has reasonable security", "What is reasonable is a judgment."),
    ),
];
