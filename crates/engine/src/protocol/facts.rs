//! Facts of one endpoint's protocol.

use std::collections::BTreeMap;

use smallvec::SmallVec;
use vedette_model::Timestamp;
use vedette_model::limits::{CALL_LABELS_MAX, MCP_VERSIONS_MAX};
use vedette_model::results::{GraphQlFacts, LlmFacts, McpChange, McpFacts, Protocol, StreamFacts};
use vedette_parse::protocol::{Call, Declared, Kind, Label, Measure};
use vedette_parse::stored;
use vedette_parse::stored::Bits;

use super::OTHER;
use crate::actors::earliest;
use crate::sketch::{Quantiles, hash};

/// Names of operations listed.
const OPERATIONS_LISTED_MAX: usize = 8;

/// Mergeable facts, nearly empty until a call has some.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProtocolSummary {
    /// Exchanges by kind.
    kinds: SmallVec<[(Kind, u64); 1]>,
    measures: Vec<(Measure, Quantiles)>,
    /// Exchanges by word, in order.
    labels: Vec<(Label, Box<str>, u64)>,
    /// Declarations that differ, in order of their hashes.
    versions: Vec<Version>,
}

/// One version of a declaration.
#[derive(Clone, Debug)]
struct Version {
    description: u64,
    input: u64,
    output: u64,
    description_bytes: usize,
    schemas: Box<(Option<String>, Option<String>)>,
    kind: Kind,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    seen_at: (u32, u64),
}

impl Version {
    fn identity(&self) -> (u64, u64, u64) {
        (self.description, self.input, self.output)
    }

    /// Order of time; without times, of the sources.
    fn order(&self) -> (Option<Timestamp>, (u32, u64), (u64, u64, u64)) {
        (self.first, self.seen_at, self.identity())
    }
}

stored!(ProtocolSummary { kinds, measures, labels, versions });
stored!(Version {
    description as Bits,
    input as Bits,
    output as Bits,
    description_bytes,
    schemas,
    kind,
    first,
    last,
    seen_at,
});

impl ProtocolSummary {
    /// Notes one call.
    pub(crate) fn observe(&mut self, call: &Call<'_>) {
        if let Some(kind) = call.kind {
            self.add_kind(kind, 1);
        }
        for (measure, value) in &call.measures {
            self.quantiles(*measure).observe(*value);
        }
        for (label, word) in &call.labels {
            self.add_label(*label, word, 1);
        }
        if let Some(failure) = &call.failure {
            self.add_label(Label::Error, &failure.code, 1);
        }
    }

    /// Notes that the server declared it.
    pub(crate) fn declare(&mut self, declared: &Declared, at: Option<Timestamp>, seen_at: (u32, u64)) {
        let hashed = |schema: &Option<String>| schema.as_ref().map_or(0, |schema| hash(schema.as_bytes()));
        self.add_version(Version {
            description: declared.description,
            input: hashed(&declared.input),
            output: hashed(&declared.output),
            description_bytes: declared.description_bytes,
            schemas: Box::new((declared.input.clone(), declared.output.clone())),
            kind: declared.kind,
            first: at,
            last: at,
            seen_at,
        });
    }

    /// Adds what another learned.
    pub(crate) fn merge(&mut self, other: Self) {
        for (kind, count) in other.kinds {
            self.add_kind(kind, count);
        }
        for (measure, quantiles) in &other.measures {
            self.quantiles(*measure).merge(quantiles);
        }
        for (label, word, count) in &other.labels {
            self.add_label(*label, word, *count);
        }
        for version in other.versions {
            self.add_version(version);
        }
    }

    /// The kind of most exchanges.
    pub(crate) fn kind(&self) -> Option<Kind> {
        let most = self.kinds.iter().max_by_key(|(kind, count)| (*count, *kind));
        most.map(|(kind, _)| *kind).or_else(|| self.versions.first().map(|version| version.kind))
    }

    /// A list named it.
    pub(crate) fn is_declared(&self) -> bool {
        !self.versions.is_empty()
    }

    /// Words of one sort with their exchanges, most frequent first.
    pub(crate) fn words(&self, wanted: Label) -> Vec<(&str, u64)> {
        let own = self.labels.iter().filter(|(label, ..)| *label == wanted);
        let mut words: Vec<(&str, u64)> = own.map(|(_, word, count)| (&**word, *count)).collect();
        words.sort_by_key(|(word, count)| (std::cmp::Reverse(*count), *word));
        words
    }

