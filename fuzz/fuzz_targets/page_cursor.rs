//! Cursors that clients send back: any text is a cursor of ours or refused, and ours come back as they were.
//!
//! The file is taken as it is: the crate around it would bring the whole lake.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/server/src/page/cursor.rs"]
#[allow(dead_code)]
mod cursor;

use cursor::Cursor;

fuzz_target!(|text: &str| {
    if let Some(cursor) = Cursor::decode(text) {
        let again = cursor.encode();
        assert!(again.len() > cursor::CURSOR_BYTES_MAX || Cursor::decode(&again) == Some(cursor));
    }
});
