use std::ffi::OsStr;

use super::filter;

#[test]
fn a_filter_that_cannot_be_read_is_said() {
    let fault = filter(Some(OsStr::new("info,strongroom_token=loud"))).unwrap_err();
    assert_eq!(
        fault,
        "STRONGROOM_LOG is \"info,strongroom_token=loud\", which is not a filter; write a level \
         (error, warn, info, debug, trace), and target=level for exceptions, as in info,strongroom_token=debug"
    );
}

#[test]
fn the_filter_is_info_unless_set() {
    for unset in [None, Some(OsStr::new(""))] {
        assert_eq!(filter(unset).unwrap().to_string(), "info");
    }
    let set = filter(Some(OsStr::new("warn,strongroom_token=debug")))
        .unwrap()
        .to_string();
    assert!(set.contains("strongroom_token=debug") && set.contains("warn"), "{set}");
}
