use super::*;

#[test]
fn text_reads_back_and_der_is_taken_as_it_is() {
    for length in [1, 47, 48, 49, 91, 550] {
        let der: Vec<u8> = (0..length).map(|byte| byte as u8).collect();
        let text = encode(&der);
        assert!(text.lines().all(|line| line.len() <= LINE), "{text}");
        assert_eq!(decode(text.clone().into_bytes()).unwrap(), der);
        assert_eq!(decode(text.replace('\n', "\r\n").into_bytes()).unwrap(), der);
        assert_eq!(decode(der.clone()).unwrap(), der);
    }
    assert_eq!(
        encode(&[0; 48]),
        format!("{BEGIN}\n{}\n{END}\n", "A".repeat(64)),
        "a full line is followed by none"
    );
}

#[test]
fn text_that_breaks_off_is_refused() {
    for (text, why) in [
        (format!("{BEGIN}\nAAAA\n"), "it does not end as it should"),
        (format!("{BEGIN}\nA?\n{END}\n"), "invalid length at 0"),
    ] {
        let fault = decode(text.into_bytes()).unwrap_err();
        assert_eq!(fault.to_string(), format!("the public key is not in PEM: {why}"));
    }
}
