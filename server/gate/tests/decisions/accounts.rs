//! What principals of other accounts may be allowed, and what they never are.

use strongroom_base::{Action, Code, Service};

use super::{ABSENT, ACCOUNT, Bench, Look, PRESENT, context, key_policy, principal, statement};

/// However open key and own policies are. Source: KMS Developer Guide, "KMS API operations", "Cross-account use".
#[tokio::test]
async fn strangers_are_refused_what_is_not_for_other_accounts_as_if_there_were_nothing() {
    let eve = "arn:aws:iam::999999999999:user/eve";
    let open = || key_policy(&[statement("Allow", &principal("*"))]);
    let silent = |action| format!("because no identity-based policy allows the {action} action");
    let uninvited = |action| format!("because no resource-based policy allows the {action} action");
    let denied = |_| "with an explicit deny in an identity-based policy".to_owned();
    let benches: [(Bench, &dyn Fn(Action) -> String); 3] = [
        (Bench::new(eve, &[]), &silent),
        (Bench::new(eve, &[statement("Allow", "")]), &uninvited),
        (Bench::new(eve, &[statement("Deny", "")]), &denied),
    ];
    let of_keys = |action: &Action| action.service() == Service::Kms && !action.crosses_accounts();
    for action in Action::ALL.iter().copied().filter(of_keys) {
        for (bench, words) in &benches {
            for arn in [PRESENT, ABSENT] {
                let look = Look {
                    action,
                    ..bench.look(arn, open())
                };
                let fault = bench.ask(&context(eve), look).await.unwrap_err();
                let said = format!(
                    "User: {eve} is not authorized to perform: {action} on resource: {arn} {}",
                    words(action)
                );
                assert_eq!((fault.code(), fault.message()), (Code::AccessDenied, said.as_str()));
                let cause = format!("because {action} is not for principals of other accounts");
                assert_eq!(fault.cause().map(ToString::to_string), Some(cause));
            }
        }
    }
}

#[tokio::test]
async fn what_is_for_other_accounts_is_decided_by_policies() {
    let eve = "arn:aws:iam::999999999999:user/eve";
    // Of all services.
    let statement = |rest: &str| statement("Allow", rest).replace("kms:*", "*");
    let bench = Bench::new(eve, &[statement("")]);
    for action in Action::ALL.iter().copied().filter(|action| action.crosses_accounts()) {
        let ask = |policy| {
            let look = Look {
                action,
                ..bench.look(PRESENT, key_policy(&[policy]))
            };
            let bench = &bench;
            async move { bench.ask(&context(eve), look).await }
        };
        assert!(ask(statement(&principal("*"))).await.is_ok(), "{action}");
        let fault = ask(statement(&principal(ACCOUNT))).await.unwrap_err();
        assert_eq!(fault.code(), Code::AccessDenied, "{action}");
    }
}
