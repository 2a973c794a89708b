//! Each hunt that ships finds what its own file says, in the rows that its own file has.

use super::*;

#[test]
fn every_shipped_hunt_finds_what_its_example_says() {
    let ground = Ground::new();
    let mut wrong = Vec::new();
    for hunt in super::super::shipped() {
        let example = hunt.example.as_ref().unwrap_or_else(|| panic!("{} has no example", hunt.id));
        let given: BTreeMap<String, serde_json::Value> =
            example.get("parameters").map(|given| serde_json::from_value(given.clone()).unwrap()).unwrap_or_default();
        let now = example.get("now").and_then(serde_json::Value::as_str).unwrap();
        let query = Query {
            parameters: hunt.values(&given).unwrap(),
            now: Timestamp::parse_rfc3339(now).unwrap(),
            ..query(&hunt.sql)
        };
        let expected = example.get("expect").and_then(serde_json::Value::as_str).unwrap();
        match ground.ask(tables(&example["rows"]), query) {
            Ok((out, _)) => {
                let found = String::from_utf8(out).unwrap().replace("\r\n", "\n");
                if found != expected {
                    wrong.push(format!("{}: found\n{found}expected\n{expected}", hunt.id));
                }
            }
            Err(error) => wrong.push(format!("{}: {error} (hint: {:?}) {:?}", hunt.id, error.hint(), error)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_of_hunts_is_read_and_documented() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules/hunts");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let id = path.file_stem().unwrap().to_str().unwrap();
        let hunt =
            SavedHunt::read(id, &std::fs::read_to_string(&path).unwrap()).unwrap_or_else(|e| panic!("{id}: {e}"));
        assert!(hunt.question.ends_with('?'), "{id} asks nothing");
        for parameter in &hunt.parameters {
            assert!(hunt.sql.contains(&format!("${}", parameter.name)), "{id} does not use {}", parameter.name);
        }
        files += 1;
    }
    assert_eq!(super::super::shipped().len(), files);
}

#[test]
fn parameters_of_saved_hunts_are_read_as_what_they_are() {
    let hunt = shipped_named("enumerated-ids").unwrap();
    let ask = |name: &str, value: serde_json::Value| hunt.values(&[(name.to_owned(), value)].into());
    assert_eq!(ask("paths", json!("7")).unwrap()["paths"], Value::Integer(7));
    assert_eq!(ask("paths", json!(7)).unwrap()["since"], Value::Interval("1 day".to_owned()));
    assert_eq!(ask("paths", json!("many")).unwrap_err().to_string(), "parameter 'paths' must be a whole number");
    let unknown = ask("path", json!(1)).unwrap_err();
    assert_eq!(unknown.hint(), Some("did you mean paths?"));
    let missing = shipped_named("actor-timeline").unwrap().values(&BTreeMap::new()).unwrap_err();
    assert_eq!(missing.to_string(), "hunt 'actor-timeline' needs a value for 'actor'");
    assert_eq!(shipped_named("top-talker").unwrap_err().hint(), Some("did you mean top-talkers?"));
}
