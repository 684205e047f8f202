//! A node in memory: it speaks the protocol's other side with the crate's own messages, keeps caches, and misbehaves
//! when it is told to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use ignite_thin::codec::frame::{RequestHeader, ResponseHeader, frame_len, write_frame};
use ignite_thin::codec::{Features, Negotiated, Version};
use ignite_thin::message::{
    CacheNames, CloseResource, ContainsKey, Cursor, DestroyCache, Get, GetAll, GetOrCreateCache,
    HandshakeRequest, HandshakeResponse, Heartbeat, Op, Page, Put, PutAll, RemoveKey, ScanPage,
    ScanQuery, Serve, SqlCursor, SqlPage, SqlQuery,
};
use ignite_thin::object::cache_id;
use ignite_thin::{Client, Config, Decoder, Encode, Encoder, Error, Limits, Status, Uuid, Value};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use wire_testkit::{ChoppedIo, Chops};

/// Bytes in flight: less than most frames, so that waiting for the other side is part of every test.
pub(crate) const PIPE: usize = 64;

/// Small pages, so that there are several.
pub(crate) fn config() -> Config {
    Config::new("127.0.0.1").with_page_size(2)
}

/// A client of `node`.
pub(crate) async fn client(node: &Node) -> Client {
    node.client(config(), PIPE).await.unwrap()
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) op: Op,
    pub(crate) id: i64,
    pub(crate) payload: Bytes,
    pub(crate) negotiated: Negotiated,
}

/// What is done instead of answering properly.
pub(crate) enum Reply {
    /// The proper answer.
    Proper,
    /// Nothing, now or later.
    Nothing,
    /// These bytes.
    Raw(Vec<u8>),
    /// These bytes, then the end of the connection.
    Last(Vec<u8>),
}

type Handler = Box<dyn FnMut(&Node, &Call) -> Reply + Send>;

/// The node: what it stores, and what it saw.
#[derive(Clone)]
pub(crate) struct Node {
    state: Arc<Mutex<State>>,
    handler: Arc<Mutex<Handler>>,
}

struct State {
    newest: Version,
    caches: BTreeMap<i32, (String, Vec<(Value, Value)>)>,
    cursors: BTreeMap<i64, Vec<Vec<Value>>>,
    page_sizes: BTreeMap<i64, usize>,
    next_cursor: i64,
    connections: usize,
    credentials: Option<(String, String)>,
    seen: Vec<Op>,
}

impl Node {
    /// A node that behaves.
    pub(crate) fn new() -> Self {
        Self::with(|_, _| Reply::Proper)
    }

    /// A node that does what `handler` says with each request.
    pub(crate) fn with(handler: impl FnMut(&Self, &Call) -> Reply + Send + 'static) -> Self {
        let state = State {
            newest: Version::LATEST,
            caches: BTreeMap::new(),
            cursors: BTreeMap::new(),
            page_sizes: BTreeMap::new(),
            next_cursor: 1,
            connections: 0,
            credentials: None,
            seen: Vec::new(),
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            handler: Arc::new(Mutex::new(Box::new(handler))),
        }
    }

    /// A node that knows no newer version.
    pub(crate) fn of_version(self, newest: Version) -> Self {
        self.state.lock().unwrap().newest = newest;
        self
    }

    /// A node that lets only this user in.
    pub(crate) fn for_user(self, user: &str, password: &str) -> Self {
        self.state.lock().unwrap().credentials = Some((user.into(), password.into()));
        self
    }

    /// A client of the node over pipes of `in_flight` bytes in each direction.
    pub(crate) async fn client(&self, config: Config, in_flight: usize) -> Result<Client, Error> {
        let node = self.clone();
        Client::connect_over(config, move || node.dial(in_flight)).await
    }

    /// A client whose every read and write moves one byte, and is pending once before.
    pub(crate) async fn client_byte_by_byte(&self, config: Config) -> Result<Client, Error> {
        let node = self.clone();
        let chops = || Chops::every(1).pending();
        Client::connect_over(config, move || {
            ChoppedIo::new(node.dial(64), chops(), chops())
        })
        .await
    }

