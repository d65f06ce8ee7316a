//! What a page of ListSecrets and a GetSecretValue cost with 100, 1,000 and 10,000 secrets: `cargo bench -p strongroom-secrets`.
//!
//! Whole services over the embedded store, with a token in memory: gate, policies and audit trail are real. They stand side
//! by side and take turns, so that a noisy moment hits all of them alike. Fails if GetSecretValue is more than 1.2 times as
//! slow with the most secrets as with the fewest, or a page more than twice.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a program for a developer, which stops at the first surprise"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use strongroom_audit::Trail;
use strongroom_base::{Caller, Clock, Deadline, Fault, RequestId, Scope};
use strongroom_gate::{Gate, GrantTokens, OpContext, Operation, Policies};
use strongroom_kms::{Kms, Root};
use strongroom_policy::PolicyDocument;
use strongroom_secrets::op::{CreateSecret, GetSecretValue, ListSecrets, NewSecret};
use strongroom_secrets::{Filter, FilterKey, Secrets, SortBy, SortOrder, Value};
use strongroom_store::{Records, Sealer, SledStore};
use strongroom_token::Token;
use strongroom_token::fake::FakeToken;
use tempfile::TempDir;

const SIZES: [usize; 3] = [100, 1_000, 10_000];
const ROUNDS: usize = 600;
const AT_ONCE: usize = 64;
const ADMINISTRATOR: &str = "arn:aws:iam::000000000000:user/administrator";
const GET_RATIO_MAX: f64 = 1.2;
const PAGE_RATIO_MAX: f64 = 2.0;

/// What is measured.
#[derive(Clone, Copy)]
enum Case {
    Get,
    FirstPage,
    MiddlePage,
    ByName,
    NoMatch,
}

impl Case {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Get, "GetSecretValue"),
        (Self::FirstPage, "ListSecrets, first page of 100"),
        (Self::MiddlePage, "... page of 100 from the middle"),
        (Self::ByName, "... a name's prefix, 10 rows"),
        (Self::NoMatch, "... a filter that nothing matches"),
    ];
}

struct Service {
    gate: Arc<Gate>,
    secrets: Secrets,
    size: usize,
    build: Duration,
    /// Where the second half of the list begins.
    middle: String,
    _token: FakeToken,
    _directory: TempDir,
}

impl Service {
    async fn with(size: usize) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let scope = Scope::new("aws", "local-1", "000000000000").unwrap();
        let (sealer, clock) = (Sealer::locked(), Clock::System);
        let store = SledStore::open(&directory.path().join("store"), sealer.clone()).unwrap();
        let records = Records::new(Arc::new(store));
        let mut root = Root::of_store(&records, &scope).await.unwrap();
        let fake = FakeToken::new();
        let settings = fake.settings(directory.path(), root.installation()).unwrap();
        let token = Token::start_with(fake.module(), settings).unwrap();
        token.first_contact().await.unwrap();
        root.unlock(&token, &sealer).await.unwrap();
        let trail = Trail::open(&directory.path().join("audit"), clock.clone()).unwrap();
        let mut policies = Policies::default();
        let all = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
        policies.attach(ADMINISTRATOR.parse().unwrap(), PolicyDocument::parse(all).unwrap());
        let gate = Arc::new(Gate::new(scope.clone(), clock.clone(), policies, trail));
        gate.open();
        let kms = Arc::new(Kms::new(token, records.clone(), sealer, scope, clock.clone(), &root));
        let new = || Secrets::new(records.clone(), Arc::clone(&gate), Arc::clone(&kms), clock.clone());
        fill(&gate, &new(), size).await;
        // As after a start: the index is built from the store.
        let secrets = new();
        let began = Instant::now();
        secrets.ready_index().await.unwrap();
        let build = began.elapsed();
        let mut service = Self {
            gate,
            secrets,
            size,
            build,
            middle: String::new(),
            _token: fake,
            _directory: directory,
        };
        service.middle = service.token_of_the_middle().await;
        service.warm_up().await;
        service
    }

    async fn token_of_the_middle(&self) -> String {
        let (mut token, mut seen) = (None::<String>, 0);
        while seen < self.size / 2 {
            // Pages of 50, so that the fewest secrets have two.
            let page = ListSecrets::new(Vec::new(), by_creation(), false, Some(50), token.as_deref()).unwrap();
            let page = run(&self.gate, &self.secrets, page).await.unwrap();
            seen += page.secrets.len();
            token = page.next_token;
        }
        token.unwrap()
    }

    /// Every secret is read once, so that all services know theirs.
    async fn warm_up(&self) {
        let read = |number: usize| {
            let get = GetSecretValue::new(&format!("app/{number:0>5}"), None, None).unwrap();
            run(&self.gate, &self.secrets, get)
        };
        for numbers in (0..self.size).collect::<Vec<_>>().chunks(AT_ONCE) {
            for read in join_all(numbers.iter().copied().map(read)).await {
                drop(read.unwrap());
            }
        }
    }

    async fn measure(&self, case: Case, round: usize) -> Duration {
        // Secrets in an order that no cache foresees.
        let name = format!("app/{:0>5}", round * 7_919 % self.size);
        let list = |filters, token| ListSecrets::new(filters, by_creation(), false, None, token).unwrap();
        let began = Instant::now();
        match case {
            Case::Get => {
                let get = GetSecretValue::new(&name, None, None).unwrap();
                drop(run(&self.gate, &self.secrets, get).await.unwrap());
            }
            Case::FirstPage => drop(run(&self.gate, &self.secrets, list(Vec::new(), None)).await.unwrap()),
            Case::MiddlePage => {
                let page = list(Vec::new(), Some(self.middle.as_str()));
                drop(run(&self.gate, &self.secrets, page).await.unwrap());
            }
            Case::ByName => {
                let prefix = Filter::new(FilterKey::Name, vec![name[..name.len() - 1].to_owned()]).unwrap();
                let sort = (SortBy::Name, SortOrder::Asc);
                let page = ListSecrets::new(vec![prefix], sort, false, None, None).unwrap();
                assert_eq!(run(&self.gate, &self.secrets, page).await.unwrap().secrets.len(), 10);
            }
            Case::NoMatch => {
                let filter = Filter::new(FilterKey::TagKey, vec!["none".to_owned()]).unwrap();
                drop(run(&self.gate, &self.secrets, list(vec![filter], None)).await.unwrap());
            }
        }
        began.elapsed()
    }
}

