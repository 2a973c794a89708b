//! Whatever is asked, nothing is written, no file is read, and no text breaks the process.

use proptest::prelude::*;

use super::*;

#[test]
fn only_questions_pass() {
    let ground = Ground::new();
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "a,b\n1,2\n").unwrap();
    let out = secret.path().with_extension("out");
    let (file, target) = (secret.path().display(), out.display());
    for sql in [
        "insert into exchanges values (1)",
        "update exchanges set status = 1",
        "delete from exchanges",
        "drop table exchanges",
        "create table x as select 1",
        "create view x as select 1",
        "create function f() returns int return 1",
        "create schema s",
        "truncate table exchanges",
        "merge into exchanges using endpoints on true when matched then delete",
        &format!("copy (select 1) to '{target}'"),
        &format!("copy exchanges to '{target}' stored as parquet"),
        &format!("create external table x stored as csv location '{file}'"),
        &format!("select * from '{file}'"),
        &format!("select * from \"{file}\""),
        &format!("explain copy (select 1) to '{target}'"),
        "set datafusion.execution.target_partitions = 100",
        "reset datafusion.execution.target_partitions",
        "show all",
        "show datafusion.runtime.temp_directory",
        "select * from information_schema.df_settings",
        "select * from other.public.exchanges",
        "select * from pg_catalog.pg_class",
        "explain analyze select 1",
        "explain verbose select 1",
        "explain format tree select * from exchanges",
        "explain explain select 1",
        "prepare p as select 1",
        "execute p",
        "begin",
        "commit",
        "with x as (insert into exchanges values (1)) select 1",
        "select 1 into x",
        "analyze table exchanges",
        "call f()",
        "load data inpath 'x' into table exchanges",
        "select 1; select 2",
        "select repeat('x', 1000000000)",
        "select lpad('x', 1000000000)",
        "select generate_series(1, 1000000000)",
        "select array_repeat(1, 1000000000)",
        "",
        ";",
        "-- nothing",
    ] {
        let error = ground.ask(Tables::new(), query(sql)).map(|_| ()).expect_err(sql);
        let author = matches!(error, HuntError::Wrong { .. } | HuntError::Refused { .. });
        assert!(author, "{sql}: {error:?}");
        assert!(!error.to_string().contains("a,b"), "{sql}: {error}");
    }
    assert!(!out.exists());
}

#[test]
fn questions_about_the_tables_pass_and_name_no_file() {
    let ground = Ground::new();
    let rows = json!({"exchanges": [{}]});
    for (sql, told) in [
        ("show tables", "exchanges"),
        ("describe endpoints", "authentication"),
        ("show columns from findings", "severity_level"),
        ("select column_name from information_schema.columns where table_name = 'exchanges'", "user_agent"),
        ("explain select status from exchanges where status > 400", "TableScan"),
        ("values (1), (2)", "2"),
        ("with recursive n as (select 1 as i union all select i + 1 from n where i < 3) select max(i) from n", "3"),
        ("(select 1) union (select 2) order by 1", "2"),
    ] {
        let answer = ground.text(tables(&rows), sql);
        assert!(answer.contains(told), "{sql}: {answer}");
        assert!(!answer.contains("spill") && !answer.contains("/tmp"), "{sql}: {answer}");
    }
}

#[test]
fn errors_say_what_is_wrong_where_and_what_to_try() {
    let ground = Ground::new();
    for (sql, expected) in [
        ("select statsu from exchanges", "line 1, column 8: unknown column 'statsu' (hint: did you mean status?)"),
        (
            "select endpoint\nfrom exchange",
            "unknown table 'exchange' (hint: did you mean exchanges? There are exchanges, endpoints, services, actors, \
             findings, detections, incidents, edges, changes, sources, audit)",
        ),
        ("select (1", "expected ), found EOF"),
        (
            "select cidr_contain('x') from exchanges",
            "line 1, column 8: invalid function 'cidr_contain' (hint: did you mean 'cidr_contains'?)",
        ),
        ("select 'open", "line 1, column 8: unterminated string literal"),
        (
            "select service from exchanges, endpoints",
            "line 1, column 8: more than one table has a column 'service' (hint: name the table: exchanges.service)",
        ),
        ("select 1/0", "divide by zero error"),
    ] {
        assert_eq!(ground.text(Tables::new(), sql), expected, "{sql}");
    }
}

