//! The OpenAPI 3.1 document of this server (`/v1/openapi.json`, committed as `docs/reference/openapi.json`).
//!
//! Handlers say what is particular to them; what holds for all of them is added here, once: who may ask
//! (`x-required-scope`, `security`), the problems any route can answer, the headers of every answer. So no handler can
//! forget it, and the tests that compare the server with the document judge both.
//!
//! Types of the model describe themselves with `schemars`; [`Doc`] carries those schemas, whole, through `utoipa`.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use schemars::JsonSchema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType};
use utoipa::openapi::{OpenApi, RefOr, Required, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::access::{self, Access};
use crate::problem::{self, Kind};

/// Extension under which a whole JSON Schema travels until [`finish`] puts it in place.
const SCHEMA: &str = "x-json-schema";

/// Extension under which the schemas travel that the former refers to.
const COMPONENTS: &str = "x-json-components";

/// The same two as a client sends the type: what has a default need not be there.
const SENT: [&str; 2] = ["x-json-schema-sent", "x-json-components-sent"];

/// Ends the name of a component whose name two types have.
pub const CONFLICT: &str = "conflict";

/// Where components live in the document.
const COMPONENTS_PATH: &str = "#/components/schemas/";

/// Documents `T` by its own JSON Schema: `body = inline(Doc<Page<Endpoint>>)`.
pub struct Doc<T>(PhantomData<T>);

impl<T: JsonSchema> PartialSchema for Doc<T> {
    fn schema() -> RefOr<Schema> {
        let both = |settings: SchemaSettings| {
            let mut generator = generator(settings, false);
            let schema = generator.subschema_for::<T>().to_value();
            (schema, Value::Object(generator.take_definitions(true).into_iter().collect()))
        };
        let (schema, components) = both(SchemaSettings::draft2020_12().for_serialize());
        let (sent_schema, sent_components) = both(SchemaSettings::draft2020_12().for_deserialize());
        let [schema_name, components_name] = SENT;
        carried(&[
            (SCHEMA, schema),
            (COMPONENTS, components),
            (schema_name, sent_schema),
            (components_name, sent_components),
        ])
    }
}

impl<T: JsonSchema> ToSchema for Doc<T> {}

/// The query parameters that a type's members are.
pub fn parameters_of<T: JsonSchema>() -> Vec<Parameter> {
    let schema =
        generator(SchemaSettings::draft2020_12().for_deserialize(), true).into_root_schema_for::<T>().to_value();
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let Some(members) = schema["properties"].as_object() else { return Vec::new() };
    let parameter = |(name, member): (&String, &Value)| {
        let mut member = without_null(member);
        let description = member.as_object_mut().and_then(|member| member.remove("description"));
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Query)
            .required(if required.contains(&name.as_str()) { Required::True } else { Required::False })
            .description(description.as_ref().and_then(Value::as_str))
            .schema(Some(carried(&[(SCHEMA, member)])))
            .build()
    };
    members.iter().map(parameter).collect()
}

/// Lets a type with the members of a query stand in `params(…)` of a handler.
macro_rules! query_parameters {
    ($type:ty) => {
        impl utoipa::IntoParams for $type {
            fn into_params(
                _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
            ) -> Vec<utoipa::openapi::path::Parameter> {
                $crate::openapi::parameters_of::<$type>()
            }
        }
    };
}

pub(crate) use query_parameters;

fn generator(settings: SchemaSettings, inline: bool) -> SchemaGenerator {
    let settings = settings.with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
        settings.inline_subschemas = inline;
    });
    settings.into_generator()
}

fn carried(parts: &[(&str, Value)]) -> RefOr<Schema> {
    let extensions =
        parts.iter().fold(ExtensionsBuilder::new(), |extensions, (name, value)| extensions.add(*name, value.clone()));
    let object = ObjectBuilder::new().schema_type(SchemaType::AnyValue).extensions(Some(extensions.build()));
    RefOr::T(Schema::Object(object.build()))
}

