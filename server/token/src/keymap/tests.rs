use strongroom_base::{InstallationId, KeyMaterialId};

use super::{KeyMap, Owner, State, owner};
use crate::label::ObjectLabel;
use crate::module::Attributes;

fn ours() -> InstallationId {
    InstallationId::from_bytes([7; 16])
}

fn attributes(label: &str, id: Option<Vec<u8>>) -> Attributes {
    Attributes {
        label: Some(label.as_bytes().to_vec()),
        id,
        class: Some("CKO_PRIVATE_KEY".to_owned()),
        ..Attributes::default()
    }
}

#[test]
fn only_labels_of_this_installation_are_ours() {
    let label = ObjectLabel::new(ours(), "a", "1").unwrap();
    let id = KeyMaterialId::from_bytes([1; 32]);
    let object = attributes(label.as_str(), Some(vec![1; 32]));
    assert!(matches!(owner(&object, ours()), Owner::Ours(found, name) if found == id && name == label));
    let other = InstallationId::from_bytes([8; 16]);
    assert!(matches!(owner(&object, other), Owner::Foreign(found) if found == ours()));
    for id in [None, Some(vec![1; 31])] {
        assert!(matches!(
            owner(&attributes(label.as_str(), id), ours()),
            Owner::OursWithoutId(_)
        ));
    }
    for text in ["", "backup key", "strongroom", "strongroom/not-an-id/a/1"] {
        assert!(
            matches!(owner(&attributes(text, Some(vec![1; 32])), ours()), Owner::Other),
            "{text:?}"
        );
    }
    assert!(matches!(owner(&Attributes::default(), ours()), Owner::Other));
    for class in [None, Some("CKO_PUBLIC_KEY".to_owned()), Some("CKO_DATA".to_owned())] {
        let object = Attributes {
            class,
            ..object.clone()
        };
        assert!(matches!(owner(&object, ours()), Owner::Other));
    }
}

#[test]
fn a_missing_key_is_remembered_until_it_is_found_or_a_probe_forgets_it() {
    let mut map: KeyMap<u64> = KeyMap::new();
    let id = KeyMaterialId::from_bytes([1; 32]);
    let label = ObjectLabel::new(ours(), "a", "1").unwrap();
    map.insert(id, label.clone(), 5, State::Condemned);
    let first = map.entry(&id).unwrap().sequence;
    map.lose(id);
    assert!(map.is_missing(&id) && map.entry(&id).is_none());
    map.forget_missing();
    assert!(!map.is_missing(&id));
    map.lose(id);
    map.insert(id, label, 6, State::Condemned);
    assert!(!map.is_missing(&id));
    assert!(
        map.entry(&id).unwrap().sequence > first,
        "a lane can tell the new handle from the one that failed"
    );
}
