use strongroom_material::{DataKey, Material, Pin};

fn log_in(_pin: &Material<Pin>) {}

fn main() {
    let key = Material::<DataKey>::take(vec![1]);
    log_in(&key);
}
