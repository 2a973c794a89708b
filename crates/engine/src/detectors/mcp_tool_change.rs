//! # mcp-tool-change
//!
//! A tool that agents use says something else than before: its description or its arguments were changed under them
//! (a "rug pull").
//!
//! **Signals.** A tool, prompt or resource that its server declares in another way than it did, told by the hash of its
//! description and by its schema.
//!
//! **False positives.** A release of the server changes tools too; nobody can tell from outside, so each is shown once,
//! with what differs.
//!
//! **References.** OWASP API10:2023; MITRE ATLAS AML.T0051; Model Context Protocol, tools/list.

use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::watch::world::World;

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "mcp-tool-change",
        title: "A tool was changed under its agents",
        severity: Severity::Medium,
        owasp: &["API10:2023"],
        attack: &["T1565.001"],
        response: &[
            "Compare the new declaration with the old one, word by word",
            "Pin tools by the hash of their declaration, and let a person approve changes",
        ],
    },
    judge,
};

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let mut alarms = Vec::new();
    for (place, about) in (0..).zip(&world.places) {
        let facts = about.endpoint.protocol.as_ref().and_then(|protocol| protocol.mcp.as_ref());
        for change in facts.map_or(&[][..], |facts| facts.changes.as_slice()) {
            let at = (change.source, change.exchange);
            let Some(number) = world.calls.iter().position(|seen| seen.call.seen_at == at) else { continue };
            let Some(seen) = world.calls.get(number) else { continue };
            let number = number as u32;
            alarms.push(Alarm {
                who: seen.who,
                calls: vec![number],
                at: number,
                place,
                confidence: 0.8,
                explanation: format!(
                    "The declaration of `{}` changed ({}); this agent was the first to be told so.",
                    world.place_name(place),
                    change.changed.join(", ")
                ),
                ..Alarm::default()
            });
        }
    }
    alarms
}
