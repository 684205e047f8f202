//! `cargo xtask servers up | down | status | logs`.

use std::fs;

use anyhow::{Result, bail};

use super::state::Record;
use super::{Instance, Shape, recipe, start};
use crate::cache::Cache;
use crate::flags::Args;
use crate::process;
use crate::ui::Ui;

/// Starts servers and leaves them running.
pub(crate) fn up(args: &Args) -> Result<()> {
    let cache = Cache::open()?;
    let ui = Ui::new();
    let shape = Shape {
        nodes: args.nodes,
        auth: args.auth,
        tls: args.tls,
        compact: false,
        older: args.older,
    };
    let mut started: Vec<Instance> = Vec::new();
    // One after the other: two JVMs that start together on two cores are no faster. When one fails, the error takes
    // those before it down as well, so that `up` gives all or nothing.
    for kind in args.kinds() {
        started.push(start(&cache, kind, shape, &ui.task(kind.name()))?);
    }
    drop(ui);
    for instance in started {
        for node in instance.nodes() {
            println!("{node}");
        }
        if let Some(tls) = instance.tls().filter(|tls| !instance.nodes().contains(tls)) {
            println!("{tls}");
        }
        instance.detach()?;
    }
    Ok(())
}

/// Stops what `up` has left running, and clears away what failed runs have left.
pub(crate) fn down(args: &Args) -> Result<()> {
    let cache = Cache::open()?;
    let kinds = args.kinds();
    let mut kept = Vec::new();
    for record in Record::all(&cache)? {
        if !kinds.contains(&record.kind) {
            kept.push(record.name);
            continue;
        }
        if record.is_owned() {
            println!(
                "{}: left alone, a demo or test that still runs will stop it",
                record.name
            );
            kept.push(record.name);
            continue;
        }
        let mut killed = 0;
        for process in &record.processes {
            killed += usize::from(process.id.kill());
            if process.id.is_alive() {
                bail!("{}: process {} does not end", record.name, process.id.pid);
            }
        }
        process::remove(&cache.path("run").join(&record.name));
        process::remove(&Record::file(&cache, &record.name));
        println!("{}: stopped, {killed} process(es)", record.name);
    }
    for entry in fs::read_dir(cache.path("run"))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let wanted = kinds.iter().any(|kind| name.starts_with(kind.name()));
        if wanted && !kept.contains(&name) && !Record::file(&cache, &name).exists() {
            process::remove(&entry.path());
        }
    }
    Ok(())
}

/// Shows what runs and whether it answers.
pub(crate) fn status(args: &Args) -> Result<()> {
    let cache = Cache::open()?;
    let kinds = args.kinds();
    let records: Vec<Record> = Record::all(&cache)?
        .into_iter()
        .filter(|record| kinds.contains(&record.kind))
        .collect();
    if records.is_empty() {
        println!("no server runs; start some with: cargo xtask servers up");
    }
    for record in records {
        for process in &record.processes {
            let state = if process.id.is_alive() {
                "runs"
            } else {
                "has ended"
            };
            println!(
                "{}: {} {state}, process {}",
                record.name, process.label, process.id.pid
            );
        }
        let shape = Shape {
            compact: record.compact,
            ..Shape::PLAIN
        };
        let tls = record.tls.iter().filter(|tls| !record.nodes.contains(tls));
        for endpoint in record.nodes.iter().chain(tls) {
            match recipe(record.kind).probe(endpoint, shape) {
                Ok(()) => println!("{}: answers at {endpoint}", record.name),
                Err(error) => {
                    println!("{}: does not answer at {endpoint} ({error:#})", record.name)
                }
            }
        }
        if record.is_owned() {
            println!("{}: belongs to a demo or test that still runs", record.name);
        }
    }
    Ok(())
}

/// Shows the end of each log and where the whole of it is.
pub(crate) fn logs(args: &Args) -> Result<()> {
    let cache = Cache::open()?;
    let kinds = args.kinds();
    for record in Record::all(&cache)?
        .iter()
        .filter(|record| kinds.contains(&record.kind))
    {
        for process in &record.processes {
            println!(
                "{} {}: {}",
                record.name,
                process.label,
                process.log.display()
            );
            print!(
                "{}",
                process::tail(&process.log, 20)
                    .unwrap_or_else(|error| format!("    (no log: {error})\n"))
            );
        }
    }
    Ok(())
}
