//! An exchange in the making: takes values in any order, decides at the end what follows from them together.

use std::borrow::Cow;
use std::net::IpAddr;

use memchr::memchr;
use vedette_model::limits::{METHOD_BYTES_MAX, PATH_BYTES_MAX};
use vedette_model::{Anomaly, Exchange, Scheme};

use super::address::{address, first_forwarded, is_private};
use super::field::{Encoding, Field, TimeKind, Unit};
use super::request::{RequestLine, Target, is_method};
use super::text::{cut, is_nothing, prefix, unescape};
use super::time::{self, Civil};
use crate::url::percent_decode;

/// An exchange in the making.
#[derive(Debug, Default)]
pub(crate) struct Draft<'a> {
    pub(crate) exchange: Exchange<'a>,
    /// Parts of a time with a pattern of its own.
    pub(crate) civil: Option<Civil>,
    forwarded: Option<Cow<'a, str>>,
    server_name: Option<Cow<'a, str>>,
    backend: Option<Cow<'a, str>>,
    template: Option<Cow<'a, str>>,
    date: Option<Cow<'a, str>>,
    time_of_day: Option<Cow<'a, str>>,
    body_bytes: Option<u64>,
}

impl<'a> Draft<'a> {
    /// Takes a value of a line with escapes in the way of nginx and Apache. False when it cannot be a value of this
    /// field, so that the line is of another format.
    #[inline]
    pub(crate) fn escaped(&mut self, field: &'a Field, raw: &'a str) -> bool {
        match field {
            Field::Skip => true,
            Field::Request => {
                let line = RequestLine::parse(raw);
                // What is no request stays as the log wrote it: its escapes hide control characters.
                if line.method.is_empty() || memchr(b'\\', raw.as_bytes()).is_none() {
                    self.request_line(line, Cow::Borrowed);
                } else {
                    self.request_line(line, unescape);
                }
                true
            }
            Field::Peer
            | Field::Time(_)
            | Field::Status
            | Field::RequestBytes
            | Field::ResponseBytes
            | Field::BodyBytes
            | Field::Duration(_)
            | Field::DurationPart(_) => self.value(field, Cow::Borrowed(raw)),
            _ => self.value(field, unescape(raw)),
        }
    }

    /// Takes a value. False when it cannot be a value of this field.
    pub(crate) fn value(&mut self, field: &'a Field, value: Cow<'a, str>) -> bool {
        if is_nothing(&value) {
            return true;
        }
        match field {
            Field::Peer => return self.peer(&value),
            Field::Status => return self.status(&value),
            Field::RequestBytes => return size(&value, &mut self.exchange.request_bytes),
            Field::ResponseBytes => return size(&value, &mut self.exchange.response_bytes),
            Field::BodyBytes => return size(&value, &mut self.body_bytes),
            Field::Time(kind) => self.time(*kind, &value),
            Field::Request => self.request(value),
            Field::Method => self.method(value),
            Field::Target | Field::Path => self.target(value),
            Field::Query => self.exchange.query = Some(cut(value, |q| q.strip_prefix('?').unwrap_or(q))),
            Field::UserAgent => self.exchange.user_agent = Some(value),
            Field::Referer => self.exchange.referer = Some(value),
            // `- -` comes from a line with one more column before the time.
            Field::User if value.starts_with("- ") || value.ends_with(" -") => return false,
            Field::User => self.exchange.user = Some(value),
            Field::Protocol => self.exchange.http_version = Some(value),
            Field::TlsVersion => self.tls(value),
            Field::Forwarded => self.forwarded = Some(value),
            Field::Host => self.exchange.host = Some(value),
            Field::Service => self.exchange.service = Some(value),
            Field::RequestHeader(name) => self.exchange.request_headers.push(&**name, value),
            Field::ResponseHeader(name) => self.exchange.response_headers.push(&**name, value),
            Field::Encoded(encoding, inner) => return self.encoded(*encoding, inner, value),
            Field::Cookie(name) => self.exchange.request_headers.push("cookie", format!("{name}={value}")),
            _ => self.rare(field, value),
        }
        true
    }

