//! SOAP 1.1 and 1.2: one call per action, told by header or by the first element of the body.

use vedette_model::{Exchange, Side};

use super::{Call, Failure, Kind, Part, members, xml};

/// The call of a SOAP request; none when its envelope has no body.
pub(super) fn read<'a>(exchange: &'a Exchange<'_>) -> Vec<Call<'a>> {
    let request = members::text(exchange.request_body.as_deref()).map(xml::read_text).unwrap_or_default();
    let payload = xml::payload(&request.json, "Body");
    let action = action(exchange).or_else(|| payload.as_ref().map(|(name, _)| name.clone()));
    let Some(action) = action else { return Vec::new() };
    let mut call = Call::named(Kind::Soap, &action);
    call.request = payload.map_or_else(Part::none, |(_, json)| Part::one(json.into_bytes()));
    let answer = members::text(exchange.response_body.as_deref()).map(xml::read_text).unwrap_or_default();
    match xml::payload(&answer.json, "Body") {
        Some((name, json)) => {
            call.failure = (name == "Fault").then(|| fault(&json));
            call.response = Part::one(json.into_bytes());
        }
        None => call.response = Part::Whole,
    }
    vec![call]
}

/// The last part of the action's URI: `SOAPAction` of 1.1, the media type's `action` of 1.2.
fn action(exchange: &Exchange<'_>) -> Option<String> {
    let media = exchange.content_type(Side::Request).unwrap_or_default();
    let parameter = media.split(';').find_map(|part| part.trim().strip_prefix("action="));
    let action = exchange.request_headers.get("soapaction").or(parameter)?.trim().trim_matches('"');
    let last = action.trim_end_matches('/').rsplit(['/', '#', ':']).next().unwrap_or_default();
    (!last.is_empty()).then(|| last.to_owned())
}

/// `Client` and `Sender` blame the caller.
fn fault(json: &str) -> Failure {
    let code = ["faultcode", "Code"].iter().find_map(|key| members::get(json, key)).unwrap_or_default();
    let code = members::get(code, "Value").unwrap_or(code);
    let code = members::string(code).unwrap_or_default();
    let code = code.rsplit(':').next().unwrap_or_default().to_owned();
    let text = ["faultstring", "Reason"].iter().find_map(|key| members::get(json, key)).unwrap_or_default();
    let status = if matches!(code.as_str(), "Client" | "Sender") { 400 } else { 500 };
    super::answer::failure(&code, text, status)
}
