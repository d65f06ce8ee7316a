use std::fmt::Write;

use super::{Disposition, Trouble, disposition};
use crate::module::{Function, ReturnValue};

/// The table as a reviewed file: one line per return value, first what most functions mean by it.
#[test]
fn dispositions_are_the_reviewed_ones() {
    let mut table = String::new();
    for value in ReturnValue::STANDARD
        .iter()
        .copied()
        .chain([ReturnValue::Vendor(0x8000_0001), ReturnValue::Malformed])
    {
        writeln!(table, "{value}: {}", line(value)).unwrap();
    }
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/dispositions.txt");
    if std::env::var_os("STRONGROOM_BLESS").is_some() {
        std::fs::write(golden, &table).unwrap();
    }
    assert_eq!(
        table,
        std::fs::read_to_string(golden).unwrap(),
        "review the change, then run with STRONGROOM_BLESS=1"
    );
}

fn line(value: ReturnValue) -> String {
    let mut groups: Vec<(Disposition, Vec<String>)> = Vec::new();
    for function in Function::ALL {
        let found = disposition(*function, value);
        match groups.iter_mut().find(|(known, _)| *known == found) {
            Some((_, functions)) => functions.push(function.to_string()),
            None => groups.push((found, vec![function.to_string()])),
        }
    }
    groups.sort_by_key(|(_, functions)| usize::MAX - functions.len());
    let (most, rest) = groups.split_first().unwrap();
    let rest = rest
        .iter()
        .map(|(found, functions)| format!("; {found} from {}", functions.join(", ")));
    format!("{}{}", most.0, rest.collect::<String>())
}

/// Only what C_Decrypt itself says can put a ciphertext in doubt: never C_DecryptInit, never another function.
#[test]
fn only_c_decrypt_can_doubt_a_ciphertext() {
    for value in ReturnValue::STANDARD {
        for function in Function::ALL.iter().filter(|function| **function != Function::Decrypt) {
            let found = disposition(*function, *value);
            assert_ne!(
                found,
                Disposition::Permanent(Trouble::CiphertextOrToken),
                "{function} {value}"
            );
        }
    }
}

#[test]
fn numbers_become_values_and_unknown_ones_are_kept() {
    assert_eq!(ReturnValue::from_number(0x5), ReturnValue::GeneralError);
    assert_eq!(ReturnValue::from_number(0xa0).to_string(), "CKR_PIN_INCORRECT");
    assert_eq!(ReturnValue::from_number(0x8000_0005), ReturnValue::Vendor(0x8000_0005));
}
