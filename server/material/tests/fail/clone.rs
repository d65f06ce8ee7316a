use strongroom_material::{DataKey, Material};

fn main() {
    let key = Material::<DataKey>::take(vec![1]);
    let _copy = key.clone();
}
