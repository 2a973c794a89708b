//! A HAR entry as it was written, before anything is made of it: scalars may be absent or of the wrong type.

use std::borrow::Cow;

use vedette_model::limits::{HEADERS_MAX, WEBSOCKET_MESSAGES_MAX};
use vedette_model::{WebSocket, WebSocketMessage};

use super::json::{Broken, Loose, Reader};

/// An element of `log.entries`.
#[derive(Default)]
pub(super) struct Entry<'a> {
    pub(super) id: Loose<'a>,
    pub(super) started: Loose<'a>,
    pub(super) time: Loose<'a>,
    pub(super) timings: f64,
    pub(super) request: Option<Message<'a>>,
    pub(super) response: Option<Message<'a>>,
    pub(super) client_ip: Loose<'a>,
    pub(super) server_service: Loose<'a>,
    pub(super) caller_service: Loose<'a>,
    pub(super) caller_identity: Loose<'a>,
    pub(super) tls: bool,
    pub(super) tls_version: Loose<'a>,
    pub(super) tls_mutual: Loose<'a>,
    pub(super) tls_ja4: Loose<'a>,
    pub(super) server_ip: Loose<'a>,
    pub(super) direction: Loose<'a>,
    pub(super) websocket: Option<Box<WebSocket<'a>>>,
    /// A field had another type than HAR gives it.
    pub(super) mistyped: bool,
}

/// `request` or `response`.
#[derive(Default)]
pub(super) struct Message<'a> {
    pub(super) method: Loose<'a>,
    pub(super) url: Loose<'a>,
    pub(super) status: Loose<'a>,
    pub(super) http_version: Loose<'a>,
    pub(super) headers: Vec<Pair<'a>>,
    pub(super) cookies: Vec<Pair<'a>>,
    pub(super) query: Vec<Pair<'a>>,
    pub(super) body: Body<'a>,
    pub(super) body_size: Loose<'a>,
    pub(super) transfer_size: Loose<'a>,
}

/// `postData` or `content`.
#[derive(Default)]
pub(super) struct Body<'a> {
    pub(super) mime: Loose<'a>,
    pub(super) text: Option<Cow<'a, [u8]>>,
    pub(super) encoding: Loose<'a>,
    pub(super) size: Loose<'a>,
    pub(super) params: Vec<Pair<'a>>,
}

/// A name with a value: header, cookie, query parameter or form field.
#[derive(Default)]
pub(super) struct Pair<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) value: Cow<'a, str>,
    /// Form fields: name of an uploaded file. Cookies: attributes as `Set-Cookie` writes them.
    pub(super) detail: Option<Cow<'a, str>>,
}

impl<'a> Entry<'a> {
    /// Reads an entry; the last of repeated keys wins.
    pub(super) fn read(r: &mut Reader<'a>) -> Result<Option<Self>, Broken> {
        let mut e = Self::default();
        let is_object = r.object(|r, key| {
            match key {
                "startedDateTime" => e.started = r.scalar()?,
                "time" => e.time = r.scalar()?,
                "timings" => e.timings = timings(r, &mut e.mistyped)?,
                "request" => e.request = message(r, &mut e.mistyped)?.or(e.request.take()),
                "response" => e.response = message(r, &mut e.mistyped)?.or(e.response.take()),
                "_webSocketMessages" => e.websocket = websocket(r, &mut e.mistyped)?,
                "serverIPAddress" => e.server_ip = r.scalar()?,
                "_id" => e.id = r.scalar()?,
                "_client" => fields(r, &mut e.mistyped, &mut [("ip", &mut e.client_ip)])?,
                "_server" => fields(r, &mut e.mistyped, &mut [("service", &mut e.server_service)])?,
                "_caller" => {
                    let wanted = &mut [("service", &mut e.caller_service), ("identity", &mut e.caller_identity)];
                    fields(r, &mut e.mistyped, wanted)?;
                }
                "_tls" => {
                    e.tls |= r.peek() == Some(b'{');
                    let wanted =
                        &mut [("version", &mut e.tls_version), ("mutual", &mut e.tls_mutual), ("ja4", &mut e.tls_ja4)];
                    fields(r, &mut e.mistyped, wanted)?;
                }
                "_direction" => e.direction = r.scalar()?,
                _ => r.skip()?,
            }
            Ok(())
        })?;
        Ok(is_object.then_some(e))
    }
}

