//! Which entry wins, and what is said of those that win nothing.

use vedette_model::results::{Endpoint, Operation, Results, Service};
use vedette_parse::owners::{OwnerFile, read};

use super::assign;

fn results(endpoints: &[(&str, &str, &str, Option<&str>)]) -> Results {
    let mut results = Results::default();
    for (service, method, template, spec) in endpoints {
        if !results.services.iter().any(|known| known.name == *service) {
            results.services.push(Service { name: (*service).to_owned(), ..Service::default() });
        }
        results.endpoints.push(Endpoint {
            service: (*service).to_owned(),
            method: (*method).to_owned(),
            template: (*template).to_owned(),
            operation: spec.map(|spec| Operation { spec: spec.to_owned(), ..Operation::default() }),
            ..Endpoint::default()
        });
    }
    results
}

fn files(texts: &[(&str, &str)]) -> Vec<OwnerFile> {
    texts.iter().map(|(name, text)| read(name, text).unwrap()).collect()
}

fn owners(results: &Results) -> Vec<&str> {
    results.endpoints.iter().map(|endpoint| endpoint.owner.as_ref().map_or("-", |owner| owner.name.as_str())).collect()
}

const KONG: &str = "_format_version: '3.0'
services:
  - name: orders
    host: orders.internal
    tags: ['owner:fulfillment']
    routes:
      - { name: all, hosts: [api.harbor.example], paths: [/orders] }
      - { name: refunds, hosts: [api.harbor.example], paths: [/orders/refunds], methods: [POST], tags: [team-payments] }
  - { name: unseen, host: unseen.internal, tags: ['owner:ghosts'] }
";

#[test]
fn the_longest_route_wins_within_a_host() {
    let mut results = results(&[
        ("api.harbor.example", "GET", "/orders/{orderId}", None),
        ("api.harbor.example", "POST", "/orders/refunds", None),
        ("api.harbor.example", "GET", "/orders/refunds", None),
        ("api.harbor.example", "GET", "/boats", None),
        ("orders.internal:8080", "GET", "/", None),
    ]);
    assign(&files(&[("kong.yaml", KONG)]), &mut results);
    assert_eq!(owners(&results), ["fulfillment", "team-payments", "fulfillment", "-", "fulfillment"]);
    let owner = results.endpoints[1].owner.as_ref().unwrap();
    assert_eq!((owner.file.as_str(), owner.line), ("kong.yaml", 8));
    assert_eq!(owner.reason, "route refunds: route /orders/refunds of host api.harbor.example");
    assert_eq!(results.services[0].owner, None, "routes own no service");
    let ownership = results.ownership.unwrap();
    assert_eq!((ownership.owned, ownership.unowned), (4, 1));
    assert_eq!(
        ownership.remarks,
        ["kong.yaml:9: service unseen (ghosts): no service unseen.internal, unseen was observed"]
    );
    assert_eq!((ownership.files[0].entries, ownership.files[0].matched), (4, 3));
}

#[test]
fn names_are_compared_whole_then_by_label_then_without_endings() {
    let catalog = |names: &[(&str, &str)]| -> String {
        let entity = |(name, owner): &(&str, &str)| {
            format!(
                "---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{ name: {name} }}\nspec: {{ owner: {owner} }}\n"
            )
        };
        names.iter().map(entity).collect()
    };
    let mut results = results(&[
        ("orders.quay.svc.cluster.local", "GET", "/", None),
        ("boats-api", "GET", "/", None),
        ("api.harbor.example", "GET", "/", None),
        ("10.0.0.7", "GET", "/", None),
    ]);
    let text = catalog(&[("orders", "a"), ("boats", "b"), ("boats-api", "c"), ("api", "d"), ("10", "e")]);
    assign(&files(&[("catalog-info.yaml", &text)]), &mut results);
    assert_eq!(owners(&results), ["a", "c", "-", "-"]);
    assert_eq!(results.services[1].owner.as_ref().unwrap().reason, "Component boats-api: name boats-api");
}

#[test]
fn the_last_fitting_line_of_codeowners_owns_a_specification() {
    let text = "*  @harbor/platform\n/specs/ @harbor/api\n/specs/orders.yaml @harbor/fulfillment\n/services/berths/ @harbor/berths\n/specs/free.yaml\n";
    let mut results = results(&[
        ("a.example", "GET", "/orders", Some("specs/orders.yaml")),
        ("a.example", "GET", "/boats", Some("specs/boats.yaml")),
        ("a.example", "GET", "/free", Some("specs/free.yaml")),
        ("a.example", "GET", "/else", None),
        ("berths.internal", "GET", "/", None),
    ]);
    assign(&files(&[("CODEOWNERS", text)]), &mut results);
    assert_eq!(owners(&results), ["@harbor/fulfillment", "@harbor/api", "-", "-", "@harbor/berths"]);
    let owner = results.endpoints[0].owner.as_ref().unwrap();
    assert_eq!((owner.line, owner.reason.as_str()), (3, "specs/orders.yaml fits /specs/orders.yaml"));
}

#[test]
fn of_two_that_are_as_close_the_first_counts_and_the_other_is_named() {
    let text = |owner: &str| {
        format!("apiVersion: v1\nkind: Service\nmetadata: {{ name: orders, labels: {{ team: {owner} }} }}\n")
    };
    let mut results = results(&[("orders", "GET", "/", None)]);
    assign(&files(&[("a.yaml", &text("one")), ("b.yaml", &text("two"))]), &mut results);
    assert_eq!(owners(&results), ["one"]);
    let remarks = results.ownership.unwrap().remarks;
    assert_eq!(remarks, ["b.yaml:3: Service orders gives orders to two, a.yaml:3 gives it to one: the first counts"]);
}
