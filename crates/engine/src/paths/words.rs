//! What English and REST habits say of a path word.

/// Words that name a part of an API, hardly ever one of its objects: reserved views, verbs and sub-resources.
const RESERVED: &[&str] = &[
    "me",
    "self",
    "current",
    "search",
    "find",
    "query",
    "count",
    "status",
    "health",
    "healthz",
    "ready",
    "live",
    "ping",
    "login",
    "logout",
    "signin",
    "signup",
    "signout",
    "register",
    "auth",
    "oauth",
    "oauth2",
    "token",
    "tokens",
    "refresh",
    "verify",
    "validate",
    "reset",
    "confirm",
    "callback",
    "webhook",
    "webhooks",
    "batch",
    "bulk",
    "export",
    "import",
    "upload",
    "download",
    "settings",
    "config",
    "configuration",
    "preferences",
    "stats",
    "statistics",
    "metrics",
    "summary",
    "report",
    "reports",
    "latest",
    "recent",
    "all",
    "list",
    "new",
    "create",
    "update",
    "delete",
    "edit",
    "add",
    "remove",
    "cancel",
    "start",
    "stop",
    "restart",
    "enable",
    "disable",
    "activate",
    "deactivate",
    "approve",
    "reject",
    "archive",
    "restore",
    "clone",
    "copy",
    "move",
    "rename",
    "share",
    "publish",
    "history",
    "events",
    "logs",
    "audit",
    "permissions",
    "roles",
    "admin",
    "internal",
    "public",
    "private",
    "api",
    "rest",
    "graphql",
    "rpc",
    "docs",
    "swagger",
    "openapi",
    "version",
    "info",
    "about",
    "help",
    "actions",
    "default",
    "validation",
    "availability",
    "schema",
    "schemas",
    "fields",
    "types",
    "password",
    "profile",
    "account",
    "billing",
    "members",
    "comments",
    "attachments",
    "files",
    "notifications",
    "subscriptions",
    "available",
    "usage",
    "lock",
    "unlock",
    "preview",
    "test",
    "check",
    "execute",
    "run",
    "trigger",
    "sync",
    "retry",
    "resolve",
    "transfer",
    "details",
    "metadata",
    "content",
    "raw",
    "tree",
    "compare",
    "merge",
    "ids",
    "template",
    "templates",
    "user",
    "users",
    "static",
    "assets",
    "images",
    "favicon.ico",
    "robots.txt",
    "sitemap.xml",
    "manual",
    "by-name",
];

/// True for a word that names a part of an API.
pub(crate) fn is_reserved(word: &str) -> bool {
    RESERVED.iter().any(|r| r.eq_ignore_ascii_case(word))
}

/// The singular of a plural English noun (`users`, `categories`, `addresses`), or `None` when the last word of the
/// text is not a plural.
pub(crate) fn singular(text: &str) -> Option<String> {
    let start = text.rfind(['-', '_', '.']).map_or(0, |at| at + 1);
    let (head, noun) = text.split_at(start);
    let lower = noun.to_ascii_lowercase();
    let one = match lower.as_str() {
        "people" => "person".to_owned(),
        "children" => "child".to_owned(),
        "indices" => "index".to_owned(),
        "statuses" => "status".to_owned(),
        "media" | "data" | "series" | "news" | "status" | "address" | "access" | "business" | "process" | "class"
        | "analytics" | "settings" | "dns" | "https" | "css" | "js" | "sms" | "tls" | "aws" => return None,
        w if w.len() < 4 && !matches!(w, "ips" | "ids" | "vms" | "ads" | "faq") => return None,
        w if w.ends_with("ies") && w.len() > 4 => format!("{}y", noun.get(..noun.len() - 3)?),
        w if w.ends_with("sses")
            || w.ends_with("shes")
            || w.ends_with("ches")
            || w.ends_with("xes")
            || w.ends_with("zes") =>
        {
            noun.get(..noun.len() - 2)?.to_owned()
        }
        w if w.ends_with("ss") || w.ends_with("us") || w.ends_with("is") => return None,
        w if w.ends_with('s') => noun.get(..noun.len() - 1)?.to_owned(),
        _ => return None,
    };
    Some(format!("{head}{one}"))
}

/// `order-item`, `order_item` or `OrderItem` as `orderItem`, for parameter names.
pub(crate) fn camel(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut upper = false;
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            if upper && !out.is_empty() {
                out.push(c.to_ascii_uppercase());
            } else if out.is_empty() {
                out.push(c.to_ascii_lowercase());
            } else {
                out.push(c);
            }
            upper = false;
        } else {
            upper = true;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_have_a_singular() {
        for (text, one) in [
            ("users", Some("user")),
            ("categories", Some("category")),
            ("private-locations", Some("private-location")),
            ("boxes", Some("box")),
            ("addresses", Some("address")),
            ("status", None),
            ("v1", None),
            ("search", None),
            ("ips", Some("ip")),
            ("analytics", None),
        ] {
            assert_eq!(singular(text).as_deref(), one, "{text}");
        }
    }

    #[test]
    fn parameter_names_are_camel_case() {
        assert_eq!(camel("private-location"), "privateLocation");
        assert_eq!(camel("OrderItem"), "orderItem");
        assert_eq!(camel("%D9%85"), "d985");
    }
}
