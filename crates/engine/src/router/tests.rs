use vedette_model::results::Protocol;

use super::*;

/// `SERVICE METHOD TEMPLATE`, with `#call` behind the template of a call.
fn results(endpoints: &[&str]) -> Results {
    let endpoint = |(number, line): (usize, &&str)| {
        let mut words = line.split(' ');
        let mut next = || words.next().unwrap_or_default().to_owned();
        let (service, method, template) = (next(), next(), next());
        let protocol = template.split_once('#').map(|(path, call)| Protocol {
            path: path.to_owned(),
            operation: Some(call.to_owned()),
            ..Protocol::default()
        });
        Endpoint { id: format!("{:016x}", number + 1), service, method, template, protocol, ..Endpoint::default() }
    };
    Results { endpoints: endpoints.iter().enumerate().map(endpoint).collect(), ..Results::default() }
}

const ENDPOINTS: &[&str] = &[
    "shop GET /",
    "shop GET /v1/users",
    "shop GET /v1/users/me",
    "shop GET /v1/users/{userId}",
    "shop DELETE /v1/users/{userId}",
    "shop GET /v1/users/{userId}.json",
    "shop OTHER /v1/users",
    "shop GET /odd/%7Bx%7D",
    "shop POST /graphql#query.user",
    "shop POST /graphql#query.users",
    "shop POST /graphql#persisted.0123456789ab",
    "shop POST /graphql#other",
    "shop POST /rpc",
    "shop POST /rpc#orders.get",
    "shop POST /mcp#tools/call/search",
    "default GET /health",
    "other GET /health",
];

#[test]
fn an_exchange_belongs_to_the_endpoint_of_its_service_method_path_and_call() {
    let router = Router::new(&results(ENDPOINTS));
    assert_eq!(router.len(), ENDPOINTS.len());
    let long = "x".repeat(300);
    for (service, method, path, call, expected) in [
        ("shop", "GET", "/v1/users/7", None, Some("GET /v1/users/{userId}")),
        ("Shop", "get", "/v1/users/7", None, Some("GET /v1/users/{userId}")),
        ("shop", "GET", "/v1/users/me", None, Some("GET /v1/users/me")),
        // Nothing but GET is known there, so it is the method on some user.
        ("shop", "DELETE", "/v1/users/me", None, Some("DELETE /v1/users/{userId}")),
        ("shop", "GET", "/v1/users/7.json", None, Some("GET /v1/users/{userId}.json")),
        ("shop", "GET", "/v1//users/7/", None, Some("GET /v1/users/{userId}")),
        ("shop", "GET", "/v1/users/••••", None, Some("GET /v1/users/{userId}")),
        ("shop", "GET", "/", None, Some("GET /")),
        ("shop", "GET", "//", None, Some("GET /")),
        ("shop", "GET", "", None, None),
        ("shop", "GET", "v1/users", None, None),
        ("shop", "OPTIONS", "*", None, None),
        ("shop", "BREW", "/v1/users", None, Some("OTHER /v1/users")),
        ("shop", "GET", "/odd/{x}", None, Some("GET /odd/%7Bx%7D")),
        ("shop", "GET", "/v1/boats", None, None),
        ("shop", "POST", "/graphql", Some("query.user"), Some("POST /graphql#query.user")),
        ("shop", "POST", "/graphql", Some("query.boat"), Some("POST /graphql#other")),
        ("shop", "POST", "/graphql", None, None),
        (
            "shop",
            "POST",
            "/graphql",
            Some("persisted.0123456789abcdef0123456789abcdef"),
            Some("POST /graphql#persisted.0123456789ab"),
        ),
        ("shop", "POST", "/rpc", Some("orders.get"), Some("POST /rpc#orders.get")),
        ("shop", "POST", "/rpc", Some("orders.drop"), Some("POST /rpc")),
        ("shop", "POST", "/rpc", None, Some("POST /rpc")),
        ("shop", "POST", "/mcp", Some("tools/call/search"), Some("POST /mcp#tools/call/search")),
        ("", "GET", "/health", None, Some("GET /health")),
        (&long, "GET", "/health", None, Some("GET /health")),
        ("unknown", "GET", "/health", None, None),
    ] {
        let route = router.route(service, method, path, call);
        assert_eq!(route.map(|route| route.text.as_str()), expected, "{service:.9} {method} {path} {call:?}");
    }
    assert_eq!(router.route("", "GET", "/health", None).unwrap().endpoint_id, 16);
    assert_eq!(router.route(&long, "GET", "/health", None).unwrap().endpoint_id, 17);
}

#[test]
fn a_router_of_nothing_knows_nothing() {
    let router = Router::new(&Results::default());
    assert!(router.is_empty());
    assert_eq!(router.route("shop", "GET", "/", None), None);
}