fn by_creation() -> (SortBy, SortOrder) {
    (SortBy::CreatedDate, SortOrder::Desc)
}

async fn fill(gate: &Gate, secrets: &Secrets, size: usize) {
    let create = |number: usize| {
        let new = NewSecret {
            name: format!("app/{number:0>5}"),
            description: Some(format!("secret number {number}")),
            value: Some(Value::string(format!("value {number}")).unwrap()),
            tags: vec![("team".to_owned(), format!("team-{}", number % 7))],
            ..NewSecret::default()
        };
        run(gate, secrets, CreateSecret::new(new, secrets.scope()).unwrap())
    };
    // The first makes the service's own key.
    create(0).await.unwrap();
    for numbers in (1..size).collect::<Vec<_>>().chunks(AT_ONCE) {
        for made in join_all(numbers.iter().copied().map(create)).await {
            made.unwrap();
        }
    }
}

async fn run<O: Operation<Domain = Secrets>>(gate: &Gate, secrets: &Secrets, operation: O) -> Result<O::Reply, Fault> {
    let caller = Caller::principal(ADMINISTRATOR.parse().unwrap(), "000000000000".parse().unwrap());
    let context = OpContext {
        caller: Arc::new(caller),
        request_id: RequestId::random(),
        source: "127.0.0.1".into(),
        channel: Arc::default(),
        user_agent: "bench".into(),
        deadline: Deadline::after(Duration::from_secs(30)),
        via: None,
        grant_tokens: GrantTokens::default(),
        dry_run: false,
    };
    gate.run(&context, secrets, operation)
        .await
        .map(strongroom_gate::Released::into_inner)
}

/// The time in microseconds that one of four requests stays below: what it costs when nothing else disturbs it.
fn lower_quartile(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times.get(times.len() / 4).unwrap().as_secs_f64() * 1e6
}

#[tokio::main]
async fn main() {
    let mut services = Vec::new();
    for size in SIZES {
        services.push(Service::with(size).await);
    }
    println!(
        "| lower quartile of {ROUNDS}, µs | {} secrets | {} | {} | ratio |",
        SIZES[0], SIZES[1], SIZES[2]
    );
    println!("|---|---|---|---|---|");
    let mut ratios = Vec::new();
    for (case, name) in Case::ALL {
        let mut times = vec![Vec::new(); services.len()];
        for round in 0..ROUNDS {
            // Each is the first in its turn.
            for place in 0..services.len() {
                let place = (place + round) % services.len();
                times[place].push(services[place].measure(case, round).await);
            }
        }
        let quartiles: Vec<f64> = times.into_iter().map(lower_quartile).collect();
        let ratio = quartiles.last().unwrap() / quartiles.first().unwrap();
        let cells: Vec<String> = quartiles.iter().map(|time| format!("{time:.0}")).collect();
        println!("| {name} | {} | {ratio:.2} |", cells.join(" | "));
        ratios.push(ratio);
    }
    let builds: Vec<String> = services
        .iter()
        .map(|service| format!("{:.0}", service.build.as_secs_f64() * 1e6))
        .collect();
    println!("| once at the start: the index is built | {} | |", builds.join(" | "));
    let (get, page, middle) = (ratios[0], ratios[1], ratios[2]);
    assert!(
        get <= GET_RATIO_MAX,
        "GetSecretValue slows down with the number of secrets"
    );
    assert!(
        page.max(middle) <= PAGE_RATIO_MAX,
        "pages slow down with the number of secrets"
    );
}
