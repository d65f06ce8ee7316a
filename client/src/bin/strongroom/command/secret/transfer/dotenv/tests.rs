use super::*;

fn shown(text: &str) -> Vec<(String, String)> {
    let shown = |entry: &Entry| {
        let bytes = entry.value.material().reveal_to_wire(<[u8]>::to_vec);
        (entry.name.clone(), String::from_utf8(bytes).unwrap())
    };
    read(text.as_bytes(), "p/").unwrap().iter().map(shown).collect()
}

#[test]
fn values_are_read_as_others_read_them() {
    let text = "# a comment\n\nPLAIN=a b # said\nHASH=a#b\nexport QUOTED=\"a \\\"b\\\" \\$c\\n\" # said\nSINGLE='$a \\n'\nEMPTY=\n";
    let expected = [
        ("p/PLAIN", "a b"),
        ("p/HASH", "a#b"),
        ("p/QUOTED", "a \"b\" $c\n"),
        ("p/SINGLE", "$a \\n"),
        ("p/EMPTY", ""),
    ];
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    assert_eq!(shown(text), expected.map(owned));
}

#[test]
fn what_was_written_is_read_again() {
    let value = "first\nsecond\r\t\"quoted\" \\ $HOME 'x' `y` # z \u{1F511}";
    let entries = [Entry {
        name: "p/KEY_1".to_owned(),
        value: Value::text(value.to_owned()),
    }];
    let written = String::from_utf8(write(&entries, "p/").unwrap()).unwrap();
    assert_eq!(written.lines().count(), 1);
    assert_eq!(shown(&written), [("p/KEY_1".to_owned(), value.to_owned())]);
}

/// Whoever sources the file runs nothing that is in a value.
#[test]
fn a_shell_reads_a_line_as_it_was() {
    let value = "`echo ran` $(echo ran) ${HOME} \"quoted\" back\\slash";
    let entries = [Entry {
        name: "p/KEY".to_owned(),
        value: Value::text(value.to_owned()),
    }];
    let mut script = String::from_utf8(write(&entries, "p/").unwrap()).unwrap();
    script.push_str("printf %s \"$KEY\"");
    let output = std::process::Command::new("/bin/sh").arg("-c").arg(script).output();
    assert_eq!(String::from_utf8(output.unwrap().stdout).unwrap(), value);
}

#[test]
fn what_no_line_can_hold_is_refused() {
    let told = |name: &str, value: Value| {
        let entries = [Entry {
            name: name.to_owned(),
            value,
        }];
        write(&entries, "p/").err().unwrap().to_string()
    };
    let expected = |name: &str| {
        format!(
            "the secret {name} cannot be in a dotenv file: behind the prefix its name must be that of a variable (letters, \
             digits and _), and its value text; --format json has no such limits"
        )
    };
    assert_eq!(told("p/a-b", Value::text("x".to_owned())), expected("p/a-b"));
    assert_eq!(told("p/A", Value::binary(vec![0xff])), expected("p/A"));
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    for (line, told) in [
        ("hush", "write NAME=VALUE"),
        (
            "1A=hush",
            "a name has letters, digits and _, and begins with none of the digits",
        ),
        ("FIRST=hush", "FIRST comes twice"),
        ("A=\"hush", "a value without its closing \""),
        ("A='hush", "a value without its closing '"),
        ("A='hush' more", "something behind the closing quote"),
        ("A=\"\\q\"", "a backslash before something that it does not change"),
    ] {
        let text = format!("FIRST=1\n{line}\n");
        assert_eq!(
            read(text.as_bytes(), "").err().unwrap(),
            format!("line 2: {told}"),
            "{line}"
        );
    }
}
