//! What must hold for any bytes, and for any way in which TCP may carry the same conversation.

use proptest::prelude::*;

use super::*;
use crate::capture::fuzz;

/// A conversation with every kind of framing.
fn conversation(segment_bytes: usize) -> Talk {
    let mut talk = talk().in_segments_of(segment_bytes);
    talk.ask("POST /one HTTP/1.1\r\nHost: x\r\nContent-Length: 300\r\n\r\n").ask("q".repeat(300));
    talk.answer(format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n190\r\n{}\r\n0\r\n\r\n",
        "r".repeat(400)
    ));
    talk.ask("GET /two HTTP/1.1\r\nHost: x\r\n\r\nHEAD /three HTTP/1.1\r\nHost: x\r\n\r\n");
    talk.answer("HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot found");
    talk.answer("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n");
    talk.ask("GET /four HTTP/1.1\r\nHost: x\r\n\r\n").answer("HTTP/1.1 200 OK\r\n\r\nuntil the end").close();
    talk
}

proptest! {
    #[test]
    fn any_bytes_are_read_in_any_pieces(mut data in proptest::collection::vec(any::<u8>(), 0..600), kind in 0..3) {
        let head = match kind {
            0 => script::header(1),
            1 => script::file(&conversation(50).packets),
            _ => Vec::new(),
        };
        data.splice(0..0, head);
        fuzz::capture(&data);
    }

    #[test]
    fn damage_anywhere_is_survived(at in 24..6_000_usize, byte: u8, cut in 0..2_000_usize) {
        let mut file = script::file(&conversation(90).packets);
        let at = at % file.len();
        file[at] = byte;
        file.truncate(file.len() - cut.min(file.len()));
        fuzz::capture(&file);
    }

    #[test]
    fn any_conversation_is_read(data in "([A-Z]{0,4} /?[a-z0-9:;,= -]{0,30}( HTTP/1.1)?\r?\n|HTTP/1.[01] [0-9]{3} x\r\n|\r\n|Content-Length: [0-9]{1,2}\r\n|Transfer-Encoding: chunked\r\n|PRI \\* HTTP/2.0\r\n|\t?[a-f0-9]{1,3}\r\n){0,40}") {
        fuzz::conversation(data.as_bytes());
    }

    #[test]
    fn any_segmentation_order_and_repetition_gives_the_same_exchanges(
        segment_bytes in 1..400_usize,
        order in proptest::collection::vec((0..2_000_usize, 0..2_000_usize), 0..200),
        repeats in proptest::collection::vec((0..2_000_usize, 0..2_000_usize), 0..20),
    ) {
        let (expected, _) = read_packets(&conversation(1_448).packets);
        let mut packets = conversation(segment_bytes).packets;
        let count = packets.len();
        for (a, b) in order {
            packets.swap(a % count, b % count);
        }
        for (from, to) in repeats {
            let packet = packets[from % count].clone();
            packets.insert(to % count, packet);
        }
        for (at, packet) in (1_700_000_000_000_000..).zip(&mut packets) {
            packet.at = at;
        }
        let (lines, tally) = read_packets(&packets);
        prop_assert_eq!(lines, expected);
        prop_assert_eq!(tally.loss.lost_bytes, 0);
        prop_assert_eq!(tally.loss.conflicting, 0);
    }

    #[test]
    fn any_loss_is_counted_and_never_misread(segment_bytes in 20..400_usize, lost in proptest::collection::vec(0..2_000_usize, 1..4)) {
        let (expected, _) = read_packets(&conversation(1_448).packets);
        let mut packets = conversation(segment_bytes).packets;
        for place in lost {
            let place = place % packets.len();
            packets.remove(place);
        }
        let (lines, _) = read_packets(&packets);
        // An exchange is as it was, or says that it is not whole.
        for line in lines {
            let is_whole = expected.contains(&line) || line.contains("TruncatedBody") || line.contains("-> 0 ");
            let was_cut_at_the_end = line.contains("until the end") || line.contains("/four");
            prop_assert!(is_whole || was_cut_at_the_end, "{}", line);
        }
    }
}
