//! JWTs (RFC 7519) in JWS (RFC 7515) and JWE (RFC 7516) compact form, read without verifying.

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use vedette_model::limits::JWT_BYTES_MAX;
use vedette_model::{Anomaly, Timestamp};

use super::{Jwt, values};
use crate::json::{Broken, Reader, Token as Json};

/// Roles kept of one token.
const ROLES_MAX: usize = 8;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
pub(crate) const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT);
pub(crate) const LENIENT_STANDARD: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);

/// What a token turned out to be.
pub(super) enum Reading {
    /// Something else.
    Not,
    /// It has the parts of a JWT and a header that is no JOSE header.
    Malformed,
    /// A JWT.
    Jwt(Box<Token>),
}

/// A JWT with what it names.
pub(super) struct Token {
    pub(super) facts: Jwt,
    pub(super) user: Option<String>,
    pub(super) client: Option<String>,
    pub(super) anomaly: Option<Anomaly>,
}

/// Cheap: could this be a JWT? Base64url of `{"` is `eyJ`; with white space in the header it begins `ey` or `ew`.
#[inline]
pub(crate) fn may_be(value: &str) -> bool {
    matches!(value.as_bytes(), [b'e', b'y' | b'w', ..]) && value.len() >= 16 && value.contains('.')
}

/// Reads a token: three parts (JWS) or five (JWE), the first of them a JSON object with `alg`. A JSON object without
/// `alg` is some other signed cookie, not a broken JWT.
pub(super) fn read(value: &str) -> Reading {
    if !may_be(value) {
        return Reading::Not;
    }
    let parts = value.bytes().filter(|b| *b == b'.').count() + 1;
    let mut pieces = value.splitn(5, '.');
    let (Some(header), Some(payload), signature) = (pieces.next(), pieces.next(), pieces.next()) else {
        return Reading::Not;
    };
    if !matches!(parts, 3 | 5) || value.len() > JWT_BYTES_MAX {
        return Reading::Malformed;
    }
    let Some(header) = claims(header) else { return Reading::Malformed };
    let Some(algorithm) = header.algorithm else { return Reading::Not };
    let encrypted = parts == 5;
    let payload = if encrypted { Some(Claims::default()) } else { claims(payload) };
    let anomaly = payload.is_none().then_some(Anomaly::MalformedJwt);
    let payload = payload.unwrap_or_default();
    let client = payload.client.as_deref().and_then(values::identifier);
    // Tokens that a client got for itself (RFC 6749, 4.4) carry its own id as subject: that is no user.
    let own = |user: &str| {
        payload.for_itself || client.as_deref().is_some_and(|client| user.split('@').next() == Some(client))
    };
    let user = payload.subject.or(payload.user).filter(|user| !own(user)).as_deref().and_then(values::identifier);
    Reading::Jwt(Box::new(Token {
        facts: Jwt {
            algorithm,
            issued_at: payload.issued_at,
            expires_at: payload.expires_at,
            issuer: payload.issuer.as_deref().and_then(values::identifier),
            unsigned: !encrypted && signature.is_none_or(str::is_empty),
            key_from_header: header.key_from_header,
            role: payload.role.as_deref().and_then(values::identifier),
            signature: signature.filter(|text| !encrypted && !text.is_empty()).map_or(0, fingerprint),
        },
        user,
        client,
        anomaly,
    }))
}

/// The claims of a JWT as JSON; none of an encrypted one.
pub(crate) fn payload(value: &str) -> Option<String> {
    let mut parts = value.split('.');
    let payload = parts.nth(1).filter(|_| value.len() <= JWT_BYTES_MAX && parts.count() == 1)?;
    String::from_utf8(URL_SAFE.decode(payload).ok()?).ok()
}

/// Decodes one part into the claims that matter.
fn claims(part: &str) -> Option<Claims> {
    let decoded = URL_SAFE.decode(part).ok()?;
    Claims::read(std::str::from_utf8(&decoded).ok()?).ok()
}

/// Header parameters and claims that matter, of either part. Twice the same: the last wins, as in most libraries.
#[derive(Default)]
struct Claims {
    algorithm: Option<String>,
    key_from_header: bool,
    issuer: Option<String>,
    subject: Option<String>,
    user: Option<String>,
    client: Option<String>,
    for_itself: bool,
    role: Option<String>,
    issued_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
}

impl Claims {
    fn read(text: &str) -> Result<Self, Broken> {
        let mut reader = Reader::new(text);
        let (mut claims, mut first) = (Self::default(), true);
        if reader.value()? != Json::Object {
            return Err(Broken::Malformed);
        }
        while let Some(key) = reader.key(&mut first)? {
            let value = reader.value()?;
            claims.take(&key, value);
            match value {
                Json::Array if is_role(&key) => claims.role = words(&mut reader)?.or(claims.role.take()),
                Json::Array | Json::Object => reader.skip()?,
                _ => {}
            }
        }
        reader.end()?;
        Ok(claims)
    }

    fn take(&mut self, key: &str, value: Json<'_>) {
        match key {
            "alg" => self.algorithm = text(value),
            "jku" | "x5u" | "jwk" => self.key_from_header = true,
            "iss" => self.issuer = text(value),
            "sub" => self.subject = text(value),
            "user_id" | "userId" | "uid" | "username" | "preferred_username" => {
                self.user = text(value).or(self.user.take());
            }
            "client_id" | "clientId" | "azp" | "appid" | "cid" => self.client = text(value).or(self.client.take()),
            "role" => self.role = text(value),
            key if is_role(key) => self.role = self.role.take().or_else(|| text(value)),
            "gty" => self.for_itself = text(value).as_deref() == Some("client-credentials"),
            "iat" => self.issued_at = time(value),
            "exp" => self.expires_at = time(value),
            _ => {}
        }
    }
}

/// Claims that say what their bearer may do. Scopes are left out: they say what an application asked for.
fn is_role(key: &str) -> bool {
    matches!(key, "role" | "roles" | "groups" | "user_role" | "userRole")
}

/// The texts of an array, in order and joined: `admin,staff`.
fn words(reader: &mut Reader<'_>) -> Result<Option<String>, Broken> {
    let (mut all, mut first) = (Vec::new(), true);
    while reader.item(&mut first)? {
        match reader.value()? {
            Json::Text(text) if all.len() < ROLES_MAX => all.push(text.unescape().into_owned()),
            Json::Array | Json::Object => reader.skip()?,
            _ => {}
        }
    }
    all.sort_unstable();
    Ok((!all.is_empty()).then(|| all.join(",")))
}

/// FNV-1a: tells signatures apart, and cannot be turned back into one.
fn fingerprint(signature: &str) -> u64 {
    signature.bytes().fold(0xCBF2_9CE4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3))
}

/// A claim that should be text, of whatever type the issuer chose.
fn text(value: Json<'_>) -> Option<String> {
    match value {
        Json::Text(text) => Some(text.unescape().into_owned()),
        Json::Number(number) => Some(number.raw.to_owned()),
        _ => None,
    }
}

/// Seconds since the epoch (RFC 7519, 2: NumericDate).
fn time(value: Json<'_>) -> Option<Timestamp> {
    let secs = match value {
        Json::Text(text) => text.raw.parse().ok()?,
        Json::Number(number) => number.as_f64(),
        _ => return None,
    };
    Some(Timestamp::from_secs(secs as i64))
}
