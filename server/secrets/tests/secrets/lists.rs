//! ListSecrets and ListSecretVersionIds: filters, order and pages.

use strongroom_base::{Code, Timestamp};
use strongroom_secrets::op::{ListSecretVersionIds, ListSecrets, NewSecret, SecretUpdate};
use strongroom_secrets::{Filter, FilterKey, SecretRecord, SortBy, SortOrder};

use crate::bench::{Bench, constraint, new_secret, refused, token, update};

const FOREIGN: &str = "The NextToken is not one that this service gave for this request.";
const BY_NAME: (SortBy, SortOrder) = (SortBy::Name, SortOrder::Asc);

async fn listed(bench: &Bench, filters: Vec<Filter>, sort: (SortBy, SortOrder), planned: bool) -> Vec<String> {
    let page = bench
        .admin(ListSecrets::new(filters, sort, planned, None, None).unwrap())
        .await
        .unwrap();
    page.secrets.into_iter().map(|secret| secret.name.to_string()).collect()
}

fn filter(key: &str, values: &[&str]) -> Filter {
    Filter::new(
        key.parse().unwrap(),
        values.iter().map(|value| (*value).to_owned()).collect(),
    )
    .unwrap()
}

async fn stocked() -> Bench {
    let bench = Bench::new().await;
    type Row<'r> = (&'r str, &'r str, &'r [(&'r str, &'r str)]);
    let stock: [Row<'_>; 4] = [
        (
            "app/database",
            "Database of the shop",
            &[("team", "Red"), ("stage", "production")],
        ),
        ("app/mail", "mail gateway", &[("team", "blue")]),
        ("App/legacy", "", &[("Team", "red")]),
        ("batch.job", "Nightly run for red team", &[]),
    ];
    for (name, description, tags) in stock {
        let tags = tags
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let description = Some(description.to_owned());
        bench
            .create(NewSecret {
                description,
                tags,
                ..new_secret(name, None)
            })
            .await
            .unwrap();
        bench.advance_days(1);
    }
    bench
}

#[tokio::test]
async fn filters_choose_by_prefix_word_and_negation() {
    let bench = stocked().await;
    let table: &[(&str, &[&str], &[&str])] = &[
        ("name", &["app/"], &["app/database", "app/mail"]),
        ("name", &["App/"], &["App/legacy"]),
        ("name", &["database"], &[]),
        ("name", &["app/d", "batch"], &["app/database", "batch.job"]),
        ("name", &["!app/"], &["App/legacy", "batch.job"]),
        ("description", &["database"], &["app/database"]),
        ("description", &["MAIL"], &["app/mail"]),
        ("description", &["shop"], &[]),
        ("description", &["!mail"], &["App/legacy", "app/database", "batch.job"]),
        ("tag-key", &["team"], &["app/database", "app/mail"]),
        ("tag-key", &["Te"], &["App/legacy"]),
        ("tag-key", &["!team"], &["App/legacy", "batch.job"]),
        ("tag-value", &["red"], &["App/legacy"]),
        ("tag-value", &["Red", "blue"], &["app/database", "app/mail"]),
        (
            "primary-region",
            &["local"],
            &["App/legacy", "app/database", "app/mail", "batch.job"],
        ),
        ("primary-region", &["eu-"], &[]),
        ("owning-service", &["rds"], &[]),
        (
            "owning-service",
            &["!rds"],
            &["App/legacy", "app/database", "app/mail", "batch.job"],
        ),
        ("all", &["red"], &["App/legacy", "app/database", "batch.job"]),
        ("all", &["RED prod"], &["app/database"]),
        ("all", &["app/legacy"], &["App/legacy"]),
        ("all", &["!red"], &["app/mail"]),
        ("all", &["base"], &[]),
        ("all", &[" "], &[]),
    ];
    for (key, values, expected) in table {
        assert_eq!(
            listed(&bench, vec![filter(key, values)], BY_NAME, false).await,
            *expected,
            "{key} {values:?}"
        );
    }
    let both = vec![filter("name", &["app/"]), filter("tag-value", &["blue"])];
    assert_eq!(
        listed(&bench, both, BY_NAME, false).await,
        ["app/mail"],
        "all filters must match"
    );
}

/// Gives a secret a value and reads it, on a day of its own.
async fn put_and_read(bench: &Bench, name: &str) {
    bench.advance_days(1);
    bench.put(name, 1, "value", &[]).await.unwrap();
    assert_eq!(bench.read(name).await.unwrap(), "value");
}

