//! Private SSH keys in memory.

use std::fmt;

use ssh_key::{HashAlg, LineEnding, PrivateKey, Signature, SigningKey};

use super::auth::SshSigner;
use crate::error::{Error, ErrorKind};

/// A private SSH key in memory, which signs to log in: Ed25519 or ECDSA over P-256, as OpenSSH keeps them in files
/// (feature `ssh-key-06`). For other keys, and for keys in an agent, write an [`SshSigner`].
///
/// ```no_run
/// use ch_native::{Config, SshKey};
///
/// let text = std::fs::read_to_string("id_ed25519")?;
/// let config = Config::new("db").with_ssh_signer("me", SshKey::from_openssh(&text)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SshKey {
    key: PrivateKey,
    form: SshSignature,
}

/// The form of a signature, which depends on the age of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum SshSignature {
    /// Text as `ssh-keygen -Y sign` makes it, with the namespace `clickhouse` and SHA-256: what servers of 2026 read.
    #[default]
    Text,
    /// The blob of the SSH protocol (RFC 4253 §6.6): what the servers before read.
    Blob,
}

/// Keeps signatures for ClickHouse apart from those for anything else (ClickHouse, `src/Common/SSHWrapper.cpp`).
const NAMESPACE: &str = "clickhouse";

impl SshKey {
    /// A key from the text of its file, `-----BEGIN OPENSSH PRIVATE KEY-----`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if it is no such text, or needs a passphrase.
    pub fn from_openssh(text: &str) -> Result<Self, Error> {
        let key = PrivateKey::from_openssh(text)
            .map_err(|e| wrong("is not a private key in OpenSSH's form").with_source(e))?;
        if key.is_encrypted() {
            return Err(wrong("needs a passphrase: use SshKey::from_encrypted"));
        }
        Ok(Self {
            key,
            form: SshSignature::default(),
        })
    }

    /// A key from the text of its file, which a passphrase protects. Takes as long as the key's maker wanted it to take,
    /// usually some tenths of a second.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if it is no such text, or the passphrase is another.
    pub fn from_encrypted(text: &str, passphrase: &str) -> Result<Self, Error> {
        let key = PrivateKey::from_openssh(text)
            .map_err(|e| wrong("is not a private key in OpenSSH's form").with_source(e))?
            .decrypt(passphrase)
            .map_err(|e| wrong("cannot be opened with this passphrase").with_source(e))?;
        Ok(Self {
            key,
            form: SshSignature::default(),
        })
    }

    /// Signs in this form. Default [`SshSignature::Text`].
    #[must_use]
    pub fn with_signature(mut self, form: SshSignature) -> Self {
        self.form = form;
        self
    }
}

#[cold]
fn wrong(what: &str) -> Error {
    Error::new(ErrorKind::Config, format!("the SSH key {what}"))
}

/// Shows the kind of the key, and nothing of it.
impl fmt::Debug for SshKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SshKey")
            .field("algorithm", &self.key.algorithm().as_str())
            .field("form", &self.form)
            .finish_non_exhaustive()
    }
}

impl SshSigner for SshKey {
    fn sign(&self, data: &[u8]) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
        match self.form {
            SshSignature::Text => {
                let signature = self.key.sign(NAMESPACE, HashAlg::Sha256, data)?;
                Ok(signature.to_pem(LineEnding::LF)?.into_bytes())
            }
            SshSignature::Blob => {
                let signature = signed(&self.key, data)?;
                let mut out = Vec::new();
                for part in [
                    signature.algorithm().as_str().as_bytes(),
                    signature.as_bytes(),
                ] {
                    out.extend_from_slice(&u32::try_from(part.len())?.to_be_bytes());
                    out.extend_from_slice(part);
                }
                Ok(out)
            }
        }
    }
}

/// The crate's trait for signing is that of another crate, and known here by its bound alone.
fn signed<K: SigningKey>(
    key: &K,
    data: &[u8],
) -> Result<Signature, Box<dyn std::error::Error + Send + Sync>> {
    Ok(key.try_sign(data)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ED25519: &str = include_str!("../../tests/fixtures/ssh/ed25519.key");
    const ECDSA: &str = include_str!("../../tests/fixtures/ssh/ecdsa_p256.key");
    /// What the fixtures sign.
    const DATA: &[u8] = b"54492dbmesalt";

    /// The same text as OpenSSH makes with the same key, and the same signature as OpenSSL.
    #[test]
    fn signatures_are_those_of_other_programs() {
        let key = SshKey::from_openssh(ED25519).unwrap();
        let text = String::from_utf8(key.sign(DATA).unwrap()).unwrap();
        let lines = |text: &str| text.split_whitespace().collect::<String>();
        let expected = include_str!("../../tests/fixtures/ssh/ed25519.sshsig");
        assert_eq!(lines(&text), lines(expected));
        let blob = key.with_signature(SshSignature::Blob).sign(DATA).unwrap();
        let raw = include_str!("../../tests/fixtures/ssh/ed25519.raw.hex");
        let raw = wire_core::hex::parse(raw).unwrap();
        let expected = [&b"\0\0\0\x0bssh-ed25519\0\0\0\x40"[..], &raw].concat();
        assert_eq!(blob, expected);
    }

    #[test]
    fn a_passphrase_opens_a_key_and_another_does_not() {
        let key = SshKey::from_encrypted(ECDSA, "secret words").unwrap();
        assert!(
            key.sign(DATA)
                .unwrap()
                .starts_with(b"-----BEGIN SSH SIGNATURE-----")
        );
        for (text, error) in [
            ("other words", SshKey::from_encrypted(ECDSA, "other words")),
            ("passphrase", SshKey::from_openssh(ECDSA)),
            (
                "OpenSSH's form",
                SshKey::from_openssh("-----BEGIN RSA PRIVATE KEY-----"),
            ),
        ] {
            let error = error.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{text}");
            assert!(!error.to_string().contains("words"), "{error}");
        }
    }

    #[test]
    fn nothing_of_a_key_is_shown() {
        let shown = format!("{:?}", SshKey::from_openssh(ED25519).unwrap());
        assert_eq!(
            shown,
            "SshKey { algorithm: \"ssh-ed25519\", form: Text, .. }"
        );
    }
}
