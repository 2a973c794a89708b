//! `vedette gateway check` and `vedette analyze --gateway`: configurations alone, and with traffic.

use std::fs;

use super::{folder, vedette};

const NGINX: &str = "http {\n  include sites/*.conf;\n}\n";

const SITE: &str = "server {
  listen 80;
  server_name api.harbor.example;
  client_max_body_size 0;
  limit_req zone=a;
  location /v1/boats {
    auth_basic boats;
    proxy_pass http://10.0.0.1;
  }
  location /v1/berths {
    proxy_pass http://10.0.0.1;
  }
}
";

#[test]
fn a_configuration_is_judged_with_what_it_includes() {
    let folder = folder("gateway-check");
    fs::create_dir(folder.join("sites")).unwrap();
    fs::write(folder.join("nginx.conf"), NGINX).unwrap();
    fs::write(folder.join("sites/boats.conf"), SITE).unwrap();
    let said = vedette(&folder, &["gateway", "check", "nginx.conf"], b"");
    assert_eq!(said.code, 0, "{}", said.stderr);
    insta::assert_snapshot!(said.stdout, @r"
    nginx.conf  nginx · 2 routes · 1 file with it

    HIGH  Route without authentication
      sites/boats.conf:10  anybody may call api.harbor.example /v1/berths: no
                           `auth_…` directive, client certificate or address list is
                           in force, while another route asks
      fix  Ask for a credential at the level above all routes, and name the routes
           that are public on purpose.

    HIGH  Plain HTTP
      sites/boats.conf:2  *:80 (api.harbor.example) serves api.harbor.example
                          /v1/boats and 1 more route without TLS
      fix  Serve the API over TLS only: answer plain HTTP with a redirect (301 to
           `https`), and use `https` to backends outside.

    MEDIUM  No limit on bodies
      sites/boats.conf:4  api.harbor.example /v1/boats and 1 more route take bodies
                          of any size: `client_max_body_size 0` turns nginx's limit
                          off
      fix  Set the largest body that the API needs above all routes, and a larger
           one only where files are sent.
    ");
    let gate = vedette(&folder, &["gateway", "check", ".", "--json", "--fail-on", "high", "--sarif", "out.sarif"], b"");
    assert_eq!(gate.code, 1, "{}", gate.stderr);
    let results = gate.results();
    assert_eq!(results["gateways"].as_array().unwrap().len(), 1, "the site is part of its gateway");
    assert_eq!(results["gateways"][0]["routes"].as_array().unwrap().len(), 2);
    let sarif: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("out.sarif")).unwrap()).unwrap();
    let plain = sarif["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["ruleId"] == "gateway-hardening-plain-http");
    let place = &plain.unwrap()["locations"][0]["physicalLocation"];
    assert_eq!(
        (place["artifactLocation"]["uri"].as_str(), place["region"]["startLine"].as_u64()),
        (Some("./sites/boats.conf"), Some(2))
    );
}

#[test]
fn what_is_no_configuration_is_refused_where_it_goes_wrong() {
    let folder = folder("gateway-refused");
    fs::write(
        folder.join("route.yaml"),
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata:\n  name: {{ .Values.name }}\n",
    )
    .unwrap();
    fs::write(folder.join("broken.conf"), "http {\n  server {\n    listen 80\n  }\n").unwrap();
    fs::write(folder.join("note.txt"), "nothing of a gateway\n").unwrap();
    let said = vedette(&folder, &["gateway", "check", "route.yaml", "broken.conf", "note.txt"], b"");
    assert_eq!((said.code, said.stdout.as_str()), (2, ""));
    insta::assert_snapshot!(said.stderr, @r"
    error: route.yaml:4:1: a template, not a configuration: what stands there is only known once it is filled in
      hint: render it first, for example with `helm template` or `kustomize build`, and give the result
    broken.conf:3:1: a directive without `;` at its end
    note.txt: no configuration of a known gateway
      hint: nginx, HAProxy, Envoy, Kong (declarative), AWS API Gateway (export), Azure API Management (ARM template) and Kubernetes (Gateway API, Istio) are read
    ");
    let said = vedette(&folder, &["gateway", "check", "missing.conf"], b"");
    assert!(said.code == 2 && said.stderr.contains("hint:"), "{}", said.stderr);
}

#[test]
fn routes_are_compared_with_traffic() {
    let folder = folder("gateway-traffic");
    fs::write(folder.join("gateway.conf"), SITE.replace("/v1/boats", "/v1/ferries")).unwrap();
    let log: String = (0..60).map(|n| super::har_entry(n) + "\n").collect();
    fs::write(folder.join("traffic.har.ndjson"), log).unwrap();
    let said = vedette(&folder, &["analyze", "traffic.har.ndjson", "--gateway", "gateway.conf", "--json"], b"");
    let results = said.results();
    let routes = results["gateways"][0]["routes"].as_array().unwrap();
    assert_eq!((&routes[0]["used"], &routes[1]["used"]), (&serde_json::json!(false), &serde_json::json!(true)));
    let kinds: Vec<&str> =
        results["findings"].as_array().unwrap().iter().filter_map(|one| one["kind"].as_str()).collect();
    assert!(kinds.contains(&"gateway-route-unused") && !kinds.contains(&"gateway-route-missing"), "{kinds:?}");
    assert!(kinds.contains(&"gateway-hardening-no-authentication"), "{kinds:?}");
}
