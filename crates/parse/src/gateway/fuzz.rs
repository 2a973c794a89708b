//! What holds for every reader, whatever it is given.

use std::sync::{Arc, LazyLock};

use vedette_model::limits::{GATEWAY_ROUTES_MAX, INCLUDES_MAX};

use super::secrets::Secrets;
use super::{At, Gateway, Product, Setting, Tree, aws, azure, envoy, haproxy, kong, kubernetes, nginx};
use crate::classes::Classifier;
use crate::document::read_trees;

static CLASSIFIER: LazyLock<Classifier> = LazyLock::new(Classifier::builtin);

/// Any text is read by nginx's reader or refused at a line that is there; what it includes may be itself.
pub(crate) fn nginx_text(text: &str) {
    let secrets = Secrets { classifier: &CLASSIFIER };
    let mut fetch = |_: &str, pattern: &str| match pattern.len() % 3 {
        0 => Err("none".to_owned()),
        n => Ok(vec![("other.conf".to_owned(), text.to_owned()); n]),
    };
    match nginx::read(&"nginx.conf".into(), text, &secrets, &mut fetch) {
        Ok(gateway) => check(&gateway, text),
        Err(problem) => assert!(!problem.message.is_empty() && problem.line <= lines(text), "{problem}"),
    }
}

/// Any text is read by HAProxy's reader or refused at a line that is there.
pub(crate) fn haproxy_text(text: &str) {
    let secrets = Secrets { classifier: &CLASSIFIER };
    match haproxy::read(&"haproxy.cfg".into(), text, &secrets) {
        Ok(gateway) => check(&gateway, text),
        Err(problem) => assert!(!problem.message.is_empty() && problem.line <= lines(text), "{problem}"),
    }
}

/// Any document is read by the readers of all products that are configured with documents, whatever it is.
pub(crate) fn document_text(text: &str) {
    let secrets = Secrets { classifier: &CLASSIFIER };
    let file: Arc<str> = "gateway.yaml".into();
    let Ok(roots) = read_trees(&file, text) else { return };
    let trees: Vec<Tree> =
        roots.into_iter().map(|root| Tree { file: Arc::clone(&file), root, product: None }).collect();
    let all: Vec<&Tree> = trees.iter().collect();
    for tree in &trees {
        check(&envoy::read(&tree.file, &tree.root, &secrets), text);
        check(&kong::read(&tree.file, &tree.root, &secrets), text);
        super::product(&tree.root);
    }
    let together = aws::read(&all, &secrets)
        .into_iter()
        .chain(azure::read(&all, &secrets))
        .chain(kubernetes::read(&all, &secrets));
    for gateway in together {
        check(&gateway, text);
    }
}

fn lines(text: &str) -> usize {
    text.matches(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).count() + 2
}

/// Lines are there, places of listeners too, and everything is bounded.
fn check(gateway: &Gateway, text: &str) {
    let most = lines(text);
    let there = |at: &At| assert!(at.line <= most, "line {} of {most}", at.line);
    let of = |setting: &Setting| match setting {
        Setting::On(text, at) => {
            assert!(!text.is_empty());
            there(at);
        }
        Setting::Off(text, at) => {
            assert!(!text.is_empty());
            at.iter().for_each(there);
        }
        Setting::Default(text) | Setting::Unknown(text) => assert!(!text.is_empty()),
    };
    assert!(gateway.routes.len() <= GATEWAY_ROUTES_MAX && gateway.files.len() <= INCLUDES_MAX + 1);
    for route in &gateway.routes {
        there(&route.at);
        [&route.authentication, &route.rate_limit, &route.body_limit].into_iter().for_each(of);
        assert!(route.listeners.iter().all(|place| *place < gateway.listeners.len()), "a listener that is not there");
        let _ = (route.name(), route.path.takes_all(), route.path.matcher().takes("/v1/users/{userId}.json"));
    }
    gateway.listeners.iter().for_each(|one| there(&one.at));
    gateway.backends.iter().for_each(|one| {
        there(&one.at);
        of(&one.verify);
    });
    gateway.admins.iter().for_each(|one| there(&one.at));
    gateway.secrets.iter().for_each(|one| there(&one.at));
    gateway.facts.iter().for_each(|one| there(&one.at));
    assert!(gateway.problems.iter().all(|one| !one.message.is_empty()));
    assert!(gateway.product != Product::Nginx || !gateway.file().is_empty());
}
