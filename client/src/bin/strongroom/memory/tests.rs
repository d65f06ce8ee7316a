use super::*;

#[test]
fn a_file_is_replaced_as_a_whole_and_is_its_owners_alone() {
    let folder = MemoryFolder::create(None).expect("this machine has /dev/shm");
    assert_eq!(folder.path().metadata().unwrap().permissions().mode() & 0o777, 0o700);
    let path = folder.put("DB", b"first", Access::Read).unwrap();
    let opened_before = std::fs::File::open(&path).unwrap();
    folder.put("DB", b"second", Access::Read).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"second");
    assert_eq!(
        io::read_to_string(opened_before).unwrap(),
        "first",
        "who had it open reads the old one"
    );
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o400);
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing else is left"
    );
    let writable = folder.put("draft", b"", Access::Write).unwrap();
    assert_eq!(writable.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let gone = folder.path().to_owned();
    drop(folder);
    assert!(!gone.exists());
}

#[test]
fn a_disk_is_never_taken_instead() {
    let disk = PathBuf::from("/proc");
    let fault = MemoryFolder::create(Some(&disk)).err().unwrap();
    assert_eq!(
        fault.to_string(),
        "no folder in memory to put secrets in: /proc is not on a tmpfs or cannot be written; name one with --folder (mount \
         -t tmpfs makes one), secrets are not written to disks"
    );
    assert_eq!(fault.exit_status(), 1);
}