async fn in_pages_of_three(bench: &Bench, sort: (SortBy, SortOrder)) -> Vec<String> {
    let (mut paged, mut next) = (Vec::new(), None::<String>);
    loop {
        let page = ListSecrets::new(Vec::new(), sort, false, Some(3), next.as_deref()).unwrap();
        let page = bench.admin(page).await.unwrap();
        paged.extend(page.secrets.into_iter().map(|secret| secret.name.to_string()));
        next = page.next_token;
        if next.is_none() {
            return paged;
        }
    }
}

#[tokio::test]
async fn lists_are_sorted_as_asked_newest_first_unless_said_otherwise() {
    let bench = stocked().await;
    let request = SecretUpdate {
        description: Some("changed".to_owned()),
        ..update("app/database")
    };
    bench.update(request).await.unwrap();
    for name in ["App/legacy", "app/database"] {
        put_and_read(&bench, name).await;
    }
    let table = [
        (
            SortBy::LastAccessedDate,
            SortOrder::Desc,
            ["app/database", "App/legacy", "batch.job", "app/mail"],
        ),
        (
            SortBy::LastAccessedDate,
            SortOrder::Asc,
            ["app/mail", "batch.job", "App/legacy", "app/database"],
        ),
        (
            SortBy::default(),
            SortOrder::default(),
            ["batch.job", "App/legacy", "app/mail", "app/database"],
        ),
        (
            SortBy::CreatedDate,
            SortOrder::Asc,
            ["app/database", "app/mail", "App/legacy", "batch.job"],
        ),
        (
            SortBy::LastChangedDate,
            SortOrder::Desc,
            ["app/database", "App/legacy", "batch.job", "app/mail"],
        ),
        (
            SortBy::LastChangedDate,
            SortOrder::Asc,
            ["app/mail", "batch.job", "App/legacy", "app/database"],
        ),
        (
            SortBy::Name,
            SortOrder::Asc,
            ["App/legacy", "app/database", "app/mail", "batch.job"],
        ),
        (
            SortBy::Name,
            SortOrder::Desc,
            ["batch.job", "app/mail", "app/database", "App/legacy"],
        ),
    ];
    for (by, order, expected) in table {
        assert_eq!(
            listed(&bench, Vec::new(), (by, order), false).await,
            expected,
            "{by:?} {order:?}"
        );
        let paged = in_pages_of_three(&bench, (by, order)).await;
        assert_eq!(paged, expected, "{by:?} {order:?} in pages");
    }
}

#[tokio::test]
async fn deleted_secrets_are_listed_on_request() {
    let bench = stocked().await;
    bench.delete("app/mail", None, false).await.unwrap();
    assert_eq!(
        listed(&bench, Vec::new(), BY_NAME, false).await,
        ["App/legacy", "app/database", "batch.job"]
    );
    let page = bench
        .admin(ListSecrets::new(Vec::new(), BY_NAME, true, None, None).unwrap())
        .await
        .unwrap();
    let deleted: Vec<_> = page
        .secrets
        .iter()
        .filter(|secret| secret.deleted.is_some())
        .map(|secret| secret.name.as_str())
        .collect();
    assert_eq!((page.secrets.len(), deleted), (4, vec!["app/mail"]));
}

#[tokio::test]
async fn more_secrets_than_one_walk_reads_are_all_found() {
    let bench = Bench::new().await;
    for number in 0..300 {
        bench
            .create(new_secret(&format!("n/{number:0>3}"), None))
            .await
            .unwrap();
    }
    let (mut seen, mut next) = (Vec::new(), None::<String>);
    loop {
        let page = ListSecrets::new(Vec::new(), BY_NAME, false, None, next.as_deref()).unwrap();
        let page = bench.admin(page).await.unwrap();
        assert!(page.secrets.len() <= 100);
        seen.extend(page.secrets.into_iter().map(|secret| secret.name.to_string()));
        next = page.next_token;
        if next.is_none() {
            break;
        }
    }
    let expected: Vec<_> = (0..300).map(|number| format!("n/{number:0>3}")).collect();
    assert_eq!(seen, expected);
}

/// The pages of a filtered list, as numbers of rows.
async fn page_sizes(bench: &Bench, filters: &[Filter], sort: (SortBy, SortOrder), limit: i64) -> Vec<usize> {
    let (mut sizes, mut next) = (Vec::new(), None::<String>);
    loop {
        let list = ListSecrets::new(filters.to_vec(), sort, false, Some(limit), next.as_deref()).unwrap();
        let page = bench.admin(list).await.unwrap();
        sizes.push(page.secrets.len());
        next = page.next_token;
        if next.is_none() {
            return sizes;
        }
    }
}

