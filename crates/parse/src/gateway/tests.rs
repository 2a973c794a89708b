use std::sync::LazyLock;

use super::*;

static CLASSIFIER: LazyLock<Classifier> = LazyLock::new(Classifier::builtin);

fn one(text: &str) -> Gateway {
    let (mut gateways, problems) = all(&[("g", text)], &[]);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(gateways.len(), 1, "{text}");
    gateways.remove(0)
}

/// Reads files, with those that they may include.
fn all(files: &[(&str, &str)], others: &[(&str, &str)]) -> (Vec<Gateway>, Vec<Diagnostic>) {
    let owned = |all: &[(&str, &str)]| {
        all.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect::<Vec<_>>()
    };
    let (files, others) = (owned(files), owned(others));
    let mut fetch = |_: &str, pattern: &str| {
        let found: Vec<_> = others.iter().filter(|(name, _)| name == pattern).cloned().collect();
        if found.is_empty() { Err("not here".to_owned()) } else { Ok(found) }
    };
    read(&files, &CLASSIFIER, &mut fetch)
}

/// Authentication of the first route of an nginx server with these directives and this location.
fn nginx_authentication(server: &str, location: &str) -> Setting {
    let text =
        format!("http {{ server {{ listen 443 ssl; {server}\nlocation /a {{ {location} proxy_pass http://b; }} }} }}");
    one(&text).routes.remove(0).authentication
}

#[test]
fn nginx_inherits_what_a_level_does_not_say_anew() {
    let on =
        |setting: Setting, what: &str| assert!(matches!(&setting, Setting::On(by, _) if by == what), "{setting:?}");
    let off = |setting: Setting| assert!(setting.is_off(), "{setting:?}");
    let unknown = |setting: Setting| assert!(matches!(setting, Setting::Unknown(_)), "{setting:?}");
    on(nginx_authentication("auth_basic x;", ""), "auth_basic");
    off(nginx_authentication("auth_basic x;", "auth_basic off;"));
    on(nginx_authentication("auth_basic x; auth_request /a;", "auth_basic off;"), "auth_request");
    on(nginx_authentication("ssl_verify_client on;", ""), "client certificates");
    unknown(nginx_authentication("ssl_verify_client optional;", ""));
    on(nginx_authentication("allow 10.0.0.0/8; deny all;", ""), "a list of addresses");
    // A level with any `allow` or `deny` has none of the level above.
    off(nginx_authentication("deny all;", "allow all;"));
    off(nginx_authentication("allow all; satisfy any; auth_basic x;", ""));
    on(nginx_authentication("allow 10.0.0.0/8; deny all; satisfy any; auth_basic x;", ""), "auth_basic");
    unknown(nginx_authentication("", "if ($client = \"\") { return 401; }"));
    unknown(nginx_authentication("include auth.conf;", ""));
    on(
        nginx_authentication(
            "",
            "access_by_lua_block { local t = {1, 2} if t[1] == '}' then ngx.exit(403) end -- }\n }",
        ),
        "access_by_lua_block",
    );
    off(nginx_authentication("auth_basic_user_file /x; auth_jwt_key_file /y;", ""));
}

