//! TLS material, made at each start and never kept.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

use crate::cache::{make, write};
use crate::jdk::Jdk;
use crate::process;

/// Names that a client may call a local server by.
const NAMES: [&str; 4] = ["localhost", "127.0.0.1", "127.0.0.2", "127.0.0.3"];

/// Protects the key stores, which Java will not have without a password; no secret.
pub(crate) const STORE_PASSWORD: &str = "changeit";

/// Files of one server's TLS.
#[derive(Debug)]
pub(crate) struct Material {
    /// What clients trust.
    pub(crate) ca: PathBuf,
    /// The server's certificate.
    pub(crate) cert: PathBuf,
    /// The server's key, PKCS#8.
    pub(crate) key: PathBuf,
    /// Key, certificate and authority in one file, as Cassandra wants them.
    pub(crate) bundle: PathBuf,
    folder: PathBuf,
}

impl Material {
    /// An authority and a server certificate signed by it, in `folder`.
    pub(crate) fn new(folder: &Path) -> Result<Self> {
        make(folder)?;
        let (ca, cert, key) = generate().context("cannot make TLS certificates")?;
        let file = |name: &str| folder.join(name);
        let material = Self {
            ca: file("ca.pem"),
            cert: file("server.pem"),
            key: file("server.key"),
            bundle: file("bundle.pem"),
            folder: folder.to_owned(),
        };
        write(&material.ca, &ca)?;
        write(&material.cert, &cert)?;
        write(&material.key, &key)?;
        write(&material.bundle, &format!("{key}{cert}{ca}"))?;
        Ok(material)
    }

    /// The same as Java key stores (PKCS#12): the server's key, and the authority to trust.
    pub(crate) fn stores(&self, jdk: &Jdk) -> Result<(PathBuf, PathBuf)> {
        let source = self.folder.join("PemStores.java");
        write(&source, include_str!("templates/PemStores.java"))?;
        let (keys, trust) = (self.folder.join("keys.p12"), self.folder.join("trust.p12"));
        let mut command = Command::new(jdk.program("java"));
        command
            .arg(source)
            .args([&self.key, &self.cert, &self.ca, &keys, &trust])
            .arg(STORE_PASSWORD);
        process::run_logged(
            &mut command,
            &self.folder.join("stores.log"),
            "making Java key stores",
            || (),
        )?;
        Ok((keys, trust))
    }
}

/// PEM texts: authority, server certificate, server key.
fn generate() -> Result<(String, String, String), rcgen::Error> {
    let authority_key = KeyPair::generate()?;
    let mut authority = CertificateParams::new(Vec::new())?;
    authority
        .distinguished_name
        .push(DnType::CommonName, "wire test authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority_cert = authority.self_signed(&authority_key)?;

    let server_key = KeyPair::generate()?;
    let mut server = CertificateParams::new(NAMES.map(str::to_owned).to_vec())?;
    server
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    let server_cert = server.signed_by(&server_key, &Issuer::new(authority, authority_key))?;
    Ok((
        authority_cert.pem(),
        server_cert.pem(),
        server_key.serialize_pem(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_certificate_is_not_its_own_authority() {
        let (ca, cert, key) = generate().unwrap();
        assert!(ca.starts_with("-----BEGIN CERTIFICATE-----") && ca != cert);
        assert!(
            key.starts_with("-----BEGIN PRIVATE KEY-----"),
            "PKCS#8 is what all four servers read"
        );
    }
}
