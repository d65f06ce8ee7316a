//! One suite for every backend: what the service may rely on, whichever store it runs on.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail like tests do"
)]

#[path = "conformance/backend.rs"]
mod backend;
#[path = "conformance/commit.rs"]
mod commit;
#[path = "conformance/read.rs"]
mod read;
#[path = "conformance/seal.rs"]
mod seal;
#[path = "conformance/watch.rs"]
mod watch;

use backend::{Embedded, Memory};

macro_rules! suite {
    ($($part:ident :: $test:ident;)*) => {
        mod memory {
            $(#[tokio::test] async fn $test() { super::$part::$test(&super::Memory::new()).await; })*
        }
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::$part::$test(&super::Embedded::new()).await; })*
        }
        /// Every test of the parts is in the list above: a test that no backend runs proves nothing.
        #[test]
        fn no_test_is_left_out() {
            let listed: std::collections::BTreeSet<&str> = [$(stringify!($test),)*].into();
            for source in [
                include_str!("conformance/commit.rs"), include_str!("conformance/read.rs"),
                include_str!("conformance/seal.rs"), include_str!("conformance/watch.rs"),
            ] {
                for line in source.lines().filter_map(|line| line.strip_prefix("pub(crate) async fn ")) {
                    let name = line.split('(').next().unwrap();
                    assert!(listed.contains(name), "{name} is not in the suite");
                }
            }
        }
    };
}

suite! {
    read::an_empty_store_has_nothing;
    read::lists_are_in_the_order_of_the_keys_bytes;
    read::paging_visits_every_record_once;
    read::a_prefix_ends_where_it_says;
    read::what_was_written_is_there_after_reopening;
    read::the_largest_record_and_the_longest_key_fit;
    commit::a_transaction_applies_as_a_whole_or_not_at_all;
    commit::requirements_are_checked_against_the_present;
    commit::a_record_that_came_back_is_not_the_one_that_went;
    commit::revisions_grow_and_are_never_given_twice;
    commit::of_many_who_want_the_same_one_gets_it;
    commit::counters_that_many_increment_lose_nothing;
    commit::what_is_too_large_is_refused;
    commit::a_transaction_changes_a_record_once;
    commit::requirements_alone_are_a_check;
    commit::a_log_grows_in_the_order_of_the_commits;
    commit::a_refused_transaction_leaves_nothing_in_the_log;
    watch::changes_come_in_order_and_only_under_the_prefix;
    watch::a_watch_starts_now;
    watch::a_slow_watcher_is_told_that_it_fell_behind;
    watch::refused_transactions_are_no_news;
    watch::what_a_watcher_heard_of_can_be_read;
    watch::a_lease_has_one_holder;
    seal::a_locked_store_keeps_bootstrap_records_only;
    seal::an_edited_record_is_refused_by_name;
    seal::two_swapped_records_are_refused;
    seal::a_copied_record_is_refused;
    seal::an_old_value_under_a_new_revision_is_refused;
    seal::another_sealing_key_opens_nothing;
    seal::a_damaged_record_can_be_written_over;
    seal::a_bootstrap_record_cannot_pose_as_another;
}
