//! Tasks of this workspace; `cargo xtask --help` lists them.

mod bench;
mod cache;
mod ci;
mod codegen;
mod containers;
mod demo;
#[cfg(feature = "docker")]
mod docker;
mod flags;
mod fuzz;
mod images;
mod integration;
mod jdk;
mod kind;
mod process;
mod release;
mod run_cargo;
mod servers;
mod soak;
mod tidy;
mod ui;

use std::process::ExitCode;

use anyhow::Result;

fn main() -> ExitCode {
    let run = || {
        let args = flags::parse(std::env::args_os().skip(1))?;
        process::handle_interrupts()?;
        dispatch(&args)
    };
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &flags::Args) -> Result<()> {
    match args.command {
        "demo" => demo::run(args),
        "servers up" => servers::up(args),
        "servers down" => servers::down(args),
        "servers status" => servers::status(args),
        "servers logs" => servers::logs(args),
        "integration-test" => integration::run(args),
        "soak" => soak::run(args),
        "test" => ci::test(args),
        "lint" => ci::lint(),
        "codegen" => codegen::run(args.check),
        "tidy" => tidy::run(),
        "bench" => bench::run(args),
        "bench cql" => bench::cql::run(args),
        "fuzz" => fuzz::run(args),
        "images" => images::run(args),
        "release-check" => release::run(),
        _ => {
            print!("{}", flags::help());
            Ok(())
        }
    }
}
