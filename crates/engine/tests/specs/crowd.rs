//! Who makes the exchanges of a block, when, and with which numbers: so that a population fits into a few lines.
//!
//! ````text
//! ```http @people=1-40 @at=8h @within=9h @repeat=3
//! GET https://api.shop.example/v1/orders
//! Authorization: Bearer token(u{p})
//! HTTP 200
//!
//! {"orders":[rows(4: {"id":{p}0{r}})]}
//! ---
//! GET https://api.shop.example/v1/orders/{p}0{1..4}
//! Authorization: Bearer token(u{p})
//! HTTP 200
//!
//! {"id":{p}0{1..4}}
//! ```
//! ````
//!
//! A block is a visit: one exchange, or several parted by `---` that follow each other.
//!
//! - Who: `@people=1-40` or `@people=7`, the person's number. Each has an address and a network, and one of five
//!   browsers, unless the block says otherwise; without it the block is one person's, as [`http`] says.
//! - When: `@t=` start (default 2026-01-01T00:00:00Z), `@at=` after it. `@repeat=` visits of each person, `@step=` apart
//!   (default 60 seconds) or at random times `@within=` a span; all of it on each of `@days=` days. `@gap=` between the
//!   exchanges of a visit (default 5 seconds; about that, where times are random). Times are `90`, `10m`, `8h30m`, `2d`.
//! - Numbers, in attributes and text: `{p}` person, `{n}` visit and `{d}` day, each from 1; with one operation
//!   (`{p+1}`, `{n*10}`, `{p%5}`, `{p/4}`); `{1..90}` random, the same within a visit. `rows(4: …)` repeats what is in it,
//!   comma-separated, `{r}` being the row.
//!
//! Random numbers follow from the block and are the same in every run.

use std::borrow::Cow;

use vedette_model::{Exchange, Timestamp};

use super::{Block, http};

/// The exchanges of one block.
pub(crate) fn exchanges(block: &Block) -> Vec<Exchange<'static>> {
    let start = block.attribute("t").unwrap_or("2026-01-01T00:00:00Z");
    let start = Timestamp::parse_rfc3339(start).expect("@t is an RFC 3339 time").0 + span(block, "at", 0);
    let (gap, people_like) = (span(block, "gap", 5 * SECOND), block.attribute("within").is_some());
    let mut all = Vec::new();
    for person in people(block) {
        for (visit, offset) in visits(block, person) {
            let mut at = start + offset;
            let info = visit.fill(&block.info);
            let text = visit.fill(&rows(&visit, &block.text));
            for text in text.split("\n---\n") {
                let mut exchange = http::exchange(&Block { info: info.clone(), text: text.to_owned() });
                exchange.at = Some(Timestamp(at));
                if let Some(person) = person {
                    introduce(&mut exchange, person, block);
                }
                all.push(exchange);
                // People pause now longer, now shorter; scripts do not.
                let percent =
                    if people_like { 50 + visit.random(&at.to_string()).cast_signed().rem_euclid(100) } else { 100 };
                at += gap * percent / 100;
            }
        }
    }
    all
}

const SECOND: i64 = 1_000_000;

/// The people of a block by their numbers; nobody in particular without `@people`.
fn people(block: &Block) -> Vec<Option<u64>> {
    let Some(people) = block.attribute("people") else { return vec![None] };
    let (first, last) = people.split_once('-').unwrap_or((people, people));
    let number = |text: &str| text.parse::<u64>().expect("@people=1-40 or @people=7");
    (number(first)..=number(last)).map(Some).collect()
}

/// Gives somebody what everybody has.
fn introduce(exchange: &mut Exchange<'_>, person: u64, block: &Block) {
    if block.attribute("ip").is_none() && block.attribute("actor").is_none() {
        exchange.client_ip = Some(format!("2001:db8:{person}::1").parse().expect("a person's number is below 10000"));
    }
    if exchange.user_agent.is_none() && exchange.has_headers {
        let agent = format!("Browser/{}.0", person % 5 + 1);
        exchange.request_headers.push("User-Agent".to_owned(), agent.clone());
        exchange.user_agent = Some(Cow::Owned(agent));
    }
}

