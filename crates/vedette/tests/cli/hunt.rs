//! `vedette hunt` in a data folder and at a server.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use vedette_model::Timestamp;
use vedette_store::arrow::array::{Int64Array, RecordBatch, StringArray};
use vedette_store::arrow::datatypes::{DataType, Field, Schema};
use vedette_store::hunt::{Encoder, Format, HuntStats};
use vedette_store::lake::{Lake, LakeConfig};
use vedette_store::row::{ExchangeRow, RowBuffer};

use super::{access_log, folder, vedette};

/// A data folder with three exchanges in the lake and an inventory beside it.
fn data(folder: &Path) {
    let tenant = folder.join("vedette-data/tenants/default");
    fs::create_dir_all(tenant.join("learned")).unwrap();
    fs::write(folder.join("access.log"), access_log()).unwrap();
    let results = vedette(folder, &["analyze", "access.log", "--json"], b"").stdout;
    fs::write(tenant.join("learned/results.json.zst"), vedette_store::pack(results.as_bytes()).unwrap()).unwrap();
    let mut rows = RowBuffer::new();
    for (record, status) in [200, 404, 503].into_iter().enumerate() {
        let received_at = Timestamp::parse_rfc3339("2026-09-21T14:00:00Z").unwrap();
        assert!(rows.push(&row(record as u32, status, received_at)));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let place = tenant.join("lake/exchanges").display().to_string();
        let lake = Lake::open(LakeConfig::new(place)).await.unwrap();
        lake.append(vec![rows.take().unwrap()], 1).await.unwrap();
    });
}

fn row(record: u32, status: u16, received_at: Timestamp) -> ExchangeRow<'static> {
    ExchangeRow {
        seq: 1,
        record,
        source: "push",
        at: None,
        received_at,
        service: "boats",
        method: "GET",
        path: "/v1/boats/7",
        call: None,
        endpoint: "GET /v1/boats/{boatId}",
        endpoint_id: 7,
        query_keys: "",
        status,
        duration_us: Some(1_000),
        request_bytes: None,
        response_bytes: Some(10),
        actor: u64::from(record) << 16,
        client_ip: None,
        user_agent: "=HYPERLINK(1)",
        referer_host: "",
        authentication: "none",
        tls_version: "",
        ja4: "",
        direction: "inbound",
        caller: "",
        anomalies: "",
    }
}

