//! How a user shows who he is.

use std::fmt;
use std::sync::Arc;

use crate::message::Password;

/// What a client logs in with, besides the name of its user.
#[derive(Clone)]
pub(crate) enum Credentials {
    Password(Password),
    Jwt(Password),
    Ssh(Arc<dyn SshSigner>),
}

/// Shows the way, and no secret.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password(_) => "Password",
            Self::Jwt(_) => "Jwt",
            Self::Ssh(_) => "Ssh",
        })
    }
}

/// Signs with a private SSH key, so that a client can log in by it. The key stays wherever the signer has it: in memory,
/// in an agent, in a token.
///
/// The user has been created with the public key: `CREATE USER … IDENTIFIED WITH ssh_key BY KEY '…' TYPE '…'`.
pub trait SshSigner: Send + Sync {
    /// The signature of `data`, in the form that the server reads.
    ///
    /// Servers of 2026 read text as `ssh-keygen -Y sign` makes it, with the namespace `clickhouse` and SHA-256. Those
    /// before read the signature blob of the SSH protocol (RFC 4253 §6.6: the algorithm's name and the signature, each
    /// behind its length in four bytes, big-endian).
    ///
    /// # Errors
    /// Whatever keeps it from signing; the login fails with it as source.
    fn sign(&self, data: &[u8]) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>>;
}

/// A function that signs is a signer.
impl<F> SshSigner for F
where
    F: Fn(&[u8]) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> + Send + Sync,
{
    fn sign(&self, data: &[u8]) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
        self(data)
    }
}
