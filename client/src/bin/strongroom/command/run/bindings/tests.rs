use super::*;

fn binding(name: &str, secret: &str) -> Binding {
    Binding {
        name: name.to_owned(),
        secret: secret.to_owned(),
    }
}

#[test]
fn names_are_those_of_variables_and_of_files() {
    assert_eq!(parse_variable("DB_1=prod/db").unwrap(), binding("DB_1", "prod/db"));
    assert_eq!(parse_file("db.json=a=b").unwrap(), binding("db.json", "a=b"));
    let shape = "write it as NAME=SECRET, with the secret's name or ARN";
    for text in ["", "DB", "DB=", "=prod/db"] {
        assert_eq!(parse_variable(text).unwrap_err(), shape);
        assert_eq!(parse_file(text).unwrap_err(), shape);
    }
    for text in ["1DB=x", "D-B=x", "D B=x"] {
        assert_eq!(
            parse_variable(text).unwrap_err(),
            "a variable's name has letters, digits and _, and begins with none of the digits"
        );
    }
    for text in ["../db=x", ".db=x", "a/b=x", "..=x"] {
        assert_eq!(
            parse_file(text).unwrap_err(),
            "a file's name has letters, digits, _, . and -, and does not begin with a point"
        );
    }
}

#[test]
fn each_name_comes_once_and_at_least_one() {
    let none = Bindings::new(Vec::new(), Vec::new()).err().unwrap();
    assert_eq!(
        none.to_string(),
        "name at least one secret, with --secret NAME=SECRET or --file NAME=SECRET"
    );
    let twice = Bindings::new(vec![binding("DB", "a"), binding("DB", "b")], Vec::new())
        .err()
        .unwrap();
    assert_eq!(
        twice.to_string(),
        "--secret has the name \"DB\" twice; give each name once"
    );
    assert_eq!(twice.exit_status(), 2);
    Bindings::new(vec![binding("DB", "a")], vec![binding("DB", "a")]).expect("a variable and a file");
}

#[test]
fn an_event_concerns_a_secret_by_its_name_too() {
    let bindings = Bindings::new(vec![binding("DB", "prod/db")], Vec::new()).unwrap();
    assert!(bindings.concern("arn:aws:secretsmanager:local-1:000000000000:secret:prod/db-AbCdEf"));
    assert!(!bindings.concern("arn:aws:secretsmanager:local-1:000000000000:secret:prod/db2-AbCdEf"));
    assert!(!bindings.concern("arn:aws:kms:local-1:000000000000:key/prod/db"));
}
