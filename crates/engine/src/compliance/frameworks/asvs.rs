//! OWASP Application Security Verification Standard 5: the chapter on APIs, and the neighbors that checks speak of.

use super::{Framework, Requirement, about_logs, requirement};
use crate::quality::facts::Fact;

pub(super) const ASVS: Framework = Framework {
    id: "asvs",
    name: "OWASP ASVS",
    version: "5.0.0",
    prefix: "ASVS 5.0.0 ",
    outside: "Chapter 4 (APIs and web services) and the requirements beside it that traffic speaks of. Source code, \
              documentation, cryptography at rest and the build are not seen.",
    requirements: &REQUIREMENTS,
};

/// Why a requirement without a check has none.
const TESTED: &str = "It takes a test that sends such messages.";
const UNCHECKED: &str = "No check speaks of it yet.";
const ATTEMPTS: &str = "It shows in calls that try, at run time.";
const SOCKETS: &str = "What is inside of WebSockets is not read.";
const ESTIMATE: &str = "What a client needs is an estimate.";

const REQUIREMENTS: [Requirement; 49] = [
    requirement("2.2.1", "Input is checked against what is expected", "Only undocumented parameters are judged."),
    requirement("2.4.1", "Automation has limits", "Limits that no caller reached are not seen."),
    requirement("3.4.1", "Answers carry Strict-Transport-Security", ""),
    requirement("3.4.2", "Cross-origin access is for known origins", ""),
    requirement("3.4.4", "Answers carry X-Content-Type-Options: nosniff", ""),
    requirement("4.1.1", "Answers name their media type and character set", UNCHECKED),
    requirement("4.1.2", "APIs do not redirect plain HTTP in silence", "Plain calls that got content are judged."),
    requirement("4.1.3", "Callers cannot forge headers that gateways set", TESTED),
    requirement("4.1.4", "Only the methods in use are answered", TESTED),
    requirement("4.1.5", "Highly sensitive messages are signed", "Which messages those are is the owner's to say."),
    requirement("4.2.1", "All hops agree where a message ends", TESTED),
    requirement("4.2.2", "Content-Length never contradicts the content", "Records are made after the framing."),
    requirement("4.2.3", "HTTP/2 and 3 carry no connection headers", TESTED),
    requirement("4.2.4", "Headers hold no line breaks", TESTED),
    requirement("4.2.5", "Own requests do not outgrow their receiver", "The limits of receivers are not seen."),
    requirement("4.3.1", "GraphQL queries have a cost limit", ""),
    requirement("4.3.2", "GraphQL introspection is off in production", ""),
    requirement("4.4.1", "WebSockets use TLS", UNCHECKED),
    requirement("4.4.2", "WebSocket handshakes check the origin", TESTED),
    requirement("4.4.3", "WebSocket tokens are as safe as sessions", SOCKETS),
    requirement("4.4.4", "WebSocket tokens come from the session", SOCKETS),
    requirement("6.3.1", "Guessing credentials is slowed down", "Limits that no caller reached are not seen."),
    requirement("6.3.4", "All ways in demand the same proof", ""),
    requirement("7.2.2", "Sessions use tokens made for them, not static secrets", ""),
    requirement("7.3.2", "Sessions end", "Lifetimes of JWTs are judged; those of opaque tokens are not seen."),
    requirement("8.2.1", "Functions are for those permitted", "Roles show in calls that try."),
    requirement("8.2.2", "Objects are for those permitted", ATTEMPTS),
    requirement("8.2.3", "Fields are for those permitted", ATTEMPTS),
    requirement("8.4.2", "Administration has several layers of defense", "Reachability is judged, devices are not."),
    requirement("9.1.1", "Signatures of tokens are checked", "Unsigned tokens are judged; forging takes a test."),
    requirement("9.1.2", "Only listed algorithms sign tokens", ""),
    requirement("9.2.1", "Tokens are refused outside of their validity", ""),
    requirement("12.2.1", "External services use TLS only", ""),
    requirement("12.3.3", "Internal services use TLS", ""),
    requirement("12.3.5", "Internal services prove who they are", ""),
    requirement("13.2.1", "Calls between components are authenticated", ""),
    requirement("13.4.2", "Debug modes are off in production", ""),
    requirement("13.4.5", "Documentation and monitoring are not exposed by accident", ""),
    requirement("13.4.6", "Versions of components are not told", ""),
    requirement("14.2.1", "URLs hold nothing sensitive", ""),
    requirement("14.2.3", "Sensitive data stays out of the hands of third parties", "Contracts are not seen."),
    requirement("14.2.6", "Answers hold only the sensitive data that is needed", ESTIMATE),
    requirement("14.3.2", "Sensitive answers are not stored by browsers", ""),
    requirement("15.2.2", "Expensive functions cannot exhaust the service", "Only page sizes are judged."),
    requirement("15.2.3", "Production has only what is needed", ""),
    requirement("15.3.1", "Answers hold the fields that are needed, not whole objects", ESTIMATE),
    about_logs(
        &[Fact::ClientAddress],
        requirement("15.3.4", "The caller's own address reaches logs and limits", "See the quality of each source."),
    ),
    about_logs(
        &[Fact::Time, Fact::ClientAddress, Fact::Caller, Fact::Host, Fact::Status],
        requirement("16.2.1", "Logs say when, where, who and what", "Only the logs given are judged."),
    ),
    requirement("16.5.1", "Errors are generic", ""),
];
