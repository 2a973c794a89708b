//! Exchanges with JSON bodies of a given size.

use std::io::{self, Write};

use crate::har::{Body, Entry};
use crate::json::Json;
use crate::object;
use crate::rng::Rng;
use crate::values::{self, ALPHANUMERIC};
use crate::words::{CITIES, CLIENTS, STREETS, TOPICS};

/// What to write.
#[derive(Clone, Debug)]
pub struct BodyOptions {
    /// Exchanges.
    pub exchanges: usize,
    /// Bytes of a response body, about.
    pub bytes: usize,
    /// Seed.
    pub seed: u64,
}

/// 2026-09-21T08:00:00Z
const START_US: i64 = 1_789_977_600_000_000;
/// Collections of the API; each has a list, an item and a way to create one.
const COLLECTIONS: usize = 24;
/// Kinds of members that records choose from.
const MEMBERS: usize = 18;

/// Writes NDJSON of HAR entries.
pub fn bodies(options: &BodyOptions, out: &mut impl Write) -> io::Result<()> {
    let mut line = String::new();
    let mut outcome = Ok(());
    entries(options, |_, entry| {
        line.clear();
        entry.write_line(&mut line);
        if outcome.is_ok() {
            outcome = out.write_all(line.as_bytes());
        }
    });
    outcome
}

/// Makes the exchanges one by one.
pub(super) fn entries(options: &BodyOptions, mut each: impl FnMut(usize, Entry)) {
    let mut rng = Rng::labeled(options.seed, "bodies");
    let tokens: Vec<String> = (0..500).map(|_| format!("Bearer {}", rng.text(ALPHANUMERIC, 40))).collect();
    for number in 0..options.exchanges {
        each(number, exchange(number, options, &tokens, &mut rng));
    }
}

fn exchange(number: usize, options: &BodyOptions, tokens: &[String], rng: &mut Rng) -> Entry {
    let collection = rng.skewed(COLLECTIONS);
    let word = TOPICS.get(collection * 9 + 4).copied().unwrap_or("items");
    let id = 1_000 + rng.skewed(50_000);
    let record = |rng: &mut Rng| record(collection, 1_000 + rng.skewed(50_000), rng);
    let (method, path, status, body) = match rng.below(10) {
        0..4 => {
            let mut items = Vec::new();
            let mut size = 40;
            while size < options.bytes {
                let item = record(rng);
                size += item.to_string().len() + 1;
                items.push(item);
            }
            (
                "GET",
                format!("/v1/{word}"),
                200,
                object! { "total" => items.len(), "items" => items, "next" => Json::Null },
            )
        }
        n => {
            let mut item = self::record(collection, id, rng);
            let mut size = item.to_string().len();
            let mut related = Vec::new();
            while size < options.bytes {
                let part = object! { "id" => rng.text(values::HEX, 24), "note" => sentence(rng), "amount" => Json::Hundredths(rng.between(100, 99_999)), "tags" => Json::array([rng.word(TOPICS), rng.word(TOPICS)]) };
                size += part.to_string().len() + 1;
                related.push(part);
            }
            item = item.with("related", related);
            if n < 8 {
                ("GET", format!("/v1/{word}/{id}"), 200, item)
            } else {
                ("POST", format!("/v1/{word}"), 201, item)
            }
        }
    };
    let json = || ("content-type".to_owned(), "application/json".to_owned());
    let request_body = (method == "POST").then(|| Body::json(&self::record(collection, id, rng)));
    Entry {
        at: START_US + i64::try_from(number).unwrap_or(0) * 900,
        duration_us: rng.between(2, 90) * 1000,
        method: method.into(),
        origin: "https://api.example.com".into(),
        path,
        query: if method == "GET" && status == 200 && rng.chance(0.3) {
            vec![("page".into(), "2".into())]
        } else {
            Vec::new()
        },
        http_version: "HTTP/1.1",
        request_headers: vec![
            ("accept".into(), "application/json".into()),
            ("user-agent".into(), rng.word(CLIENTS).into()),
            ("authorization".into(), rng.pick_skewed(tokens).clone()),
        ],
        request_body,
        status,
        response_headers: vec![json(), ("cache-control".into(), "no-store".into())],
        response_body: Some(Body::json(&body)),
        client_ip: values::public_ip(rng),
        ..Entry::default()
    }
}

