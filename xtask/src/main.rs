//! Tasks of this workspace; `cargo xtask --help` lists them.

mod bench;
mod cache;
mod codegen;
mod containers;
mod demo;
#[cfg(feature = "docker")]
mod docker;
mod flags;
mod integration;
mod jdk;
mod kind;
mod process;
mod run_cargo;
mod servers;
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
        "codegen" => codegen::run(args.check),
        "bench" => bench::run(args),
        _ => {
            print!("{}", flags::help());
            Ok(())
        }
    }
}
