//! `vedette openapi check`, `audit`, `diff` and `patch` on files as users have them.

use std::fs;
use std::path::PathBuf;

use super::{folder, har_entry, vedette};

const SPEC: &str = "# Payments. Keep it short.
openapi: 3.0.3
info: {title: Harbor, version: '1'} # ours
servers: [{url: https://api.harbor.example/v1}]
paths:
  /berths/{berth}/payments:
    post:
      operationId: pay # the money
      parameters:
        - {name: berth, in: path, required: true, schema: {type: integer}}
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                card: {type: string}
                amount: {type: string}
      responses:
        '201': {description: paid}
  /lighthouses:
    get:
      responses: {'200': {description: ok}}
";

/// A folder with forty calls and a specification that they do not quite fit.
fn harbor(name: &str) -> PathBuf {
    let folder = folder(name);
    let entries: Vec<String> = (0..40).map(har_entry).collect();
    fs::write(folder.join("calls.har.ndjson"), entries.join("\n")).unwrap();
    fs::write(folder.join("harbor.yaml"), SPEC).unwrap();
    folder
}

#[test]
fn check_tells_what_differs_with_places_and_exchanges() {
    let folder = harbor("spec-check");
    let said = vedette(&folder, &["openapi", "check", "calls.har.ndjson", "--spec", "harbor.yaml"], b"");
    assert_eq!(said.code, 0, "{}", said.stderr);
    insta::assert_snapshot!(said.stdout, @r"
    harbor.yaml  1 of 2 operations met · 0 % of exchanges conform

    Differs from its declaration (1)
        0 %  POST /v1/berths/{berth}/payments  harbor.yaml:7
             invalid-request at request.body.$.amount: string expected, integer
             found (100 %, exchange 0)
             undocumented-status at response.200: the operation declares no such
             answer (100 %, exchange 0)

    Declared and never called (1)
      GET /lighthouses  harbor.yaml:22
    ");
    let gated = ["openapi", "check", "calls.har.ndjson", "--spec", "harbor.yaml", "--fail-on", "low"];
    assert_eq!(vedette(&folder, &gated, b"").code, 1);
    let without = vedette(&folder, &["openapi", "check", "calls.har.ndjson"], b"");
    assert_eq!(without.code, 2);
    assert!(without.stderr.contains("--spec FILE"), "{}", without.stderr);
}

#[test]
fn audit_judges_a_specification_alone() {
    let folder = harbor("spec-audit");
    let said = vedette(&folder, &["openapi", "audit", "harbor.yaml"], b"");
    assert_eq!(said.code, 0, "{}", said.stderr);
    insta::assert_snapshot!(said.stdout.lines().take(8).collect::<Vec<_>>().join("\n"), @r"
    harbor.yaml  OpenAPI 3.0.3 · Harbor 1 · 2 operations

    HIGH  Operation without authentication
      harbor.yaml:7  POST /berths/{berth}/payments can be called by anybody
      harbor.yaml:22  GET /lighthouses can be called by anybody
      fix  Declare a `security` requirement for the document, and `security: []`
           only where anybody may call.
    ");
    fs::write(folder.join("broken.yaml"), "openapi: 3.1.0\npaths:\n  /a: [\n").unwrap();
    let broken = vedette(&folder, &["openapi", "audit", "broken.yaml"], b"");
    assert_eq!(broken.code, 2);
    assert!(broken.stderr.contains("broken.yaml:"), "{}", broken.stderr);
}

#[test]
fn diff_puts_what_breaks_callers_first() {
    let folder = harbor("spec-diff");
    let after = SPEC.replace("  /lighthouses:\n    get:\n      responses: {'200': {description: ok}}\n", "");
    fs::write(folder.join("after.yaml"), after.replace("amount: {type: string}", "amount: {type: integer}")).unwrap();
    let said = vedette(&folder, &["openapi", "diff", "harbor.yaml", "after.yaml"], b"");
    insta::assert_snapshot!(said.stdout, @r"
    Breaks callers (2)
      GET /lighthouses  line 22
        - is gone
      POST /berths/{berth}/payments  line 7
        - request body.amount is integer instead of string
    ");
}

#[test]
fn patch_adds_lines_and_keeps_comments() {
    let folder = harbor("spec-patch");
    let arguments = ["openapi", "patch", "calls.har.ndjson", "--spec", "harbor.yaml"];
    let said = vedette(&folder, &arguments, b"");
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stdout.starts_with("--- harbor.yaml\n+++ harbor.yaml\n"), "{}", said.stdout);
    assert!(said.stdout.lines().skip(2).all(|line| !line.starts_with('-')), "only lines are added: {}", said.stdout);
    assert_eq!(fs::read_to_string(folder.join("harbor.yaml")).unwrap(), SPEC, "nothing is written unasked");
    let said = vedette(&folder, &[&arguments[..], &["--write"]].concat(), b"");
    assert_eq!(said.code, 0, "{}", said.stderr);
    let patched = fs::read_to_string(folder.join("harbor.yaml")).unwrap();
    assert!(SPEC.lines().all(|line| patched.lines().any(|own| own == line)), "{patched}");
    let checked = vedette(&folder, &["openapi", "check", "calls.har.ndjson", "--spec", "harbor.yaml", "--json"], b"");
    let operation = &checked.results()["endpoints"][0]["operation"];
    let left: Vec<&str> =
        operation["violations"].as_array().unwrap().iter().filter_map(|v| v["kind"].as_str()).collect();
    assert!(!left.contains(&"undocumented-status"), "{left:?}");
    let again = vedette(&folder, &arguments, b"");
    assert_eq!(again.stdout.lines().filter(|line| line.starts_with('+')).count(), 0, "{}", again.stdout);
}
