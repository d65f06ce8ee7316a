//! `cargo load --rules`: what conditions, grants and quotas cost on GenerateDataKey beside a policy that asks nothing.
//!
//! Two services run side by side, one without quotas and one with quotas that nobody reaches. Callers take turns of a
//! second each, so that a noisy second hits all of them alike.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use strongroom_proto::v1;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::caller::{Caller, Load};
use super::operation::Operation;
use super::point::{Point, Sample};
use super::report::Report;
use super::service::{context, data_keys};
use super::stage::{SLICE, WARM_UP};
use crate::authority::Authority;
use crate::daemon::configuration::{Configuration, Door, principal_arn};
use crate::daemon::{Daemon, DaemonCommand};
use crate::leftover::Leftover;
use crate::software_token::{SoftwareToken, TokenKind};
use crate::{HarnessFault, private_file, workspace};

/// What is weighed for a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rules {
    /// One statement that allows everything.
    Plain,
    /// Statements with conditions on the request, the key and the connection.
    Conditions,
    /// Nothing but a grant with a constraint, on a key with a hundred others.
    Grant,
    /// One statement that allows everything, within quotas.
    Quotas,
    /// Conditions within quotas, on a key with grants.
    All,
}

/// Grants to others on the key with grants.
const OTHER_GRANTS: usize = 100;
/// Requests a second that nobody reaches.
const GENEROUS: u32 = 10_000_000;

impl Rules {
    const ALL: [Self; 5] = [Self::Plain, Self::Conditions, Self::Grant, Self::Quotas, Self::All];

    fn name(self) -> &'static str {
        match self {
            Self::Plain => "a policy that asks nothing",
            Self::Conditions => "conditions",
            Self::Grant => "a grant among 101",
            Self::Quotas => "quotas",
            Self::All => "conditions, grants and quotas",
        }
    }

    fn client(self) -> &'static str {
        match self {
            Self::Plain | Self::Quotas => "plain",
            Self::Conditions | Self::All => "conditions",
            Self::Grant => "grantee",
        }
    }

    fn has_grants(self) -> bool {
        matches!(self, Self::Grant | Self::All)
    }

    fn has_quotas(self) -> bool {
        matches!(self, Self::Quotas | Self::All)
    }
}

/// One service with its keys.
struct Service {
    daemon: Daemon,
    authority: Authority,
    key: String,
    granted: String,
}

/// Measures and prints one table for each number of requests in flight.
///
/// # Errors
/// When a server does not start or a request fails: a number with errors in it says nothing.
pub(super) fn measure(report: &Report, in_flight: &[usize], seconds: u64) -> Result<(), HarnessFault> {
    let directory = TempDir::with_prefix("strongroom-load-")
        .map_err(HarnessFault::file("make", Path::new("a temporary folder")))?;
    let _leftover = Leftover::directory(directory.path().to_owned());
    let runtime = Runtime::new().map_err(HarnessFault::file("make threads for", directory.path()))?;
    let free = Service::start(&directory.path().join("free"), &runtime, 0)?;
    let limited = Service::start(&directory.path().join("limited"), &runtime, GENEROUS)?;
    let service = |rules: Rules| if rules.has_quotas() { &limited } else { &free };
    for in_flight in in_flight {
        let mut samples = Vec::new();
        for rules in Rules::ALL {
            service(rules).slice(&runtime, rules, *in_flight, WARM_UP)?;
            samples.push(Sample::empty()?);
        }
        for _ in 0..seconds.max(1) {
            for (rules, sample) in Rules::ALL.into_iter().zip(&mut samples) {
                sample.add(&service(rules).slice(&runtime, rules, *in_flight, SLICE)?)?;
            }
        }
        let points: Vec<Point> = samples.iter().map(Sample::point).collect();
        let plain = points.first().map_or(f64::NAN, |plain| plain.cpu_us);
        for (rules, point) in Rules::ALL.into_iter().zip(points) {
            report.add_rules(*in_flight, rules.name(), point, point.cpu_us / plain);
        }
    }
    Ok(())
}

