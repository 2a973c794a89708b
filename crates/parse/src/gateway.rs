//! Configurations of API gateways: what they answer, to whom, and how they reach what is behind them.
//!
//! Every product becomes one plain model ([`Gateway`]) with the inheritance of its language resolved, so that a route
//! says what is in force for it and where that is said. What cannot be told from the files is [`Setting::Unknown`], never
//! taken for absent. Reading files is the caller's part ([`Fetch`]); what cannot be understood is a located
//! [`Diagnostic`], and the rest is used.

mod address;
mod aws;
mod azure;
mod envoy;
pub(crate) mod fuzz;
mod haproxy;
mod kong;
mod kubernetes;
mod matching;
mod model;
mod nginx;
mod secrets;

use std::sync::Arc;

use vedette_model::Diagnostic;
use vedette_model::limits::GATEWAY_ROUTES_MAX;

pub use matching::{Matcher, host_matches};
pub use model::{
    Admin, At, Backend, Cors, Fact, FactKind, Gateway, Listener, Oldest, Origin, PathKind, PathPattern, Product, Reach,
    Route, Secret, Serves, Setting, Tls, TlsVersion,
};

use self::secrets::Secrets;
use crate::classes::Classifier;
use crate::document::{Node, read_trees};

/// Gives the files that a pattern of an `include` means: name of the including file and pattern in, names and texts out.
/// An error is a reason in words.
pub type Fetch<'f> = dyn FnMut(&str, &str) -> Result<Vec<(String, String)>, String> + 'f;

/// Reads configurations. Those of one installation belong together: an API and its stages, manifests and the policies
/// for them. What is no configuration of a known gateway is a diagnostic at its file.
pub fn read(
    files: &[(String, String)],
    classifier: &Classifier,
    fetch: &mut Fetch<'_>,
) -> (Vec<Gateway>, Vec<Diagnostic>) {
    let secrets = Secrets { classifier };
    let mut gateways = Vec::new();
    let mut problems = Vec::new();
    let mut trees: Vec<Tree> = Vec::new();
    for (name, text) in files {
        let file: Arc<str> = name.as_str().into();
        match recognize(text) {
            Some(Language::Nginx) => match nginx::read(&file, text, &secrets, fetch) {
                Ok(gateway) => gateways.push(gateway),
                Err(problem) => problems.push(hinted(problem, text)),
            },
            Some(Language::Haproxy) => match haproxy::read(&file, text, &secrets) {
                Ok(gateway) => gateways.push(gateway),
                Err(problem) => problems.push(hinted(problem, text)),
            },
            Some(Language::Document) => match document(&file, text) {
                Ok(read) => trees.extend(read),
                Err(problem) => problems.push(problem),
            },
            None => problems.push(unknown(name)),
        }
    }
    // A file that another one includes is read with it.
    let included: Vec<Arc<str>> =
        gateways.iter().flat_map(|one: &Gateway| one.files.iter().skip(1)).map(Arc::clone).collect();
    gateways.retain(|one| !included.iter().any(|file| **file == *one.file()));
    gateways.extend(of_documents(&trees, &secrets, &mut problems));
    for gateway in gateways.iter_mut().filter(|one| one.routes.len() >= GATEWAY_ROUTES_MAX) {
        let at = At { file: gateway.files.first().cloned().unwrap_or_default(), line: 0 };
        gateway.problem(&at, format!("{GATEWAY_ROUTES_MAX} routes are judged, not more"));
    }
    gateways.sort_by_key(|one| files.iter().position(|(name, _)| name == one.file()));
    (gateways, problems)
}

/// True when a text may be a configuration that [`read`] understands: for choosing files of a folder. Texts about gateways
/// look like their configurations, so one that cannot be read only counts when its name says what it is.
pub fn is_configuration(name: &str, text: &str) -> bool {
    let file: Arc<str> = name.into();
    let named = || matches!(name.rsplit('.').next(), Some("conf" | "cfg" | "vhost"));
    match recognize(text) {
        Some(Language::Nginx) => nginx::parses(&file, text) || named(),
        Some(Language::Haproxy) => haproxy::parses(&file, text) || named(),
        Some(Language::Document) => match read_trees(name, text) {
            Ok(trees) => trees.iter().any(|root| product(root).is_some()),
            // A template: said rather than passed over.
            Err(_) => TELLING.iter().any(|word| text.contains(word)),
        },
        None => false,
    }
}

/// What only documents of gateways hold.
const TELLING: &[&str] =
    &["gateway.networking.k8s.io/", "istio.io/", "gateway.envoyproxy.io/", "_format_version", "static_resources"];

/// One document of a file.
struct Tree {
    file: Arc<str>,
    root: Node,
    product: Option<Product>,
}

