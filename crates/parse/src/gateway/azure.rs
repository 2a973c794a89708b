//! Azure API Management: ARM templates, exported or compiled from Bicep, with the policies in them.
//!
//! A policy of an operation takes in that of its API where it says `<base />`, and that the one of the service.

mod policy;
mod template;

use vedette_model::limits::GATEWAY_ROUTES_MAX;

use self::policy::{Element, elements};
use self::template::{Resource, resources};
use super::address::reach;
use super::secrets::{Secrets, is_secret_name};
use super::{
    Admin, At, Backend, Cors, Fact, FactKind, Gateway, Listener, Oldest, Origin, PathKind, PathPattern, Product, Reach,
    Route, Secret, Serves, Setting, Tls, TlsVersion, Tree,
};
use crate::document::Node;

/// True for a template with resources of API Management.
pub(super) fn is_template(root: &Node) -> bool {
    template::holds(root)
}

/// The oldest management API that still keeps secrets to itself: older ones return them in `GET`.
const MANAGEMENT_SINCE: &str = "2019-12-01";

/// Reads templates; all are of one service.
pub(super) fn read(trees: &[&Tree], secrets: &Secrets<'_>) -> Option<Gateway> {
    let first = trees.first()?;
    let mut gateway = Gateway::new(Product::AzureApiManagement, &first.file);
    gateway.files = Vec::new();
    for tree in trees {
        if !gateway.files.contains(&tree.file) {
            gateway.files.push(tree.file.clone());
        }
    }
    let all: Vec<Resource<'_>> = trees.iter().flat_map(|tree| resources(tree)).collect();
    let mut reader = Reader { gateway, all: &all, secrets };
    for resource in &all {
        reader.resource(resource);
    }
    Some(reader.gateway)
}

struct Reader<'t> {
    gateway: Gateway,
    all: &'t [Resource<'t>],
    secrets: &'t Secrets<'t>,
}

/// Policies in force, nearest first, with the resource that holds each.
struct InForce<'t> {
    elements: Vec<(Element, &'t Resource<'t>)>,
    /// A policy that is not in the file.
    unread: Option<String>,
}

impl<'t> Reader<'t> {
    fn resource(&mut self, resource: &'t Resource<'t>) {
        match resource.kind.as_str() {
            "" => self.service(resource),
            "apis" => self.api(resource),
            "backends" => self.backend(resource),
            "namedvalues" | "properties" => self.named_value(resource),
            "subscriptions" => self.subscription(resource),
            "tenant" if resource.flag("enabled") == Some(true) => self.gateway.admins.push(Admin {
                at: resource.at(resource.property("enabled").unwrap_or(resource.node)),
                name: "direct management endpoint".to_owned(),
                reach: Reach::Anywhere,
                guard: Setting::Off(
                    "it takes tokens of its own, beside Azure's roles, policies and logs".to_owned(),
                    None,
                ),
                controls: true,
            }),
            kind if kind.ends_with("policies") || kind.ends_with("policyfragments") => self.policy_secrets(resource),
            _ => {}
        }
    }

