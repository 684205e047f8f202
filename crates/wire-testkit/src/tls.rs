//! Certificates for TLS tests, made when the test runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig, crypto};
use tokio_rustls::TlsAcceptor;

/// A certificate authority that exists for one test.
pub struct TestCa {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl TestCa {
    /// A new authority, which nobody trusts yet.
    ///
    /// # Panics
    /// If no key can be made.
    #[expect(
        clippy::new_without_default,
        reason = "a key is made: too much for a default"
    )]
    pub fn new() -> Self {
        // Two authorities of one name would be told apart by a bad signature, which is another error than a stranger.
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, format!("test authority {number}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![
            KeyUsagePurpose::KeyCertSign,
            KeyUsagePurpose::DigitalSignature,
        ];
        let key = KeyPair::generate().expect("a key can be made");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("the parameters are valid");
        Self { issuer }
    }

    /// Its certificate, to be trusted, as a PEM file has it.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A trust store with this authority alone.
    ///
    /// # Panics
    /// Never: the certificate is one of our own.
    pub fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots
            .add(self.issuer.der().clone())
            .expect("our own certificate is valid");
        Arc::new(roots)
    }

    /// A client's configuration that trusts this authority alone, and has no certificate of its own.
    ///
    /// # Panics
    /// Never: the provider knows the default versions of TLS.
    pub fn client_config(&self) -> ClientConfig {
        ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .expect("the provider knows the default versions")
            .with_root_certificates(self.roots())
            .with_no_client_auth()
    }

    /// A certificate for these host names and IP addresses, for a server or a client.
    ///
    /// # Panics
    /// If a name is neither.
    pub fn issue(&self, names: &[&str]) -> Identity {
        self.sign(names, |_| {})
    }

    /// As [`Self::issue`], but out of date since the year 2000.
    ///
    /// # Panics
    /// If a name is neither a host name nor an IP address.
    pub fn issue_expired(&self, names: &[&str]) -> Identity {
        self.sign(names, |params| params.not_after = date_time_ymd(2000, 1, 1))
    }

    fn sign(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("names are host names or addresses");
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        change(&mut params);
        let key = KeyPair::generate().expect("a key can be made");
        let certificate = params
            .signed_by(&key, &self.issuer)
            .expect("the parameters are valid");
        Identity {
            certificate_pem: certificate.pem(),
            key_pem: key.serialize_pem(),
            certificate: certificate.der().clone(),
            key: PrivatePkcs8KeyDer::from(key.serialize_der()),
        }
    }
}

impl std::fmt::Debug for TestCa {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestCa").finish_non_exhaustive()
    }
}

/// A certificate with its key.
#[derive(Debug)]
pub struct Identity {
    certificate: CertificateDer<'static>,
    key: PrivatePkcs8KeyDer<'static>,
    certificate_pem: String,
    key_pem: String,
}

impl Identity {
    /// The certificate, as a PEM file has it.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// The key (PKCS #8), as a PEM file has it.
    pub fn key_pem(&self) -> &str {
        &self.key_pem
    }

    /// The certificate chain, which is one certificate: the authority signs directly.
    pub fn chain(&self) -> Vec<CertificateDer<'static>> {
        vec![self.certificate.clone()]
    }

    /// The key.
    pub fn key(&self) -> PrivateKeyDer<'static> {
        self.key.clone_key().into()
    }

    /// The TLS side of a server that has this certificate and asks clients for none.
    ///
    /// # Panics
    /// Never: the certificate is one of our own.
    pub fn acceptor(&self) -> TlsAcceptor {
        let config = server_builder().with_no_client_auth();
        self.accept_with(config)
    }

    /// As [`Self::acceptor`], but clients must show a certificate of `ca`.
    ///
    /// # Panics
    /// Never: the certificates are our own.
    pub fn acceptor_for_clients_of(&self, ca: &TestCa) -> TlsAcceptor {
        let verifier = WebPkiClientVerifier::builder_with_provider(ca.roots(), provider())
            .build()
            .expect("there is a root");
        self.accept_with(server_builder().with_client_cert_verifier(verifier))
    }

    fn accept_with(
        &self,
        builder: rustls::ConfigBuilder<ServerConfig, rustls::server::WantsServerCert>,
    ) -> TlsAcceptor {
        let config = builder.with_single_cert(self.chain(), self.key());
        TlsAcceptor::from(Arc::new(config.expect("our own certificate fits its key")))
    }
}

fn server_builder() -> rustls::ConfigBuilder<ServerConfig, rustls::WantsVerifier> {
    ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("the provider knows the default versions")
}

fn provider() -> Arc<crypto::CryptoProvider> {
    Arc::new(crypto::ring::default_provider())
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::ServerName;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio_rustls::TlsConnector;

    use super::*;
    use crate::block_on;

    /// Shakes hands and says a word in each direction; the error of the client or else of the server.
    fn talk(
        client: ClientConfig,
        name: &'static str,
        acceptor: &TlsAcceptor,
    ) -> Result<(), String> {
        let (ours, theirs) = tokio::io::duplex(1024);
        let connector = TlsConnector::from(Arc::new(client));
        let client = async {
            let mut tls = connector
                .connect(ServerName::try_from(name).unwrap(), ours)
                .await?;
            tls.write_all(b"ping").await?;
            tls.read_exact(&mut [0; 4]).await
        };
        let server = async {
            let mut tls = acceptor.accept(theirs).await?;
            tls.read_exact(&mut [0; 4]).await?;
            tls.write_all(b"pong").await?;
            tls.flush().await
        };
        let (client, server) = block_on(async { tokio::join!(client, server) });
        client.map_err(|e| e.to_string())?;
        server.map_err(|e| e.to_string())
    }

    #[test]
    fn a_client_that_trusts_the_authority_connects_by_name_and_address() {
        let ca = TestCa::new();
        let acceptor = ca.issue(&["localhost", "127.0.0.1"]).acceptor();
        talk(ca.client_config(), "localhost", &acceptor).unwrap();
        talk(ca.client_config(), "127.0.0.1", &acceptor).unwrap();
        assert!(ca.pem().starts_with("-----BEGIN CERTIFICATE-----"));
    }

    #[test]
    fn each_defect_is_an_error_of_its_own() {
        let ca = TestCa::new();
        let acceptor = ca.issue(&["localhost"]).acceptor();
        let error = |client, name, acceptor| talk(client, name, acceptor).unwrap_err();
        let stranger = TestCa::new().client_config();
        assert!(error(stranger, "localhost", &acceptor).contains("UnknownIssuer"));
        assert!(error(ca.client_config(), "example.org", &acceptor).contains("not valid for name"));
        let expired = ca.issue_expired(&["localhost"]).acceptor();
        assert!(error(ca.client_config(), "localhost", &expired).contains("expired"));
    }

    #[test]
    fn clients_are_asked_for_a_certificate() {
        let ca = TestCa::new();
        let acceptor = ca.issue(&["localhost"]).acceptor_for_clients_of(&ca);
        let error = talk(ca.client_config(), "localhost", &acceptor).unwrap_err();
        assert!(error.contains("CertificateRequired"), "{error}");
        let me = ca.issue(&["me"]);
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(ca.roots())
            .with_client_auth_cert(me.chain(), me.key())
            .unwrap();
        talk(config, "localhost", &acceptor).unwrap();
        assert!(me.key_pem().starts_with("-----BEGIN PRIVATE KEY-----"));
        assert!(
            me.certificate_pem()
                .starts_with("-----BEGIN CERTIFICATE-----")
        );
    }
}
