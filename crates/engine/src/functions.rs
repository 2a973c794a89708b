//! stub
pub(crate) fn function(_m: &str, _t: &str) -> Option<&'static str> {
    None
}
