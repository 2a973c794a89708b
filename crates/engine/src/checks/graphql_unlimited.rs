//! # GraphQL answers operations of any size
//!
//! **What.** Operations that are deeper, larger or more numerous in one request than clients need were answered.
//!
//! **Why it matters.** One request can ask for the product of its page sizes, try a thousand passwords under aliases, or
//! carry a batch that no rate limit per request sees. Whoever finds that out needs no second machine to take the service
//! down.
//!
//! **Signals and thresholds.** Successful operations with more than 15 levels of fields, more than 50 aliases, a cost
//! (fields times the page sizes above them) over 50,000, or in a batch of more than 20. Usual limits are below: 6 to 12
//! levels, 15 to 30 aliases, a cost of 1,000 to 10,000, 10 operations. Introspection does not count. Nothing is said
//! once as many such operations were refused as were answered: then there is a limit. Medium; high when aliases or
//! batches repeat a mutation, for these get around limits on guessing.
//!
//! **False positives.** Trusted back ends with persisted operations only: accept the finding.
//!
//! **Fix.** Limit depth, aliases, cost and batch size in the GraphQL server, before execution; count rate limits by cost;
//! accept only persisted operations where all clients are your own.
//!
//! **References.** OWASP API4:2023, CWE-770, CWE-400.

use vedette_model::results::Severity;
use vedette_parse::protocol::{Kind, Measure};

use super::ground::Ground;
use super::{Check, Conclusion, Meta, Needs, Note, Tally, View, wording};
use crate::quality::facts::Fact;

const DEPTH: u64 = 15;
const ALIASES: u64 = 50;
const COST: u64 = 50_000;
const BATCH: u64 = 20;

/// Slots of [`Tally::counts`]: answered by reason, in the order of [`REASONS`]; the last counts repeated mutations.
const REASONS: [(Measure, u64, &str); 4] = [
    (Measure::Depth, DEPTH, "levels of fields"),
    (Measure::Aliases, ALIASES, "aliases"),
    (Measure::Cost, COST, "fields by their page sizes"),
    (Measure::Batch, BATCH, "operations in one request"),
];
const MUTATIONS: usize = 4;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "graphql-unlimited",
        title: "GraphQL answers operations of any size",
        severity: Severity::Medium,
        owasp: &["API4:2023"],
        cwe: &["CWE-770", "CWE-400"],
        compliance: &["ASVS 5.0.0 4.3.1"],
        compliance_by_data: false,
        facts: &[&[Fact::RequestBody]],
        fix: "Limit depth, aliases, cost and batch size in the GraphQL server before it executes, and count rate limits \
              by cost instead of by request.",
    },
    needs: Needs::BODY,
    observe: Some(observe),
    endpoint: None,
    service: Some(service),
};

fn observe(view: &View<'_>, note: &mut Note<'_>) {
    let Some(call) = view.inside.filter(|call| call.kind == Some(Kind::GraphQl)) else { return };
    let name = call.name.as_deref().unwrap_or_default();
    if name.contains(".__") {
        return;
    }
    let over = |(measure, limit, _): &(Measure, u64, &str)| call.measure(*measure).filter(|value| value > limit);
    let Some((value, what)) = REASONS.iter().find_map(|reason| Some((over(reason)?, reason.2))) else { return };
    if !view.success {
        // Could have shown the weakness, and showed a limit instead.
        note.chance();
        return;
    }
    for (slot, reason) in REASONS.iter().enumerate() {
        note.add(slot, u64::from(over(reason).is_some()));
    }
    let repeated = over(&REASONS[1]).or_else(|| over(&REASONS[3])).is_some();
    note.add(MUTATIONS, u64::from(repeated && name.starts_with("mutation.")));
    note.hit_distinct(view, "request.body.query", || format!("{name}: {value} {what}"));
}

fn service(ground: &Ground<'_>, tallies: &[&Tally]) -> Option<Conclusion> {
    let sum = |of: fn(&Tally) -> u64| tallies.iter().map(|tally| of(tally)).sum::<u64>();
    let (hits, refused) = (sum(|tally| tally.hits), sum(|tally| tally.chances));
    if hits == 0 || refused >= hits || !ground.inbound() {
        return None;
    }
    let counted = |slot: usize| tallies.iter().map(|tally| tally.count(slot)).sum::<u64>();
    let reasons: Vec<String> = REASONS
        .iter()
        .enumerate()
        .filter(|(slot, _)| counted(*slot) > 0)
        .map(|(slot, (_, limit, what))| format!("{} with more than {limit} {what}", counted(slot)))
        .collect();
    Some(Conclusion {
        severity: Some(if counted(MUTATIONS) > 0 { Severity::High } else { Severity::Medium }),
        confidence: wording::confidence(hits, 0.9),
        explanation: format!(
            "{} {} answered that no client needs: {}.",
            wording::count(hits, "GraphQL operation"),
            wording::was(hits),
            wording::list(&reasons),
        ),
        ..Conclusion::default()
    })
}
