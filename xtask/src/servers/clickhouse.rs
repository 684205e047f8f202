//! ClickHouse 18.16.1: the only server of it that package registries hold (Debian 12), a real one of revision 54412.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::tls::Material;
use super::wire::Wire;
use super::{Launch, Layout, Recipe, Shape, Site, fetch};
use crate::cache::{Cache, render, write};
use crate::kind::{Endpoint, Kind};
use crate::ui::Task;

const ARTIFACT: &str = "clickhouse-18.16.1";

/// The user for tests of authentication; it exists in every server of this recipe.
const USER: (&str, &str) = ("wire", "wire");

/// The server, its data files, and every shared library that is not libc's: the host needs none of them.
const PACKAGES: [&str; 36] = [
    "clickhouse-server",
    "clickhouse-common",
    "libcapnp-0.9.2",
    "libcctz2",
    "libcpuinfo0",
    "libdouble-conversion3",
    "libfarmhash0",
    "libjemalloc2",
    "libmariadb3",
    "libmetrohash1",
    "libpcre3",
    "libpocofoundation80",
    "libpocodata80",
    "libltdl7",
    "libodbc2",
    "libpocodataodbc80",
    "libpoconet80",
    "libpocomongodb80",
    "libpococrypto80",
    "libpocojson80",
    "libpocoxml80",
    "libpocoutil80",
    "libpoconetssl80",
    "librdkafka1",
    "libre2-9",
    "libboost-filesystem1.74.0",
    "libboost-program-options1.74.0",
    "libicu72",
    "liblz4-1",
    "libzstd1",
    "libssl3",
    "libstdc++6",
    "zlib1g",
    "libreadline8",
    "libexpat1",
    "libsasl2-2",
];

/// Size of those packages, for the progress bar.
const DOWNLOAD_BYTES: u64 = 31_000_000;

/// `tcp_port_secure` of ClickHouse's own default configuration.
const TLS_PORT: u16 = 9440;

/// The recipe.
pub(crate) struct Clickhouse;

impl Recipe for Clickhouse {
    fn prerequisites(&self, cache: &Cache, _shape: Shape) -> Result<()> {
        if cfg!(not(all(target_os = "linux", target_arch = "x86_64"))) {
            bail!(
                "a local ClickHouse needs Linux on x86_64 with Debian 12's libraries; use --backend docker or --endpoint"
            );
        }
        if !cache.has(ARTIFACT) {
            fetch::apt_programs()?;
        }
        Ok(())
    }

    fn fetch(&self, cache: &Cache, _shape: Shape, task: &Task) -> Result<()> {
        fetch::debs(cache, task, ARTIFACT, &PACKAGES, DOWNLOAD_BYTES).map(drop)
    }

    fn layout(&self, site: &mut Site<'_>) -> Result<Layout> {
        if site.shape.nodes != 1 {
            bail!(
                "--nodes 3 is for cassandra and ignite; ClickHouse servers do not form a cluster that clients see"
            );
        }
        let root = site.cache.artifact(ARTIFACT).join("root");
        let port = site.ports.take(Kind::Clickhouse.default_port(), 1)?;
        let mut plain = Endpoint::local(Kind::Clickhouse, port);
        if site.shape.auth {
            plain = plain.with_login(USER.0, USER.1);
        }
        let mut tls = None;
        let mut tls_config = String::new();
        if site.shape.tls {
            let material = Material::new(&site.folder.join("tls"))?;
            let tls_port = site.ports.take(TLS_PORT, 1)?;
            tls_config = render(
                include_str!("templates/clickhouse-tls.xml"),
                &[
                    ("PORT", &tls_port.to_string()),
                    ("CERT", &material.cert.to_string_lossy()),
                    ("KEY", &material.key.to_string_lossy()),
                ],
            )?;
            tls = Some(
                Endpoint {
                    port: tls_port,
                    ..plain.clone()
                }
                .with_tls(&material.ca),
            );
        }
        let config = site.folder.join("config.xml");
        let folder = site.folder.to_string_lossy();
        let values: [(&str, &str); 4] = [
            ("FOLDER", &folder),
            ("HOST", "127.0.0.1"),
            ("PORT", &port.to_string()),
            ("TLS", &tls_config),
        ];
        write(
            &config,
            &render(include_str!("templates/clickhouse.xml"), &values)?,
        )?;
        write(
            &site.folder.join("users.xml"),
            &render(
                include_str!("templates/clickhouse-users.xml"),
                &[("NETWORK", "127.0.0.1")],
            )?,
        )?;

        let mut command = Command::new(root.join("usr/sbin/clickhouse-server"));
        command
            .arg(format!("--config-file={}", config.display()))
            .current_dir(site.folder);
        let libraries = format!(
            "{0}/usr/lib/x86_64-linux-gnu:{0}/lib/x86_64-linux-gnu",
            root.display()
        );
        command.env("LD_LIBRARY_PATH", libraries);
        let log = site.folder.join("server.log");
        Ok(Layout {
            launches: vec![Launch {
                label: "server".to_owned(),
                command,
                log,
            }],
            nodes: vec![plain],
            tls,
        })
    }

