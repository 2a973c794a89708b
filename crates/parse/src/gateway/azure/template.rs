//! ARM templates: resources wherever they are nested, and what expressions say of names.

use std::sync::Arc;

use super::super::{At, Tree};
use crate::document::{Content, Node};

/// Levels of resources within resources; API Management has four.
const DEPTH_MAX: usize = 12;

/// One resource of API Management.
pub(super) struct Resource<'t> {
    pub(super) file: &'t Arc<str>,
    /// Type below `Microsoft.ApiManagement/service`, in lower case: `apis/operations`; empty for the service itself.
    pub(super) kind: String,
    /// Names below the service's, as far as they are written out.
    pub(super) names: Vec<String>,
    pub(super) node: &'t Node,
    root: &'t Node,
}

impl<'t> Resource<'t> {
    pub(super) fn at(&self, node: &Node) -> At {
        At::new(self.file, node.line)
    }

    /// A property, by its path.
    pub(super) fn property(&self, path: &str) -> Option<&'t Node> {
        self.node.get("properties")?.find(path).filter(|node| !node.is_null())
    }

    /// A property's text, with parameters and variables that have a value replaced.
    pub(super) fn text(&self, path: &str) -> Option<&'t str> {
        resolve(self.root, self.property(path)?.text()?)
    }

    /// A property's flag.
    pub(super) fn flag(&self, path: &str) -> Option<bool> {
        self.node.get("properties")?.flag_at(path)
    }

    /// The name at a level: 0 is below the service.
    pub(super) fn name(&self, level: usize) -> &str {
        self.names.get(level).map_or("", String::as_str)
    }
}

/// True when a document holds resources of API Management.
pub(super) fn holds(root: &Node) -> bool {
    let mut found = false;
    if root.get("resources").is_some() {
        root.walk("", &mut |key, node| {
            found |= key == "type" && node.text().is_some_and(|text| text.starts_with("Microsoft.ApiManagement/"));
        });
    }
    found
}

/// All resources of a template.
pub(super) fn resources(tree: &Tree) -> Vec<Resource<'_>> {
    let mut found = Vec::new();
    collect(&tree.file, &tree.root, &tree.root, ("", &[]), 0, &mut found);
    found
}

fn collect<'t>(
    file: &'t Arc<str>,
    root: &'t Node,
    holder: &'t Node,
    (outer, outer_names): (&str, &[String]),
    depth: usize,
    found: &mut Vec<Resource<'t>>,
) {
    let Some(list) = holder.get("resources").filter(|_| depth < DEPTH_MAX) else { return };
    // Bicep's newer output is a mapping of symbolic names.
    let members = list.members().iter().map(|(_, node)| node);
    for node in list.items().iter().chain(members) {
        let Some(kind) = node.text_at("type") else { continue };
        if kind.eq_ignore_ascii_case("Microsoft.Resources/deployments") {
            if let Some(template) = node.find("properties/template") {
                collect(file, template, template, ("", &[]), depth + 1, found);
            }
            continue;
        }
        let nested = !kind.contains("Microsoft.") && !outer.is_empty();
        let full = if nested { format!("{outer}/{kind}") } else { kind.to_owned() };
        let lower = full.to_ascii_lowercase();
        let Some(below) = lower.strip_prefix("microsoft.apimanagement/service") else { continue };
        let below = below.trim_start_matches('/').to_owned();
        let levels = below.split('/').filter(|part| !part.is_empty()).count();
        let own = names(node.text_at("name").unwrap_or_default());
        let names = if nested {
            outer_names.iter().cloned().chain(own).collect()
        } else {
            own.into_iter().rev().take(levels.max(usize::from(below.is_empty()))).rev().collect::<Vec<String>>()
        };
        collect(file, root, node, (&full, &names), depth + 1, found);
        found.push(Resource { file, kind: below, names, node, root });
    }
}

/// The names that a name or an expression for one spells out: those of `[concat(parameters('x'), '/orders/list')]` are
/// `orders` and `list`.
fn names(text: &str) -> Vec<String> {
    let parts = |text: &str| {
        text.split('/').filter(|part| !part.is_empty() && !part.contains('{')).map(str::to_owned).collect::<Vec<_>>()
    };
    if !text.starts_with('[') {
        return parts(text);
    }
    let mut out = Vec::new();
    let mut before = "";
    for (place, piece) in text.split('\'').enumerate() {
        let refers =
            ["parameters(", "variables(", "reference(", "resourceId("].iter().any(|call| before.ends_with(call));
        if place % 2 == 1 && !refers {
            out.extend(parts(piece));
        }
        before = piece;
    }
    out
}

/// A text, or what a parameter or variable holds that it only names.
fn resolve<'t>(root: &'t Node, text: &'t str) -> Option<&'t str> {
    let Some(expression) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else { return Some(text) };
    let named = |call: &str| expression.strip_prefix(call)?.strip_suffix("')");
    let node = match (named("parameters('"), named("variables('")) {
        (Some(name), _) => root.get("parameters")?.get(name)?.get("defaultValue")?,
        (_, Some(name)) => root.get("variables")?.get(name)?,
        _ => return None,
    };
    match &node.content {
        Content::Text(text) if !text.starts_with('[') => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_off_expressions() {
        assert_eq!(names("[concat(parameters('service'), '/orders/list')]"), ["orders", "list"]);
        assert_eq!(names("[format('{0}/{1}/{2}', parameters('s'), 'orders', 'policy')]"), ["orders", "policy"]);
        assert_eq!(names("shop/orders"), ["shop", "orders"]);
        assert_eq!(names("[parameters('service')]"), Vec::<String>::new());
    }
}
