//! SCRAM (RFC 5802, RFC 7677): neither side shows the password, and the broker has to prove that it knows it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256, Sha512};

use super::{Reply, Talk};
use crate::Result;
use crate::wire::config::{Credentials, ScramHash};

/// Fewer rounds than Kafka allows would make the password easy to guess; more than this is an attack on the
/// client's processor.
const ROUNDS: std::ops::RangeInclusive<u32> = 4096..=200_000;

pub(super) async fn authenticate(talk: &Talk<'_>, hash: ScramHash, who: &Credentials) -> Result<Option<Duration>> {
    let mut random = [0; 24];
    if connect_tls::provider().secure_random.fill(&mut random).is_err() {
        return Err(talk.failed("the machine gives no random numbers"));
    }
    let nonce = BASE64.encode(random);
    let client = Client::new(hash, who, &nonce);
    let Reply { bytes: challenge, .. } = talk.send(client.first()).await?;
    let (proof, signature) = client.prove(&challenge).map_err(|why| talk.failed(&why))?;
    let Reply { bytes: verdict, lifetime } = talk.send(proof).await?;
    check_verdict(&verdict, &signature).map_err(|why| talk.failed(&why))?;
    Ok(lifetime)
}

/// What the client says, as a function of what it is told.
pub(super) struct Client<'a> {
    hash: ScramHash,
    password: &'a [u8],
    nonce: &'a str,
    first_bare: String,
}

impl<'a> Client<'a> {
    pub(super) fn new(hash: ScramHash, who: &'a Credentials, nonce: &'a str) -> Self {
        let name = who.username.replace('=', "=3D").replace(',', "=2C");
        let first_bare = format!("n={name},r={nonce}");
        Self { hash, password: who.password.reveal().as_bytes(), nonce, first_bare }
    }

    pub(super) fn first(&self) -> Bytes {
        Bytes::from(format!("n,,{}", self.first_bare))
    }

    /// The proof for a challenge, and the signature that the broker owes.
    pub(super) fn prove(&self, challenge: &[u8]) -> std::result::Result<(Bytes, Vec<u8>), String> {
        let text = std::str::from_utf8(challenge).map_err(|_| "the broker's challenge is not text".to_owned())?;
        let (mut nonce, mut salt, mut rounds) = (None, None, None);
        for field in text.split(',') {
            match field.split_once('=') {
                Some(("r", value)) => nonce = Some(value),
                Some(("s", value)) => salt = BASE64.decode(value).ok(),
                Some(("i", value)) => rounds = value.parse().ok(),
                Some(("e", value)) => return Err(value.to_owned()),
                _ => {}
            }
        }
        let (Some(nonce), Some(salt), Some(rounds)) = (nonce, salt, rounds) else {
            return Err("the broker's challenge lacks nonce, salt or rounds".into());
        };
        if !nonce.starts_with(self.nonce) || nonce.len() == self.nonce.len() {
            return Err("the broker's nonce does not go on from the client's".into());
        }
        if !ROUNDS.contains(&rounds) {
            return Err(format!("the broker asks for {rounds} rounds; possible: {ROUNDS:?}"));
        }
        // "biws" is "n,," in base64: no channel binding.
        let last_bare = format!("c=biws,r={nonce}");
        let message = format!("{},{text},{last_bare}", self.first_bare);
        let (proof, signature) = match self.hash {
            ScramHash::Sha256 => sign256(self.password, &salt, rounds, message.as_bytes()),
            ScramHash::Sha512 => sign512(self.password, &salt, rounds, message.as_bytes()),
        };
        Ok((Bytes::from(format!("{last_bare},p={}", BASE64.encode(proof))), signature))
    }
}

/// Whether the broker knows the password too.
pub(super) fn check_verdict(verdict: &[u8], signature: &[u8]) -> std::result::Result<(), String> {
    let text = std::str::from_utf8(verdict).unwrap_or_default();
    if let Some(error) = text.strip_prefix("e=") {
        return Err(error.to_owned());
    }
    let told = text.split(',').find_map(|field| field.strip_prefix("v=")).and_then(|told| BASE64.decode(told).ok());
    if told.as_deref() == Some(signature) {
        Ok(())
    } else {
        Err("the broker did not prove that it knows the password; it may not be the one it seems".into())
    }
}

macro_rules! sign {
    ($name:ident, $hash:ty, $bytes:literal) => {
        /// The client's proof and the broker's signature.
        fn $name(password: &[u8], salt: &[u8], rounds: u32, message: &[u8]) -> (Vec<u8>, Vec<u8>) {
            let mac = |key: &[u8], data: &[u8]| {
                // Any length of key will do for an HMAC.
                let mut mac = <Hmac<$hash> as KeyInit>::new_from_slice(key).expect("a key of any length");
                mac.update(data);
                mac.finalize().into_bytes()
            };
            let mut salted = [0; $bytes];
            pbkdf2::pbkdf2_hmac::<$hash>(password, salt, rounds, &mut salted);
            let client_key = mac(&salted, b"Client Key");
            let client_signature = mac(&<$hash>::digest(&client_key), message);
            let proof = client_key.iter().zip(&client_signature).map(|(key, sign)| key ^ sign).collect();
            let signature = mac(&mac(&salted, b"Server Key"), message).to_vec();
            (proof, signature)
        }
    };
}

sign!(sign256, Sha256, 32);
sign!(sign512, Sha512, 64);