fn message<'a>(r: &mut Reader<'a>, mistyped: &mut bool) -> Result<Option<Message<'a>>, Broken> {
    let mut m = Message::default();
    let null = r.peek() == Some(b'n');
    let is_object = r.object(|r, key| {
        match key {
            "method" => m.method = r.scalar()?,
            "url" => m.url = r.scalar()?,
            "status" => m.status = r.scalar()?,
            "httpVersion" => m.http_version = r.scalar()?,
            "headers" => pairs(r, mistyped, &mut m.headers)?,
            "cookies" => pairs(r, mistyped, &mut m.cookies)?,
            "queryString" => pairs(r, mistyped, &mut m.query)?,
            "postData" | "content" => body(r, mistyped, &mut m.body)?,
            "bodySize" => m.body_size = r.scalar()?,
            "_transferSize" => m.transfer_size = r.scalar()?,
            _ => r.skip()?,
        }
        Ok(())
    })?;
    *mistyped |= !is_object && !null;
    Ok(is_object.then_some(m))
}

fn body<'a>(r: &mut Reader<'a>, mistyped: &mut bool, b: &mut Body<'a>) -> Result<(), Broken> {
    // Insomnia and hand-made entries: the body itself instead of an object around it.
    if r.peek() == Some(b'"') {
        b.text = Some(r.string_bytes()?);
        return Ok(());
    }
    let null = r.peek() == Some(b'n');
    let is_object = r.object(|r, key| {
        match key {
            "text" if r.peek() == Some(b'"') => b.text = Some(r.string_bytes()?),
            "text" => {
                *mistyped |= r.peek() != Some(b'n');
                r.skip()?;
            }
            "mimeType" => b.mime = r.scalar()?,
            "encoding" | "_encoding" => b.encoding = r.scalar()?,
            "size" => b.size = r.scalar()?,
            "params" => pairs(r, mistyped, &mut b.params)?,
            _ => r.skip()?,
        }
        Ok(())
    })?;
    *mistyped |= !is_object && !null;
    Ok(())
}

/// Reads `[{"name":…, "value":…}]`; also `{"name": "value"}`, which some exporters write. At most [`HEADERS_MAX`].
fn pairs<'a>(r: &mut Reader<'a>, mistyped: &mut bool, out: &mut Vec<Pair<'a>>) -> Result<(), Broken> {
    out.clear();
    match r.peek() {
        Some(b'[') => {
            r.array(|r| {
                if out.len() >= HEADERS_MAX {
                    *mistyped = true;
                    return r.skip();
                }
                if let Some(pair) = pair(r, mistyped)? {
                    out.push(pair);
                }
                Ok(())
            })?;
        }
        Some(b'{') => {
            r.object(|r, key| {
                let value = r.scalar()?;
                match text(value, mistyped) {
                    Some(value) if out.len() < HEADERS_MAX => {
                        out.push(Pair { name: Cow::Owned(key.to_owned()), value, detail: None });
                    }
                    _ => {}
                }
                Ok(())
            })?;
        }
        other => {
            *mistyped |= other != Some(b'n');
            r.skip()?;
        }
    }
    Ok(())
}

fn pair<'a>(r: &mut Reader<'a>, mistyped: &mut bool) -> Result<Option<Pair<'a>>, Broken> {
    let (mut name, mut value, mut detail) = (Loose::Absent, Loose::Absent, Loose::Absent);
    let mut attributes = String::new();
    let is_object = r.object(|r, key| {
        match key {
            "name" => name = r.scalar()?,
            "value" => value = r.scalar()?,
            "fileName" => detail = r.scalar()?,
            "httpOnly" if r.scalar()? == Loose::Bool(true) => attributes.push_str("; HttpOnly"),
            "secure" if r.scalar()? == Loose::Bool(true) => attributes.push_str("; Secure"),
            "httpOnly" | "secure" => {}
            "sameSite" => {
                let site = text(r.scalar()?, mistyped).filter(|site| !site.is_empty());
                attributes.extend(site.iter().flat_map(|site| ["; SameSite=", site]));
            }
            _ => r.skip()?,
        }
        Ok(())
    })?;
    *mistyped |= !is_object;
    let Some(name) = text(name, mistyped).filter(|_| is_object) else { return Ok(None) };
    let value = text(value, mistyped).unwrap_or_default();
    let detail = text(detail, mistyped).or_else(|| (!attributes.is_empty()).then_some(Cow::Owned(attributes)));
    Ok(Some(Pair { name, value, detail }))
}

