//! AWS API Gateway: exported APIs (OpenAPI with `x-amazon-apigateway-…`), and what `get-stages` and `get-domain-names` print.
//!
//! The service always speaks TLS and never takes more than 10 MB, so listeners are only domain names.

use std::sync::Arc;

use vedette_model::limits::GATEWAY_ROUTES_MAX;

use super::address::{host_of, reach};
use super::secrets::Secrets;
use super::{
    At, Backend, Cors, Gateway, Listener, Oldest, Origin, PathKind, PathPattern, Product, Reach, Route, Serves,
    Setting, Tls, TlsVersion, Tree,
};
use crate::document::{Content, Node};

const METHODS: &[&str] =
    &["get", "put", "post", "delete", "options", "head", "patch", "trace", "x-amazon-apigateway-any-method"];

/// True for an exported API, not for any OpenAPI document.
pub(super) fn is_export(root: &Node) -> bool {
    if root.get("swagger").is_none() && root.get("openapi").is_none() {
        return false;
    }
    let amazon = |node: &Node| node.members().iter().any(|(key, _)| key.starts_with("x-amazon-apigateway"));
    let operations = root.get("paths").map_or(&[][..], Node::members).iter().flat_map(|(_, path)| path.members());
    amazon(root) || operations.map(|(_, operation)| operation).any(amazon)
}

/// True for what `aws apigateway get-stages` and `aws apigatewayv2 get-stages` print.
pub(super) fn is_stages(root: &Node) -> bool {
    stages(root).first().is_some_and(|one| one.get("stageName").is_some() || one.get("StageName").is_some())
}

/// True for what `get-domain-names` prints.
pub(super) fn is_domains(root: &Node) -> bool {
    domains(root).first().is_some_and(|one| one.get("domainName").is_some() || one.get("DomainName").is_some())
}

fn stages(root: &Node) -> &[Node] {
    let list = root.get("item").or_else(|| root.get("Items")).map_or(&[][..], Node::items);
    if list.is_empty() && (root.get("stageName").is_some() || root.get("StageName").is_some()) {
        return std::slice::from_ref(root);
    }
    list
}

fn domains(root: &Node) -> &[Node] {
    root.get("items").or_else(|| root.get("Items")).map_or(&[][..], Node::items)
}

/// Reads exports; stages and domain names given beside them hold for all.
pub(super) fn read(trees: &[&Tree], secrets: &Secrets<'_>) -> Vec<Gateway> {
    let of = |is: fn(&Node) -> bool| trees.iter().filter(move |tree| is(&tree.root)).copied();
    let around: Vec<&Tree> = of(is_stages).chain(of(is_domains)).collect();
    let mut exports: Vec<Gateway> = of(is_export).map(|tree| export(tree, &around, secrets)).collect();
    if let (true, Some(first)) = (exports.is_empty(), around.first()) {
        exports.push(Gateway::new(Product::AwsApiGateway, &first.file));
    }
    // Said once, at the first: they are the installation's.
    if let Some(gateway) = exports.first_mut() {
        for tree in around {
            if gateway.file() != &*tree.file {
                gateway.files.push(Arc::clone(&tree.file));
            }
            secrets.tree(&tree.root, &tree.file, &mut gateway.secrets);
            if is_domains(&tree.root) {
                gateway.listeners.extend(domains(&tree.root).iter().map(|one| domain(&tree.file, one)));
            }
        }
    }
    exports
}

fn domain(file: &Arc<str>, node: &Node) -> Listener {
    let text = |names: [&str; 2]| names.iter().find_map(|name| node.text_at(name));
    let configuration = node.items_at("DomainNameConfigurations").first().unwrap_or(node);
    let policy = configuration.get("securityPolicy").or_else(|| configuration.get("SecurityPolicy"));
    let name = text(["domainName", "DomainName"]).unwrap_or("?").to_owned();
    let version = policy.and_then(Node::text).and_then(TlsVersion::read);
    let at = At::new(file, policy.unwrap_or(node).line);
    let oldest = Oldest {
        version: version.unwrap_or(TlsVersion::Tls12),
        reason: format!("the security policy `{}`", policy.and_then(Node::text).unwrap_or("not said")),
        certain: version.is_some(),
    };
    Listener {
        tls: Some(Tls { at: at.clone(), oldest, ciphers: None }),
        at,
        name,
        reach: Reach::Anywhere,
        behind: None,
    }
}

fn export(tree: &Tree, around: &[&Tree], secrets: &Secrets<'_>) -> Gateway {
    let (file, root) = (&tree.file, &tree.root);
    let mut gateway = Gateway::new(Product::AwsApiGateway, file);
    secrets.tree(root, file, &mut gateway.secrets);
    let api = Api { file, root, hosts: hosts(root), base: base(root), around };
    for (path, item) in root.get("paths").map_or(&[][..], Node::members) {
        for (method, operation) in item.members().iter().filter(|(method, _)| METHODS.contains(&method.as_str())) {
            if gateway.routes.len() >= GATEWAY_ROUTES_MAX {
                return gateway;
            }
            gateway.backends.extend(api.backend(operation, secrets, &mut gateway.secrets));
            gateway.routes.push(api.route(path, method, (item, operation)));
        }
    }
    gateway.backends.dedup_by(|a, b| a.name == b.name && a.verify == b.verify);
    gateway
}

