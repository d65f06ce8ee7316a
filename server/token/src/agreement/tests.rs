use aws_lc_rs::agreement::{ECDH_P256, ECDH_P384, PrivateKey};
use aws_lc_rs::encoding::AsDer;
use strongroom_base::KeySpec;

use super::peer_point;
use crate::fault::TokenFault;
use crate::module::PublicHalf;
use crate::spki;

#[test]
fn only_points_on_the_keys_own_curve_are_taken() {
    let public = PrivateKey::generate(&ECDH_P256).unwrap().compute_public_key().unwrap();
    let good = public.as_der().unwrap().as_ref().to_vec();
    assert_eq!(*peer_point(KeySpec::EccNistP256, &good).unwrap(), *public.as_ref());

    let other = PrivateKey::generate(&ECDH_P384).unwrap().compute_public_key().unwrap();
    let other = other.as_der().unwrap().as_ref().to_vec();
    let mut off_curve = public.as_ref().to_vec();
    off_curve[64] ^= 1;
    let off_curve = spki::encode(KeySpec::EccNistP256, &PublicHalf::Point(off_curve))
        .unwrap()
        .to_vec();
    let bitcoin = spki::encode(KeySpec::EccSecgP256K1, &PublicHalf::Point(public.as_ref().to_vec()))
        .unwrap()
        .to_vec();
    let cases = [
        ("another curve", other),
        ("a point that is not on the curve", off_curve),
        ("the same numbers under another curve's name", bitcoin),
        ("a bare point", public.as_ref().to_vec()),
        ("a byte more", [good.as_slice(), &[0]].concat()),
        ("a byte less", good[1..].to_vec()),
        ("empty", Vec::new()),
    ];
    for (name, peer) in cases {
        assert_eq!(
            peer_point(KeySpec::EccNistP256, &peer).unwrap_err(),
            TokenFault::InvalidPublicKey,
            "{name}"
        );
    }
    assert_eq!(
        peer_point(KeySpec::Rsa2048, &good).unwrap_err(),
        TokenFault::InvalidPublicKey
    );
}