/// A query parameter is there or not; it is never null.
fn without_null(schema: &Value) -> Value {
    let mut schema = schema.clone();
    let Some(object) = schema.as_object_mut() else { return schema };
    if let Some(kinds) = object.get_mut("type").and_then(Value::as_array_mut) {
        kinds.retain(|kind| kind != "null");
        if let [only] = kinds.as_slice() {
            let only = only.clone();
            object.insert("type".into(), only);
        }
    }
    if let Some(values) = object.get_mut("enum").and_then(Value::as_array_mut) {
        values.retain(|value| !value.is_null());
    }
    if let Some(choices) = object.remove("anyOf").and_then(|choices| choices.as_array().cloned()) {
        let mut choices = choices.into_iter().filter(|choice| choice["type"] != "null");
        if let (Some(Value::Object(only)), None) = (choices.next(), choices.next()) {
            for (name, value) in only {
                object.entry(name).or_insert(value);
            }
        }
    }
    one_of_to_enum(object);
    object.remove("default");
    schema
}

/// Choices of constants as an enumeration, which every tool understands; what each means goes into the description.
fn one_of_to_enum(object: &mut Map<String, Value>) {
    let Some(choices) = object.get("oneOf").and_then(Value::as_array) else { return };
    let values: Vec<Value> = choices.iter().filter_map(|choice| choice.get("const").cloned()).collect();
    if values.len() == choices.len() {
        object.remove("oneOf");
        object.insert("type".into(), json!("string"));
        object.insert("enum".into(), Value::Array(values));
    }
}

/// The document, with all that holds for every route.
///
/// The value is deterministic: the same program gives the same bytes.
pub fn finish(collected: &OpenApi) -> Value {
    let mut document = serde_json::to_value(collected).unwrap_or_default();
    let (mut components, mut sent) = (BTreeMap::new(), BTreeMap::new());
    put_schemas(&mut document, false, &mut components, &mut sent);
    components.values_mut().chain(sent.values_mut()).for_each(drop_null_defaults);
    // A type that travels both ways is documented as it may be sent, which is the wider of the two.
    components.extend(sent);
    let problem = serde_json::to_value(problem::Document::schema()).unwrap_or_default();
    let fault = serde_json::to_value(problem::Fault::schema()).unwrap_or_default();
    components.extend([("Problem".to_owned(), problem), ("Fault".to_owned(), fault)]);
    document["openapi"] = json!("3.1.1");
    document["info"] = json!({
        "title": "Vedette",
        "version": env!("CARGO_PKG_VERSION"),
        "summary": "What is exposed, what is wrong with it, and who is abusing it.",
        "description": include_str!("openapi/description.md"),
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    });
    document["servers"] = json!([{"url": "/", "description": "This server"}]);
    if let Some(schemas) = member(member(&mut document, "components"), "schemas").as_object_mut() {
        for (name, schema) in components {
            schemas.entry(name).or_insert(schema);
        }
    }
    document["components"]["securitySchemes"] = json!({
        "token": {"type": "http", "scheme": "bearer", "description": "An API token (`vdt_…`)."},
        "session": {
            "type": "apiKey", "in": "cookie", "name": "__Host-vedette",
            "description": "The session of a browser. Unsafe methods also need the header `X-CSRF-Token`.",
        },
    });
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if operation.is_object() && method != "parameters" {
                complete(&method.to_ascii_uppercase(), path, operation);
            }
        }
    }
    document
}

fn member<'a>(value: &'a mut Value, name: &str) -> &'a mut Value {
    if !value[name].is_object() {
        value[name] = json!({});
    }
    &mut value[name]
}

type Components = BTreeMap<String, Value>;

/// Puts carried schemas where they belong and collects what they refer to.
fn put_schemas(value: &mut Value, is_sent: bool, components: &mut Components, sent: &mut Components) {
    if let Some(object) = value.as_object_mut() {
        let [sent_schema, sent_components] = SENT;
        let names = if is_sent { (sent_schema, sent_components) } else { (SCHEMA, COMPONENTS) };
        if let Some(Value::Object(found)) = object.remove(names.1) {
            let into = if is_sent { &mut *sent } else { &mut *components };
            for (name, schema) in found {
                // Two types of one name would be documented as one; a test looks for this.
                if into.get(&name).is_some_and(|known| *known != schema) {
                    into.insert(format!("{name}-{CONFLICT}"), schema.clone());
                }
                into.insert(name, schema);
            }
        }
        // Parameters have no version of their own: they are only ever sent.
        if let Some(schema) = object.remove(names.0).or_else(|| object.remove(SCHEMA)) {
            *value = schema;
            return;
        }
    }
    match value {
        Value::Object(object) => {
            for (name, inner) in object {
                put_schemas(inner, is_sent || name == "requestBody", components, sent);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| put_schemas(inner, is_sent, components, sent)),
        _ => {}
    }
}

/// "Absent" is not "null" where a member can be taken away; and where it cannot, null as default says nothing.
fn drop_null_defaults(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("default").is_some_and(Value::is_null) {
                object.remove("default");
            }
            object.values_mut().for_each(drop_null_defaults);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_null_defaults),
        _ => {}
    }
}

