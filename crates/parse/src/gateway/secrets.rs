//! Secrets that stand in a configuration in clear. Values never leave: what is shown is masked.

use super::{At, Secret};
use crate::classes::Classifier;
use crate::document::Node;
use crate::redact::mask;

/// How sure a secret must be that only its own look gives away.
const CONFIDENCE_MIN: f32 = 0.8;

/// Names whose value is a secret, without separators; a name must end with one.
const SECRET_NAMES: &[&str] = &[
    "password",
    "passwd",
    "secret",
    "clientsecret",
    "apikey",
    "privatekey",
    "accesskey",
    "secretkey",
    "accesstoken",
    "authtoken",
    "bearertoken",
    "connectionstring",
    "sharedkey",
    "passphrase",
    "authorization",
    "functionskey",
    "hmacsecret",
];

/// Characters of a key whose first ones may be shown.
const KEY_CHARS_MIN: usize = 24;

/// Tells secrets from names of secrets.
pub(super) struct Secrets<'a> {
    pub(super) classifier: &'a Classifier,
}

impl Secrets<'_> {
    /// A value that is a secret by its place, unless it only refers to one.
    pub(super) fn known(what: &str, value: &str, at: &At, found: &mut Vec<Secret>) {
        if is_literal(value) {
            push(found, what, value, at);
        }
    }

    /// A header, variable or parameter: a secret by its name, or by its look.
    pub(super) fn header(&self, what: &str, name: &str, value: &str, at: &At, found: &mut Vec<Secret>) {
        let bare = ["Basic ", "Bearer ", "basic ", "bearer "].iter().find_map(|start| value.strip_prefix(start));
        let value = bare.unwrap_or(value).trim().trim_matches('\'');
        if is_literal(value) && (is_secret_name(name) || bare.is_some() || self.looks_secret(name, value)) {
            push(found, what, value, at);
        }
    }

    /// A URL that holds a password or a key.
    pub(super) fn url(what: &str, url: &str, at: &At, found: &mut Vec<Secret>) {
        let Some((_, rest)) = url.split_once("://") else { return };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if let Some(password) = authority.rsplit_once('@').and_then(|(user, _)| Some(user.split_once(':')?.1)) {
            Self::known(what, password, at, found);
        }
        let query = rest.split_once('?').map_or("", |(_, query)| query);
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            let names = ["code", "key", "sig", "token"];
            if names.contains(&name) && value.len() >= 16 || is_secret_name(name) {
                Self::known(&format!("{what}, parameter `{name}`"), value, at, found);
            }
        }
    }

    /// Every text of a tree, by its key and its look.
    pub(super) fn tree(&self, root: &Node, file: &std::sync::Arc<str>, found: &mut Vec<Secret>) {
        root.walk("", &mut |key, node| {
            let Some(text) = node.text() else {
                // A value one level below its name: `client_secret: {inline_string: …}`.
                let inline = ["inline_string", "inlineString"].iter().find_map(|key| node.get(key));
                if let Some((value, inner)) = inline.and_then(|inner| Some((inner.text()?, inner)))
                    && is_secret_name(key)
                    && !is_private_key(value)
                {
                    Self::known(&format!("`{key}`"), value, &At::new(file, inner.line), found);
                }
                return;
            };
            let at = At::new(file, node.line);
            // Annotations (`vendor.example/auth-secret`) name Secrets, and parameters of AWS are read with their header.
            if text.contains("://") {
                Self::url(&format!("the URL of `{key}`"), text, &at, found);
            } else if !key.is_empty()
                && !key.contains('/')
                && !key.starts_with("integration.request.")
                && is_literal(text)
                && !text.contains(char::is_whitespace)
            {
                let hashed = is_hash(text) && key.to_ascii_lowercase().ends_with("password");
                if !hashed && (is_secret_name(key) || self.looks_secret(key, text)) {
                    push(found, &format!("`{key}`"), text, &at);
                }
            } else if is_private_key(text) {
                found.push(Secret { at, text: format!("`{key}` holds a private key"), shown: true });
            }
        });
    }

    /// A URL without the part before `@`, and without its query.
    pub(super) fn without_user(url: &str) -> String {
        let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let path = path.split('?').next().unwrap_or_default();
        format!("{scheme}://{host}{path}")
    }

    fn looks_secret(&self, name: &str, value: &str) -> bool {
        value.len() >= 12
            && value.len() <= 4_096
            && self.classifier.secret(name, value).is_some_and(|(_, confidence)| confidence >= CONFIDENCE_MIN)
    }
}

fn push(found: &mut Vec<Secret>, what: &str, value: &str, at: &At) {
    // The beginning of a long key tells its owner which it is; of a password it would be a help to guess the rest.
    let shown = match value.chars().count() {
        _ if is_private_key(value) => "a private key".to_owned(),
        0..KEY_CHARS_MIN => "•".repeat(8),
        _ => mask(value),
    };
    let text = format!("{what} holds {shown}");
    if !found.iter().any(|known| known.at == *at && known.text == text) {
        found.push(Secret { at: at.clone(), text, shown: true });
    }
}

/// A digest in hexadecimal: Kong stores and exports passwords so.
fn is_hash(text: &str) -> bool {
    matches!(text.len(), 40 | 64 | 128) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// PEM (RFC 7468).
fn is_private_key(text: &str) -> bool {
    text.contains("-----BEGIN") && text.contains("PRIVATE KEY-----")
}

/// A name that ends with a word for secrets.
pub(super) fn is_secret_name(name: &str) -> bool {
    let flat: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    SECRET_NAMES.iter().any(|word| flat.ends_with(word)) && !flat.starts_with("publickey")
}

/// A value that stands for itself: no variable, no reference to a vault, no file, no example.
fn is_literal(value: &str) -> bool {
    let value = value.trim();
    let refers = [
        "$", "'", "@", "/", "%", "<", "{", "[", "file:", "env(", "arn:", "secret:", "vault:", "ref+", "op://",
        "http://", "https://", "\"$", "-m",
    ];
    let inside = ["${", "{{", "$(", "parameters(", "reference("];
    let mut letters = value.chars();
    let first = letters.next();
    value.len() >= 4
        && !refers.iter().any(|start| value.starts_with(start))
        && !inside.iter().any(|part| value.contains(part))
        && !letters.all(|c| Some(c) == first)
        && !["true", "false", "none", "null", "optional", "required", "redacted", "example"]
            .iter()
            .any(|word| value.eq_ignore_ascii_case(word))
        && !value.to_ascii_lowercase().starts_with("your")
}
