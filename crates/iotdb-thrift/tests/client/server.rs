//! A server in memory: enough of IoTDB to log in, write, and read results page by page, with what a test wants to know.
//!
//! Statements say what happens:
//!
//! | statement | answer |
//! | --- | --- |
//! | `echo X` | one row with the text X |
//! | `pages N` | N pages of three rows: time, and the time as `INT64` |
//! | `fail` | status 700 |
//! | `hang` | none, ever |
//! | `die N` | the first N bytes of an answer, then the end of the stream |
//! | `stray` | the answer to another method |
//! | `late` | an answer with the number of another request |
//! | `huge` | the length of a frame of 512 MiB |

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use iotdb_thrift::message::*;
use iotdb_thrift::tablet::{RowSet, Tablet, TabletColumn, TsBlock};
use iotdb_thrift::{Client, Config, DataType, Error, Limits, Protocol, Value};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

/// Rows of each page of `pages N`.
pub(crate) const PAGE_ROWS: i64 = 3;

/// What a server is, and what happened to it.
#[derive(Default)]
pub(crate) struct Model {
    pub(crate) version: &'static str,
    pub(crate) max_frame: Option<i32>,
    /// Whether `getProperties` is answered with an exception.
    pub(crate) shy: bool,
    pub(crate) state: Mutex<State>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) connections: i64,
    /// Methods in the order of their calls.
    pub(crate) log: Vec<String>,
    /// Queries that are open, and how many pages they still have.
    pub(crate) open: BTreeMap<i64, i64>,
    queries: i64,
    pub(crate) tablets: Vec<Tablet>,
    pub(crate) records: usize,
    pub(crate) logins: Vec<TSOpenSessionReq>,
}

impl Model {
    pub(crate) fn new(version: &'static str) -> Arc<Self> {
        Arc::new(Self {
            version,
            ..Self::default()
        })
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.state.lock().unwrap().log.clone()
    }

    pub(crate) fn count(&self, method: &str) -> usize {
        self.state
            .lock()
            .unwrap()
            .log
            .iter()
            .filter(|m| *m == method)
            .count()
    }

    pub(crate) fn open_queries(&self) -> usize {
        self.state.lock().unwrap().open.len()
    }

    pub(crate) fn connections(&self) -> i64 {
        self.state.lock().unwrap().connections
    }

    /// A stream to a new connection of this server.
    pub(crate) fn dial(self: &Arc<Self>) -> DuplexStream {
        let (ours, theirs) = tokio::io::duplex(4096);
        let model = Arc::clone(self);
        tokio::spawn(async move {
            // The client may leave at any byte.
            let _ = Connection::new(model, theirs).serve().await;
        });
        ours
    }

    pub(crate) async fn client(self: &Arc<Self>, config: Config) -> Result<Client, Error> {
        let model = Arc::clone(self);
        Client::connect_over(config, move || model.dial()).await
    }
}

pub(crate) fn config() -> Config {
    Config::new("localhost").with_credentials("alice", "secret")
}

/// Proves that the client is in step: an answer that only this question has.
pub(crate) async fn canary(client: &Client, token: usize) {
    let rows = client.query(&format!("echo {token}")).await.unwrap();
    let text: String = rows.iter().next().unwrap().get(1).unwrap();
    assert_eq!(text, token.to_string());
}

struct Connection {
    model: Arc<Model>,
    io: DuplexStream,
    session: i64,
}

enum Answer {
    Frame(Vec<u8>),
    /// As much of a frame as the number says, and no more after it.
    Cut(Vec<u8>, usize),
    Nothing,
}

impl Connection {
    fn new(model: Arc<Model>, io: DuplexStream) -> Self {
        let mut state = model.state.lock().unwrap();
        state.connections += 1;
        let session = 100 * state.connections;
        drop(state);
        Self { model, io, session }
    }

