//! RFC 9112 and 9110: where messages end, and which belong together.

use super::*;

fn said(turns: &[(char, &str)]) -> (Vec<Line>, results::Capture) {
    let mut talk = talk();
    for (who, text) in turns {
        match who {
            '>' => talk.ask(text),
            _ => talk.answer(text),
        };
    }
    talk.close();
    read_packets(&talk.packets)
}

const ASK: &str = "GET /a?b=1 HTTP/1.1\r\nHost: api.example\r\n\r\n";

#[test]
fn lengths_chunks_and_ends_of_connections_frame_bodies() {
    let (lines, tally) = said(&[
        ('>', ASK),
        ('<', "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
        (
            '>',
            "POST /c HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Sum: 1\r\n\r\n",
        ),
        ('<', "HTTP/1.1 201 Created\nTransfer-Encoding: gzip, chunked\nContent-Encoding: identity\n\n0\n\n"),
        ('>', "GET /d HTTP/1.0\r\n\r\n"),
        ('<', "HTTP/1.0 200 OK\r\n\r\nuntil the end"),
    ]);
    insta::assert_snapshot!(lines.join("\n"), @r#"
    GET api.example/a?b=1 "" -> 200 "hello" (0 5)
    POST api.example/c "abcde" -> 201 "" (5 0)
    GET 198.51.100.7:80/d "" -> 200 "until the end" (0 13)
    "#);
    assert_eq!((tally.unanswered, tally.unasked, tally.unframed_bytes), (0, 0, 0));
}

#[test]
fn some_responses_have_no_body_whatever_they_say() {
    let (lines, _) = said(&[
        ('>', "HEAD /h HTTP/1.1\r\nHost: x\r\n\r\n"),
        ('<', "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"),
        ('>', "GET /n HTTP/1.1\r\nHost: x\r\n\r\n"),
        ('<', "HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n"),
        ('>', "PUT /e HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"),
        ('<', "HTTP/1.1 100 Continue\r\n\r\n"),
        ('>', "hi"),
        ('<', "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"),
    ]);
    insta::assert_snapshot!(lines.join("\n"), @r#"
    HEAD x/h "" -> 200 "" (0 0)
    GET x/n "" -> 304 "" (0 0)
    PUT x/e "hi" -> 204 "" (2 0)
    "#);
}

#[test]
fn pipelined_requests_meet_their_responses_in_order() {
    let asks: Vec<String> = (0..4).map(|n| format!("GET /{n} HTTP/1.1\r\nHost: x\r\n\r\n")).collect();
    let answers: Vec<String> = (0..4).map(|n| format!("HTTP/1.1 20{n} OK\r\nContent-Length: 1\r\n\r\n{n}")).collect();
    let (lines, _) = said(&[('>', &asks.concat()), ('<', &answers.concat())]);
    insta::assert_snapshot!(lines.join("\n"), @r#"
    GET x/0 "" -> 200 "0" (0 1)
    GET x/1 "" -> 201 "1" (0 1)
    GET x/2 "" -> 202 "2" (0 1)
    GET x/3 "" -> 203 "3" (0 1)
    "#);
}

#[test]
fn half_exchanges_are_exchanges_or_counted() {
    let (lines, tally) = said(&[('>', ASK), ('>', "POST /cut HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nfour")]);
    insta::assert_snapshot!(lines.join("\n"), @r#"
    GET api.example/a?b=1 "" -> 0 "" (0 0)
    POST x/cut "four" -> 0 "" (4 0) TruncatedBody
    "#);
    assert_eq!(tally.unanswered, 2);
    let (lines, tally) = said(&[('<', "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")]);
    assert!(lines.is_empty());
    assert_eq!(tally.unasked, 1);
}

#[test]
fn a_response_may_come_before_its_request_is_over() {
    let (lines, _) = said(&[
        ('>', "POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc"),
        ('<', "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno"),
        ('>', "def"),
    ]);
    insta::assert_snapshot!(lines.join("\n"), @r#"POST x/up "abcdef" -> 413 "no" (6 2)"#);
}

#[test]
fn odd_requests_are_read_and_noted() {
    let (lines, _) = said(&[
        (
            '>',
            "\r\nGET http://Other.Example:80/abs HTTP/1.1\r\nHost: x\r\nA: 1\r\n folded\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
        ('<', "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        ('>', "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"),
        ('<', "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Encoding: br\r\n\r\n???"),
    ]);
    insta::assert_snapshot!(lines.join("\n"), @r#"
    GET other.example/abs "" -> 200 "" (0 0) AmbiguousLength
    OPTIONS x* "" -> 200 "" (0 3)
    "#);
}

#[test]
fn a_tunnel_is_read_as_what_goes_through_it() {
    let (lines, tally) = said(&[
        ('>', "CONNECT inner.example:80 HTTP/1.1\r\nHost: inner.example:80\r\n\r\n"),
        ('<', "HTTP/1.1 200 Connection established\r\n\r\n"),
        ('>', ASK),
        ('<', "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    ]);
    insta::assert_snapshot!(lines.join("\n"), @r#"
    CONNECT inner.exampleinner.example:80 "" -> 200 "" (0 0)
    GET api.example/a?b=1 "" -> 200 "ok" (0 2)
    "#);
    assert_eq!(tally.connections.get("http/1.1"), Some(&2));
}

#[test]
fn messages_of_websockets_are_counted() {
    let mut talk = talk();
    talk.ask("GET /live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    talk.answer("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\u{1}\u{2}he");
    talk.answer(b"\x80\x03llo\x89\x01p");
    talk.ask(b"\x82\xfe\x01\x00mask").ask([7; 256]);
    talk.close();
    let (lines, tally) = read_packets(&talk.packets);
    insta::assert_snapshot!(lines.join("\n"), @r#"GET x/live "" -> 101 "" (0 0)"#);
    let expected = results::WebSockets { connections: 1, sent: 1, sent_bytes: 256, received: 1, received_bytes: 5 };
    assert_eq!(tally.websockets, expected);
}

#[test]
fn other_protocols_are_counted_not_guessed() {
    let (lines, tally) = said(&[('<', "220 mail.example ESMTP\r\n"), ('>', "EHLO x\r\n"), ('<', "250 ok\r\n")]);
    assert!(lines.is_empty());
    assert_eq!(tally.connections.get("other"), Some(&1));
    let (_, tally) = said(&[]);
    assert_eq!(tally.connections.get("nothing"), Some(&1));
}

#[test]
fn huge_bodies_are_counted_whole_and_kept_in_part() {
    let mut talk = talk().in_segments_of(60_000);
    talk.ask(ASK).answer("HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n").answer(vec![b'x'; 3_000_000]);
    let (lines, _) = read_packets(&talk.packets);
    assert_eq!(lines, ["GET api.example/a?b=1 \"\" -> 200 \"[2097152]\" (0 3000000) TruncatedBody"]);
}
