//! The ways in which an exchange can differ from its operation.

use vedette_parse::stored_codes;

/// One of them; ids are those of [`vedette_model::results::Violation::kind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ViolationKind {
    InvalidParameter,
    InvalidRequest,
    InvalidResponse,
    MissingAuthentication,
    MissingBody,
    MissingParameter,
    UndocumentedContentType,
    UndocumentedField,
    UndocumentedParameter,
    UndocumentedStatus,
}

impl ViolationKind {
    /// As in the results.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::InvalidParameter => "invalid-parameter",
            Self::InvalidRequest => "invalid-request",
            Self::InvalidResponse => "invalid-response",
            Self::MissingAuthentication => "missing-authentication",
            Self::MissingBody => "missing-body",
            Self::MissingParameter => "missing-parameter",
            Self::UndocumentedContentType => "undocumented-content-type",
            Self::UndocumentedField => "undocumented-field",
            Self::UndocumentedParameter => "undocumented-parameter",
            Self::UndocumentedStatus => "undocumented-status",
        }
    }
}

stored_codes!(ViolationKind {
    InvalidParameter = 0,
    InvalidRequest = 1,
    InvalidResponse = 2,
    MissingAuthentication = 3,
    MissingBody = 4,
    MissingParameter = 5,
    UndocumentedContentType = 6,
    UndocumentedField = 7,
    UndocumentedParameter = 8,
    UndocumentedStatus = 9,
});
