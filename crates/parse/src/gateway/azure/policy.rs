//! Policies of API Management. They look like XML but hold C# expressions in attributes, which no XML reader takes
//! (`condition="@(context.Request.Headers["x"] == "y")"`), so this is a scanner of its own.

/// One element of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Element {
    /// `inbound`, `backend`, `outbound` or `on-error`.
    pub(super) section: String,
    pub(super) name: String,
    /// Attributes as written.
    attributes: String,
    /// Text up to the next element.
    pub(super) text: String,
    /// Inside of a `choose`, so only for some calls.
    pub(super) conditional: bool,
    /// Elements around it, outermost first, the section not counted.
    pub(super) inside: Vec<String>,
}

impl Element {
    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let place = self.attributes.match_indices(name).map(|(at, _)| at).find(|at| {
            let before = self.attributes.get(..*at).unwrap_or_default();
            let after = self.attributes.get(at + name.len()..).unwrap_or_default();
            before.ends_with(|c: char| c.is_whitespace()) && after.trim_start().starts_with('=')
        })?;
        let rest = self.attributes.get(place + name.len()..)?.trim_start().strip_prefix('=')?.trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        rest.get(1..)?.split(quote).next()
    }
}

/// Elements deeper than this are not told apart.
const DEPTH_MAX: usize = 64;

/// Reads a policy. Whatever the text, reading ends; what is no element is text.
pub(super) fn elements(text: &str) -> Vec<Element> {
    let mut out: Vec<Element> = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        if let Some(last) = out.last_mut() {
            last.text.push_str(before.trim());
        }
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let end = tag_end(after);
        let tag = after.get(..end).unwrap_or_default();
        rest = after.get(end + 1..).unwrap_or_default();
        if let Some(name) = tag.strip_prefix('/') {
            if let Some(place) = open.iter().rposition(|one| one == name.trim()) {
                open.truncate(place);
            }
            continue;
        }
        let name: String = tag.chars().take_while(|c| !c.is_whitespace() && *c != '/').collect();
        if name.is_empty() || name.starts_with(['?', '!']) {
            continue;
        }
        let section = open.iter().find(|one| matches!(one.as_str(), "inbound" | "backend" | "outbound" | "on-error"));
        if let Some(section) = section {
            let around = open.iter().skip_while(|one| *one != section).skip(1);
            out.push(Element {
                section: section.clone(),
                attributes: tag.get(name.len()..).unwrap_or_default().to_owned(),
                text: String::new(),
                conditional: open.iter().any(|one| matches!(one.as_str(), "when" | "otherwise" | "retry")),
                inside: around.cloned().collect(),
                name: name.clone(),
            });
        }
        if !tag.ends_with('/') && open.len() < DEPTH_MAX {
            open.push(name);
        }
    }
    out
}

/// Where a tag ends: at its `>`, those in quotes and expressions not counted.
fn tag_end(tag: &str) -> usize {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in tag.char_indices() {
        match (depth, quote, c) {
            (0, Some(_), '(' | '{') if before == '@' => depth = 1,
            (0, None, '>') => return at,
            (0, None, '"' | '\'') => quote = Some(c),
            (0, Some(open), c) if c == open => quote = None,
            (0, ..) => {}
            (_, _, '(' | '{') => depth += 1,
            (_, _, ')' | '}') => depth -= 1,
            _ => {}
        }
        before = c;
    }
    tag.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_know_their_section_and_condition() {
        let text = "<policies><inbound><base /><!-- <validate-jwt/> --><choose><when condition=\"@(context.Request.Headers[\"a\"] > 1)\">\
                    <validate-jwt header-name=\"Authorization\"><openid-config url='x'/></validate-jwt></when></choose>\
                    <cors allow-credentials=\"true\"><allowed-origins><origin>*</origin></allowed-origins></cors></inbound>\
                    <outbound><set-header name=\"x\"><value>1</value></set-header></outbound></policies>";
        let all = elements(text);
        let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "base",
                "choose",
                "when",
                "validate-jwt",
                "openid-config",
                "cors",
                "allowed-origins",
                "origin",
                "set-header",
                "value"
            ]
        );
        assert!(all[3].conditional && !all[5].conditional);
        assert_eq!(all[5].attribute("allow-credentials"), Some("true"));
        assert_eq!((all[7].text.as_str(), all[7].inside.join("/")), ("*", "cors/allowed-origins".to_owned()));
        assert_eq!(all[8].section, "outbound");
    }

    #[test]
    fn broken_policies_end() {
        for text in ["<", "<<<<", "<inbound", "<a b=\"@(((\">", "</x></y>", "<!--", "<inbound><a><a><a>"] {
            elements(text);
        }
    }
}
