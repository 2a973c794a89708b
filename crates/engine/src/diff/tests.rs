use super::*;

fn spec(parts: &str) -> Spec {
    let text = format!("openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\n{parts}");
    vedette_parse::spec::read("s.yaml", &text, &mut |_| Err(String::new())).unwrap()
}

const OLD: &str = r##"
servers: [{url: https://a.example}]
components:
  securitySchemes: {t: {type: http, scheme: bearer}}
  schemas:
    Order:
      type: object
      required: [id]
      properties: {id: {type: integer}, state: {enum: [open, paid]}, mate: {$ref: "#/components/schemas/Order"}}
paths:
  /orders/{id}:
    get:
      security: [{t: []}]
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}
        - {name: fields, in: query, schema: {type: string, maxLength: 9}}
      responses: {"200": {description: d, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}}
    put:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
      responses: {"204": {description: d}}
  /old: {get: {responses: {"200": {description: d}}}}
"##;

const NEW: &str = r##"
servers: [{url: https://a.example}, {url: http://b.example}]
components:
  securitySchemes: {t: {type: http, scheme: bearer}}
  schemas:
    Order:
      type: object
      required: [id, total]
      properties:
        id: {type: string}
        state: {enum: [open, paid, lost]}
        total: {type: number, x-vedette-classes: [amount]}
        mate: {$ref: "#/components/schemas/Order"}
paths:
  /orders/{orderId}:
    get:
      parameters:
        - {name: orderId, in: path, required: true, schema: {type: integer}}
        - {name: fields, in: query, schema: {type: string}}
        - {name: region, in: query, required: true, schema: {type: string}}
      responses: {"200": {description: d, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}}
    put:
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
      responses: {"204": {description: d}}
  /new: {get: {responses: {"200": {description: d}}}}
"##;

#[test]
fn what_breaks_and_what_weakens_comes_first() {
    let changes = diff(&spec(OLD), &spec(NEW));
    let told: Vec<String> =
        changes.iter().map(|one| format!("{:?} {} {}: {}", one.level, one.operation, one.kind, one.text)).collect();
    assert_eq!(
        told,
        [
            "Breaking GET /old operation-removed: is gone",
            "Breaking GET /orders/{orderId} enum-value-added: response 200.state can be \"lost\" too",
            "Breaking GET /orders/{orderId} parameter-added: query parameter 'region' is required now",
            "Breaking GET /orders/{orderId} type-changed: response 200.id is string instead of integer",
            "Breaking PUT /orders/{orderId} body-required: needs a request body now",
            "Breaking PUT /orders/{orderId} property-added: request body.total is new and required",
            "Breaking PUT /orders/{orderId} type-changed: request body.id is string instead of integer",
            "Security  server-without-tls: a server without TLS was added",
            "Security GET /new operation-added: is new, and anybody may call it",
            "Security GET /orders/{orderId} authentication-removed: needs no authentication any more",
            "Security GET /orders/{orderId} bound-removed: query parameter 'fields' lost its maxLength",
            "Security GET /orders/{orderId} data-class-added: response 200.total returns amount",
            "Compatible GET /orders/{orderId} property-added: response 200.total is new",
            "Compatible PUT /orders/{orderId} enum-value-added: request body.state can be \"lost\" too",
        ]
    );
    assert!(changes.iter().all(|one| one.operation.is_empty() || one.old_line.or(one.new_line).is_some()));
}

#[test]
fn the_same_document_has_no_change() {
    assert_eq!(diff(&spec(OLD), &spec(OLD)), []);
    assert_eq!(diff(&spec(NEW), &spec(NEW)), []);
}
