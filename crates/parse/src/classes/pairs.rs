//! Values that stand apart from their name: `<password>…</password>`, `"name": "API_TOKEN", "value": "…"`,
//! `key="password" value="…"`, and `name:` with `value:` on the next line.

/// Bytes between a name and the `value` that belongs to it; more is the next entry.
const GAP_BYTES_MAX: usize = 64;

/// Longest content of an element that is read.
const ELEMENT_BYTES_MAX: usize = 512;

/// Start and end of the text of an element that the name opens (`name_start` is behind `<`).
pub(crate) fn element(text: &str, name_start: usize, name_end: usize) -> Option<(usize, usize)> {
    let open = name_start.checked_sub(1).and_then(|at| text.as_bytes().get(at)) == Some(&b'<');
    let start = name_end + 1;
    if !open || text.as_bytes().get(name_end) != Some(&b'>') {
        return None;
    }
    let rest = text.get(start..)?;
    let len = rest.bytes().take(ELEMENT_BYTES_MAX).position(|byte| byte == b'<')?;
    let closes = rest.get(len..)?.starts_with("</");
    let content = rest.get(..len)?.trim();
    let start = start + rest.get(..len)?.find(content)?;
    (closes && is_one_word(content)).then_some((start, start + content.len()))
}

/// Start and end of the value whose name ended as the value of `name`, `key` or `id` before.
pub(crate) fn sibling(text: &str, name_end: usize) -> Option<(usize, usize)> {
    let rest = text.get(name_end..)?;
    let cursor = rest.trim_start_matches(['"', '\'', '\\', ',', ' ', '\t', '\r', '\n']);
    let gap = rest.len() - cursor.len();
    if !(1..=GAP_BYTES_MAX).contains(&gap) || !cursor.get(..5)?.eq_ignore_ascii_case("value") {
        return None;
    }
    let cursor = cursor.get(5..)?.trim_start_matches(['"', '\'', '\\', ' ', '\t']);
    let cursor = cursor.strip_prefix([':', '='])?.trim_start_matches([' ', '\t']);
    let body = cursor.trim_start_matches(['\\', '"', '\'']);
    let quoted = body.len() < cursor.len();
    let ends = |c: char| if quoted { "\"'\\\n\r".contains(c) } else { c.is_whitespace() || "\"'<>,;}]".contains(c) };
    let len = body.find(ends).unwrap_or(body.len()).min(ELEMENT_BYTES_MAX);
    let start = text.len() - body.len();
    is_one_word(body.get(..len)?).then_some((start, start + len))
}

/// Labels and help have spaces; secrets in markup have none.
fn is_one_word(value: &str) -> bool {
    !value.is_empty() && !value.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_apart_from_their_names() {
        for (text, name, expected) in [
            ("<password>t1ger</password>", "password", Some("t1ger")),
            ("<password> t1ger </password>", "password", Some("t1ger")),
            ("<password>Enter it here</password>", "password", None),
            ("<password><b>t1ger</b></password>", "password", None),
            ("password>t1ger</password>", "password", None),
            ("{\"name\":\"TOKEN\",\"value\":\"t1ger\"}", "TOKEN", Some("t1ger")),
            ("{\\\"name\\\":\\\"TOKEN\\\",\\\"value\\\":\\\"t1ger\\\"}", "TOKEN", Some("t1ger")),
            ("- name: TOKEN\n  value: t1ger\n", "TOKEN", Some("t1ger")),
            ("key=\"Token\" value=\"t1ger\" />", "Token", Some("t1ger")),
            ("name=\"token\" value=\"Your token\"", "token", None),
            ("token, then the value is set", "token", None),
            ("token", "token", None),
        ] {
            let at = text.find(name).unwrap();
            let found = element(text, at, at + name.len()).or_else(|| sibling(text, at + name.len()));
            assert_eq!(found.map(|(start, end)| &text[start..end]), expected, "{text}");
        }
    }
}
