//! Container images made of packages alone, for machines that reach no image registry.
//!
//! ```text
//! debootstrap (Debian 12 and a JRE) ──► jre17:bookworm ──► ignite, clickhouse, iotdb: the artifacts of the local recipes
//! ```
//!
//! Only root may do this. Nothing outside of the cache folder and the engine's own storage is written.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::cache::{Cache, make, render, write};
use crate::flags::Args;
use crate::jdk::which;
use crate::kind::Kind;
use crate::process;
use crate::servers::{Shape, ignite_jvm_arguments, recipe};
use crate::ui::{Task, Ui};

/// What every image stands on.
const BASE: &str = "localhost/wire-test/jre17:bookworm";

/// What these commands need, on Debian.
const INSTALL: &str = "apt-get install --no-install-recommends podman runc netavark aardvark-dns iptables nftables debootstrap";

/// Works on kernels with mixed cgroups as well, and where a process may not raise its own limits.
const ENGINE_CONFIG: &str = "[containers]\n\
    default_ulimits = [\"nofile=4096:4096\", \"nproc=4096:4096\"]\n\
    [engine]\n\
    cgroup_manager = \"cgroupfs\"\n\
    runtime = \"runc\"\n";

/// Builds the images of the servers that were named.
pub(crate) fn run(args: &Args) -> Result<()> {
    let cache = Cache::open()?;
    let kinds = if args.names.is_empty() {
        vec![Kind::Clickhouse, Kind::Ignite]
    } else {
        args.kinds()
    };
    let builder = Builder::new(&cache)?;
    let ui = Ui::new();
    builder.base(&ui.task("base"))?;
    let mut built = Vec::new();
    for kind in kinds {
        built.push((kind, builder.image(kind, &ui.task(kind.name()))?));
    }
    let socket = cache.path("podman.sock");
    let config = builder.config.display();
    println!("To use them, start the engine and name them:");
    println!(
        "  CONTAINERS_CONF={config} podman system service --time=0 unix://{} &",
        socket.display()
    );
    let options: String = built
        .iter()
        .map(|(kind, image)| format!(" --image {kind}={image}"))
        .collect();
    let names: String = built.iter().map(|(kind, _)| format!(" {kind}")).collect();
    println!("  DOCKER_HOST=unix://{} \\", socket.display());
    println!("    cargo xtask integration-test{names} --backend docker{options}");
    Ok(())
}

/// The programs and folders of one run.
struct Builder<'a> {
    cache: &'a Cache,
    podman: PathBuf,
    debootstrap: PathBuf,
    config: PathBuf,
}

impl<'a> Builder<'a> {
    fn new(cache: &'a Cache) -> Result<Self> {
        let (Some(podman), Some(debootstrap)) = (which("podman"), which("debootstrap")) else {
            bail!("podman or debootstrap is not in PATH. Install them as root: {INSTALL}");
        };
        if !nix::unistd::geteuid().is_root() {
            bail!(
                "images are built by root alone (debootstrap makes device files); run it with sudo"
            );
        }
        let config = cache.path("containers.conf");
        write(&config, ENGINE_CONFIG)?;
        Ok(Self {
            cache,
            podman,
            debootstrap,
            config,
        })
    }

    fn podman(&self, words: &str) -> Command {
        let mut command = Command::new(&self.podman);
        command
            .env("CONTAINERS_CONF", &self.config)
            .args(words.split_whitespace());
        command
    }

    /// Debian 12 with a Java runtime, unless the engine has it.
    fn base(&self, task: &Task) -> Result<()> {
        let log = self.cache.log("image-base");
        if process::run_logged(
            &mut self.podman(&format!("image exists {BASE}")),
            &log,
            "podman",
            || (),
        )
        .is_ok()
        {
            task.done("is there");
            return Ok(());
        }
        task.step("building a Debian 12 with a Java runtime");
        let folder = self.cache.path("images/base");
        process::remove(&folder);
        make(&folder)?;
        process::remove_when_interrupted(&folder);
        let root = folder.join("root");
        let mut bootstrap = Command::new(&self.debootstrap);
        bootstrap
            .args([
                "--variant=minbase",
                "--include=openjdk-17-jre-headless",
                "bookworm",
            ])
            .arg(&root);
        process::run_logged(&mut bootstrap, &log, "debootstrap", || ())?;
        task.step("handing it to the engine");
        let archive = folder.join("root.tar");
        let mut tar = Command::new("tar");
        tar.arg("-C").arg(&root).arg("-cf").arg(&archive).arg(".");
        process::run_logged(&mut tar, &log, "tar", || ())?;
        let mut import = self.podman("import");
        process::run_logged(import.arg(&archive).arg(BASE), &log, "podman import", || ())?;
        process::remove(&folder);
        process::forget_path(&folder);
        task.done("built");
        Ok(())
    }