    fn rare(&mut self, field: &Field, value: Cow<'a, str>) {
        match field {
            Field::Duration(unit) => self.exchange.duration_us = time::duration_us(&value, *unit),
            Field::DurationPart(unit) => {
                let part = time::duration_us(&value, *unit).unwrap_or(0);
                self.exchange.duration_us = Some(self.exchange.duration_us.unwrap_or(0).saturating_add(part));
            }
            Field::HaproxyTimers => {
                let total = value.rsplit('/').next().unwrap_or_default();
                self.exchange.duration_us = time::duration_us(total, Unit::Ms);
            }
            Field::Date => self.date = Some(value),
            Field::TimeOfDay => self.time_of_day = Some(value),
            Field::Template => self.template = Some(value),
            Field::ServerName => self.server_name = Some(value),
            // HAProxy writes `backend/server`.
            Field::Backend => self.backend = Some(cut(value, |v| v.split('/').next().unwrap_or(v))),
            Field::Frontend if value.ends_with('~') => self.exchange.scheme = Scheme::Https,
            Field::Scheme => self.scheme(&value),
            Field::ServerPort if value == "443" => self.exchange.scheme = Scheme::Https,
            Field::TlsOn if matches!(&*value, "on" | "true" | "True" | "1" | "https") => {
                self.exchange.scheme = Scheme::Https;
            }
            _ => {}
        }
    }

    #[inline]
    fn peer(&mut self, value: &str) -> bool {
        match address(value) {
            Some(ip) => {
                self.exchange.client_ip = Some(ip);
                true
            }
            // A host name is fine, a sentence is another format.
            None => value == "unix:" || !value.contains([' ', '"', '[', ':', '/', '{']),
        }
    }

    fn encoded(&mut self, encoding: Encoding, field: &'a Field, value: Cow<'a, str>) -> bool {
        let decoded = match (encoding, value) {
            (Encoding::Plus, value) if value.contains('+') => Cow::Owned(value.replace('+', " ")),
            (Encoding::Plus, value) => value,
            (Encoding::Percent, Cow::Borrowed(text)) => percent_decode(text),
            (Encoding::Percent, Cow::Owned(text)) => Cow::Owned(percent_decode(&text).into_owned()),
        };
        self.value(field, decoded)
    }

    #[inline]
    fn status(&mut self, value: &str) -> bool {
        let Ok(status) = value.parse::<i32>() else { return false };
        match status {
            100..=599 => self.exchange.status = status as u16,
            -1 | 0 => {}
            1..=999 => {
                self.exchange.status = status as u16;
                self.odd(Anomaly::BadStatus);
            }
            _ => return false,
        }
        true
    }

    #[inline]
    fn time(&mut self, kind: TimeKind, value: &str) {
        let at = match kind {
            TimeKind::Clf => time::clf(value.as_bytes()).map(|(at, _)| at),
            TimeKind::Auto => time::auto(value),
        };
        match at {
            Some(at) => self.exchange.at = Some(at),
            None => self.odd(Anomaly::BadTimestamp),
        }
    }

    fn method(&mut self, method: Cow<'a, str>) {
        if !is_method(&method) {
            self.odd(Anomaly::BadMethod);
        }
        self.exchange.method = cut(method, |m| prefix(m, METHOD_BYTES_MAX));
    }

    fn tls(&mut self, version: Cow<'a, str>) {
        self.exchange.scheme = Scheme::Https;
        // Caddy writes the number of the protocol (RFC 8446, 4.1.2).
        self.exchange.tls_version = Some(match &*version {
            "769" => "TLSv1.0".into(),
            "770" => "TLSv1.1".into(),
            "771" => "TLSv1.2".into(),
            "772" => "TLSv1.3".into(),
            _ => version,
        });
    }

    fn scheme(&mut self, name: &str) {
        let encrypted = ["https", "wss", "h2", "h3", "grpcs", "tls"].iter().any(|s| name.eq_ignore_ascii_case(s));
        let plain = ["http", "ws", "grpc"].iter().any(|s| name.eq_ignore_ascii_case(s));
        match (encrypted, plain) {
            (true, _) => self.exchange.scheme = Scheme::Https,
            (_, true) => self.exchange.scheme = Scheme::Http,
            _ => {}
        }
    }

