//! Callers from outside that nobody invited: scanners, and one machine that guesses passwords.

use super::backoffice::read_environment;
use super::call::{Call, Client, Recorder, Service};
use super::people::Company;
use crate::har::Entry;
use crate::json::Json;
use crate::object;
use crate::values;
use crate::words::{CLIENTS, SCANNER_PATHS, TOPICS};

/// Guesses of the machine, none of them refused for their number.
const GUESSES: usize = 260;

/// A scanner asks for what it always asks for.
pub(super) fn scan(recorder: &mut Recorder) {
    let client = Client {
        ip: values::public_ip(&mut recorder.rng),
        agent: recorder.rng.word(CLIENTS).into(),
        ..Client::default()
    };
    for _ in 0..recorder.rng.between(2, 5) {
        let path = recorder.rng.word(SCANNER_PATHS);
        recorder.send(&client, Call::plain(Service::Shop, "GET", "/").answer(404, &object! { "error" => "not_found" }));
        if let Some(entry) = recorder.entries.last_mut() {
            unroute(entry, path);
        }
    }
    if recorder.rng.chance(0.12) {
        read_environment(&client, recorder);
    }
}

fn unroute(entry: &mut Entry, path: &str) {
    path.clone_into(&mut entry.path);
    entry.template = None;
}

/// One machine tries passwords, two a second.
pub(super) fn guess_passwords(company: &Company, recorder: &mut Recorder) {
    let client = Client { ip: "198.51.100.77".into(), agent: "python-requests/2.32.3".into(), ..Client::default() };
    for guess in 0..GUESSES {
        let victim = recorder.rng.pick(&company.customers);
        let password = format!("{}{}", recorder.rng.word(TOPICS), 2020 + guess % 7);
        let body = object! { "email" => &victim.email, "password" => password };
        let answer = object! { "error" => "invalid_credentials" };
        recorder.send(&client, Call::plain(Service::Accounts, "POST", "/v1/login").body(&body).answer(401, &answer));
        recorder.wait(1);
    }
}

/// A developer of somebody's reads the whole GraphQL schema from production.
pub(super) fn introspect(recorder: &mut Recorder) {
    let client = Client { ip: "203.0.113.200".into(), agent: "PostmanRuntime/7.43.0".into(), ..Client::default() };
    let query = "query IntrospectionQuery { __schema { queryType { name } types { kind name fields { name type { name kind } } } } }";
    let field =
        |name: &str, of: &str| object! { "name" => name, "type" => object! { "name" => of, "kind" => "SCALAR" } };
    let fields = [field("id", "ID"), field("slug", "String"), field("name", "String"), field("costPrice", "Float")];
    let types = Json::array([object! { "kind" => "OBJECT", "name" => "Product", "fields" => Json::array(fields) }]);
    let schema = object! { "queryType" => object! { "name" => "Query" }, "types" => types };
    let body = object! { "operationName" => "IntrospectionQuery", "query" => query, "variables" => object! {} };
    let answer = object! { "data" => object! { "__schema" => schema } };
    recorder.send(&client, Call::plain(Service::Shop, "POST", "/graphql").body(&body).answer(200, &answer));
}
