//! The property that holds for every input; the fuzz target and the tests share it.

/// Any file is read, or refused with a reason; what is read lies within the file, and patterns fit or do not.
#[doc(hidden)]
pub fn owners(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let lines = text.matches(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).count() + 2;
    for name in ["owners.yaml", "CODEOWNERS"] {
        match super::read(name, &text) {
            Ok(read) => {
                for entry in &read.entries {
                    assert!(entry.line <= lines, "line {} of {lines}", entry.line);
                    let _ = entry.files.as_ref().is_some_and(|files| files.fits("specs/v1/orders.yaml"));
                }
                assert!(read.problems.iter().all(|problem| !problem.message.is_empty() && problem.line <= lines));
            }
            Err(error) => assert!(!error.message.is_empty() && error.line <= lines, "{error}"),
        }
    }
}
