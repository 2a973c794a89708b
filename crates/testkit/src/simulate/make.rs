//! Values of fields, by the name of what they are.

use super::people::User;
use crate::json::Json;
use crate::rng::Rng;
use crate::values::{self, ALPHANUMERIC};
use crate::words::{CITIES, LAST_NAMES, PRODUCT_KINDS, PRODUCT_QUALITIES, STREETS, TOPICS};

/// A value for `make`, for an object of `owner`. What is not the name of a maker is `lo..hi`, `(a|b)` or `=text`.
pub(super) fn value(rng: &mut Rng, make: &str, owner: Option<&User>, at: i64) -> Json {
    if let Some(fixed) = make.strip_prefix('=') {
        return fixed.into();
    }
    if let Some(choices) = make.strip_prefix('(').and_then(|m| m.strip_suffix(')')) {
        let choices: Vec<&str> = choices.split('|').collect();
        return match rng.word(&choices) {
            "true" => true.into(),
            "false" => false.into(),
            word => word.into(),
        };
    }
    if let Some((low, high)) = make.split_once("..") {
        return rng.between(low.parse().unwrap_or(0), high.parse().unwrap_or(0)).into();
    }
    match make {
        "money" => Json::Hundredths(rng.between(1, 90) * rng.between(50, 9_000)),
        "fee" => Json::Hundredths(rng.between(1, 40) * 25),
        "price" => Json::Hundredths(rng.between(8, 240) * 100 - 1),
        "time" => when(at - rng.between(0, 40 * 24) * 3_600_000_000).into(),
        "soon" => when(at + rng.between(1, 14 * 24) * 3_600_000_000).into(),
        "now" => when(at).into(),
        "date" => format!("{}-{:02}-{:02}", rng.between(2016, 2026), rng.between(1, 9), rng.between(1, 28)).into(),
        "born" => format!("{}-{:02}-{:02}", rng.between(1938, 2019), rng.between(1, 12), rng.between(1, 28)).into(),
        "month" => format!("{}-{:02}", rng.between(2024, 2026), rng.between(1, 8)).into(),
        "uuid" => values::uuid(rng).into(),
        "secret" => rng.text(ALPHANUMERIC, 24).into(),
        "ip" => values::public_ip(rng).into(),
        "iban" => values::iban(rng).into(),
        "maskedcard" => format!("**** **** **** {:04}", rng.below(10_000)).into(),
        _ => owned(rng, make, owner),
    }
}

fn owned(rng: &mut Rng, make: &str, owner: Option<&User>) -> Json {
    match (make, owner) {
        ("owner", owner) => owner.map(|u| u.sub.clone()).into(),
        ("ownername" | "name", Some(user)) if make == "ownername" => user.name.clone().into(),
        ("login", Some(user)) => user.login.clone().into(),
        ("email", Some(user)) => user.email.clone().into(),
        _ => words(rng, make).into(),
    }
}

fn words(rng: &mut Rng, make: &str) -> String {
    match make {
        "name" | "ownername" => {
            let (first, last) = values::person(rng);
            format!("{first} {last}")
        }
        "login" => values::login(rng),
        "email" => {
            let (first, last) = values::person(rng);
            values::email(rng, first, last)
        }
        "phone" => values::phone(rng, "GB"),
        "street" => format!("{} {}", rng.between(1, 160), rng.word(STREETS)),
        "city" => rng.pick(CITIES).0.to_owned(),
        "address" => {
            let (city, code, country) = *rng.pick(CITIES);
            format!("{} {}, {code} {city}, {country}", rng.between(1, 160), rng.word(STREETS))
        }
        "company" => format!("{} {}", rng.word(LAST_NAMES), rng.word(&["GmbH", "Ltd", "Partners", "BV", "Studio"])),
        "product" => format!("{} {}", rng.word(PRODUCT_QUALITIES), rng.word(PRODUCT_KINDS)),
        "word" => rng.word(TOPICS).to_owned(),
        "slug" => values::slug(rng),
        "coupon" => format!("{}{}", rng.word(TOPICS).to_uppercase(), rng.between(5, 60)),
        "text" => format!(
            "The {} of {} came with {} and {}; please look at {} before {}.",
            rng.word(TOPICS),
            rng.word(LAST_NAMES),
            rng.word(TOPICS),
            rng.word(TOPICS),
            rng.word(TOPICS),
            rng.word(TOPICS)
        ),
        // `title`, and whatever else is to be read by people.
        _ => format!("{} {}", capital(rng.word(TOPICS)), rng.word(TOPICS)),
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// A time as APIs write it, to the second.
pub(super) fn when(at: i64) -> String {
    vedette_model::Timestamp(at / 1_000_000 * 1_000_000).to_string()
}