    fn probe(&self, endpoint: &Endpoint, _shape: Shape) -> Result<()> {
        hello(&mut Wire::open(endpoint)?, endpoint)
    }
}

/// Exchanges greetings: packet 0 each way, packet 2 for an exception.
fn hello(wire: &mut Wire, endpoint: &Endpoint) -> Result<()> {
    let (user, password) = endpoint
        .login
        .as_ref()
        .map_or(("default", ""), |(user, password)| {
            (user.as_str(), password.as_str())
        });
    // Name, version 1.0, revision 50000 (before every later addition), database, user, password.
    let mut packet = vec![0];
    string(&mut packet, "xtask")?;
    packet.extend([1, 0, 0xD0, 0x86, 0x03]);
    for text in ["", user, password] {
        string(&mut packet, text)?;
    }
    wire.send(&packet)?;
    match wire.byte()? {
        0 => {
            let length = usize::from(wire.byte()?);
            let name = wire.receive(length)?;
            if name.is_empty() {
                bail!("the server greets without a name");
            }
            Ok(())
        }
        2 => bail!(
            "the server refuses the greeting with exception {}",
            i32::from_le_bytes(wire.array()?)
        ),
        other => bail!("packet {other} instead of a greeting: this is no ClickHouse native port"),
    }
}

fn string(packet: &mut Vec<u8>, text: &str) -> Result<()> {
    // One byte of length is enough for what a probe sends.
    let length = u8::try_from(text.len())
        .ok()
        .filter(|length| *length < 0x80);
    packet.push(length.context("too long for a probe")?);
    packet.extend(text.as_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::servers::wire::tests::scripted;

    #[test]
    fn the_greeting_is_as_the_protocol_has_it() {
        let (mut wire, sent) = scripted(b"\x00\x0aClickHouse\x12\x10");
        let endpoint = Endpoint::local(Kind::Clickhouse, 9000).with_login("u", "p");
        hello(&mut wire, &endpoint).unwrap();
        assert_eq!(
            *sent.lock().unwrap(),
            b"\x00\x05xtask\x01\x00\xd0\x86\x03\x00\x01u\x01p"
        );
    }

    #[test]
    fn an_exception_and_a_stranger_are_not_ready() {
        let endpoint = Endpoint::local(Kind::Clickhouse, 9000);
        let (mut wire, _) = scripted(b"\x02\xc1\x00\x00\x00");
        assert!(
            hello(&mut wire, &endpoint)
                .unwrap_err()
                .to_string()
                .contains("193")
        );
        let (mut wire, _) = scripted(b"HTTP/1.1 400");
        assert!(
            hello(&mut wire, &endpoint)
                .unwrap_err()
                .to_string()
                .contains("no ClickHouse")
        );
    }
}