impl Service {
    fn start(root: &Path, runtime: &Runtime, quota: u32) -> Result<Self, HarnessFault> {
        let helper = std::env::current_exe().map_err(HarnessFault::file("find", root))?;
        private_file::make_directory(root)?;
        let token = SoftwareToken::prepare(TokenKind::SoftHsm, &root.join("token"), "strongroom-load", &helper)?;
        let policies = policies();
        let names: Vec<&str> = policies.iter().map(|(name, _)| *name).collect();
        let authority = Authority::prepare(&root.join("certificates"), &names)?;
        let (listen, door) = (SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), Door::MutualTls(&authority));
        let mut configuration = Configuration::new(root, &token, listen, &door).with_quota(quota);
        for (name, document) in &policies {
            let file = root.join(format!("{name}.json"));
            private_file::write(&file, document.to_string().as_bytes())?;
            configuration = configuration.with_principal(name, Some(file));
        }
        let command = DaemonCommand {
            program: workspace::strongroomd()?,
            configuration: root.join("strongroomd.toml"),
            module_configuration: (TokenKind::SoftHsm.variable(), token.configuration()),
            log: root.join("strongroomd.log"),
        };
        configuration.write(&command.configuration)?;
        let daemon = command.start()?;
        let (key, granted) = runtime.block_on(make_keys(&daemon, &authority))?;
        Ok(Self {
            daemon,
            authority,
            key,
            granted,
        })
    }

    fn slice(
        &self,
        runtime: &Runtime,
        rules: Rules,
        in_flight: usize,
        duration: std::time::Duration,
    ) -> Result<Sample, HarnessFault> {
        let key = if rules.has_grants() { &self.granted } else { &self.key };
        let load = Load {
            path: Operation::GenerateDataKey.path(),
            in_flight,
            duration,
            request: data_keys(key),
            next: Arc::default(),
        };
        runtime.block_on(async {
            let client = Some((&self.authority, rules.client()));
            let caller = Caller::connect_as(self.daemon.address(), client, in_flight).await?;
            let before = self.daemon.processor_time()?;
            let (latencies, wall) = caller.drive::<_, v1::GenerateDataKeyResponse>(&load).await?;
            let processor = self.daemon.processor_time()?.saturating_sub(before);
            Ok(Sample::new(latencies, wall, processor))
        })
    }
}

/// A key without grants and one with a hundred and one.
async fn make_keys(daemon: &Daemon, authority: &Authority) -> Result<(String, String), HarnessFault> {
    let caller = Caller::connect_as(daemon.address(), Some((authority, "plain")), 1).await?;
    let mut keys = Vec::new();
    for _ in 0..2 {
        let path = "/strongroom.v1.KeyManagement/CreateKey";
        let created: v1::CreateKeyResponse = caller.call(path, v1::CreateKeyRequest::default()).await?;
        keys.push(created.key_metadata.unwrap_or_default().arn);
    }
    let granted = keys.pop().unwrap_or_default();
    let others = (0..OTHER_GRANTS).map(|number| format!("other-{number}"));
    for grantee in others.chain(["grantee".to_owned()]) {
        let path = "/strongroom.v1.KeyManagement/CreateGrant";
        let _: v1::CreateGrantResponse = caller.call(path, grant(&granted, &grantee)).await?;
    }
    Ok((keys.pop().unwrap_or_default(), granted))
}

fn grant(key: &str, grantee: &str) -> v1::CreateGrantRequest {
    let tenant = context().into_iter().filter(|(name, _)| name == "tenant");
    v1::CreateGrantRequest {
        key_id: key.to_owned(),
        grantee_principal: principal_arn(grantee),
        operations: vec![
            v1::GrantOperation::Decrypt.into(),
            v1::GrantOperation::GenerateDataKey.into(),
        ],
        constraints: Some(v1::GrantConstraints {
            encryption_context_subset: tenant.collect(),
            encryption_context_equals: HashMap::new(),
        }),
        ..Default::default()
    }
}

/// Who may what, by client.
fn policies() -> [(&'static str, Value); 3] {
    let document = |statements: Value| json!({ "Version": "2012-10-17", "Statement": statements });
    let everything = json!([{ "Effect": "Allow", "Action": "kms:*", "Resource": "*" }]);
    let nothing = json!([{ "Effect": "Allow", "Action": "strongroom:GetCallerIdentity", "Resource": "*" }]);
    [
        ("plain", document(everything)),
        ("conditions", document(conditions())),
        ("grantee", document(nothing)),
    ]
}

/// What a careful administrator would write: one statement of each effect, with conditions of seven families.
fn conditions() -> Value {
    let tenant = context().remove("tenant").unwrap_or_default();
    json!([
        {
            "Sid": "OwnTenantFromHere",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": "arn:aws:kms:*:*:key/*",
            "Condition": {
                "StringEquals": { "kms:EncryptionContext:tenant": tenant, "kms:KeySpec": "SYMMETRIC_DEFAULT" },
                "ForAllValues:StringEquals": { "kms:EncryptionContextKeys": ["application", "purpose", "tenant"] },
                "IpAddress": { "aws:SourceIp": ["10.0.0.0/8", "127.0.0.0/8"] },
                "DateGreaterThan": { "aws:CurrentTime": "2020-01-01T00:00:00Z" },
                "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:user/*" }
            }
        },
        {
            "Sid": "NeverInTheClear",
            "Effect": "Deny",
            "Action": "kms:*",
            "Resource": "*",
            "Condition": { "Bool": { "aws:SecureTransport": "false" } }
        },
        {
            "Sid": "NeverForOthers",
            "Effect": "Deny",
            "Action": "kms:*",
            "Resource": "*",
            "Condition": { "StringNotLike": { "kms:EncryptionContext:application": ["billing", "invoices-*"] } }
        }
    ])
}
