//! scratch
use std::sync::Arc; use std::time::*;
use strongroom_store::*; use strongroom_material::Material;
#[tokio::main]
async fn main() {
    let dir = std::path::PathBuf::from(std::env::args().nth(1).unwrap());
    let writers: usize = std::env::args().nth(2).unwrap().parse().unwrap();
    let size: usize = std::env::args().nth(3).unwrap().parse().unwrap();
    let secs: u64 = std::env::args().nth(4).unwrap().parse().unwrap();
    let keys: u64 = std::env::args().nth(5).unwrap().parse().unwrap();
    let sealer = Sealer::locked(); sealer.unlock(Material::take(vec![1;32])).unwrap();
    let t=Instant::now();
    let store = Arc::new(SledStore::open(&dir, sealer).unwrap());
    println!("open {:?}", t.elapsed());
    let until = Instant::now()+Duration::from_secs(secs);
    let mut tasks=vec![];
    for w in 0..writers { let store=store.clone(); tasks.push(tokio::spawn(async move {
        let mut x = w as u64*7919+1; let mut lat=vec![]; 
        while Instant::now()<until { x ^= x<<13; x^=x>>7; x^=x<<17;
            // skew: half of the writes hit 16 hot keys
            let k = if x&1==0 { x%16 } else { (x>>8)%keys };
            let s=Instant::now();
            store.commit(Transaction{ puts: vec![(RecordKey::new("secret",&format!("{k:08}")).unwrap(), vec![(x&255) as u8; size])], ..Default::default()}).await.unwrap();
            lat.push(s.elapsed()); }
        lat })); }
    let mut all=vec![]; for t in tasks { all.extend(t.await.unwrap()); }
    all.sort();
    println!("{}/s p50 {:?} p99 {:?} max {:?}", all.len() as u64/secs, all[all.len()/2], all[all.len()*99/100], all.last());
    let s=store.stats(); println!("{s:?} mean batch {:.1} sync {:?} write {:?}", s.commits as f64/s.batches as f64, s.sync_time/s.batches as u32, s.write_time/s.batches as u32);
    let t=Instant::now(); let mut n=0; for k in 0..keys.min(20000) { if store.get(&RecordKey::new("secret",&format!("{k:08}")).unwrap()).await.unwrap().is_some() {n+=1}} println!("get {n} of {}: {:?} each", keys.min(20000), t.elapsed()/keys.min(20000) as u32);
    let t=Instant::now(); drop(store); println!("close {:?}", t.elapsed());
}