#[tokio::test]
async fn a_page_looks_at_a_thousand_secrets_and_at_those_of_a_name_alone() {
    let bench = Bench::new().await;
    bench.create(new_secret("n/0000", None)).await.unwrap();
    let first = bench.records.find::<SecretRecord>("n/0000").await.unwrap().unwrap();
    // Written many at once, each with its event: the lists do not look at anything else of them.
    for numbers in (1..2_100).collect::<Vec<_>>().chunks(200) {
        let mut change = bench.records.change();
        for number in numbers {
            let kind = if number % 1_050 == 1 { "x" } else { "n" };
            let name = format!("{kind}/{number:0>4}");
            let record = SecretRecord {
                name: name.parse().unwrap(),
                created: Timestamp(first.created.as_millis() + number),
                ..SecretRecord::clone(&first)
            };
            change = change.insert(&name, record);
        }
        change.commit().await.unwrap();
    }
    let rare = [filter("name", &["x/"])];
    // By date the two are among all others: a page ends after a thousand looks, whatever it has.
    let by_date = (SortBy::CreatedDate, SortOrder::Asc);
    assert_eq!(page_sizes(&bench, &rare, by_date, 20).await, [1, 1, 0]);
    // By name the index knows where they are.
    assert_eq!(page_sizes(&bench, &rare, BY_NAME, 20).await, [2]);
    assert_eq!(page_sizes(&bench, &rare, BY_NAME, 1).await, [1, 1]);
    let none = [filter("name", &["y"])];
    assert_eq!(
        page_sizes(&bench, &none, (SortBy::Name, SortOrder::Desc), 20).await,
        [0]
    );
    // A page that is full goes on where it ended.
    assert_eq!(page_sizes(&bench, &[], by_date, 100).await, [100; 21]);
}

#[tokio::test]
async fn lists_follow_every_change_at_once() {
    async fn names(bench: &Bench) -> Vec<String> {
        listed(bench, Vec::new(), BY_NAME, false).await
    }
    let mut bench = Bench::new().await;
    assert_eq!(names(&bench).await, [""; 0]);
    bench.secret("b", "one").await;
    bench.secret("a", "one").await;
    assert_eq!(names(&bench).await, ["a", "b"]);
    bench.delete("a", None, true).await.unwrap();
    assert_eq!(names(&bench).await, ["b"]);
    bench.delete("b", Some(7), false).await.unwrap();
    assert_eq!(names(&bench).await, [""; 0]);
    bench.advance_days(8);
    assert_eq!(bench.purge().await, 1);
    assert_eq!(listed(&bench, Vec::new(), BY_NAME, true).await, [""; 0]);
    bench.secret("b", "two").await;
    assert_eq!(names(&bench).await, ["b"]);
    // An index that is built anew, as at a start, has the same.
    bench.restart();
    assert_eq!(names(&bench).await, ["b"]);
}

#[tokio::test]
async fn a_damaged_secret_stops_no_start_and_fails_the_lists_that_come_to_it() {
    let mut bench = Bench::new().await;
    for name in ["a", "b", "c"] {
        bench.secret(name, "value").await;
    }
    bench.disk.tamper(|values| {
        let (_, record) = values.iter_mut().find(|(key, _)| key.as_str() == "secret/b").unwrap();
        let last = record.last_mut().unwrap();
        *last ^= 1;
    });
    bench.restart();
    bench.secrets.ready_index().await.unwrap();
    let named = |prefix: &str| ListSecrets::new(vec![filter("name", &[prefix])], BY_NAME, false, None, None).unwrap();
    for name in ["a", "c"] {
        assert_eq!(bench.admin(named(name)).await.unwrap().secrets.len(), 1);
        assert_eq!(bench.read(name).await.unwrap(), "value");
    }
    let fault = bench.admin(named("b")).await.unwrap_err();
    assert_eq!(fault.code(), Code::RecordDamaged);
    let all = ListSecrets::new(Vec::new(), BY_NAME, false, None, None).unwrap();
    assert_eq!(bench.admin(all).await.unwrap_err().code(), Code::RecordDamaged);
}

