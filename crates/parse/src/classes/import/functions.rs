//! Functions of Microsoft Purview that check what ours check, too: with a form of ours and our validator.

/// Names of functions without `Func_`, the form that is looked for, and what checks it.
const FUNCTIONS: &[(&[&str], &str, &str)] = &[
    (&["aba_routing"], r"\d{4}-?\d{4}-?\d", "aba-routing"),
    (&["brazil_cnpj"], r"\d{2}\.?\d{3}\.?\d{3}/?\d{4}-?\d{2}", "br-cnpj"),
    (&["brazil_cpf"], r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}", "br-cpf"),
    (&["credit_card"], r"\d(?:[ -]?\d){12,18}", "payment-card"),
    (&["formatted_itin", "unformatted_itin"], r"9\d{2}[ -]?\d{2}[ -]?\d{4}", "us-itin"),
    (&["french_insee", "france_insee"], r"[12] ?\d{2} ?\d{2} ?\d[\dAB] ?\d{3} ?\d{3} ?\d{2}", "nir"),
    (&["german_tax_id", "germany_tax_identification_number"], r"\d{2} ?\d{3} ?\d{3} ?\d{3}", "de-tax-id"),
    (&["iban"], r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?", "iban"),
    (&["india_aadhaar"], r"\d{4}[ -]?\d{4}[ -]?\d{4}", "aadhaar"),
    (&["india_permanent_account_number"], r"[A-Z]{5}\d{4}[A-Z]", "in-pan"),
    (&["ipv4_address", "ip_v4_address"], r"\d{1,3}(?:\.\d{1,3}){3}", "ipv4"),
    (&["italy_fiscal_code"], r"[A-Z]{6}\d\d[A-Z]\d\d[A-Z]\d{3}[A-Z]", "codice-fiscale"),
    (&["netherlands_bsn"], r"\d{3}[ .]?\d{3}[ .]?\d{3}", "nl-bsn"),
    (&["spain_dni", "spanish_national_id"], r"\d{8}[ -]?[A-Z]", "dni"),
    (
        &["ssn", "formatted_ssn", "unformatted_ssn", "randomized_formatted_ssn", "randomized_unformatted_ssn"],
        r"\d{3}[ -]?\d{2}[ -]?\d{4}",
        "us-ssn",
    ),
    (&["swift"], r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", "bic"),
    (&["uk_nhs_number"], r"\d{3}[ -]?\d{3}[ -]?\d{4}", "nhs-number"),
    (&["uk_nino"], r"[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]", "uk-nino"),
];

/// Words in the name of a check, and the validator of ours that is the same.
const CHECKS: &[(&str, &str)] =
    &[("luhn", "luhn"), ("credit_card", "payment-card"), ("iban", "iban"), ("routing", "aba-routing")];

/// The form and the check of a function.
pub(super) fn pattern(name: &str) -> Option<(&'static str, &'static str)> {
    let name = name.to_ascii_lowercase();
    let name = name.strip_prefix("func_")?;
    FUNCTIONS.iter().find(|(names, ..)| names.contains(&name)).map(|(_, regex, validator)| (*regex, *validator))
}

/// A validator for the name of a check.
pub(super) fn validator(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    CHECKS.iter().find(|(word, _)| name.contains(word)).map(|(_, validator)| *validator)
}

#[cfg(test)]
mod tests {
    use super::super::super::automaton::WordAutomaton;
    use super::super::super::validators;
    use super::*;

    #[test]
    fn every_function_has_a_form_and_a_check_that_are_known() {
        for (names, regex, validator) in FUNCTIONS {
            assert!(WordAutomaton::compile(&[regex]).is_ok(), "{names:?}");
            assert!(validators::by_name(validator).is_some(), "{validator}");
        }
        for (_, validator) in CHECKS {
            assert!(validators::by_name(validator).is_some(), "{validator}");
        }
        assert!(pattern("Func_credit_card").is_some() && pattern("Func_unheard_of").is_none());
    }
}
