//! What is missing, doubled, out of order or in disguise.

use super::*;

fn two_exchanges() -> Talk {
    let mut talk = talk().in_segments_of(100);
    talk.ask("GET /one HTTP/1.1\r\nHost: x\r\n\r\n");
    talk.answer(format!("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{}", "1".repeat(500)));
    talk.ask("GET /two HTTP/1.1\r\nHost: x\r\n\r\n");
    talk.answer("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo").close();
    talk
}

/// Places of packets with content by the server.
fn answers(talk: &Talk) -> Vec<usize> {
    let is_answer = |(_, packet): &(usize, &Packet)| packet.from.port() == 80 && !packet.payload.is_empty();
    talk.packets.iter().enumerate().filter(is_answer).map(|(at, _)| at).collect()
}

#[test]
fn a_lost_piece_of_a_body_is_counted_and_the_rest_read() {
    let mut talk = two_exchanges();
    talk.packets.remove(answers(&talk)[2]);
    let (lines, tally) = read_packets(&talk.packets);
    insta::assert_snapshot!(lines.join("\n"), @r#"
    GET x/one "" -> 200 "[400]" (0 500) TruncatedBody
    GET x/two "" -> 200 "two" (0 3)
    "#);
    assert_eq!((tally.loss.gaps, tally.loss.lost_bytes), (1, 100));
}

#[test]
fn a_lost_head_of_a_response_costs_that_exchange_only() {
    let mut talk = two_exchanges();
    talk.packets.remove(answers(&talk)[0]);
    let (lines, tally) = read_packets(&talk.packets);
    insta::assert_snapshot!(lines.join("\n"), @r#"
    GET x/one "" -> 0 "" (0 0)
    GET x/two "" -> 200 "two" (0 3)
    "#);
    assert_eq!((tally.unanswered, tally.unasked), (1, 0));
    assert!(tally.unframed_bytes > 300);
}

#[test]
fn a_lost_request_makes_its_response_unasked() {
    let mut talk = two_exchanges();
    let request = talk.packets.iter().position(|packet| packet.payload.starts_with(b"GET /one")).unwrap();
    talk.packets.remove(request);
    let (lines, tally) = read_packets(&talk.packets);
    insta::assert_snapshot!(lines.join("\n"), @r#"GET x/two "" -> 200 "two" (0 3)"#);
    assert_eq!((tally.unasked, tally.loss.lost_bytes), (1, 30));
}

#[test]
fn losses_at_the_end_show_in_what_was_confirmed() {
    let mut talk = two_exchanges();
    talk.packets.truncate(talk.packets.len() - 3);
    let last = answers(&talk).pop().unwrap();
    talk.packets.remove(last);
    let (lines, tally) = read_packets(&talk.packets);
    assert_eq!(lines.len(), 2);
    assert_eq!((tally.unanswered, tally.loss.lost_bytes), (1, 41));
}

#[test]
fn a_retransmission_that_comes_late_is_waited_for() {
    let mut talk = two_exchanges();
    let place = answers(&talk)[1];
    let mut late = talk.packets.remove(place);
    // Nobody has confirmed it: it was lost on the way, not by the recorder.
    let confirmed = late.sequence;
    let until = talk.packets.iter().position(|packet| packet.payload.starts_with(b"GET /two")).unwrap();
    for packet in talk.packets.get_mut(place..until).unwrap() {
        if packet.from.port() != 80 {
            packet.acknowledged = Some(confirmed);
        }
    }
    for packet in talk.packets.get_mut(until..).unwrap() {
        packet.at += 4_000_000;
    }
    late.at = talk.packets[until].at - 1_000;
    talk.packets.insert(until, late);
    let (lines, tally) = read_packets(&talk.packets);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines.iter().all(|line| !line.contains("Truncated")), "{lines:?}");
    assert_eq!((tally.loss.gaps, tally.loss.out_of_order), (0, 1));
}

#[test]
fn repeated_and_overlapping_segments_change_nothing() {
    let mut talk = two_exchanges();
    let place = answers(&talk)[3];
    // The whole response again in one segment, before and after, and a piece that claims other bytes.
    let pieces = answers(&talk).into_iter().take(6).map(|at| talk.packets[at].clone());
    let mut whole = talk.packets[answers(&talk)[0]].clone();
    whole.payload = pieces.flat_map(|packet| packet.payload).collect();
    let mut forged = talk.packets[answers(&talk)[5]].clone();
    forged.payload.iter_mut().for_each(|byte| *byte = b'?');
    talk.packets.insert(place, forged);
    talk.packets.insert(place, whole.clone());
    talk.packets.push(whole);
    let (lines, tally) = read_packets(&talk.packets);
    assert_eq!(lines, two_lines());
    assert_eq!((tally.loss.gaps, tally.loss.conflicting), (0, 0));
    assert!(tally.loss.retransmitted >= 4 && tally.loss.overlapping == 1, "{:?}", tally.loss);
}

fn two_lines() -> [&'static str; 2] {
    ["GET x/one \"\" -> 200 \"[500]\" (0 500)", "GET x/two \"\" -> 200 \"two\" (0 3)"]
}

#[test]
fn bytes_that_contradict_what_waits_are_counted_and_left_out() {
    let mut talk = two_exchanges();
    let (first, second) = (answers(&talk)[1], answers(&talk)[2]);
    let mut forged = talk.packets[second].clone();
    forged.payload.iter_mut().for_each(|byte| *byte = b'?');
    talk.packets.swap(first, second);
    talk.packets.insert(second, forged);
    let (lines, tally) = read_packets(&talk.packets);
    assert_eq!(lines, two_lines());
    assert_eq!((tally.loss.conflicting, tally.loss.out_of_order), (1, 1));
}

#[test]
fn a_connection_without_beginning_is_read_from_its_next_message() {
    let mut talk = Talk::midstream(end("192.0.2.1:50000"), end("198.51.100.7:80"), 1_700_000_000_000_000);
    talk.answer("the end of a body that began before").wait(1_000_000);
    talk.ask("GET /one HTTP/1.1\r\nHost: x\r\n\r\n").answer("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none");
    let (lines, tally) = read_packets(&talk.packets);
    assert_eq!(lines, ["GET x/one \"\" -> 200 \"one\" (0 3)"]);
    assert_eq!((tally.midstream, tally.unframed_bytes, tally.loss.gaps), (1, 35, 0));
}

#[test]
fn one_direction_alone_still_tells_its_half() {
    let mut talk = two_exchanges();
    talk.packets.retain(|packet| packet.from.port() != 80);
    let (lines, tally) = read_packets(&talk.packets);
    assert_eq!(lines, ["GET x/one \"\" -> 0 \"\" (0 0)", "GET x/two \"\" -> 0 \"\" (0 0)"]);
    assert_eq!(tally.unanswered, 2);
}

#[test]
fn ports_that_are_used_again_make_another_connection() {
    let mut packets = two_exchanges().packets;
    let mut again = two_exchanges();
    for packet in &mut again.packets {
        packet.sequence = packet.sequence.wrapping_add(900_000);
        packet.acknowledged = packet.acknowledged.map(|number| number.wrapping_add(900_000));
        packet.at += 2_000_000;
    }
    packets.append(&mut again.packets);
    let (lines, tally) = read_packets(&packets);
    assert_eq!(lines.len(), 4);
    assert_eq!(tally.connections.get("http/1.1"), Some(&2));
}

#[test]
fn segments_far_outside_of_the_window_are_left_out() {
    let mut talk = two_exchanges();
    let mut wild = talk.packets[answers(&talk)[2]].clone();
    wild.sequence = wild.sequence.wrapping_add(1 << 31);
    talk.packets.insert(answers(&talk)[2], wild);
    let (lines, tally) = read_packets(&talk.packets);
    assert_eq!(lines, two_lines());
    assert_eq!(tally.loss.implausible + tally.loss.retransmitted, 1);
}

#[test]
fn bytes_past_an_announced_end_are_left_out_and_the_capture_ends() {
    let mut talk = two_exchanges();
    let places = answers(&talk);
    talk.packets[places[0]].fin = true;
    // The next piece waits for the other side's bytes where the end turns out to be.
    let waiting = &mut talk.packets[places[1]];
    waiting.acknowledged = waiting.acknowledged.map(|number| number.wrapping_add(1_000));
    talk.packets.swap(places[0], places[1]);
    let (_, tally) = read_packets(&talk.packets);
    assert!(tally.loss.implausible > 0, "{:?}", tally.loss);
}

#[test]
fn many_connections_at_once_stay_within_bounds() {
    // More than may be open, each with a request that waits; the oldest are given up and still reported.
    let mut capture = Capture::new(None);
    let mut out = Finished::default();
    capture.feed(&script::header(1), &mut out, usize::MAX);
    let count = vedette_model::limits::CAPTURE_CONNECTIONS_MAX as u32 + 1_000;
    for n in 0..count {
        let client = SocketAddr::from(((0x0a00_0000 + n).to_be_bytes(), 40_000));
        let mut talk = Talk::open(client, end("198.51.100.7:80"), 1_700_000_000_000_000 + i64::from(n) * 10);
        talk.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        for packet in &talk.packets {
            let mut bytes = Vec::new();
            script::record(&mut bytes, packet.at, &packet.frame());
            capture.feed(&bytes, &mut out, usize::MAX);
        }
        assert!(out.iter().count() as u32 <= 1_000);
    }
    assert_eq!(capture.summary().given_up, 1_000);
    capture.finish(&mut out);
    assert_eq!(out.iter().count() as u32, count);
}

#[test]
fn a_connection_that_holds_too_much_is_given_up() {
    let mut capture = Capture::new(None);
    let mut out = Finished::default();
    capture.feed(&script::header(1), &mut out, usize::MAX);
    let mut talk = talk().in_segments_of(60_000);
    let mut feed = |talk: &mut Talk| {
        let mut bytes = Vec::new();
        for packet in talk.packets.drain(..) {
            script::record(&mut bytes, packet.at, &packet.frame());
        }
        capture.feed(&bytes, &mut out, usize::MAX);
        capture.summary().given_up
    };
    // Requests with large bodies that nobody answers.
    let body = vec![b'x'; 2_000_000];
    let mut given_up = 0;
    for _ in 0..40 {
        talk.ask("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n").ask(&body);
        given_up = feed(&mut talk);
    }
    assert_eq!(given_up, 1);
    // Room that a growing body takes ahead counts too.
    assert!((16..=33).contains(&out.iter().count()), "{}", out.iter().count());
}
