//! Lengths at their bounds and one beyond, and that the largest secret still fits its record.

use strongroom_base::Code;
use strongroom_secrets::op::{
    BatchGetSecretValue, GetSecretValue, ListSecrets, NewSecret, PutSecretValue, SecretUpdate, UntagResource,
    UpdateSecretVersionStage,
};
use strongroom_secrets::{Filter, FilterKey, SortBy, SortOrder};

use crate::bench::{Bench, constraint, new_secret, put, refused, text, token, update};

#[tokio::test]
async fn descriptions_have_up_to_2048_characters() {
    let bench = Bench::new().await;
    let request = |length| NewSecret {
        description: Some("ä".repeat(length)),
        ..new_secret("n", None)
    };
    bench.create(request(2_048)).await.unwrap();
    let message = constraint("description", "Member must have length less than or equal to 2048");
    refused(bench.create(request(2_049)).await, Code::Validation, &message);
    let request = SecretUpdate {
        description: Some("x".repeat(2_049)),
        ..update("n")
    };
    refused(bench.update(request).await, Code::Validation, &message);
}

#[test]
fn tokens_and_version_ids_have_32_to_64_characters() {
    let short = "Member must have length greater than or equal to 32";
    let long = "Member must have length less than or equal to 64";
    for (length, rule) in [(0, short), (31, short), (65, long)] {
        let token = "x".repeat(length);
        let put = PutSecretValue::new("n", Some(&token), Some(text("value")), &[]);
        refused(put, Code::Validation, &constraint("clientRequestToken", rule));
        let read = GetSecretValue::new("n", Some(&token), None);
        refused(read, Code::Validation, &constraint("versionId", rule));
        let moved = UpdateSecretVersionStage::new("n", "blue", Some(&token), None);
        refused(moved, Code::Validation, &constraint("removeFromVersionId", rule));
        let moved = UpdateSecretVersionStage::new("n", "blue", None, Some(&token));
        refused(moved, Code::Validation, &constraint("moveToVersionId", rule));
    }
    for length in [32, 64] {
        assert!(GetSecretValue::new("n", Some(&"x".repeat(length)), None).is_ok());
    }
    let blank = PutSecretValue::new("n", Some(&" ".repeat(32)), Some(text("value")), &[]);
    let message = "The clientRequestToken may have printable ASCII characters without blanks only.";
    refused(blank, Code::InvalidParameter, message);
}

#[test]
fn labels_have_1_to_256_characters_and_come_up_to_twenty_at_a_time() {
    let at_least = "Member must have length greater than or equal to 1";
    let at_most = "Member must have length less than or equal to 256";
    let plain = "Member must have printable ASCII characters only";
    for (label, rule) in [
        (String::new(), at_least),
        ("x".repeat(257), at_most),
        ("blåu".to_owned(), plain),
    ] {
        refused(
            put("n", 1, "value", &[&label]),
            Code::Validation,
            &constraint("versionStage", rule),
        );
        refused(
            GetSecretValue::new("n", None, Some(&label)),
            Code::Validation,
            &constraint("versionStage", rule),
        );
    }
    let labels: Vec<_> = (0..21).map(|number| number.to_string()).collect();
    let many: Vec<&str> = labels.iter().map(String::as_str).collect();
    let message = constraint("versionStages", "Member must have length less than or equal to 20");
    refused(put("n", 1, "value", &many), Code::Validation, &message);
    assert!(put("n", 1, "value", &many[..20]).is_ok());
}

/// Every text as long as it may be, of the characters that take most room in JSON.
#[tokio::test]
async fn the_largest_secret_fits_its_record() {
    let bench = Bench::new().await;
    let tags = (0..50)
        .map(|number| (format!("{number:0>2}{}", "𝄞".repeat(126)), "𝄞".repeat(256)))
        .collect();
    let description = Some("𝄞".repeat(2_048));
    let largest = "\"".repeat(65_536);
    let request = NewSecret {
        tags,
        description,
        ..new_secret(&"n".repeat(512), Some((token(1), largest.as_str())))
    };
    let arn = bench.create(request).await.unwrap().arn;
    for version in 0..10 {
        let labels: Vec<_> = (0..20)
            .map(|label| format!("{version:0>2}{label:0>2}{}", "\"".repeat(252)))
            .collect();
        let labels = if version == 0 { &labels[..18] } else { &labels[..] };
        let id = format!("{version:0>64}");
        let put = PutSecretValue::new(arn.as_str(), Some(&id), Some(text(&largest)), labels).unwrap();
        bench.admin(put).await.unwrap();
    }
    assert_eq!(
        bench
            .describe(arn.as_str())
            .await
            .version_stages
            .values()
            .map(Vec::len)
            .sum::<usize>(),
        199
    );
    assert_eq!(bench.read(arn.as_str()).await.unwrap(), largest);
}

/// A request whose record does not fit the trail would fail for that alone.
#[tokio::test]
async fn the_largest_requests_fit_their_audit_records() {
    let bench = Bench::new().await;
    let filters: Vec<_> = (0..10)
        .map(|_| Filter::new(FilterKey::Description, vec!["!".repeat(512); 10]).unwrap())
        .collect();
    let sort = (SortBy::default(), SortOrder::default());
    let list = ListSecrets::new(filters.clone(), sort, true, None, None).unwrap();
    assert!(bench.admin(list).await.unwrap().secrets.is_empty());
    let batch = BatchGetSecretValue::new(&[], filters, None, None).unwrap();
    assert!(bench.admin(batch).await.unwrap().values.is_empty());
    let foreign: Vec<_> = (0..20)
        .map(|number| format!("arn:{number:0>2015}:secretsmanager:r:a:secret:n"))
        .collect();
    let batch = BatchGetSecretValue::new(&foreign, Vec::new(), None, None).unwrap();
    let errors = bench.admin(batch).await.unwrap().errors;
    assert!(
        errors.iter().all(|row| row.fault.code() == Code::ResourceNotFound),
        "{errors:?}"
    );
    let tags = |number| (format!("{number:0>2}{}", "𝄞".repeat(126)), "𝄞".repeat(256));
    let labels: Vec<_> = (0..20)
        .map(|label| format!("{label:0>2}{}", "\"".repeat(254)))
        .collect();
    let request = NewSecret {
        tags: (0..50).map(tags).collect(),
        ..new_secret("n", Some((token(1), "one")))
    };
    bench.create(request).await.unwrap();
    let put = PutSecretValue::new("n", None, Some(text("value")), &labels).unwrap();
    bench.admin(put).await.unwrap();
    let keys = (0..50).map(|number| tags(number).0).collect();
    bench.admin(UntagResource::new("n", keys).unwrap()).await.unwrap();
}
