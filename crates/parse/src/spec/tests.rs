use super::*;

fn parse(text: &str) -> Spec {
    read("spec.yaml", text, &mut |_| Err("no files".to_owned())).unwrap()
}

#[test]
fn openapi_3_is_read_with_references_and_nullable() {
    let spec = parse(
        r#"
openapi: 3.0.3
info: {title: Shop, version: 1.0}
servers: [{url: "https://{region}.shop.example:443/api/{v}/", variables: {v: {default: v2}}}]
security: [{key: []}]
paths:
  /orders/{id}:
    parameters: [{$ref: '#/components/parameters/Id'}]
    get:
      operationId: order
      security: [{}]
      deprecated: true
      responses:
        2xx: {description: ok, content: {application/json; charset=utf-8: {schema: {$ref: '#/components/schemas/O'}}}}
        default: {$ref: '#/components/responses/Gone'}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
  parameters: {Id: {name: id, in: path, required: true, schema: {type: integer}}}
  schemas: {O: {type: object, properties: {note: {type: string, nullable: true}}}}
"#,
    );
    assert_eq!(spec.version, "1.0");
    let server = &spec.servers[0];
    assert_eq!((server.host.as_deref(), server.base.as_str()), (Some("*.shop.example"), "/api/v2"));
    assert!(server.serves("eu.shop.example") && !server.serves("shop.example"));
    let operation = &spec.operations[0];
    assert_eq!((operation.method.as_str(), operation.deprecated), ("GET", true));
    assert_eq!(operation.security, [Vec::<String>::new()]);
    assert_eq!(operation.parameters[0].name, "id");
    assert_eq!(operation.responses[0].0, "2XX");
    let (media, schema) = &operation.responses[0].1.content[0];
    assert_eq!(media, "application/json");
    assert!(spec.root.pointer(schema.as_deref().unwrap()).is_some());
    let note = spec.root.pointer("/components/schemas/O/properties/note/type").unwrap();
    assert_eq!(note, &serde_json::json!(["string", "null"]));
    let problem = &spec.problems[0];
    assert_eq!((problem.file.as_str(), problem.line), ("spec.yaml", 15));
    assert!(problem.message.contains("#/components/responses/Gone"));
}

#[test]
fn swagger_2_bodies_forms_and_base_path_are_read() {
    let spec = parse(
        r#"
swagger: "2.0"
info: {title: Old, version: "1"}
host: old.example
basePath: /v1
consumes: [application/json]
paths:
  /a:
    post:
      parameters:
        - {in: body, name: b, required: true, schema: {$ref: '#/definitions/B'}}
        - {in: query, name: q, type: integer, required: true, exclusiveMinimum: true, minimum: 1}
      responses: {200: {description: ok, schema: {type: string}}}
  /f:
    post:
      consumes: [multipart/form-data]
      parameters: [{in: formData, name: x, type: file, required: true}]
      responses: {204: {description: ok}}
definitions: {B: {type: object}}
"#,
    );
    assert_eq!(spec.servers[0].base, "/v1");
    let post = &spec.operations[0];
    assert_eq!(post.parameters[0].schema, Some(serde_json::json!({"type": "integer", "exclusiveMinimum": 1})));
    assert!(post.request.as_ref().unwrap().required);
    assert_eq!(post.responses[0].1.content[0].0, "application/json");
    let form = spec.operations[1].request.as_ref().unwrap();
    let schema = spec.root.pointer(form.content[0].1.as_deref().unwrap()).unwrap();
    assert_eq!(schema["required"], serde_json::json!(["x"]));
}

#[test]
fn other_files_are_bundled_and_other_hosts_are_not() {
    let text = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /a: {$ref: 'paths/a.yaml'}\n  /b:\n    get:\n      \
                responses: {200: {$ref: 'https://elsewhere.example/x.yaml#/r'}}\n";
    let mut fetch = |file: &str| match file {
        "paths/a.yaml" => Ok("get: {responses: {200: {description: d, content: {application/json: {schema: {$ref: \
                              '../schemas.yaml#/Pet'}}}}}}"
            .to_owned()),
        "schemas.yaml" => Ok("Pet: {type: object, properties: {mate: {$ref: '#/Pet'}}}".to_owned()),
        other => Err(format!("unexpected {other}")),
    };
    let spec = read("s.yaml", text, &mut fetch).unwrap();
    let schema = spec.operations[0].responses[0].1.content[0].1.clone().unwrap();
    let reference = spec.root.pointer(&schema).unwrap()["$ref"].as_str().unwrap().to_owned();
    let pet = spec.root.pointer(&reference[1..]).unwrap();
    assert_eq!(spec.root.pointer(&pet["properties"]["mate"]["$ref"].as_str().unwrap()[1..]), Some(pet));
    assert!(spec.problems.iter().any(|problem| problem.line == 7 && problem.message.contains("another host")));
}

#[test]
fn a_postman_collection_is_read() {
    let spec = parse(
        r#"{"info": {"name": "Pets", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
            "variable": [{"key": "baseUrl", "value": "https://pets.example/v1"}],
            "item": [{"name": "folder", "item": [{"name": "one", "request": {"method": "GET",
              "url": {"raw": "{{baseUrl}}/pets/:petId/{{part}}?page=1"}}, "response": [{"code": 200}]}]}]}"#,
    );
    let one = &spec.operations[0];
    assert_eq!((one.method.as_str(), one.path.as_str()), ("GET", "/v1/pets/{petId}/{part}"));
    assert_eq!(one.servers[0].host.as_deref(), Some("pets.example"));
    assert_eq!(one.parameters[0].name, "page");
    assert!(!spec.complete);
}

#[test]
fn what_is_no_specification_is_said() {
    let error = read("x.yaml", "a: 1", &mut |_| Err(String::new())).unwrap_err();
    assert!(error.to_string().contains("no specification"));
    assert!(read("x.yaml", "openapi: 4.0.0", &mut |_| Err(String::new())).is_err());
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused_with_its_place(text in ".{0,400}") {
        crate::fuzz::spec(text.as_bytes());
    }

    #[test]
    fn a_broken_document_is_read_as_far_as_it_goes(cut in 0_usize..600, with in "[\\[\\]{}:,\"'#&*$~\\-\n a0]{0,6}") {
        let whole = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /a/{id}:\n    $ref: self.yaml#/x\n    get:\n      \
                     parameters:\n        - {name: id, in: path, schema: {$ref: '#/components/schemas/I'}}\n      responses:\n        \
                     '200': {description: d, content: {application/json: {schema: {nullable: true, type: string}}}}\ncomponents:\n  \
                     schemas: {I: {$ref: '#/components/schemas/I'}}\nx: {paths: {get: 1}}\n";
        let cut = whole.floor_char_boundary(cut.min(whole.len()));
        let (before, after) = whole.split_at(cut);
        crate::fuzz::spec(format!("{before}{with}{after}").as_bytes());
    }
}
