use strongroom_base::InstallationId;

use super::{LabelFault, ObjectLabel};

#[test]
fn a_label_has_four_parts_and_reads_back() {
    let installation = InstallationId::from_bytes([7; 16]);
    let label = ObjectLabel::new(installation, "root", "1").unwrap();
    assert_eq!(label.as_str(), "strongroom/07070707-0707-0707-0707-070707070707/root/1");
    assert_eq!(label.key(), "root");
    assert_eq!(label.as_str().parse::<ObjectLabel>().unwrap(), label);
    assert_eq!(label.installation(), installation);
}

#[test]
fn parts_that_could_be_read_as_something_else_are_refused() {
    let installation = InstallationId::from_bytes([7; 16]);
    for (key, version) in [("", "1"), ("a/b", "1"), ("a", ""), ("a", "1\0"), ("ä", "1")] {
        assert_eq!(
            ObjectLabel::new(installation, key, version),
            Err(LabelFault),
            "{key:?} {version:?}"
        );
    }
    assert_eq!(ObjectLabel::new(installation, &"k".repeat(81), "1"), Err(LabelFault));
}

#[test]
fn text_that_is_not_ours_is_refused() {
    let upper = "strongroom/AAAAAAAA-0707-0707-0707-070707070707/root/1";
    for text in [
        "",
        "strongroom/",
        "other/07070707-0707-0707-0707-070707070707/root/1",
        "strongroom/x/root/1",
        upper,
    ] {
        assert_eq!(text.parse::<ObjectLabel>(), Err(LabelFault), "{text:?}");
    }
    assert!(upper.to_lowercase().parse::<ObjectLabel>().is_ok());
    assert!(format!("{}/more", upper.to_lowercase()).parse::<ObjectLabel>().is_err());
}
