//! Who may do what: on the parameter's ARN, on a path, and without telling whether it exists.

use strongroom_base::{Code, Fault};
use strongroom_parameters::op::{
    AddTagsToResource, DeleteParameter, DeleteParameters, DescribeParameters, GetParameter, GetParameterHistory,
    GetParameters, GetParametersByPath, LabelParameterVersion, ListTagsForResource, NewParameter, PathRequest,
    PutParameter, RemoveTagsFromResource, UnlabelParameterVersion,
};

use crate::bench::{Bench, again, allow, new, parameter_arn, principal, refused, scope, statement, statements};

fn denied(who: &str, action: &str, arn: &str) -> String {
    format!(
        "User: arn:aws:iam::000000000000:user/{who} is not authorized to perform: ssm:{action} on resource: {arn} because \
         no identity-based policy allows the ssm:{action} action"
    )
}

/// Every operation on one parameter, as `who`.
async fn everything(bench: &Bench, who: &str, name: &str) -> Vec<(&'static str, Result<(), Fault>)> {
    let who = &principal(who);
    let (one, scope) = (|| vec![name.to_owned()], &scope());
    let label = || vec!["label".to_owned()];
    let tags = vec![("k".to_owned(), "v".to_owned())];
    vec![
        (
            "GetParameter",
            bench
                .run(who, GetParameter::new(name, true, scope).unwrap())
                .await
                .map(drop),
        ),
        (
            "GetParameters",
            bench
                .run(who, GetParameters::new(one(), true, scope).unwrap())
                .await
                .map(drop),
        ),
        (
            "GetParameterHistory",
            bench
                .run(who, GetParameterHistory::new(name, true, None, None, scope).unwrap())
                .await
                .map(drop),
        ),
        (
            "LabelParameterVersion",
            bench
                .run(who, LabelParameterVersion::new(name, None, label()).unwrap())
                .await
                .map(drop),
        ),
        (
            "UnlabelParameterVersion",
            bench
                .run(who, UnlabelParameterVersion::new(name, 1, label()).unwrap())
                .await
                .map(drop),
        ),
        (
            "AddTagsToResource",
            bench
                .run(who, AddTagsToResource::new("Parameter", name, tags).unwrap())
                .await,
        ),
        (
            "RemoveTagsFromResource",
            bench
                .run(
                    who,
                    RemoveTagsFromResource::new("Parameter", name, vec!["k".to_owned()]).unwrap(),
                )
                .await,
        ),
        (
            "ListTagsForResource",
            bench
                .run(who, ListTagsForResource::new("Parameter", name).unwrap())
                .await
                .map(drop),
        ),
        (
            "PutParameter",
            bench
                .run(who, PutParameter::new(again(name, "y"), scope).unwrap())
                .await
                .map(drop),
        ),
        (
            "DeleteParameters",
            bench.run(who, DeleteParameters::new(one()).unwrap()).await.map(drop),
        ),
        (
            "DeleteParameter",
            bench.run(who, DeleteParameter::new(name).unwrap()).await,
        ),
    ]
}

#[tokio::test]
async fn who_may_nothing_learns_nothing() {
    let bench = Bench::with(&[("stranger", allow("kms:*", "*"))]).await;
    bench.string("/app/there", "x").await;
    for name in ["/app/there", "/app/none"] {
        for (action, answer) in everything(&bench, "stranger", name).await {
            let message = denied("stranger", action, &parameter_arn(name.trim_start_matches('/')));
            refused(answer, Code::AccessDenied, &message);
        }
    }
}

#[tokio::test]
async fn who_may_everything_on_a_parameter_may_nothing_on_others() {
    let bench = Bench::with(&[("owner", allow("ssm:*", &parameter_arn("app/*")))]).await;
    for name in ["/app/mine", "/other"] {
        bench.string(name, "x").await;
    }
    let missing = everything(&bench, "owner", "/app/none").await;
    for (action, answer) in missing {
        let expected = match action {
            "GetParameters" | "DeleteParameters" => None,
            "PutParameter" => Some(Code::Validation),
            "AddTagsToResource" | "RemoveTagsFromResource" | "ListTagsForResource" => Some(Code::InvalidResourceId),
            _ => Some(Code::ParameterNotFound),
        };
        assert_eq!(answer.err().map(|fault| fault.code()), expected, "{action}");
    }
    for (action, answer) in everything(&bench, "owner", "/other").await {
        refused(
            answer,
            Code::AccessDenied,
            &denied("owner", action, &parameter_arn("other")),
        );
    }
    for (action, answer) in everything(&bench, "owner", "/app/mine").await {
        let gone = action == "DeleteParameter";
        assert_eq!(
            answer.err().map(|fault| fault.code()),
            gone.then_some(Code::ParameterNotFound),
            "{action}"
        );
    }
    let both = vec!["/app/mine".to_owned(), "/other".to_owned()];
    let many = bench
        .run(&principal("owner"), GetParameters::new(both, true, &scope()).unwrap())
        .await;
    let message = denied("owner", "GetParameters", &parameter_arn("other"));
    refused(many, Code::AccessDenied, &message);
}

