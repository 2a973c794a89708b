use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// Builds a value with the reader, to compare with serde_json.
fn build(reader: &mut Reader<'_>, token: Token<'_>) -> Result<Value, Broken> {
    Ok(match token {
        Token::Null => Value::Null,
        Token::Bool(value) => value.into(),
        Token::Number(number) => serde_json::from_str(number.raw).map_err(|_| Broken::Malformed)?,
        Token::Text(text) => text.unescape().into(),
        Token::Array => {
            let (mut items, mut first) = (Vec::new(), true);
            while reader.item(&mut first)? {
                let token = reader.value()?;
                items.push(build(reader, token)?);
            }
            items.into()
        }
        Token::Object => {
            let (mut object, mut first) = (serde_json::Map::new(), true);
            while let Some(key) = reader.key(&mut first)? {
                let token = reader.value()?;
                object.insert(key.into_owned(), build(reader, token)?);
            }
            object.into()
        }
    })
}

fn read(text: &str) -> Result<Value, Broken> {
    let mut reader = Reader::new(text);
    let token = reader.value()?;
    let value = build(&mut reader, token)?;
    reader.end()?;
    Ok(value)
}

#[test]
fn broken_texts_are_told_apart() {
    use Broken::{Malformed, Truncated};
    for (text, expected) in [
        ("", Truncated),
        ("  ", Truncated),
        ("{", Truncated),
        ("[1,", Truncated),
        ("{\"a\"", Truncated),
        ("{\"a\":", Truncated),
        ("\"abc", Truncated),
        ("\"a\\", Truncated),
        ("\"\\u12", Truncated),
        ("tru", Truncated),
        ("-", Truncated),
        ("1.", Truncated),
        ("1e", Truncated),
        ("[1,]", Malformed),
        ("[,1]", Malformed),
        ("[1 2]", Malformed),
        ("{,}", Malformed),
        ("{\"a\":1,}", Malformed),
        ("{\"a\" 1}", Malformed),
        ("{a:1}", Malformed),
        ("{'a':1}", Malformed),
        ("01", Malformed),
        ("+1", Malformed),
        (".5", Malformed),
        ("1.e5", Malformed),
        ("NaN", Malformed),
        ("nul!", Malformed),
        ("\"\\x41\"", Malformed),
        ("\"\\u12g4\"", Malformed),
        ("\"a\nb\"", Malformed),
        ("1 2", Malformed),
        ("<html>", Malformed),
        ("[}", Malformed),
    ] {
        assert_eq!(read(text), Err(expected), "{text}");
    }
}

#[test]
fn numbers_keep_their_value_and_their_kind() {
    for (text, integer, whole) in [
        ("0", Some(0), true),
        ("-0", Some(0), true),
        ("-12", Some(-12), true),
        ("999999999999999999", Some(999_999_999_999_999_999), true),
        ("9223372036854775807", Some(i64::MAX), true),
        ("-9223372036854775808", Some(i64::MIN), true),
        ("9223372036854775808", None, true),
        ("1.0", None, false),
        ("1e3", None, false),
    ] {
        let Ok(Token::Number(number)) = Reader::new(text).value() else { panic!("{text}") };
        assert_eq!((number.integer, number.whole), (integer, whole), "{text}");
        assert!((number.as_f64() - text.parse::<f64>().unwrap()).abs() < 1.0, "{text}");
    }
}

#[test]
fn a_guessed_key_is_the_key_or_no_key() {
    for (text, guess, expected) in [
        (r#"{"id":1}"#, "id", Ok(Some(Key::Guessed))),
        (r#"{"id":1}"#, "i", Ok(Some(Key::Other("id".into())))),
        (r#"{"id":1}"#, "ids", Ok(Some(Key::Other("id".into())))),
        (r#"{"":1}"#, "", Ok(Some(Key::Guessed))),
        (r#"{"i\u0064":1}"#, "id", Ok(Some(Key::Other("id".into())))),
        (r#"{ "id" :1}"#, "id", Ok(Some(Key::Guessed))),
        (r#"{"id"1}"#, "id", Err(Broken::Malformed)),
        (r#"{"id"#, "id", Err(Broken::Truncated)),
        ("{}", "id", Ok(None)),
    ] {
        let mut reader = Reader::new(text);
        assert_eq!(reader.value(), Ok(Token::Object));
        assert_eq!(reader.key_like(&mut true, Some(guess)), expected, "{text}");
    }
    assert!(Text::is_plain("id é") && !Text::is_plain("a\"b") && !Text::is_plain("\\") && !Text::is_plain("a\nb"));
}

#[test]
fn any_depth_is_skipped_without_a_stack() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000) + " 1";
    let mut reader = Reader::new(&deep);
    assert_eq!(reader.value(), Ok(Token::Array));
    assert_eq!(reader.skip(), Ok(()));
    assert_eq!(reader.position(), 200_000);
    let mut cut = Reader::new("[[{\"a]\":\"}\"");
    assert_eq!((cut.value(), cut.skip()), (Ok(Token::Array), Err(Broken::Truncated)));
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |f| f.is_finite()).prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        "[\\x00-\\x7f]{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("\\PC{0,8}", inner, 0..6).prop_map(|m| m.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(value in json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let expected: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(read(&text), Ok(expected));
        let mut reader = Reader::new(&text);
        if matches!(reader.value(), Ok(Token::Array | Token::Object)) {
            prop_assert_eq!(reader.skip(), Ok(()));
            prop_assert_eq!(reader.end(), Ok(()));
        }
        for cut in (0..text.len()).filter(|cut| text.is_char_boundary(*cut)) {
            if matches!(value, Value::Array(_) | Value::Object(_) | Value::String(_)) {
                prop_assert_eq!(read(&text[..cut]), Err(Broken::Truncated), "{}", &text[..cut]);
            }
        }
    }

    #[test]
    fn what_serde_json_refuses_is_refused(text in "[\\[\\]{},:\"\\\\0-9a-fntrul.eE+\\- é\n]{0,24}") {
        // It also refuses what has no value in Rust: lone surrogates and numbers past the largest double.
        prop_assume!(!text.contains("\\u"));
        let refused = match serde_json::from_str::<Value>(&text) {
            Ok(_) => false,
            Err(error) if error.to_string().contains("out of range") => return Ok(()),
            Err(_) => true,
        };
        prop_assert_eq!(read(&text).is_err(), refused, "{}", text);
    }
}
