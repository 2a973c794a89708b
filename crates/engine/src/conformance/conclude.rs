//! What comparing gives: operations at endpoints, orphans at services, and a summary per specification.

use foldhash::fast::FixedState;
use hashbrown::HashSet;
use vedette_model::limits::{EVIDENCE_MAX, ORPHANS_LISTED_MAX};
use vedette_model::results::{Endpoint, Evidence, Operation, Orphan, Service, Spec, Violation};

use super::contract::{Contract, Declared, OperationAt};
use super::tally::Conformance;

/// Endpoints of a service that must be declared for a specification to be that of the service, where no server of it
/// names the service.
const DECLARES_SHARE: f64 = 0.5;

/// What goes beyond a declaration and does not break it: schemas are open unless they say otherwise, and OpenAPI knows
/// no way to forbid a parameter. It is drift to be told, but the exchange conforms.
const BEYOND: &[&str] = &["undocumented-field", "undocumented-parameter"];

/// The operation that an endpoint implements, with what comparing found. Without `credentials_seen` the recording was
/// probably scrubbed, and a missing credential says nothing.
pub(crate) fn declare(
    contract: &Contract,
    endpoint: &Endpoint,
    tally: Option<&Conformance>,
    credentials_seen: bool,
) -> Option<Operation> {
    let ignored = |kind: &str| kind == "missing-authentication" && !credentials_seen;
    let at = contract.find(&endpoint.service, &endpoint.method, endpoint.path_template())?;
    let (declared, operation) = contract.operation(at)?;
    let checked = tally.map_or(0, Conformance::checked);
    let share = |n: u64| if checked == 0 { 0.0 } else { n as f64 / checked as f64 };
    let mut violations: Vec<Violation> = Vec::new();
    let known = tally.map(|tally| tally.violations.as_slice()).unwrap_or_default().iter().enumerate();
    for (place, broken) in known.filter(|(_, broken)| !ignored(broken.kind.id())) {
        let places = tally.map(|tally| tally.with(place)).unwrap_or_default();
        if places.is_empty() {
            continue;
        }
        let evidence = places.iter().take(EVIDENCE_MAX).map(|&(source, exchange)| Evidence {
            source,
            exchange,
            location: broken.place.to_string(),
            excerpt: broken.text.to_string(),
            ..Evidence::default()
        });
        violations.push(Violation {
            kind: broken.kind.id().to_owned(),
            place: broken.place.to_string(),
            text: broken.text.to_string(),
            share: share(places.len() as u64),
            evidence: evidence.collect(),
        });
    }
    let beyond = |kind: &str| BEYOND.contains(&kind);
    violations.sort_by(|a, b| {
        let order = beyond(&a.kind).cmp(&beyond(&b.kind)).then(b.share.total_cmp(&a.share));
        order.then_with(|| (&a.kind, &a.place, &a.text).cmp(&(&b.kind, &b.place, &b.text)))
    });
    Some(Operation {
        spec: declared.spec.file.clone(),
        line: (operation.line > 0).then_some(operation.line as u64),
        pointer: operation.pointer.clone(),
        id: operation.id.clone(),
        deprecated: operation.deprecated,
        checked,
        conforming: tally.map_or(0.0, |tally| share(tally.conforming(|kind| ignored(kind) || beyond(kind)))),
        violations,
    })
}

