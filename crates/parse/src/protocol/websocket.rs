//! WebSockets (RFC 6455): the upgrade is the exchange; its messages are known when the source recorded them.

use std::borrow::Cow;

use vedette_model::Exchange;

use super::{Call, Kind, Measure, Part, members};

/// A WebSocket as an endpoint: messages that are JSON are documents of the side that sent them.
pub(super) fn read<'a>(exchange: &'a Exchange<'_>) -> Call<'a> {
    let mut call = Call::own(Some(Kind::WebSocket));
    let Some(socket) = &exchange.websocket else { return call };
    (call.request, call.response) = (Part::none(), Part::none());
    call.measures.push((Measure::Sent, socket.sent));
    call.measures.push((Measure::Received, socket.received));
    if socket.messages.is_empty() {
        // A capture counts; the mean of its messages stands for each.
        let means = [
            (Measure::SentBytes, socket.sent_bytes.checked_div(socket.sent)),
            (Measure::ReceivedBytes, socket.received_bytes.checked_div(socket.received)),
        ];
        call.measures.extend(means.into_iter().filter_map(|(measure, mean)| Some((measure, mean?))));
    }
    for message in &socket.messages {
        let (measure, part) = if message.from_client {
            (Measure::SentBytes, &mut call.request)
        } else {
            (Measure::ReceivedBytes, &mut call.response)
        };
        call.measures.push((measure, message.bytes));
        if let Some(text) = message.text.as_deref().filter(|text| members::is_container(text)) {
            part.push(Cow::Borrowed(text.as_bytes()));
        }
    }
    call
}
