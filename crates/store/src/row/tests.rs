use datafusion::arrow::util::pretty::pretty_format_batches;

use super::*;

/// A row with everything in it.
pub(super) fn full() -> ExchangeRow<'static> {
    ExchangeRow {
        seq: 7,
        record: 3,
        source: "push",
        at: Some(Timestamp(1_790_000_001_700_000)),
        received_at: Timestamp(1_790_000_002_000_000),
        service: "shop",
        method: "GET",
        path: "/v1/users/12",
        call: Some("me"),
        endpoint: "GET /v1/users/{userId}",
        endpoint_id: 0xabc,
        query_keys: "limit,page",
        status: 200,
        duration_us: Some(1_500),
        request_bytes: Some(10),
        response_bytes: Some(u64::MAX),
        actor: 0x0123_4567_89ab_cdef,
        client_ip: Some("2001:db8::1".parse().unwrap()),
        user_agent: "curl/8",
        referer_host: "example.org",
        authentication: "bearer",
        tls_version: "TLSv1.3",
        ja4: "t13d",
        direction: "inbound",
        caller: "web",
        anomalies: "duplicate-header",
    }
}

/// A row with as little as a log may tell.
fn bare() -> ExchangeRow<'static> {
    ExchangeRow {
        at: None,
        call: None,
        endpoint: "",
        endpoint_id: 0,
        query_keys: "",
        status: 0,
        duration_us: None,
        request_bytes: None,
        response_bytes: None,
        client_ip: None,
        user_agent: "",
        referer_host: "",
        authentication: "",
        tls_version: "",
        ja4: "",
        direction: "",
        caller: "",
        anomalies: "",
        ..full()
    }
}

#[test]
fn every_field_has_its_column() {
    let mut buffer = RowBuffer::new();
    assert!(buffer.push(&full()) && buffer.push(&bare()));
    let batch = buffer.take().unwrap();
    assert!(buffer.is_empty());
    assert_eq!(batch.schema(), RowBuffer::schema());
    let shown = pretty_format_batches(&[batch]).unwrap().to_string();
    let cells: Vec<Vec<&str>> = shown
        .lines()
        .filter(|line| line.starts_with("| "))
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    let cell = |row: usize, n: usize| if cells[row][n].is_empty() { "-" } else { cells[row][n] };
    let pairs: Vec<String> =
        (1..=COLUMNS.len()).map(|n| format!("{}: {} / {}", cells[0][n], cell(1, n), cell(2, n))).collect();
    insta::assert_snapshot!(pairs.join("\n"), @r"
    at: 2026-09-21T14:13:21.700Z / 2026-09-21T14:13:22Z
    service: shop / shop
    method: GET / GET
    path: /v1/users/12 / /v1/users/12
    endpoint: GET /v1/users/{userId} / -
    endpoint_id: 0000000000000abc / -
    call: me / -
    query_keys: limit,page / -
    status: 200 / -
    duration_us: 1500 / -
    request_bytes: 10 / -
    response_bytes: 9223372036854775807 / -
    actor: a-0123456789ab / a-0123456789ab
    client_ip: 2001:db8::1 / -
    user_agent: curl/8 / -
    referer_host: example.org / -
    authentication: bearer / -
    tls_version: TLSv1.3 / -
    ja4: t13d / -
    direction: inbound / -
    caller: web / -
    anomalies: duplicate-header / -
    source: push / push
    received_at: 2026-09-21T14:13:22Z / 2026-09-21T14:13:22Z
    seq: 7 / 7
    record: 3 / 3
    received_on: 2026-09-21 / 2026-09-21
    ");
}

#[test]
fn repeated_text_is_kept_once() {
    let mut buffer = RowBuffer::new();
    for n in 0..1_000 {
        let path = format!("/v1/{}", n % 3);
        assert!(buffer.push(&ExchangeRow { path: &path, ..full() }));
    }
    assert!(buffer.words[2].bytes() < 100, "{}", buffer.words[2].bytes());
    assert_eq!(buffer.take().unwrap().num_rows(), 1_000);
}

#[test]
fn a_full_buffer_takes_no_more_until_it_is_taken() {
    let mut buffer = RowBuffer::new();
    let text = "x".repeat(PATH_BYTES_MAX * 2);
    let mut pushed = 0;
    while buffer.push(&ExchangeRow { path: &format!("/{pushed}{text}"), ..full() }) {
        pushed += 1;
    }
    assert!(pushed <= LAKE_BUFFER_BYTES_MAX / PATH_BYTES_MAX + 1, "paths are cut");
    assert!(buffer.bytes() < LAKE_BUFFER_BYTES_MAX + 2 * PATH_BYTES_MAX);
    assert_eq!(buffer.take().unwrap().num_rows(), pushed);
    assert!(buffer.push(&full()));
}

#[test]
fn text_is_cut_between_characters() {
    assert_eq!(cut("añb", 2), "a");
    assert_eq!(cut("añb", 3), "añ");
}
