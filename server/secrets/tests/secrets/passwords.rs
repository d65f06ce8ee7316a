//! GetRandomPassword: what a password has, must have, and must not have.

use std::collections::HashSet;

use strongroom_base::Code;
use strongroom_secrets::op::{GetRandomPassword, PasswordRules};

use crate::bench::{Bench, constraint, refused};

async fn password(bench: &Bench, rules: PasswordRules) -> String {
    let password = bench.admin(GetRandomPassword::new(&rules).unwrap()).await.unwrap();
    password.reveal_to_wire(|bytes| String::from_utf8(bytes.to_vec()).unwrap())
}

fn has(password: &str) -> [bool; 4] {
    [
        password.contains(|character: char| character.is_ascii_lowercase()),
        password.contains(|character: char| character.is_ascii_uppercase()),
        password.contains(|character: char| character.is_ascii_digit()),
        password.contains(|character: char| character.is_ascii_punctuation()),
    ]
}

fn of_length(length: i64) -> PasswordRules {
    PasswordRules {
        length: Some(length),
        ..PasswordRules::default()
    }
}

#[tokio::test]
async fn a_password_has_32_characters_of_all_kinds_unless_said_otherwise() {
    let bench = Bench::new().await;
    let mut seen = HashSet::new();
    for _ in 0..50 {
        let made = password(&bench, PasswordRules::default()).await;
        assert_eq!((made.len(), has(&made)), (32, [true; 4]), "{made}");
        assert!(!made.contains(' '));
        assert!(seen.insert(made));
    }
    for length in [4, 5, 4_096] {
        let made = password(&bench, of_length(length)).await;
        assert_eq!((made.len(), has(&made)), (usize::try_from(length).unwrap(), [true; 4]));
    }
    // Every place takes every kind: the required ones are not always in front.
    let first: HashSet<char> = {
        let mut first = HashSet::new();
        for _ in 0..200 {
            first.insert(password(&bench, of_length(4)).await.chars().next().unwrap());
        }
        first
    };
    assert_eq!(has(&first.iter().collect::<String>()), [true; 4]);
}

#[tokio::test]
async fn excluded_characters_never_come() {
    let bench = Bench::new().await;
    let exclude = |exclude_lowercase, exclude_uppercase, exclude_numbers, exclude_punctuation| PasswordRules {
        exclude_lowercase,
        exclude_uppercase,
        exclude_numbers,
        exclude_punctuation,
        ..of_length(300)
    };
    assert_eq!(
        has(&password(&bench, exclude(true, false, false, false)).await),
        [false, true, true, true]
    );
    assert_eq!(
        has(&password(&bench, exclude(false, true, false, false)).await),
        [true, false, true, true]
    );
    assert_eq!(
        has(&password(&bench, exclude(false, false, true, false)).await),
        [true, true, false, true]
    );
    assert_eq!(
        has(&password(&bench, exclude(false, false, false, true)).await),
        [true, true, true, false]
    );
    let spaced = PasswordRules {
        include_space: true,
        ..of_length(4_096)
    };
    assert!(password(&bench, spaced.clone()).await.contains(' '));
    let unspaced = PasswordRules {
        exclude_characters: " ".to_owned(),
        ..spaced
    };
    assert!(!password(&bench, unspaced).await.contains(' '));
    let exclude_characters = "abcdefABC012\"'`\\/@ ".to_owned();
    let made = password(
        &bench,
        PasswordRules {
            exclude_characters: exclude_characters.clone(),
            ..of_length(4_096)
        },
    )
    .await;
    assert!(!made.contains(|character| exclude_characters.contains(character)));
    let all: HashSet<char> = password(&bench, of_length(4_096)).await.chars().collect();
    assert_eq!(all.len(), 94, "every printable character but the blank");
    let only = PasswordRules {
        exclude_characters: "123456789".to_owned(),
        require_each_included_type: Some(false),
        ..exclude(true, true, false, true)
    };
    assert_eq!(password(&bench, only).await, "0".repeat(300));
}

#[test]
fn what_cannot_be_made_is_refused() {
    let new = |rules: PasswordRules| GetRandomPassword::new(&rules);
    let short = "Password length is too short based on the required types.";
    refused(new(of_length(3)), Code::InvalidParameter, short);
    assert!(
        new(PasswordRules {
            require_each_included_type: Some(false),
            ..of_length(1)
        })
        .is_ok()
    );
    for (length, bound) in [(0, "greater than or equal to 1"), (4_097, "less than or equal to 4096")] {
        let message = format!(
            "1 validation error detected: Value '{length}' at 'passwordLength' failed to satisfy constraint: Member must \
             have value {bound}"
        );
        refused(new(of_length(length)), Code::Validation, &message);
    }
    let digits = PasswordRules {
        exclude_characters: "0123456789".to_owned(),
        ..PasswordRules::default()
    };
    let type_gone = "All characters of the desired type have been excluded.";
    refused(new(digits.clone()), Code::InvalidParameter, type_gone);
    assert!(
        new(PasswordRules {
            require_each_included_type: Some(false),
            ..digits
        })
        .is_ok()
    );
    let nothing = PasswordRules {
        exclude_lowercase: true,
        exclude_uppercase: true,
        exclude_numbers: true,
        exclude_punctuation: true,
        ..PasswordRules::default()
    };
    refused(
        new(nothing.clone()),
        Code::InvalidParameter,
        "All characters have been excluded from selection.",
    );
    assert!(
        new(PasswordRules {
            include_space: true,
            ..nothing
        })
        .is_ok()
    );
    let long = PasswordRules {
        exclude_characters: "x".repeat(4_097),
        ..PasswordRules::default()
    };
    let message = constraint(
        "excludeCharacters",
        "Member must have length less than or equal to 4096",
    );
    refused(new(long), Code::Validation, &message);
}