    fn service(&mut self, service: &Resource<'_>) {
        let old = "Microsoft.WindowsAzure.ApiManagement.Gateway.Security.";
        let custom = service.property("customProperties");
        let settings = custom.map_or(&[][..], Node::members);
        let on = |name: &str| {
            let is_on = |node: &Node| {
                node.text().is_some_and(|text| text.eq_ignore_ascii_case("true"))
                    || matches!(node.content, crate::document::Content::Flag(true))
            };
            settings.iter().find(|(key, node)| key.strip_prefix(old) == Some(name) && is_on(node)).map(|(_, node)| node)
        };
        let versions = [
            ("Protocols.Ssl30", TlsVersion::Ssl),
            ("Protocols.Tls10", TlsVersion::Tls10),
            ("Protocols.Tls11", TlsVersion::Tls11),
        ];
        let oldest = versions.iter().find_map(|(name, version)| Some((on(name)?, *name, *version)));
        let at = service.at(oldest.map_or(service.node, |(node, ..)| node));
        let oldest = oldest.map_or(
            Oldest { version: TlsVersion::Tls12, reason: "API Management's default".to_owned(), certain: true },
            |(_, name, version)| Oldest { version, reason: format!("`{name}` is on"), certain: true },
        );
        let ciphers = on("Ciphers.TripleDes168").map(|node| ("DES-CBC3-SHA".to_owned(), service.at(node)));
        let name = self.hosts().first().cloned().unwrap_or_else(|| "the service".to_owned());
        self.gateway.listeners.push(Listener {
            at: at.clone(),
            name,
            reach: Reach::Anywhere,
            tls: Some(Tls { at, oldest, ciphers }),
            behind: None,
        });
        let inside = service.text("virtualNetworkType").is_some_and(|kind| kind == "Internal");
        let access = service.property("publicNetworkAccess");
        if service.text("publicNetworkAccess") != Some("Disabled") && !inside {
            let said =
                if access.is_some() { "`publicNetworkAccess` is on" } else { "`publicNetworkAccess` is on by default" };
            self.fact(FactKind::PublicNetwork, service.at(access.unwrap_or(service.node)), said.to_owned());
        }
        let least = service.text("apiVersionConstraint/minApiVersion");
        if least.is_none_or(|least| least < MANAGEMENT_SINCE) {
            let at = service.at(service.property("apiVersionConstraint/minApiVersion").unwrap_or(service.node));
            let said =
                least.map_or("no `minApiVersion` is set".to_owned(), |least| format!("`minApiVersion` is {least}"));
            self.fact(FactKind::OldManagement, at, said);
        }
    }

    fn fact(&mut self, kind: FactKind, at: At, text: String) {
        self.gateway.facts.push(Fact { at, kind, text });
    }

    fn hosts(&self) -> Vec<String> {
        let services = self.all.iter().filter(|one| one.kind.is_empty());
        let mut hosts = Vec::new();
        for service in services {
            let configured = service.property("hostnameConfigurations").map_or(&[][..], Node::items);
            let proxies = configured.iter().filter(|one| one.text_at("type").is_none_or(|kind| kind == "Proxy"));
            hosts.extend(
                proxies
                    .filter_map(|one| one.text_at("hostName"))
                    .filter(|host| !host.starts_with('['))
                    .map(str::to_ascii_lowercase),
            );
            if let Some(name) = service.names.first() {
                hosts.push(format!("{}.azure-api.net", name.to_ascii_lowercase()));
            }
        }
        hosts
    }

    fn api(&mut self, api: &'t Resource<'t>) {
        let name = api.name(0);
        // Revisions that are not current answer nobody but their testers.
        if api.flag("isCurrent") == Some(false) {
            return;
        }
        let listeners = self.plain_listener(api, name);
        let base = format!("/{}", api.text("path").unwrap_or_default().trim_matches('/'));
        let base = match self.segment_version(api) {
            Some(version) => format!("{}/{version}", base.trim_end_matches('/')),
            None => base,
        };
        let operations: Vec<&Resource<'_>> =
            self.all.iter().filter(|one| one.kind == "apis/operations" && one.name(0) == name).collect();
        let in_force = self.in_force(name, None);
        self.backend_of(api, &in_force);
        let hosts = self.hosts();
        if operations.is_empty() {
            let path = PathPattern::new(PathKind::Segments, base.clone());
            let route = self.route(api, api, path, Vec::new(), &in_force);
            self.gateway.routes.push(Route { hosts: hosts.clone(), listeners: listeners.clone(), ..route });
        }
        for operation in operations {
            if self.gateway.routes.len() >= GATEWAY_ROUTES_MAX {
                return;
            }
            let template = operation.text("urlTemplate").unwrap_or("/*").split('?').next().unwrap_or_default();
            let path = format!("{}/{}", base.trim_end_matches('/'), template.trim_start_matches('/'));
            let path = PathPattern::new(PathKind::Template, path.replace("/*", "/{rest+}"));
            let methods = operation
                .text("method")
                .map(|method| vec![method.to_ascii_uppercase()])
                .filter(|all| !all.iter().any(|one| one == "*"));
            let in_force = self.in_force(name, Some(operation.name(1)));
            let route = self.route(api, operation, path, methods.unwrap_or_default(), &in_force);
            self.gateway.routes.push(Route { hosts: hosts.clone(), listeners: listeners.clone(), ..route });
        }
    }

