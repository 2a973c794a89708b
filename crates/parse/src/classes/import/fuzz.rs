//! The property that holds for every input; the fuzz target and the tests share it.

use super::super::Classifier;
use super::Imported;

/// Any file is imported or refused with a reason, and what is written loads, with every remark on one line.
#[doc(hidden)]
pub fn classes_import(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let lines = text.matches('\n').count() + 2;
    match Imported::read("import", &text, None) {
        Ok(imported) => {
            let remarks = imported.skipped.iter().chain(&imported.differing);
            assert!(remarks.clone().all(|remark| !remark.text.is_empty() && remark.line <= lines));
            let yaml = super::yaml(&[("import".to_owned(), imported)]);
            if let Err(diagnostics) = Classifier::with_custom("import.yaml", &yaml) {
                // All patterns together may need more room than any one of them.
                let together =
                    diagnostics.iter().all(|one| one.message.contains("too large") || one.message.contains("too many"));
                assert!(
                    together,
                    "{}\n{yaml}",
                    diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
                );
            }
        }
        Err(error) => assert!(!error.message.is_empty() && error.line <= lines, "{error}"),
    }
}