    pub(crate) fn dial(&self, in_flight: usize) -> DuplexStream {
        let (ours, theirs) = tokio::io::duplex(in_flight);
        tokio::spawn(self.clone().serve(theirs));
        ours
    }

    /// Cursors that are open.
    pub(crate) fn cursors(&self) -> usize {
        self.state.lock().unwrap().cursors.len()
    }

    /// Connections that were ever opened.
    pub(crate) fn connections(&self) -> usize {
        self.state.lock().unwrap().connections
    }

    /// Operations that came, in their order.
    pub(crate) fn seen(&self) -> Vec<Op> {
        self.state.lock().unwrap().seen.clone()
    }

    /// Serves one connection until it ends or makes no sense.
    pub(crate) async fn serve(self, mut io: impl AsyncRead + AsyncWrite + Unpin) {
        self.state.lock().unwrap().connections += 1;
        let mut received = Vec::new();
        let Some(negotiated) = self.shake_hands(&mut io, &mut received).await else {
            return;
        };
        while let Some(body) = frame(&mut io, &mut received).await {
            let mut from = Decoder::new(&body, &Limits::default());
            let header = RequestHeader::decode(&mut from).unwrap();
            let op = Op::from_code(header.op_code).expect("an operation of this crate");
            let payload = body.slice(from.offset()..);
            let call = Call {
                op,
                id: header.request_id,
                payload,
                negotiated,
            };
            self.state.lock().unwrap().seen.push(op);
            let reply = (self.handler.lock().unwrap())(&self, &call);
            let (bytes, last) = match reply {
                Reply::Proper => (self.answer(&call), false),
                Reply::Nothing => continue,
                Reply::Raw(bytes) => (bytes, false),
                Reply::Last(bytes) => (bytes, true),
            };
            if io.write_all(&bytes).await.is_err() || last {
                break;
            }
        }
        // Cursors belong to their connection; there is one at a time in these tests.
        self.state.lock().unwrap().cursors.clear();
    }

    async fn shake_hands(
        &self,
        io: &mut (impl AsyncRead + AsyncWrite + Unpin),
        received: &mut Vec<u8>,
    ) -> Option<Negotiated> {
        loop {
            let body = frame(io, received).await?;
            let mut from = Decoder::new(&body, &Limits::default());
            let request = HandshakeRequest::decode(&mut from).ok()?;
            let response = self.judge(&request);
            let mut out = Vec::new();
            write_frame(&mut out, |to| response.encode(to, request.version)).unwrap();
            io.write_all(&out).await.ok()?;
            if let HandshakeResponse::Accepted { features, .. } = response {
                return Some(Negotiated::new(request.version, features));
            }
        }
    }

    fn judge(&self, request: &HandshakeRequest) -> HandshakeResponse {
        let state = self.state.lock().unwrap();
        if request.version > state.newest {
            return HandshakeResponse::Refused {
                version: state.newest,
                message: format!("Unsupported version: {}", request.version),
                status: Some(Status::Failed),
            };
        }
        let expected = state
            .credentials
            .as_ref()
            .map(|(user, password)| (user.as_str(), password.as_str()));
        if expected.is_some() && request.credentials() != expected {
            return HandshakeResponse::Refused {
                version: Version::new(0, 0, 0),
                message: "The user name or password is incorrect [userName=x]".into(),
                status: Some(Status::AuthFailed),
            };
        }
        // As a real server of 2.17: it has bits 0 to 17 and 19.
        let features = request.features.and(Features::from_bits(0x0b_ffff));
        HandshakeResponse::Accepted {
            features,
            node_id: Some(Uuid::from_u128(7)),
        }
    }

    /// The proper answer, as a whole frame.
    pub(crate) fn answer(&self, call: &Call) -> Vec<u8> {
        match self.answer_of(call) {
            Ok(bytes) => bytes,
            Err((status, text)) => refusal(call, status, text),
        }
    }

