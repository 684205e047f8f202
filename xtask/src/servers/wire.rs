//! A blocking connection for readiness probes, plain or over TLS.
//!
//! The probes are written by hand on purpose: they judge servers, and must neither wait for the protocol crates to
//! compile nor share their mistakes.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::kind::Endpoint;

/// A server that has accepted a connection but says nothing for this long is not ready.
const PATIENCE: Duration = Duration::from_secs(5);

/// No answer to a probe is longer; a longer one comes from something else.
const LONGEST: usize = 1 << 20;

/// What a probe needs of a connection.
pub(crate) trait Stream: Read + Write {}

impl<T: Read + Write> Stream for T {}

/// An open connection.
pub(crate) struct Wire {
    stream: Box<dyn Stream>,
}

impl Wire {
    /// Connects, with the TLS handshake where the endpoint asks for it.
    pub(crate) fn open(endpoint: &Endpoint) -> Result<Self> {
        Self::open_for(endpoint, PATIENCE)
    }

    /// Connects to a server that may take this long for an answer.
    pub(crate) fn open_for(endpoint: &Endpoint, patience: Duration) -> Result<Self> {
        let address = (endpoint.host.as_str(), endpoint.port)
            .to_socket_addrs()?
            .next();
        let address = address.with_context(|| format!("`{}` has no address", endpoint.host))?;
        let tcp = TcpStream::connect_timeout(&address, PATIENCE)
            .with_context(|| format!("connect to {address}"))?;
        tcp.set_read_timeout(Some(patience))?;
        tcp.set_write_timeout(Some(PATIENCE))?;
        let Some(ca) = &endpoint.tls_ca else {
            return Ok(Self {
                stream: Box::new(tcp),
            });
        };
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(&fs::read(ca)?)?)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from(endpoint.host.clone())?;
        let tls = ClientConnection::new(Arc::new(config), name)?;
        Ok(Self {
            stream: Box::new(StreamOwned::new(tls, tcp)),
        })
    }

    /// Sends these bytes.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.write_all(bytes).context("send")?;
        self.stream.flush().context("send")
    }

    /// Receives exactly so many bytes.
    pub(crate) fn receive(&mut self, length: usize) -> Result<Vec<u8>> {
        if length > LONGEST {
            bail!("an answer of {length} bytes is not from this protocol");
        }
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).context("receive")?;
        Ok(bytes)
    }

    /// Receives one byte.
    pub(crate) fn byte(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    /// Receives a fixed number of bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.stream.read_exact(&mut bytes).context("receive")?;
        Ok(bytes)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::{self, Cursor};

    use super::*;

    /// Answers with recorded bytes and keeps what was sent.
    struct Recorded {
        answers: Cursor<Vec<u8>>,
        sent: Arc<std::sync::Mutex<Vec<u8>>>,
    }

    impl Read for Recorded {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.answers.read(into)
        }
    }

    impl Write for Recorded {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.sent.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A connection whose peer says these bytes, and what will have been sent to it.
    pub(crate) fn scripted(answers: &[u8]) -> (Wire, Arc<std::sync::Mutex<Vec<u8>>>) {
        let sent = Arc::new(std::sync::Mutex::new(Vec::new()));
        let peer = Recorded {
            answers: Cursor::new(answers.to_vec()),
            sent: Arc::clone(&sent),
        };
        (
            Wire {
                stream: Box::new(peer),
            },
            sent,
        )
    }

    #[test]
    fn an_absurd_length_is_refused_before_it_is_allocated() {
        let (mut wire, _) = scripted(&[]);
        assert!(wire.receive(usize::MAX).is_err());
    }
}
