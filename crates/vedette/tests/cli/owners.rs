//! `--owners`: who is to be asked.

use std::fs;

use super::{folder, har_entry, vedette};

const CATALOG: &str = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: { name: berths }\nspec: { owner: group:default/quay-crew }\n";
const MANIFESTS: &str = "apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  labels: { team: harbor-master }
spec:
  rules:
    - host: api.harbor.example
";
const KONG: &str = "_format_version: '3.0'
services:
  - name: payments
    host: payments.internal
    routes: [{ name: pay, hosts: [api.harbor.example], paths: [/v1/berths], tags: ['owner:payments'] }]
";

#[test]
fn an_endpoint_has_an_owner_in_every_output() {
    let folder = folder("owners");
    for (name, text) in [("catalog-info.yaml", CATALOG), ("kong.yaml", KONG), ("broken.yaml", "a: [")] {
        fs::write(folder.join(name), text).unwrap();
    }
    let entries: Vec<String> = (0..60).map(har_entry).collect();
    let input = entries.join("\n");
    let run = |more: &[&str]| {
        let files = ["--owners", "catalog-info.yaml", "--owners", "kong.yaml"];
        vedette(&folder, &[&["analyze", "-"], &files[..], more].concat(), input.as_bytes())
    };
    let results = run(&["--json", "--out", "report"]).results();
    let endpoint = &results["endpoints"][0];
    assert_eq!(endpoint["owner"]["name"], "payments");
    assert_eq!((&endpoint["owner"]["file"], &endpoint["owner"]["line"]), (&"kong.yaml".into(), &5.into()));
    assert_eq!(results["ownership"]["owned"], 1);
    let remarks = results["ownership"]["remarks"].to_string();
    assert!(
        remarks.contains("catalog-info.yaml:4: Component berths (quay-crew): no service berths was observed"),
        "{remarks}"
    );
    let csv = fs::read_to_string(folder.join("report/findings.csv")).unwrap();
    assert!(csv.lines().next().unwrap().ends_with(",owner") && csv.contains(",payments\r\n"), "{csv}");
    assert!(fs::read_to_string(folder.join("report/findings.sarif")).unwrap().contains("\"owner\": \"payments\""));
    assert!(run(&[]).stdout.contains("Owners  known for 1 of 1 endpoint"), "{}", run(&[]).stdout);

    let said = vedette(&folder, &["analyze", "-", "--owners", "broken.yaml"], input.as_bytes());
    assert!(said.code == 2 && said.stderr.contains("broken.yaml:1:"), "{}", said.stderr);
}

#[test]
fn a_host_of_an_ingress_owns_its_service() {
    let folder = folder("owners-ingress");
    fs::write(folder.join("web.yaml"), MANIFESTS).unwrap();
    let entries: Vec<String> = (0..60).map(har_entry).collect();
    let said = vedette(&folder, &["analyze", "-", "--json", "--owners", "web.yaml"], entries.join("\n").as_bytes());
    let results = said.results();
    assert_eq!(results["services"][0]["owner"]["name"], "harbor-master", "{}", results["ownership"]);
    assert_eq!(results["endpoints"][0]["owner"]["reason"], "Ingress web: host api.harbor.example");
}
