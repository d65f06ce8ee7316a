//! What is measured, gathered once per scrape.

use std::fmt;
use std::sync::atomic::Ordering;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use strongroom_audit::{TrailState, TrailStatus};
use strongroom_base::KeyMaterialId;
use strongroom_gate::{LATENCY_BOUNDS_MICROS, MeterRow};
use strongroom_kms::BudgetUse;
use strongroom_store::{StoreState, StoreStats};
use strongroom_token::{Health, TokenStatus};

use crate::parts::Parts;

type Labels<'l> = [(&'l str, &'l str)];

/// The service's numbers at one moment.
#[derive(Debug)]
pub(super) struct Snapshot {
    requests: Vec<MeterRow>,
    token: TokenStatus,
    store: StoreStats,
    store_state: StoreState,
    trail: TrailStatus,
    budgets: Vec<(KeyMaterialId, BudgetUse)>,
    open: bool,
    drifted_keys: usize,
    watchers: usize,
    throttled: Vec<(&'static str, u64)>,
    turned_away: [(&'static str, u64); 3],
}

impl Snapshot {
    pub(super) async fn take(parts: &Parts) -> Self {
        Self {
            requests: parts.gate.meter(),
            token: parts.token.status(),
            store: parts.store.stats(),
            store_state: parts.store.state(),
            trail: parts.gate.trail().status(),
            budgets: parts.kms.budgets_in_use().await,
            open: parts.gate.is_open(),
            drifted_keys: parts.kms.drifted_keys(),
            watchers: parts.events.watchers(),
            throttled: parts.gate.throttled(),
            turned_away: turned_away(parts),
        }
    }
}

impl Collector for Snapshot {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut sheet = Sheet(encoder);
        self.requests(&mut sheet)?;
        self.durations(&mut sheet)?;
        self.token(&mut sheet)?;
        self.store(&mut sheet)?;
        self.trail(&mut sheet)?;
        self.budgets(&mut sheet)?;
        let rows = self.turned_away.iter().map(|(why, count)| ([("why", *why)], *count));
        sheet.counters("turned_away", "Requests that did not come as far as the gate", rows)?;
        sheet.gauge(
            "keys_drifted",
            "Keys whose objects in the token are not as recorded, and that cannot be used",
            whole(self.drifted_keys),
        )?;
        sheet.gauge("watchers", "Streams of events that are open", whole(self.watchers))?;
        let throttled = self.throttled.iter().filter(|(_, count)| *count > 0);
        let rows = throttled.map(|(class, count)| ([("class", *class)], *count));
        sheet.counters(
            "throttled",
            "Requests over an account's or a principal's quota, by class of operations",
            rows,
        )?;
        sheet.gauge("open", "Whether callers are let in", i64::from(self.open))
    }
}

impl Snapshot {
    fn requests(&self, sheet: &mut Sheet<'_>) -> fmt::Result {
        let rows = self.requests.iter().flat_map(|row| {
            [
                ("succeeded", row.succeeded),
                ("denied", row.denied),
                ("refused", row.refused),
                ("failed", row.failed),
                ("throttled", row.throttled),
            ]
            .map(|(outcome, count)| (row.action.permission(), outcome, count))
        });
        let rows: Vec<_> = rows.filter(|(_, _, count)| *count > 0).collect();
        let rows = rows
            .iter()
            .map(|(action, outcome, count)| ([("action", *action), ("outcome", *outcome)], *count));
        sheet.counters("requests", "Requests by action and outcome", rows)
    }

    fn durations(&self, sheet: &mut Sheet<'_>) -> fmt::Result {
        let help = "Time from a request's arrival at the gate to its release, in seconds";
        let mut family = sheet
            .0
            .encode_descriptor("request_duration_seconds", help, None, MetricType::Histogram)?;
        for row in &self.requests {
            let bounds = LATENCY_BOUNDS_MICROS
                .iter()
                .map(|micros| seconds(*micros))
                .chain([f64::MAX]);
            let buckets: Vec<_> = bounds.zip(row.buckets).collect();
            let count = row.buckets.iter().sum();
            if count > 0 {
                family
                    .encode_family(&[("action", row.action.permission())])?
                    .encode_histogram::<NoLabelSet>(seconds(row.total_micros), count, &buckets, None)?;
            }
        }
        Ok(())
    }

    fn token(&self, sheet: &mut Sheet<'_>) -> fmt::Result {
        let usable = i64::from(self.token.health == Health::Usable);
        sheet.gauge("token_usable", "Whether the token answered its last probe", usable)?;
        sheet.gauge(
            "token_keys",
            "Key objects of this installation in the token",
            whole(self.token.keys),
        )?;
        let help = "Jobs that wait for the token";
        let depths = [
            ("data", self.token.data_queue_depth),
            ("asymmetric", self.token.asymmetric_queue_depth),
            ("control", self.token.control_queue_depth),
        ];
        sheet.gauges(
            "token_queue_depth",
            help,
            depths.iter().map(|(lane, depth)| ([("lane", *lane)], whole(*depth))),
        )?;
        let counts: Vec<_> = self.token.counts.named().collect();
        let rows = counts.iter().map(|(event, count)| ([("event", *event)], *count));
        sheet.counters("token_events", "What has happened with the token", rows)
    }

    fn store(&self, sheet: &mut Sheet<'_>) -> fmt::Result {
        let usable = i64::from(matches!(self.store_state, StoreState::Serving));
        sheet.gauge("store_usable", "Whether the store takes and gives records", usable)?;
        let rows = [
            ("commits", self.store.commits),
            ("batches", self.store.batches),
            ("conflicts", self.store.conflicts),
            ("overloads", self.store.overloads),
            ("refused_full", self.store.refused_full),
            ("records_damaged", self.store.records_damaged),
        ];
        let rows = rows.iter().map(|(event, count)| ([("event", *event)], *count));
        sheet.counters("store_events", "What has happened with the store", rows)
    }

    fn trail(&self, sheet: &mut Sheet<'_>) -> fmt::Result {
        let writable = i64::from(matches!(self.trail.state, TrailState::Writable));
        sheet.gauge("audit_writable", "Whether the audit trail can be written", writable)?;
        let rows = [
            ("records", self.trail.records_written),
            ("writes", self.trail.writes),
            ("failed_writes", self.trail.failed_writes),
        ];
        let rows = rows.iter().map(|(event, count)| ([("event", *event)], *count));
        sheet.counters("audit_events", "What has happened with the audit trail", rows)
    }

    fn budgets(&self, sheet: &mut Sheet<'_>) -> fmt::Result {
        let named: Vec<_> = self
            .budgets
            .iter()
            .map(|(material, budget)| (material.to_string(), budget))
            .collect();
        let used = named
            .iter()
            .map(|(material, budget)| ([("key_material_id", material.as_str())], number(budget.used)));
        sheet.gauges(
            "key_invocations_used",
            "Encryptions counted against the key material's budget",
            used,
        )?;
        let limit = named
            .iter()
            .map(|(material, budget)| ([("key_material_id", material.as_str())], number(budget.limit)));
        sheet.gauges(
            "key_invocations_limit",
            "Encryptions that the key material may make in its life",
            limit,
        )?;
        let rotation = named
            .iter()
            .map(|(material, budget)| ([("key_material_id", material.as_str())], number(budget.rotation_limit)));
        sheet.gauges(
            "key_invocations_rotation_limit",
            "Encryptions of a key's current material after which the key rotates by itself",
            rotation,
        )
    }
}

fn turned_away(parts: &Parts) -> [(&'static str, u64); 3] {
    let counts = parts.door.turned_away();
    [
        ("shed", &counts.shed),
        ("unidentified", &counts.unidentified),
        ("malformed", &counts.malformed),
    ]
    .map(|(why, count)| (why, count.load(Ordering::Relaxed)))
}

/// Where families are written.
struct Sheet<'s>(DescriptorEncoder<'s>);

impl Sheet<'_> {
    fn gauge(&mut self, name: &str, help: &str, value: i64) -> fmt::Result {
        self.0
            .encode_descriptor(name, help, None, MetricType::Gauge)?
            .encode_gauge(&value)
    }

    fn gauges<'l, const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        rows: impl Iterator<Item = ([(&'l str, &'l str); N], i64)>,
    ) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for (labels, value) in rows {
            let labels: &Labels<'_> = &labels;
            family.encode_family(&labels)?.encode_gauge(&value)?;
        }
        Ok(())
    }

    fn counters<'l, const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        rows: impl Iterator<Item = ([(&'l str, &'l str); N], u64)>,
    ) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (labels, count) in rows {
            let labels: &Labels<'_> = &labels;
            family
                .encode_family(&labels)?
                .encode_counter::<NoLabelSet, u64, f64>(&count, None)?;
        }
        Ok(())
    }
}

/// Exact up to 2^52 microseconds, which is 142 years.
fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
