use super::*;

fn member(object: &str, key: &str) -> Result<String, &'static str> {
    let mut output = Vec::new();
    add(object.as_bytes(), Some(key), &mut output)?;
    Ok(String::from_utf8(output).unwrap())
}

#[test]
fn a_number_is_as_it_was_written() {
    for number in [
        "1.10",
        "1e3",
        "-0",
        "0.1000000000000000055511151231257827",
        "123456789012345678901234567890",
    ] {
        for object in [
            format!("{{\"n\":{number}}}"),
            format!(" {{ \"before\" : {{\"n\": [1, \"}},\"]}}, \"n\" : {number} , \"after\":\"\\\"n\\\":2\" }} "),
            format!("{{\"n\":1,\"\\u006e\":\n{number}\n}}"),
        ] {
            assert_eq!(member(&object, "n").as_deref(), Ok(number), "{object}");
        }
    }
}

#[test]
fn other_scalars_are_their_text() {
    assert_eq!(member("{\"a\":true,\"b\":\"x\\ny\"}", "a").unwrap(), "true");
    assert_eq!(member("{\"a\":true,\"b\":\"x\\ny\"}", "b").unwrap(), "x\ny");
}
