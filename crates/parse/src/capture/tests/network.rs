//! Every way in which a segment may be wrapped, and what is said of packets that hold none.

use super::*;

fn exchange_packets() -> Vec<Packet> {
    let mut talk = talk();
    talk.ask("GET /a HTTP/1.1\r\nHost: x\r\n\r\n").answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").close();
    talk.packets
}

const EXPECTED: [&str; 1] = ["GET x/a \"\" -> 200 \"ok\" (0 2)"];

/// A file of a link type whose frames are made from the IP packets.
fn wrapped(link: u32, wrap: impl Fn(&[u8]) -> Vec<u8>) -> (Vec<Line>, results::Capture) {
    let mut file = script::header(link);
    for packet in exchange_packets() {
        script::record(&mut file, packet.at, &wrap(&packet.ip()));
    }
    read(&file)
}

fn with(before: &[u8]) -> impl Fn(&[u8]) -> Vec<u8> {
    move |ip| [before, ip].concat()
}

fn ethernet(ether_type: [u8; 2]) -> Vec<u8> {
    [[2; 12].as_slice(), &ether_type].concat()
}

#[test]
fn link_layers_and_tags_are_passed_over() {
    let (mac, ip) = ([2_u8; 12].as_slice(), [8_u8, 0].as_slice());
    let cooked = [[0; 14].as_slice(), ip].concat();
    let cooked_two = [ip, &[0; 18]].concat();
    let pppoe = [mac, &[0x88, 0x64, 0x11, 0, 0, 1, 0, 9, 0, 0x21]].concat();
    for (link, before) in [
        (1, ethernet([8, 0])),
        (1, [mac, &[0x81, 0, 0, 7], ip].concat()),
        (1, [mac, &[0x88, 0xa8, 0, 7, 0x81, 0, 0, 9], ip].concat()),
        (1, [mac, &[0x88, 0x47, 0, 0, 0x10, 64, 0, 0, 0x21, 64]].concat()),
        (1, pppoe),
        (0, vec![2, 0, 0, 0]),
        (0, vec![0, 0, 0, 2]),
        (108, vec![0, 0, 0, 2]),
        (101, vec![]),
        (228, vec![]),
        (113, cooked),
        (276, cooked_two),
        (9, vec![0xff, 3, 0, 0x21]),
    ] {
        let (lines, tally) = wrapped(link, with(&before));
        assert_eq!(lines, EXPECTED, "link type {link}, {before:x?}");
        assert!(tally.not_read.is_empty() && tally.links.len() == 1, "{tally:?}");
    }
}

#[test]
fn tunnels_are_opened() {
    let inner = ethernet([8, 0]);
    let outer = |protocol: u8, length: usize| {
        let length = (length as u16 + 20).to_be_bytes();
        let ip = [&[0x45, 0], length.as_slice(), &[0, 1, 0, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]].concat();
        [ethernet([8, 0]), ip].concat()
    };
    let udp = |port: u16, length: usize| {
        [&[0x30, 0x39], port.to_be_bytes().as_slice(), &(length as u16 + 8).to_be_bytes(), &[0, 0]].concat()
    };
    let vxlan = [[8, 0, 0, 0, 0, 0, 7, 0].as_slice(), &inner].concat();
    let geneve = [[1, 0, 0x65, 0x58, 0, 0, 7, 0, 1, 2, 3, 4].as_slice(), &inner].concat();
    for (name, protocol, header) in [
        ("vxlan", 17, [udp(4789, 0), vxlan].concat()),
        ("geneve", 17, [udp(6081, 0), geneve].concat()),
        ("gre", 47, vec![0, 0, 8, 0]),
        ("gre", 47, [[0xb0, 0, 0x65, 0x58].as_slice(), &[0; 12], &inner].concat()),
        ("gre", 47, [[0x10, 0, 0x88, 0xbe].as_slice(), &[0; 4], &[0x10; 8], &inner].concat()),
        ("gre", 47, [[0, 0, 0x88, 0xbe].as_slice(), &inner].concat()),
        ("gre", 47, [[0x10, 0, 0x22, 0xeb].as_slice(), &[0; 4], &[0; 12], &inner].concat()),
        ("ip in ip", 4, vec![]),
    ] {
        let wrap = |ip: &[u8]| [outer(protocol, header.len() + ip.len()), header.clone(), ip.to_vec()].concat();
        let (lines, tally) = wrapped(1, wrap);
        assert_eq!(lines, EXPECTED, "{name}");
        assert_eq!(tally.tunnels.get(name), Some(&tally.packets));
    }
}

