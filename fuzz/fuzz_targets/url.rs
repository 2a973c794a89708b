//! Query strings, cookies and percent-escapes: whatever the bytes, decoding ends and invents nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vedette_parse::url;

fuzz_target!(|text: &str| {
    let _ = url::percent_decode(text);
    assert!(url::pairs(text).count() <= text.len() + 1);
    assert!(url::cookies(text).count() <= text.len() + 1);
});
