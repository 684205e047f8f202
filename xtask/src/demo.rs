//! The demo: real servers, each crate's quickstart against its own, one table.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::cache::{Cache, write};
use crate::flags::Args;
use crate::kind::{Endpoint, Kind};
use crate::process;
use crate::run_cargo::{cargo, lines};
use crate::servers::{Provided, Shape, prepare, provide};
use crate::ui::Ui;

/// What a quickstart says in its last line of output.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Outcome {
    server: String,
    protocol: String,
    written: u64,
    read: u64,
    equal: bool,
}

/// A row of the table.
#[derive(Debug)]
struct Row {
    kind: Kind,
    outcome: Outcome,
    time: Duration,
}

/// Runs the demo.
pub(crate) fn run(args: &Args) -> Result<()> {
    let cache = Cache::open()?;
    let sources = prepare(args, &cache)?;
    crate::containers::need_feature(&sources)?;
    // Compiled first, so that the times are those of the servers and the clients.
    for (kind, _) in &sources {
        eprintln!("building the quickstart of {}", kind.package());
        process::run(&mut cargo(&format!(
            "build --quiet --package {} --example quickstart",
            kind.package()
        )))?;
    }
    let ui = Ui::new();
    let mut servers: Vec<(Kind, Provided)> = Vec::new();
    for (kind, source) in &sources {
        let task = ui.task(kind.name());
        servers.push((
            *kind,
            provide(source, args, &cache, *kind, Shape::PLAIN, &task)?,
        ));
    }
    drop(ui);
    let mut rows = Vec::new();
    for (kind, server) in &servers {
        let begun = Instant::now();
        let outcome = quickstart(&cache, *kind, server.endpoint())?;
        rows.push(Row {
            kind: *kind,
            outcome,
            time: begun.elapsed(),
        });
    }
    drop(servers);
    println!("{}", table(&rows));
    judge(&rows)
}

/// Runs one quickstart and reads what it says.
fn quickstart(cache: &Cache, kind: Kind, endpoint: &Endpoint) -> Result<Outcome> {
    let log = cache.log(&format!("demo-{kind}"));
    let mut command = cargo(&format!(
        "run --quiet --package {} --example quickstart --",
        kind.package()
    ));
    command
        .arg(endpoint.to_string())
        .stderr(process::append(&log)?);
    let (mut all, mut last) = (String::new(), String::new());
    let status = lines(&mut command, |line| {
        all.push_str(line);
        all.push('\n');
        if !line.trim().is_empty() {
            last = line.to_owned();
        }
    })?;
    let errors = std::fs::read_to_string(&log).unwrap_or_default();
    write(&log, &format!("{all}{errors}"))?;
    if !status.success() {
        return Err(process::failure(
            &format!("the quickstart of {} failed ({status})", kind.package()),
            &log,
        ));
    }
    let outcome = parse(&last).with_context(|| format!("the last line was: {last}"));
    outcome.map_err(|error| {
        process::failure(
            &format!("the quickstart of {}: {error:#}", kind.package()),
            &log,
        )
    })
}

/// Reads `RESULT server="…" protocol="…" written=N read=N equal=true|false`.
fn parse(line: &str) -> Result<Outcome> {
    let mut rest = line
        .strip_prefix("RESULT ")
        .context("no line that starts with RESULT")?
        .trim();
    let mut value = |name: &str| -> Result<String> {
        let after = rest
            .strip_prefix(name)
            .and_then(|after| after.strip_prefix('='));
        let after = after.with_context(|| format!("`{name}=` expected at `{rest}`"))?;
        let (value, tail) = match after.strip_prefix('"') {
            Some(quoted) => quoted
                .split_once('"')
                .with_context(|| format!("`{name}` has no closing quote"))?,
            None => after.split_once(' ').unwrap_or((after, "")),
        };
        rest = tail.trim_start();
        Ok(value.to_owned())
    };
    let outcome = Outcome {
        server: value("server")?,
        protocol: value("protocol")?,
        written: value("written")?
            .parse()
            .context("`written` is no number")?,
        read: value("read")?.parse().context("`read` is no number")?,
        equal: value("equal")?
            .parse()
            .context("`equal` is neither true nor false")?,
    };
    if !rest.is_empty() {
        bail!("`{rest}` after the last field");
    }
    Ok(outcome)
}