/// Adds to one operation what holds for all.
fn complete(method: &str, path: &str, operation: &mut Value) {
    let access = access::of(method, path).unwrap_or(Access::Nobody);
    operation["operationId"] = json!(operation_id(method, path));
    operation["x-required-scope"] = json!(access.id());
    operation["security"] = match access {
        Access::Public => json!([]),
        _ => json!([{"token": []}, {"session": []}]),
    };
    if path == "/v1/exchanges" {
        // No line is no mistake: nothing is accepted.
        operation["requestBody"]["required"] = json!(false);
    }
    let reads = method == "GET";
    let has_parameters = operation["parameters"].as_array().is_some_and(|all| !all.is_empty());
    let has_body = operation["requestBody"].is_object();
    let mut problems = vec![Kind::Misdirected, Kind::TooManyRequests, Kind::Internal, Kind::Unavailable, Kind::Timeout];
    if has_parameters || has_body {
        problems.push(Kind::Invalid);
    }
    // A wrong token is refused wherever it is shown.
    problems.push(Kind::Unauthenticated);
    if !matches!(access, Access::Public) {
        problems.push(Kind::Forbidden);
    }
    if has_body {
        problems.extend([Kind::TooLarge, Kind::UnsupportedMediaType, Kind::RequestTimeout]);
    }
    if !reads && path.starts_with("/v1/") {
        let parameters = operation["parameters"].take();
        let mut parameters = parameters.as_array().cloned().unwrap_or_default();
        if crate::idempotency::applies(method, path) {
            problems.extend([Kind::Conflict, Kind::Unprocessable]);
            parameters.push(json!({
                "name": "Idempotency-Key", "in": "header", "required": false,
                "description": "A text of the client's choice, unique per change. The same request with the same key \
                                within a day is carried out once and answered alike.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
            }));
        }
        operation["parameters"] = json!(parameters);
    }
    let responses = member(operation, "responses");
    for kind in problems {
        let status = kind.status().as_u16().to_string();
        if responses[&status].is_null() {
            responses[&status] = json!({"description": kind.title()});
        }
    }
    for (status, response) in responses.as_object_mut().into_iter().flatten() {
        describe_response(status, reads && path.starts_with("/v1/"), response);
    }
    if reads && path.starts_with("/v1/") && operation["responses"]["200"]["content"]["application/json"].is_object() {
        operation["responses"]["304"] = json!({"description": "What the client has (`If-None-Match`) is current"});
    }
}

/// Method and path in one word, as generators of clients name their functions: handlers in several files have one name.
fn operation_id(method: &str, path: &str) -> String {
    let words = path.split('/').filter(|word| !word.is_empty() && *word != "v1");
    words.fold(method.to_ascii_lowercase(), |mut id, word| {
        id.push('_');
        id.extend(
            word.chars().filter(|c| !matches!(c, '{' | '}')).map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }),
        );
        id
    })
}

fn describe_response(status: &str, reads: bool, response: &mut Value) {
    let mut headers = Map::new();
    let mut header = |name: &str, description: &str, schema: Value| {
        headers.insert(name.to_owned(), json!({"description": description, "schema": schema}));
    };
    header("x-request-id", "Names this request in logs and problems.", json!({"type": "string", "format": "uuid"}));
    if status.starts_with(['4', '5']) {
        if response["content"].is_null() {
            let reference = json!({"$ref": format!("{COMPONENTS_PATH}Problem")});
            response["content"] = json!({problem::MEDIA_TYPE: {"schema": reference}});
        }
        if ["429", "503"].contains(&status) {
            header("Retry-After", "Seconds until it is worth trying again.", json!({"type": "integer", "minimum": 0}));
        }
    } else if reads && status == "200" && response["content"]["application/json"].is_object() {
        header("ETag", "Version of this representation, for `If-None-Match`.", json!({"type": "string"}));
    }
    if let Some(there) = response["headers"].as_object() {
        headers.extend(there.clone());
    }
    response["headers"] = Value::Object(headers);
}
