//! The account's limits, which count what there is whatever happened in between.

use strongroom_base::limits::PARAMETERS_STANDARD_MAX;
use strongroom_base::{Code, ParameterTier};
use strongroom_parameters::op::{DeleteParameter, NewParameter};
use strongroom_parameters::{ParameterName, ParameterRecord, ParameterUid};
use strongroom_store::Stored;

use crate::bench::{Bench, again, new, refused, scope};

/// Fills the store by the hand that the service's own changes use, but for one place.
async fn fill(bench: &Bench) {
    bench.string("/full/first", "1").await;
    let first: Stored<ParameterRecord> = bench.records.find("/full:first").await.unwrap().unwrap();
    let numbers = Vec::from_iter(2..PARAMETERS_STANDARD_MAX);
    for chunk in numbers.chunks(256) {
        let mut change = bench.records.change();
        for number in chunk {
            let name = format!("/full/{number}");
            let record = ParameterRecord {
                uid: ParameterUid::random(),
                name: ParameterName::parse(&name, &scope()).unwrap(),
                ..ParameterRecord::clone(&first)
            };
            change = change.insert(&format!("/full:{number}"), record);
        }
        change.commit().await.unwrap();
    }
}

#[tokio::test]
async fn there_are_ten_thousand_standard_parameters_at_most() {
    let mut bench = Bench::new().await;
    fill(&bench).await;
    bench.parameters = bench.restarted();
    bench.string("/last", "1").await;
    let full = "You have exceeded the number of parameters for this account: it can have 10000 of the tier Standard. Delete \
                one or more parameters and try again.";
    refused(
        bench.put(new("/more", "String", "1")).await,
        Code::ParameterLimitExceeded,
        full,
    );
    bench.overwrite("/last", "2").await.unwrap();
    let tiering = |name: &str| NewParameter {
        tier: Some("Intelligent-Tiering".to_owned()),
        ..new(name, "String", "1")
    };
    assert_eq!(bench.put(tiering("/more")).await.unwrap().tier, ParameterTier::Advanced);
    bench.admin(DeleteParameter::new("/last").unwrap()).await.unwrap();
    assert_eq!(
        bench.put(tiering("/other")).await.unwrap().tier,
        ParameterTier::Standard
    );
    // One that becomes advanced makes room.
    let upgrade = NewParameter {
        tier: Some("Advanced".to_owned()),
        ..again("/other", "2")
    };
    bench.put(upgrade).await.unwrap();
    bench.string("/last", "1").await;
    refused(
        bench.put(new("/again", "String", "1")).await,
        Code::ParameterLimitExceeded,
        full,
    );
}
