//! The lines that make a gateway log what Vedette needs, as shipped in `rules/log-snippets`.

use vedette_model::results::LogSnippet;

/// A gateway whose configuration is known.
pub struct Gateway {
    /// `nginx`.
    pub id: &'static str,
    /// Name of the product.
    pub title: &'static str,
    /// Formats (ids) that it writes.
    pub formats: &'static [&'static str],
    /// Where the lines go.
    pub place: &'static str,
    /// The lines.
    pub text: &'static str,
}

impl Gateway {
    /// As it stands in the results.
    pub fn snippet(&self) -> LogSnippet {
        LogSnippet {
            id: self.id.to_owned(),
            title: self.title.to_owned(),
            place: self.place.to_owned(),
            text: self.text.to_owned(),
        }
    }
}

macro_rules! shipped {
    ($file:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules/log-snippets/", $file))
    };
}

/// Every gateway, in the order shown.
pub const GATEWAYS: &[Gateway] = &[
    Gateway {
        id: "nginx",
        title: "nginx",
        formats: &["combined", "common", "nginx-json"],
        place: "the http block, for example as /etc/nginx/conf.d/vedette-log.conf",
        text: shipped!("nginx.conf"),
    },
    Gateway {
        id: "ingress-nginx",
        title: "Kubernetes ingress-nginx",
        formats: &["ingress-nginx"],
        place: "the controller's ConfigMap",
        text: shipped!("ingress-nginx.yaml"),
    },
    Gateway {
        id: "apache",
        title: "Apache httpd",
        formats: &["combined", "common", "vhost-combined", "apache-json"],
        place: "the server's configuration, for example as /etc/apache2/conf-available/vedette-log.conf",
        text: shipped!("apache.conf"),
    },
    Gateway {
        id: "haproxy",
        title: "HAProxy",
        formats: &["haproxy-http", "haproxy-json"],
        place: "each frontend of haproxy.cfg, in place of `option httplog`",
        text: shipped!("haproxy.cfg"),
    },
    Gateway {
        id: "envoy",
        title: "Envoy and Istio",
        formats: &["envoy", "envoy-json"],
        place: "access_log of the HTTP connection manager",
        text: shipped!("envoy.yaml"),
    },
    Gateway {
        id: "kong",
        title: "Kong",
        formats: &["kong"],
        place: "the declarative configuration",
        text: shipped!("kong.yaml"),
    },
    Gateway {
        id: "caddy",
        title: "Caddy",
        formats: &["caddy"],
        place: "each site of the Caddyfile",
        text: shipped!("caddy.conf"),
    },
    Gateway {
        id: "traefik",
        title: "Traefik",
        formats: &["traefik", "traefik-json"],
        place: "the static configuration",
        text: shipped!("traefik.yaml"),
    },
    Gateway {
        id: "aws-alb",
        title: "AWS Application Load Balancer",
        formats: &["aws-alb"],
        place: "a shell with the AWS CLI",
        text: shipped!("aws-alb.sh"),
    },
    Gateway {
        id: "aws-api-gateway",
        title: "AWS API Gateway",
        formats: &["api-gateway", "api-gateway-json"],
        place: "a shell with the AWS CLI",
        text: shipped!("aws-api-gateway.sh"),
    },
    Gateway {
        id: "cloudfront",
        title: "Amazon CloudFront",
        formats: &["cloudfront"],
        place: "a shell with the AWS CLI",
        text: shipped!("cloudfront.sh"),
    },
    Gateway {
        id: "azure-api-management",
        title: "Azure API Management",
        formats: &["azure-api-management"],
        place: "a Bicep file",
        text: shipped!("azure-api-management.bicep"),
    },
];

/// The gateways that write a format.
pub(super) fn of_format(format: &str) -> impl Iterator<Item = &'static Gateway> {
    GATEWAYS.iter().filter(move |gateway| gateway.formats.contains(&format))
}
