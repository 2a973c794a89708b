//! Checks of a match that a pattern cannot express: check digits, calendars, entropy.

mod finance;
mod network;
mod person;
mod phone;
mod secret;
mod tax;

/// Judges a match: 0 refuses it, up to 1 is the belief that it is what it looks like. It sees the whole match with its
/// separators.
pub(crate) type Validator = fn(&str) -> f32;

/// What judges a pattern of ours that names no validator, when its class is a secret.
pub(crate) const NOT_PLACEHOLDER: Validator = secret::not_placeholder;

/// A validator by the name that class files use.
pub(crate) fn by_name(name: &str) -> Option<Validator> {
    VALIDATORS.iter().find(|(known, _)| *known == name).map(|(_, validator)| *validator)
}

/// Names of all validators, for hints.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    VALIDATORS.iter().map(|(name, _)| *name)
}

const VALIDATORS: &[(&str, Validator)] = &[
    ("aadhaar", tax::aadhaar),
    ("aba-routing", finance::aba_routing),
    ("account-number", finance::account_number),
    ("aws-secret", secret::aws_secret),
    ("basic-credentials", secret::basic_credentials),
    ("bearer-token", secret::bearer_token),
    ("bic", finance::bic),
    ("birth-date", person::birth_date),
    ("br-cnpj", tax::br_cnpj),
    ("br-cpf", tax::br_cpf),
    ("codice-fiscale", tax::codice_fiscale),
    ("coordinate", person::coordinate),
    ("coordinate-pair", person::coordinate_pair),
    ("de-tax-id", tax::de_tax_id),
    ("dni", tax::dni),
    ("entropy", secret::entropy),
    ("entropy-or-word", secret::entropy_or_word),
    ("entropy-short", secret::entropy_short),
    ("health-text", person::health_text),
    ("iban", finance::iban),
    ("icd-10", person::icd_10),
    ("in-pan", tax::in_pan),
    ("ipv4", network::ipv4),
    ("ipv6", network::ipv6),
    ("jwt", secret::jwt),
    ("luhn", finance::luhn),
    ("mac", network::mac),
    ("nhs-number", person::nhs_number),
    ("nir", tax::nir),
    ("nl-bsn", tax::nl_bsn),
    ("not-placeholder", secret::not_placeholder),
    ("not-run", secret::not_run),
    ("npi", person::npi),
    ("nral", secret::nral),
    ("passport", person::passport),
    ("password", secret::password),
    ("password-literal", secret::password_literal),
    ("payment-card", finance::payment_card),
    ("person-name", person::person_name),
    ("person-name-with-title", person::person_name_with_title),
    ("phone", phone::phone),
    ("postal-address", person::postal_address),
    ("random-value", secret::random_value),
    ("record-number", person::record_number),
    ("secret-value", secret::secret_value),
    ("security-code", finance::security_code),
    ("session-id", secret::session_id),
    ("uk-nino", tax::uk_nino),
    ("url", network::url),
    ("url-or-www", network::url_or_www),
    ("us-itin", tax::us_itin),
    ("us-ssn", tax::us_ssn),
    ("user-and-password", secret::user_and_password),
    ("vault-legacy", secret::vault_legacy),
    ("vin", tax::vin),
];

/// The digits of a text as numbers, at most 32 of them.
pub(crate) struct Digits {
    digits: [u8; 32],
    len: usize,
}

impl Digits {
    /// Takes the digits, skips everything else. More than 32 digits count as none.
    pub(crate) fn of(text: &str) -> Self {
        let mut found = Self { digits: [0; 32], len: 0 };
        for byte in text.bytes().filter(u8::is_ascii_digit) {
            let Some(slot) = found.digits.get_mut(found.len) else { return Self { digits: [0; 32], len: 0 } };
            *slot = byte - b'0';
            found.len += 1;
        }
        found
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        self.digits.get(..self.len).unwrap_or_default()
    }

    /// True when all digits are the same: a placeholder, though many check digits accept it.
    pub(crate) fn uniform(&self) -> bool {
        self.as_slice().windows(2).all(|pair| matches!(pair, [a, b] if a == b))
    }

    /// The number that a range of digits writes.
    pub(crate) fn number(&self, from: usize, to: usize) -> u64 {
        self.as_slice().get(from..to).unwrap_or_default().iter().fold(0, |n, digit| n * 10 + u64::from(*digit))
    }
}

/// 1 for true, 0 for false: a check that is sure.
pub(crate) fn sure(valid: bool) -> f32 {
    f32::from(u8::from(valid))
}
