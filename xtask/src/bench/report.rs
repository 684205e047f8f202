//! The tables and the raw numbers.

use std::fmt::Write as _;

use super::measure::Sample;
use super::plan::{AGAIN, FLOOR, Figure, OURS, Program, RIVALS, Workload};
use super::stats::{Interval, median};

/// A session is fair if ours differs from itself by no more than this.
const FAIR: f64 = 0.02;

/// What one program cost at one workload.
#[derive(Debug)]
pub(super) struct Measured {
    name: &'static str,
    /// With the round of each.
    pub(super) samples: Vec<(usize, Sample)>,
    /// Of one operation.
    pub(super) instructions: Option<f64>,
}

impl Measured {
    pub(super) fn new(program: &Program) -> Self {
        Self {
            name: program.name,
            samples: Vec::new(),
            instructions: None,
        }
    }

    fn median_of(&self, value: impl Fn(&Sample) -> f64) -> f64 {
        median(
            &self
                .samples
                .iter()
                .map(|(_, sample)| value(sample))
                .collect::<Vec<_>>(),
        )
    }

    fn allocations(&self) -> f64 {
        self.median_of(|sample| sample.many.allocations)
    }
}

/// Everything that was measured against one server.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) server: &'static str,
    pub(super) workloads: Vec<(Workload, Vec<Measured>)>,
}

fn find<'a>(measured: &'a [Measured], name: &str) -> Option<&'a Measured> {
    measured.iter().find(|measured| measured.name == name)
}

/// Ours over another, round by round, of a value of a sample.
fn ratio(
    measured: &[Measured],
    other: &str,
    value: impl Fn(&Sample) -> f64 + Copy,
) -> Option<Interval> {
    let (ours, other) = (find(measured, OURS)?, find(measured, other)?);
    let ratios: Vec<f64> = other
        .samples
        .iter()
        .filter_map(|(round, theirs)| {
            let (_, ours) = ours.samples.iter().find(|(same, _)| same == round)?;
            Some(value(ours) / value(theirs))
        })
        .collect();
    (!ratios.is_empty()).then(|| Interval::of(&ratios))
}

/// The worst of the ratios to the rivals in Rust.
fn worst(
    measured: &[Measured],
    value: impl Fn(&Sample) -> f64 + Copy,
) -> Option<(&'static str, Interval)> {
    RIVALS
        .into_iter()
        .filter_map(|name| Some((name, ratio(measured, name, value)?)))
        .max_by(|(_, a), (_, b)| a.median.total_cmp(&b.median))
}

/// What a figure is called, its value for a comparison, and as text.
fn measure(figure: Figure, measured: &[Measured]) -> Option<(String, f64, String)> {
    let of = |name: String, interval: Interval| (name, interval.median, interval.to_string());
    let ours = find(measured, OURS)?;
    match figure {
        Figure::CpuTo(other) => {
            let ratio = ratio(measured, other, Sample::cpu_ns)?;
            Some(of(format!("CPU / {other}"), ratio))
        }
        Figure::CpuToBest => {
            let (name, ratio) = worst(measured, Sample::cpu_ns)?;
            Some(of(format!("CPU / the better ({name})"), ratio))
        }
        Figure::WallToBest => {
            let (name, ratio) = worst(measured, Sample::wall_ns)?;
            Some(of(format!("wall time / the better ({name})"), ratio))
        }
        Figure::Instructions => {
            let count = ours.instructions?;
            Some(("instructions".to_owned(), count, format!("{count:.0}")))
        }
        Figure::Allocations => {
            let count = ours.allocations();
            Some(("allocations".to_owned(), count, format!("{count:.3}")))
        }
    }
}

/// All tables.
pub(super) fn markdown(columns: &[Column]) -> String {
    let mut out = String::new();
    for column in columns {
        let _ = writeln!(out, "\n## Server: {}\n", column.server);
        targets(&mut out, column);
        programs(&mut out, column);
    }
    out
}

fn targets(out: &mut String, column: &Column) {
    out.push_str("| workload | figure | target | measured | |\n| --- | --- | --- | --- | --- |\n");
    for (workload, measured) in &column.workloads {
        for &(figure, most) in workload.targets {
            let Some((name, value, text)) = measure(figure, measured) else {
                continue;
            };
            let verdict = if value <= most { "met" } else { "**missed**" };
            let title = workload.title;
            let _ = writeln!(out, "| {title} | {name} | ≤ {most} | {text} | {verdict} |");
        }
    }
}

fn programs(out: &mut String, column: &Column) {
    for (workload, measured) in &column.workloads {
        let _ = writeln!(out, "\n### {}\n", workload.title);
        out.push_str(
            "| program | CPU, ns | least | cql-v4 / it (95 %) | × floor | wall, ns | instructions | allocations | peak, MiB |\n\
             | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
        );
        let floor = find(measured, FLOOR).map(|floor| floor.median_of(Sample::cpu_ns));
        for one in measured.iter().filter(|one| !one.samples.is_empty()) {
            row(out, measured, one, floor);
        }
        if let Some(again) = ratio(measured, AGAIN, Sample::cpu_ns)
            && (again.low > 1.0 || again.high < 1.0 || again.high - again.low > 2.0 * FAIR)
        {
            let _ = writeln!(
                out,
                "\nNoise: cql-v4 beside itself is {again}, where 1.00 ± {FAIR} is wanted."
            );
        }
    }
}

fn row(out: &mut String, all: &[Measured], one: &Measured, floor: Option<f64>) {
    let cpu = one.median_of(Sample::cpu_ns);
    let samples = one.samples.iter().map(|(_, sample)| sample.cpu_ns());
    let least = samples.fold(f64::INFINITY, f64::min);
    let ratio = ratio(all, one.name, Sample::cpu_ns)
        .filter(|_| one.name != OURS)
        .map_or_else(|| "–".to_owned(), |ratio| ratio.to_string());
    let above = floor.map_or_else(|| "–".to_owned(), |floor| format!("{:.1}", cpu / floor));
    let wall = one.median_of(Sample::wall_ns);
    let instructions = one
        .instructions
        .map_or_else(|| "–".to_owned(), |count| format!("{count:.0}"));
    let allocations = match one.allocations() {
        count if count.is_nan() => "–".to_owned(),
        count => format!("{count:.3}"),
    };
    let peak = one.median_of(|sample| sample.many.peak_kib as f64) / 1024.0;
    let _ = writeln!(
        out,
        "| {} | {cpu:.0} | {least:.0} | {ratio} | {above} | {wall:.0} | {instructions} | {allocations} | {peak:.1} |",
        one.name
    );
}

/// A line for each sample.
pub(super) fn csv(columns: &[Column]) -> String {
    let mut out = String::from(
        "server,workload,program,round,operations,cpu_us,cpu_us_of_5x,wall_us,wall_us_of_5x,allocations,peak_kib\n",
    );
    for column in columns {
        for (workload, measured) in &column.workloads {
            for one in measured {
                for (round, sample) in &one.samples {
                    let _ = writeln!(
                        out,
                        "{},\"{}\",{},{round},{},{},{},{},{},{},{}",
                        column.server,
                        workload.title,
                        one.name,
                        sample.operations,
                        sample.few.cpu.as_micros(),
                        sample.many.cpu.as_micros(),
                        sample.few.wall.as_micros(),
                        sample.many.wall.as_micros(),
                        sample.many.allocations,
                        sample.many.peak_kib,
                    );
                }
            }
        }
    }
    out
}