struct Api<'t> {
    file: &'t Arc<str>,
    root: &'t Node,
    hosts: Vec<String>,
    base: String,
    around: &'t [&'t Tree],
}

fn hosts(root: &Node) -> Vec<String> {
    let servers = root.items_at("servers").iter().filter_map(|one| one.text_at("url")).map(host_of);
    let hosts = root.text_at("host").into_iter().chain(servers).filter(|host| !host.is_empty() && !host.contains('{'));
    hosts.map(str::to_ascii_lowercase).collect()
}

/// The base path; a variable of the server stands for its default.
fn base(root: &Node) -> String {
    let server = root.items_at("servers").first();
    let url = server.and_then(|one| one.text_at("url")).and_then(|url| url.split_once("://")).map(|(_, rest)| rest);
    let path = url.and_then(|rest| rest.split_once('/')).map(|(_, path)| format!("/{path}"));
    let path = path.or_else(|| root.text_at("basePath").map(str::to_owned)).unwrap_or_default();
    let default = server.and_then(|one| one.text_at("variables/basePath/default")).unwrap_or_default();
    let path = path.replace("/{basePath}", &format!("/{}", default.trim_matches('/')));
    path.trim_end_matches('/').to_owned()
}

impl Api<'_> {
    fn at(&self, node: &Node) -> At {
        At::new(self.file, node.line)
    }

    fn route(&self, path: &str, method: &str, (item, operation): (&Node, &Node)) -> Route {
        let integration = operation.get("x-amazon-apigateway-integration");
        let mock =
            integration.and_then(|one| one.text_at("type")).is_some_and(|kind| kind.eq_ignore_ascii_case("mock"));
        let any = method.starts_with("x-");
        Route {
            at: self.at(operation),
            hosts: self.hosts.clone(),
            path: PathPattern::new(PathKind::Template, format!("{}{path}", self.base)),
            methods: if any { Vec::new() } else { vec![method.to_ascii_uppercase()] },
            // A preflight is for everybody.
            serves: if mock || method == "options" { Serves::Fixed } else { Serves::Backend },
            listeners: Vec::new(),
            authentication: self.authentication(operation),
            rate_limit: self.rate_limit(),
            body_limit: Setting::Default("10 MB, which API Gateway never exceeds".to_owned()),
            cors: self.cors(item),
            deprecated: (operation.flag_at("deprecated") == Some(true)).then(|| "it is declared deprecated".to_owned()),
        }
    }

    fn authentication(&self, operation: &Node) -> Setting {
        let own = operation.get("security");
        let schemes: Vec<&str> = own
            .or_else(|| self.root.get("security"))
            .map_or(&[][..], Node::items)
            .iter()
            .flat_map(Node::members)
            .map(|(name, _)| name.as_str())
            .collect();
        let kind = operation.get("x-amazon-apigateway-auth").or_else(|| self.root.get("x-amazon-apigateway-auth"));
        let kind_text = kind.and_then(|one| one.text_at("type")).unwrap_or_default();
        if let (Some(kind), "AWS_IAM") = (kind, kind_text) {
            return Setting::On("AWS_IAM".to_owned(), self.at(kind));
        }
        if let (Some(name), Some(node)) = (schemes.first(), own.or_else(|| self.root.get("security"))) {
            return Setting::On(self.mechanism(name), self.at(node));
        }
        if let Some(policy) = self.root.get("x-amazon-apigateway-policy").filter(|policy| narrows(policy)) {
            return Setting::On("a resource policy".to_owned(), self.at(policy));
        }
        if self.is_private() {
            return Setting::Unknown("the API is private; its endpoint's policy decides".to_owned());
        }
        Setting::Off("the method asks for no authorizer, IAM or API key".to_owned(), kind.map(|one| self.at(one)))
    }

    fn is_private(&self) -> bool {
        let kinds = [
            "x-amazon-apigateway-endpoint-configuration/types",
            "x-amazon-apigateway-endpoint-configuration/vpcEndpointIds",
        ];
        let types = self.root.find(kinds.first().copied().unwrap_or_default()).map(Node::texts).unwrap_or_default();
        types.contains(&"PRIVATE") || kinds.get(1).is_some_and(|ids| !self.root.items_at(ids).is_empty())
    }

    fn mechanism(&self, name: &str) -> String {
        let scheme =
            ["securityDefinitions", "components/securitySchemes"].iter().find_map(|at| self.root.find(at)?.get(name));
        let kind = scheme.and_then(|one| {
            one.text_at("x-amazon-apigateway-authtype")
                .or_else(|| one.text_at("x-amazon-apigateway-authorizer/type").or_else(|| one.text_at("type")))
        });
        format!("{name} ({})", kind.unwrap_or("not defined"))
    }

    fn rate_limit(&self) -> Setting {
        let mut said = false;
        for tree in self.around.iter().filter(|tree| is_stages(&tree.root)) {
            for stage in stages(&tree.root) {
                said = true;
                let settings =
                    stage.get("methodSettings").or_else(|| stage.get("RouteSettings")).map_or(&[][..], Node::members);
                let default = stage.get("DefaultRouteSettings").or_else(|| stage.get("defaultRouteSettings"));
                let limit = |one: &Node| {
                    ["throttlingRateLimit", "ThrottlingRateLimit"].iter().find_map(|key| one.number_at(key))
                };
                let whole = settings.iter().find(|(path, _)| path == "*/*").map(|(_, one)| one).or(default);
                if let Some((one, rate)) = whole.and_then(|one| Some((one, limit(one)?)))
                    && (0.0..10_000.0).contains(&rate)
                {
                    return Setting::On(format!("{rate} calls a second at the stage"), At::new(&tree.file, one.line));
                }
            }
        }
        if said {
            return Setting::Off("the stage sets no throttling; the account's limit of 10,000 calls a second is shared by all APIs and callers".to_owned(), None);
        }
        Setting::Unknown("throttling is set at the stage, which was not given (`aws apigateway get-stages`)".to_owned())
    }

    fn cors(&self, item: &Node) -> Option<Cors> {
        if let Some(cors) = self.root.get("x-amazon-apigateway-cors") {
            let origins = cors.get("allowOrigins").map(Node::texts).unwrap_or_default();
            let origin = if origins.contains(&"*") { Origin::Any } else { Origin::Listed };
            return Some(Cors {
                at: self.at(cors),
                origin,
                credentials: cors.flag_at("allowCredentials") == Some(true),
            });
        }
        let responses = item.get("options")?.find("x-amazon-apigateway-integration/responses")?;
        let parameters = responses.members().iter().find_map(|(_, one)| one.get("responseParameters"))?;
        let header = |name: &str| {
            let wanted = format!("method.response.header.{name}");
            parameters.members().iter().find(|(key, _)| key.eq_ignore_ascii_case(&wanted)).map(|(_, node)| node)
        };
        let allowed = header("Access-Control-Allow-Origin")?;
        let credentials =
            header("Access-Control-Allow-Credentials").and_then(Node::text).is_some_and(|text| text.contains("true"));
        let origin = if allowed.text().is_some_and(|text| text.trim_matches('\'') == "*") {
            Origin::Any
        } else {
            Origin::Listed
        };
        Some(Cors { at: self.at(allowed), origin, credentials })
    }

    fn backend(&self, operation: &Node, secrets: &Secrets<'_>, found: &mut Vec<super::Secret>) -> Option<Backend> {
        let integration = operation.get("x-amazon-apigateway-integration")?;
        for (name, node) in integration.get("requestParameters").map_or(&[][..], Node::members) {
            if let Some(value) = node.text().filter(|value| value.starts_with('\'')) {
                let header = name.rsplit('.').next().unwrap_or(name);
                secrets.header(&format!("`{header}`"), header, value.trim_matches('\''), &self.at(node), found);
            }
        }
        let uri = integration.get("uri")?;
        let url = uri.text().filter(|text| text.starts_with("http"))?;
        let lax = integration.get("tlsConfig").filter(|one| one.flag_at("insecureSkipVerification") == Some(true));
        let through = integration.text_at("connectionType").is_some_and(|kind| kind == "VPC_LINK");
        Some(Backend {
            at: self.at(uri),
            name: Secrets::without_user(url),
            tls: url.starts_with("https:"),
            verify: match lax {
                Some(node) => Setting::Off("`insecureSkipVerification: true`".to_owned(), Some(self.at(node))),
                None => Setting::Default("API Gateway verifies unless told otherwise".to_owned()),
            },
            reach: if through || url.contains("${") { Reach::Private } else { reach(url) },
            authentication: None,
        })
    }
}

/// A resource policy that does not let everybody in without a condition.
fn narrows(policy: &Node) -> bool {
    let statements = policy.items_at("Statement");
    let open = |one: &Node| {
        let everybody = match one.get("Principal").map(|principal| &principal.content) {
            Some(Content::Text(text)) => text == "*",
            Some(Content::Map(members)) => members.iter().any(|(_, node)| node.texts().contains(&"*")),
            _ => false,
        };
        one.text_at("Effect") == Some("Allow") && everybody && one.get("Condition").is_none()
    };
    let denies = statements.iter().any(|one| one.text_at("Effect") == Some("Deny"));
    !statements.is_empty() && (denies || !statements.iter().any(open))
}
