//! One person is removed everywhere, and the others stay.

use crate::server::{Server, data_folder};
use crate::vedette;

/// Ten exchanges from each of two addresses.
fn lines() -> Vec<u8> {
    let line = |id: u32| {
        let address = if id.is_multiple_of(2) { "203.0.113.9" } else { "203.0.113.10" };
        format!(
            concat!(
                r#"{{"startedDateTime":"2026-11-20T10:00:{:02}Z","time":1,"_id":"e{}","_client":{{"ip":"{}"}},"#,
                r#""request":{{"method":"GET","url":"https://shop.example/v1/orders/{}","headers":[]}},"#,
                r#""response":{{"status":200,"headers":[],"content":{{}}}}}}"#,
                "\n"
            ),
            id, id, address, id
        )
    };
    (0..20).map(line).collect::<String>().into_bytes()
}

#[test]
fn a_person_is_erased_everywhere_and_the_others_stay() {
    let data = data_folder("erase");
    let server = Server::start(&data, None, &[]);
    let token = server.token().to_owned();
    assert_eq!(server.ask("POST", "/v1/exchanges", &lines()).unwrap().status, 200);
    let folder = data.parent().unwrap();
    let path = data.to_str().unwrap();
    let busy = vedette(folder, &["erase", "--data", path, "--subject", "ip:203.0.113.9"], b"");
    assert_eq!(busy.code, 2);
    assert!(busy.stderr.contains("in use by another process"), "{}", busy.stderr);
    // As a crash: what is to be erased is in the journal only.
    server.kill();

    let said = vedette(folder, &["erase", "--data", path, "--subject", "ip:203.0.113.9", "--json"], b"");
    assert_eq!(said.code, 0, "{}", said.stderr);
    let proof: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(proof["erased"]["rows"].as_u64(), Some(10));
    assert_eq!(proof["erased"]["rows_left"].as_u64(), Some(0));
    assert!(std::fs::read_dir(data.join("tenants/default/journal")).unwrap().next().is_none(), "the journal is gone");

    let server = Server::start(&data, Some(&token), &[]);
    let rows = server.hunt("select client_ip, count(*) from exchanges group by 1");
    assert_eq!(rows, vec![serde_json::json!(["203.0.113.10", 10])]);
    let actors = server.ask("GET", "/v1/actors", b"").unwrap().json();
    assert_eq!(actors["items"].as_array().unwrap().len(), 1);
    assert!(!actors.to_string().contains("\"203.0.113.9\""));
    server.stop();
}

#[test]
fn a_subject_that_names_nobody_is_refused_with_a_hint() {
    for (subject, what) in [("ada", "no kind"), ("shoe:9", "names nobody"), ("ip:999", "cannot be read")] {
        let said = vedette(&std::env::temp_dir(), &["erase", "--subject", subject], b"");
        assert_eq!(said.code, 2);
        assert!(said.stderr.contains(what) && said.stderr.contains("hint: "), "{}", said.stderr);
    }
}
