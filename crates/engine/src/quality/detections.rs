//! What each kind of detection needs to be told, as [`Meta::facts`](crate::checks::Meta) says it of findings.

use super::facts::Fact::{
    self, Caller, Claims, ClientAddress, Credential, Duration, Internal, Outbound, Query, RequestBody, RequestBytes,
    RequestHeaders, ResponseBody, ResponseBytes, Status, Time, UserAgent,
};

/// Kind and needs: of each group of facts, one.
pub type Needs = (&'static str, &'static [&'static [Fact]]);

/// Callers are told apart.
const WHO: &[Fact] = &[Caller, ClientAddress];

/// Parameters are seen.
const INPUT: &[Fact] = &[Query, RequestBody];

/// Every kind of detection.
pub const DETECTIONS: &[Needs] = &[
    ("bola", &[WHO, &[Status]]),
    ("bfla", &[&[Caller], &[Status]]),
    ("mass-assignment", &[&[RequestBody]]),
    ("parameter-tampering", &[INPUT]),
    ("credential-stuffing", &[&[ClientAddress], &[Time], &[Status]]),
    ("password-spraying", &[&[RequestBody, Caller], &[Time], &[Status]]),
    ("brute-force", &[WHO, &[Time], &[Status]]),
    ("account-takeover", &[&[Caller], &[ClientAddress], &[Time]]),
    ("token-theft", &[&[Credential], &[ClientAddress], &[Time]]),
    ("jwt-tampering", &[&[Claims]]),
    ("enumeration", &[WHO, &[Time], &[Status]]),
    ("scraping", &[WHO, &[Time]]),
    ("data-exfiltration", &[WHO, &[Time], &[ResponseBytes, ResponseBody]]),
    ("excessive-data", &[&[ResponseBytes, ResponseBody]]),
    ("resource-exhaustion", &[WHO, &[Time], &[Duration, RequestBytes]]),
    ("business-flow-abuse", &[WHO, &[Time]]),
    ("fake-account-creation", &[&[ClientAddress], &[Time], &[Status]]),
    ("sequence-anomaly", &[WHO, &[Time]]),
    ("traffic-spike", &[&[Time]]),
    ("actor-spike", &[WHO, &[Time]]),
    ("payload-spike", &[&[RequestBytes, ResponseBytes], &[Time]]),
    ("latency-spike", &[&[Duration], &[Time]]),
    ("endpoint-spray", &[WHO, &[Time]]),
    ("unseen-parameter", &[INPUT]),
    ("unseen-type", &[INPUT]),
    ("injection-sql", &[INPUT]),
    ("injection-nosql", &[INPUT]),
    ("injection-command", &[INPUT]),
    ("injection-template", &[INPUT]),
    ("injection-xss", &[INPUT]),
    ("injection-xml", &[&[RequestBody]]),
    ("path-traversal", &[]),
    ("ssrf", &[INPUT]),
    ("deserialization", &[&[RequestBody]]),
    ("log4shell", &[&[UserAgent, Query, RequestHeaders]]),
    ("graphql-abuse", &[INPUT]),
    ("protocol-anomaly", &[]),
    ("recon-scan", &[WHO, &[Status]]),
    ("suspicious-agent", &[&[UserAgent]]),
    ("threat-intel-match", &[&[ClientAddress]]),
    ("tor-access", &[&[ClientAddress]]),
    ("off-hours-access", &[&[Caller], &[Time]]),
    ("lateral-movement", &[&[Internal], &[Time]]),
    ("privilege-escalation", &[&[Caller], &[Status]]),
    ("new-egress", &[&[Outbound]]),
    ("query-intent", &[&[Caller], INPUT]),
    ("mcp-tool-change", &[&[ResponseBody]]),
];
