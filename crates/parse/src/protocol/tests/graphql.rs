//! GraphQL in all its carriers.

use super::*;

fn graphql(text: &str, rest: &str, response: &str) -> Vec<String> {
    told(&json("/graphql", &format!("{{\"query\":{}{rest}}}", super::super::members::quoted(text)), response))
}

#[test]
fn each_root_field_is_a_call_with_its_arguments_and_answer() {
    let text = "query Account($id: ID!, $n: Int) { user(id: $id) { email posts(first: $n, tag: NEWS) { title } } \
                mine: orders(filter: {state: [OPEN, $s], total: 1.5, note: \"a \\\"b\\\"\"}) { id } }";
    let answer = r#"{"data":{"user":{"email":"a@b.example"},"mine":[{"id":1}]}}"#;
    assert_eq!(
        graphql(text, r#","variables":{"id":"u7","n":3}"#, answer),
        [
            r#"graphql query.user {"id":"u7","posts.first":3,"posts.tag":"NEWS"} -> {"data":{"user":{"email":"a@b.example"}}}"#,
            r#"graphql query.orders {"filter":{"state":["OPEN",null],"total":1.5,"note":"a \"b\""}} -> {"data":{"orders":[{"id":1}]}}"#,
        ]
    );
}

#[test]
fn operation_type_operation_name_and_fragments_tell_the_root() {
    for (text, rest, expected) in [
        ("{ me { id } }", "", "query.me"),
        ("mutation { logout }", "", "mutation.logout"),
        ("subscription OnTick { tick { at } }", "", "subscription.tick"),
        ("query A { a } mutation B { b }", r#","operationName":"B""#, "mutation.b"),
        ("query A { ...R } fragment R on Query { fromFragment }", "", "query.fromFragment"),
        ("{ ... on Query { inline } }", "", "query.inline"),
        ("# a comment\nquery { commented }", "", "query.commented"),
    ] {
        let calls = graphql(text, rest, r#"{"data":{}}"#);
        assert_eq!(calls.len(), 1, "{text}");
        assert!(calls[0].starts_with(&format!("graphql {expected} ")), "{text}: {calls:?}");
    }
}

#[test]
fn depth_cost_and_aliases_are_measured() {
    let text =
        "query($n: Int) { a: user { posts(first: $n) { comments(last: 10) { id author { id } } } } b: user { id } }";
    let request = format!("{{\"query\":\"{text}\",\"variables\":{{\"n\":5}}}}");
    let exchange = json("/graphql", &request, r#"{"data":{"a":{},"b":{}}}"#);
    let calls = Protocols::default().read(&exchange);
    let [call] = calls.as_slice() else { panic!("{calls:?}") };
    // Fields: user 1, posts 1, comments 5, id 50, author 50, its id 50, user 1, id 1.
    assert_eq!(
        [Measure::Depth, Measure::Cost, Measure::Aliases].map(|measure| call.measure(measure)),
        [Some(5), Some(159), Some(2)]
    );
}

#[test]
fn hostile_texts_stay_within_bounds() {
    let deep = format!("{{{}x{}}}", "a{".repeat(5_000), "}".repeat(5_000));
    let doubling =
        (0..40).map(|n| format!("fragment F{n} on Q {{ ...F{} ...F{} }} ", n + 1, n + 1)).collect::<Vec<_>>().concat();
    let doubling = format!("{{ a {{ ...F0 }} }} {doubling} fragment F40 on Q {{ x }}");
    let aliases = (0..5_000).map(|n| format!("a{n}: login(p: {n}) ")).collect::<Vec<_>>().concat();
    let circle = "{ a { ...A } } fragment A on X { b { ...B } } fragment B on X { c { ...A } }".to_owned();
    for text in [deep, doubling, format!("mutation {{ {aliases} }}"), circle] {
        let request = format!("{{\"query\":\"{text}\"}}");
        let exchange = json("/graphql", &request, r#"{"data":{"a":{}}}"#);
        let calls = Protocols::default().read(&exchange);
        assert_eq!(calls.len(), 1, "{text:.40}");
        assert!(calls[0].measure(Measure::Depth) <= Some(100) && calls[0].measure(Measure::Cost) <= Some(10_000));
    }
}

#[test]
fn all_carriers_are_read() {
    let answer = r#"{"data":{"me":{"id":7}}}"#;
    let expected = r#"graphql query.me {"n":2} -> {"data":{"me":{"id":7}}}"#;
    let media = "application/json";
    let form = "--xx\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{\"query\":\"{ me(n: 2) { id } }\"}\r\n\
                --xx\r\nContent-Disposition: form-data; name=\"0\"; filename=\"a.png\"\r\n\r\nPNG\r\n--xx--\r\n";
    for exchange in [
        json("/api", r#"{"query":"{ me(n: 2) { id } }"}"#, answer),
        exchange("/graphql?query=%7B+me(n:2)+%7Bid%7D%7D", ("", b""), (media, answer.as_bytes())),
        exchange("/graphql", ("application/graphql", b"{ me(n: 2) { id } }"), (media, answer.as_bytes())),
        exchange("/graphql", ("multipart/form-data; boundary=xx", form.as_bytes()), (media, answer.as_bytes())),
        exchange(
            "/graphql",
            (media, br#"{"query":"{ me(n: 2) { id } }"}"#),
            ("text/event-stream", b"event: next\ndata: {\"data\":{\"me\":{\"id\":7}}}\n\n"),
        ),
    ] {
        assert_eq!(told(&exchange), [expected]);
    }
    let mut logged = exchange("/graphql?query=query+A+%7Bme%7Bid%7D%7D", ("", b""), ("", b""));
    logged.has_headers = false;
    assert_eq!(told(&logged), ["graphql query.me {} -> (whole)"]);
}

#[test]
fn batches_are_answered_in_order() {
    let request = r#"[{"query":"{ a }"},{"query":"mutation { b(x: 1) }"},{"query":"{ a }"}]"#;
    let exchange = json("/graphql", request, r#"[{"data":{"a":1}},{"data":{"b":2}},{"data":{"a":3}}]"#);
    assert_eq!(
        told(&exchange),
        [
            r#"graphql query.a {} | {} -> {"data":{"a":1}} | {"data":{"a":3}}"#,
            r#"graphql mutation.b {"x":1} -> {"data":{"b":2}}"#,
        ]
    );
    assert_eq!(Protocols::default().read(&exchange)[0].measure(Measure::Batch), Some(3));
}

#[test]
fn persisted_texts_are_known_by_their_hash() {
    let hash = "ECF4EDB46DB40B5132295C0291D62FB65D6759A9EEDFA4D5D612DD5EC54A6B38";
    let extensions = format!(r#""extensions":{{"persistedQuery":{{"version":1,"sha256Hash":"{hash}"}}}}"#);
    let registration = format!(r#"{{"query":"query User {{ user {{ id }} }}",{extensions}}}"#);
    let use_of_it = format!(r#"{{"operationName":"User","variables":{{"id":4}},{extensions}}}"#);
    let (answer, path) = (r#"{"data":{"user":{"id":4}}}"#, "/graphql");
    let first = json(path, &registration, answer);
    let calls = Protocols::default().read(&first);
    let persisted = calls[0].persisted.as_ref().unwrap();
    assert_eq!(
        (persisted.hash.as_str(), persisted.roots.as_slice()),
        (&*hash.to_lowercase(), &["query.user".to_owned()][..])
    );
    let name = format!("persisted.{}", hash.to_lowercase());
    let second = json(path, &use_of_it, answer);
    assert_eq!(told(&second), [format!(r#"graphql {name} {{"id":4}} -> {answer}"#)]);
    assert_eq!(labels(&Protocols::default().read(&second)[0], Label::Operation), ["User"]);
    let unknown = json(
        path,
        &use_of_it,
        r#"{"errors":[{"message":"PersistedQueryNotFound","extensions":{"code":"PERSISTED_QUERY_NOT_FOUND"}}]}"#,
    );
    assert!(told(&unknown)[0].ends_with("!404 PERSISTED_QUERY_NOT_FOUND"));
    assert!(
        told(&json(path, r#"{"operationName":"User","variables":{}}"#, answer))[0]
            .starts_with("graphql operation.User {}")
    );
}

#[test]
fn failures_inside_200_are_told_by_root_field() {
    let both = r#"{"query":"{ me { id } shop { name } }"}"#;
    for (answer, me, shop) in [
        (
            r#"{"data":{"me":null,"shop":{"name":"x"}},"errors":[{"message":"m","path":["me"],"extensions":{"code":"UNAUTHENTICATED"}}]}"#,
            "!401 UNAUTHENTICATED",
            "",
        ),
        (
            r#"{"data":null,"errors":[{"message":"Not authorized","path":["me"]},{"message":"boom","path":["shop"]}]}"#,
            "!403 error",
            "!500 error",
        ),
        (
            r#"{"errors":[{"message":"Cannot query field","locations":[],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}"#,
            "!400 GRAPHQL_VALIDATION_FAILED",
            "!400 GRAPHQL_VALIDATION_FAILED",
        ),
        (r#"{"data":{"me":null,"shop":{"name":"x"}}}"#, "", ""),
        (r#"{"errors":[{"message":"slow down","extensions":{"code":"X","http":{"status":429}}}]}"#, "!429 X", "!429 X"),
    ] {
        let exchange = json("/graphql", both, answer);
        let lines = told(&exchange);
        for (line, failure) in lines.iter().zip([me, shop]) {
            assert!(line.ends_with(failure) && (failure.is_empty() != line.contains(" !")), "{answer}: {line}");
        }
    }
}
