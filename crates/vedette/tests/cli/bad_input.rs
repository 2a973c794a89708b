//! Files that are broken, hostile or not what they say: never a panic, never silence.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::{Said, access_log, folder, har_entry, vedette};

fn analyze(name: &str, content: &[u8]) -> Said {
    let folder = folder(&format!("bad-{name}"));
    fs::write(folder.join(name), content).unwrap();
    vedette(&folder, &["analyze", name, "--json"], b"")
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// Read nothing and said why.
#[track_caller]
fn refused(said: &Said) {
    assert_eq!(said.code, 2, "{}{}", said.stdout, said.stderr);
    assert!(said.stderr.starts_with("error: ") && said.stderr.contains("\nhint: "), "{}", said.stderr);
}

#[test]
fn what_holds_no_traffic_is_refused_with_a_reason() {
    let binary: Vec<u8> = (0..100_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    refused(&analyze("empty.log", b""));
    refused(&analyze("binary.bin", &binary));
    refused(&analyze("prose.txt", "It was a dark and stormy night.\n".repeat(100).as_bytes()));
    refused(&analyze("other.json", b"{\"a\": [1, 2, 3]}"));
    refused(&analyze("no.har", b"{\"log\": {\"version\": \"1.2\", \"entries\": []}}"));
}

#[test]
fn a_file_that_is_no_descriptor_set_is_refused_with_a_reason() {
    let folder = folder("bad-descriptors");
    fs::write(folder.join("traffic.har.ndjson"), har_entry(1)).unwrap();
    for content in [&b"syntax = \"proto3\";"[..], b""] {
        fs::write(folder.join("api.pb"), content).unwrap();
        let said = vedette(&folder, &["analyze", "traffic.har.ndjson", "--proto-descriptors", "api.pb"], b"");
        refused(&said);
        assert!(said.stderr.contains("api.pb") && said.stderr.contains("--descriptor_set_out"), "{}", said.stderr);
    }
}

#[test]
fn broken_lines_are_counted_and_sampled_and_the_rest_is_read() {
    let mut log = access_log();
    log.insert_str(0, "not a log line at all\n\u{0}\u{1}\u{2}\n");
    let mut bytes = log.into_bytes();
    bytes.extend(b"198.51.100.1 - - [21/Sep/2026:14:00:00 +0000] \"GET /\xff\xfe HTTP/1.1\" 200 1 \"-\" \"-\"\n");
    bytes.extend(b"198.51.100.1 - - [21/Sep/2026:14:00");
    let results = analyze("broken.log", &bytes).results();
    assert!(results["stats"]["exchanges"].as_u64().unwrap() >= 60);
    let source = &results["sources"][0];
    let unreadable = source["unreadable"].as_u64().unwrap();
    assert!((2..=4).contains(&unreadable), "{source}");
    assert!(!source["unreadable_samples"].as_array().unwrap().is_empty());
    assert!(source["unreadable_samples"][0]["reason"].as_str().is_some_and(|reason| !reason.is_empty()));
}

#[test]
fn a_truncated_gzip_gives_what_is_there_and_says_so() {
    let whole = gzip(access_log().repeat(50).as_bytes());
    let results = analyze("cut.log.gz", whole.split_at(whole.len() / 2).0).results();
    assert!(results["stats"]["exchanges"].as_u64().unwrap() > 0);
    assert!(!results["sources"][0]["problems"].as_array().unwrap().is_empty(), "{}", results["sources"][0]);
}

#[test]
fn a_bomb_does_not_go_off() {
    let folder = folder("bomb");
    let bomb = gzip(&vec![b'0'; 200 << 20]);
    fs::write(folder.join("bomb.gz"), gzip(&bomb)).unwrap();
    fs::write(folder.join("bomb.log.gz"), bomb).unwrap();
    fs::write(folder.join("good.log"), access_log()).unwrap();
    let results = vedette(&folder, &["analyze", ".", "--json"], b"").results();
    assert_eq!(results["stats"]["exchanges"], 60, "the rest is still analyzed");
    let problems = results["sources"].as_array().unwrap().iter().filter(|s| s["problems"][0].is_string()).count();
    assert!(problems >= 1, "{}", results["sources"]);
}

#[test]
fn an_endless_line_and_an_abyss_of_json_are_survived() {
    let mut content = vec![b'x'; 40 << 20];
    content.push(b'\n');
    content.extend(access_log().as_bytes());
    assert_eq!(analyze("long.log", &content).results()["stats"]["exchanges"], 60);

    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let entry = har_entry(1).replace("{\\\"card\\\":", &format!("{{\\\"deep\\\":{deep},\\\"card\\\":"));
    assert!(entry.contains("[[[["));
    let lines = [har_entry(0), entry, har_entry(2)].join("\n");
    let results = analyze("deep.har.ndjson", lines.as_bytes()).results();
    assert_eq!(results["stats"]["exchanges"], 3, "{}", results["sources"]);
}

#[test]
fn mixed_sources_are_each_read_in_their_format() {
    let folder = folder("mixed");
    fs::write(folder.join("a.log"), access_log()).unwrap();
    fs::write(folder.join("b.har.ndjson"), [har_entry(1), har_entry(2)].join("\n")).unwrap();
    fs::write(folder.join("c.txt"), "hello\nworld\n").unwrap();
    let results = vedette(&folder, &["analyze", ".", "--json"], b"").results();
    assert_eq!(results["stats"]["exchanges"], 62);
    assert!(results["sources"].as_array().unwrap().len() >= 2);
}

#[test]
#[cfg(unix)]
fn a_folder_that_may_not_be_read_is_said() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("locked");
    let locked = folder.join("locked");
    fs::create_dir(&locked).unwrap();
    fs::write(folder.join("a.log"), access_log()).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o0)).unwrap();
    let results = vedette(&folder, &["analyze", ".", "--json"], b"").results();
    let may_read = fs::read_dir(&locked).is_ok(); // as root
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(results["stats"]["exchanges"], 60);
    assert!(may_read || results["sources"].to_string().contains("ermission"), "{}", results["sources"]);
}

