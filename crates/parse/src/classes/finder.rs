//! Names and literals of the finders; what they find is in `finders`. The build script reads this file, too.

/// A finder by the name that class files use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finder {
    /// An e-mail address around `@`.
    Email,
    /// A URL around `://`, or a host that begins with `www.`.
    Url,
    /// A URL with a password in its authority.
    UrlPassword,
    /// A compact JOSE token.
    Jwt,
    /// A PEM block with a private key, also escaped in a string.
    Pem,
    /// A PEM block with a private key that was encoded in base64 once more.
    EncodedPem,
}

impl Finder {
    /// By name.
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "email" => Self::Email,
            "url" => Self::Url,
            "url-password" => Self::UrlPassword,
            "jwt" => Self::Jwt,
            "pem" => Self::Pem,
            "encoded-pem" => Self::EncodedPem,
            _ => return None,
        })
    }

    /// Literals that call it.
    pub(crate) fn anchors(self) -> &'static [&'static str] {
        match self {
            Self::Email => &["@", "%40"],
            Self::Url => &["://", "www."],
            Self::UrlPassword => &["://"],
            Self::Jwt => &["eyJ", "ewog"],
            Self::Pem => &["-----BEGIN"],
            Self::EncodedPem => &["LS0tLS1CRUdJTi"],
        }
    }
}
