//! One connection of a [`Proxy`](super::Proxy).

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::watch;
use tokio::time::sleep;

use super::{Break, Faults, Plan};

/// Bytes forwarded at once.
const CHUNK: usize = 16 * 1024;
/// Between the two pieces of a split: long enough for the receiver to have read the first.
const SPLIT: Duration = Duration::from_millis(5);
/// How long the two sides of a cut connection may take to end it from their ends.
const PARTING: Duration = Duration::from_secs(5);

/// Which way bytes go.
type Way = fn(&Plan) -> &Faults;

/// Forwards until both ways have ended, or the connection is broken.
pub(super) async fn forward(
    client: TcpStream,
    target: SocketAddr,
    plan: watch::Receiver<Plan>,
) -> io::Result<()> {
    let breaks = plan.borrow().breaks;
    let server = TcpStream::connect(target).await?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let how = {
        let mut broken = plan.clone();
        let broken = broken.wait_for(|plan| plan.breaks != breaks);
        let up = Pump::new(&mut from_client, &mut to_server, |plan| &plan.to_server);
        let down = Pump::new(&mut from_server, &mut to_client, |plan| &plan.to_client);
        tokio::select! {
            both = async { tokio::try_join!(up.run(plan.clone()), down.run(plan.clone())) } => match both {
                Ok(_) => return Ok(()),
                Err(how) => how,
            },
            plan = broken => plan.map(|plan| plan.how).unwrap_or(Break::Cut),
        }
    };
    let client = from_client.reunite(to_client).map_err(io::Error::other)?;
    let server = from_server.reunite(to_server).map_err(io::Error::other)?;
    tokio::try_join!(part(client, how), part(server, how))?;
    Ok(())
}

/// Ends one side. A socket that is closed while it holds unread bytes is reset, so a cut reads to the end.
async fn part(mut stream: TcpStream, how: Break) -> io::Result<()> {
    match how {
        Break::Reset => stream.set_zero_linger(),
        Break::Cut => {
            stream.shutdown().await?;
            let mut nowhere = tokio::io::sink();
            let rest = tokio::io::copy(&mut stream, &mut nowhere);
            let _ = tokio::time::timeout(PARTING, rest).await;
            Ok(())
        }
    }
}

/// One way of a connection.
struct Pump<'a> {
    from: &'a mut OwnedReadHalf,
    to: &'a mut OwnedWriteHalf,
    way: Way,
    /// Bytes that went this way.
    at: u64,
}

impl<'a> Pump<'a> {
    fn new(from: &'a mut OwnedReadHalf, to: &'a mut OwnedWriteHalf, way: Way) -> Self {
        Self {
            from,
            to,
            way,
            at: 0,
        }
    }

    /// Forwards to the end of the stream; the error says how the connection is to break.
    async fn run(mut self, mut plan: watch::Receiver<Plan>) -> Result<(), Break> {
        let mut chunk = vec![0; CHUNK];
        loop {
            let faults = self.unstalled(&mut plan).await?;
            if faults.cut_at == Some(self.at) {
                return Err(Break::Cut);
            }
            if faults.reset_at == Some(self.at) {
                return Err(Break::Reset);
            }
            let read = tokio::select! {
                read = self.from.read(&mut chunk[..most(&faults, self.at)]) => read,
                changed = plan.changed() => {
                    changed.map_err(|_| Break::Cut)?;
                    continue;
                }
            };
            // It may have stalled meanwhile.
            let faults = self.unstalled(&mut plan).await?;
            match read {
                Ok(0) => return self.to.shutdown().await.map_err(|_| Break::Reset),
                Ok(n) => self.pass(&mut chunk[..n], &faults).await?,
                Err(_) => return Err(Break::Reset),
            }
        }
    }

    async fn unstalled(&self, plan: &mut watch::Receiver<Plan>) -> Result<Faults, Break> {
        let plan = plan.wait_for(|plan| !(self.way)(plan).stalled).await;
        plan.map(|plan| *(self.way)(&plan)).map_err(|_| Break::Cut)
    }

    async fn pass(&mut self, bytes: &mut [u8], faults: &Faults) -> Result<(), Break> {
        let time = faults.bytes_per_second.map_or(Duration::ZERO, |rate| {
            Duration::from_secs_f64(bytes.len() as f64 / f64::from(rate.max(1)))
        });
        if !(faults.delay + time).is_zero() {
            sleep(faults.delay + time).await;
        }
        let corrupt = faults.corrupt_at.and_then(|at| at.checked_sub(self.at));
        if let Some(byte) = corrupt.and_then(|at| bytes.get_mut(usize::try_from(at).ok()?)) {
            *byte = !*byte;
        }
        self.to.write_all(bytes).await.map_err(|_| Break::Reset)?;
        self.at += bytes.len() as u64;
        if faults.split_at == Some(self.at) {
            sleep(SPLIT).await;
        }
        Ok(())
    }
}

/// Most bytes to forward at once: a tenth of a second's, and not beyond an offset where something happens.
fn most(faults: &Faults, at: u64) -> usize {
    let rate = faults
        .bytes_per_second
        .map(|rate| u64::from(rate / 10).max(1));
    let marks = [faults.split_at, faults.cut_at, faults.reset_at];
    let marks = marks
        .into_iter()
        .flatten()
        .filter_map(|mark| mark.checked_sub(at));
    let most = marks.filter(|n| *n > 0).chain(rate).min();
    most.map_or(CHUNK, |n| usize::try_from(n).unwrap_or(CHUNK).min(CHUNK))
}
