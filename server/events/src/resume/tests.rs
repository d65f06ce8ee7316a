use super::*;

fn token() -> ResumeToken {
    ResumeToken {
        place: Place {
            revision: 0x0102_0304_0506_0708,
            part: 0x090A,
        },
        event: EventId::from_bytes([0xAB; 16]),
    }
}

#[test]
fn a_token_comes_back_as_it_went() {
    let text = token().to_string();
    assert_eq!(text, "AQECAwQFBgcICQqrq6urq6urq6urq6urq6ur");
    assert_eq!(text.parse::<ResumeToken>().unwrap(), token());
}

#[test]
fn what_is_no_token_is_refused() {
    let good = token().to_string();
    let another_version = good.replacen('A', "B", 1);
    let longer = format!("{good}AAAA");
    for text in [
        "",
        "AQ",
        "not a token!",
        &good[..good.len() - 4],
        &longer,
        &another_version,
    ] {
        let fault = text.parse::<ResumeToken>().unwrap_err();
        assert_eq!(fault.code(), Code::Validation, "{text}");
        assert_eq!(
            fault.message(),
            "1 validation error detected: Value at 'resumeToken' failed to satisfy constraint: Member must be a token that \
             this service gave"
        );
    }
}

#[test]
fn the_order_of_record_ids_is_the_order_of_places() {
    let place = |revision, part| Place { revision, part };
    let places = [
        place(1, 0),
        place(1, 1),
        place(2, 0),
        place(10, 0),
        place(u64::MAX, 511),
    ];
    for pair in places.windows(2) {
        assert!(pair[0] < pair[1]);
        assert!(pair[0].record_id() < pair[1].record_id());
    }
    for each in places {
        assert_eq!(Place::of_record(&each.record_id()), Some(each));
    }
    assert_eq!(Place::of_record("7"), None);
}
