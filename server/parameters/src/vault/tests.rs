use strongroom_base::Scope;
use strongroom_material::DataKey;

use super::*;

fn arn() -> Arn {
    let scope = Scope::new("aws", "local-1", "000000000000").unwrap();
    scope.arn("ssm", "parameter/app/password")
}

#[test]
fn the_format_is_what_the_documentation_says() {
    let expected = b"strongroom/parameter-value\0\x01arn:aws:ssm:local-1:000000000000:parameter/app/password";
    assert_eq!(authenticated_data(&arn()), expected);
    let context = binding(&arn()).unwrap();
    let pairs = Vec::from_iter(context.pairs());
    assert_eq!(pairs, [("PARAMETER_ARN", arn().as_str())]);
}

#[test]
fn a_value_opens_for_its_own_parameter_alone() {
    let data_key = || Material::<DataKey>::take((0..32).collect());
    let value = Value::new("secret".to_owned()).unwrap();
    let sealed = envelope::seal(data_key(), &authenticated_data(&arn()), value.material()).unwrap();
    let opened: Material<SecretValue> = envelope::open(data_key(), &authenticated_data(&arn()), &sealed).unwrap();
    assert!(bool::from(opened.ct_eq(value.material())));
    let other = Scope::new("aws", "local-1", "000000000000")
        .unwrap()
        .arn("ssm", "parameter/app/passwords");
    assert!(envelope::open::<SecretValue>(data_key(), &authenticated_data(&other), &sealed).is_err());
}
