//! Small files of each kind, written for these tests: what is carried over is found, the rest is named.

use proptest::prelude::*;

use super::super::{Classifier, Match};
use super::{Imported, Kind, fuzz, yaml};

const GITLEAKS: &str = r#"
title = "own rules"
[allowlist]
regexes = ['''^\$\{[A-Z_]+}$''', '''(?i)changeme''']
stopwords = ["donotuse"]
paths = ['''vendor/''']

[[rules]]
id = "acme-token"
description = "Token of Acme"
regex = '''\b(acme_[a-z0-9]{16})\b'''
entropy = 3.0
keywords = ["acme_"]
tags = ["acme"]
  [[rules.allowlists]]
  regexes = ['''^acme_0000''']
  stopwords = ["sample"]

[[rules]]
id = "globex-pair"
regex = '''(?i)globex(id|user)=(\w+):([a-z0-9]{12,40})'''
secretGroup = 3
keywords = ["globex"]

[[rules]]
id = "key-files"
description = "files"
path = '''\.p12$'''

[[rules]]
id = "tf-only"
regex = '''tfpw_[a-z]{8}[0-9]{8}'''
keywords = ["tfpw_"]
path = '''\.tf$'''

[[rules]]
id = "around"
regex = '''(?<!x)abc[0-9]{9}'''
"#;

const PRESIDIO: &str = r"
recognizers:
  - name: Zip code
    supported_language: en
    patterns:
      - name: zip
        regex: '(\b\d{5}(?:\-\d{4})?\b)'
        score: 0.2
    context: [zip, postcode]
    supported_entity: ZIP
  - name: Title
    supported_language: de
    supported_entity: TITLE
    deny_list: [Oberstudienrat, Prof.]
  - name: Staff
    supported_entity: STAFF_ID
    patterns:
      - { name: long, regex: 'staff-[a-z]+-\d{6}', score: 0.8 }
      - { name: behind, regex: '(?<=id )\d{6}', score: 0.8 }
  - CreditCardRecognizer
  - name: Off
    enabled: false
    patterns: [{ name: x, regex: 'off\d{9}', score: 0.9 }]
";

const PURVIEW: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<RulePackage xmlns="http://schemas.microsoft.com/office/2011/mce">
  <Rules>
    <Entity id="e1" patternsProximity="300" recommendedConfidence="75">
      <Pattern confidenceLevel="85">
        <IdMatch idRef="Regex_staff"/>
        <Any minMatches="1"><Match idRef="Keyword_staff"/></Any>
      </Pattern>
      <Pattern confidenceLevel="65"><IdMatch idRef="Regex_staff"/></Pattern>
    </Entity>
    <Entity id="e2"><Pattern confidenceLevel="85"><IdMatch idRef="Func_credit_card"/></Pattern></Entity>
    <Entity id="e3"><Pattern confidenceLevel="85"><IdMatch idRef="Func_of_our_own"/></Pattern></Entity>
    <Affinity id="a1"><Evidence confidenceLevel="75"/></Affinity>
    <Regex id="Regex_staff">(\s)([A-Z]{3}\d{6})(\s)</Regex>
    <Keyword id="Keyword_staff"><Group matchStyle="word"><Term>staff number</Term><Term>R&amp;D badge</Term></Group></Keyword>
    <LocalizedStrings>
      <Resource idRef="e1"><Name default="true" langcode="en-us">Staff number</Name></Resource>
      <Resource idRef="e2"><Name default="true" langcode="en-us">Card</Name></Resource>
    </LocalizedStrings>
  </Rules>
</RulePackage>
"#;

/// Imports one file and loads what was written.
fn load(text: &str) -> (Imported, Classifier, String) {
    let imported = Imported::read("own", text, None).unwrap();
    let again = Imported::read("own", text, None).unwrap();
    let yaml = yaml(&[("own".to_owned(), again)]);
    let classifier = Classifier::with_custom("classes.yaml", &yaml).unwrap_or_else(|all| panic!("{all:?}\n{yaml}"));
    (imported, classifier, yaml)
}

fn found<'t>(classifier: &Classifier, text: &'t str) -> Vec<(String, &'t str)> {
    let mut matches: Vec<Match> = Vec::new();
    classifier.scan(text, &mut matches);
    matches.iter().map(|one| (classifier.class(one.class).unwrap().id.clone(), &text[one.start..one.end])).collect()
}