#[tokio::test]
async fn versions_are_listed_with_and_without_labels() {
    let bench = Bench::new().await;
    bench.secret("n", "one").await;
    for number in 2..6 {
        bench.put("n", number, "value", &[]).await.unwrap();
    }
    let list =
        |deprecated, limit, next: Option<String>| ListSecretVersionIds::new("n", deprecated, limit, next).unwrap();
    let labelled = bench.admin(list(false, None, None)).await.unwrap();
    let rows: Vec<_> = labelled
        .versions
        .iter()
        .map(|row| (row.version.to_string(), row.stages.len()))
        .collect();
    assert_eq!(rows, [(token(4), 1), (token(5), 1)]);
    assert_eq!((labelled.secret.name.as_str(), labelled.next_token), ("n", None));
    for deprecated in [true, false] {
        let (mut seen, mut next) = (Vec::new(), None);
        loop {
            let page = bench.admin(list(deprecated, Some(1), next)).await.unwrap();
            seen.extend(page.versions.into_iter().map(|row| row.version.to_string()));
            next = page.next_token;
            if next.is_none() {
                break;
            }
        }
        let first = if deprecated { 1 } else { 4 };
        assert_eq!(seen, (first..6).map(token).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn tokens_of_other_lists_are_refused() {
    let bench = stocked().await;
    let page = bench
        .admin(ListSecrets::new(Vec::new(), BY_NAME, false, Some(1), None).unwrap())
        .await
        .unwrap();
    let token = page.next_token.unwrap();
    let new = |sort, token: &str| ListSecrets::new(Vec::new(), sort, false, None, Some(token));
    refused(
        new((SortBy::Name, SortOrder::Desc), &token),
        Code::InvalidNextToken,
        FOREIGN,
    );
    refused(
        new((SortBy::CreatedDate, SortOrder::Asc), &token),
        Code::InvalidNextToken,
        FOREIGN,
    );
    for text in ["x", "!", "AAAA", "bm90IGpzb24", &token[1..]] {
        refused(new(BY_NAME, text), Code::InvalidNextToken, FOREIGN);
    }
    let versions = ListSecretVersionIds::new("app/mail", true, None, Some(token)).unwrap();
    refused(bench.admin(versions).await, Code::InvalidNextToken, FOREIGN);
    let length = constraint("nextToken", "Member must have length less than or equal to 4096");
    refused(new(BY_NAME, &"x".repeat(4_097)), Code::Validation, &length);
    let length = constraint("nextToken", "Member must have length greater than or equal to 1");
    refused(new(BY_NAME, ""), Code::Validation, &length);
}

#[test]
fn filters_and_orders_are_checked() {
    let key = constraint(
        "filters.member.key",
        "Member must satisfy enum value set: [all, name, tag-key, description, tag-value, primary-region, owning-service]",
    );
    refused("colour".parse::<FilterKey>(), Code::Validation, &key);
    let values = |values: Vec<String>| Filter::new(FilterKey::Name, values);
    let at_least = "Member must have length greater than or equal to 1";
    refused(
        values(Vec::new()),
        Code::Validation,
        &constraint("filters.member.values", at_least),
    );
    let at_most = "Member must have length less than or equal to 10";
    refused(
        values(vec!["x".to_owned(); 11]),
        Code::Validation,
        &constraint("filters.member.values", at_most),
    );
    let long = "Member must have length less than or equal to 512";
    refused(
        values(vec!["x".repeat(513)]),
        Code::Validation,
        &constraint("filters.member.values", long),
    );
    let pattern = r"Member must satisfy regular expression pattern: ^\!?[a-zA-Z0-9 :_@\/\+\=\.\-\!]*$";
    refused(
        values(vec!["a*".to_owned()]),
        Code::Validation,
        &constraint("filters.member.values", pattern),
    );
    let eleven = vec![values(vec!["x".to_owned()]).unwrap(); 11];
    let list = ListSecrets::new(eleven, BY_NAME, false, None, None);
    refused(list, Code::Validation, &constraint("filters", at_most));
    for (limit, bound) in [(0, "greater than or equal to 1"), (101, "less than or equal to 100")] {
        let message = format!(
            "1 validation error detected: Value '{limit}' at 'maxResults' failed to satisfy constraint: Member must have \
             value {bound}"
        );
        refused(
            ListSecrets::new(Vec::new(), BY_NAME, false, Some(limit), None),
            Code::Validation,
            &message,
        );
        refused(
            ListSecretVersionIds::new("n", false, Some(limit), None),
            Code::Validation,
            &message,
        );
    }
    let by = "Member must satisfy enum value set: [name, created-date, last-accessed-date, last-changed-date]";
    refused("size".parse::<SortBy>(), Code::Validation, &constraint("sortBy", by));
    let order = "Member must satisfy enum value set: [asc, desc]";
    refused(
        "up".parse::<SortOrder>(),
        Code::Validation,
        &constraint("sortOrder", order),
    );
}
