//! What is new in an inventory.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// One difference between two results of the same traffic, the later of which knows more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// What sort of change.
    pub kind: ChangeKind,
    /// When: exact for what has a first exchange, else the latest exchange by which it had happened.
    pub at: Option<Timestamp>,
    /// Name of the service; empty where the change stands for others ([`ChangeKind::More`]).
    pub service: String,
    /// Id of the endpoint; empty when it concerns the whole service.
    pub endpoint: String,
    /// `METHOD template`, or the service, for people.
    pub place: String,
    /// What of it: name of a field, id of a class, of a finding or of a scheme; may be empty.
    pub subject: String,
    /// What it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// In a sentence.
    pub text: String,
}

/// Sorts of changes, in the order in which they are listed: what needs a look first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// A call without any credential succeeded where none had before.
    AnonymousAccess,
    /// A way to authenticate is not in use any more.
    AuthenticationGone,
    /// Callers authenticate in a way that they had not used.
    NewAuthentication,
    /// Somebody else can reach it than before.
    ExposureChanged,
    /// A field holds a class of data that was not seen at the endpoint, on this side.
    NewDataClass,
    /// A tool, resource or prompt is declared otherwise than before.
    DeclarationChanged,
    /// A weakness was found.
    FindingAppeared,
    /// The risk is in another band.
    RiskChanged,
    /// A service was met for the first time.
    NewService,
    /// An endpoint was met for the first time.
    NewEndpoint,
    /// A version of the API was met for the first time.
    NewVersion,
    /// An endpoint that nobody had called for long is in use again.
    EndpointBack,
    /// Answers of a class (`5xx`) that the endpoint had not given.
    NewStatusClass,
    /// Callers send a parameter that they had not sent.
    NewParameter,
    /// A body has a field that it had not.
    NewField,
    /// Paths that looked like endpoints turned out to be values of one parameter.
    EndpointsMerged,
    /// A weakness is not there any more.
    FindingGone,
    /// Further changes that are not listed.
    More,
}
