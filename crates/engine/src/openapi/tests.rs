use serde_json::json;
use vedette_model::results::{Authentication, FieldClass};

use super::*;

fn endpoint(method: &str, template: &str) -> Endpoint {
    let schema = json!({
        "type": ["object", "null"], "x-vedette-null-unseen": true, "x-vedette-optional": ["note"],
        "properties": {
            "mail": {"type": ["string", "null"], "x-vedette-null-unseen": true},
            "note": {"type": ["string", "null"]},
        },
    });
    let mail = FieldClass { class: "email".into(), ..FieldClass::default() };
    let field = |location: &str, name: &str, kind: &str| vedette_model::results::Field {
        side: "request".into(),
        location: location.into(),
        name: name.into(),
        types: vec![kind.into()],
        seen: 9,
        presence: 1.0,
        ..Default::default()
    };
    let classified = vedette_model::results::Field {
        side: "response".into(),
        status: Some("200".into()),
        classes: vec![mail],
        ..field("body", "$.mail", "string")
    };
    Endpoint {
        service: "api.shop.example".into(),
        method: method.into(),
        template: template.into(),
        kind: "api".into(),
        exchanges: 9,
        statuses: [("200".to_owned(), 9)].into(),
        fields: vec![field("path", "userId", "integer"), field("query", "page", "integer"), classified],
        response_schemas: [("200".to_owned(), schema)].into(),
        response_content_types: vec!["application/json".into()],
        authentication_details: vec![Authentication {
            scheme: "jwt".into(),
            exchanges: 9,
            successes: 9,
            ..Default::default()
        }],
        ..Endpoint::default()
    }
}

fn exported(endpoints: Vec<Endpoint>) -> Value {
    let service = Service { name: "api.shop.example".into(), ..Service::default() };
    let results = Results { endpoints, ..Results::default() };
    serde_json::to_value(export(&results, &service).expect("it has endpoints")).unwrap()
}

#[test]
fn an_endpoint_becomes_an_operation_that_claims_what_was_seen() {
    let document = exported(vec![endpoint("GET", "/v1/users/{userId}")]);
    let operation = &document["paths"]["/v1/users/{userId}"]["get"];
    assert_eq!(operation["operationId"], "getV1UsersUserId");
    assert_eq!(operation["tags"], json!(["users"]));
    assert_eq!(operation["parameters"][0]["required"], json!(true));
    assert_eq!(operation["parameters"][1]["name"], json!("page"));
    let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
    assert_eq!(
        *schema,
        json!({
            "type": "object", "required": ["mail"],
            "properties": {
                "mail": {"type": "string", "x-vedette-classes": ["email"]},
                "note": {"type": ["string", "null"]},
            },
        })
    );
    let example = &operation["responses"]["200"]["content"]["application/json"]["example"];
    assert_eq!(*example, json!({"mail": "ada@example.com", "note": "text"}));
    assert_eq!(operation["security"], json!([{"jwt": []}]));
    assert_eq!(document["components"]["securitySchemes"]["jwt"]["bearerFormat"], "JWT");
    assert_eq!(document["servers"][0]["url"], "https://api.shop.example");
}

#[test]
fn templates_that_differ_in_names_share_a_path() {
    let document = exported(vec![endpoint("GET", "/users/{id}"), endpoint("PUT", "/users/{userId}")]);
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 1);
    assert_eq!(document["paths"]["/users/{id}"]["put"]["parameters"][0]["name"], "id");
}

#[test]
fn pages_and_other_services_are_left_out() {
    let service = Service { name: "other".into(), ..Service::default() };
    let results = Results { endpoints: vec![endpoint("GET", "/users/{id}")], ..Results::default() };
    assert!(export(&results, &service).is_none());
}

#[test]
fn file_names_are_safe() {
    for (service, name) in
        [("api.shop.example", "api.shop.example"), ("../etc", "etc"), ("a/b c", "a-b-c"), ("", "service")]
    {
        assert_eq!(file_name(service), name);
    }
}

#[test]
fn operations_behind_a_path_are_listed_beside_one_operation() {
    let behind = |name: &str, exchanges| Endpoint {
        kind: "graphql".into(),
        exchanges,
        protocol: Some(vedette_model::results::Protocol {
            path: "/graphql".into(),
            operation: Some(name.into()),
            ..Default::default()
        }),
        request_schema: Some(json!({"type": "object"})),
        request_content_types: vec!["application/json".into()],
        fields: Vec::new(),
        ..endpoint("POST", &format!("/graphql#{name}"))
    };
    let document =
        exported(vec![behind("query.me", 9), behind("mutation.pay", 3), endpoint("GET", "/v1/users/{userId}")]);
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/graphql", "/v1/users/{userId}"]);
    let carrier = &document["paths"]["/graphql"]["post"];
    assert_eq!(carrier["x-vedette-exchanges"], 12);
    assert_eq!(carrier["requestBody"]["content"]["application/json"]["schema"], json!({}));
    let listed = &document["x-vedette-protocols"]["POST /graphql"];
    assert_eq!((&listed[0]["operation"], &listed[1]["operation"]), (&json!("mutation.pay"), &json!("query.me")));
    assert_eq!((&listed[1]["kind"], &listed[1]["request"]), (&json!("graphql"), &json!({"type": "object"})));
}