    /// The version that stands in the path, where the version set says so.
    fn segment_version(&self, api: &Resource<'_>) -> Option<&'t str> {
        let api = self.all.iter().find(|one| std::ptr::eq(one.node, api.node))?;
        let version = api.text("apiVersion").filter(|version| !version.is_empty())?;
        let set = api.property("apiVersionSetId").and_then(Node::text).unwrap_or_default();
        let mut sets = self.all.iter().filter(|one| one.kind == "apiversionsets" && set.contains(one.name(0)));
        let scheme = sets.find_map(|one| one.text("versioningScheme"));
        let inline = api.text("apiVersionSet/versioningScheme");
        (scheme.or(inline) == Some("Segment")).then_some(version)
    }

    /// A listener that stands for an API's plain HTTP, if it takes that.
    fn plain_listener(&mut self, api: &Resource<'_>, name: &str) -> Vec<usize> {
        let Some(protocols) = api.property("protocols") else { return Vec::new() };
        if !protocols.texts().iter().any(|one| matches!(*one, "http" | "ws")) {
            return Vec::new();
        }
        self.gateway.listeners.push(Listener {
            at: api.at(protocols),
            name: format!("`protocols` of the API {name}"),
            reach: Reach::Anywhere,
            tls: None,
            behind: None,
        });
        vec![self.gateway.listeners.len() - 1]
    }

    fn route(
        &self,
        api: &Resource<'_>,
        at: &Resource<'_>,
        path: PathPattern,
        methods: Vec<String>,
        in_force: &InForce<'_>,
    ) -> Route {
        let fixed = in_force.find("inbound", &["mock-response", "return-response"]).is_some();
        Route {
            at: at.at(at.node),
            hosts: Vec::new(),
            path,
            methods,
            serves: if fixed { Serves::Fixed } else { Serves::Backend },
            listeners: Vec::new(),
            authentication: authentication(api, in_force),
            rate_limit: self.rate_limit(in_force),
            body_limit: match in_force.find("inbound", &["validate-content"]) {
                Some((_, holder)) => Setting::On("validate-content".to_owned(), holder.at(holder.node)),
                None => Setting::Off(
                    "API Management passes bodies of any size on without `validate-content`".to_owned(),
                    None,
                ),
            },
            cors: in_force.cors(),
            deprecated: None,
        }
    }

    fn rate_limit(&self, in_force: &InForce<'_>) -> Setting {
        let limits =
            ["rate-limit", "rate-limit-by-key", "quota", "quota-by-key", "llm-token-limit", "azure-openai-token-limit"];
        if let Some((element, holder)) = in_force.find("inbound", &limits) {
            return Setting::On(element.name.clone(), holder.at(holder.node));
        }
        let of_product = self.all.iter().filter(|one| one.kind == "products/policies");
        for holder in of_product {
            let text = holder.text("value").unwrap_or_default();
            if elements(text).iter().any(|one| limits.contains(&one.name.as_str())) {
                return Setting::Unknown(format!(
                    "the product {} has a limit; whether calls come through it is not told",
                    holder.name(0)
                ));
            }
        }
        match &in_force.unread {
            Some(reason) => Setting::Unknown(reason.clone()),
            None => Setting::Off("no `rate-limit` or `quota` policy is in force".to_owned(), None),
        }
    }

    /// Policies of an operation, its API and the service, as far as each takes in the next.
    fn in_force(&self, api: &str, operation: Option<&str>) -> InForce<'t> {
        let levels = [
            operation.map(|operation| ("apis/operations/policies", vec![api, operation])),
            Some(("apis/policies", vec![api])),
            Some(("policies", Vec::new())),
        ];
        let mut found = InForce { elements: Vec::new(), unread: None };
        for (kind, names) in levels.into_iter().flatten() {
            let policy = self
                .all
                .iter()
                .find(|one| one.kind == kind && names.iter().enumerate().all(|(level, name)| one.name(level) == *name));
            let Some(policy) = policy else { continue };
            let text =
                policy.text("value").filter(|_| policy.text("format").is_none_or(|format| !format.ends_with("link")));
            let Some(text) = text else {
                found
                    .unread
                    .get_or_insert_with(|| format!("the policy of line {} is not in the file", policy.node.line));
                continue;
            };
            let own = elements(text);
            let base = own.iter().any(|one| one.name == "base" && one.section == "inbound");
            if own.iter().any(|one| one.name == "include-fragment" && one.section == "inbound") {
                found.unread.get_or_insert_with(|| "a policy includes a fragment".to_owned());
            }
            found.elements.extend(own.into_iter().map(|one| (one, policy)));
            if !base {
                break;
            }
        }
        found
    }