    async fn serve(mut self) -> std::io::Result<()> {
        loop {
            let len = self.io.read_u32().await?;
            let mut message = vec![0; usize::try_from(len).unwrap()];
            self.io.read_exact(&mut message).await?;
            let call = Call::parse(Bytes::from(message)).unwrap();
            match self.answer(&call) {
                Answer::Frame(frame) => self.io.write_all(&frame).await?,
                Answer::Cut(frame, at) => {
                    self.io.write_all(&frame[..at]).await?;
                    return self.io.shutdown().await;
                }
                Answer::Nothing => std::future::pending().await,
            }
        }
    }

    fn answer(&self, call: &Call) -> Answer {
        self.model
            .state
            .lock()
            .unwrap()
            .log
            .push(call.method().to_owned());
        match call.method() {
            "getProperties" if self.model.shy => exception(call),
            "getProperties" => reply::<GetPropertiesArgs>(call, &self.properties()),
            "openSession" => self.open_session(call),
            "requestStatementId" => reply::<RequestStatementIdArgs>(call, &(self.session + 1)),
            "closeSession" => reply::<CloseSessionArgs>(call, &status(200)),
            "getTimeZone" => {
                let mut answer = TSGetTimeZoneResp::default();
                answer.status = status(200);
                reply::<GetTimeZoneArgs>(call, &answer)
            }
            "executeQueryStatement" => self.execute::<ExecuteQueryStatementArgs>(call),
            "executeQueryStatementV2" => self.execute::<ExecuteQueryStatementV2Args>(call),
            "executeStatement" => self.execute::<ExecuteStatementArgs>(call),
            "executeStatementV2" => self.execute::<ExecuteStatementV2Args>(call),
            "fetchResults" => self.fetch::<FetchResultsArgs>(call),
            "fetchResultsV2" => self.fetch::<FetchResultsV2Args>(call),
            "closeOperation" => {
                let req = args::<CloseOperationArgs>(call).req;
                assert_eq!(req.statement_id, Some(self.session + 1));
                self.model
                    .state
                    .lock()
                    .unwrap()
                    .open
                    .remove(&req.query_id.unwrap());
                reply::<CloseOperationArgs>(call, &status(200))
            }
            "insertTablet" => self.insert_tablet(call),
            "insertRecord" => {
                self.model.state.lock().unwrap().records += 1;
                reply::<InsertRecordArgs>(call, &status(200))
            }
            "insertRecords" => self.insert_records(call),
            _ => exception(call),
        }
    }

    fn has_blocks(&self) -> bool {
        !self.model.version.starts_with("0.")
    }

    fn properties(&self) -> ServerProperties {
        let mut out = ServerProperties::default();
        out.version = self.model.version.to_owned();
        out.timestamp_precision = "ms".to_owned();
        out.thrift_max_frame_size = self.model.max_frame;
        out
    }

    fn open_session(&self, call: &Call) -> Answer {
        let req = args::<OpenSessionArgs>(call).req;
        let version = req.configuration.clone().unwrap_or_default()["version"].clone();
        let known = if self.has_blocks() { "V_1_0" } else { "V_0_13" };
        let right = req.username == "alice" && req.password.as_deref() == Some("secret");
        self.model.state.lock().unwrap().logins.push(req);
        if version.as_str() > known {
            return exception(call);
        }
        let mut answer = TSOpenSessionResp::default();
        answer.status = status(if right { 200 } else { 801 });
        answer.server_protocol_version = TSProtocolVersion::IotdbServiceProtocolV3;
        answer.session_id = Some(if right { self.session } else { -1 });
        reply::<OpenSessionArgs>(call, &answer)
    }

