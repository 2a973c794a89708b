use std::fmt::Write as _;

use serde_json::json;

use super::*;

#[test]
fn yaml_and_json_give_the_same_tree() {
    let yaml = "# About.\nopenapi: 3.1.0 # new\nversion: 1.0\nresponses:\n  200: {a: [1, -2.5, 0x1f, true, ~, 'no']}\n  no: yes\n";
    let expected = json!({
        "openapi": "3.1.0", "version": 1.0,
        "responses": {"200": {"a": [1, -2.5, 31, true, null, "no"]}, "no": "yes"},
    });
    assert_eq!(read("a", yaml).unwrap(), expected);
    assert_eq!(read("a", &expected.to_string()).unwrap(), expected);
}

#[test]
fn aliases_and_merge_keys_are_followed_within_bounds() {
    let yaml = "base: &b {type: object, x: 1}\none: *b\ntwo: {<<: *b, x: 2}\n";
    let value = read("a", yaml).unwrap();
    assert_eq!(value["one"], json!({"type": "object", "x": 1}));
    assert_eq!(value["two"], json!({"type": "object", "x": 2}));
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let before = format!("*a{}, ", level - 1).repeat(10);
        writeln!(bomb, "a{level}: &a{level} [{before}]").unwrap();
    }
    assert!(read("a", &bomb).unwrap_err().message.contains("more than"));
}

#[test]
fn errors_say_where() {
    let error = read("spec.yaml", "a: 1\nb: [1,\nc: }").unwrap_err();
    assert_eq!((error.file.as_str(), error.line), ("spec.yaml", 2));
    let error = read("spec.json", "{\"a\": 1,\n \"b\" 2}").unwrap_err();
    assert_eq!(error.line, 2);
    let deep = "[".repeat(100_000);
    assert!(read("deep", &deep).is_err());
}

#[test]
fn pointers_are_found_in_both() {
    let yaml = "info:\n  title: x\npaths:\n  /a/b:\n    get:\n      tags: [p, q]\n  /c: {}\n";
    let found = locate(yaml, ["/paths/~1a~1b/get", "/paths/~1c", "/paths/~1a~1b/get/tags/1", "/nothing", "/paths"]);
    let line = |pointer| found.get(pointer).map(|place| (place.line, place.end_line));
    assert_eq!(line("/paths/~1a~1b/get"), Some((5, 7)));
    assert_eq!(line("/paths/~1c"), Some((7, 8)));
    assert_eq!(line("/paths/~1a~1b/get/tags/1"), Some((6, 7)));
    assert_eq!(line("/nothing"), None);
    let json = "{\n \"paths\": {\n  \"/a\": {\"get\": {}},\n  \"/b\": 1 } }";
    let found = locate(json, ["/paths/~1b", "/paths/~1a/get"]);
    assert_eq!(found.get("/paths/~1b").map(|place| place.line), Some(4));
    assert_eq!(found.get("/paths/~1a/get").map(|place| place.line), Some(3));
}
