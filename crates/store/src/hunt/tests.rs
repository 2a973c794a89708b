//! Hunts over small tables written down as JSON.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use vedette_model::Timestamp;

use super::*;

mod bounds;
mod formats;
mod refusals;
mod rows;
mod shipped;
mod slt;

use rows::tables;

/// A hunter with a spill folder of its own.
struct Ground {
    hunter: Hunter,
    _folder: tempfile::TempDir,
    runtime: Runtime,
}

impl Ground {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut HuntConfig)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = HuntConfig::new(folder.path().join("spill"));
        config.threads = 2;
        change(&mut config);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { hunter: Hunter::new(config).unwrap(), _folder: folder, runtime }
    }

    fn ask(&self, tables: Tables, query: Query) -> Result<(Vec<u8>, HuntStats), HuntError> {
        self.answer(tables, query, Format::Csv)
    }

    fn answer(&self, tables: Tables, query: Query, format: Format) -> Result<(Vec<u8>, HuntStats), HuntError> {
        self.runtime.block_on(async {
            let mut hunt = self.hunter.run(tables, query).await?;
            let mut encoder = Encoder::new(format, hunt.schema())?;
            let mut out = Vec::new();
            while let Some(batch) = hunt.next().await? {
                encoder.write(&batch, &mut out)?;
            }
            let stats = hunt.stats().unwrap();
            encoder.finish(&stats, &mut out)?;
            Ok((out, stats))
        })
    }

    /// The answer as CSV with plain line ends, or the error with its hint.
    fn text(&self, tables: Tables, sql: &str) -> String {
        match self.ask(tables, query(sql)) {
            Ok((out, _)) => String::from_utf8(out).unwrap().replace("\r\n", "\n"),
            Err(error) => match error.hint() {
                Some(hint) => format!("{error} (hint: {hint})"),
                None => error.to_string(),
            },
        }
    }
}

fn query(sql: &str) -> Query {
    Query {
        sql: sql.to_owned(),
        parameters: BTreeMap::new(),
        limits: Limits::default(),
        tenant: "default".to_owned(),
        asked_by: "test".to_owned(),
        now: Timestamp::parse_rfc3339("2026-03-02T12:00:00Z").unwrap(),
    }
}

#[test]
fn functions_give_what_the_reference_says() {
    let ground = Ground::new();
    for function in FUNCTIONS {
        for (call, value) in function.examples {
            let answer = ground.text(Tables::new(), &format!("select {call} as x"));
            let cell = answer.strip_prefix("x\n").map(|rest| rest.trim_end().replace("\"\"", "\""));
            let cell = cell.as_deref().map(|cell| cell.trim_matches('"'));
            assert_eq!(cell, Some(value.trim_matches('"')), "{call}: {answer}");
        }
    }
    let named: Vec<&str> = FUNCTIONS.iter().filter_map(|function| function.usage.split('(').next()).collect();
    let listed = ground.text(Tables::new(), "select distinct routine_name from information_schema.routines");
    for name in named {
        assert!(listed.lines().any(|line| line == name), "{name} is documented and does not exist");
    }
}

#[test]
fn functions_work_on_columns_and_their_nulls() {
    let ground = Ground::new();
    let rows = json!({"exchanges": [
        {"client_ip": "10.0.0.1", "path": "/v1/a", "status": 200, "at": "2026-03-02T10:44:00Z"},
        {"client_ip": "203.0.113.9", "path": "/v1/b", "status": 404, "at": "2026-03-02T10:46:00Z"},
        {"path": "/"},
    ]});
    let sql = "select cidr_contains('10.0.0.0/8', client_ip) as inside, is_private_ip(client_ip) as private, \
               path_segment(path, 2) as segment, status_class(status) as class, time_bucket('1 hour', at) as hour \
               from exchanges order by record";
    assert_eq!(
        ground.text(tables(&rows), sql),
        "inside,private,segment,class,hour\ntrue,true,a,2xx,2026-03-02T10:00:00Z\n\
         false,false,b,4xx,2026-03-02T10:00:00Z\n,,,,2026-03-02T11:00:00Z\n"
    );
    let error = ground.text(Tables::new(), "select cidr_contains('10.0.0.0/99', '10.0.0.1')");
    assert!(error.starts_with("'10.0.0.0/99' is no network"), "{error}");
}

#[test]
fn every_table_exists_without_data_and_every_column_needs_no_quotes() {
    let ground = Ground::new();
    for table in crate::tables::TABLES {
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        let sql = format!("select {} from {}", columns.join(", "), table.name);
        assert_eq!(ground.text(Tables::new(), &sql), format!("{}\n", columns.join(",")), "{}", table.name);
        let (_, stats) = ground.ask(Tables::new(), query(table.example)).unwrap();
        assert_eq!(stats.rows, 0, "the example of {}", table.name);
    }
}

