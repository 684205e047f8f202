//! What the user sees while servers are fetched and started: moving lines on a terminal, quiet ones elsewhere.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// The screen of one run.
#[derive(Debug)]
pub(crate) struct Ui {
    bars: Option<MultiProgress>,
}

impl Ui {
    /// Bars if stderr is a terminal, plain lines otherwise.
    pub(crate) fn new() -> Self {
        Self {
            bars: std::io::stderr().is_terminal().then(MultiProgress::new),
        }
    }

    /// A line for one server.
    pub(crate) fn task(&self, name: &str) -> Task {
        let bar = self.bars.as_ref().map(|bars| {
            let bar = bars.add(ProgressBar::new_spinner());
            bar.set_prefix(name.to_owned());
            bar.set_style(style("{prefix:>12} {spinner} {wide_msg} {elapsed}"));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Task {
            bar,
            name: name.to_owned(),
            started: Instant::now(),
        }
    }
}

impl Drop for Ui {
    fn drop(&mut self) {
        // Bars leave the cursor at the end of the last one.
        if self.bars.is_some() {
            eprintln!();
        }
    }
}

/// The line of one server.
#[derive(Debug)]
pub(crate) struct Task {
    bar: Option<ProgressBar>,
    name: String,
    started: Instant,
}

impl Task {
    /// Says what goes on now.
    pub(crate) fn step(&self, message: &str) {
        match &self.bar {
            Some(bar) => {
                bar.set_style(style("{prefix:>12} {spinner} {wide_msg} {elapsed}"));
                bar.set_message(message.to_owned());
            }
            None => eprintln!("{}: {message}", self.name),
        }
    }

    /// Shows how much of a download is there; silent when no terminal looks on.
    pub(crate) fn downloaded(&self, bytes: u64, expected: u64) {
        if let Some(bar) = &self.bar {
            bar.set_style(style(
                "{prefix:>12} {spinner} {msg} [{bar:24}] {bytes}/{total_bytes} {elapsed}",
            ));
            bar.set_length(expected.max(bytes));
            bar.set_position(bytes);
        }
    }

    /// The last word on this line.
    pub(crate) fn done(&self, message: &str) {
        let message = format!("{message} ({:.1} s)", self.started.elapsed().as_secs_f32());
        match &self.bar {
            Some(bar) => {
                bar.set_style(style("{prefix:>12} ✓ {wide_msg}"));
                bar.finish_with_message(message);
            }
            None => eprintln!("{}: {message}", self.name),
        }
    }

    /// The last word when it went wrong; the reason follows in the error.
    pub(crate) fn failed(&self) {
        if let Some(bar) = &self.bar {
            bar.set_style(style("{prefix:>12} ✗ {wide_msg}"));
            bar.finish_with_message("failed");
        }
    }
}

/// A template of ours; one that cannot be read falls back to the default look.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}
