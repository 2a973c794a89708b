use proptest::prelude::*;
use vedette_model::limits::EVENT_ID_BYTES_MAX;
use vedette_model::{Anomaly, Direction, Exchange, Scheme};

use super::{entry, fuzz};
use crate::decode::Unreadable;

fn request(fields: &str) -> String {
    format!(
        r#"{{"startedDateTime":"2026-09-21T14:13:20Z","request":{{"method":"GET",{fields}}},"response":{{"status":200}}}}"#
    )
}

fn text<'a>(body: Option<&'a std::borrow::Cow<'_, [u8]>>) -> &'a str {
    std::str::from_utf8(body.unwrap()).unwrap()
}

#[test]
fn urls_of_all_forms_are_split() {
    for (url, scheme, host, path, query) in [
        ("https://api.example.com/v1/a?b=1#c", Scheme::Https, Some("api.example.com"), "/v1/a", Some("b=1")),
        ("https://API.Example.com:443", Scheme::Https, Some("api.example.com"), "/", None),
        ("http://example.com:8080?x", Scheme::Http, Some("example.com:8080"), "/", Some("x")),
        ("http://example.com:80/", Scheme::Http, Some("example.com"), "/", None),
        ("https://user:secret@example.com./x", Scheme::Https, Some("example.com"), "/x", None),
        ("wss://example.com/live", Scheme::Https, Some("example.com"), "/live", None),
        ("https://[2001:db8::1]:8443/x", Scheme::Https, Some("[2001:db8::1]:8443"), "/x", None),
        ("//example.com/x", Scheme::Unknown, Some("example.com"), "/x", None),
        ("/v1/x?next=https://evil.example/", Scheme::Unknown, None, "/v1/x", Some("next=https://evil.example/")),
        ("example.com/x", Scheme::Unknown, Some("example.com"), "/x", None),
        ("localhost:3000/x", Scheme::Unknown, Some("localhost:3000"), "/x", None),
        ("*", Scheme::Unknown, None, "*", None),
        ("{{base}}/x?u=http://a", Scheme::Unknown, None, "/{{base}}/x", Some("u=http://a")),
        ("https:\\/\\/example.com\\/a", Scheme::Https, Some("example.com"), "/a", None),
    ] {
        let record = request(&format!(r#""url":"{url}""#));
        let x = entry(&record).unwrap();
        let seen = (x.scheme, x.host.as_deref(), x.path.as_ref(), x.query.as_deref());
        assert_eq!(seen, (scheme, host, path, query), "{url}");
        assert_eq!(x.anomalies.contains(&Anomaly::BadUrl), url.starts_with('{'), "{url}");
    }
    for url in
        ["data:image/png;base64,AAAA", "blob:https://example.com/1", "chrome-extension://abc/x.js", "about:blank"]
    {
        let record = request(&format!(r#""url":"{url}""#));
        assert_eq!(entry(&record).unwrap_err(), Unreadable::NOT_HTTP, "{url}");
    }
}

#[test]
fn only_broken_json_and_a_missing_request_or_url_are_unreadable() {
    for (record, reason) in [
        ("", "not valid JSON"),
        ("[]", "not a JSON object"),
        ("{}", "no request"),
        (r#"{"request":null}"#, "no request"),
        (r#"{"request":{"method":"GET"}}"#, "no URL"),
        (r#"{"request":{"url":" "}}"#, "no URL"),
        (r#"{"request":{"url":"/"}"#, "not valid JSON"),
        (r#"{"request":{"url":"/"}} {"request":{"url":"/b"}}"#, "text after the entry"),
    ] {
        assert_eq!(entry(record).unwrap_err().reason, reason, "{record}");
    }
    assert!(entry(r#"{"request":{"url":"/"}},"#).is_ok());
}

#[test]
fn wrong_types_cost_one_field_each() {
    let record = r#"{"startedDateTime":{"a":1},"time":"12.5","request":{"method":"GET","url":"/x","headers":"none",
        "bodySize":"-1","queryString":7,"httpVersion":null,"postData":[1,[2,{"x":"]"}]]},
        "response":{"status":"201","headers":{"Content-Type":"text/plain","X":1},"content":{"text":null,"size":"9"}},
        "_client":"1.2.3.4","_direction":"sideways","_unknown":{"a":[[[["\"]"]]]]}}"#;
    let x = entry(record).unwrap();
    assert_eq!((x.at, x.status, x.duration_us, x.response_bytes), (None, 201, Some(12_500), Some(9)));
    assert_eq!(x.response_headers.get("x"), Some("1"));
    assert_eq!(x.client_ip, None);
    assert_eq!(x.anomalies, [Anomaly::BadTimestamp, Anomaly::MistypedField]);
}

#[test]
fn the_extensions_are_read() {
    let record = r#"{"startedDateTime":"2026-09-21T16:13:20.25+02:00","time":57.25,"request":{"method":"GET",
        "url":"http://orders.internal/x"},"response":{"status":200},"serverIPAddress":"10.0.0.9",
        "_client":{"ip":"10.1.2.3","port":55000},"_server":{"service":"orders"},"_direction":"internal",
        "_caller":{"service":"checkout","identity":"spiffe://example/checkout"},
        "_tls":{"version":"TLSv1.3","mutual":true,"ja4":"t13d"},"_trace":{"traceId":"abc"}}"#;
    let x = entry(record).unwrap();
    assert_eq!(x.at.unwrap().to_string(), "2026-09-21T14:13:20.250Z");
    assert_eq!((x.direction, x.service.as_deref()), (Direction::Internal, Some("orders")));
    assert_eq!((x.caller_service.as_deref(), x.duration_us), (Some("checkout"), Some(57_250)));
    assert_eq!(x.caller_identity.as_deref(), Some("spiffe://example/checkout"));
    assert_eq!((x.tls_version.as_deref(), x.tls_mutual), (Some("TLSv1.3"), Some(true)));
    assert_eq!(x.client_ip, "10.1.2.3".parse().ok());
    assert_eq!((x.tls_ja4.as_deref(), x.server_ip), (Some("t13d"), "10.0.0.9".parse().ok()));
    assert!(x.anomalies.is_empty(), "{:?}", x.anomalies);
}

#[test]
fn an_event_id_is_whole_or_ignored() {
    let id = |json: &str| {
        let record = request(&format!(r#""url":"/x"}},"_id":{json},"_x":{{"a":1"#));
        let x = entry(&record).unwrap();
        (x.event_id.map(std::borrow::Cow::into_owned), x.anomalies.contains(&Anomaly::MistypedField))
    };
    let longest = "i".repeat(EVENT_ID_BYTES_MAX);
    assert_eq!(id(r#""018f-7""#), (Some("018f-7".to_owned()), false));
    assert_eq!(id("17"), (Some("17".to_owned()), false));
    assert_eq!(id(&format!("\"{longest}\"")), (Some(longest.clone()), false));
    assert_eq!(id(&format!("\"{longest}i\"")), (None, true));
    assert_eq!(id("[1]"), (None, true));
    assert_eq!(id("null"), (None, false));
    assert_eq!(id(r#""""#), (None, false));
}

#[test]
fn the_caller_is_looked_for_behind_private_peers_only() {
    for (peer, forwarded, client) in [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        // The left end is what the caller wrote itself.
        ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.7", "198.51.100.1"),
        ("10.0.0.1", "192.168.3.4, 10.0.0.7", "192.168.3.4"),
        ("10.0.0.1", "unknown, [2001:db8::5]:4711", "2001:db8::5"),
        ("::ffff:10.0.0.1", "nonsense", "10.0.0.1"),
        ("127.0.0.1:5555", "198.51.100.1:99", "198.51.100.1"),
    ] {
        let record = format!(
            r#"{{"request":{{"url":"/","headers":[{{"name":"X-Forwarded-For","value":"{forwarded}"}}]}},"_client":{{"ip":"{peer}"}}}}"#
        );
        assert_eq!(entry(&record).unwrap().client_ip, client.parse().ok(), "{peer} {forwarded}");
    }
}

#[test]
fn bodies_come_back_as_they_traveled() {
    let with = |post: &str| request(&format!(r#""url":"/x","headers":[],"postData":{post}"#));
    for (post, body, content_type) in [
        (
            r#"{"mimeType":"application/json","text":"{\"a\":\"\u00e4\\n\"}"}"#,
            "{\"a\":\"ä\\n\"}",
            Some("application/json"),
        ),
        (r#"{"text":"aGk_","encoding":"base64"}"#, "hi?", None),
        (r#"{"text":"aGVs\nbG8","encoding":"base64"}"#, "hello", None),
        (r#"{"text":"plain text","encoding":"base64"}"#, "plain text", None),
        (r#""bare""#, "bare", None),
        (
            r#"{"mimeType":"application/x-www-form-urlencoded","params":[{"name":"a b","value":"c&d"},{"name":"e","value":"%20"}]}"#,
            "a+b=c%26d&e=%20",
            Some("application/x-www-form-urlencoded"),
        ),
        (
            r#"{"mimeType":"multipart/form-data; boundary=B","params":[{"name":"f","fileName":"a.txt","value":"x"}]}"#,
            "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n\r\nx\r\n--B--\r\n",
            Some("multipart/form-data; boundary=B"),
        ),
    ] {
        let record = with(post);
        let x = entry(&record).unwrap();
        assert_eq!(
            (text(x.request_body.as_ref()), x.request_headers.get("content-type")),
            (body, content_type),
            "{post}"
        );
    }
    let record = with(r#"{"mimeType":"multipart/form-data","params":[{"name":"f","value":"x"}]}"#);
    let x = entry(&record).unwrap();
    let boundary = x.request_headers.get("content-type").unwrap().split_once('=').unwrap().1;
    assert!(text(x.request_body.as_ref()).starts_with(&format!("--{boundary}\r\n")));
}

#[test]
fn stripped_cookies_and_queries_are_put_back() {
    let record = r#"{"request":{"method":"get","url":"https://a.example/x","queryString":[{"name":"q","value":"a b"}],
        "cookies":[{"name":"sid","value":"1"},{"name":"t","value":"2"}],
        "headers":[{"name":":authority","value":"b.example"},{"name":"Accept","value":"*/*"}]},
        "response":{"status":200,"cookies":[{"name":"sid","value":"3","httpOnly":true,"secure":false,"sameSite":"Lax"}]}}"#;
    let x = entry(record).unwrap();
    assert_eq!((x.method.as_ref(), x.query.as_deref(), x.host.as_deref()), ("GET", Some("q=a+b"), Some("a.example")));
    let sent: Vec<_> = x.request_headers.iter().collect();
    assert_eq!(sent, [("Accept", "*/*"), ("cookie", "sid=1; t=2")]);
    assert_eq!(x.response_headers.get("set-cookie"), Some("sid=3; HttpOnly; SameSite=Lax"));
}

#[test]
fn an_ambiguous_message_is_noted() {
    let record = r#"{"request":{"url":"/","headers":[{"name":"Host","value":"a.example"},{"name":"host","value":"b.example"},
        {"name":":scheme","value":"https"}]},"response":{"status":999}}"#;
    let x = entry(record).unwrap();
    assert_eq!((x.host.as_deref(), x.scheme, x.status), (Some("a.example"), Scheme::Https, 0));
    assert_eq!(x.anomalies, [Anomaly::DuplicateHeader, Anomaly::BadMethod, Anomaly::BadStatus, Anomaly::BadTimestamp]);
}

#[test]
fn an_entry_without_escapes_is_borrowed() {
    let record = request(
        r#""url":"https://a.example/b?c","headers":[{"name":"User-Agent","value":"x"}],"postData":{"text":"[1]"}"#,
    );
    let x: Exchange<'_> = entry(&record).unwrap();
    for part in
        [&x.path, &x.method, x.query.as_ref().unwrap(), x.host.as_ref().unwrap(), x.user_agent.as_ref().unwrap()]
    {
        assert!(matches!(part, std::borrow::Cow::Borrowed(_)), "{part}");
    }
    assert!(matches!(x.request_body, Some(std::borrow::Cow::Borrowed(b"[1]"))));
}

#[test]
fn hostile_entries_are_bounded() {
    let many =
        format!(r#"{{"request":{{"url":"/","headers":[{}{{}}]}}}}"#, r#"{"name":"a","value":"b"},"#.repeat(100_000));
    assert_eq!(entry(&many).unwrap().request_headers.0.len(), vedette_model::limits::HEADERS_MAX);
    let deep = format!(r#"{{"request":{{"url":"/","postData":{}{}}}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert!(entry(&deep).is_ok());
    let long = format!(r#"{{"request":{{"url":"/","postData":{{"text":"{}"}}}}}}"#, "x".repeat(9 << 20));
    let x = entry(&long).unwrap();
    assert_eq!(x.request_body.as_ref().unwrap().len(), vedette_model::limits::BODY_BYTES_MAX);
    assert!(x.anomalies.contains(&Anomaly::TruncatedBody));
}

proptest! {
    #[test]
    fn an_entry_never_panics(
        fields in proptest::collection::vec(
            ("(url|method|headers|postData|cookies|queryString|status|content|text|encoding|params|name|value|_client|ip)",
             "(null|-1|1e999|true|\"\"|\"base64\"|\"//@:\"|\"\\\\u0000\"|\\[\\{\\}\\]|\\{\"text\":\"=\"\\}|\\{\"ip\":\"\\[:\"\\}|\"[ -~]{0,12}\")"),
            0..12,
        ),
        url in "[ -!#-\\[\\]-~]{0,24}",
    ) {
        let fields: Vec<String> = fields.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
        let all = fields.join(",");
        let comma = if all.is_empty() { "" } else { "," };
        fuzz::entry(format!("{{\"request\":{{\"url\":\"{url}\"{comma}{all}}},\"response\":{{{all}}}{comma}{all}}}").as_bytes());
    }

    #[test]
    fn any_bytes_have_an_answer(data in proptest::collection::vec(any::<u8>(), 0..200)) {
        fuzz::entry(&data);
    }
}

#[test]
fn what_the_model_writes_is_read_whole() {
    use vedette_model::har::{Caller, Client, Content, Entry, NameValue, PostData, Request, Response, Server, Tls};
    let header = |name: &str, value: &str| NameValue { name: name.into(), value: value.into() };
    let written = serde_json::to_string(&Entry {
        started_date_time: "2026-09-21T14:13:20Z".into(),
        time: Some(1.5),
        request: Request {
            method: "POST".into(),
            url: "https://a.example/x?y=1".into(),
            http_version: "h2".into(),
            headers: vec![header("accept", "*/*")],
            post_data: Some(PostData {
                mime_type: "text/plain".into(),
                text: Some("a\"b".into()),
                ..PostData::default()
            }),
            ..Request::default()
        },
        response: Response {
            status: 201,
            content: Content { size: -1, mime_type: "text/plain".into(), text: Some("ok".into()), encoding: None },
            ..Response::default()
        },
        client: Some(Client { ip: "203.0.113.9".into(), port: Some(1) }),
        server: Some(Server { service: "orders".into() }),
        caller: Some(Caller { service: "web".into(), identity: None }),
        tls: Some(Tls { version: Some("TLSv1.3".into()), mutual: Some(false), ja4: None }),
        direction: Some(Direction::Outbound),
        ..Entry::default()
    })
    .unwrap();
    let x = entry(&written).unwrap();
    assert_eq!((text(x.request_body.as_ref()), text(x.response_body.as_ref())), ("a\"b", "ok"));
    assert_eq!((x.status, x.duration_us, x.request_bytes, x.response_bytes), (201, Some(1_500), Some(3), Some(2)));
    assert_eq!((x.service.as_deref(), x.caller_service.as_deref()), (Some("orders"), Some("web")));
    assert_eq!((x.direction, x.tls_mutual, x.http_version.as_deref()), (Direction::Outbound, Some(false), Some("h2")));
    assert_eq!(x.client_ip, "203.0.113.9".parse().ok());
    assert!(x.anomalies.is_empty(), "{:?}", x.anomalies);
}