#[test]
fn parameters_are_values_and_never_sql() {
    let ground = Ground::new();
    let rows = json!({"exchanges": [{"actor": "a-1", "status": 200}, {"actor": "x' or '1'='1", "status": 500}]});
    let ask = |sql: &str, values: &[(&str, Value)]| {
        let parameters = values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        match ground.ask(tables(&rows), Query { parameters, ..query(sql) }) {
            Ok((out, _)) => String::from_utf8(out).unwrap().replace("\r\n", "|"),
            Err(error) => format!("{error} (hint: {})", error.hint().unwrap_or_default()),
        }
    };
    let text = |text: &str| Value::Text(text.to_owned());
    let by_actor = "select status from exchanges where actor = $actor";
    assert_eq!(ask(by_actor, &[("actor", text("x' or '1'='1"))]), "status|500|");
    assert_eq!(ask(by_actor, &[("actor", text("'; drop table exchanges; --"))]), "status|");
    assert_eq!(ask("select 1 -$n as x", &[("n", Value::Integer(-2))]), "x|3|");
    assert_eq!(ask("select $x as x limit $n", &[("x", Value::Number(0.5)), ("n", Value::Integer(1))]), "x|0.5|");
    assert_eq!(ask("select $x is null as x", &[("x", Value::Null)]), "x|true|");
    let time = Timestamp::parse_rfc3339("2026-03-02T12:00:00Z").unwrap();
    let since = "select count(*) as n from exchanges where at > $since - $width";
    assert_eq!(ask(since, &[("since", Value::Time(time)), ("width", Value::Interval("2 hours".to_owned()))]), "n|2|");
    assert_eq!(
        ask(by_actor, &[("actr", text("a-1"))]),
        "parameter 'actor' has no value (hint: there is a value for $actr)"
    );
    assert_eq!(
        ask("select 1", &[("n", Value::Integer(1))]),
        "parameter 'n' does not occur in the SQL (hint: write $n where its value belongs)"
    );
}

#[test]
fn now_is_what_the_query_says() {
    let ground = Ground::new();
    assert_eq!(ground.text(Tables::new(), "select now() as t"), "t\n2026-03-02T12:00:00Z\n");
}

#[test]
fn services_that_may_not_be_seen_are_nowhere() {
    let ground = Ground::new();
    let rows = json!({
        "exchanges": [{"service": "shop", "caller": "web"}, {"service": "bank", "caller": "web"}],
        "endpoints": [{"service": "shop", "endpoint": "GET /a"}, {"service": "bank", "endpoint": "GET /b"}],
        "services": [{"name": "shop"}, {"name": "bank"}],
        "actors": [{"id": "a-1"}],
    });
    let mine = || tables(&rows).only_services(&["shop".to_owned()]);
    for (sql, expected) in [
        ("select service from exchanges", "service\nshop\n"),
        ("select service from edges", "service\nshop\n"),
        ("select endpoint from endpoints", "endpoint\nGET /a\n"),
        ("select name from services", "name\nshop\n"),
        ("select id from actors", "id\n"),
        ("select count(*) as n from exchanges where service = 'bank'", "n\n0\n"),
    ] {
        assert_eq!(ground.text(mine(), sql), expected, "{sql}");
    }
}

#[test]
fn learned_tables_come_from_results() {
    let ground = Ground::new();
    let results = vedette_model::results::Results {
        endpoints: vec![vedette_model::results::Endpoint {
            id: "00000000000000aa".to_owned(),
            service: "shop".to_owned(),
            method: "GET".to_owned(),
            template: "/v1/users/{userId}".to_owned(),
            statuses: [("200".to_owned(), 5), ("404".to_owned(), 2), ("500".to_owned(), 1)].into(),
            authentication: vec!["bearer".to_owned(), "none".to_owned()],
            ..Default::default()
        }],
        detections: vec![vedette_model::results::Detection {
            id: "d1".to_owned(),
            endpoint: "00000000000000aa".to_owned(),
            severity: vedette_model::results::Severity::High,
            ..Default::default()
        }],
        ..Default::default()
    };
    let tables = || Tables::new().with_results(Arc::new(results.clone()));
    assert_eq!(
        ground.text(tables(), "select endpoint, errors, array_has(authentication, 'none') as open from endpoints"),
        "endpoint,errors,open\nGET /v1/users/{userId},3,true\n"
    );
    assert_eq!(
        ground.text(tables(), "select service, endpoint, severity_level from detections"),
        "service,endpoint,severity_level\nshop,GET /v1/users/{userId},3\n"
    );
    let other = tables().only_services(&["bank".to_owned()]);
    assert_eq!(ground.text(other, "select id from detections"), "id\n");
}

#[test]
fn the_reference_names_all_there_is() {
    let page = reference();
    for name in
        crate::tables::TABLES.iter().map(|table| table.name).chain(super::shipped().iter().map(|h| h.id.as_str()))
    {
        assert!(page.contains(&format!("\n### {name}\n")), "{name}");
    }
}
