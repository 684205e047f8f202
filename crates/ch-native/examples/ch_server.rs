//! A small native server with one table in memory, written with the codec alone: `SELECT` returns what `INSERT` added.
//!
//! Start it with `cargo run -p ch-native --no-default-features --example ch_server -- 127.0.0.1:9000`.

use std::error::Error;
use std::sync::{Arc, Mutex};

use ch_native::codec::{Method, Revision};
use ch_native::message::{ClientPacket, ClientPackets, ServerHello, ServerPacket, TableStatus};
use ch_native::{Block, Limits, ServerError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let address = std::env::args().nth(1);
    run(TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:9000")).await?).await
}

pub(crate) async fn run(listener: TcpListener) -> Outcome<()> {
    let table = Arc::default();
    loop {
        let connection = Connection {
            stream: listener.accept().await?.0,
            packets: ClientPackets::new(Revision::MAX, Limits::default()),
            table: Arc::clone(&table),
        };
        tokio::spawn(connection.serve());
    }
}

struct Connection {
    stream: TcpStream,
    packets: ClientPackets,
    /// The table, as the blocks that were inserted.
    table: Arc<Mutex<Vec<Block>>>,
}

impl Connection {
    /// The next packet; an error when the client has gone.
    async fn next(&mut self) -> Outcome<ClientPacket> {
        loop {
            if let Some(packet) = self.packets.next_packet()? {
                return Ok(packet);
            }
            let mut bytes = [0; 4096];
            match self.stream.read(&mut bytes).await? {
                0 => return Err("has gone".into()),
                n => self.packets.push(&bytes[..n]),
            }
        }
    }

    /// Sends packets in the form that the client has asked for.
    async fn send(&mut self, packets: &[ServerPacket]) -> Outcome<()> {
        let form = self.packets.form(Method::None);
        let mut out = Vec::new();
        for packet in packets {
            packet.encode(form, &mut out)?;
        }
        Ok(self.stream.write_all(&out).await?)
    }

    async fn serve(mut self) -> Outcome<()> {
        loop {
            let reply = match self.next().await? {
                ClientPacket::Hello(_) => {
                    ServerPacket::Hello(ServerHello::new("ch_server", (26, 9, 0), Revision::MAX))
                }
                ClientPacket::Ping => ServerPacket::Pong,
                ClientPacket::TablesStatus(asked) => {
                    let known = asked
                        .tables
                        .into_iter()
                        .map(|(d, t)| TableStatus::new(d, t));
                    ServerPacket::TablesStatus(known.collect())
                }
                ClientPacket::Query(query) => {
                    self.blocks().await?; // external tables
                    self.answer(query.query.text()).await?
                }
                _ => continue, // the addendum, and a cancel that came too late
            };
            self.send(&[reply]).await?;
        }
    }

    /// Blocks up to the mark that ends them.
    async fn blocks(&mut self) -> Outcome<Vec<Block>> {
        let mut blocks = Vec::new();
        loop {
            match self.next().await? {
                ClientPacket::Data { block, .. } if block.is_end_mark() => return Ok(blocks),
                ClientPacket::Data { block, .. } => blocks.push(block),
                _ => {} // scalars of another server
            }
        }
    }

    async fn answer(&mut self, statement: &str) -> Outcome<ServerPacket> {
        let ids = Block::new().with("id", Vec::<u64>::new())?;
        let header = ServerPacket::Data(ids.with("name", Vec::<String>::new())?);
        if statement.starts_with("INSERT") {
            self.send(&[header]).await?;
            let blocks = self.blocks().await?;
            self.table.lock().map_err(|_| "lost")?.extend(blocks);
        } else if statement.starts_with("SELECT") {
            let mut all = vec![header];
            let stored = self.table.lock().map_err(|_| "lost")?.clone();
            all.extend(stored.into_iter().map(ServerPacket::Data));
            self.send(&all).await?;
        } else {
            let refusal = ServerError::new(48, "DB::Exception", "only SELECT and INSERT are known");
            return Ok(ServerPacket::Exception(refusal));
        }
        Ok(ServerPacket::EndOfStream)
    }
}
