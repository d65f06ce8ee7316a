//! temporary
use std::sync::Arc;
use std::time::*;
use strongroom_audit::*;
use strongroom_base::*;
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    for lanes in [1usize, 8, 64, 256] {
        let dir = std::path::PathBuf::from(format!("/work/main/target/audit-rate-{lanes}"));
        let _ = std::fs::remove_dir_all(&dir);
        let trail = Trail::open(&dir, Clock::System).unwrap();
        let scope = Arc::new(Scope::new("aws", "local-1", "000000000000").unwrap());
        let caller = Arc::new(Caller::principal(
            "arn:aws:iam::000000000000:user/developer".parse().unwrap(),
            scope.account().clone(),
        ));
        let key = scope.arn("kms", "key/6f1c9a9e-7a43-4f0e-8a53-3f1c9a9e7a43");
        let mut p = Parameters::new();
        p.insert("keyId".into(), "alias/orders".into());
        p.insert("keySpec".into(), "AES_256".into());
        p.insert(
            "encryptionContext".into(),
            serde_json::json!({"SecretARN":"arn:aws:secretsmanager:local-1:000000000000:secret:db-AbCdEf"}),
        );
        let p = Arc::new(p);
        let cpu = || {
            let s = std::fs::read_to_string("/proc/self/stat").unwrap();
            let r = s.rsplit(')').next().unwrap().split_whitespace().collect::<Vec<_>>();
            (r[11].parse::<u64>().unwrap() + r[12].parse::<u64>().unwrap()) as f64 * 10_000.0
        };
        let (start, c0) = (Instant::now(), cpu());
        let end = start + Duration::from_secs(4);
        let mut t = vec![];
        for _ in 0..lanes {
            let (trail, scope, caller, key, p) = (trail.clone(), scope.clone(), caller.clone(), key.clone(), p.clone());
            t.push(tokio::spawn(async move {
                let mut n = 0u64;
                while Instant::now() < end {
                    trail
                        .append(Event {
                            time: Clock::System.now(),
                            caller: &caller,
                            action: Action::GenerateDataKey,
                            scope: &scope,
                            request_id: RequestId::random(),
                            source: "127.0.0.1",
                            user_agent: "strongroom/0.1",
                            via: None,
                            parameters: &p,
                            resources: vec![&key],
                            phase: Phase::Done(Parameters::new()),
                        })
                        .await
                        .unwrap();
                    n += 1;
                }
                n
            }));
        }
        let mut n = 0;
        for x in t {
            n += x.await.unwrap();
        }
        let e = start.elapsed();
        let c = cpu() - c0;
        let s = trail.status();
        println!(
            "{lanes}: {:.0}/s, {:.2} us cpu/event, {} writes, {:.1}/write, {:.0} us/write",
            n as f64 / e.as_secs_f64(),
            c / n as f64,
            s.writes,
            n as f64 / s.writes as f64,
            e.as_micros() as f64 / s.writes as f64
        );
        drop(trail);
        let v = Instant::now();
        let r = verify(&dir).unwrap();
        println!("  verify {} records in {:?}", r.records, v.elapsed());
        let _ = std::fs::remove_dir_all(&dir);
    }
}
