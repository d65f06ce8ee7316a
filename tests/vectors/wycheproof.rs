//! The files of `wycheproof/`, read as they are: for the tests of every crate that runs them.

use std::path::PathBuf;

use data_encoding::HEXLOWER;
use serde_json::Value;

/// A group of vectors: what they have in common, such as a key.
pub(crate) struct Group {
    file: String,
    members: Value,
}

/// One vector.
pub(crate) struct Test(Value);

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/wycheproof")
}

/// The names of all files, without their common ending, sorted.
pub(crate) fn files() -> Vec<String> {
    let entries = std::fs::read_dir(directory()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names
        .filter_map(|name| name.strip_suffix("_test.json").map(str::to_owned))
        .collect();
    names.sort();
    names
}

pub(crate) fn groups(name: &str) -> Vec<Group> {
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
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    pub(crate) fn tests(&self) -> impl Iterator<Item = Test> {
        self.members["tests"].as_array().unwrap().iter().cloned().map(Test)
    }

    pub(crate) fn number(&self, field: &str) -> u64 {
        self.members[field].as_u64().unwrap()
    }

    pub(crate) fn text(&self, field: &str) -> &str {
        self.members[field].as_str().unwrap()
    }

    /// A number in hexadecimal digits within a field, without leading zeros.
    pub(crate) fn integer(&self, field: &str, part: &str) -> Vec<u8> {
        let bytes = hexadecimal(self.members[field][part].as_str().unwrap());
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        bytes[zeros..].to_vec()
    }

    /// Bytes or a name within a field.
    pub(crate) fn part(&self, field: &str, part: &str) -> &str {
        self.members[field][part].as_str().unwrap()
    }
}

impl Test {
    pub(crate) fn number(&self) -> u64 {
        self.0["tcId"].as_u64().unwrap()
    }

    /// `valid`, `invalid` or `acceptable`.
    pub(crate) fn expected(&self) -> &str {
        self.0["result"].as_str().unwrap()
    }

    pub(crate) fn bytes(&self, field: &str) -> Vec<u8> {
        hexadecimal(self.0[field].as_str().unwrap())
    }

    /// Bytes that not every vector has.
    pub(crate) fn optional_bytes(&self, field: &str) -> Option<Vec<u8>> {
        self.0[field].as_str().map(hexadecimal)
    }

    /// What is peculiar about it.
    pub(crate) fn flags(&self) -> String {
        let flags = self.0["flags"].as_array().unwrap();
        let flags: Vec<_> = flags.iter().map(|flag| flag.as_str().unwrap()).collect();
        flags.join(", ")
    }
}

pub(crate) fn hexadecimal(text: &str) -> Vec<u8> {
    HEXLOWER.decode(text.as_bytes()).unwrap()
}
