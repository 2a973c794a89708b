//! The built-in fixed layouts, written as nginx formats and compiled like a user's.

use super::format::LogFormat;

/// A built-in format.
pub(crate) struct Builtin {
    /// Id (`--format combined`).
    pub(crate) id: &'static str,
    /// Name in a sentence.
    pub(crate) title: &'static str,
    /// Layouts, tried in order.
    layouts: &'static [&'static str],
    /// Simpler layouts that servers with this one write into the same file, tried after.
    fallbacks: &'static [&'static str],
}

const COMBINED: &str = concat!(
    r#"$remote_addr $ident $remote_user [$time_local] "$request" $status $body_bytes_sent "#,
    r#""$http_referer" "$http_user_agent""#,
);

const COMMON: &str = r#"$remote_addr $ident $remote_user [$time_local] "$request" $status $body_bytes_sent"#;

/// All built-in layouts. Where a line fits several equally well the first one wins, so those with more fields come
/// first.
pub(crate) const BUILTINS: &[Builtin] = &[
    Builtin {
        id: "ingress-nginx",
        title: "the Kubernetes ingress-nginx format",
        layouts: &[concat!(
            r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "#,
            r#""$http_user_agent" $request_length $request_time [$proxy_upstream_name] [$alternative] "#,
            r"$upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id",
        )],
        fallbacks: &[],
    },
    Builtin {
        id: "traefik",
        title: "Traefik's common log format",
        layouts: &[concat!(
            r#"$remote_addr - $remote_user [$time_local] "$request" $status $bytes_sent "$http_referer" "#,
            r#""$http_user_agent" $count "$upstream_name" "$url" $vedette_written_duration"#,
        )],
        fallbacks: &[],
    },
    Builtin {
        id: "vhost-combined",
        title: "Apache combined with the virtual host in front",
        layouts: &[
            concat!(
                r#"$server_name:$server_port $remote_addr $ident $remote_user [$time_local] "$request" $status "#,
                r#"$bytes_sent "$http_referer" "$http_user_agent""#,
            ),
            concat!(
                r#"$server_name $remote_addr $ident $remote_user [$time_local] "$request" $status "#,
                r#"$bytes_sent "$http_referer" "$http_user_agent""#,
            ),
        ],
        fallbacks: &[COMBINED, COMMON],
    },
    Builtin { id: "combined", title: "Apache and nginx combined", layouts: &[COMBINED], fallbacks: &[COMMON] },
    Builtin { id: "common", title: "the common log format", layouts: &[COMMON], fallbacks: &[] },
    Builtin {
        id: "envoy",
        title: "Envoy's default format",
        layouts: &[
            concat!(
                r#"[$time_iso8601] "$request" $status $flags $request_length $bytes_sent $vedette_ms $upstream_ms "#,
                r#""$http_x_forwarded_for" "$http_user_agent" "$request_id" "$host" "$upstream_host""#,
            ),
            // Istio's default.
            concat!(
                r#"[$time_iso8601] "$request" $status $flags $details $termination "$reason" $request_length "#,
                r#"$bytes_sent $vedette_ms $upstream_ms "$http_x_forwarded_for" "$http_user_agent" "$request_id" "#,
                r#""$host" "$upstream_host" $cluster $local $downstream_local $remote_addr $sni $route"#,
            ),
        ],
        fallbacks: &[],
    },
    Builtin {
        id: "haproxy-http",
        title: "HAProxy's HTTP format",
        layouts: &[concat!(
            r"$remote_addr [$time_local] $haproxy_frontend $upstream_name $haproxy_timers $status $bytes_sent ",
            r#"$request_cookie $response_cookie $termination $connections $queues "$request""#,
        )],
        fallbacks: &[],
    },
    Builtin {
        id: "aws-alb",
        title: "AWS Application Load Balancer",
        layouts: &[
            concat!(
                r"$scheme $time_iso8601 $elb $remote_addr $target $vedette_seconds_part $vedette_seconds_part ",
                r#"$vedette_seconds_part $status $target_status $request_length $bytes_sent "$request" "#,
                r#""$http_user_agent" $ssl_cipher $ssl_protocol $target_group "$trace" "$server_name" "$rest"#,
            ),
            // Classic Load Balancer.
            concat!(
                r"$time_iso8601 $elb $remote_addr $target $vedette_seconds_part $vedette_seconds_part ",
                r#"$vedette_seconds_part $status $target_status $request_length $bytes_sent "$request" "#,
                r#""$http_user_agent" $ssl_cipher $ssl_protocol"#,
            ),
        ],
        fallbacks: &[],
    },
    Builtin {
        id: "api-gateway",
        title: "AWS API Gateway's common log format",
        layouts: &[r#"$remote_addr $caller $remote_user [$time_local]"$request" $status $body_bytes_sent $request_id"#],
        fallbacks: &[],
    },
];

impl Builtin {
    /// Number of layouts that are its own.
    pub(crate) fn own_layouts(&self) -> usize {
        self.layouts.len()
    }

    /// Compiles it; that this succeeds is a test.
    pub(crate) fn compile(&self) -> Option<LogFormat> {
        let layouts: Vec<&str> = self.layouts.iter().chain(self.fallbacks).copied().collect();
        LogFormat::from_layouts(self.id, &layouts)
    }
}