/// Fails unless each quickstart wrote rows and read back the same ones.
fn judge(rows: &[Row]) -> Result<()> {
    for Row { kind, outcome, .. } in rows {
        if outcome.written == 0 {
            bail!("{kind}: no row was written");
        }
        if !outcome.equal || outcome.read != outcome.written {
            bail!(
                "{kind}: {} rows written, {} read, equal: {}",
                outcome.written,
                outcome.read,
                outcome.equal
            );
        }
    }
    Ok(())
}

/// The table, each column as wide as its widest cell; numbers to the right.
fn table(rows: &[Row]) -> String {
    let head = [
        "crate", "server", "protocol", "written", "read", "equal", "time",
    ]
    .map(str::to_owned);
    let mut lines = vec![head];
    for Row {
        kind,
        outcome,
        time,
    } in rows
    {
        lines.push([
            kind.package().to_owned(),
            outcome.server.clone(),
            outcome.protocol.clone(),
            outcome.written.to_string(),
            outcome.read.to_string(),
            if outcome.equal { "yes" } else { "NO" }.to_owned(),
            format!("{:.2} s", time.as_secs_f32()),
        ]);
    }
    let mut widths = [0; 7];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        let cells =
            line.iter()
                .zip(widths)
                .enumerate()
                .map(|(column, (cell, width))| match column {
                    3 | 4 | 6 => format!("{cell:>width$}"),
                    _ => format!("{cell:<width$}"),
                });
        let cells: Vec<String> = cells.collect();
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
        if number == 0 {
            let rules = widths.map(|width| "─".repeat(width));
            let _ = writeln!(text, "{}", rules.join("  "));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "RESULT server=\"Apache Cassandra 5.0.9\" protocol=\"v4\" written=2000 read=2000 equal=true";

    fn row(line: &str) -> Row {
        Row {
            kind: Kind::Cassandra,
            outcome: parse(line).unwrap(),
            time: Duration::from_millis(1234),
        }
    }

    #[test]
    fn the_last_line_is_read() {
        let outcome = parse(GOOD).unwrap();
        assert_eq!(outcome.server, "Apache Cassandra 5.0.9");
        assert_eq!(
            (outcome.written, outcome.read, outcome.equal),
            (2000, 2000, true)
        );
    }

    #[test]
    fn any_other_line_is_an_error() {
        for line in [
            "",
            "done",
            "RESULT server=\"x",
            "RESULT server=\"x\" protocol=\"y\" written=1 read=1",
            "RESULT server=\"x\" protocol=\"y\" written=many read=1 equal=true",
            "RESULT server=\"x\" protocol=\"y\" written=1 read=1 equal=yes",
            "RESULT server=\"x\" protocol=\"y\" written=1 read=1 equal=true and more",
        ] {
            parse(line).unwrap_err();
        }
    }

    #[test]
    fn unequal_rows_fail_the_demo() {
        judge(&[row(GOOD)]).unwrap();
        for bad in [
            GOOD.replace("equal=true", "equal=false"),
            GOOD.replace("read=2000", "read=1999"),
            GOOD.replace("=2000", "=0"),
        ] {
            judge(&[row(&bad)]).unwrap_err();
        }
    }

    #[test]
    fn the_table_lines_up() {
        let text = table(&[row(GOOD)]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "crate   server                  protocol  written  read  equal    time"
        );
        assert_eq!(
            lines[2],
            "cql-v4  Apache Cassandra 5.0.9  v4           2000  2000  yes    1.23 s"
        );
    }
}
