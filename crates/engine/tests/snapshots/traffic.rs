//! Small traffic of many kinds from a seed: every kind of state that an engine keeps gets some.

use serde_json::{Value, json};

/// HAR entries, in the order of time.
pub(crate) fn entries(seed: u64, count: u64) -> Vec<String> {
    let mut dice = Dice(seed | 1);
    (0..count).map(|second| entry(&mut dice, second).to_string()).collect()
}

/// Numbers from a seed (xorshift64*: Vigna 2016).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % below
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len() as u64) as usize]
    }
}

const JSON: &str = "application/json";

/// Who calls: nobody known, a user, a token, a session, a key, a JWT.
fn credential(dice: &mut Dice) -> Option<(&'static str, String)> {
    let n = dice.roll(5);
    match dice.roll(7) {
        0 => Some(("authorization", "Basic cm9zYTpzM2NyM3Q=".to_owned())),
        1 => Some(("authorization", format!("Bearer 3f2a1b0c9f8a7b6c5d4{n}"))),
        2 => Some(("cookie", format!("session=8f14e45fceea167a5a36dedd4bea254{n}; theme=dark"))),
        3 => Some(("x-api-key", format!("k3y5f2a1b0c9f8a7b6c5d4e{n}"))),
        // {"alg":"none"} {"sub":"u17","iat":1790000000}
        4 => Some(("authorization", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1MTciLCJpYXQiOjE3OTAwMDAwMDB9.".to_owned())),
        _ => None,
    }
}

fn entry(dice: &mut Dice, second: u64) -> Value {
    let id = dice.roll(400);
    let word = dice.one(&["lantern", "harbor-lamp", "anchor", "compass-rose", "tide-table"]);
    let mut status = [200, 200, 200, 200, 201, 404, 401, 500][dice.roll(8) as usize];
    let order = json!({"id": id, "slug": word, "state": dice.one(&["open", "paid", "sent"]), "price": 9.5, "tags": [word],
        "customer": {"email": format!("rosa{id}@mail.example"), "phone": "+49 30 901820"}});
    let (method, target, sent, answered) = match dice.roll(14) {
        0 => ("GET", format!("/v1/orders?page={}&limit=20&q={word}", id % 7), None, json!([order, order])),
        1 => ("GET", format!("/v1/orders/{id}"), None, order),
        2 => ("POST", "/v1/orders".to_owned(), Some(order.clone()), order),
        3 => ("DELETE", format!("/v1/orders/{id}"), None, Value::Null),
        4 => ("GET", format!("/products/{word}"), None, json!({"slug": word, "price": id})),
        5 => ("GET", format!("/products/{word}/reviews/{id}.json"), None, json!({"n": id, format!("k{id}"): 1})),
        6 => {
            let asked = json!({"query": format!("query A($id: ID!) {{ {word}: user(id: $id) {{ id email }} }}"), "variables": {"id": id}});
            (
                "POST",
                "/graphql".to_owned(),
                Some(asked),
                json!({"data": {word: {"id": id, "email": "rosa@mail.example"}}}),
            )
        }
        7 => {
            let hash = format!("{:064x}", id % 3 + 1);
            let mut asked = json!({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash}}});
            if id.is_multiple_of(2) {
                asked["query"] = json!("{ orders { id } }");
            }
            ("POST", "/graphql".to_owned(), Some(asked), json!({"data": {"orders": [{"id": id}]}}))
        }
        8 => {
            let call =
                json!({"jsonrpc": "2.0", "id": id, "method": format!("orders.m{}", id % 5), "params": {"id": id}});
            ("POST", "/rpc".to_owned(), Some(call), json!({"jsonrpc": "2.0", "id": id, "result": {"ok": true}}))
        }
        9 => {
            let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
            let tool =
                json!({"name": "find", "description": format!("Finds {word}"), "inputSchema": {"type": "object"}});
            ("POST", "/mcp".to_owned(), Some(list), json!({"jsonrpc": "2.0", "id": 1, "result": {"tools": [tool]}}))
        }
        10 => {
            status = 404;
            ("GET", format!("/{word}.php"), None, Value::Null)
        }
        11 => {
            ("GET", format!("/search/{}?access_token=3f2a1b0c9f8a7b6c5d4e", n_as_word(id)), None, json!({"hits": id}))
        }
        12 => ("BREW", format!("/pot/{id}"), None, json!({"DB_PASSWORD": {"value": "hunter2hunter2"}})),
        _ => ("PATCH", format!("/v1/orders/{id}/notes"), Some(json!({"text": word, "at": "2026-09-21"})), Value::Null),
    };
    exchange(dice, second, (method, &target, status), sent.as_ref(), &answered)
}

fn exchange(
    dice: &mut Dice,
    second: u64,
    (method, target, status): (&str, &str, u16),
    sent: Option<&Value>,
    answered: &Value,
) -> Value {
    let host = dice.one(&["shop.example", "shop.example", "Shop.example", "accounts.example"]);
    let agent = dice.one(&["curl/8.5", "okhttp/4", "Mozilla/5.0 Firefox/130.0", "mystery"]);
    let mut headers = vec![json!({"name": "user-agent", "value": agent}), json!({"name": "x-tenant", "value": "t1"})];
    headers.extend(credential(dice).map(|(name, value)| json!({"name": name, "value": value})));
    let mut request = json!({"method": method, "url": format!("https://{host}{target}"), "headers": headers});
    if let Some(sent) = sent {
        request["headers"].as_array_mut().unwrap().push(json!({"name": "content-type", "value": JSON}));
        request["postData"] = json!({"mimeType": JSON, "text": sent.to_string()});
    }
    let mut response = json!({"status": status, "headers": [{"name": "content-type", "value": JSON}]});
    if !answered.is_null() {
        response["content"] = json!({"mimeType": JSON, "text": answered.to_string()});
    }
    json!({
        "startedDateTime": format!("2026-09-21T{:02}:{:02}:{:02}.{:03}Z", second / 3600 % 24, second / 60 % 60, second % 60, dice.roll(1000)),
        "time": dice.roll(900),
        "request": request,
        "response": response,
        "_client": {"ip": format!("203.0.113.{}", dice.roll(40))},
        "_direction": dice.one(&["inbound", "inbound", "internal"]),
    })
}

fn n_as_word(n: u64) -> String {
    [n / 26 % 26, n % 26].iter().map(|d| char::from(b'a' + *d as u8)).collect()
}
