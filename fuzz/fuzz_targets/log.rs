//! Log lines in every built-in format and in formats given as a string: the first line is also taken as the format.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vedette_parse::log;

fuzz_target!(|text: &str| {
    let lines: Vec<&str> = text.lines().collect();
    if let Some(detected) = log::detect(&lines) {
        for line in &lines {
            let _ = detected.decoder.decode(line);
        }
    }
    for id in log::format_ids() {
        let Some(decoder) = log::by_id(id) else { continue };
        for line in &lines {
            let _ = decoder.decode(line);
        }
    }
    if let [format, lines @ ..] = lines.as_slice()
        && let Ok(format) = log::LogFormat::compile(format)
    {
        for line in lines {
            let _ = format.parse(line);
        }
    }
});
