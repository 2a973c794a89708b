//! Server-sent events (WHATWG HTML, 9.2).

use std::borrow::Cow;

use vedette_model::limits::EVENTS_MAX;
use vedette_model::{Exchange, Side};

use super::{Call, Kind, Measure, Part, members};

/// Events of a stream that are learned, from its start: they show what the others look like.
const LEARNED: usize = 8;

/// A stream as an endpoint: its events' data are the documents of its response.
pub(super) fn read<'a>(exchange: &'a Exchange<'_>) -> Call<'a> {
    let mut call = Call::own(Some(Kind::Sse));
    let Some(body) = members::text(exchange.response_body.as_deref()) else { return call };
    let events = data(body);
    call.measures.push((Measure::Received, events.len() as u64));
    call.measures.extend(events.iter().map(|event| event.len() as u64).max().map(|n| (Measure::ReceivedBytes, n)));
    call.response = documents(&events);
    call
}

/// The first events that are JSON containers.
pub(super) fn documents<'a>(events: &[&'a str]) -> Part<'a> {
    let mut part = Part::none();
    for event in events.iter().filter(|event| members::is_container(event)).take(LEARNED) {
        part.push(Cow::Borrowed(event.as_bytes()));
    }
    part
}

/// True when the answer is a stream of events.
pub(super) fn is_stream(exchange: &Exchange<'_>) -> bool {
    let media = exchange.content_type(Side::Response).unwrap_or_default();
    media.get(..17).is_some_and(|start| start.eq_ignore_ascii_case("text/event-stream"))
}

/// The data of each event, at most [`EVENTS_MAX`]. Data over several lines is rare and never JSON in practice: of such
/// an event each line counts.
pub(super) fn data(body: &str) -> Vec<&str> {
    let lines = body.split(['\n', '\r']).filter_map(|line| line.strip_prefix("data:"));
    lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).filter(|line| !line.is_empty()).take(EVENTS_MAX).collect()
}
