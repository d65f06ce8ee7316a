use super::*;

#[test]
fn the_ways_are_read() {
    for (text, expected) in [
        ("none", OnChange::None),
        ("restart", OnChange::Restart),
        ("signal:HUP", OnChange::Signal(Signal::HUP)),
        ("signal:sigusr1", OnChange::Signal(Signal::USR1)),
    ] {
        assert_eq!(parse(text).unwrap(), expected, "{text}");
    }
}

#[test]
fn other_ways_are_refused() {
    assert_eq!(parse("kill").unwrap_err(), "write signal:NAME, restart or none");
    assert_eq!(
        parse("signal:KILL").unwrap_err(),
        "there is no signal \"KILL\" for this; use one of HUP, INT, QUIT, USR1, USR2, TERM, WINCH"
    );
}