/// One visit of one person.
struct Visit {
    person: u64,
    number: u64,
    day: u64,
    row: u64,
    seed: u64,
}

/// The visits of somebody and when they begin, in order of time.
fn visits(block: &Block, person: Option<u64>) -> Vec<(Visit, i64)> {
    let count = |name: &str| block.attribute(name).map_or(1, |n| n.parse::<u64>().expect("a number"));
    let (repeat, step) = (count("repeat"), span(block, "step", 60 * SECOND));
    let mut all = Vec::new();
    for day in 1..=count("days") {
        let seed = mix(hash(&block.info) ^ hash(&block.text).rotate_left(32));
        let visit = |number| Visit { person: person.unwrap_or(1), number, day, row: 0, seed };
        let first = (day - 1) * repeat + 1;
        let numbers = first..first + repeat;
        let mut offsets: Vec<i64> = match block.attribute("within") {
            Some(_) => {
                let within = span(block, "within", 0);
                numbers.clone().map(|n| visit(n).random("when").cast_signed().rem_euclid(within)).collect()
            }
            None => (0..repeat.cast_signed()).map(|n| n * step).collect(),
        };
        offsets.sort_unstable();
        all.extend(
            numbers.zip(offsets).map(|(n, offset)| (visit(n), offset + (day.cast_signed() - 1) * 86_400 * SECOND)),
        );
    }
    all
}

/// Microseconds of an attribute like `90`, `10m` or `1d8h`.
fn span(block: &Block, name: &str, default: i64) -> i64 {
    let Some(text) = block.attribute(name) else { return default };
    let (mut sum, mut number) = (0, 0);
    for letter in text.chars() {
        let unit = match letter {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            digit => {
                number = number * 10 + i64::from(digit.to_digit(10).expect("a time like 90, 10m or 1d8h"));
                continue;
            }
        };
        sum += std::mem::take(&mut number) * unit;
    }
    (sum + number) * SECOND
}

/// Writes out `rows(20: …)`.
fn rows(visit: &Visit, text: &str) -> String {
    let Some((before, rest)) = text.split_once("rows(") else { return text.to_owned() };
    let (count, rest) = rest.split_once(':').expect("rows(20: …)");
    let (row, after) = rest.split_once(')').expect("rows(20: …)");
    let count: u64 = visit.fill(count).parse().expect("rows(20: …)");
    let filled: Vec<String> = (1..=count).map(|number| Visit { row: number, ..*visit }.fill(row.trim())).collect();
    format!("{before}{}{}", filled.join(","), rows(visit, after))
}

impl Visit {
    /// Puts numbers in the place of `{…}`; other braces stay.
    fn fill(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('{') {
            out.push_str(before);
            let value = behind.split_once('}').and_then(|(hole, after)| Some((self.value(hole)?, after)));
            rest = if let Some((value, after)) = value {
                out.push_str(&value.to_string());
                after
            } else {
                out.push('{');
                behind
            };
        }
        out + rest
    }

    fn value(&self, hole: &str) -> Option<u64> {
        if let Some((low, high)) = hole.split_once("..") {
            let (low, high) = (low.parse::<u64>().ok()?, high.parse::<u64>().ok()?);
            return Some(low + self.random(hole) % (high - low + 1));
        }
        let value = match hole.chars().next()? {
            'p' => self.person,
            'n' => self.number,
            'd' => self.day,
            'r' => self.row,
            _ => return None,
        };
        let Some(operator) = hole.chars().nth(1) else { return Some(value) };
        let operand = hole.get(2..)?.parse::<u64>().ok()?;
        match operator {
            '+' => Some(value + operand),
            '-' => Some(value - operand),
            '*' => Some(value * operand),
            '/' => Some(value / operand),
            '%' => Some(value % operand),
            _ => None,
        }
    }

    fn random(&self, what: &str) -> u64 {
        [self.person, self.number, self.row, hash(what)].iter().fold(self.seed, |sum, part| mix(sum ^ part))
    }
}

/// FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014).
fn mix(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
