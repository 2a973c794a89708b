//! OWASP API Security Top 10.

use super::{Framework, Requirement, requirement};

pub(super) const API_TOP_10: Framework = Framework {
    id: "owasp-api",
    name: "OWASP API Security Top 10",
    version: "2023",
    prefix: "",
    outside: "Risks that only an attack or a test shows (API1, API5, API6 and API7) are covered by what makes them \
              likely, or not at all.",
    requirements: &REQUIREMENTS,
};

const REQUIREMENTS: [Requirement; 10] = [
    requirement(
        "API1:2023",
        "Callers reach only their own objects",
        "Only ids that can be guessed are judged. Whether objects of others are handed out shows in calls that try.",
    ),
    requirement("API2:2023", "Callers prove who they are, and proofs are sound", ""),
    requirement(
        "API3:2023",
        "Callers read and write only the properties meant for them",
        "What is returned is judged; what may be written shows in calls that try.",
    ),
    requirement("API4:2023", "Calls have limits", "Limits that no caller reached are not seen."),
    requirement(
        "API5:2023",
        "Callers reach only the functions of their role",
        "Administration that is open or reachable is judged; roles show in calls that try.",
    ),
    requirement(
        "API6:2023",
        "Business flows resist automation",
        "No posture check speaks of it: abuse of a flow shows in the behavior of callers.",
    ),
    requirement(
        "API7:2023",
        "The server fetches no address that a caller chose",
        "No posture check speaks of it: it shows in requests that try, and in an active test.",
    ),
    requirement("API8:2023", "Transport, headers, errors and routes are configured safely", ""),
    requirement(
        "API9:2023",
        "Every endpoint and version is known and wanted",
        "Hosts whose traffic was not given are not seen.",
    ),
    requirement(
        "API10:2023",
        "The APIs of others are used with care",
        "What is sent out is judged; how answers of others are checked is not seen.",
    ),
];