    fn backend(&mut self, backend: &Resource<'_>) {
        let Some(url) = backend.text("url") else { return };
        let lax = ["tls/validateCertificateChain", "tls/validateCertificateName"];
        let off = lax.iter().find(|path| backend.flag(path) == Some(false)).and_then(|path| backend.property(path));
        let credentials = backend.property("credentials").filter(|node| !node.members().is_empty());
        let authentication = match credentials {
            Some(node) => Setting::On("credentials".to_owned(), backend.at(node)),
            None => Setting::Unknown("policies may add a credential".to_owned()),
        };
        self.gateway.backends.push(Backend {
            at: backend.at(backend.property("url").unwrap_or(backend.node)),
            name: Secrets::without_user(url),
            tls: url.starts_with("https:"),
            verify: match off {
                Some(node) => Setting::Off("certificate validation is off".to_owned(), Some(backend.at(node))),
                None => Setting::Default("API Management verifies unless told otherwise".to_owned()),
            },
            reach: reach(url),
            authentication: Some(authentication),
        });
        for (name, node) in credentials.and_then(|all| all.get("header")).map_or(&[][..], Node::members) {
            for value in node.texts() {
                self.secrets.header(
                    &format!("the backend's `{name}`"),
                    name,
                    value,
                    &backend.at(node),
                    &mut self.gateway.secrets,
                );
            }
        }
    }

    /// The backend that an API names itself.
    fn backend_of(&mut self, api: &Resource<'_>, in_force: &InForce<'_>) {
        let Some(node) = api.property("serviceUrl") else { return };
        let Some(url) = api.text("serviceUrl").filter(|url| !url.is_empty()) else { return };
        let proofs = [
            "authentication-managed-identity",
            "authentication-certificate",
            "authentication-basic",
            "set-backend-service",
            "get-authorization-context",
        ];
        let header = in_force
            .elements
            .iter()
            .find(|(one, _)| one.name == "set-header" && one.attribute("name").is_some_and(is_proof));
        let proof = in_force.find("inbound", &proofs).or(header.map(|(one, holder)| (one, *holder)));
        let authentication = match (proof, &in_force.unread) {
            (Some((element, holder)), _) => Setting::On(element.name.clone(), holder.at(holder.node)),
            (None, Some(reason)) => Setting::Unknown(reason.clone()),
            (None, None) => Setting::Off("no policy adds a credential or certificate of the gateway".to_owned(), None),
        };
        self.gateway.backends.push(Backend {
            at: api.at(node),
            name: Secrets::without_user(url),
            tls: url.starts_with("https:"),
            verify: Setting::Default("API Management verifies unless told otherwise".to_owned()),
            reach: reach(url),
            authentication: Some(authentication),
        });
    }

    fn named_value(&mut self, named: &Resource<'_>) {
        let name = named.text("displayName").unwrap_or(named.name(0)).to_owned();
        let vault = named.property("keyVault").is_some();
        let value = named.property("value");
        let at = named.at(value.or_else(|| named.property("secret")).unwrap_or(named.node));
        if vault {
            return;
        }
        match (named.flag("secret"), value.and_then(Node::text)) {
            (Some(true), Some(value)) if !value.starts_with('[') => {
                Secrets::known(&format!("the secret named value {name}"), value, &at, &mut self.gateway.secrets);
            }
            (Some(true), _) => {
                let text = format!("the secret named value {name} is kept in API Management, not in a Key Vault");
                self.gateway.secrets.push(Secret { at, text, shown: false });
            }
            (_, Some(value)) => {
                self.secrets.header(&format!("the named value {name}"), &name, value, &at, &mut self.gateway.secrets);
            }
            _ => {}
        }
    }

