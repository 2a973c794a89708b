//! How good a log is, and the lines that make it better.

use std::fs;

use super::{access_log, folder, vedette};

#[test]
fn every_gateway_has_lines_to_paste() {
    let folder = folder("snippets");
    let listed = vedette(&folder, &["logs", "snippet"], b"").stdout;
    let ids: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    for wanted in ["nginx", "apache", "haproxy", "envoy", "kong", "caddy", "traefik", "aws-alb", "cloudfront"] {
        assert!(ids.contains(&wanted), "{wanted}");
    }
    for id in ids {
        let said = vedette(&folder, &["logs", "snippet", id], b"");
        assert_eq!(said.code, 0, "{id}");
        assert!(said.stdout.lines().count() > 5 && said.stdout.contains("Vedette"), "{id}:\n{}", said.stdout);
    }
    let unknown = vedette(&folder, &["logs", "snippet", "nope"], b"");
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("unknown gateway 'nope'\nhint: "), "{}", unknown.stderr);
}

#[test]
fn a_combined_log_says_what_it_lacks_and_what_to_do() {
    let folder = folder("quality");
    let anonymous = access_log().replace("access_token=9f8e7d6c5b4a39281706f5e4d3c2b1a0", "page=2");
    fs::write(folder.join("access.log"), anonymous).unwrap();
    let said = vedette(&folder, &["analyze", "access.log"], b"").stdout;
    assert!(said.contains("access.log tells 59 of 100"), "{said}");
    assert!(said.contains("vedette logs snippet nginx|apache"), "{said}");
    fs::write(folder.join("access.log"), access_log()).unwrap();
    let results = vedette(&folder, &["analyze", "access.log", "--json"], b"").results();
    let quality = &results["sources"][0]["quality"];
    // No host, no scheme, no request size, no duration, whole seconds; the keys in the query name the callers.
    assert_eq!(quality["score"], 74);
    assert!(quality["blind_findings"].as_array().unwrap().iter().any(|kind| kind == "secret-in-response"));
    let snippets: Vec<&str> =
        results["log_snippets"].as_array().unwrap().iter().filter_map(|one| one["id"].as_str()).collect();
    assert_eq!(snippets, ["nginx", "apache"]);
    assert!(results["stats"]["blind_spots"][0].as_str().unwrap().starts_with("no host names: "));
}

/// A log as each gateway writes it with the lines of its snippet, and what it then scores: 100, or what its maker's
/// format cannot hold. `#` is a digit that differs from line to line.
const LOGS: &[(&str, u64, &str)] = &[
    (
        "envoy-json",
        100,
        r#"{"start_time":"2026-05-17T10:05:0#.123456Z","downstream_direct_remote_address":"203.0.113.#","x_forwarded_for":"203.0.113.#","user":"ada","scheme":"https","downstream_tls_version":"TLSv1.3","authority":"api.harbor.example","method":"GET","path":"/v1/boats/#?page=2","protocol":"HTTP/2","response_code":200,"response_flags":"-","duration":11,"bytes_received":0,"bytes_sent":1534,"user_agent":"boats/2.1","referer":null,"http_content_type":null,"sent_http_content_type":"application/json","http_traceparent":null,"upstream_cluster":"boats"}"#,
    ),
    (
        "kong",
        100,
        r#"{"latencies":{"request":515,"kong":58,"proxy":457},"service":{"name":"boats"},"request":{"querystring":{"page":"2"},"size":138,"uri":"/v1/boats/#?page=2","url":"https://api.harbor.example/v1/boats/#?page=2","method":"GET","headers":{"host":"api.harbor.example","user-agent":"boats/2.1","authorization":"REDACTED"},"tls":{"version":"TLSv1.3"}},"client_ip":"203.0.113.#","response":{"size":1534,"status":200,"headers":{"content-type":"application/json"}},"consumer":{"username":"ada"},"started_at":177901230347#}"#,
    ),
    (
        "caddy",
        100,
        r#"{"level":"info","ts":1779012303.756499#,"logger":"http.log.access.log0","msg":"handled request","request":{"remote_ip":"203.0.113.#","client_ip":"203.0.113.#","proto":"HTTP/2.0","method":"GET","host":"api.harbor.example","uri":"/v1/boats/#?page=2","headers":{"User-Agent":["boats/2.1"],"Authorization":["a1b2c3d#"]},"tls":{"version":772,"proto":"h2"}},"bytes_read":0,"user_id":"","duration":0.001929675,"size":1534,"status":200,"resp_headers":{"Content-Type":["application/json"]}}"#,
    ),
    (
        "traefik-json",
        100,
        r#"{"ClientAddr":"203.0.113.#:45966","ClientHost":"203.0.113.#","ClientUsername":"ada","DownstreamContentSize":1534,"DownstreamStatus":200,"Duration":3141592,"RequestAddr":"api.harbor.example","RequestContentSize":0,"RequestHost":"api.harbor.example","RequestMethod":"GET","RequestPath":"/v1/boats/#?page=2","RequestProtocol":"HTTP/2.0","RequestScheme":"https","ServiceName":"boats@docker","StartUTC":"2026-05-17T10:05:0#.123456789Z","TLSVersion":"1.3","request_User-Agent":"boats/2.1","level":"info","msg":"","time":"2026-05-17T10:05:03Z"}"#,
    ),
    (
        "azure-api-management",
        100,
        r#"{"time":"2026-05-17T10:05:0#.1234567Z","operationName":"Microsoft.ApiManagement/GatewayLogs","category":"GatewayLogs","durationMs":217,"callerIpAddress":"203.0.113.#","properties":{"method":"GET","url":"https://api.harbor.example/v1/boats/#?page=2","responseCode":200,"responseSize":1534,"requestSize":120,"apiId":"boats","apimSubscriptionId":"fleet","clientProtocol":"HTTP/1.1","clientTlsVersion":"1.3","requestHeaders":{"User-Agent":"boats/2.1"},"responseHeaders":{"Content-Type":"application/json"}}}"#,
    ),
    // No user.
    (
        "aws-alb",
        85,
        r#"https 2026-05-17T10:05:0#.186641Z app/shop/50dc6c495c0c9188 203.0.113.#:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 120 57 "GET https://api.harbor.example:443/v1/boats/#?page=2 HTTP/1.1" "boats/2.1" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:eu-west-1:000000000000:targetgroup/boats/73e2 "Root=1-5833-1d84" "api.harbor.example" "session-reused" 1 2026-05-17T10:05:03.100000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-""#,
    ),
    // No query, no size of the request, no scheme.
    (
        "api-gateway-json",
        81,
        r#"{"requestId":"c6af","requestTimeEpoch":"177901230347#","ip":"203.0.113.#","principalId":"ada","user":"-","apiKeyId":"-","httpMethod":"GET","path":"/prod/v1/boats/#","resourcePath":"/v1/boats/{id}","status":"200","protocol":"HTTP/1.1","responseLength":"1534","responseLatency":"12","domainName":"api.harbor.example","apiId":"a1b2","userAgent":"boats/2.1"}"#,
    ),
    // No user.
    (
        "cloudfront",
        85,
        "177901230347#\t203.0.113.#\t-\tGET\thttps\tapi.harbor.example\t/v1/boats/#\tpage=2\tHTTP/2.0\t200\t0.113\t62\t703\tboats/2.1\t-\tTLSv1.3\tapplication/json\t375WZmnR4h#==",
    ),
];

