//! What the names of fields say.

/// Compares without case and separators: `passWord`, `pass_word` and `password` are one.
fn squashed(name: &str, out: &mut [u8; 32]) -> usize {
    let mut len = 0;
    for (place, byte) in out.iter_mut().zip(name.bytes().filter(u8::is_ascii_alphanumeric)) {
        *place = byte.to_ascii_lowercase();
        len += 1;
    }
    len
}

fn is_any(name: &str, words: &[&str]) -> bool {
    let mut buffer = [0; 32];
    let len = squashed(name, &mut buffer);
    buffer.get(..len).is_some_and(|name| words.iter().any(|word| word.as_bytes() == name))
}

fn ends(name: &str, words: &[&str]) -> bool {
    let mut buffer = [0; 32];
    let len = squashed(name, &mut buffer);
    buffer.get(..len).is_some_and(|name| words.iter().any(|word| name.ends_with(word.as_bytes())))
}

/// A field that holds what proves a login.
pub(super) fn is_password(name: &str) -> bool {
    is_any(name, &["password", "passwd", "pass", "pwd", "pin", "passcode", "secret"])
}

/// A field that names who logs in.
pub(super) fn is_login_name(name: &str) -> bool {
    is_any(
        name,
        &[
            "username",
            "user",
            "login",
            "email",
            "emailaddress",
            "loginname",
            "userid",
            "account",
            "identifier",
            "phone",
        ],
    )
}

/// A field of an answer that says what somebody may do.
pub(super) fn is_role(name: &str) -> bool {
    is_any(name, &["role", "roles", "userrole"])
}

/// A field of an answer that hands out a credential.
pub(super) fn is_token(name: &str) -> bool {
    ends(name, &["token", "session", "sessionid", "jwt", "apikey", "sid"])
}

/// A field whose numbers are names.
pub(super) fn is_id(name: &str) -> bool {
    ends(name, &["id", "ids", "number", "no", "ref", "reference", "code", "key", "uid", "pk"])
}

/// A field that the server prices or counts.
pub(super) fn is_amount(name: &str) -> bool {
    ends(name, &["price", "fee", "amount", "total", "rate", "cost", "charge", "quote", "discount", "subtotal"])
}

/// A field that decides what somebody may do or owns.
pub(crate) fn is_privileged(name: &str) -> bool {
    is_role_field(name)
        || is_any(
            name,
            &[
                "scope",
                "scopes",
                "groups",
                "verified",
                "isverified",
                "emailverified",
                "kyc",
                "kycstatus",
                "kyclevel",
                "credit",
                "creditlimit",
                "credits",
                "balance",
                "limit",
                "dailylimit",
                "plan",
                "tier",
                "owner",
                "ownerid",
                "tenantid",
                "tenant",
                "accounttype",
                "approved",
                "isapproved",
                "status",
                "level",
                "discount",
                "price",
                "fee",
                "active",
                "premium",
                "ispremium",
                "quota",
            ],
        )
}

/// A field by which the owner of an account is reached or proved.
pub(crate) fn reaches(name: &str) -> bool {
    is_any(
        name,
        &["email", "emailaddress", "phone", "phonenumber", "mobile", "password", "newpassword", "mfa", "recoveryemail"],
    )
}

/// A field that makes a role.
pub(crate) fn is_role_field(name: &str) -> bool {
    is_any(
        name,
        &[
            "role",
            "roles",
            "isadmin",
            "admin",
            "issuperuser",
            "superuser",
            "permissions",
            "permission",
            "isstaff",
            "staff",
            "usertype",
            "privileges",
            "accesslevel",
        ],
    )
}

/// A field that says how much is wanted.
pub(crate) fn is_page_size(name: &str) -> bool {
    is_any(
        name,
        &[
            "limit",
            "pagesize",
            "perpage",
            "size",
            "count",
            "first",
            "last",
            "top",
            "take",
            "maxresults",
            "rows",
            "n",
            "max",
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_without_case_and_separators() {
        assert!(is_password("passWord") && is_password("pass_word") && !is_password("passport"));
        assert!(is_id("orderId") && is_id("account_number") && is_id("id") && !is_id("quantity"));
        assert!(is_privileged("is_admin") && is_privileged("kycStatus") && !is_privileged("comment"));
        assert!(is_page_size("per-page") && !is_page_size("page"));
        assert!(is_login_name("e-mail") == is_login_name("email") && is_token("access_token"));
    }
}