    fn subscription(&mut self, subscription: &Resource<'_>) {
        let Some(scope) = subscription.property("scope").and_then(Node::text) else { return };
        let bare = scope.trim_end_matches([']', ')', '\'', ' ']);
        let all = bare.ends_with("/apis") || scope.contains("}/apis'") || subscription.name(0) == "master";
        if all {
            let at = subscription.at(subscription.property("scope").unwrap_or(subscription.node));
            let name = subscription.text("displayName").unwrap_or(subscription.name(0));
            self.fact(FactKind::WideSubscription, at, format!("the subscription {name} opens every API"));
        }
    }

    fn policy_secrets(&mut self, policy: &Resource<'_>) {
        let Some(node) = policy.property("value") else { return };
        let Some(text) = node.text().filter(|text| !text.starts_with('[')) else { return };
        let at = policy.at(node);
        let mut header = String::new();
        for element in elements(text) {
            let found = &mut self.gateway.secrets;
            match element.name.as_str() {
                "set-header" | "set-query-parameter" => {
                    element.attribute("name").unwrap_or_default().clone_into(&mut header);
                }
                "value" if element.inside.last().is_some_and(|one| one.starts_with("set-")) => {
                    self.secrets.header(&format!("`{header}`"), &header, &element.text, &at, found);
                }
                "authentication-basic" => {
                    Secrets::known(
                        "the password of `authentication-basic`",
                        element.attribute("password").unwrap_or_default(),
                        &at,
                        found,
                    );
                }
                "key" if element.inside.iter().any(|one| one == "issuer-signing-keys") => {
                    Secrets::known("a signing key of `validate-jwt`", &element.text, &at, found);
                }
                _ => {}
            }
        }
    }
}

fn is_proof(header: &str) -> bool {
    header.eq_ignore_ascii_case("authorization")
        || is_secret_name(header)
        || header.to_ascii_lowercase().contains("functions-key")
}

fn authentication(api: &Resource<'_>, in_force: &InForce<'_>) -> Setting {
    let guards = [
        "validate-jwt",
        "validate-azure-ad-token",
        "validate-client-certificate",
        "ip-filter",
        "check-header",
        "authorize",
    ];
    if let Some((element, holder)) = in_force.find("inbound", &guards) {
        return Setting::On(element.name.clone(), holder.at(holder.node));
    }
    let required = api.property("subscriptionRequired");
    match (api.flag("subscriptionRequired"), required) {
        (Some(true), Some(node)) => return Setting::On("subscription key".to_owned(), api.at(node)),
        (Some(false), _) => {}
        _ => return Setting::Unknown("the file does not say whether a subscription is required".to_owned()),
    }
    let conditional = in_force.elements.iter().any(|(one, _)| one.conditional && guards.contains(&one.name.as_str()));
    match (&in_force.unread, conditional) {
        (Some(reason), _) => Setting::Unknown(reason.clone()),
        (None, true) => Setting::Unknown("a policy asks under a condition".to_owned()),
        (None, false) => {
            let portal = api
                .property("authenticationSettings")
                .is_some_and(|node| node.members().iter().any(|(_, one)| !one.is_null()));
            let told = if portal { "; `authenticationSettings` only tell the developer portal" } else { "" };
            Setting::Off(
                format!("no subscription is required and no policy asks{told}"),
                required.map(|node| api.at(node)),
            )
        }
    }
}

impl<'t> InForce<'t> {
    /// An element that holds for every call.
    fn find(&self, section: &str, names: &[&str]) -> Option<(&Element, &'t Resource<'t>)> {
        let fits = |one: &Element| !one.conditional && one.section == section && names.contains(&one.name.as_str());
        self.elements.iter().find(|(one, _)| fits(one)).map(|(one, holder)| (one, *holder))
    }

    fn cors(&self) -> Option<Cors> {
        let (cors, holder) = self.find("inbound", &["cors"])?;
        let at = holder.at(holder.property("value").unwrap_or(holder.node));
        let origins = self.elements.iter().filter(|(one, of)| one.name == "origin" && std::ptr::eq(*of, holder));
        let any = origins.map(|(one, _)| one.text.as_str()).any(|text| text == "*");
        let credentials = cors.attribute("allow-credentials") == Some("true");
        Some(Cors { at, origin: if any { Origin::Any } else { Origin::Listed }, credentials })
    }
}