    fn answer_of(&self, call: &Call) -> Result<Vec<u8>, (Status, &'static str)> {
        let mut state = self.state.lock().unwrap();
        Ok(match call.op {
            Op::CacheGetOrCreate => {
                let request = read::<GetOrCreateCache<'_>>(call);
                let id = cache_id(&request.name);
                state
                    .caches
                    .entry(id)
                    .or_insert_with(|| (request.name.to_string(), Vec::new()));
                success(call, &request, &())
            }
            Op::CacheDestroy => {
                let request = read::<DestroyCache>(call);
                state.caches.remove(&request.cache.id()).ok_or(NO_CACHE)?;
                success(call, &request, &())
            }
            Op::CacheGetNames => {
                let names = state
                    .caches
                    .values()
                    .map(|(name, _)| name.clone())
                    .collect();
                success(call, &read::<CacheNames>(call), &names)
            }
            Op::Heartbeat => success(call, &read::<Heartbeat>(call), &()),
            Op::QueryScan
            | Op::QueryScanPage
            | Op::QuerySqlFields
            | Op::QuerySqlFieldsPage
            | Op::ResourceClose => state.query(call)?,
            _ => state.entry(call)?,
        })
    }
}

impl State {
    /// Answers what is about entries.
    fn entry(&mut self, call: &Call) -> Result<Vec<u8>, (Status, &'static str)> {
        let state = self;
        Ok(match call.op {
            Op::CacheGet => {
                let request = read::<Get<Value, Value>>(call);
                let found = state.find(request.cache.id(), &request.key)?;
                success(call, &request, &found)
            }
            Op::CacheContainsKey => {
                let request = read::<ContainsKey<Value>>(call);
                let found = state.find(request.cache.id(), &request.key)?.is_some();
                success(call, &request, &found)
            }
            Op::CachePut => {
                let request = read::<Put<Value, Value>>(call);
                state.put(
                    request.cache.id(),
                    request.key.clone(),
                    request.value.clone(),
                )?;
                success(call, &request, &())
            }
            Op::CachePutAll => {
                let request = read::<PutAll<Vec<(Value, Value)>>>(call);
                for (key, value) in request.entries.clone() {
                    state.put(request.cache.id(), key, value)?;
                }
                success(call, &request, &())
            }
            Op::CacheGetAll => {
                let request = read::<GetAll<Vec<Value>, Value, Value>>(call);
                let mut found = Vec::new();
                for key in &request.keys {
                    if let Some(value) = state.find(request.cache.id(), key)? {
                        found.push((key.clone(), value));
                    }
                }
                success(call, &request, &found)
            }
            Op::CacheRemoveKey => {
                let request = read::<RemoveKey<Value>>(call);
                let entries = state.entries(request.cache.id())?;
                let before = entries.len();
                entries.retain(|(key, _)| *key != request.key);
                let removed = entries.len() < before;
                success(call, &request, &removed)
            }
            other => panic!("{other:?} is not an operation of this node"),
        })
    }

    /// Answers what is about cursors.
    fn query(&mut self, call: &Call) -> Result<Vec<u8>, (Status, &'static str)> {
        let state = self;
        Ok(match call.op {
            Op::QueryScan => {
                let request = read::<ScanQuery>(call);
                let entries = state.entries(request.cache.id())?.clone();
                let rows = entries
                    .into_iter()
                    .map(|(key, value)| vec![key, value])
                    .collect();
                let (id, page) = state.open(rows, request.page_size);
                success(call, &request, &Cursor::new(id, page))
            }
            Op::QueryScanPage => {
                let request = read::<ScanPage>(call);
                let page = state.page(request.cursor)?;
                success(call, &request, &page)
            }
            Op::QuerySqlFields => {
                let request = read::<SqlQuery<'_, Vec<Value>>>(call);
                let (columns, rows) = statement(&request.sql)?;
                let (id, page) = state.open(rows, request.page_size);
                success(call, &request, &SqlCursor::new(id, columns, page))
            }
            Op::QuerySqlFieldsPage => {
                let request = read::<SqlPage>(call);
                let page = state.page(request.cursor)?;
                success(call, &request, &page)
            }
            Op::ResourceClose => {
                let request = read::<CloseResource>(call);
                state.cursors.remove(&request.id).ok_or(NO_RESOURCE)?;
                success(call, &request, &())
            }
            other => panic!("{other:?} is not an operation of this node"),
        })
    }
}

const NO_CACHE: (Status, &str) = (
    Status::CacheDoesNotExist,
    "Cache does not exist [cacheId= 1]",
);
const NO_RESOURCE: (Status, &str) = (
    Status::ResourceDoesNotExist,
    "Failed to find resource with id: 1",
);

