//! `vedette classes import`: what a team has becomes what `--classes` takes.

use std::fs;

use super::{folder, vedette};

const RULES: &str = "[[rules]]\nid = \"harbor-token\"\nregex = '''\\b(hbr_[a-z0-9]{20})\\b'''\nkeywords = [\"hbr_\"]\n\n\
                     [[rules]]\nid = \"files\"\npath = '''\\.pem$'''\n";

#[test]
fn what_is_imported_classifies_and_the_rest_is_named() {
    let folder = folder("classes-import");
    fs::write(folder.join("rules.toml"), RULES).unwrap();
    let said = vedette(&folder, &["classes", "import", "rules.toml", "--out", "own.yaml"], b"");
    assert_eq!((said.code, said.stdout.as_str()), (0, ""), "{}", said.stderr);
    assert!(said.stderr.contains("not carried over: files (line 6)"), "{}", said.stderr);
    assert!(said.stderr.ends_with("wrote 1 class to own.yaml\n"), "{}", said.stderr);
    let text = br#"{"id":1,"text":"x hbr_k3rf9qxz2mt7vlb8wnyp y"}"#;
    let found = vedette(&folder, &["classify", "--classes", "own.yaml"], text);
    assert!(found.stdout.contains("\"harbor-token\""), "{}", found.stdout);
    let json = vedette(&folder, &["classes", "import", "rules.toml", "--out", "own.yaml", "--json"], b"").results();
    assert_eq!(json["files"][0]["classes"], 1);
    assert_eq!(json["files"][0]["not_carried_over"][0]["name"], "files");
}

#[test]
fn what_is_no_definition_is_refused_with_a_hint() {
    let folder = folder("classes-import-bad");
    fs::write(folder.join("notes.txt"), "hello\n").unwrap();
    fs::write(folder.join("broken.toml"), "[[rules]]\nid = \n").unwrap();
    fs::write(folder.join("none.toml"), "[[rules]]\nid = 'files'\npath = 'x'\n").unwrap();
    for (file, expected) in [
        ("notes.txt", "error: notes.txt:1:1: no definitions that are known"),
        ("broken.toml", "error: broken.toml:2:"),
        ("none.toml", "no definition could be carried over"),
        ("missing.toml", "reading missing.toml"),
    ] {
        let said = vedette(&folder, &["classes", "import", file, "--out", "own.yaml"], b"");
        assert_eq!(said.code, 2, "{file}");
        assert!(said.stderr.contains(expected) && said.stderr.contains("hint:"), "{file}: {}", said.stderr);
        assert!(!folder.join("own.yaml").exists(), "{file}");
    }
    fs::write(folder.join("rules.toml"), RULES).unwrap();
    let said =
        vedette(&folder, &["classes", "import", "rules.toml", "--level", "crown-jewels", "--out", "own.yaml"], b"");
    assert!(said.code == 2 && said.stderr.contains("`crown-jewels` is not known"), "{}", said.stderr);
}