    fn add_kind(&mut self, kind: Kind, count: u64) {
        match self.kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, own)) => *own += count,
            None => self.kinds.push((kind, count)),
        }
    }

    fn quantiles(&mut self, measure: Measure) -> &mut Quantiles {
        let at = self.measures.iter().position(|(known, _)| *known == measure).unwrap_or_else(|| {
            self.measures.push((measure, Quantiles::default()));
            self.measures.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "the position was just found or pushed")]
        &mut self.measures[at].1
    }

    fn add_label(&mut self, label: Label, word: &str, count: u64) {
        let place = |word: &str, labels: &[(Label, Box<str>, u64)]| {
            labels.binary_search_by(|(known, text, _)| (*known, &**text).cmp(&(label, word)))
        };
        let full = self.labels.iter().filter(|(known, ..)| *known == label).count() >= CALL_LABELS_MAX;
        let word = if full && place(word, &self.labels).is_err() { OTHER } else { word };
        match place(word, &self.labels) {
            Ok(at) => {
                if let Some((_, _, own)) = self.labels.get_mut(at) {
                    *own += count;
                }
            }
            Err(at) => self.labels.insert(at, (label, word.into(), count)),
        }
    }

    /// Keeps the earliest versions.
    fn add_version(&mut self, version: Version) {
        if let Some(known) = self.versions.iter_mut().find(|known| known.identity() == version.identity()) {
            if version.order() < known.order() {
                known.seen_at = version.seen_at;
            }
            known.first = earliest(known.first, version.first);
            known.last = known.last.max(version.last);
            return;
        }
        self.versions.push(version);
        self.versions.sort_by_key(Version::order);
        self.versions.truncate(MCP_VERSIONS_MAX);
    }

    /// The facts for the results.
    pub(crate) fn conclude(&self, path: &str, operation: Option<&str>) -> Protocol {
        let counted = |label: Label| -> BTreeMap<String, u64> {
            self.words(label).into_iter().map(|(word, count)| (word.to_owned(), count)).collect()
        };
        let way = |wanted: &str| {
            self.words(Label::Way).iter().find(|(word, _)| *word == wanted).map_or(0, |(_, count)| *count)
        };
        let kind = self.kind();
        let of = |measure: Measure| {
            self.measures.iter().find(|(known, _)| *known == measure).and_then(|(_, values)| values.distribution(1.0))
        };
        Protocol {
            path: path.to_owned(),
            operation: operation.map(str::to_owned),
            errors: counted(Label::Error),
            batch: of(Measure::Batch),
            graphql: (kind == Some(Kind::GraphQl)).then(|| GraphQlFacts {
                operation_type: operation_type(operation.unwrap_or_default()).to_owned(),
                depth: of(Measure::Depth),
                cost: of(Measure::Cost),
                aliases: of(Measure::Aliases),
                persisted: way("persisted"),
                operations: self
                    .words(Label::Operation)
                    .into_iter()
                    .take(OPERATIONS_LISTED_MAX)
                    .map(|(word, _)| word.to_owned())
                    .collect(),
            }),
            mcp: self.declaration(),
            llm: (kind == Some(Kind::Llm)).then(|| LlmFacts {
                models: counted(Label::Model),
                tools: counted(Label::Tool),
                input_tokens: of(Measure::InputTokens),
                output_tokens: of(Measure::OutputTokens),
                streamed: way("streamed"),
            }),
            stream: matches!(kind, Some(Kind::Grpc | Kind::Sse | Kind::WebSocket)).then(|| StreamFacts {
                sent: of(Measure::Sent),
                received: of(Measure::Received),
                sent_bytes: of(Measure::SentBytes),
                received_bytes: of(Measure::ReceivedBytes),
                dialects: counted(Label::Way),
            }),
        }
    }

    /// The latest declaration, and what led to it.
    fn declaration(&self) -> Option<McpFacts> {
        let mut versions: Vec<&Version> = self.versions.iter().collect();
        versions.sort_by_key(|version| version.order());
        let latest = self.versions.iter().max_by_key(|version| (version.last, version.order()))?;
        let schema = |text: &Option<String>| text.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let changes = versions.windows(2).filter_map(|pair| match pair {
            [before, after] => Some(change(before, after)),
            _ => None,
        });
        Some(McpFacts {
            description_hash: format!("{:016x}", latest.description),
            description_bytes: latest.description_bytes as u64,
            input_schema: schema(&latest.schemas.0),
            output_schema: schema(&latest.schemas.1),
            changes: changes.collect(),
        })
    }
}

fn change(before: &Version, after: &Version) -> McpChange {
    let differs = [
        ("description", before.description != after.description),
        ("input-schema", before.input != after.input),
        ("output-schema", before.output != after.output),
    ];
    McpChange {
        at: after.first,
        source: after.seen_at.0,
        exchange: after.seen_at.1,
        changed: differs.iter().filter(|(_, is)| *is).map(|(name, _)| (*name).to_owned()).collect(),
        description_hash: format!("{:016x}", after.description),
    }
}

fn operation_type(operation: &str) -> &str {
    match operation.split_once('.') {
        Some((kind @ ("query" | "mutation" | "subscription"), _)) => kind,
        _ => "",
    }
}
