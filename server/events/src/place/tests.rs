use super::*;

fn arn(number: usize) -> Arn {
    format!("arn:aws:iam::000000000000:user/{number}").parse().unwrap()
}

#[test]
fn a_principal_has_its_share_and_all_together_have_theirs() {
    let watchers = Watchers::default();
    let mut held = Vec::new();
    for principal in 0..WATCHERS_MAX / WATCHERS_PER_PRINCIPAL_MAX {
        for _ in 0..WATCHERS_PER_PRINCIPAL_MAX {
            held.push(watchers.take(&arn(principal)).unwrap());
        }
        if held.len() < WATCHERS_MAX {
            let fault = watchers.take(&arn(principal)).unwrap_err();
            assert_eq!(fault.code(), Code::LimitExceeded);
            assert_eq!(
                fault.message(),
                "At most 256 streams of events may be open for one principal; close one, or ask less often instead."
            );
        }
    }
    assert_eq!(watchers.count(), WATCHERS_MAX);
    assert_eq!(
        watchers.take(&arn(99)).unwrap_err().message(),
        "At most 1024 streams of events may be open in all; close one, or ask less often instead."
    );
    held.pop();
    let _place = watchers.take(&arn(99)).expect("a place was given back");
    drop(held);
    assert_eq!(watchers.count(), 1);
}
