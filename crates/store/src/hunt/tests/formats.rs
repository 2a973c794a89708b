//! Answers as bytes.

use futures::StreamExt;

use super::*;

fn sample() -> Tables {
    tables(&json!({
        "exchanges": [
            {"endpoint": "GET /a", "status": 200, "at": "2026-03-02T11:00:00.5Z", "path": "=cmd|' /C calc'!A0"},
            {"status": 404, "path": "/b,\"c\"\u{1b}[2J"},
        ],
        "endpoints": [{"endpoint": "GET /a", "authentication": ["bearer", "none"], "confidence": -0.5, "deprecated": true}],
    }))
}

const SQL: &str = "select x.at, x.path, x.status, x.endpoint, e.authentication, e.confidence, e.deprecated \
                   from exchanges x left join endpoints e on e.endpoint = x.endpoint order by x.record";

fn written(format: Format) -> String {
    let ground = Ground::new();
    String::from_utf8(ground.answer(sample(), query(SQL), format).unwrap().0).unwrap()
}

#[test]
fn csv_runs_no_formula() {
    assert_eq!(
        written(Format::Csv),
        "at,path,status,endpoint,authentication,confidence,deprecated\r\n\
         2026-03-02T11:00:00.500Z,'=cmd|' /C calc'!A0,200,GET /a,bearer; none,-0.5,true\r\n\
         2026-03-02T11:00:00Z,\"/b,\"\"c\"\"\u{1b}[2J\",404,,,,\r\n"
    );
}

#[test]
fn tables_move_no_cursor_and_fit_the_terminal() {
    insta::assert_snapshot!(written(Format::Table { width: 120 }), @r#"
    at                        path                status  endpoint  authentication  confidence  deprecated
    ────────────────────────  ──────────────────  ──────  ────────  ──────────────  ──────────  ──────────
    2026-03-02T11:00:00.500Z  =cmd|' /C calc'!A0     200  GET /a    bearer, none          -0.5  true
    2026-03-02T11:00:00Z      /b,"c"\u{1b}[2J        404
    "#);
    let narrow = written(Format::Table { width: 60 });
    assert!(narrow.lines().all(|line| line.chars().count() <= 66), "{narrow}");
}

#[test]
fn json_is_read_back_in_each_form() {
    let array: Vec<serde_json::Value> = serde_json::from_str(&written(Format::Json)).unwrap();
    let lines: Vec<serde_json::Value> =
        written(Format::Ndjson).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(array, lines);
    assert_eq!(array[0]["authentication"], json!(["bearer", "none"]));
    assert_eq!(array[0]["at"], json!("2026-03-02T11:00:00.500Z"));
    assert_eq!(array[1]["endpoint"], serde_json::Value::Null);
    let mut document: serde_json::Value = serde_json::from_str(&written(Format::Document)).unwrap();
    assert_eq!(document["columns"][0], json!({"name": "at", "type": "timestamp"}));
    assert_eq!(document["columns"][4]["type"], "list");
    assert_eq!(document["rows"][1][2], 404);
    assert_eq!(document["stats"]["rows"].take(), 2);
}

#[test]
fn answers_without_rows_are_whole_documents() {
    let ground = Ground::new();
    let nothing = |format| {
        let query = query("select status, path from exchanges where false");
        ground.answer(Tables::new(), query, format).unwrap().0
    };
    assert_eq!(nothing(Format::Csv), b"status,path\r\n");
    assert_eq!(nothing(Format::Json), b"[]\n");
    assert_eq!(nothing(Format::Ndjson), b"");
    assert_eq!(nothing(Format::Table { width: 80 }), "status  path\n──────  ────\n".as_bytes());
    let document: serde_json::Value = serde_json::from_slice(&nothing(Format::Document)).unwrap();
    assert_eq!(document["rows"], json!([]));
    assert_eq!(decode(nothing(Format::Arrow).as_slice()).unwrap().1.count(), 0);
}

#[test]
fn arrow_and_parquet_are_read_back() {
    let ground = Ground::new();
    let query = || query(SQL);
    let arrow = ground.answer(sample(), query(), Format::Arrow).unwrap().0;
    let (schema, batches) = decode(arrow.as_slice()).unwrap();
    let mut encoder = Encoder::new(Format::Csv, &schema).unwrap();
    let mut csv = Vec::new();
    for batch in batches {
        encoder.write(&batch.unwrap(), &mut csv).unwrap();
    }
    encoder.finish(&HuntStats::default(), &mut csv).unwrap();
    assert_eq!(String::from_utf8(csv).unwrap(), written(Format::Csv));

    let parquet = ground.answer(sample(), query(), Format::Parquet).unwrap().0;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.parquet");
    std::fs::write(&path, parquet).unwrap();
    let file = std::fs::File::open(&path).unwrap();
    let reader = datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let rows: usize = reader.build().unwrap().map(|batch| batch.unwrap().num_rows()).sum();
    assert_eq!(rows, 2);
    assert!(decode(&arrow[..arrow.len() / 2]).map_or(true, |(_, batches)| batches.into_iter().any(|b| b.is_err())));
}

/// A large answer is written with little memory: no chunk is much larger than it needs to be, in any format.
#[test]
fn answers_are_streamed() {
    let ground = Ground::new();
    let rows: Vec<_> = (0..300).map(|i| json!({"path": format!("/{i}")})).collect();
    let many = tables(&json!({"exchanges": rows}));
    for format in [
        Format::Csv,
        Format::Json,
        Format::Ndjson,
        Format::Document,
        Format::Arrow,
        Format::Parquet,
        Format::Table { width: 80 },
    ] {
        let sql = "select a.path || b.path as x, a.status from exchanges a, exchanges b, (values (1), (2), (3)) c";
        let limits = Limits { rows: None, ..Limits::default() };
        let (chunks, largest) = ground.runtime.block_on(async {
            let hunt = ground.hunter.run(many.clone(), Query { limits, ..query(sql) }).await.unwrap();
            let sizes: Vec<usize> = hunt.encode(format).map(|chunk| chunk.unwrap().len()).collect().await;
            (sizes.len(), sizes.into_iter().max().unwrap_or_default())
        });
        assert!(chunks > 1 && largest < 2 << 20, "{format:?}: {chunks} chunks, the largest {largest}");
    }
}

#[test]
fn media_types_name_formats() {
    for format in [Format::Json, Format::Ndjson, Format::Document, Format::Csv, Format::Arrow, Format::Parquet] {
        let name = format.media_type().split(';').next().unwrap();
        assert_eq!(Format::of_media_type(name), Some(format));
    }
    assert_eq!(Format::of_media_type("text/html"), None);
}
