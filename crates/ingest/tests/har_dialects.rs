//! HAR as each recorder writes it (`sources/har`, written by hand after the recorders' own output).

use std::path::PathBuf;

use vedette_model::{Anomaly, Scheme};

use crate::read;

fn dialect(name: &str, mut look: impl FnMut(&vedette_model::Exchange<'_>)) -> read::Seen {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/sources/har").join(name);
    let seen = read::each(&[path], |x| {
        assert!(!x.anomalies.contains(&Anomaly::MistypedField), "{name}");
        look(x);
    });
    let source = seen.only();
    assert_eq!((source.format.as_str(), source.unreadable), ("har", 0), "{name}: {source:?}");
    assert!(source.problems.is_empty(), "{name}: {:?}", source.problems);
    seen
}

fn text<'a>(body: Option<&'a std::borrow::Cow<'_, [u8]>>) -> &'a str {
    std::str::from_utf8(body.unwrap()).unwrap()
}

#[test]
fn chrome() {
    let mut statuses = Vec::new();
    let seen = dialect("chrome.har", |x| {
        statuses.push(x.status);
        if x.status == 201 {
            assert_eq!((x.method.as_ref(), x.host.as_deref()), ("POST", Some("shop.example")));
            assert_eq!(x.request_headers.0.len(), 2, "pseudo headers are no fields");
            assert_eq!(text(x.request_body.as_ref()), "{\"sku\":\"A-1\",\"count\":2}\n");
            assert_eq!(text(x.response_body.as_ref()), "{\"cart\":\"c-7 😀\"}");
            assert_eq!((x.duration_us, x.response_bytes, x.request_bytes), (Some(48_274), Some(17), Some(24)));
            assert!(x.user_agent.as_deref().unwrap().contains("Chrome"));
        }
    });
    assert_eq!(statuses, [201, 0], "what was no HTTP request is left out, what was blocked is not");
    assert_eq!(seen.exchanges[1].1, 2, "record numbers are positions in `entries`");
    assert_eq!(seen.only().records, 3);
}

#[test]
fn firefox() {
    let seen = dialect("firefox.har", |x| {
        assert_eq!(x.at.unwrap().to_string(), "2026-03-02T09:10:11.503Z");
        assert_eq!(x.request_headers.get("cookie"), Some("lang=de"));
        assert_eq!(x.response_headers.get("set-cookie"), Some("sid=0123; HttpOnly; Secure; SameSite=Strict"));
        assert_eq!(text(x.request_body.as_ref()), "user=anna&pin=a+b%26c");
        assert_eq!((x.status, x.http_version.as_deref()), (302, Some("HTTP/2")));
    });
    assert_eq!(seen.paths(), ["/login"]);
}

#[test]
fn safari() {
    let seen = dialect("safari.har", |x| {
        assert_eq!((x.scheme, x.host.as_deref()), (Scheme::Https, Some("news.example")));
        assert_eq!(text(x.response_body.as_ref()), "{\"items\":[]}");
        assert_eq!(x.response_bytes, Some(15));
    });
    assert_eq!(seen.paths(), ["/v2/articles?page=2"]);
}

#[test]
fn charles() {
    let seen = dialect("charles.har", |x| {
        assert_eq!((x.status, x.host.as_deref()), (204, Some("mobile.example:8080")));
        assert!(x.request_headers.get("content-type").unwrap().starts_with("multipart/form-data; boundary="));
        assert!(text(x.request_body.as_ref()).contains("name=\"avatar\"; filename=\"me.png\""));
    });
    assert_eq!(seen.paths(), ["/profile/7"]);
}

#[test]
fn insomnia() {
    let seen = dialect("insomnia.har", |x| {
        assert_eq!(x.request_headers.get("authorization"), Some("Bearer abc.def.ghi"));
        assert!(x.request_body.is_none());
    });
    assert_eq!(seen.paths(), ["/search?q=red+shoes&page=1"]);
}

#[test]
fn mitmproxy() {
    dialect("mitmproxy.har", |x| {
        assert_eq!(x.request_body.as_deref(), Some("\0\0\0\0\0\u{fffd}".as_bytes()), "a lone surrogate costs itself");
        assert_eq!(x.response_body.as_deref(), Some(&[0; 5][..]));
    });
}

#[test]
fn entries_of_an_exporter_without_a_log_around_them() {
    let seen = dialect("exporter.har", |x| {
        assert_eq!((x.method.as_ref(), x.host.as_deref()), ("GET", Some("orders.example")));
        assert_eq!(x.client_ip, "203.0.113.80".parse().ok());
        assert_eq!(text(x.response_body.as_ref()), "{\"id\":17}");
        assert_eq!(x.at.unwrap().to_string(), "2026-03-02T09:10:11.503Z");
    });
    assert_eq!(seen.paths(), ["/v1/orders/17"]);
}