    fn execute<R>(&self, call: &Call) -> Answer
    where
        R: Request<Response = TSExecuteStatementResp> + Statement,
    {
        let req = args::<R>(call).into_req();
        assert_eq!(
            (req.session_id, req.statement_id),
            (self.session, self.session + 1)
        );
        let (verb, rest) = req
            .statement
            .split_once(' ')
            .unwrap_or((&req.statement, ""));
        let echo = |text: &str| self.echo(text);
        match verb {
            "echo" => reply::<R>(call, &echo(rest)),
            "pages" => reply::<R>(call, &self.first_page(rest.parse().unwrap())),
            "hang" => Answer::Nothing,
            "die" => match reply::<R>(call, &echo("a")) {
                Answer::Frame(frame) => Answer::Cut(frame, rest.parse().unwrap()),
                other => other,
            },
            "stray" => reply::<CloseSessionArgs>(call, &status(200)),
            "late" => {
                let mut out = Vec::new();
                R::append_reply(
                    &echo("a"),
                    call.sequence_id() + 1,
                    call.protocol(),
                    &mut out,
                )
                .unwrap();
                Answer::Frame(out)
            }
            "huge" => Answer::Frame(vec![0x20, 0, 0, 0]),
            _ => {
                let mut answer = TSExecuteStatementResp::default();
                answer.status = status(700);
                reply::<R>(call, &answer)
            }
        }
    }

    fn echo(&self, text: &str) -> TSExecuteStatementResp {
        let block = TsBlock::from_columns(&[1], &[TabletColumn::new("text", vec![text])]).unwrap();
        let mut answer = self.result(&block, DataType::Text);
        answer.more_data = Some(false);
        answer
    }

    fn result(&self, block: &TsBlock, data_type: DataType) -> TSExecuteStatementResp {
        let mut answer = TSExecuteStatementResp::default();
        let mut state = self.model.state.lock().unwrap();
        state.queries += 1;
        answer.query_id = Some(state.queries);
        answer.status = status(200);
        answer.columns = Some(vec!["value".to_owned()]);
        answer.data_type_list = Some(vec![data_type.name().to_owned()]);
        answer.ignore_time_stamp = Some(false);
        if self.has_blocks() {
            answer.query_result = Some(vec![block.encode().unwrap()]);
        } else {
            answer.query_data_set = Some(row_set(block));
            // One empty page tells the end.
            state.open.insert(answer.query_id.unwrap(), 0);
        }
        answer
    }

    fn first_page(&self, pages: i64) -> TSExecuteStatementResp {
        let mut answer = self.result(&page(0), DataType::Int64);
        let mut state = self.model.state.lock().unwrap();
        if pages > 1 || !self.has_blocks() {
            state.open.insert(answer.query_id.unwrap(), pages - 1);
        }
        answer.more_data = Some(pages > 1);
        answer
    }

    fn fetch<R: Request<Response = TSFetchResultsResp> + Fetch>(&self, call: &Call) -> Answer {
        let req = args::<R>(call).into_req();
        assert_eq!(
            (req.session_id, req.statement_id),
            (self.session, Some(self.session + 1))
        );
        let mut state = self.model.state.lock().unwrap();
        let mut answer = TSFetchResultsResp::default();
        let Some(left) = state.open.get_mut(&req.query_id) else {
            answer.status = status(715);
            return reply::<R>(call, &answer);
        };
        answer.status = status(200);
        answer.has_result_set = *left > 0;
        // 2.0.10 says that there is more although only an empty page is left; before 1.0 nothing is said.
        let block = page(*left * 100);
        *left -= 1;
        if answer.has_result_set && self.has_blocks() {
            answer.query_result = Some(vec![block.encode().unwrap()]);
            answer.more_data = Some(true);
        } else if answer.has_result_set {
            answer.query_data_set = Some(row_set(&block));
        } else {
            state.open.remove(&req.query_id);
            answer.more_data = Some(false);
        }
        drop(state);
        reply::<R>(call, &answer)
    }

    fn insert_tablet(&self, call: &Call) -> Answer {
        let req = args::<InsertTabletArgs>(call).req;
        let types = req
            .types
            .iter()
            .map(|code| DataType::from_code((*code).try_into().unwrap()).unwrap());
        let names: Vec<_> = req
            .measurements
            .iter()
            .map(String::as_str)
            .zip(types)
            .collect();
        let tablet =
            Tablet::decode(&req.prefix_path, &names, &req.timestamps, &req.values).unwrap();
        assert_eq!(tablet.rows(), usize::try_from(req.size).unwrap());
        self.model
            .state
            .lock()
            .unwrap()
            .tablets
            .push(tablet.aligned(req.is_aligned == Some(true)));
        reply::<InsertTabletArgs>(call, &status(200))
    }

