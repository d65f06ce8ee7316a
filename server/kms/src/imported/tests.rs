use strongroom_base::Code;

use super::check_material_description;

#[test]
fn descriptions_are_those_of_the_model() {
    for good in [
        "",
        "a",
        "2026-11 / vault:3_b.",
        "two\nlines\tand a tab",
        &"x".repeat(256),
    ] {
        check_material_description(good).unwrap();
    }
    for bad in ["é", "a,b", "a\"b", &"x".repeat(257)] {
        let fault = check_material_description(bad).unwrap_err();
        assert_eq!(fault.code(), Code::Validation);
        assert_eq!(
            fault.message(),
            "1 validation error detected: Value at 'keyMaterialDescription' failed to satisfy constraint: Member must \
             satisfy regular expression pattern: ^[a-zA-Z0-9:/_\\s.-]+$ and have length less than or equal to 256",
            "{bad}"
        );
    }
}
