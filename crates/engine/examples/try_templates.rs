//! dev only
#![allow(warnings)]
use std::borrow::Cow;
use std::io::BufRead;
use std::sync::Arc;
use vedette_engine::Engine;
use vedette_model::{Exchange, Timestamp};
fn main() {
    let mut e = Engine::new(Arc::new(vedette_parse::classes::Classifier::builtin()), Default::default());
    for (i, l) in std::io::stdin().lock().lines().enumerate() {
        let v: serde_json::Value = serde_json::from_str(&l.unwrap()).unwrap();
        let url = v["request"]["url"].as_str().unwrap();
        let rest = url.split_once("://").unwrap().1;
        let (host, pq) = rest.split_once('/').unwrap_or((rest, ""));
        let pq = format!("/{pq}");
        let (p, q) = pq.split_once('?').map(|(a, b)| (a, Some(b))).unwrap_or((&pq, None));
        let mut ex = Exchange::default();
        ex.at = Timestamp::parse_rfc3339(v["startedDateTime"].as_str().unwrap_or(""));
        ex.host = Some(host.into());
        ex.method = v["request"]["method"].as_str().unwrap().into();
        ex.path = p.into();
        ex.query = q.map(Into::into);
        ex.status = v["response"]["status"].as_u64().unwrap_or(0) as u16;
        for h in v["request"]["headers"].as_array().into_iter().flatten() {
            ex.request_headers.push(h["name"].as_str().unwrap(), h["value"].as_str().unwrap());
        }
        for h in v["response"]["headers"].as_array().into_iter().flatten() {
            ex.response_headers.push(h["name"].as_str().unwrap(), h["value"].as_str().unwrap());
        }
        ex.has_headers = true;
        ex.request_body = v["request"]["postData"]["text"].as_str().map(|t| Cow::Borrowed(t.as_bytes()));
        ex.response_body = v["response"]["content"]["text"].as_str().map(|t| Cow::Borrowed(t.as_bytes()));
        e.observe(&ex, (0, i as u64));
    }
    let r = e.conclude(vec![]);
    println!("{}", serde_json::to_string(&r).unwrap());
}
