//! A CQL server that does nothing but answer: every answer is there before the first request, and all it does for one is
//! to copy the stream id. So the client is what a run costs, and what waits is the server.

mod answers;
pub mod data;
pub mod frame;
pub mod record;
mod tables;

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

pub use answers::Answers;
use answers::{Answer, append_error};
use frame::{HEADER, REQUEST, RESPONSE, append, opcode};

/// What is read at once, and written at most before the next read.
const CHUNK: usize = 256 * 1024;
/// Flag of a frame: the body is compressed.
const COMPRESSED: u8 = 0x01;
/// Longest body of a request that is decompressed.
const MAX_BODY: u32 = 1 << 20;

/// Opens a port on loopback and answers whoever connects, each connection in a thread of its own.
///
/// # Errors
/// If no port can be opened.
pub fn serve() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let answers = Arc::new(Answers::new());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answers = Arc::clone(&answers);
            std::thread::spawn(move || {
                let mut connection = Connection {
                    stream,
                    out: Vec::new(),
                    answers: &answers,
                };
                if let Err(error) = connection.run() {
                    // A client that is killed is no news.
                    if error.kind() == io::ErrorKind::InvalidData {
                        eprintln!("wire-replay: {error}");
                    }
                }
            });
        }
    });
    Ok(address)
}

struct Connection<'a> {
    stream: TcpStream,
    out: Vec<u8>,
    answers: &'a Answers,
}

impl Connection<'_> {
    fn run(&mut self) -> io::Result<()> {
        self.stream.set_nodelay(true)?;
        let mut buf = vec![0; CHUNK];
        let mut filled = 0;
        loop {
            let n = self.stream.read(&mut buf[filled..])?;
            if n == 0 {
                return Ok(());
            }
            filled += n;
            let mut taken = 0;
            while let Some(frame) = frame::first(&buf[taken..filled]) {
                taken += frame.len();
                self.answer(frame)?;
            }
            buf.copy_within(taken..filled, 0);
            filled -= taken;
            if filled == buf.len() {
                return Err(invalid("a frame is longer than the buffer"));
            }
            self.flush()?;
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.write_all(&self.out)?;
        self.out.clear();
        Ok(())
    }

    fn answer(&mut self, request: &[u8]) -> io::Result<()> {
        let stream = [request[2], request[3]];
        if request[0] != REQUEST {
            let text = format!(
                "Invalid or unsupported protocol version ({}); supported versions are (4/v4)",
                request[0]
            );
            append_error(&mut self.out, stream, 0x0a, &text);
            return Ok(());
        }
        let body = &request[HEADER..];
        let plain;
        let body = if request[1] & COMPRESSED == 0 {
            body
        } else {
            plain = decompress(body).ok_or_else(|| invalid("a body that is no LZ4"))?;
            &plain
        };
        let answers = self.answers;
        let answer = answers
            .to(request[4], body)
            .ok_or_else(|| invalid("a request that ends too early"))?;
        match answer {
            Answer::Result(body) => {
                append(&mut self.out, RESPONSE, stream, opcode::RESULT, body);
            }
            Answer::Other(opcode, body) => {
                append(&mut self.out, RESPONSE, stream, opcode, &body);
            }
            Answer::Page(head, page) => {
                let start = self.out.len();
                append(&mut self.out, RESPONSE, stream, opcode::RESULT, &head);
                let len = (head.len() + page.len()) as u32;
                self.out[start + 5..start + HEADER].copy_from_slice(&len.to_be_bytes());
                self.flush()?;
                self.stream.write_all(page)?;
            }
            Answer::Error(code, text) => {
                append_error(&mut self.out, stream, code, &text);
            }
        }
        Ok(())
    }
}

/// LZ4 as protocol v4 has it: the length in four bytes, big-endian, and one block.
fn decompress(body: &[u8]) -> Option<Vec<u8>> {
    let (len, block) = body.split_first_chunk()?;
    let len = u32::from_be_bytes(*len);
    if len > MAX_BODY {
        return None;
    }
    let plain = lz4_flex::block::decompress(block, len as usize).ok()?;
    (plain.len() == len as usize).then_some(plain)
}

fn invalid(text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, text)
}