#[test]
fn logs_written_with_the_lines_score_what_their_format_can() {
    let folder = folder("scores");
    for (format, score, line) in LOGS {
        let mut log = String::new();
        if *format == "cloudfront" {
            log += "#Version: 1.0\n#Fields: timestamp(ms) c-ip x-forwarded-for cs-method cs-protocol x-host-header \
                    cs-uri-stem cs-uri-query cs-protocol-version sc-status time-taken cs-bytes sc-bytes \
                    cs(User-Agent) cs(Referer) ssl-protocol sc-content-type x-edge-request-id\n";
        }
        for n in 1..10 {
            log += &line.replace('#', &n.to_string());
            log.push('\n');
        }
        let name = format!("{format}.log");
        fs::write(folder.join(&name), log).unwrap();
        let results = vedette(&folder, &["analyze", &name, "--json"], b"").results();
        let source = &results["sources"][0];
        assert_eq!(source["format"], *format, "{source}");
        assert_eq!((&source["exchanges"], &source["unreadable"]), (&9.into(), &0.into()), "{format}");
        let lost: Vec<_> =
            source["quality"]["parts"].as_array().unwrap().iter().filter(|p| p["points"] != p["of"]).collect();
        assert_eq!(source["quality"]["score"], *score, "{format}: {lost:?}");
    }
}

#[test]
fn quality_does_not_depend_on_the_number_of_threads() {
    let folder = folder("threads");
    // Several batches of records, times that step back within and between them.
    let lines = (0..12_000).map(|n| {
        let (minute, second, client) = (n / 60 % 60, (n * 7) % 60, n % 200);
        format!(
            "10.0.{}.{client} - u{} [21/Sep/2026:14:{minute:02}:{second:02} +0000] \"GET /v1/boats/{n} HTTP/1.1\" 200 512 \
             \"-\" \"curl/8.5.0\"\n",
            n % 3,
            n % 50
        )
    });
    fs::write(folder.join("access.log"), lines.collect::<String>()).unwrap();
    let run = |threads| {
        let results = vedette(&folder, &["analyze", "access.log", "--json", "--threads", threads], b"").results();
        (results["sources"].clone(), results["compliance"].clone(), results["stats"]["blind_spots"].clone())
    };
    let one = run("1");
    assert!(one.0[0]["order"]["backward"].as_u64().unwrap() > 1_000, "{}", one.0);
    assert_eq!(one, run("2"));
    assert_eq!(one, run("5"));
}

#[test]
fn requirements_are_written_with_what_violates_them() {
    let folder = folder("compliance");
    fs::write(folder.join("access.log"), access_log()).unwrap();
    let said = vedette(&folder, &["analyze", "access.log", "--compliance", "compliance.md"], b"");
    assert_eq!(said.code, 0, "{}", said.stderr);
    let text = fs::read_to_string(folder.join("compliance.md")).unwrap();
    assert!(text.contains("### OWASP ASVS 14.2.1: URLs hold nothing sensitive\n\n- "), "{text}");
    assert!(text.contains("| 3.4.2 Cross-origin access is for known origins | not assessable |"), "{text}");
}
