//! The vector files, read as they are.

use std::path::PathBuf;

use data_encoding::HEXLOWER;
use serde_json::Value;

/// A group of vectors: what they have in common, such as a key.
pub(super) struct Group {
    file: String,
    members: Value,
}

/// One vector.
pub(super) struct Test(Value);

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/wycheproof")
}

/// The names of all files, without their common ending, sorted.
pub(super) fn files() -> Vec<String> {
    let entries = std::fs::read_dir(directory()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names
        .filter_map(|name| name.strip_suffix("_test.json").map(str::to_owned))
        .collect();
    names.sort();
    names
}

pub(super) fn groups(name: &str) -> Vec<Group> {
    let text = std::fs::read_to_string(directory().join(format!("{name}_test.json"))).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let of_file = |members| Group {
        file: name.to_owned(),
        members,
    };
    let groups: Vec<_> = file["testGroups"]
        .as_array()
        .unwrap()
        .iter()
        .cloned()
        .map(of_file)
        .collect();
    let tests: usize = groups.iter().map(|group| group.tests().count()).sum();
    assert_eq!(file["numberOfTests"], tests, "{name} is not whole");
    groups
}

impl Group {
    /// The name of the file that it is from.
    pub(super) fn file(&self) -> &str {
        &self.file
    }

    pub(super) fn tests(&self) -> impl Iterator<Item = Test> {
        self.members["tests"].as_array().unwrap().iter().cloned().map(Test)
    }

    pub(super) fn number(&self, field: &str) -> u64 {
        self.members[field].as_u64().unwrap()
    }

    pub(super) fn text(&self, field: &str) -> &str {
        self.members[field].as_str().unwrap()
    }

    /// A number in hexadecimal digits within a field, without leading zeros.
    pub(super) fn integer(&self, field: &str, part: &str) -> Vec<u8> {
        let bytes = hexadecimal(self.members[field][part].as_str().unwrap());
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        bytes[zeros..].to_vec()
    }

    /// Bytes or a name within a field.
    pub(super) fn part(&self, field: &str, part: &str) -> &str {
        self.members[field][part].as_str().unwrap()
    }
}

impl Test {
    pub(super) fn number(&self) -> u64 {
        self.0["tcId"].as_u64().unwrap()
    }

    /// `valid`, `invalid` or `acceptable`.
    pub(super) fn expected(&self) -> &str {
        self.0["result"].as_str().unwrap()
    }

    pub(super) fn bytes(&self, field: &str) -> Vec<u8> {
        hexadecimal(self.0[field].as_str().unwrap())
    }
}

pub(super) fn hexadecimal(text: &str) -> Vec<u8> {
    HEXLOWER.decode(text.as_bytes()).unwrap()
}