#[test]
fn a_data_folder_answers_in_every_format() {
    let folder = folder("hunt-formats");
    data(&folder);
    let hunt = |more: &[&str]| {
        let sql = "select status, user_agent from exchanges where status >= 400 order by status";
        vedette(&folder, &[&["hunt", sql], more].concat(), b"")
    };
    insta::assert_snapshot!(hunt(&[]).stdout, @"
    status  user_agent
    ──────  ─────────────
       404  =HYPERLINK(1)
       503  =HYPERLINK(1)
    ");
    assert_eq!(hunt(&["--format", "csv"]).stdout, "status,user_agent\r\n404,'=HYPERLINK(1)\r\n503,'=HYPERLINK(1)\r\n");
    let rows: serde_json::Value = serde_json::from_str(&hunt(&["--json"]).stdout).unwrap();
    assert_eq!(rows[1], serde_json::json!({"status": 503, "user_agent": "=HYPERLINK(1)"}));
    assert_eq!(hunt(&["--format", "ndjson"]).stdout.lines().count(), 2);
    let cut = hunt(&["--limit", "1", "--format", "ndjson"]);
    assert_eq!((cut.stdout.lines().count(), cut.stderr.contains("more than 1 row")), (1, true), "{}", cut.stderr);
    for (format, magic) in [("parquet", b"PAR1".as_slice()), ("arrow", b"\xff\xff\xff\xff".as_slice())] {
        let said = hunt(&["--format", format, "--out", "rows"]);
        assert_eq!(said.code, 0, "{}", said.stderr);
        assert!(fs::read(folder.join("rows")).unwrap().starts_with(magic), "{format}");
    }
    assert!(!folder.join("rows.part").exists());
}

#[test]
fn what_was_learned_and_saved_hunts_are_there() {
    let folder = folder("hunt-saved");
    data(&folder);
    let endpoints = vedette(&folder, &["hunt", "select endpoint from endpoints", "--format", "csv"], b"");
    assert_eq!(endpoints.stdout, "endpoint\r\nGET /v1/boats/{boatId}\r\n", "{}", endpoints.stderr);
    let saved = ["hunt", "--saved", "errors-by-endpoint", "-p", "since=100 years", "--format", "csv"];
    let said = vedette(&folder, &saved, b"");
    assert_eq!(
        said.stdout,
        "service,endpoint,errors,exchanges,percent,actors\r\nboats,GET /v1/boats/{boatId},1,3,33.3,1\r\n"
    );
    let by_hand = vedette(
        &folder,
        &["hunt", "-", "-p", "s=404", "--json"],
        b"select count(*) as n from exchanges where status = $s",
    );
    assert_eq!(by_hand.stdout, "[\n{\"n\":1}\n]\n", "{}", by_hand.stderr);
    let listed = vedette(&folder, &["hunt", "--list"], b"").stdout;
    assert!(listed.lines().any(|line| line.starts_with("credential-stuffing ")), "{listed}");
    assert!(listed.contains("-p attempts=…"), "{listed}");
}

#[test]
fn what_is_wrong_is_said_with_a_hint() {
    let folder = folder("hunt-wrong");
    let nothing = vedette(&folder, &["hunt", "select 1"], b"");
    assert_eq!(nothing.code, 2);
    assert!(
        nothing.stderr.contains("no data in vedette-data") && nothing.stderr.contains("\nhint: "),
        "{}",
        nothing.stderr
    );
    data(&folder);
    for (arguments, error) in [
        (
            vec!["select stauts from exchanges"],
            "error: line 1, column 8: unknown column 'stauts'\nhint: did you mean status?\n",
        ),
        (vec!["drop table exchanges"], "error: drop is not allowed in a hunt\nhint: ask with select"),
        (vec!["--saved", "top-talker"], "error: no hunt is called 'top-talker'\nhint: did you mean top-talkers?\n"),
        (vec!["select 1", "--server", "http://127.0.0.1:9"], "error: no API token for the server\nhint: "),
        (vec!["select 1", "--timeout", "soon"], "error: invalid value 'soon' for '--timeout <TIME>'"),
    ] {
        let said = vedette(&folder, &[vec!["hunt"], arguments.clone()].concat(), b"");
        assert_eq!((said.code, said.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(said.stderr.starts_with(error), "{arguments:?}: {}", said.stderr);
    }
    let failed = vedette(&folder, &["hunt", "select nothing", "--out", "rows", "--format", "csv"], b"");
    assert_eq!(failed.code, 2);
    assert!(!folder.join("rows").exists() && !folder.join("rows.part").exists(), "no half of an answer stays");
}

#[test]
fn a_server_is_asked_for_arrow_and_its_problems_are_shown() {
    let folder = folder("hunt-server");
    fs::write(folder.join("token"), "vdt_secret\n").unwrap();
    let schema = Arc::new(Schema::new(vec![
        Field::new("endpoint", DataType::Utf8, true),
        Field::new("n", DataType::Int64, true),
    ]));
    let columns = vec![Arc::new(StringArray::from(vec!["GET /a"])) as _, Arc::new(Int64Array::from(vec![7])) as _];
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns).unwrap();
    let mut encoder = Encoder::new(Format::Arrow, &schema).unwrap();
    let mut body = Vec::new();
    encoder.write(&batch, &mut body).unwrap();
    encoder.finish(&HuntStats::default(), &mut body).unwrap();
    let problem = br#"{"title":"Unprocessable","detail":"unknown column 'x'","hint":"did you mean y?"}"#.to_vec();
    let half = body[..body.len() / 2].to_vec();
    for (status, body, code, out, err) in [
        ("200 OK", body, 0, "endpoint,n\r\nGET /a,7\r\n", ""),
        ("422 Unprocessable Content", problem, 2, "", "error: unknown column 'x'\nhint: did you mean y?\n"),
        ("200 OK", half, 2, "", "error: "),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || answer(&listener, status, &body));
        let asked = ["hunt", "select 1", "--server", &url, "--token-file", "token", "--format", "csv", "-p", "a=1"];
        let said = vedette(&folder, &asked, b"");
        let request = server.join().unwrap();
        assert_eq!((said.code, said.stdout.as_str()), (code, out), "{}", said.stderr);
        assert!(said.stderr.starts_with(err), "{}", said.stderr);
        assert!(request.starts_with("POST /v1/hunts/run "), "{request}");
        assert!(request.to_lowercase().contains("authorization: bearer vdt_secret"), "{request}");
        assert!(request.contains(r#""sql":"select 1""#) && request.contains(r#""parameters":{"a":1}"#), "{request}");
    }
}

/// Answers one request, and gives it back.
fn answer(listener: &TcpListener, status: &str, body: &[u8]) -> String {
    let (mut stream, _) = listener.accept().unwrap();
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, rest)) = text.split_once("\r\n\r\n") {
            let length = head
                .to_lowercase()
                .split("content-length: ")
                .nth(1)
                .and_then(|rest| rest.split("\r\n").next()?.parse().ok());
            if rest.len() >= length.unwrap_or(0) {
                break;
            }
        }
        let count = stream.read(&mut chunk).unwrap();
        request.extend_from_slice(&chunk[..count]);
    }
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    String::from_utf8_lossy(&request).into_owned()
}
