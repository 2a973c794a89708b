//! Small files of each kind.

use proptest::prelude::*;

use super::{Entry, Kind, Pattern, fuzz, read};

const BACKSTAGE: &str = "# the catalog
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: orders
  annotations:
    github.com/project-slug: harbor/orders-service
spec:
  type: service
  owner: group:default/fulfillment
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: berths-api
spec:
  owner: harbor-master
  definition: |
    openapi: 3.1.0
    servers: [{ url: https://api.harbor.example/v1 }]
    paths:
      /berths/{berthId}: { get: {} }
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: boats-api
spec:
  owner: fleet
  definition:
    $text: ./specs/boats.yaml
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: lost
spec: { type: service }
";

const KONG: &str = "_format_version: '3.0'
services:
  - name: orders
    url: http://orders.internal:8080/api
    tags: [production, 'owner:fulfillment']
    routes:
      - name: orders-public
        hosts: [api.harbor.example]
        paths: [/orders, '~/v\\d+/orders']
      - name: refunds
        hosts: [api.harbor.example]
        paths: [/orders/refunds]
        methods: [post]
        tags: [team-payments]
  - name: nobody
    host: nobody.internal
    routes: [{ paths: [/x] }]
";

const KUBERNETES: &str = "apiVersion: v1
kind: Namespace
metadata: { name: quay, labels: { team: quay-crew } }
---
apiVersion: v1
kind: Service
metadata:
  name: berths
  namespace: quay
---
apiVersion: v1
kind: Service
metadata:
  name: orders
  annotations: { harbor.example/owner: fulfillment }
  labels: { app.kubernetes.io/part-of: shop }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  rules:
    - host: api.harbor.example
      http:
        paths:
          - { path: /orders, pathType: Prefix, backend: { service: { name: orders } } }
          - { path: /unknown, pathType: Prefix, backend: { service: { name: other } } }
";

const CODEOWNERS: &str = "# owners
*            @harbor/platform
/specs/      @harbor/api  # specs
/specs/orders.yaml @harbor/fulfillment ada@harbor.example
/services/orders/ @harbor/fulfillment

[Docs] @harbor/writers
docs/
broken[a-z] @x
";

fn owned(entry: &Entry) -> (&str, &str, usize) {
    (entry.of.as_str(), entry.owner.as_deref().unwrap_or_default(), entry.line)
}

#[test]
fn a_catalog_names_owners_of_components_and_apis() {
    let read = read("catalog-info.yaml", BACKSTAGE).unwrap();
    assert_eq!(read.kind, Kind::Backstage);
    let entries: Vec<_> = read.entries.iter().map(owned).collect();
    assert_eq!(
        entries,
        [
            ("Component orders", "fulfillment", 10),
            ("API berths-api", "harbor-master", 17),
            ("API boats-api", "fleet", 29)
        ]
    );
    assert_eq!(read.entries[0].names, ["orders", "orders-service"]);
    assert_eq!(read.entries[1].hosts, ["api.harbor.example"]);
    assert_eq!(
        (read.entries[1].routes[0].path.as_str(), read.entries[1].routes[0].methods.as_slice()),
        ("/v1/berths/{berthId}", &["GET".to_owned()][..])
    );
    assert!(read.entries[2].files.as_ref().unwrap().fits("repo/specs/boats.yaml"));
    assert_eq!((read.problems.len(), read.problems[0].line), (1, 35));
}

#[test]
fn tags_of_kong_name_owners_and_routes_inherit_them() {
    let read = read("kong.yaml", KONG).unwrap();
    assert_eq!(read.kind, Kind::Kong);
    let entries: Vec<_> = read.entries.iter().map(owned).collect();
    assert_eq!(
        entries,
        [
            ("service orders", "fulfillment", 3),
            ("route orders-public", "fulfillment", 7),
            ("route refunds", "team-payments", 10)
        ]
    );
    assert_eq!(read.entries[0].hosts, ["orders.internal"]);
    let paths: Vec<&str> = read.entries[1].routes.iter().map(|route| route.path.as_str()).collect();
    assert_eq!(paths, ["/orders"], "an expression without a literal folder is no route");
    assert_eq!(read.entries[2].routes[0].methods, ["POST"]);
}

#[test]
fn manifests_name_owners_in_labels_and_annotations() {
    let read = read("k8s.yaml", KUBERNETES).unwrap();
    assert_eq!(read.kind, Kind::Kubernetes);
    let entries: Vec<_> = read.entries.iter().map(owned).collect();
    assert_eq!(
        entries,
        [("Service berths", "quay-crew", 7), ("Service orders", "fulfillment", 13), ("Ingress web", "fulfillment", 20)]
    );
    assert!(read.entries[0].hosts.contains(&"berths.quay.svc.cluster.local".to_owned()));
    assert_eq!(
        (read.entries[2].hosts[0].as_str(), read.entries[2].routes[0].path.as_str()),
        ("api.harbor.example", "/orders")
    );
}

#[test]
fn codeowners_are_read_with_sections_and_comments() {
    let read = read(".github/CODEOWNERS", CODEOWNERS).unwrap();
    let entries: Vec<_> = read.entries.iter().map(owned).collect();
    assert_eq!(
        entries,
        [
            ("*", "@harbor/platform", 2),
            ("/specs/", "@harbor/api", 3),
            ("/specs/orders.yaml", "@harbor/fulfillment, ada@harbor.example", 4),
            ("/services/orders/", "@harbor/fulfillment", 5),
            ("docs/", "@harbor/writers", 8),
        ]
    );
    assert_eq!((read.problems.len(), read.problems[0].line), (1, 9));
    assert_eq!(read.entries[3].files.as_ref().unwrap().subject(), Some("orders"));
    assert_eq!(super::read("owners.txt", "* @a\n").unwrap().kind, Kind::Codeowners);
}

#[test]
fn patterns_fit_as_gitignore_has_it() {
    for (pattern, path, expected) in [
        ("*", "a/b.yaml", true),
        ("*.yaml", "a/b.yaml", true),
        ("*.yaml", "a/b.yml", false),
        ("/specs/", "specs/v1/a.yaml", true),
        ("/specs/", "x/specs/a.yaml", false),
        ("specs/", "x/specs/a.yaml", true),
        ("/docs/*", "docs/a.md", true),
        ("/docs/*", "docs/b/a.md", false),
        ("apps/**/openapi.yaml", "apps/a/b/openapi.yaml", true),
        ("apps/**/openapi.yaml", "apps/openapi.yaml", true),
        ("**/orders", "a/b/orders/x.yaml", true),
        ("/a/?.yaml", "./a/b.yaml", true),
    ] {
        assert_eq!(Pattern::new(pattern).unwrap().fits(path), expected, "{pattern} on {path}");
    }
    let long = format!("/{}x", "a*".repeat(100));
    assert!(!Pattern::new(&long).unwrap().fits(&"a".repeat(10_000)));
}

#[test]
fn what_cannot_be_read_is_said_with_its_place() {
    let error = read("x.yaml", "hello: world\n").unwrap_err();
    assert!(error.message.contains("no file that says") && error.hint.is_some());
    let broken = format!("{BACKSTAGE}---\na: [\n");
    let read = read("catalog-info.yaml", &broken).unwrap();
    assert_eq!((read.entries.len(), read.problems.len()), (3, 2));
    assert_eq!(read.problems.iter().map(|problem| problem.line).max(), Some(39));
}

proptest! {
    #[test]
    fn any_change_of_a_file_is_read_or_refused(
        base in 0..4_usize, at in 0..4_000_usize, len in 0..40_usize, bytes in proptest::collection::vec(any::<u8>(), 0..12)
    ) {
        let mut text = [BACKSTAGE, KONG, KUBERNETES, CODEOWNERS][base].as_bytes().to_vec();
        let at = at % text.len();
        let end = (at + len).min(text.len());
        text.splice(at..end, bytes);
        fuzz::owners(&text);
    }
}
