//! Which template does a path fit? A tree of segments, so that thousands of templates cost one walk a path.

use std::cmp::Reverse;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use vedette_parse::stored_codes;

/// Templates by their segments.
#[derive(Debug)]
pub(crate) struct Routes(Vec<Node>);

#[derive(Debug, Default)]
struct Node {
    literals: HashMap<Box<str>, u32, FixedState>,
    /// What stands before and behind the parameter (`.json` of `{id}.json`), and the node below.
    parameters: Vec<(Fixed, u32)>,
    /// Templates that end here.
    templates: Vec<Rank>,
}

/// How well a template says what it takes, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    parameters: usize,
    /// Bytes outside of parameters.
    fixed: Reverse<usize>,
    place: usize,
}

impl Rank {
    fn of(template: &str, place: usize) -> Self {
        let inside = template.split('{').skip(1).map(|rest| rest.find('}').unwrap_or(rest.len())).sum::<usize>();
        Self { parameters: template.matches('{').count(), fixed: Reverse(template.len() - inside), place }
    }
}

/// What a path parameter's value must look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ValueKind {
    /// Like anything.
    #[default]
    Any,
    /// An integer or another number.
    Number,
    /// A UUID.
    Uuid,
}

stored_codes!(ValueKind { Any = 0, Number = 1, Uuid = 2 });

impl ValueKind {
    /// Ids that a client made up (`-1`, `12abc`) are still calls of the operation; words are not.
    pub(crate) fn takes(self, segment: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Number => segment.bytes().any(|b| b.is_ascii_digit()),
            Self::Uuid => segment.len() >= 32 || segment.bytes().any(|b| b.is_ascii_digit()),
        }
    }
}

/// The fixed text around the parameters of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fixed {
    before: Box<str>,
    behind: Box<str>,
}

impl Fixed {
    /// Of a segment of a template; `None` for a literal.
    pub(crate) fn of(segment: &str) -> Option<Self> {
        let (before, rest) = segment.split_once('{')?;
        let (_, behind) = rest.rsplit_once('}')?;
        Some(Self { before: before.into(), behind: behind.into() })
    }

    /// True when a segment of a path has it, with something between.
    pub(crate) fn fits(&self, segment: &str) -> bool {
        segment.len() > self.before.len() + self.behind.len()
            && segment.starts_with(&*self.before)
            && segment.ends_with(&*self.behind)
    }
}

impl Routes {
    /// Takes templates by their place in `templates`.
    pub(crate) fn new<'a>(templates: impl Iterator<Item = &'a str>) -> Self {
        let mut routes = Self(vec![Node::default()]);
        for (place, template) in templates.enumerate() {
            let end = template.split('/').fold(0, |at, segment| routes.below(at, segment));
            if let Some(node) = routes.0.get_mut(end as usize) {
                node.templates.push(Rank::of(template, place));
            }
        }
        routes
    }

    /// The template that `path`, without a slash at its end, fits best: fewest parameters, then most fixed text, then
    /// first. Only templates that `accept` takes by their place.
    pub(crate) fn best(&self, path: &str, mut accept: impl FnMut(usize) -> bool) -> Option<usize> {
        let mut best: Option<Rank> = None;
        self.walk(0, Some(path), &mut |rank| {
            if best.is_none_or(|known| rank < known) && accept(rank.place) {
                best = Some(rank);
            }
        });
        best.map(|rank| rank.place)
    }

    fn walk(&self, at: u32, rest: Option<&str>, found: &mut impl FnMut(Rank)) {
        let Some(node) = self.0.get(at as usize) else { return };
        let Some(rest) = rest else {
            return node.templates.iter().copied().for_each(found);
        };
        let (segment, rest) = rest.split_once('/').map_or((rest, None), |(segment, rest)| (segment, Some(rest)));
        if let Some(&below) = node.literals.get(segment) {
            self.walk(below, rest, found);
        }
        for (fixed, below) in &node.parameters {
            if fixed.fits(segment) {
                self.walk(*below, rest, found);
            }
        }
    }

    /// The node of a segment below another, made when missing.
    fn below(&mut self, at: u32, segment: &str) -> u32 {
        let fresh = self.0.len() as u32;
        let Some(node) = self.0.get_mut(at as usize) else { return at };
        let fixed = Fixed::of(segment);
        let known = match &fixed {
            Some(fixed) => node.parameters.iter().find(|(known, _)| known == fixed).map(|(_, below)| *below),
            None => node.literals.get(segment).copied(),
        };
        if let Some(known) = known {
            return known;
        }
        match fixed {
            Some(fixed) => node.parameters.push((fixed, fresh)),
            None => {
                node.literals.insert(segment.into(), fresh);
            }
        }
        self.0.push(Node::default());
        fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_fits_the_template_with_the_fewest_parameters() {
        let templates = [
            "/users/{userId}",
            "/users/me",
            "/users/{userId}.json",
            "/{any}/{userId}",
            "/users/{userId}/teams",
            "/teams/{teamId}",
            "/",
            "/items/id:{id}",
        ];
        let routes = Routes::new(templates.into_iter());
        for (path, expected) in [
            ("/users/7", Some("/users/{userId}")),
            ("/users/me", Some("/users/me")),
            ("/users/7.json", Some("/users/{userId}.json")),
            ("/users/7/teams", Some("/users/{userId}/teams")),
            ("/users/7/boats", None),
            ("/boats/7", Some("/{any}/{userId}")),
            ("/teams/7", Some("/teams/{teamId}")),
            ("/users", None),
            ("/users//teams", None),
            ("/items/id:7", Some("/items/id:{id}")),
            ("/items/id:", Some("/{any}/{userId}")),
            ("", None),
        ] {
            assert_eq!(routes.best(path, |_| true).map(|at| templates[at]), expected, "{path}");
        }
        assert_eq!(routes.best("/users/me", |at| at != 1).map(|at| templates[at]), Some("/users/{userId}"));
    }
}