#[test]
fn nginx_limits_and_headers_are_replaced_not_merged() {
    let text = "limit_req zone=a; add_header Access-Control-Allow-Origin *; client_max_body_size 2m;
server { listen 80;
  location /a { proxy_pass http://b; }
  location /b { add_header X-Other 1; client_max_body_size 0; proxy_pass http://b; } }";
    let gateway = one(text);
    let [a, b] = gateway.routes.as_slice() else { panic!("{:?}", gateway.routes) };
    assert!(matches!((&a.rate_limit, &b.rate_limit), (Setting::On(..), Setting::On(..))));
    assert!(a.cors.as_ref().is_some_and(|cors| cors.origin == Origin::Any) && b.cors.is_none());
    assert!(matches!(&a.body_limit, Setting::On(size, at) if size == "2m" && at.line == 1));
    assert!(matches!(&b.body_limit, Setting::Off(_, Some(at)) if at.line == 4));
}

#[test]
fn nginx_locations_become_patterns_and_includes_keep_their_file() {
    let site = "server { server_name .shop.example ~^v\\d+; listen unix:/run/x.sock; listen 10.0.0.1:80 proxy_protocol;\n\
                location = /a { return 204; } location ~* \\.php$ { fastcgi_pass x; } location ^~ /b { try_files $uri @app; }\n\
                location @app { auth_basic y; proxy_pass http://c; } location /d { internal; proxy_pass http://c; } }";
    let (gateways, problems) = all(&[("nginx.conf", "http { include sites; }"), ("sites", site)], &[("sites", site)]);
    assert!(problems.is_empty() && gateways.len() == 1, "an included file is no gateway of its own: {problems:?}");
    let gateway = &gateways[0];
    let shown: Vec<(PathKind, &str, Serves)> =
        gateway.routes.iter().map(|one| (one.path.kind, one.path.text.as_str(), one.serves)).collect();
    assert_eq!(
        shown,
        [
            (PathKind::Exact, "/a", Serves::Fixed),
            (PathKind::Regex, "(?i)\\.php$", Serves::Backend),
            (PathKind::Prefix, "/b", Serves::Backend)
        ]
    );
    assert!(matches!(gateway.routes[2].authentication, Setting::On(..)), "the named location asks");
    assert_eq!(gateway.routes[0].hosts, ["*.shop.example", "*"]);
    let reaches: Vec<(Reach, bool)> = gateway.listeners.iter().map(|one| (one.reach, one.behind.is_some())).collect();
    assert_eq!(reaches, [(Reach::Loopback, false), (Reach::Private, true)]);
    assert_eq!((&*gateway.routes[1].at.file, gateway.routes[1].at.line), ("sites", 2));
}

#[test]
fn nginx_refuses_broken_text_where_it_breaks() {
    for (text, line, what) in [
        ("http {\n server {\n  listen 80\n }\n}", 3, "without `;`"),
        ("http {\n server {\n", 2, "not closed"),
        ("http { }\n}", 2, "without its `{`"),
        ("server {\n  server_name {{ host }};\n}", 2, "without"),
        ("http {\n  log_format x 'a", 2, "a quote"),
    ] {
        let (gateways, problems) = all(&[("g", text)], &[]);
        assert!(gateways.is_empty(), "{text}");
        assert!(problems[0].message.contains(what) && problems[0].line == line, "{}", problems[0]);
    }
    let (_, problems) = all(&[("g", "server {\n  server_name {{ host }};\n}")], &[]);
    assert!(problems[0].hint.as_deref().is_some_and(|hint| hint.contains("render")));
}

#[test]
fn plain_http_that_only_redirects_leads_nowhere() {
    let text = "server { listen 80; listen 443 ssl; if ($scheme != https) { return 301 https://$host$request_uri; }\nlocation / { proxy_pass http://a; } }";
    assert_eq!(one(text).routes[0].listeners, [1]);
    let haproxy = "frontend f\n  mode http\n  bind :80\n  bind :443 ssl crt x\n  redirect scheme https if !{ ssl_fc }\n  default_backend a\nbackend a\n  server s 10.0.0.1:80\n";
    assert_eq!(one(haproxy).routes[0].listeners, [1]);
}

#[test]
fn haproxy_rules_hold_for_the_paths_that_they_name() {
    let text = |rule: &str| {
        format!(
            "userlist u\n  user a password $6$x\nfrontend f\n  mode http\n  bind :443 ssl crt x\n  acl admin path_beg /admin\n  acl health path /health\n  acl api hdr(host) -i api.shop.example\n  {rule}\n  use_backend a if admin\n  use_backend b if api {{ path_beg /v1/ }} {{ method POST }}\n  default_backend b\nbackend a\n  server s 10.0.0.1:80\nbackend b\n  server s 10.0.0.1:80\n"
        )
    };
    let asks = |rule: &str| {
        let routes = one(&text(rule)).routes;
        routes.iter().map(|route| matches!(route.authentication, Setting::On(..))).collect::<Vec<_>>()
    };
    assert_eq!(asks("http-request auth if admin"), [true, false, false]);
    assert_eq!(asks("http-request auth unless health"), [true, true, true]);
    assert_eq!(asks("http-request deny unless { http_auth(u) }"), [true, true, true]);
    assert_eq!(asks("http-request deny if { src 10.0.0.0/8 }"), [false, false, false]);
    assert_eq!(asks("http-request deny if !{ src 10.0.0.0/8 }"), [true, true, true]);
    let route = &one(&text("")).routes[1];
    assert_eq!(
        (route.hosts.as_slice(), route.path.text.as_str(), route.methods.as_slice()),
        (&["api.shop.example".to_owned()][..], "/v1/", &["POST".to_owned()][..])
    );
}

#[test]
fn kong_takes_the_plugin_nearest_to_the_route() {
    let text = "_format_version: '3.0'
plugins:
- {name: rate-limiting, service: a}
- {name: key-auth, config: {anonymous: guest}}
- {name: basic-auth, consumer: x}
services:
- name: a
  url: http://a
  routes:
  - {name: one, paths: [/one], plugins: [{name: key-auth}]}
  - {name: two, paths: ['~/two/\\d+$', /three]}
";
    let gateway = one(text);
    let asks: Vec<bool> = gateway.routes.iter().map(|one| matches!(one.authentication, Setting::On(..))).collect();
    assert_eq!(asks, [true, false, false], "an anonymous consumer lets everybody in");
    assert!(gateway.routes.iter().all(|one| matches!(one.rate_limit, Setting::On(..))));
    assert_eq!((gateway.routes[1].path.kind, gateway.routes[1].path.shown()), (PathKind::Regex, "/two/\\d+$"));
}

#[test]
fn stages_of_api_gateway_say_the_rate() {
    let export = r#"{"openapi": "3.0.1", "x-amazon-apigateway-endpoint-configuration": {"types": ["PRIVATE"]},
      "paths": {"/a": {"get": {"x-amazon-apigateway-integration": {"type": "http", "uri": "https://b"}}}}}"#;
    let stages = r#"{"item": [{"stageName": "prod", "methodSettings": {"*/*": {"throttlingRateLimit": 50}}}]}"#;
    let domains = r#"{"items": [{"domainName": "api.shop.example", "securityPolicy": "TLS_1_0"}]}"#;
    let alone = one(export);
    assert!(
        matches!(alone.routes[0].rate_limit, Setting::Unknown(_))
            && matches!(alone.routes[0].authentication, Setting::Unknown(_))
    );
    let (gateways, problems) = all(&[("api.json", export), ("stages.json", stages), ("domains.json", domains)], &[]);
    assert!(problems.is_empty() && gateways.len() == 1, "{problems:?}");
    assert!(matches!(&gateways[0].routes[0].rate_limit, Setting::On(_, at) if &*at.file == "stages.json"));
    assert_eq!(gateways[0].listeners[0].tls.as_ref().map(|tls| tls.oldest.version), Some(TlsVersion::Tls10));
}

#[test]
fn istio_requires_what_a_policy_requires() {
    let base = "apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: istio-system}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 443, protocol: HTTPS}, hosts: ['*'], tls: {mode: SIMPLE}}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: shop}
spec: {hosts: ['*'], gateways: [istio-system/edge], http: [{match: [{uri: {prefix: /v1/}}], route: [{destination: {host: orders}}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
";
    for (policy, expected) in [
        ("metadata: {name: p, namespace: shop}\nspec: {rules: [{from: [{source: {requestPrincipals: ['*']}}]}]}", "on"),
        (
            "metadata: {name: p, namespace: other}\nspec: {rules: [{from: [{source: {requestPrincipals: ['*']}}]}]}",
            "off",
        ),
        (
            "metadata: {name: p, namespace: shop}\nspec: {selector: {matchLabels: {app: orders}}, rules: [{to: [{operation: {paths: [/v1/*]}}]}]}",
            "off",
        ),
        (
            "metadata: {name: p, namespace: shop}\nspec: {selector: {matchLabels: {app: billing}}, rules: [{from: [{source: {requestPrincipals: ['*']}}]}]}",
            "off",
        ),
        (
            "metadata: {name: p, namespace: istio-system}\nspec: {action: DENY, rules: [{from: [{source: {notRequestPrincipals: ['*']}}], to: [{operation: {paths: [/v1/admin*]}}]}]}",
            "unknown",
        ),
        (
            "metadata: {name: p, namespace: istio-system}\nspec: {action: CUSTOM, provider: {name: x}, rules: [{}]}",
            "on",
        ),
    ] {
        let gateway = one(&format!("{base}{policy}\n"));
        let setting = &gateway.routes[0].authentication;
        let is = match setting {
            Setting::On(..) => "on",
            Setting::Off(..) => "off",
            _ => "unknown",
        };
        assert_eq!(is, expected, "{policy}: {setting:?}");
    }
}

#[test]
fn a_policy_of_an_unknown_implementation_is_not_taken_for_none() {
    let text = "apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: a}
spec: {parentRefs: [{name: edge}], rules: [{backendRefs: [{name: b}]}]}
---
apiVersion: policies.vendor.example/v1
kind: TokenPolicy
metadata: {name: t}
spec: {targetRef: {group: gateway.networking.k8s.io, kind: HTTPRoute, name: a}}
";
    let gateway = one(text);
    assert!(matches!(&gateway.routes[0].authentication, Setting::Unknown(why) if why.contains("TokenPolicy")));
}

#[test]
fn more_routes_than_are_judged_are_said() {
    let locations: Vec<String> =
        (0..=GATEWAY_ROUTES_MAX).map(|n| format!("location /{n} {{ proxy_pass http://a; }}")).collect();
    let locations = locations.join("\n");
    let gateway = one(&format!("server {{\n{locations}}}"));
    assert_eq!(gateway.routes.len(), GATEWAY_ROUTES_MAX);
    assert!(gateway.problems[0].message.contains("not more"));
}

#[test]
fn secrets_are_told_from_their_names_and_references() {
    let found = |text: &str| one(text).secrets.into_iter().map(|one| one.text).collect::<Vec<_>>();
    let kong = |config: &str| format!("_format_version: '3.0'\nplugins:\n- name: openid-connect\n  config: {config}\n");
    assert_eq!(found(&kong("{client_secret: [9f8e7d6c5b4a39281706f5e4]}")), ["`client_secret` holds 9f8e••••••••••••"]);
    assert_eq!(found(&kong("{client_secret: ['{vault://env/oidc}'], auth_methods: [bearer]}")), [""; 0]);
    assert_eq!(
        found(&kong("{issuer: 'https://shop:S0mmer-26@id.shop.example'}")),
        ["the URL of `issuer` holds ••••••••"]
    );
    let envoy = "static_resources: {secrets: [{name: a, tls_certificate: {private_key: {inline_string: \"-----BEGIN PRIVATE KEY-----\\nMIIE\\n\"}}}]}\n";
    assert_eq!(found(envoy), ["`inline_string` holds a private key"]);
    let annotation = "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: a, annotations: {vendor.example/auth-secret: shop-users}}\nspec: {}\n";
    assert_eq!(found(annotation), [""; 0]);
}

#[test]
fn a_subscription_is_judged_by_its_scope() {
    let facts = |scope: &str| {
        let text = format!(
            r#"{{"resources": [{{"type": "Microsoft.ApiManagement/service/subscriptions", "name": "s/x", "properties": {{"scope": "{scope}"}}}}]}}"#
        );
        one(&text).facts.len()
    };
    assert_eq!(facts("/apis"), 1);
    assert_eq!(facts("[format('{0}/apis', resourceId('Microsoft.ApiManagement/service', parameters('s')))]"), 1);
    assert_eq!(facts("[resourceId('Microsoft.ApiManagement/service/apis', parameters('s'), parameters('a'))]"), 0);
    assert_eq!(facts("/apis/orders"), 0);
}

#[test]
fn templates_and_other_files_are_refused_with_a_hint() {
    let helm = "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata:\n  name: {{ .Values.name }}\n";
    let (_, problems) = all(&[("t.yaml", helm), ("x.yaml", "openapi: 3.1.0\npaths: {}\n"), ("y", "hello")], &[]);
    let said: Vec<(usize, bool)> = problems.iter().map(|one| (one.line, one.hint.is_some())).collect();
    assert_eq!(said, [(4, true), (0, true), (0, true)], "{problems:?}");
}

proptest::proptest! {
    // A case is dozens of readings.
    #![proptest_config(proptest::test_runner::Config::with_cases(64))]

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,300}") {
        crate::fuzz::gateway_nginx(text.as_bytes());
        crate::fuzz::gateway_haproxy(text.as_bytes());
        crate::fuzz::gateway_document(text.as_bytes());
    }

    #[test]
    fn broken_configurations_are_read_as_far_as_they_go(cut in 0_usize..2_500, with in "[{};\"'\n \\\\#!|a0$~*:,\\[\\]-]{0,6}") {
        const FIXTURES: &[&str] = &[
            include_str!("../../../engine/tests/gateways/nginx-bad/conf.d/shop.conf"),
            include_str!("../../../engine/tests/gateways/haproxy-bad.cfg"),
            include_str!("../../../engine/tests/gateways/envoy-bad.yaml"),
            include_str!("../../../engine/tests/gateways/kong-bad.yaml"),
            include_str!("../../../engine/tests/gateways/aws-bad.json"),
            include_str!("../../../engine/tests/gateways/azure-bad.json"),
            include_str!("../../../engine/tests/gateways/istio-bad.yaml"),
            include_str!("../../../engine/tests/gateways/kubernetes-bad.yaml"),
        ];
        for whole in FIXTURES {
            let cut = whole.floor_char_boundary(cut.min(whole.len()));
            let (before, after) = whole.split_at(cut);
            for text in [format!("{before}{with}{after}"), format!("{before}{with}")] {
                crate::fuzz::gateway_nginx(text.as_bytes());
                crate::fuzz::gateway_haproxy(text.as_bytes());
                crate::fuzz::gateway_document(text.as_bytes());
            }
        }
    }
}
