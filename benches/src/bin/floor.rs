//! What the network alone costs: the bytes of the workloads sent and read by plain tokio, one task, nothing decoded but
//! the lengths of frames; see `job.rs` for the arguments.

#[path = "../job.rs"]
mod job;

use std::io;

use job::{ALLOCATOR, BATCH, INSERT, Job, PAGE, SCAN, SELECT};
use stats_alloc::Region;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use wire_benches::replay::frame::{
    Fields, HEADER, REQUEST, append, first, opcode, put_bytes, put_short_bytes,
};

/// What is read at once.
const CHUNK: usize = 256 * 1024;
/// The flag of a compressed frame.
const COMPRESSED: u8 = 0x01;

fn main() {
    job::main(run(Job::from_args()));
}

struct Plain {
    stream: TcpStream,
    buf: Vec<u8>,
    /// Bytes of `buf` that hold what was read and not yet looked at.
    filled: usize,
}

impl Plain {
    async fn open(job: &Job) -> io::Result<Self> {
        let stream = TcpStream::connect(&job.address).await?;
        stream.set_nodelay(true)?;
        let mut plain = Self {
            stream,
            buf: vec![0; CHUNK],
            filled: 0,
        };
        let mut options = vec![("CQL_VERSION", "3.0.0")];
        if job.workload == "batch" {
            options.push(("COMPRESSION", "lz4"));
        }
        let mut body = vec![0, options.len() as u8];
        for (name, value) in options {
            put_short_bytes(&mut body, name.as_bytes());
            put_short_bytes(&mut body, value.as_bytes());
        }
        plain.ask(opcode::STARTUP, &body).await?;
        Ok(plain)
    }

    /// The body of the answer to one request.
    async fn ask(&mut self, opcode: u8, body: &[u8]) -> io::Result<Vec<u8>> {
        let mut request = Vec::new();
        append(&mut request, REQUEST, [0, 1], opcode, body);
        self.stream.write_all(&request).await?;
        loop {
            if let Some(frame) = first(&self.buf[..self.filled]) {
                let answer = frame[HEADER..].to_vec();
                self.filled = 0;
                return Ok(answer);
            }
            self.read().await?;
        }
    }

    async fn prepare(&mut self, text: &str) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        put_bytes(&mut body, text.as_bytes());
        let answer = self.ask(opcode::PREPARE, &body).await?;
        let id = Fields(answer.get(4..).unwrap_or_default()).short_bytes();
        id.map(<[u8]>::to_vec)
            .ok_or_else(|| io::Error::other("an answer to PREPARE without an id"))
    }

    async fn read(&mut self) -> io::Result<()> {
        let n = self.stream.read(&mut self.buf[self.filled..]).await?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.filled += n;
        Ok(())
    }

    /// Sends `total` requests, `in_flight` at a time, each time when all answers are there.
    async fn rounds(&mut self, request: &[u8], total: usize, in_flight: usize) -> io::Result<()> {
        let requests = request.repeat(in_flight);
        for _ in 0..total / in_flight {
            self.stream.write_all(&requests).await?;
            let mut waiting = in_flight;
            while waiting > 0 {
                self.read().await?;
                let mut taken = 0;
                while let Some(frame) = first(&self.buf[taken..self.filled]) {
                    taken += frame.len();
                    waiting -= 1;
                }
                self.buf.copy_within(taken..self.filled, 0);
                self.filled -= taken;
            }
        }
        Ok(())
    }

    /// Reads one answer of any length, and forgets it.
    async fn skip_answer(&mut self) -> io::Result<()> {
        while self.filled < HEADER {
            self.read().await?;
        }
        let len = u32::from_be_bytes([self.buf[5], self.buf[6], self.buf[7], self.buf[8]]);
        let mut left = HEADER + len as usize - self.filled;
        self.filled = 0;
        while left > 0 {
            let n = self.stream.read(&mut self.buf).await?;
            if n == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            left -= n;
        }
        Ok(())
    }
}

async fn run(job: Job) -> io::Result<()> {
    let mut plain = Plain::open(&job).await?;
    if job.workload.starts_with("scan") {
        return scan(&job, &mut plain).await;
    }
    let request = match job.workload.as_str() {
        "insert" => {
            let id = plain.prepare(INSERT).await?;
            frame_of(opcode::EXECUTE, &execute(&id, 3))
        }
        "select" => {
            let id = plain.prepare(SELECT).await?;
            frame_of(opcode::EXECUTE, &execute(&id, 1))
        }
        "batch" => {
            let id = plain.prepare(INSERT).await?;
            let body = batch(&id);
            let mut packed = (body.len() as u32).to_be_bytes().to_vec();
            packed.extend_from_slice(&lz4_flex::block::compress(&body));
            let mut frame = frame_of(opcode::BATCH, &packed);
            frame[1] = COMPRESSED;
            frame
        }
        other => panic!("no workload is called {other}"),
    };
    let region = Region::new(ALLOCATOR);
    plain.rounds(&request, job.total, job.in_flight).await?;
    job.report(0, &region);
    Ok(())
}

/// Pages as the replay server numbers them: a paging state is the number of the first row.
async fn scan(job: &Job, plain: &mut Plain) -> io::Result<()> {
    let id = plain.prepare(&format!("{SCAN}{}", job.total)).await?;
    let region = Region::new(ALLOCATOR);
    for first in (0..job.total as u32).step_by(PAGE as usize) {
        let mut body = Vec::new();
        put_short_bytes(&mut body, &id);
        // Consistency ONE; page size, paging state.
        body.extend_from_slice(&[0, 1, 0x0c]);
        body.extend_from_slice(&PAGE.to_be_bytes());
        put_bytes(&mut body, &first.to_be_bytes());
        let request = frame_of(opcode::EXECUTE, &body);
        plain.stream.write_all(&request).await?;
        plain.skip_answer().await?;
    }
    job.report(0, &region);
    Ok(())
}

fn frame_of(opcode: u8, body: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    append(&mut frame, REQUEST, [0, 1], opcode, body);
    frame
}

/// EXECUTE with so many bigints.
fn execute(id: &[u8], values: u16) -> Vec<u8> {
    let mut body = Vec::new();
    put_short_bytes(&mut body, id);
    // Consistency ONE; values.
    body.extend_from_slice(&[0, 1, 0x01]);
    append_values(&mut body, values, 7);
    body
}

fn batch(id: &[u8]) -> Vec<u8> {
    let mut body = vec![1];
    body.extend_from_slice(&(BATCH as u16).to_be_bytes());
    for i in 0..BATCH as i64 {
        body.push(1);
        put_short_bytes(&mut body, id);
        append_values(&mut body, 3, i);
    }
    // Consistency ONE; no flags.
    body.extend_from_slice(&[0, 1, 0]);
    body
}

fn append_values(body: &mut Vec<u8>, values: u16, value: i64) {
    body.extend_from_slice(&values.to_be_bytes());
    for _ in 0..values {
        put_bytes(body, &value.to_be_bytes());
    }
}
