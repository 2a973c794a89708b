//! Tables per protocol: a request and an answer, and the calls that they are.

mod graphql;
mod grpc;
mod other;
mod rpc;

use std::borrow::Cow;

use proptest::prelude::*;
use vedette_model::{Exchange, Headers};

use super::{Call, Label, Measure, Part, Protocols};

/// `POST path` with media types and bodies; empty ones are left out.
fn exchange<'a>(path: &'a str, sent: (&'a str, &'a [u8]), answered: (&'a str, &'a [u8])) -> Exchange<'a> {
    let header = |media: &'a str| match media {
        "" => Headers::default(),
        media => Headers(vec![("Content-Type".into(), media.into())]),
    };
    let body = |bytes: &'a [u8]| (!bytes.is_empty()).then_some(Cow::Borrowed(bytes));
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query.into())));
    Exchange {
        method: "POST".into(),
        path: path.into(),
        query,
        status: 200,
        has_headers: true,
        request_headers: header(sent.0),
        response_headers: header(answered.0),
        request_body: body(sent.1),
        response_body: body(answered.1),
        ..Exchange::default()
    }
}

/// A JSON call.
fn json<'a>(path: &'a str, request: &'a str, response: &'a str) -> Exchange<'a> {
    let media = "application/json";
    exchange(path, (media, request.as_bytes()), (media, response.as_bytes()))
}

/// `kind name request -> response !failure`, one line per call.
fn told(exchange: &Exchange<'_>) -> Vec<String> {
    let mut protocols = Protocols::default();
    protocols.read(exchange).iter().map(line).collect()
}

fn line(call: &Call<'_>) -> String {
    let part = |part: &Part<'_>| match part {
        Part::Whole => "(whole)".to_owned(),
        Part::Documents(all) => all.iter().map(|one| String::from_utf8_lossy(one)).collect::<Vec<_>>().join(" | "),
    };
    let failure = call.failure.as_ref().map(|one| format!(" !{} {}", one.status, one.code)).unwrap_or_default();
    let kind = call.kind.map_or("-", super::Kind::id);
    let name = call.name.as_deref().unwrap_or("-");
    format!("{kind} {name} {} -> {}{failure}", part(&call.request), part(&call.response))
}

fn labels<'a>(call: &'a Call<'_>, wanted: Label) -> Vec<&'a str> {
    call.labels.iter().filter(|(label, _)| *label == wanted).map(|(_, word)| word.as_ref()).collect()
}

#[test]
fn ordinary_exchanges_have_no_calls() {
    for (path, request, response) in [
        ("/v1/orders", r#"{"item":7}"#, r#"{"id":1}"#),
        ("/v1/orders", r#"{"id":7,"items":[]}"#, r#"{"id":1}"#),
        ("/v1/search", r#"{"query":"red shoes"}"#, r#"{"data":[]}"#),
        ("/v1/search", r#"{"query":"mutation of genes"}"#, r#"{"data":[]}"#),
        ("/v1/search", r#"{"query":{"match_all":{}}}"#, r#"{"hits":{}}"#),
        ("/v1/cars", r#"{"model":"X5","input":"manual"}"#, r#"{"id":1}"#),
        ("/v1/jobs", r#"{"method":"fast","params":{}}"#, r#"{"id":1}"#),
        ("/v1/mail", r#"{"messages":[{"to":"a"}]}"#, r#"{"id":1}"#),
        ("/v1/orders", r#"[{"a":1}]"#, "[]"),
        ("/v1/orders", "not json", "neither"),
        ("/graphql", r#"{"query":"{"}"#, r#"{"errors":[]}"#),
        ("/graphql", "{", ""),
        ("/mcp", r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, ""),
        ("/mcp", r#"{"jsonrpc"#, ""),
    ] {
        assert_eq!(told(&json(path, request, response)), Vec::<String>::new(), "{path} {request}");
    }
    let mut log_line = json("/graphql", "", "");
    log_line.has_headers = false;
    assert_eq!(told(&log_line), Vec::<String>::new());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bodies_are_calls_within_bounds(data in proptest::collection::vec(any::<u8>(), 0..300)) {
        super::fuzz::calls_of_anything(&data);
    }

    #[test]
    fn broken_calls_are_calls_within_bounds(way in 0_u8..12, which in 0_usize..8, cut in 0_usize..400, with in "[\\[\\]{}:,\"$@!<>/&; a0\\\\-]{0,6}") {
        const WHOLE: [&str; 8] = [
            r#"{"query":"query Q($n: Int = 3, $f: F) { a: user(id: \"7\", f: $f) { ...F on X posts(first: $n) { id } } } fragment F on User { name friends { ...F } }","variables":{"n":2,"f":{"x":[1]}}}"#,
            r#"[{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{"q":[1]}}},{"jsonrpc":"2.0","id":2,"method":"tools/list"}]"#,
            r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetOrder a="1">t<![CDATA[x]]>&amp;&#65;<id>7</id><id>8</id></GetOrder></s:Body></s:Envelope>"#,
            "--b\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{\"query\":\"{ a(f: 1.5, g: [A, {b: null}]) }\"}\r\n--b\r\nContent-Disposition: form-data; name=f; filename=x\r\n\r\nz\r\n--b--",
            r#"{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"function":{"name":"t"}}],"stream":true}"#,
            "{ a { b(x: \"\"\"block \" text\"\"\", y: $v, z: [[1, -2.5e3, true]]) { c } } } subscription S { t }",
            "data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"{}\"}]}}\n\n",
            "\u{0}\u{0}\u{0}\u{0}\u{7}\u{a}\u{3}abc\u{10}\u{7}",
        ];
        let whole = WHOLE[which];
        let cut = whole.floor_char_boundary(cut.min(whole.len()));
        let (before, after) = whole.split_at(cut);
        for text in [format!("{before}{with}{after}"), format!("{before}{with}"), format!("{after}\u{0}{before}")] {
            let mut data = vec![way];
            data.extend(text.as_bytes());
            super::fuzz::calls_of_anything(&data);
        }
    }
}
