//! This tab's key to a file and from one.
//!
//! It keeps the worker busy for some tenths of a second; messages wait meanwhile.

use js_sys::JsString;

use crate::api::{ApiError, Outcome, Passphrase};
use crate::key_file::{KeyFile, KeyFileFault, is_valid_passphrase, lock};
use crate::primitives::{Keypair, Seed};

/// Locks a key with a passphrase.
pub(super) fn export(wallet: &Keypair, passphrase: &Passphrase) -> Result<Outcome, ApiError> {
    if !is_valid_passphrase(&passphrase.0) {
        return Err(ApiError::PassphraseLength);
    }
    let (mut salt, mut nonce) = ([0; 16], [0; 24]);
    let random = getrandom::fill(&mut salt).and_then(|()| getrandom::fill(&mut nonce));
    random.map_err(|_| ApiError::KeyNotLocked)?;
    let file = lock::lock(wallet.seed(), &normalised(passphrase), salt, nonce);
    file.map(|file| Outcome::KeyFile(file.text())).map_err(|_| ApiError::KeyNotLocked)
}

/// Makes a key for somebody else.
pub(super) fn make() -> Result<Outcome, ApiError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| ApiError::KeyNotLocked)?;
    Ok(Outcome::NewKey { seed: Seed(seed), author: Keypair::from_seed(seed).public() })
}

/// Unlocks a file's key.
pub(super) fn unlock(file: &str, passphrase: &Passphrase) -> Result<Seed, KeyFileFault> {
    lock::unlock(&KeyFile::parse(file)?, &normalised(passphrase))
}

/// Unicode's form C (RFC 8265, section 4.2): one device types 가 as one character, another
/// as two.
fn normalised(passphrase: &Passphrase) -> String {
    JsString::from(passphrase.0.as_str()).normalize("NFC").into()
}