#[test]
fn a_wrong_configuration_names_its_place() {
    let folder = folder("configuration");
    fs::write(folder.join("a.log"), access_log()).unwrap();
    fs::write(folder.join("classes.yaml"), "classes:\n  - id: 7up!\n    level: [\n").unwrap();
    for arguments in [
        ["analyze", "a.log", "--classes", "classes.yaml"],
        ["analyze", "a.log", "--log-format", "$remote_addr $nonsense_variable[["],
        ["analyze", "a.log", "--format", "no-such-format"],
    ] {
        let said = vedette(Path::new(&folder), &arguments, b"");
        assert!(said.code == 2 && said.stderr.starts_with("error: "), "{arguments:?}: {} {}", said.code, said.stderr);
    }
}

#[test]
fn a_wrong_file_of_templates_is_explained_line_by_line() {
    let folder = folder("templates");
    fs::write(folder.join("access.log"), access_log()).unwrap();
    fs::write(folder.join("templates.txt"), "/v1/boats/{boat}\nboats\n/a/{}\n").unwrap();
    let said = vedette(&folder, &["analyze", "access.log", "--templates", "templates.txt"], b"");
    assert_eq!(said.code, 2);
    for part in ["templates.txt:2:1: a template begins with `/`", "templates.txt:3:1: ", "hint: "] {
        assert!(said.stderr.contains(part), "{part} is missing:\n{}", said.stderr);
    }
    fs::write(folder.join("templates.txt"), "/v1/boats/{number}\n").unwrap();
    let results = vedette(&folder, &["analyze", "access.log", "--templates", "templates.txt", "--json"], b"").results();
    assert_eq!(results["endpoints"][0]["template"], "/v1/boats/{number}");
}
