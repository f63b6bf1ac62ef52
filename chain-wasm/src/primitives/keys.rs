//! Ed25519 keys and signatures, verified by the rules of ZIP-215.
//!
//! ZIP-215 (<https://zips.z.cash/zip-0215>) is the one rule under which a batch
//! and a single check can never disagree; any other would let a crafted signature
//! split the network.

use core::fmt;

use ed25519_zebra::batch::{Item, Verifier};
use ed25519_zebra::{SigningKey, VerificationKey, VerificationKeyBytes};
use minicbor::{Decode, Encode};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::hash::{Hash, parse_hex, write_hex};

/// An Ed25519 public key, 32 bytes. Not every 32 bytes are a point of the curve:
/// whether they are is found out when a signature is verified.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Serialize, Deserialize,
)]
#[cbor(transparent)]
#[serde(transparent)]
pub struct PublicKey(
    #[cbor(n(0), with = "minicbor::bytes")]
    #[serde(with = "serde_bytes")]
    [u8; 32],
);

/// An Ed25519 signature, 64 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Signature(#[cbor(n(0), with = "minicbor::bytes")] [u8; 64]);

/// A signature that does not fit its key and message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not fit the key and the message")]
pub struct SignatureError;

impl PublicKey {
    /// Takes 32 bytes as a key.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Checks one signature.
    ///
    /// # Errors
    /// [`SignatureError`] if the key is no point of the curve or the signature
    /// does not fit.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), SignatureError> {
        VerificationKey::try_from(self.0)
            .and_then(|key| key.verify(&ed25519_zebra::Signature::from(signature.0), message))
            .map_err(|_| SignatureError)
    }

    /// Reads 64 hex digits.
    pub fn parse(text: &str) -> Option<Self> {
        parse_hex(text).map(Self)
    }
}

impl Signature {
    /// 64 zero bytes: what stands where no signature is called for.
    pub const EMPTY: Self = Self([0; 64]);

    /// Takes 64 bytes as a signature.
    pub const fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// The 64 bytes.
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

/// What a secret key is made from (RFC 8032's secret key). Never shown, never sent.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(#[serde(with = "serde_bytes")] pub [u8; 32]);

/// A secret key with its public half. Never shown, never sent.
#[derive(Clone)]
pub struct Keypair {
    secret: SigningKey,
    public: PublicKey,
}

impl Keypair {
    /// The key of a 32-byte seed (RFC 8032's secret key). The seed must be random.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        let secret = SigningKey::from(seed);
        let public = PublicKey(VerificationKeyBytes::from(&secret).into());
        Self { secret, public }
    }

    /// The seed that it was made from.
    pub fn seed(&self) -> Seed {
        Seed(self.secret.into())
    }

    /// The public half.
    pub const fn public(&self) -> PublicKey {
        self.public
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.secret.sign(message).to_bytes())
    }
}

/// One signature waiting for [`verify_batch`].
#[derive(Debug, Clone)]
pub struct SignatureItem {
    key: PublicKey,
    signature: Signature,
    message_hash: [u8; 32],
    item: Item,
}

impl SignatureItem {
    /// Takes note of a signature; nothing is checked yet.
    pub fn new(key: PublicKey, message: &[u8], signature: Signature) -> Self {
        Self::hashed(key, message, &Hash::of(message), signature)
    }

    /// As [`Self::new`], where the message's SHA-256 is known.
    pub(crate) fn hashed(
        key: PublicKey,
        message: &[u8],
        message_hash: &Hash,
        signature: Signature,
    ) -> Self {
        let zebra = ed25519_zebra::Signature::from(signature.0);
        let item = Item::from((VerificationKeyBytes::from(key.0), zebra, message));
        Self { key, signature, message_hash: *message_hash.as_bytes(), item }
    }
}

/// Checks many signatures at once, about half the cost of one by one.
///
/// The random coefficients of the batch equation are drawn from a hash of the
/// batch itself, which its makers cannot steer without breaking SHA-256; so the
/// function needs no source of randomness and gives the same answer every time.
///
/// # Errors
/// The position of the first signature that is wrong.
pub fn verify_batch(items: &[SignatureItem]) -> Result<(), usize> {
    if items.is_empty() {
        return Ok(());
    }
    let mut seed = Sha256::new_with_prefix(b"tabchain/batch/1");
    let mut verifier = Verifier::new();
    for one in items {
        seed.update(one.key.0);
        seed.update(one.signature.0);
        seed.update(one.message_hash);
        verifier.queue(one.item.clone());
    }
    let rng = ChaCha20Rng::from_seed(seed.finalize().into());
    if verifier.verify(rng).is_ok() {
        return Ok(());
    }
    // The batch says only that something is wrong: find out what.
    let first = items.iter().position(|one| one.item.clone().verify_single().is_err());
    first.map_or(Ok(()), Err)
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(self.0.get(..4).unwrap_or(&self.0), f)
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(self.0.get(..4).unwrap_or(&self.0), f)
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(..)")
    }
}

impl fmt::Debug for Keypair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keypair({:?})", self.public)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(seed: u8, message: &[u8]) -> SignatureItem {
        let pair = Keypair::from_seed([seed; 32]);
        SignatureItem::new(pair.public(), message, pair.sign(message))
    }

    #[test]
    fn signs_as_rfc_8032_says() {
        // RFC 8032, section 7.1, test 1.
        let seed = parse_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        let pair = Keypair::from_seed(seed.expect("hex"));
        assert_eq!(
            pair.public().to_string(),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        );
        let signature = pair.sign(b"");
        let expected = parse_hex(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac\
             c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        );
        assert_eq!(Some(*signature.as_bytes()), expected);
        assert_eq!(pair.public().verify(b"", &signature), Ok(()));
        assert_eq!(pair.public().verify(b"x", &signature), Err(SignatureError));
    }

    #[test]
    fn a_batch_names_the_first_wrong_signature() {
        let mut items: Vec<_> = (0..20).map(|n| item(n % 5, &[n])).collect();
        assert_eq!(verify_batch(&items), Ok(()));
        let forged = item(9, b"forged").signature;
        items[7] = SignatureItem::new(Keypair::from_seed([1; 32]).public(), b"forged", forged);
        items[12] = items[7].clone();
        assert_eq!(verify_batch(&items), Err(7));
        assert_eq!(verify_batch(&[]), Ok(()));
    }

    /// The eight points of small order: signatures built from them fit under
    /// cofactored rules only, and are where other crates' batch and single
    /// checks part ways.
    const SMALL_ORDER: [&str; 8] = [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    ];

    #[test]
    fn zip_215_gives_one_verdict_single_and_in_batch() {
        let mut verdicts = 0;
        for key in SMALL_ORDER {
            for r in SMALL_ORDER {
                let key = PublicKey::parse(key).expect("hex");
                let mut bytes = [0; 64];
                bytes[..32].copy_from_slice(&parse_hex::<32>(r).expect("hex"));
                let signature = Signature::from_bytes(bytes);
                let single = key.verify(b"Zcash", &signature);
                // ZIP-215 takes all of these.
                assert_eq!(single, Ok(()));
                let mut items = vec![SignatureItem::new(key, b"Zcash", signature)];
                assert_eq!(verify_batch(&items), Ok(()));
                items.push(item(3, b"honest"));
                assert_eq!(verify_batch(&items), Ok(()));
                verdicts += 1;
            }
        }
        assert_eq!(verdicts, 64);
    }
}
