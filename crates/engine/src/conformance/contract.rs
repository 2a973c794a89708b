//! Specifications, compiled: which operation is a request?

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use vedette_parse::spec::{Operation, Parameter, Spec};
use vedette_parse::templates::GivenTemplate;

use super::judge::{Call, judge};
use super::schemas::Schemas;
use super::tally::{Conformance, rank};
use crate::paths::trie::{DeclaredBy, DeclaredTemplate, segments};
use crate::routes::{Routes, ValueKind};

/// All specifications given, and the templates that the user gave.
#[derive(Debug, Default)]
pub struct Contract {
    pub(crate) specs: Vec<Declared>,
    given: Given,
}

/// Templates that the user gave. They say how paths are read, and nothing of what is declared.
#[derive(Debug, Default)]
struct Given {
    templates: Vec<GivenTemplate>,
    routes: Option<Routes>,
}

/// One specification, compiled.
#[derive(Debug)]
pub(crate) struct Declared {
    pub(crate) spec: Spec,
    pub(crate) schemas: Schemas,
    /// Paths before the templates, longest first; one may be empty.
    bases: Vec<String>,
    /// Distinct paths of the operations.
    templates: Vec<Template>,
    routes: Routes,
}

#[derive(Debug)]
struct Template {
    path: String,
    /// Places in [`Spec::operations`].
    operations: Vec<usize>,
    /// What the values of its segments look like; literals take anything.
    kinds: Vec<ValueKind>,
}

/// The place of an operation in a [`Contract`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OperationAt {
    pub(crate) spec: usize,
    pub(crate) operation: usize,
}

/// A path that fits a declared template.
struct Fit<'a> {
    spec: usize,
    base: &'a str,
    template: &'a Template,
}

impl Contract {
    /// Compiles specifications. Their schemas are compiled when first needed.
    pub fn new(specs: Vec<Spec>) -> Self {
        Self { specs: specs.into_iter().map(Declared::new).collect(), given: Given::default() }
    }

    /// Adds templates of the user's, which win over those of specifications.
    #[must_use]
    pub fn with_templates(mut self, templates: Vec<GivenTemplate>) -> Self {
        let routes = Routes::new(templates.iter().map(|one| one.path.as_str()));
        self.given = Given { templates, routes: Some(routes) };
        self
    }

    /// The template that was given for a path, with the base that it was called with.
    pub(crate) fn template(&self, service: &str, path: &str) -> Option<DeclaredTemplate> {
        if let Some(template) = self.given.template(service, path) {
            return Some(template);
        }
        let fit = self.fit(service, path)?;
        let base = segments(fit.base).map(|_| ValueKind::Any);
        Some(DeclaredTemplate {
            path: format!("{}{}", fit.base, fit.template.path),
            kinds: base.chain(fit.template.kinds.iter().copied()).collect(),
            by: DeclaredBy::Specification,
        })
    }

    /// The operation of a call; `path` may also be a template.
    pub(crate) fn find(&self, service: &str, method: &str, path: &str) -> Option<OperationAt> {
        let fit = self.fit(service, path)?;
        let operations = &self.specs.get(fit.spec)?.spec.operations;
        let of_method = |at: &&usize| operations.get(**at).is_some_and(|one| one.method == method);
        let operation = *fit.template.operations.iter().find(of_method)?;
        Some(OperationAt { spec: fit.spec, operation })
    }

    /// Compares an exchange with its operation when it belongs to the sample of its endpoint.
    pub(crate) fn observe(
        &self,
        service: &str,
        call: &Call<'_>,
        seen_at: (u32, u64),
        tally: &mut Option<Box<Conformance>>,
    ) {
        let rank = rank(seen_at);
        if tally.as_ref().is_some_and(|tally| !tally.wants(rank)) {
            return;
        }
        let at = self.find(service, &call.exchange.method, &call.exchange.path);
        if let Some((declared, operation)) = at.and_then(|at| self.operation(at)) {
            tally.get_or_insert_default().take(rank, judge(declared, operation, call), seen_at);
        }
    }

