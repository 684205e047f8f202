//! The server of the comparison with other drivers, in a process of its own.
//!
//! ```text
//! wire-replay serve              answers on a port of loopback, which it prints, until it is killed
//! wire-replay record ADDRESS     prints the answers of the Cassandra at ADDRESS that `serve` repeats
//! wire-replay load ADDRESS ROWS  creates the tables on that Cassandra, and writes the rows that are read
//! ```
//!
//! Only protocol v4, only the statements of the workloads, and the tables of the system that drivers read.

use std::io;

use wire_benches::replay::{self, record};

fn main() -> io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["serve"] => {
            println!("{}", replay::serve()?);
            loop {
                std::thread::park();
            }
        }
        ["record", address] => {
            print!("{}", record::record(address)?);
            Ok(())
        }
        ["load", address, rows] => {
            let rows = rows.parse().map_err(io::Error::other)?;
            record::load(address, rows)
        }
        _ => Err(io::Error::other("see the top of replay.rs")),
    }
}