    /// A request line that is unescaped already; some logs put the path alone into a field of this name.
    fn request(&mut self, value: Cow<'a, str>) {
        if value.starts_with('/') && !value.contains(' ') {
            return self.target(value);
        }
        match value {
            Cow::Borrowed(line) => self.request_line(RequestLine::parse(line), Cow::Borrowed),
            Cow::Owned(line) => self.request_line(RequestLine::parse(&line), |part| Cow::Owned(part.to_owned())),
        }
    }

    #[inline]
    fn request_line<'s>(&mut self, line: RequestLine<'s>, own: impl Fn(&'s str) -> Cow<'a, str>) {
        if line.malformed {
            self.odd(Anomaly::MalformedRequestLine);
            if line.method.is_empty() {
                self.exchange.path = own(prefix(line.target, PATH_BYTES_MAX));
                return;
            }
        }
        self.exchange.method = own(line.method);
        self.exchange.http_version = line.version.map(&own);
        self.split(Target::parse(line.target), own);
    }

    fn target(&mut self, value: Cow<'a, str>) {
        match value {
            Cow::Borrowed(text) => self.split(Target::parse(text), Cow::Borrowed),
            Cow::Owned(text) => self.split(Target::parse(&text), |part| Cow::Owned(part.to_owned())),
        }
    }

    #[inline]
    fn split<'s>(&mut self, target: Target<'s>, own: impl Fn(&'s str) -> Cow<'a, str>) {
        self.exchange.path = own(target.path);
        if let Some(query) = target.query {
            self.exchange.query = Some(own(query));
        }
        if let Some(host) = target.host {
            if self.exchange.host.is_none() {
                self.exchange.host = Some(own(host));
            }
            if self.exchange.scheme == Scheme::Unknown {
                self.scheme(target.scheme.unwrap_or_default());
            }
        }
    }

    #[cold]
    pub(crate) fn odd(&mut self, anomaly: Anomaly) {
        if !self.exchange.anomalies.contains(&anomaly) {
            self.exchange.anomalies.push(anomaly);
        }
    }

    /// True when a method, a path or a request line was among the values.
    pub(crate) fn has_request(&self) -> bool {
        !self.exchange.method.is_empty() || !self.exchange.path.is_empty() || self.template.is_some()
    }

    /// True when something stood where a request should, but was none.
    pub(crate) fn is_malformed(&self) -> bool {
        self.exchange.anomalies.contains(&Anomaly::MalformedRequestLine)
    }

    /// True when a proxy of one's own called and no field names its client, so that a guess is better than nothing.
    pub(crate) fn wants_forwarded(&self) -> bool {
        self.forwarded.is_none() && self.exchange.client_ip.is_some_and(is_private)
    }

    /// Takes the client from a value outside of the layout.
    pub(crate) fn set_forwarded(&mut self, list: &'a str) {
        self.forwarded = Some(Cow::Borrowed(list));
    }

    /// Decides what follows from the values together; the exchange is complete after it.
    #[inline]
    pub(crate) fn finish(&mut self) {
        self.exchange.forwarded = self.first_forwarded();
        self.exchange.client_ip = self.client();
        if self.date.is_some() || self.civil.is_some() {
            self.finish_time();
        }
        if let Some(template) = self.template.take_if(|_| self.exchange.path.is_empty()) {
            self.use_template(template);
        }
        if self.exchange.response_bytes.is_none() {
            self.exchange.response_bytes = self.body_bytes;
        }
        let host = self.exchange.host.take().or_else(|| self.server_name.take());
        if let Some(host) = host {
            self.exchange.host = clean_host(host, self.exchange.scheme);
        }
        if self.exchange.host.is_none() && self.exchange.service.is_none() {
            self.exchange.service = self.backend.take();
        }
    }