#[tokio::test]
async fn lists_and_tags_have_permissions_of_their_own() {
    let bench = Bench::with(&[(
        "partial",
        allow(r#"["ssm:PutParameter","ssm:Describe*"]"#, &parameter_arn("*")),
    )])
    .await;
    let message = "User: arn:aws:iam::000000000000:user/partial is not authorized to perform: ssm:DescribeParameters because \
                   no identity-based policy allows the ssm:DescribeParameters action";
    let list = DescribeParameters::new(Vec::new(), None, None).unwrap();
    refused(
        bench.run(&principal("partial"), list).await,
        Code::AccessDenied,
        message,
    );
    let tagged = NewParameter {
        tags: vec![("k".to_owned(), "v".to_owned())],
        ..new("n", "String", "x")
    };
    let put = PutParameter::new(tagged, &scope()).unwrap();
    let message = denied("partial", "AddTagsToResource", &parameter_arn("n"));
    refused(
        bench.run(&principal("partial"), put).await,
        Code::AccessDenied,
        &message,
    );
    bench
        .run(
            &principal("partial"),
            PutParameter::new(new("n", "String", "x"), &scope()).unwrap(),
        )
        .await
        .unwrap();
}

/// As AWS decides it: on the path, whatever is denied below, unless `ssm:Recursive` says otherwise.
#[tokio::test]
async fn a_path_is_decided_on_as_a_whole() {
    let paths = ["app", "app/sub"].map(parameter_arn);
    let on_paths = format!(r#"["{}","{}"]"#, paths[0], paths[1]);
    let allowed = statement("Allow", "ssm:GetParametersByPath", &on_paths, "");
    let below = statement("Deny", "ssm:*", &parameter_arn("app/sub/*"), "");
    let recursion = statement(
        "Deny",
        "ssm:GetParametersByPath",
        &parameter_arn("app"),
        r#"{"StringEquals":{"ssm:Recursive":"true"}}"#,
    );
    let bench = Bench::with(&[
        ("reader", statements(&[allowed.clone(), below])),
        ("level", statements(&[allowed, recursion])),
    ])
    .await;
    bench.string("/app/sub/denied", "x").await;
    let read = async |who: &str, path: &str, recursive: bool| {
        let request = PathRequest {
            path: path.to_owned(),
            recursive,
            ..PathRequest::default()
        };
        let page = bench
            .run(&principal(who), GetParametersByPath::new(request).unwrap())
            .await;
        page.map(|page| page.values.len()).map_err(|fault| fault.code())
    };
    assert_eq!(read("reader", "/app", true).await, Ok(1));
    assert_eq!(read("reader", "/app/", true).await, Ok(1));
    assert_eq!(read("reader", "/", true).await, Err(Code::AccessDenied));
    assert_eq!(read("level", "/app", true).await, Err(Code::AccessDenied));
    assert_eq!(read("level", "/app", false).await, Ok(0));
    assert_eq!(read("level", "/app/sub", true).await, Ok(1));
}

#[tokio::test]
async fn conditions_ask_for_tags_overwriting_and_policies() {
    let on = |effect: &str, condition: &str| statement(effect, "ssm:*", &parameter_arn("*"), condition);
    let everything = on("Allow", "");
    let bench = Bench::with(&[
        (
            "red",
            statements(&[on(
                "Allow",
                r#"{"StringEquals":{"ssm:resourceTag/team":"red","aws:ResourceTag/team":"red"}}"#,
            )]),
        ),
        (
            "careful",
            statements(&[
                everything.clone(),
                on("Deny", r#"{"StringEquals":{"ssm:Overwrite":"true"}}"#),
            ]),
        ),
        (
            "plain",
            statements(&[everything, on("Deny", r#"{"Null":{"ssm:Policies":"false"}}"#)]),
        ),
    ])
    .await;
    let tagged = NewParameter {
        tags: vec![("team".to_owned(), "red".to_owned())],
        ..new("/red", "String", "x")
    };
    bench.put(tagged).await.unwrap();
    bench.string("/bare", "x").await;
    assert!(bench.get_as(&principal("red"), "/red").await.is_ok());
    assert_eq!(
        bench.get_as(&principal("red"), "/bare").await.err().unwrap().code(),
        Code::AccessDenied
    );
    let put = async |who: &str, request: NewParameter| {
        let put = bench
            .run(&principal(who), PutParameter::new(request, &scope()).unwrap())
            .await;
        put.err().map(|fault| fault.code())
    };
    assert_eq!(put("careful", again("/bare", "y")).await, Some(Code::AccessDenied));
    assert_eq!(put("careful", new("/new", "String", "y")).await, None);
    let with_policies = NewParameter {
        policies: Some("[]".to_owned()),
        ..again("/bare", "y")
    };
    assert_eq!(put("plain", with_policies).await, Some(Code::AccessDenied));
    assert_eq!(put("plain", again("/bare", "y")).await, None);
}

/// A name that is too long for any parameter is that of none, and tells nobody more than another that is not there.
#[tokio::test]
async fn a_name_that_is_too_long_is_that_of_no_parameter() {
    let bench = Bench::new().await;
    let long = format!("/{}", "x".repeat(2_000));
    let get = GetParameter::new(&long, true, &scope()).unwrap();
    refused(
        bench.admin(get).await,
        Code::ParameterNotFound,
        &format!("Parameter {long} not found."),
    );
    let get = GetParameter::new(&long, true, &scope()).unwrap();
    let fault = bench.run(&principal("nobody"), get).await.err().unwrap();
    assert_eq!(fault.code(), Code::AccessDenied);
}

#[tokio::test]
async fn names_that_can_be_none_need_the_permission_too() {
    let bench = Bench::new().await;
    let names = || vec!["no name".to_owned()];
    let nobody = &principal("nobody");
    let get = || GetParameters::new(names(), true, &scope()).unwrap();
    let message = denied("nobody", "GetParameters", "*").replace(" on resource: *", "");
    refused(bench.run(nobody, get()).await, Code::AccessDenied, &message);
    let delete = || DeleteParameters::new(names()).unwrap();
    let message = denied("nobody", "DeleteParameters", "*").replace(" on resource: *", "");
    refused(bench.run(nobody, delete()).await, Code::AccessDenied, &message);
    assert_eq!(bench.admin(get()).await.unwrap().invalid, names());
    assert_eq!(bench.admin(delete()).await.unwrap().invalid, names());
}