#[test]
fn ip_version_6_is_read_with_its_extensions() {
    let mut talk = Talk::open(end("[2001:db8::1]:50000"), end("[2001:db8::2]:80"), 1_700_000_000_000_000);
    talk.ask("GET /a HTTP/1.1\r\nHost: x\r\n\r\n").answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").close();
    let mut file = script::header(229);
    for packet in &talk.packets {
        let mut ip = packet.ip();
        // Hop-by-hop options, then a destination header.
        ip[6] = 0;
        ip.splice(40..40, [60, 0, 1, 4, 0, 0, 0, 0, 6, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let length = (ip.len() as u16 - 40).to_be_bytes();
        ip.splice(4..6, length);
        script::record(&mut file, packet.at, &ip);
    }
    assert_eq!(read(&file).0, EXPECTED);
}

/// Cuts an IPv4 packet into fragments of 16 bytes.
fn fragments(ip: &[u8], id: u8) -> Vec<Vec<u8>> {
    let (header, content) = ip.split_at(20);
    let count = content.len().div_ceil(16);
    let one = |(n, piece): (usize, &[u8])| {
        let mut fragment = [header, piece].concat();
        let place = (n as u16 * 2) | if n + 1 < count { 0x2000 } else { 0 };
        fragment.splice(2..8, [0, fragment.len() as u8, 0, id, (place >> 8) as u8, place as u8]);
        fragment
    };
    content.chunks(16).enumerate().map(one).collect()
}

#[test]
fn fragments_are_put_together_in_any_order() {
    let mut file = script::header(101);
    for (n, packet) in exchange_packets().iter().enumerate() {
        let mut pieces = fragments(&packet.ip(), n as u8);
        pieces.reverse();
        let again = pieces[0].clone();
        pieces.insert(1, again);
        for piece in pieces {
            script::record(&mut file, packet.at, &piece);
        }
    }
    let (lines, tally) = read(&file);
    assert_eq!(lines, EXPECTED);
    assert_eq!(tally.loss.broken_datagrams, 0);
    assert!(tally.loss.fragments > 20);
}

#[test]
fn fragments_that_overlap_or_are_missing_are_counted() {
    let packet = &exchange_packets()[3];
    let pieces = fragments(&packet.ip(), 1);
    let mut overlapping = pieces.clone();
    overlapping[1][7] -= 1;
    let mut missing = pieces;
    missing.remove(0);
    for (pieces, id) in [(overlapping, 1), (missing, 2)] {
        let mut file = script::header(101);
        for piece in &pieces {
            script::record(&mut file, packet.at, piece);
        }
        let (lines, tally) = read(&file);
        assert!(lines.is_empty());
        assert!(tally.loss.broken_datagrams >= 1, "{id}");
    }
}

#[test]
fn every_packet_that_holds_no_segment_has_a_reason() {
    let ip = exchange_packets()[0].ip();
    let protocol = |protocol: u8| {
        let mut ip = ip.clone();
        ip[9] = protocol;
        [ethernet([8, 0]), ip].concat()
    };
    let quic = [protocol(17).get(..34).unwrap(), &[1, 187, 0, 99, 0, 8, 0, 0]].concat();
    for (reason, frame) in [
        ("arp", [ethernet([8, 6]), vec![0; 28]].concat()),
        ("other link protocol", [ethernet([0x88, 0xcc]), vec![0; 28]].concat()),
        ("cut in the link header", vec![2; 13]),
        ("malformed or cut ip header", [ethernet([8, 0]), vec![0x45; 12]].concat()),
        ("malformed or cut ip header", [ethernet([8, 0]), vec![0x60; 40]].concat()),
        ("malformed or cut tcp header", [ethernet([8, 0]), ip.get(..30).unwrap().to_vec()].concat()),
        ("udp", protocol(17)),
        ("udp port 443 (QUIC, HTTP/3)", quic),
        ("icmp", protocol(1)),
        ("ipsec", protocol(50)),
        ("sctp", protocol(132)),
        ("other ip protocol", protocol(89)),
        ("malformed or cut tunnel header", [protocol(47).get(..34).unwrap(), &[0, 1, 8, 0]].concat()),
    ] {
        let mut file = script::header(1);
        script::record(&mut file, 0, &frame);
        let (_, tally) = read(&file);
        assert_eq!(tally.not_read.get(reason), Some(&1), "{reason}: {tally:?}");
    }
    let mut file = script::header(127);
    script::record(&mut file, 0, &[0; 50]);
    assert_eq!(read(&file).1.not_read.get("link layer not supported"), Some(&1));
}

/// The same packets as pcapng, in either byte order, with a resolution and statistics.
fn pcapng(big_endian: bool, resolution: u8, ticks: impl Fn(i64) -> u64) -> Vec<u8> {
    let u16 = |n: u16| if big_endian { n.to_be_bytes() } else { n.to_le_bytes() };
    let u32 = |n: u32| if big_endian { n.to_be_bytes() } else { n.to_le_bytes() };
    let block = |kind: u32, content: &[u8]| {
        let padding = vec![0; content.len().next_multiple_of(4) - content.len()];
        let length = u32((content.len() + padding.len() + 12) as u32);
        [u32(kind).as_slice(), &length, content, &padding, &length].concat()
    };
    let mut file = block(0x0a0d_0d0a, &[u32(0x1a2b_3c4d).as_slice(), &u16(1), &u16(0), &[0xff; 8]].concat());
    file.extend(block(1, &[u16(101).as_slice(), &[0; 6], &u16(9), &u16(1), &[resolution, 0, 0, 0], &[0; 4]].concat()));
    for packet in exchange_packets() {
        let (ip, ticks) = (packet.ip(), ticks(packet.at));
        let length = u32(ip.len() as u32);
        let head = [[0; 4], u32((ticks >> 32) as u32), u32(ticks as u32), length, length].concat();
        file.extend(block(6, &[head, ip].concat()));
    }
    let dropped = if big_endian { 3_u64.to_be_bytes() } else { 3_u64.to_le_bytes() };
    file.extend(block(5, &[[0; 12].as_slice(), &u16(5), &u16(8), &dropped].concat()));
    file.extend(block(0xbad, b"something custom"));
    file
}

#[test]
fn pcapng_is_read_in_both_byte_orders_and_any_resolution() {
    let micros = pcapng(true, 6, |at| at as u64);
    let nanos = pcapng(false, 9, |at| at as u64 * 1_000);
    let binary = pcapng(false, 0x94, |at| ((i128::from(at) << 20) / 1_000_000) as u64);
    for file in [micros, nanos, binary] {
        let (lines, tally) = read(&file);
        assert_eq!(lines, EXPECTED);
        assert_eq!(tally.loss.dropped_packets, 3);
        let first = crate::capture::first_time(&file).unwrap().0;
        assert!((first - 1_700_000_000_000_000).abs() <= 1, "{first}");
    }
}

#[test]
fn pcap_is_read_in_both_byte_orders_and_nanoseconds() {
    let mut file = vec![0xa1, 0xb2, 0x3c, 0x4d, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 101];
    for packet in exchange_packets() {
        let ip = packet.ip();
        let (secs, nanos) = ((packet.at / 1_000_000) as u32, (packet.at % 1_000_000 * 1_000) as u32);
        file.extend([secs, nanos, ip.len() as u32, ip.len() as u32].iter().flat_map(|field| field.to_be_bytes()));
        file.extend(ip);
    }
    assert_eq!(read(&file).0, EXPECTED);
    assert_eq!(crate::capture::first_time(&file).unwrap().0, 1_700_000_000_000_000);
}

#[test]
fn damaged_and_cut_files_are_said_to_be() {
    let packets = exchange_packets();
    let whole = script::file(&packets);
    let problems = |file: &[u8]| {
        let mut capture = Capture::new(None);
        let mut out = Finished::default();
        capture.feed(file, &mut out, usize::MAX);
        capture.finish(&mut out);
        capture.problems(true).join("\n")
    };
    assert_eq!(problems(&whole), "");
    assert!(problems(whole.get(..whole.len() - 3).unwrap()).contains("ends in the middle of a packet"));
    let mut damaged = whole.clone();
    script::record(&mut damaged, 0, &[]);
    let at = damaged.len() - 8;
    damaged.splice(at..at + 4, [0xff; 4]);
    assert!(problems(&damaged).contains(&format!("damaged at byte {}", whole.len())), "{}", problems(&damaged));
    let mut section = pcapng(true, 6, |at| at as u64);
    section.extend([0, 0, 0, 6, 0, 0, 0, 3, 0, 0, 0, 0]);
    assert!(problems(&section).contains("impossible length"));
}

#[test]
fn packets_recorded_in_part_lose_what_was_not_recorded() {
    let mut file = script::header(1);
    for packet in exchange_packets() {
        let frame = packet.frame();
        let kept = frame.get(..frame.len().min(70)).unwrap();
        let place = file.len();
        script::record(&mut file, packet.at, kept);
        file.splice(place + 12..place + 16, (frame.len() as u32).to_le_bytes());
    }
    let (_, tally) = read(&file);
    assert_eq!(tally.loss.cut_packets, 2);
    assert!(tally.loss.lost_bytes > 0, "{tally:?}");
}