impl State {
    fn entries(&mut self, id: i32) -> Result<&mut Vec<(Value, Value)>, (Status, &'static str)> {
        self.caches
            .get_mut(&id)
            .map(|(_, entries)| entries)
            .ok_or(NO_CACHE)
    }

    fn find(&mut self, id: i32, key: &Value) -> Result<Option<Value>, (Status, &'static str)> {
        let found = self.entries(id)?.iter().find(|(k, _)| k == key);
        Ok(found.map(|(_, value)| value.clone()))
    }

    fn put(&mut self, id: i32, key: Value, value: Value) -> Result<(), (Status, &'static str)> {
        let entries = self.entries(id)?;
        entries.retain(|(k, _)| *k != key);
        entries.push((key, value));
        Ok(())
    }

    /// Keeps the cursor only if there is more than a page, as the real server does.
    fn open(&mut self, rows: Vec<Vec<Value>>, page_size: u32) -> (i64, Page) {
        let id = self.next_cursor;
        self.next_cursor += 1;
        self.cursors.insert(id, rows);
        self.page_sizes
            .insert(id, usize::try_from(page_size).unwrap());
        let page = self
            .page(id)
            .unwrap_or_else(|_| panic!("the cursor was just opened"));
        (id, page)
    }

    fn page(&mut self, id: i64) -> Result<Page, (Status, &'static str)> {
        let rows = self.cursors.get_mut(&id).ok_or(NO_RESOURCE)?;
        let n = rows.len().min(self.page_sizes[&id]);
        let mut values = Vec::new();
        for value in rows.drain(..n).flatten() {
            value.encode(&mut Encoder::new(&mut values)).unwrap();
        }
        let more = !rows.is_empty();
        if !more {
            self.cursors.remove(&id);
        }
        Ok(Page::new(n, values.into(), more))
    }
}

type Table = (Vec<String>, Vec<Vec<Value>>);

/// `ROWS n` answers n rows of ID and NAME, `UPDATE n` a count of n, anything else is refused.
fn statement(sql: &str) -> Result<Table, (Status, &'static str)> {
    match sql
        .split_once(' ')
        .map(|(verb, n)| (verb, n.parse::<i32>()))
    {
        Some(("ROWS", Ok(n))) => {
            let row = |id| vec![Value::Int(id), Value::String(format!("name {id}"))];
            Ok((vec!["ID".into(), "NAME".into()], (0..n).map(row).collect()))
        }
        Some(("UPDATE", Ok(n))) => Ok((vec!["UPDATED".into()], vec![vec![Value::Long(n.into())]])),
        _ => Err((
            Status::Failed,
            "42000: Failed to parse query. Syntax error in SQL statement",
        )),
    }
}

/// The request itself.
pub(crate) fn read<R: Serve>(call: &Call) -> R {
    let mut from = Decoder::new(&call.payload, &Limits::default());
    let request = R::decode(&mut from).unwrap();
    from.finish("request").unwrap();
    request
}

/// A successful answer.
pub(crate) fn success<R: Serve>(call: &Call, request: &R, response: &R::Response) -> Vec<u8> {
    let mut out = Vec::new();
    write_frame(&mut out, |to| {
        ResponseHeader::success(call.id).encode(to, call.negotiated)?;
        request.encode_response(response, to)
    })
    .unwrap();
    out
}

/// A refusal.
pub(crate) fn refusal(call: &Call, status: Status, text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let header = ResponseHeader::failure(call.id, status, text);
    write_frame(&mut out, |to| header.encode(to, call.negotiated)).unwrap();
    out
}

/// The body of the next frame; `None` at the end.
async fn frame(io: &mut (impl AsyncRead + Unpin), received: &mut Vec<u8>) -> Option<Bytes> {
    loop {
        if let Some(len) = frame_len(received, &Limits::default()).ok()?
            && len <= received.len()
        {
            let rest = received.split_off(len);
            let frame = Bytes::from(std::mem::replace(received, rest));
            return Some(frame.slice(4..));
        }
        if io.read_buf(received).await.ok()? == 0 {
            return None;
        }
    }
}
