use std::fmt::Write;

use super::Code;

/// The table as a reviewed file: which error becomes what. A change shows up as a diff of `tests/golden/errors.txt`.
#[test]
fn error_map_is_the_reviewed_one() {
    let mut table = String::new();
    for code in Code::ALL {
        let row = code.row();
        writeln!(
            table,
            "{code:?} | {:?} {} | {} | {} | {:?}",
            row.grpc, row.grpc as i32, row.http_status, row.exception, row.retry
        )
        .unwrap();
    }
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/errors.txt");
    if std::env::var_os("STRONGROOM_BLESS").is_some() {
        std::fs::write(golden, &table).unwrap();
    }
    assert_eq!(
        table,
        std::fs::read_to_string(golden).unwrap(),
        "review the change, then run with STRONGROOM_BLESS=1"
    );
}
