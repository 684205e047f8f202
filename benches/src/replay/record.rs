//! Asks a real Cassandra, over a plain socket: for the answers that the replay server repeats, and to be loaded with the
//! rows of the comparison.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use super::data;
use super::frame::{self, HEADER, REQUEST, opcode, put_bytes, put_short_bytes};
use crate::statements::{INSERT, SCAN, SELECT};

/// What makes the tables that the workloads use.
const SCHEMA: [&str; 3] = [
    "CREATE KEYSPACE IF NOT EXISTS bench WITH replication = \
     {'class': 'SimpleStrategy', 'replication_factor': 1}",
    "CREATE TABLE IF NOT EXISTS bench.kv (pk bigint PRIMARY KEY, v1 bigint, v2 bigint)",
    "CREATE TABLE IF NOT EXISTS bench.wide (id bigint PRIMARY KEY, name text, city text, age int, score double, \
     active boolean, created timestamp, ref uuid, payload blob, weight float)",
];

/// Fills the table that is read.
const FILL: &str = "INSERT INTO bench.wide (id, name, city, age, score, active, created, ref, payload, weight) \
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// The rows of these that belong to the keyspace `bench` are what a driver learns of the schema.
const SCHEMA_TABLES: [&str; 13] = [
    "system_schema.keyspaces",
    "system_schema.tables",
    "system_schema.columns",
    "system_schema.views",
    "system_schema.types",
    "system_schema.functions",
    "system_schema.aggregates",
    "system_schema.indexes",
    "system_schema.triggers",
    "system_schema.dropped_columns",
    "system_virtual_schema.keyspaces",
    "system_virtual_schema.tables",
    "system_virtual_schema.columns",
];
/// One node, so the last two are empty.
const NODE_TABLES: [&str; 3] = ["system.local", "system.peers", "system.peers_v2"];

/// What one driver asks for instead of the column itself.
pub const JSON: &str = "toJson(replication) AS replication";
/// The recorded keyspaces with that column.
pub const JSON_KEYSPACES: &str = "keyspaces-json";

/// Rows whose SELECT is recorded, to compare what is generated with.
pub const RECORDED_ROWS: [i64; 3] = [0, 9, 19_999];
/// Inserts in flight while a server is loaded.
const LOAD_WINDOW: usize = 256;

/// A conversation of protocol v4, one request at a time.
struct Talk {
    stream: TcpStream,
}

impl Talk {
    fn open(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let mut talk = Self { stream };
        let mut body = vec![0, 1];
        put_short_bytes(&mut body, b"CQL_VERSION");
        put_short_bytes(&mut body, b"3.0.0");
        talk.ask(opcode::STARTUP, &body)?;
        Ok(talk)
    }

    fn send(&mut self, opcode: u8, body: &[u8]) -> io::Result<()> {
        let mut out = Vec::new();
        frame::append(&mut out, REQUEST, [0, 1], opcode, body);
        self.stream.write_all(&out)
    }

    /// The opcode and body of the next frame.
    fn read(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let mut header = [0; HEADER];
        self.stream.read_exact(&mut header)?;
        let len = u32::from_be_bytes([header[5], header[6], header[7], header[8]]);
        let mut body = vec![0; len as usize];
        self.stream.read_exact(&mut body)?;
        if header[4] == opcode::ERROR {
            let text = String::from_utf8_lossy(body.get(6..).unwrap_or_default()).into_owned();
            return Err(io::Error::other(text));
        }
        Ok((header[4], body))
    }

    fn ask(&mut self, opcode: u8, body: &[u8]) -> io::Result<Vec<u8>> {
        self.send(opcode, body)?;
        self.read().map(|(_, body)| body)
    }

    fn query(&mut self, text: &str) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        put_bytes(&mut body, text.as_bytes());
        // Consistency ONE, no flags.
        body.extend_from_slice(&[0, 1, 0]);
        self.ask(opcode::QUERY, &body)
    }

    fn prepare(&mut self, text: &str) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        put_bytes(&mut body, text.as_bytes());
        self.ask(opcode::PREPARE, &body)
    }

    /// The body of an EXECUTE of the statement that `prepared` describes.
    fn execute(prepared: &[u8], count: u16, values: &[u8]) -> io::Result<Vec<u8>> {
        let mut fields = frame::Fields(prepared.get(4..).unwrap_or_default());
        let id = fields
            .short_bytes()
            .ok_or_else(|| io::Error::other("an answer to PREPARE without an id"))?;
        let mut body = Vec::new();
        put_short_bytes(&mut body, id);
        body.extend_from_slice(&[0, 1, 1]);
        body.extend_from_slice(&count.to_be_bytes());
        body.extend_from_slice(values);
        Ok(body)
    }

    fn create_tables(&mut self) -> io::Result<()> {
        for statement in SCHEMA {
            self.query(statement)?;
        }
        Ok(())
    }

    /// Writes the rows with these keys.
    fn fill(&mut self, ids: impl Iterator<Item = i64>) -> io::Result<()> {
        let prepared = self.prepare(FILL)?;
        let mut waiting = 0;
        for id in ids {
            let mut values = Vec::new();
            data::append_row(id, &mut values);
            let body = Self::execute(&prepared, data::COLUMNS.len() as u16, &values)?;
            self.send(opcode::EXECUTE, &body)?;
            waiting += 1;
            if waiting == LOAD_WINDOW {
                self.read()?;
                waiting -= 1;
            }
        }
        for _ in 0..waiting {
            self.read()?;
        }
        Ok(())
    }
}

/// Creates the tables on the server at `address` and writes `rows` rows to read.
///
/// # Errors
/// If the server cannot be reached or refuses something.
pub fn load(address: &str, rows: i64) -> io::Result<()> {
    let mut talk = Talk::open(address)?;
    talk.create_tables()?;
    talk.fill(0..rows)
}

/// The bodies of the server's answers, a line each: a name and the bytes in hex.
///
/// # Errors
/// If the server cannot be reached or refuses something.
pub fn record(address: &str) -> io::Result<String> {
    let mut talk = Talk::open(address)?;
    talk.create_tables()?;
    talk.fill(RECORDED_ROWS.into_iter())?;
    let mut out = String::new();
    let mut line = |name: &str, body: &[u8]| {
        let hex: String = body.iter().map(|byte| format!("{byte:02x}")).collect();
        out.push_str(&format!("{name} {hex}\n"));
    };
    for table in NODE_TABLES {
        line(table, &talk.query(&format!("SELECT * FROM {table}"))?);
    }
    for table in SCHEMA_TABLES {
        let text = format!("SELECT * FROM {table} WHERE keyspace_name = 'bench'");
        line(table, &talk.query(&text)?);
    }
    let text = format!(
        "SELECT keyspace_name, {JSON} FROM system_schema.keyspaces WHERE keyspace_name = 'bench'"
    );
    line(JSON_KEYSPACES, &talk.query(&text)?);
    line("prepare-insert", &talk.prepare(INSERT)?);
    line("prepare-scan", &talk.prepare(&format!("{SCAN}1000"))?);
    let select = talk.prepare(SELECT)?;
    line("prepare-select", &select);
    for id in RECORDED_ROWS {
        let mut value = Vec::new();
        put_bytes(&mut value, &id.to_be_bytes());
        let body = Talk::execute(&select, 1, &value)?;
        line(&format!("row-{id}"), &talk.ask(opcode::EXECUTE, &body)?);
    }
    Ok(out)
}
