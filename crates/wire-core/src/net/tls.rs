//! TLS by rustls, with the provider named, so that an application that enables another one never panics.

use std::path::Path;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::url::Host;

/// How to do TLS. Chain and name are always verified; the name is the one that the user wrote, never one that a
/// server or DNS told.
#[derive(Debug, Clone)]
pub struct TlsOptions {
    config: Arc<ClientConfig>,
    server_name: Option<String>,
}

/// Why TLS could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file of root certificates cannot be used.
    #[error("root certificates {path}: {why}")]
    Roots {
        /// The file.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// The host is neither a DNS name nor an address.
    #[error("{0} is not a name that a certificate can have")]
    Name(String),
    /// rustls refuses the set-up.
    #[error(transparent)]
    Setup(#[from] rustls::Error),
    /// The TLS handshake failed.
    #[error(transparent)]
    Handshake(std::io::Error),
}

impl TlsOptions {
    /// Trusts Mozilla's root certificates.
    ///
    /// # Errors
    /// If rustls refuses the set-up.
    pub fn with_default_roots() -> Result<Self, TlsError> {
        let mut roots = rustls::RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        Self::with_roots(roots)
    }

    /// Trusts the certificates in a PEM file, and no others.
    ///
    /// # Errors
    /// If the file cannot be read, or holds no certificate.
    pub fn with_root_file(path: &Path) -> Result<Self, TlsError> {
        let bad = |why: String| TlsError::Roots {
            path: path.display().to_string(),
            why,
        };
        let mut roots = rustls::RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(path).map_err(|e| bad(e.to_string()))? {
            let certificate = certificate.map_err(|e| bad(e.to_string()))?;
            roots.add(certificate).map_err(|e| bad(e.to_string()))?;
        }
        if roots.is_empty() {
            return Err(bad("holds no certificate".to_owned()));
        }
        Self::with_roots(roots)
    }

    /// Uses a configuration of the caller's.
    pub fn with_config(config: Arc<ClientConfig>) -> Self {
        Self {
            config,
            server_name: None,
        }
    }

    /// Asks every server for a certificate of `name`, instead of its host's name.
    #[must_use]
    pub fn with_server_name(mut self, name: &str) -> Self {
        self.server_name = Some(name.to_owned());
        self
    }

    fn with_roots(roots: rustls::RootCertStore) -> Result<Self, TlsError> {
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self::with_config(Arc::new(config)))
    }

    pub(super) async fn connect(
        &self,
        stream: TcpStream,
        host: &Host,
    ) -> Result<TlsStream<TcpStream>, TlsError> {
        let name = self.server_name.as_ref().unwrap_or(&host.name);
        let name = ServerName::try_from(name.clone()).map_err(|_| TlsError::Name(name.clone()))?;
        TlsConnector::from(Arc::clone(&self.config))
            .connect(name, stream)
            .await
            .map_err(TlsError::Handshake)
    }
}
