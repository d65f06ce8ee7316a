//! Keys of secure parameters: the service's own, and the customer's, on behalf of the caller.

use strongroom_base::Code;
use strongroom_gate::Released;
use strongroom_kms::op::{CreateAlias, CreateKey, DisableKey, NewKey};
use strongroom_kms::{KeyReference, ManagedKey};
use strongroom_parameters::op::{DescribeParameters, NewParameter, PutParameter};

use crate::bench::{Bench, advanced, again, allow, constraint, new, parameter_arn, principal, refused, scope, text_of};

async fn key(bench: &Bench, alias: &str) -> strongroom_base::KeyId {
    let administrator = principal("administrator");
    let create = CreateKey::new(NewKey::default()).unwrap();
    let made = bench
        .gate
        .run(&administrator, &*bench.kms, create)
        .await
        .map(Released::into_inner);
    let id = made.unwrap().record.id;
    let alias = CreateAlias::new(alias.parse().unwrap(), id).unwrap();
    bench
        .gate
        .run(&administrator, &*bench.kms, alias)
        .await
        .map(Released::into_inner)
        .unwrap();
    id
}

fn keyed(key: &str, request: NewParameter) -> NewParameter {
    NewParameter {
        key_id: Some(key.to_owned()),
        ..request
    }
}

#[tokio::test]
async fn the_services_own_key_serves_everybody_and_through_parameters_alone() {
    let bench = Bench::with(&[("user", allow("ssm:*", "*"))]).await;
    let user = principal("user");
    for request in [new("/n", "SecureString", "one"), advanced("/m", "SecureString", "two")] {
        bench
            .run(&user, PutParameter::new(request, &scope()).unwrap())
            .await
            .unwrap();
    }
    assert_eq!(text_of(&bench.get_as(&user, "/n").await.unwrap().value), "one");
    assert_eq!(text_of(&bench.get_as(&user, "/m").await.unwrap().value), "two");
    let own = bench.kms.managed_key(ManagedKey::OfParameters).await.unwrap().unwrap();
    let made = bench
        .trail()
        .into_iter()
        .find(|record| record["eventName"] == "CreateKey")
        .unwrap();
    assert_eq!(
        made["userIdentity"]["arn"],
        "arn:aws:iam::000000000000:role/strongroom/ssm"
    );
    let direct = strongroom_kms::op::Encrypt::new(
        KeyReference::Key(own),
        strongroom_kms::EncryptionContext::default(),
        strongroom_material::Material::take(vec![1]),
    );
    let direct = bench
        .gate
        .run(&principal("administrator"), &*bench.kms, direct.unwrap())
        .await;
    assert_eq!(direct.err().unwrap().code(), Code::AccessDenied);
}

#[tokio::test]
async fn a_customers_key_needs_the_callers_permission_for_this_parameter() {
    let use_of_key = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"ssm:*","Resource":"*"}},
        {{"Effect":"Allow","Action":["kms:Encrypt","kms:Decrypt","kms:GenerateDataKey"],"Resource":"*","Condition":{{"StringEquals":{{
        "kms:ViaService":"ssm.local-1.amazonaws.com","kms:EncryptionContext:PARAMETER_ARN":"{}"}}}}}}]}}"#,
        parameter_arn("mine")
    );
    let bench = Bench::with(&[("owner", use_of_key), ("stranger", allow("ssm:*", "*"))]).await;
    key(&bench, "alias/app").await;
    let owner = principal("owner");
    let put = |request| PutParameter::new(request, &scope()).unwrap();
    for tier in ["Standard", "Advanced"] {
        let request = |name: &str| NewParameter {
            tier: Some(tier.to_owned()),
            overwrite: true,
            ..keyed("alias/app", new(name, "SecureString", "x"))
        };
        bench.run(&owner, put(request("/mine"))).await.unwrap();
        assert_eq!(text_of(&bench.get_as(&owner, "/mine").await.unwrap().value), "x");
        let other = bench.run(&owner, put(request("/other"))).await;
        assert_eq!(other.err().unwrap().code(), Code::AccessDenied, "{tier}");
        let message = "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or \
                       you are not allowed to access. (Service: AWSKMS; Error Code: AccessDeniedException)";
        let read = bench.get_as(&principal("stranger"), "/mine").await;
        refused(read, Code::AccessDenied, message);
    }
}

#[tokio::test]
async fn a_key_is_shown_as_it_was_named_and_without_one_it_is_the_services_own() {
    let bench = Bench::new().await;
    let id = key(&bench, "alias/app").await.to_string();
    let shown = async |bench: &Bench| {
        let page = bench
            .admin(DescribeParameters::new(Vec::new(), None, None).unwrap())
            .await
            .unwrap();
        page.parameters[0].key.clone().unwrap()
    };
    bench
        .put(keyed("alias/app", new("n", "SecureString", "x")))
        .await
        .unwrap();
    assert_eq!(shown(&bench).await, "alias/app");
    bench.put(keyed(&id, again("n", "y"))).await.unwrap();
    assert_eq!(shown(&bench).await, id);
    bench.overwrite("n", "z").await.unwrap();
    assert_eq!(shown(&bench).await, "alias/aws/ssm");
    assert_eq!(bench.text("n:1").await, "x");
}

#[tokio::test]
async fn keys_that_cannot_be_used_are_invalid() {
    let bench = Bench::new().await;
    let put = |key: &str| bench.put(keyed(key, new("n", "SecureString", "x")));
    let message = "Alias arn:aws:kms:local-1:000000000000:alias/none is not found. (Service: AWSKMS; Error Code: \
                   NotFoundException)";
    refused(put("alias/none").await, Code::InvalidKeyId, message);
    let message = "Invalid keyId 'none' (Service: AWSKMS; Error Code: NotFoundException)";
    refused(put("none").await, Code::InvalidKeyId, message);
    let pattern = "Member must satisfy regular expression pattern: ^([a-zA-Z0-9:/_-]+)$";
    refused(put("a b").await, Code::Validation, &constraint("keyId", pattern));
    let long = constraint("keyId", "Member must have length less than or equal to 256");
    refused(put(&"x".repeat(257)).await, Code::Validation, &long);
    let id = key(&bench, "alias/app").await;
    put("alias/app").await.unwrap();
    let disable = DisableKey { key: id };
    bench
        .gate
        .run(&principal("administrator"), &*bench.kms, disable)
        .await
        .map(Released::into_inner)
        .unwrap();
    let message = format!(
        "arn:aws:kms:local-1:000000000000:key/{id} is disabled. (Service: AWSKMS; Error Code: DisabledException)"
    );
    refused(bench.get("n").await, Code::InvalidKeyId, &message);
}
