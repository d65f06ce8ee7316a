//! Keys that a service manages.

use strongroom_base::Service;
use strongroom_gate::OpContext;

use super::{ADA, Bench, Look, PRESENT, context, key_policy, principal, statement};

#[tokio::test]
async fn what_a_service_manages_is_for_whom_its_policy_allows_through_that_service() {
    let eve = "arn:aws:iam::999999999999:user/eve";
    let for_secrets = r#","Condition":{"StringEquals":{"kms:CallerAccount":"000000000000",
        "kms:ViaService":"secretsmanager.r.amazonaws.com"}}"#;
    let managed = || statement("Allow", &format!("{}{for_secrets}", principal("*")));
    let everybody = || statement("Allow", &principal("*"));
    let (allow, deny) = (|| vec![statement("Allow", "")], || vec![statement("Deny", "")]);
    let secrets = Some(Service::SecretsManager);
    let (by_identity, by_resource, silent, reserved) = (
        Some("with an explicit deny in an identity-based policy"),
        Some("with an explicit deny in a resource-based policy"),
        Some("because no resource-based policy allows the kms:Decrypt action"),
        Some("because only the service that manages this key may use it"),
    );
    let table = [
        (ADA, vec![], key_policy(&[managed()]), secrets, None),
        (ADA, deny(), key_policy(&[managed()]), secrets, by_identity),
        (ADA, allow(), key_policy(&[managed()]), None, reserved),
        (ADA, allow(), key_policy(&[everybody()]), None, reserved),
        (ADA, deny(), key_policy(&[everybody()]), None, by_identity),
        (
            ADA,
            allow(),
            key_policy(&[everybody()]),
            Some(Service::Strongroom),
            reserved,
        ),
        (
            ADA,
            allow(),
            key_policy(&[managed(), statement("Deny", &principal(ADA))]),
            secrets,
            by_resource,
        ),
        (
            ADA,
            allow(),
            key_policy(&[statement("Allow", &principal(eve))]),
            secrets,
            silent,
        ),
        (eve, allow(), key_policy(&[managed()]), secrets, silent),
        // Without a policy of its own only the caller's can stand in the way.
        (ADA, vec![], None, secrets, None),
        (ADA, deny(), None, secrets, by_identity),
        (ADA, allow(), None, None, reserved),
    ];
    for (row, (caller, statements, guard, via, words)) in table.into_iter().enumerate() {
        let bench = Bench::new(caller, &statements);
        let look = Look {
            reserved_to: secrets,
            ..bench.look(PRESENT, guard)
        };
        let context = OpContext { via, ..context(caller) };
        let said = bench
            .ask(&context, look)
            .await
            .map_err(|fault| fault.message().to_owned());
        let start = format!("User: {caller} is not authorized to perform: kms:Decrypt on resource: {PRESENT} ");
        let expected = words.map_or(Ok(()), |words| Err(format!("{start}{words}")));
        assert_eq!(said, expected, "row {row}");
    }
}