fn pairs<'t>(expected: &[(&str, &'t str)]) -> Vec<(String, &'t str)> {
    expected.iter().map(|(class, text)| ((*class).to_owned(), *text)).collect()
}

#[test]
fn gitleaks_rules_become_classes() {
    let (imported, classifier, yaml) = load(GITLEAKS);
    assert_eq!(imported.class_count(), 3);
    for (text, expected) in [
        ("x acme_k3rf9qxz2mt7vlb8 y", &[("acme-token", "acme_k3rf9qxz2mt7vlb8")][..]),
        ("acme_aaaaaaaaaaaaaaaa", &[]),
        ("acme_0000k3rf9qxz2mt7", &[]),
        ("acme_samplek3rf9qxz2m", &[]),
        ("acme_donotusek3rf9qxz", &[]),
        ("GlobexUser=ada:k3rf9qxz2mt7vlb8", &[("globex-pair", "k3rf9qxz2mt7vlb8")]),
        ("globexuser=ada:changeme12345", &[]),
        ("tfpw_kjhgfdsa12873465", &[("tf-only", "tfpw_kjhgfdsa12873465")]),
    ] {
        let ours: Vec<_> =
            found(&classifier, text).into_iter().filter(|(class, _)| yaml.contains(class.as_str())).collect();
        assert_eq!(ours, pairs(expected), "{text}");
    }
    let id = |key: &str, value: &str| {
        classifier.value(key, value).first().map(|class| classifier.class(*class).unwrap().id.clone())
    };
    assert_ne!(id("globexUser", "ada:k3rf9qxz2mt7vlb8").as_deref(), Some("globex-pair"), "the group is not all of it");
    assert_eq!(id("acme", "acme_k3rf9qxz2mt7vlb8").as_deref(), Some("acme-token"));
    let names: Vec<(&str, usize)> = imported.skipped.iter().map(|one| (one.name.as_str(), one.line)).collect();
    assert_eq!(names, [("global allow-list", 3), ("key-files", 25), ("around", 36)]);
    assert_eq!(imported.differing.len(), 1);
    assert!(imported.differing[0].text.contains("path"), "{:?}", imported.differing);
    assert!(yaml.contains("# - around (line 36): look-around has no counterpart"), "{yaml}");
}

#[test]
fn a_group_that_is_not_there_is_said() {
    let rule = "[[rules]]\nid = 'x'\nregex = '''initech_([a-z]{20})'''\nsecretGroup = 2\nentropy = inf\n";
    let imported = Imported::read("x", rule, None).unwrap();
    assert_eq!((imported.class_count(), imported.skipped.len()), (0, 1));
    assert!(imported.skipped[0].text.contains("has 1 groups"), "{:?}", imported.skipped);
}

#[test]
fn a_pattern_with_a_name_in_it_sees_the_name_of_a_field() {
    let regex = r#"(?i)initech\w{0,20}[\s"']{0,3}[=:][\s"']{0,3}([a-z0-9]{20})(?:[\s"']|$)"#;
    let (_, classifier, _) =
        load(&format!("[[rules]]\nid = 'initech'\nregex = '''{regex}'''\nkeywords = ['initech']\n"));
    let named = |key: &str| {
        let found = classifier.value(key, "k3rf9qxz2mt7vlb8wnyp");
        found.iter().any(|class| classifier.class(*class).unwrap().id == "initech")
    };
    assert!(named("initechKey") && named("billing.initech_key") && !named("otherKey"));
}

#[test]
fn presidio_recognizers_become_classes() {
    let (imported, classifier, _) = load(PRESIDIO);
    assert_eq!(imported.class_count(), 3);
    assert_eq!(found(&classifier, "the zip is 94110-1234"), pairs(&[("zip", "94110-1234")]));
    assert_eq!(found(&classifier, "there were 94110 of them"), pairs(&[]));
    assert_eq!(found(&classifier, "der oberstudienrat sprach"), pairs(&[("title", "oberstudienrat")]));
    assert_eq!(found(&classifier, "by staff-ada-123456."), pairs(&[("staff-id", "staff-ada-123456")]));
    assert_eq!(classifier.value("zip", "94110").len(), 1);
    let skipped: Vec<&str> = imported.skipped.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(skipped, ["CreditCardRecognizer", "Off"]);
    assert!(imported.skipped[0].text.contains("payment-card"));
    assert!(imported.differing.iter().any(|one| one.name == "Staff" && one.text.contains("look-around")));
    assert!(imported.differing.iter().any(|one| one.name == "Title" && one.line == 11));
}