    /// Records of the device `root.bad.d` fail.
    fn insert_records(&self, call: &Call) -> Answer {
        let req = args::<InsertRecordsArgs>(call).req;
        let parts = req
            .prefix_paths
            .iter()
            .map(|path| status(if path == "root.bad.d" { 507 } else { 200 }));
        let parts: Vec<_> = parts.collect();
        let mut answer = status(if parts.iter().all(|part| part.code == 200) {
            200
        } else {
            302
        });
        answer.sub_status = Some(parts);
        self.model.state.lock().unwrap().records += req.prefix_paths.len();
        reply::<InsertRecordsArgs>(call, &answer)
    }
}

/// Three rows from a time on.
fn page(start: i64) -> TsBlock {
    let times: Vec<_> = (start..start + PAGE_ROWS).collect();
    TsBlock::from_columns(&times, &[TabletColumn::new("value", times.clone())]).unwrap()
}

fn row_set(block: &TsBlock) -> TSQueryDataSet {
    let rows = RowSet::from_block(block).unwrap();
    let mut out = TSQueryDataSet::default();
    (out.time, out.value_list, out.bitmap_list) = (rows.time, rows.values, rows.bits);
    out
}

pub(crate) fn status(code: i32) -> TSStatus {
    let mut out = TSStatus::default();
    out.code = code;
    out.message = (code != 200).then(|| format!("status {code}"));
    out
}

fn args<R: Request>(call: &Call) -> R {
    R::decode_call(call, &Limits::default()).unwrap()
}

fn reply<R: Request>(call: &Call, response: &R::Response) -> Answer {
    let mut out = Vec::new();
    R::append_reply(response, call.sequence_id(), call.protocol(), &mut out).unwrap();
    Answer::Frame(out)
}

fn exception(call: &Call) -> Answer {
    let ty = TApplicationExceptionType::UnknownMethod;
    let exception =
        TApplicationException::new(ty, format!("Invalid method name: '{}'", call.method()));
    let mut out = Vec::new();
    call.append_exception(&exception, &mut out).unwrap();
    Answer::Frame(out)
}

/// The request in the arguments of a method.
trait Statement {
    fn into_req(self) -> TSExecuteStatementReq;
}

trait Fetch {
    fn into_req(self) -> TSFetchResultsReq;
}

macro_rules! requests {
    ($name:ident, $req:ty: $($args:ty)*) => {
        $(impl $name for $args {
            fn into_req(self) -> $req {
                self.req
            }
        })*
    };
}

requests!(Statement, TSExecuteStatementReq: ExecuteQueryStatementArgs ExecuteQueryStatementV2Args ExecuteStatementArgs ExecuteStatementV2Args);
requests!(Fetch, TSFetchResultsReq: FetchResultsArgs FetchResultsV2Args);

/// What every conversation needs at least once.
pub(crate) fn some_tablet(rows: i64) -> Tablet {
    let times = (0..rows).collect();
    let values: Vec<_> = (0..rows).map(|i| (i % 3 != 0).then_some(i * 5)).collect();
    let text: Vec<_> = (0..rows).map(|i| format!("row {i}")).collect();
    let columns = vec![
        TabletColumn::new("n", values),
        TabletColumn::new("text", text),
    ];
    Tablet::from_columns("root.test.d", times, columns).unwrap()
}

/// All rows of a result.
pub(crate) fn values(rows: &iotdb_thrift::Rows) -> Vec<Vec<Value>> {
    rows.iter().map(|row| row.values()).collect()
}

/// Both protocols.
pub(crate) const PROTOCOLS: [Protocol; 2] = [Protocol::Binary, Protocol::Compact];