    pub(crate) fn operation(&self, at: OperationAt) -> Option<(&Declared, &Operation)> {
        let declared = self.specs.get(at.spec)?;
        Some((declared, declared.spec.operations.get(at.operation)?))
    }

    /// Specifications whose servers name a service; without any, those that may be of every service.
    fn fit(&self, service: &str, path: &str) -> Option<Fit<'_>> {
        let named = self.specs.iter().any(|declared| declared.names(service));
        let all = self.specs.iter().enumerate().filter(|(_, declared)| !named || declared.names(service));
        all.flat_map(|(spec, declared)| declared.bases.iter().map(move |base| (spec, declared, base.as_str())))
            .find_map(|(spec, declared, base)| {
                let rest = path.strip_prefix(base).filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
                let rest = rest.trim_end_matches('/');
                let accept = |at: usize| declared.templates.get(at).is_some_and(|one| one.takes(rest));
                let template = declared.templates.get(declared.routes.best(rest, accept)?)?;
                Some(Fit { spec, base, template })
            })
    }
}

impl Given {
    fn template(&self, service: &str, path: &str) -> Option<DeclaredTemplate> {
        let of_service = |at: usize| {
            let template = self.templates.get(at);
            template.is_some_and(|one| one.service.as_deref().is_none_or(|name| name == service))
        };
        let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
        let template = self.templates.get(self.routes.as_ref()?.best(path, of_service)?)?;
        let kinds = segments(&template.path).map(|_| ValueKind::Any).collect();
        Some(DeclaredTemplate { path: template.path.clone(), kinds, by: DeclaredBy::User })
    }
}

impl Declared {
    fn new(spec: Spec) -> Self {
        let mut templates: Vec<Template> = Vec::new();
        let mut by_path: HashMap<&str, usize, FixedState> = HashMap::default();
        for (place, operation) in spec.operations.iter().enumerate() {
            let at = *by_path.entry(&operation.path).or_insert_with(|| {
                templates.push(Template::of(operation));
                templates.len() - 1
            });
            if let Some(template) = templates.get_mut(at) {
                template.operations.push(place);
            }
        }
        drop(by_path);
        let routes = Routes::new(templates.iter().map(|one| one.path.trim_end_matches('/')));
        let servers = spec.servers.iter().chain(spec.operations.iter().flat_map(|one| &one.servers));
        let mut bases: Vec<String> = servers.map(|server| server.base.clone()).chain([String::new()]).collect();
        bases.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        bases.dedup();
        Self { schemas: Schemas::default(), bases, templates, routes, spec }
    }

    /// A server of the specification has this name.
    pub(crate) fn names(&self, service: &str) -> bool {
        self.spec.servers.iter().any(|server| server.serves(service))
    }
}

impl Template {
    fn of(operation: &Operation) -> Self {
        let kind = |segment: &str| {
            let name = segment.strip_prefix('{')?.strip_suffix('}')?;
            let of_name = |one: &&Parameter| one.location == "path" && one.name == name;
            Some(kind_of(operation.parameters.iter().find(of_name)?))
        };
        let kinds = segments(&operation.path).map(|segment| kind(segment).unwrap_or_default()).collect();
        Self { kinds, path: operation.path.clone(), operations: Vec::new() }
    }

    /// False when a segment has another type than declared; the names of a template pass.
    fn takes(&self, path: &str) -> bool {
        let mut each = segments(path).zip(&self.kinds);
        each.all(|(segment, kind)| segment.starts_with('{') || kind.takes(segment))
    }
}

fn kind_of(parameter: &Parameter) -> ValueKind {
    let is = |key: &str, value: &str| {
        let schema = parameter.schema.as_ref();
        schema.and_then(|schema| schema.get(key)?.as_str()) == Some(value)
    };
    if is("type", "integer") || is("type", "number") {
        ValueKind::Number
    } else if is("type", "string") && is("format", "uuid") {
        ValueKind::Uuid
    } else {
        ValueKind::Any
    }
}