/// A record of a collection: each collection has its own members.
fn record(collection: usize, id: usize, rng: &mut Rng) -> Json {
    let mut json = object! { "id" => id };
    for member in 0..MEMBERS {
        if (collection * 7 + member * 5) % 11 < 6 && (member % 4 != 3 || rng.chance(0.7)) {
            let (name, value) = self::member(member, rng);
            json = json.with(name, value);
        }
    }
    json
}

fn member(kind: usize, rng: &mut Rng) -> (&'static str, Json) {
    let (first, last) = values::person(rng);
    match kind {
        0 => ("name", format!("{first} {last}").into()),
        1 => ("email", values::email(rng, first, last).into()),
        2 => (
            "created_at",
            format!("2026-0{}-1{}T08:{:02}:00Z", rng.between(1, 9), rng.between(0, 9), rng.below(60)).into(),
        ),
        3 => ("phone", values::phone(rng, "US").into()),
        4 => ("status", rng.word(&["active", "pending", "closed", "archived"]).into()),
        5 => ("slug", values::slug(rng).into()),
        6 => ("price", Json::Hundredths(rng.between(100, 99_999))),
        7 => {
            ("owner", object! { "id" => values::uuid(rng), "login" => values::login(rng), "admin" => rng.chance(0.1) })
        }
        8 => ("tags", Json::array((0..rng.below(4)).map(|_| rng.word(TOPICS)).collect::<Vec<_>>())),
        9 => ("description", sentence(rng).into()),
        10 => {
            let (city, postal_code, country) = *rng.pick(CITIES);
            let street = format!("{} {}", rng.between(1, 160), rng.word(STREETS));
            (
                "address",
                object! { "street" => street, "postal_code" => postal_code, "city" => city, "country" => country },
            )
        }
        11 => ("uuid", values::uuid(rng).into()),
        12 => ("count", rng.between(0, 5_000).into()),
        13 => ("enabled", rng.chance(0.8).into()),
        14 => (
            "location",
            object! { "lat" => Json::Hundredths(rng.between(-9_000, 9_000)), "lon" => Json::Hundredths(rng.between(-18_000, 18_000)) },
        ),
        15 => ("url", format!("https://www.example.com/{}/{}", rng.word(TOPICS), values::slug(rng)).into()),
        16 => ("last_ip", values::public_ip(rng).into()),
        _ => (
            "lines",
            Json::array(
                (0..rng.below(3))
                    .map(|_| object! { "sku" => rng.text(b"ABCDEFGH0123456789", 8), "quantity" => rng.between(1, 9) })
                    .collect::<Vec<_>>(),
            ),
        ),
    }
}

fn sentence(rng: &mut Rng) -> String {
    let mut text = String::from("The");
    for _ in 0..rng.between(5, 14) {
        text.push(' ');
        text.push_str(rng.word(TOPICS));
    }
    text.push('.');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_json_of_about_the_size_asked_for() {
        let write = |seed| {
            let mut out = Vec::new();
            bodies(&BodyOptions { exchanges: 300, bytes: 2_000, seed }, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let text = write(1);
        assert_eq!(text, write(1));
        let mut total = 0;
        for line in text.lines() {
            let entry: serde_json::Value = serde_json::from_str(line).unwrap();
            let body = entry["response"]["content"]["text"].as_str().unwrap();
            assert!(serde_json::from_str::<serde_json::Value>(body).is_ok());
            assert!((1_900..4_000).contains(&body.len()), "{}", body.len());
            total += body.len();
        }
        assert!((2_000..2_500).contains(&(total / 300)), "{}", total / 300);
    }
}