/// Compares all services with the contract: fills specifications and orphans of services.
pub(crate) fn compare(contract: &Contract, services: &mut [&mut Service], endpoints: &[Endpoint]) -> Vec<Spec> {
    let mut met: Vec<HashSet<usize, FixedState>> = contract.specs.iter().map(|_| HashSet::default()).collect();
    let mut of_spec: Vec<Spec> = contract.specs.iter().map(|declared| described(&declared.spec)).collect();
    let mut checked: Vec<(f64, f64)> = vec![(0.0, 0.0); contract.specs.len()];
    for service in services.iter_mut() {
        let mut own = vec![0_usize; contract.specs.len()];
        let mut all = 0;
        for endpoint in endpoints.iter().filter(|one| one.service == service.name && one.is_api()) {
            all += 1;
            let found = contract.find(&endpoint.service, &endpoint.method, endpoint.path_template());
            let (Some(OperationAt { spec, operation }), Some(compared)) = (found, &endpoint.operation) else {
                continue;
            };
            if let (Some(met), Some(own), Some(sum)) = (met.get_mut(spec), own.get_mut(spec), checked.get_mut(spec)) {
                met.insert(operation);
                *own += 1;
                sum.0 += compared.checked as f64;
                sum.1 += compared.checked as f64 * compared.conforming;
            }
        }
        for ((declared, spec), own) in contract.specs.iter().zip(&mut of_spec).zip(own) {
            let covers = own as f64 >= DECLARES_SHARE * f64::from(all) && own > 0;
            if declared.names(&service.name) || covers {
                service.specs.push(spec.file.clone());
                spec.services.push(service.name.clone());
            }
        }
    }
    for ((place, spec), (all, conforming)) in of_spec.iter_mut().enumerate().zip(checked) {
        spec.problems.extend(
            contract.specs.get(place).zip(met.get(place)).map(|(d, met)| unusable(d, met)).into_iter().flatten(),
        );
        spec.observed = met.get(place).map_or(0, |met| met.len() as u64);
        spec.conforming = (all > 0.0).then(|| conforming / all);
    }
    orphans(contract, &met, &of_spec, services);
    of_spec
}

/// Schemas of observed operations that no body can be judged by, and the patterns that could not be used.
fn unusable(declared: &Declared, met: &HashSet<usize, FixedState>) -> Vec<String> {
    let spec = &declared.spec;
    let mut operations: Vec<usize> = met.iter().copied().collect();
    operations.sort_unstable();
    let operations = operations.into_iter().filter_map(|place| spec.operations.get(place));
    let bodies = operations.flat_map(|one| one.request.iter().chain(one.responses.iter().map(|(_, body)| body)));
    let schemas = bodies.flat_map(|body| &body.content).filter(|(media, _)| media.contains("json"));
    let mut out: Vec<String> = schemas
        .filter_map(|(_, schema)| schema.as_deref())
        .filter(|pointer| declared.schemas.at(&spec.root, pointer).is_none())
        .map(|pointer| format!("{}: the schema at {pointer} cannot be used; its bodies were not judged", spec.file))
        .collect();
    out.dedup();
    let patterns = declared.schemas.patterns_left_out();
    out.extend(patterns.iter().map(|pattern| format!("{}: the pattern {pattern} cannot be used", spec.file)));
    out
}

fn described(spec: &vedette_parse::spec::Spec) -> Spec {
    Spec {
        file: spec.file.clone(),
        dialect: spec.dialect.clone(),
        title: spec.title.clone(),
        version: spec.version.clone(),
        operations: spec.operations.len() as u64,
        problems: spec.problems.iter().map(ToString::to_string).collect(),
        ..Spec::default()
    }
}

/// Operations that were met nowhere, at the first service of their specification.
fn orphans(contract: &Contract, met: &[HashSet<usize, FixedState>], specs: &[Spec], services: &mut [&mut Service]) {
    for ((declared, met), spec) in contract.specs.iter().zip(met).zip(specs) {
        let Some(service) = spec.services.first().and_then(|name| services.iter_mut().find(|one| one.name == *name))
        else {
            continue;
        };
        let left = ORPHANS_LISTED_MAX.saturating_sub(service.orphans.len());
        let unmet = declared.spec.operations.iter().enumerate().filter(|(place, _)| !met.contains(place));
        service.orphans.extend(unmet.take(left).map(|(_, operation)| Orphan {
            spec: spec.file.clone(),
            line: (operation.line > 0).then_some(operation.line as u64),
            method: operation.method.clone(),
            path: operation.path.clone(),
            deprecated: operation.deprecated,
        }));
    }
}
