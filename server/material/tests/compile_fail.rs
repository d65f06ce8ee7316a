//! What must not compile: each file in `fail/` is a leak that the type system stops.

#[test]
fn leaks_do_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/fail/*.rs");
}
