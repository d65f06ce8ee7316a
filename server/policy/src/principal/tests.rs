use super::Naming;
use crate::resource_policy::ResourcePolicy;
use crate::testing::caller;

fn naming(principal: &str, of: &str) -> Naming {
    let effect = if principal.starts_with("\"Not") {
        "Deny"
    } else {
        "Allow"
    };
    let text = format!(r#"{{"Statement":{{"Effect":"{effect}",{principal},"Action":"*","Resource":"*"}}}}"#);
    let policy = ResourcePolicy::parse(&text).unwrap();
    policy.statements()[0].naming(&caller(of))
}

const ADA: &str = "arn:aws:iam::000000000000:user/ada";
const ROLE: &str = "arn:aws:iam::000000000000:role/app";
const STRANGER: &str = "arn:aws:iam::999999999999:user/ada";

#[test]
fn principals_are_named_directly_by_account_or_not() {
    use Naming::{ByAccount, Directly, Not};
    let table = [
        (r#""Principal":"*""#, [Directly, Directly, Directly]),
        (r#""Principal":{"AWS":"*"}"#, [Directly, Directly, Directly]),
        (r#""Principal":{"AWS":"000000000000"}"#, [ByAccount, ByAccount, Not]),
        (
            r#""Principal":{"AWS":"arn:aws:iam::000000000000:root"}"#,
            [ByAccount, ByAccount, Not],
        ),
        (
            r#""Principal":{"AWS":["arn:aws:iam::000000000000:user/ada","999999999999"]}"#,
            [Directly, Not, ByAccount],
        ),
        (
            r#""Principal":{"AWS":["000000000000","arn:aws:iam::000000000000:user/ada"]}"#,
            [Directly, ByAccount, Not],
        ),
        (
            r#""Principal":{"Service":"secretsmanager.amazonaws.com"}"#,
            [Not, Not, Not],
        ),
        (
            r#""Principal":{"Federated":"arn:aws:iam::000000000000:saml-provider/a"}"#,
            [Not, Not, Not],
        ),
        (
            r#""NotPrincipal":{"AWS":"arn:aws:iam::000000000000:user/ada"}"#,
            [Not, Directly, Directly],
        ),
        (
            r#""NotPrincipal":{"AWS":"000000000000"}"#,
            [Directly, Directly, Directly],
        ),
    ];
    for (principal, expected) in table {
        let found = [ADA, ROLE, STRANGER].map(|of| naming(principal, of));
        assert_eq!(found, expected, "{principal}");
    }
}
