use std::cell::Cell;

use crate::fault::{Place, PolicyFault};
use crate::resource_policy::ResourcePolicy;

thread_local! {
    /// How often a test's thread has worked out a place.
    pub(crate) static PLACES: Cell<usize> = const { Cell::new(0) };
}

fn statement(number: usize) -> String {
    format!(
        r#"{{"Sid":"s{number}","Effect":"Allow","Principal":{{"AWS":"*"}},"Action":["kms:Encrypt","kms:Decrypt"],
        "Resource":"*","Condition":{{"StringEquals":{{"aws:PrincipalTag/a":"a","aws:PrincipalTag/b":["b","c"]}}}}}}"#
    )
}

fn document(statements: usize) -> String {
    let statements: Vec<String> = (0..statements).map(statement).collect();
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

/// A place costs a look at all that stands before it: were each element asked for its own, a long document would take time
/// by the square of its length.
#[test]
fn a_document_that_is_understood_is_asked_for_no_place_and_another_one_for_one() {
    let long = document(155);
    assert!(long.len() > 30_000);
    PLACES.set(0);
    ResourcePolicy::parse(&long).unwrap();
    assert_eq!(PLACES.get(), 0);
    let slip = long.replacen(r#""s154","Effect""#, r#""s154","Efect""#, 1);
    let fault = ResourcePolicy::parse(&slip).unwrap_err();
    assert_eq!(PLACES.get(), 1);
    let PolicyFault::NotUnderstood { place, name, .. } = fault else {
        panic!("{fault}");
    };
    assert_eq!((place, name.as_str()), (Place { line: 155, column: 126 }, "Efect"));
}

/// However many members an object has, each is looked up among the others once.
#[test]
fn a_name_that_comes_twice_is_found_among_thousands() {
    let members: Vec<String> = (0..2_000).map(|number| format!(r#""aws:x{number}":1"#)).collect();
    let twice = format!("{{{},\n\"aws:x7\":1}}", members.join(","));
    let fault = ResourcePolicy::parse(&twice).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "policy document line 2 column 1: \"aws:x7\" is there twice; keep one of them"
    );
}