/// Sum of the phases that were measured, in milliseconds; -1 stands for "not measured" and `ssl` is part of `connect`.
fn timings(r: &mut Reader<'_>, mistyped: &mut bool) -> Result<f64, Broken> {
    let mut sum = 0.0;
    let null = r.peek() == Some(b'n');
    let is_object = r.object(|r, key| {
        match key {
            "blocked" | "dns" | "connect" | "send" | "wait" | "receive" => {
                let value = r.scalar()?;
                sum += number(&value, mistyped).filter(|ms| *ms > 0.0).unwrap_or_default();
            }
            _ => r.skip()?,
        }
        Ok(())
    })?;
    *mistyped |= !is_object && !null;
    Ok(sum)
}

/// Reads a few scalars of an object.
fn fields<'a>(r: &mut Reader<'a>, mistyped: &mut bool, wanted: &mut [(&str, &mut Loose<'a>)]) -> Result<(), Broken> {
    let null = r.peek() == Some(b'n');
    let is_object = r.object(|r, key| match wanted.iter_mut().find(|(name, _)| *name == key) {
        Some((_, slot)) => {
            **slot = r.scalar()?;
            Ok(())
        }
        None => r.skip(),
    })?;
    *mistyped |= !is_object && !null;
    Ok(())
}

/// A scalar as text; numbers and booleans as written.
pub(super) fn text<'a>(value: Loose<'a>, mistyped: &mut bool) -> Option<Cow<'a, str>> {
    match value {
        Loose::Text(text) => Some(text),
        Loose::Number(number) => Some(Cow::Borrowed(number)),
        Loose::Bool(flag) => Some(Cow::Borrowed(if flag { "true" } else { "false" })),
        Loose::Absent => None,
        Loose::Composite => {
            *mistyped = true;
            None
        }
    }
}

/// A scalar as a finite number; a string that holds one counts, an empty string is absent.
pub(super) fn number(value: &Loose<'_>, mistyped: &mut bool) -> Option<f64> {
    let parsed = match value {
        Loose::Absent => return None,
        Loose::Text(text) if text.trim().is_empty() => return None,
        Loose::Text(text) => text.trim().parse().ok(),
        Loose::Number(number) => number.parse().ok(),
        Loose::Bool(_) | Loose::Composite => None,
    };
    let finite = parsed.filter(|n: &f64| n.is_finite());
    *mistyped |= finite.is_none();
    finite
}

/// Reads the messages of a WebSocket as Chrome, Firefox and Playwright write them; binary ones stand in base64.
fn websocket<'a>(r: &mut Reader<'a>, mistyped: &mut bool) -> Result<Option<Box<WebSocket<'a>>>, Broken> {
    let mut socket = WebSocket::default();
    let is_array = r.array(|r| {
        let (mut kind, mut opcode, mut data) = (Loose::Absent, Loose::Absent, Loose::Absent);
        r.object(|r, key| {
            match key {
                "type" => kind = r.scalar()?,
                "opcode" => opcode = r.scalar()?,
                "data" => data = r.scalar()?,
                _ => r.skip()?,
            }
            Ok(())
        })?;
        let from_client = text(kind, mistyped).is_some_and(|kind| matches!(kind.as_ref(), "send" | "request"));
        let binary = number(&opcode, mistyped).is_some_and(|code| (code - 2.0).abs() < 0.5);
        let data = text(data, mistyped).unwrap_or_default();
        let bytes = if binary { data.len() / 4 * 3 } else { data.len() } as u64;
        let (count, sum) = if from_client {
            (&mut socket.sent, &mut socket.sent_bytes)
        } else {
            (&mut socket.received, &mut socket.received_bytes)
        };
        *count += 1;
        *sum += bytes;
        socket.message_bytes_max = socket.message_bytes_max.max(bytes);
        if socket.messages.len() < WEBSOCKET_MESSAGES_MAX {
            socket.messages.push(WebSocketMessage { from_client, bytes, text: (!binary).then_some(data) });
        }
        Ok(())
    })?;
    *mistyped |= !is_array;
    Ok(is_array.then(|| Box::new(socket)))
}