    /// One server's image.
    fn image(&self, kind: Kind, task: &Task) -> Result<String> {
        recipe(kind).fetch(self.cache, Shape::PLAIN, task)?;
        let folder = self.cache.path("images").join(kind.name());
        process::remove(&folder);
        make(&folder)?;
        let (artifact, version) = match kind {
            Kind::Clickhouse => clickhouse(&folder)?,
            Kind::Ignite => ignite(&folder)?,
            Kind::Cassandra | Kind::Iotdb => {
                bail!(
                    "there is no recipe for an image of {kind}; use the official one, or --backend local"
                )
            }
        };
        let image = format!("localhost/wire-test/{kind}:{version}");
        task.step(&format!("building {image}"));
        let mut build = self.podman("build --format docker");
        build
            .arg("--tag")
            .arg(&image)
            .arg("--file")
            .arg(folder.join("Containerfile"));
        build
            .arg("--build-context")
            .arg(format!("config={}", folder.display()));
        build.arg(self.cache.artifact(artifact));
        process::run_logged(
            &mut build,
            &self.cache.log(&format!("image-{kind}")),
            "podman build",
            || (),
        )?;
        process::remove(&folder);
        task.done(&image);
        Ok(image)
    }
}

/// The unpacked packages, and the configuration of the local server with other addresses.
fn clickhouse(folder: &Path) -> Result<(&'static str, &'static str)> {
    let values = [
        ("FOLDER", "/var/wire-test"),
        ("HOST", "0.0.0.0"),
        ("PORT", "9000"),
        ("TLS", ""),
    ];
    let config = render(include_str!("servers/templates/clickhouse.xml"), &values)?;
    write(&folder.join("config.xml"), &config)?;
    // The container is reached through a bridge, from an address that is not known here.
    let users = render(
        include_str!("servers/templates/clickhouse-users.xml"),
        &[("NETWORK", "::/0")],
    )?;
    write(&folder.join("users.xml"), &users)?;
    write(
        &folder.join("Containerfile"),
        &format!(
            "FROM {BASE}\n\
             COPY root /opt/clickhouse\n\
             COPY --from=config config.xml users.xml /var/wire-test/\n\
             ENV LD_LIBRARY_PATH=/opt/clickhouse/usr/lib/x86_64-linux-gnu:/opt/clickhouse/lib/x86_64-linux-gnu\n\
             WORKDIR /var/wire-test\n\
             EXPOSE 9000\n\
             CMD [\"/opt/clickhouse/usr/sbin/clickhouse-server\", \"--config-file=/var/wire-test/config.xml\"]\n"
        ),
    )?;
    Ok(("clickhouse-18.16.1", "18.16.1"))
}

/// The jars and our main class.
fn ignite(folder: &Path) -> Result<(&'static str, &'static str)> {
    let mut words = vec!["java".to_owned()];
    words.extend(ignite_jvm_arguments());
    words.extend(
        [
            "-cp",
            "/opt/ignite/classes:/opt/ignite/lib/*",
            "IgniteServer",
        ]
        .map(str::to_owned),
    );
    words.extend(
        [
            "--name=node1",
            "--work=/var/wire-test",
            "--host=0.0.0.0",
            "--client-port=10800",
            "--discovery-port=47500",
            "--communication-port=47100",
            "--seeds=127.0.0.1:47500",
        ]
        .map(str::to_owned),
    );
    let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    let text = format!(
        "FROM {BASE}\nCOPY lib /opt/ignite/lib\nCOPY classes /opt/ignite/classes\nEXPOSE 10800\nCMD [{}]\n",
        words.join(", ")
    );
    write(&folder.join("Containerfile"), &text).context("cannot write the Containerfile")?;
    Ok(("ignite-2.17.0", "2.17.0"))
}