enum Language {
    Nginx,
    Haproxy,
    Document,
}

fn recognize(text: &str) -> Option<Language> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with(['{', '[']) {
        return Some(Language::Document);
    }
    if haproxy::is_haproxy(text) {
        return Some(Language::Haproxy);
    }
    if nginx::is_nginx(text) {
        return Some(Language::Nginx);
    }
    let keys = [
        "apiVersion:",
        "static_resources:",
        "_format_version:",
        "swagger:",
        "openapi:",
        "admin:",
        "dynamic_resources:",
        "\"_format_version\":",
    ];
    let line = |line: &str| keys.iter().any(|key| line.starts_with(key)) || line.starts_with("- apiVersion:");
    text.lines().any(line).then_some(Language::Document)
}

fn document(file: &Arc<str>, text: &str) -> Result<Vec<Tree>, Diagnostic> {
    if let Some(line) = template_line(text) {
        return Err(Diagnostic {
            file: file.to_string(),
            line,
            column: 1,
            message: "a template, not a configuration: what stands there is only known once it is filled in".to_owned(),
            hint: Some(RENDER.to_owned()),
        });
    }
    let trees = read_trees(file, text).map_err(|problem| hinted(problem, text))?;
    let of = |root: Node| Tree { file: Arc::clone(file), product: product(&root), root };
    Ok(trees.into_iter().map(of).collect())
}

const RENDER: &str = "render it first, for example with `helm template` or `kustomize build`, and give the result";

/// The first line of a Helm or Jinja template that no configuration could hold.
fn template_line(text: &str) -> Option<usize> {
    let words = [".", "-", "include ", "if ", "end", "range ", "with ", "define ", "template ", "tpl ", "toYaml ", "$"];
    let starts = |line: &str| {
        line.match_indices("{{").any(|(at, _)| {
            let rest = line.get(at + 2..).unwrap_or_default().trim_start();
            words.iter().any(|word| rest.starts_with(word))
        })
    };
    let place = text.lines().position(|line| starts(line) || line.trim_start().starts_with("{%"));
    place.map(|place| place + 1)
}

/// Says what to do when the text is a template.
fn hinted(mut problem: Diagnostic, text: &str) -> Diagnostic {
    if text.contains("{{") || text.contains("{%") {
        problem.hint = Some(RENDER.to_owned());
    }
    problem
}

fn unknown(file: &str) -> Diagnostic {
    Diagnostic {
        file: file.to_owned(),
        message: "no configuration of a known gateway".to_owned(),
        hint: Some(
            "nginx, HAProxy, Envoy, Kong (declarative), AWS API Gateway (export), Azure API Management (ARM template) and \
             Kubernetes (Gateway API, Istio) are read"
                .to_owned(),
        ),
        ..Diagnostic::default()
    }
}

/// Whose document it is.
fn product(root: &Node) -> Option<Product> {
    let has = |key: &str| root.get(key).is_some();
    if has("_format_version") {
        Some(Product::Kong)
    } else if has("static_resources") || has("dynamic_resources") || envoy::is_dump(root) {
        Some(Product::Envoy)
    } else if aws::is_export(root) || aws::is_stages(root) || aws::is_domains(root) {
        Some(Product::AwsApiGateway)
    } else if azure::is_template(root) {
        Some(Product::AzureApiManagement)
    } else if kubernetes::is_known(root) {
        Some(Product::Kubernetes)
    } else {
        None
    }
}

fn of_documents(trees: &[Tree], secrets: &Secrets<'_>, problems: &mut Vec<Diagnostic>) -> Vec<Gateway> {
    let mut gateways = Vec::new();
    let of = |wanted: Product| trees.iter().filter(move |tree| tree.product == Some(wanted));
    gateways.extend(of(Product::Envoy).map(|tree| envoy::read(&tree.file, &tree.root, secrets)));
    gateways.extend(of(Product::Kong).map(|tree| kong::read(&tree.file, &tree.root, secrets)));
    let aws: Vec<&Tree> = of(Product::AwsApiGateway).collect();
    gateways.extend(aws::read(&aws, secrets));
    let azure: Vec<&Tree> = of(Product::AzureApiManagement).collect();
    gateways.extend(azure::read(&azure, secrets));
    let kubernetes: Vec<&Tree> = of(Product::Kubernetes).collect();
    gateways.extend(kubernetes::read(&kubernetes, secrets));
    for tree in trees {
        let known = trees.iter().any(|other| other.file == tree.file && other.product.is_some());
        let empty = tree.root.is_null() && tree.root.line == 0;
        if !known && !empty && !problems.iter().any(|problem| *problem.file == *tree.file) {
            problems.push(unknown(&tree.file));
        }
    }
    gateways
}

#[cfg(test)]
mod tests;