#[test]
fn purview_types_become_classes() {
    let (imported, classifier, _) = load(PURVIEW);
    assert_eq!(imported.class_count(), 2);
    assert_eq!(found(&classifier, "the staff number is ABC123456."), pairs(&[("staff-number", "ABC123456")]));
    assert_eq!(found(&classifier, "r&d badge ABC123456"), pairs(&[("staff-number", "ABC123456")]));
    assert_eq!(found(&classifier, "card 4111 1111 1111 1111 x"), pairs(&[("card", "4111 1111 1111 1111")]));
    assert_eq!(found(&classifier, "number 4111 1111 1111 1112 x"), pairs(&[]));
    let skipped: Vec<(&str, usize)> = imported.skipped.iter().map(|one| (one.name.as_str(), one.line)).collect();
    assert_eq!(skipped, [("a1", 13), ("e3", 12)]);
    assert!(imported.differing.iter().any(|one| one.name == "patternsProximity"));
}

#[test]
fn what_cannot_be_read_is_said_with_its_place() {
    for (text, place, message) in [
        ("hello", (1, 1), "no definitions"),
        ("[[rules]]\nid = 3\n", (2, 6), "not gitleaks rules"),
        ("[[rules]]\nid = \"a\"\nregex = '''x\n", (4, 1), "not gitleaks rules"),
        ("recognizers: 3\n", (1, 1), "no list"),
        ("recognizers:\n  - {", (2, 5), "no YAML"),
        ("<RulePackage><Rules></Rule></RulePackage>", (1, 21), "no XML"),
        ("<!DOCTYPE x [<!ENTITY a \"b\">]>\n<RulePackage>&a;</RulePackage>", (1, 1), "document type"),
        ("<RulePackage><Rules>", (1, 21), "ends in the middle"),
    ] {
        let error = Imported::read("x", text, None).unwrap_err();
        assert!(error.message.contains(message), "{text}: {error}");
        assert_eq!((error.line, error.column), place, "{text}: {error}");
    }
    assert_eq!(Kind::of("<a/>"), None);
}

#[test]
fn long_lists_of_words_are_cut_and_said_to_be() {
    let terms = (0..3_000).fold(String::new(), |text, n| text + "<Term>word " + &n.to_string() + "</Term>");
    let matches = "<Match idRef=\"k\"/>".repeat(5_000);
    let text = format!(
        "<RulePackage><Entity id=\"e\"><Pattern confidenceLevel=\"85\"><IdMatch idRef=\"k\"/>{matches}</Pattern></Entity>\
         <Keyword id=\"k\"><Group>{terms}</Group></Keyword></RulePackage>"
    );
    let (imported, classifier, yaml) = load(&text);
    assert!(
        imported.differing.iter().any(|one| one.text.contains("of 3000 words the first 1000")),
        "{:?}",
        imported.differing
    );
    assert!(yaml.len() < 200_000, "{}", yaml.len());
    assert_eq!(found(&classifier, "a word 999 here"), pairs(&[("e", "word 999")]));
}

#[test]
fn attributes_of_any_number_cost_their_length() {
    let attributes = (0..50_000).fold(String::new(), |text, n| text + " a" + &n.to_string() + "=\"\"");
    let text = format!("<RulePackage><Entity{attributes}/></RulePackage>");
    assert_eq!(Imported::read("x", &text, None).unwrap().skipped.len(), 1);
    let broken = "<RulePackage>\n<Entity id=>\n</Entity></RulePackage>";
    assert_eq!(Imported::read("x", broken, None).unwrap_err().line, 2);
}

#[test]
fn a_deep_document_is_refused() {
    let deep = format!("<RulePackage>{}", "<a>".repeat(100_000));
    assert!(Imported::read("x", &deep, None).unwrap_err().message.contains("levels"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_change_of_a_file_is_imported_or_refused(
        base in 0..3_usize, at in 0..4_000_usize, len in 0..40_usize, bytes in proptest::collection::vec(any::<u8>(), 0..12)
    ) {
        let mut text = [GITLEAKS, PRESIDIO, PURVIEW][base].as_bytes().to_vec();
        let at = at % text.len();
        let end = (at + len).min(text.len());
        text.splice(at..end, bytes);
        fuzz::classes_import(&text);
    }
}
