//! RFC 9113: frames, streams, and what a loss does to them.

use super::*;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    [length.get(1..).unwrap(), &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Literal fields, never indexed.
fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let text = |text: &str| [&[text.len() as u8], text.as_bytes()].concat();
    fields.iter().flat_map(|(name, value)| [vec![0x10], text(name), text(value)].concat()).collect()
}

fn ask(path: &str) -> Vec<u8> {
    block(&[
        (":method", "GET"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "api.example"),
        ("te", "trailers"),
    ])
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

#[test]
fn streams_become_exchanges() {
    let mut talk = talk();
    talk.answer(frame(4, 0, 0, &[])).ask([PREFACE, &frame(4, 0, 0, &[0, 3, 0, 0, 0, 100])].concat());
    let head = ask("/one");
    let (first, rest) = head.split_at(20);
    talk.ask([frame(1, 0x1, 1, first), frame(9, 0x4, 1, rest)].concat());
    // Padding and priority around the header block, then a body in padded frames.
    let post = block(&[(":method", "POST"), (":scheme", "http"), (":path", "/two"), (":authority", "api.example")]);
    let padded = [&[2, 0, 0, 0, 0, 7], post.as_slice(), &[0, 0]].concat();
    talk.ask(
        [frame(1, 0x4 | 0x8 | 0x20, 3, &padded), frame(0, 0x8, 3, b"\x03abc\0\0\0"), frame(0, 0x1, 3, b"de")].concat(),
    );
    talk.answer(frame(1, 0x4, 3, &block(&[(":status", "100")])));
    talk.answer(frame(1, 0x4, 3, &block(&[(":status", "201"), ("content-type", "application/grpc")])));
    talk.answer(
        [frame(1, 0x4, 1, &block(&[(":status", "200")])), frame(0, 0, 3, b"hey"), frame(0, 1, 1, b"ok")].concat(),
    );
    talk.answer(frame(1, 0x5, 3, &block(&[("grpc-status", "0")])));
    talk.ask(frame(1, 0x5, 5, &ask("/three"))).ask(frame(3, 0, 5, &[0, 0, 0, 8]));
    let (lines, tally) = read_packets(&talk.packets);
    insta::assert_snapshot!(lines.join("\n"), @r#"
    GET api.example/one "" -> 200 "ok" (0 2)
    POST api.example/two "abcde" -> 201 "hey" (5 3)
    GET api.example/three "" -> 0 "" (0 0)
    "#);
    assert_eq!((tally.unanswered, tally.http2_broken), (1, 0));
}

#[test]
fn an_upgrade_answers_on_stream_one() {
    let mut talk = talk();
    talk.ask("GET /up HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
    let answer = [frame(1, 0x4, 1, &block(&[(":status", "200")])), frame(0, 1, 1, b"ok")].concat();
    talk.answer(
        [b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n".as_slice(), &frame(4, 0, 0, &[])].concat(),
    );
    talk.ask([PREFACE, &frame(4, 0, 0, &[])].concat()).answer(answer);
    let (lines, _) = read_packets(&talk.packets);
    assert_eq!(lines, ["GET x/up \"\" -> 200 \"ok\" (0 2)"]);
}

#[test]
fn a_loss_in_a_body_costs_the_body_and_elsewhere_the_connection() {
    for (lost, expected) in [(1, "200 \"[9000]\" (0 10000) TruncatedBody"), (0, "0 \"\" (0 0)")] {
        let mut talk = talk().in_segments_of(1_000);
        talk.ask([PREFACE, &frame(1, 0x5, 1, &ask("/a"))].concat());
        let before = talk.packets.len();
        talk.answer([frame(1, 0x4, 1, &block(&[(":status", "200")])), frame(0, 0x1, 1, &[b'x'; 10_000])].concat());
        talk.packets.remove(before + 2 * lost);
        let (lines, tally) = read_packets(&talk.packets);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].contains(expected), "{lines:?}");
        assert_eq!(tally.loss.lost_bytes, 1_000);
        assert_eq!(tally.http2_broken, 1 - lost as u64);
    }
}

#[test]
fn what_is_not_http2_after_its_preface_is_counted() {
    let mut talk = talk();
    talk.ask([PREFACE, b"\xff\xff\xff\x01\x04\0\0\0\x01 and so on"].concat());
    let (lines, tally) = read_packets(&talk.packets);
    assert!(lines.is_empty());
    assert_eq!(tally.http2_broken, 1);
}