    /// `/users/{id}` or, as a route key, `GET /users/{id}`.
    #[cold]
    fn use_template(&mut self, template: Cow<'a, str>) {
        if self.exchange.method.is_empty() {
            self.exchange.method = cut(template.clone(), |t| t.split_once(' ').map_or("", |(method, _)| method));
        }
        self.exchange.path = cut(template, |t| t.split_once(' ').map_or(t, |(_, path)| path));
    }

    /// The first forwarded address when the peer is a proxy of one's own, that is, private; else the peer.
    #[inline]
    fn client(&self) -> Option<IpAddr> {
        let peer = self.exchange.client_ip;
        if peer.is_some_and(|ip| !is_private(ip)) {
            return peer;
        }
        self.exchange.forwarded.or(peer)
    }

    #[inline]
    fn first_forwarded(&self) -> Option<IpAddr> {
        match &self.forwarded {
            Some(list) => first_forwarded(list),
            None if self.exchange.request_headers.is_empty() => None,
            None => self.exchange.request_headers.get("x-forwarded-for").and_then(first_forwarded),
        }
    }

    #[cold]
    fn finish_time(&mut self) {
        let columns = self.date.as_deref().zip(self.time_of_day.as_deref());
        let at = match columns {
            Some((date, time)) => time::columns(date, time),
            None => self.civil.and_then(Civil::timestamp),
        };
        match at {
            Some(at) => self.exchange.at = Some(at),
            None => self.odd(Anomaly::BadTimestamp),
        }
    }
}

/// Lower case, without the port that the scheme implies; `None` for a catch-all (`_`).
fn clean_host(host: Cow<'_, str>, scheme: Scheme) -> Option<Cow<'_, str>> {
    let default_port = |port: &str| match scheme {
        Scheme::Http => port == "80",
        Scheme::Https => port == "443",
        Scheme::Unknown => matches!(port, "80" | "443"),
    };
    let host = match host.rsplit_once(':') {
        Some((_, port)) if default_port(port) => {
            let len = host.len() - port.len() - 1;
            cut(host, |h| prefix(h, len))
        }
        _ => host,
    };
    if matches!(&*host, "" | "-" | "_") {
        return None;
    }
    if host.bytes().any(|c| c.is_ascii_uppercase()) {
        return Some(Cow::Owned(host.to_ascii_lowercase()));
    }
    Some(host)
}

/// Reads a size; a negative one says "unknown". False when it is no number.
#[inline]
fn size(text: &str, out: &mut Option<u64>) -> bool {
    let b = text.as_bytes();
    let digits = b.strip_prefix(b"+").unwrap_or(b);
    let mut n: u64 = 0;
    for c in digits {
        let digit = c.wrapping_sub(b'0');
        if digit > 9 || n > u64::MAX / 10 - 1 {
            return odd_size(text, out);
        }
        n = n * 10 + u64::from(digit);
    }
    *out = Some(n);
    !digits.is_empty()
}

#[cold]
fn odd_size(text: &str, out: &mut Option<u64>) -> bool {
    match text.parse::<f64>() {
        Ok(n) if n.is_finite() => {
            *out = (n >= 0.0).then_some(n as u64);
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_lower_case_without_implied_ports() {
        for (host, scheme, clean) in [
            ("Shop.Example", Scheme::Unknown, Some("shop.example")),
            ("shop.example:443", Scheme::Https, Some("shop.example")),
            ("shop.example:443", Scheme::Http, Some("shop.example:443")),
            ("shop.example:8443", Scheme::Https, Some("shop.example:8443")),
            ("[2001:db8::1]:443", Scheme::Https, Some("[2001:db8::1]")),
            ("_", Scheme::Unknown, None),
        ] {
            assert_eq!(clean_host(host.into(), scheme).as_deref(), clean, "{host}");
        }
    }

    #[test]
    fn sizes_are_numbers() {
        for (text, expected) in [
            ("0", Some(Some(0))),
            ("+173", Some(Some(173))),
            ("1024.0", Some(Some(1024))),
            ("-1", Some(None)),
            ("many", None),
            ("12 34", None),
            ("", None),
        ] {
            let mut out = None;
            assert_eq!(size(text, &mut out).then_some(out), expected, "{text}");
        }
    }
}
