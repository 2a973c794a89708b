//! PCI DSS.

use super::{Framework, Requirement, about_data, about_logs, requirement};
use crate::quality::facts::Fact;

pub(super) const PCI_DSS: Framework = Framework {
    id: "pci-dss",
    name: "PCI DSS",
    version: "4.0.1",
    prefix: "PCI DSS 4.0.1 ",
    outside: "What belongs to the cardholder data environment is yours to say: all traffic given is judged. Storage, \
              networks, people, places and policies are not seen.",
    requirements: &REQUIREMENTS,
};

const CARDS: &[&str] = &["payment-card"];

/// Why something stays open.
const HOSTS: &str = "Of hosts only the HTTP interface is seen.";
const STORAGE: &str = "Storage is not seen.";

const REQUIREMENTS: [Requirement; 22] = [
    requirement("2.2.4", "Only functions that are needed are on", HOSTS),
    requirement("2.2.6", "Security parameters prevent misuse", HOSTS),
    requirement("3.3.1", "Sensitive authentication data is not kept", STORAGE),
    about_data(
        CARDS,
        requirement("3.4.1", "Card numbers are masked where they are shown", "Who has a business need is not seen."),
    ),
    requirement("3.5.1", "Card numbers are unreadable where they are stored", STORAGE),
    requirement("4.2.1", "Card numbers travel under strong cryptography", "Cipher suites are not judged."),
    requirement(
        "6.2.3",
        "Own software is reviewed before release",
        "It is a process. A build gate on findings is evidence for it.",
    ),
    requirement("6.2.4", "Common attacks are prevented by design", "Injection flaws take a test."),
    requirement(
        "6.3.2",
        "There is an inventory of own software",
        "Endpoints are in it; libraries inside of the software are not seen.",
    ),
    requirement("6.4.1", "Public applications are protected against attacks", "It is a process: reviews, or 6.4.2."),
    requirement(
        "6.4.2",
        "Something detects and prevents attacks on public applications",
        "Whether what stands in front blocks is not seen.",
    ),
    requirement("6.5.6", "Test data and accounts are gone before production", "Debug routes are judged, accounts not."),
    requirement("7.2.1", "Access follows need and role", "The model is a document; open administration is judged."),
    requirement("8.2.8", "Idle sessions end", "Lifetimes of JWTs are judged; idle time is not."),
    requirement("8.3.1", "Every user is authenticated", "How many factors were asked for is not seen."),
    requirement("8.3.2", "Proofs of identity are unreadable on their way", STORAGE),
    requirement("8.3.4", "Failed logins lock out", "It shows in calls that try, at run time."),
    requirement("8.4.1", "Administration asks for several factors", "Factors are not seen; reachability is judged."),
    requirement("8.6.1", "Accounts of systems are controlled", "Calls between services are judged, logins are not."),
    about_logs(
        &[Fact::Time, Fact::ClientAddress, Fact::Caller, Fact::Status],
        requirement(
            "10.2.2",
            "Logs say who, what, when, from where and with what result",
            "Only the logs given are judged.",
        ),
    ),
    about_logs(
        &[Fact::Time],
        requirement("10.6.1", "Clocks agree", "What each clock is worth is in the quality of the sources."),
    ),
    requirement("12.8.1", "Third parties with card data are listed", "Receivers are found; contracts are not seen."),
];
