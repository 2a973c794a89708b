//! Second factors: time-based codes (RFC 6238) of an authenticator app, and recovery codes for when it is lost.

use secrecy::{ExposeSecret, SecretString};
use totp_rs::{Builder, Secret, Totp};
use vedette_model::Timestamp;
use vedette_store::keys::{self, DataKey};
use zeroize::Zeroizing;

use crate::problem::{Kind, Problem};

/// Label of the key that seals secrets in the state.
const LABEL: &str = "second factor";

/// Seconds of a time step; what every authenticator app assumes.
const STEP_SECS: u64 = 30;

/// Recovery codes that are given out.
const RECOVERY_CODES: usize = 10;

/// A new secret on its way to the user's app.
#[derive(Debug)]
pub(super) struct Enrolment {
    /// For typing in, Base32.
    pub(super) secret: SecretString,
    /// For a QR code: `otpauth://totp/…`.
    pub(super) url: SecretString,
    /// For the state, sealed.
    pub(super) sealed: String,
}

/// Makes a secret for the user.
pub(super) fn enrol(key: &DataKey, tenant: &str, user_id: &str, name: &str) -> Result<Enrolment, Problem> {
    let bytes = Zeroizing::new(keys::random::<20>().map_err(|error| Problem::internal(&error))?);
    let sealed =
        key.seal(LABEL, &owner(tenant, user_id), bytes.as_slice()).map_err(|error| Problem::internal(&error))?;
    // A colon separates issuer and account in the URL; names here have none, addresses of people do not either.
    let account = name.replace(':', " ");
    let totp = Builder::new()
        .with_secret(Secret::from(bytes.as_slice()))
        .with_issuer(Some("Vedette"))
        .with_account_name(account)
        .build()
        .map_err(|error| Problem::internal(&error))?;
    let url = totp.to_url().map_err(|error| Problem::internal(&error))?;
    Ok(Enrolment { secret: totp.secret().to_base32().into(), url: url.into(), sealed })
}

/// The time step whose code this is: now, or one before or after (clocks differ). `None` for a wrong code, and for a
/// secret that this data key did not seal.
pub(super) fn step_of(
    key: &DataKey,
    tenant: &str,
    user_id: &str,
    sealed: &str,
    code: &SecretString,
    now: Timestamp,
) -> Option<i64> {
    let secret = key.unseal(LABEL, &owner(tenant, user_id), sealed)?;
    let totp = Builder::new().with_secret(Secret::from(secret.as_slice())).build().ok()?;
    let code: Zeroizing<String> = Zeroizing::new(code.expose_secret().split_whitespace().collect());
    let current = u64::try_from(now.secs()).ok()? / STEP_SECS;
    // Every candidate is looked at, whichever fits.
    let fits = |step: u64| same(code.as_bytes(), generated(&totp, step).as_bytes());
    let found = [current.saturating_sub(1), current, current + 1].map(|step| fits(step).then_some(step));
    found.into_iter().flatten().next_back().and_then(|step| i64::try_from(step).ok())
}

/// New recovery codes: as the user sees them, and their hashes for the state.
pub(super) fn recovery_codes() -> Result<(Vec<SecretString>, Vec<String>), Problem> {
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    let mut hashes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        // 80 random bits: no dictionary reaches them, so a plain hash will do.
        let digits = keys::hex(&keys::random::<10>().map_err(|error| Problem::internal(&error))?);
        let (groups, _) = digits.as_bytes().as_chunks::<5>();
        let groups: Vec<&str> = groups.iter().filter_map(|group| std::str::from_utf8(group).ok()).collect();
        hashes.push(keys::fingerprint(&digits));
        codes.push(groups.join("-").into());
    }
    Ok((codes, hashes))
}

/// Hash of a recovery code as the state has it, however the user typed it. `None` when it cannot be one.
pub(super) fn recovery_hash(code: &SecretString) -> Option<String> {
    let digits: Zeroizing<String> = Zeroizing::new(
        code.expose_secret().chars().filter(char::is_ascii_hexdigit).map(|digit| digit.to_ascii_lowercase()).collect(),
    );
    (digits.len() == 20).then(|| keys::fingerprint(&digits))
}

/// What a login without the code is told.
pub(super) fn needed() -> Problem {
    Problem::new(Kind::Unauthenticated, "this user has a second factor")
        .fault("/code", "required")
        .hint("send the code of your authenticator app, or a recovery code, as code")
}

fn owner(tenant: &str, user_id: &str) -> String {
    format!("{tenant}/{user_id}")
}

fn generated(totp: &Totp, step: u64) -> String {
    totp.generate(step * STEP_SECS).to_string()
}

/// Compares without telling by time where two texts differ.
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_fit_their_time_step_and_their_user_only() {
        let key = DataKey::random().unwrap();
        let enrolment = enrol(&key, "default", "u1", "ada").unwrap();
        let totp = Totp::from_url(enrolment.url.expose_secret()).unwrap();
        let now = Timestamp::from_secs(1_700_000_010);
        let step: u64 = 1_700_000_010 / 30;
        let code = |step: u64| SecretString::from(generated(&totp, step));
        let step_at = |user: &str, code| step_of(&key, "default", user, &enrolment.sealed, &code, now);
        assert_eq!(step_at("u1", code(step)), Some(step.cast_signed()));
        assert_eq!(step_at("u1", code(step - 1)), Some(step.cast_signed() - 1));
        assert_eq!(step_at("u1", code(step + 1)), Some(step.cast_signed() + 1));
        assert_eq!(step_at("u1", code(step - 2)), None);
        assert_eq!(step_at("u1", code(step + 2)), None);
        assert_eq!(step_at("u2", code(step)), None, "sealed for another user");
        assert_eq!(step_at("u1", "".into()), None);
        assert!(!format!("{enrolment:?}").contains(enrolment.secret.expose_secret()));
    }

    #[test]
    fn the_codes_are_those_of_rfc_6238() {
        // Appendix B, SHA-1, of which authenticator apps show the last six digits.
        let key = DataKey::random().unwrap();
        let sealed = key.seal(LABEL, "t/u", b"12345678901234567890").unwrap();
        for (secs, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            let step = step_of(&key, "t", "u", &sealed, &code.into(), Timestamp::from_secs(secs));
            assert_eq!(step, Some(secs / 30));
        }
    }

    #[test]
    fn recovery_codes_are_known_however_they_are_typed() {
        let (codes, hashes) = recovery_codes().unwrap();
        assert_eq!((codes.len(), hashes.len()), (10, 10));
        let shown = codes[3].expose_secret();
        assert_eq!(shown.len(), 23);
        assert_eq!(recovery_hash(&codes[3]), Some(hashes[3].clone()));
        assert_eq!(recovery_hash(&shown.to_uppercase().replace('-', " ").into()), Some(hashes[3].clone()));
        assert_eq!(recovery_hash(&"123456".into()), None);
    }
}