#[test]
fn no_depth_overflows_the_stack() {
    let ground = Ground::new();
    let n = 20_000;
    for sql in [
        format!("select {}1{}", "(".repeat(n), ")".repeat(n)),
        format!("select {}", "(".repeat(n)),
        format!("select * from {}", "(".repeat(n)),
        "select -1".to_owned() + &" - 1".repeat(n / 2),
        format!("select {} true", "not ".repeat(n / 2)),
        format!("select 1 {}", "+ 1 ".repeat(n / 4)),
        format!("select {}", vec!["true"; n / 4].join(" and ")),
        format!("select {}", vec!["'a'"; n / 4].join(" || ")),
        vec!["select 1"; n / 8].join(" union all "),
        format!("select {}1{}", "case when true then ".repeat(n / 8), " end".repeat(n / 8)),
        format!("select {}1{}", "[".repeat(n), "]".repeat(n)),
        format!("select * from exchanges {}", "join exchanges using (at) ".repeat(n / 16)),
        format!("select a{}", "::int".repeat(n / 4)),
        format!("select x{}", ".y".repeat(n / 4)),
        format!("{} select 1", "explain ".repeat(n / 8)),
        format!("select * from {}exchanges{}", "(select * from ".repeat(n / 16), ")".repeat(n / 16)),
        format!("with {} select 1", vec!["a as (select 1)"; n / 8].join(", ")),
        format!("select {}1{}", "(select ".repeat(20), ")".repeat(20)),
        doubling("select 1 as x from a{n}, a{n} b"),
        doubling("select x from a{n} union all select x from a{n}"),
        doubling("select x from \"A{n}\", (select 1 from a{n}) as c"),
        doubling("select x from a{n}, (select 1 from a{n}) as c").replace(" as (", "(x) as ("),
        doubling("select x from a{n}, (select 1 from a{n}) as c").replace(" as (", " as materialized ("),
        format!("select * from ({}) as x", doubling("select x from a{n} union all select x from a{n}")),
    ] {
        let error = ground.ask(Tables::new(), query(&sql)).map(|_| ()).expect_err(&sql[..40]);
        assert!(matches!(error, HuntError::Wrong { .. } | HuntError::Refused { .. }), "{}: {error:?}", &sql[..40]);
    }
}

/// Named queries of which each uses the one before it twice: a billion steps in a kilobyte.
fn doubling(step: &str) -> String {
    let named = (0..30).map(|n| format!("a{} as ({})", n + 1, step.replace("{n}", &n.to_string())));
    format!("with a0 as (select 1 as x), {} select count(*) from a30", named.collect::<Vec<_>>().join(", "))
}

/// What the limits allow must work: planned, executed and dropped, in reasonable time.
#[test]
fn what_is_just_allowed_works() {
    let ground = Ground::new();
    let deep = vedette_model::limits::HUNT_NESTING_MAX - 2;
    let many = vedette_model::limits::HUNT_OPERATORS_MAX - 5;
    let queries = vedette_model::limits::HUNT_SUBQUERIES_MAX;
    for sql in [
        format!("select {}1{} as x", "(".repeat(deep), ")".repeat(deep)),
        format!("select 1 {} as x", "+ 1 ".repeat(many)),
        format!("select {} as x", vec!["status = 1"; many / 2].join(" or ")) + " from exchanges",
        format!("select {} as x", vec!["'a'"; many].join(" || ")),
        vec!["select 1 as x"; many / 3].join(" union all "),
        format!("select * from {}exchanges{}", "(select * from ".repeat(queries), ")".repeat(queries)),
        format!("select {}1{} as x", "case when true then ".repeat(deep), " end".repeat(deep)),
        doubling("select x from a{n}"),
        "with a as (select 1 as x) select a.x, a.x as y, a.x as z, b.x from a, a b, a c where a.x = b.x".to_owned(),
        format!("select status in ({}) as x from exchanges", vec!["404"; 5_000].join(", ")),
        format!("select {}x{} as x from (select 'A' as x)", "lower(".repeat(deep - 1), ")".repeat(deep - 1)),
        format!("select {}1{} as x", "(select ".repeat(queries), ")".repeat(queries)),
        format!("select {}true{} as x", "exists (select ".repeat(queries), ")".repeat(queries)),
        format!("select * from {}exchanges{}", "(".repeat(deep), ")".repeat(deep)),
    ] {
        let started = std::time::Instant::now();
        if let Err(error) = ground.ask(Tables::new(), query(&sql)) {
            assert!(error.is_askers(), "{}: {error:?}", &sql[..40]);
        }
        let took = started.elapsed();
        assert!(took < Duration::from_secs(20), "{} took {took:?}", &sql[..40]);
    }
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "select",
            "from",
            "where",
            "exchanges",
            "endpoints",
            "status",
            "(",
            ")",
            "*",
            ",",
            "'",
            "\"",
            "$a",
            "=",
            "and",
            "group by",
            "1",
            "with",
            "as",
            "union",
            "interval '1 day'",
            "case",
            "when",
            "end",
            "::",
            "[",
            "]",
            "--",
            "/*",
            ";",
            "explain",
            "over (",
            "count(",
            "now()",
            "like '%'",
            "null",
            "\u{0}",
            "🦉",
            "limit",
            "join",
            "lateral",
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,8}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Any text is answered or refused: nothing panics, hangs or is blamed on us.
    #[test]
    fn any_text_is_answered_or_refused(words in prop::collection::vec(word(), 0..30)) {
        thread_local!(static GROUND: Ground = Ground::new());
        let sql = words.join(" ");
        GROUND.with(|ground| {
            if let Err(error) = ground.ask(Tables::new(), query(&sql)) {
                prop_assert!(error.is_askers(), "{sql}: {error:?}");
            }
            Ok(())
        })?;
    }
}
