//! The sans-IO connection against recorded answers, however they are cut: no network, no clock, no task.

use std::time::{Duration, Instant};

use bytes::Bytes;
use iotdb_thrift::message::{
    Call, CloseSessionArgs, ExecuteQueryStatementV2Args, GetPropertiesArgs, OpenSessionArgs,
    Request, RequestStatementIdArgs, ServerProperties, TApplicationException,
    TApplicationExceptionType, TSOpenSessionResp, TSStatus,
};
use iotdb_thrift::proto::{Connection, Credentials, Login, Session};
use iotdb_thrift::{Error, ErrorKind, Generation, Limits, Protocol};
use wire_core::RecvBuf;
use wire_core::machine::{Handshake, Inbound, Machine, Outgoing, Protocol as _, Settings, Step};
use wire_core::testing::{chunked_feed, fixture};

fn recorded(name: &str) -> Vec<u8> {
    fixture(&format!("server_2_0_10/{name}"))
}

fn login(protocol: Protocol) -> Login {
    let credentials = Credentials::new("root", "root", "UTC", protocol);
    Login::new(credentials, Limits::default())
}

fn properties(version: &str) -> Vec<u8> {
    let mut answer = ServerProperties::default();
    answer.version = version.to_owned();
    answer.timestamp_precision = "ms".to_owned();
    let mut out = Vec::new();
    GetPropertiesArgs::append_reply(&answer, 0, Protocol::Binary, &mut out).unwrap();
    out
}

/// Feeds a login with `answers`, each when it was asked for, in pieces of `size`.
fn log_in(answers: &[Vec<u8>], size: usize) -> Result<((Connection, Session), Vec<Call>), Error> {
    let mut login = login(Protocol::Binary);
    let mut answers = answers.iter();
    let (mut out, mut input, mut calls) = (Vec::new(), RecvBuf::new(), Vec::new());
    login.start(&mut out)?;
    loop {
        let message = Bytes::from(std::mem::take(&mut out).split_off(4));
        calls.push(Call::parse(message)?);
        for piece in answers
            .next()
            .expect("more was asked than answered")
            .chunks(size)
        {
            input.extend_from_slice(piece);
            match login.handle_bytes(&mut input, &mut out)? {
                Step::More => {}
                Step::Ready(ready) => return Ok((ready, calls)),
                Step::Reconnect(_) => panic!("the version was known"),
            }
        }
    }
}

fn recorded_login() -> Vec<Vec<u8>> {
    vec![
        properties("2.0.10"),
        recorded("open_session_reply"),
        recorded("request_statement_id_reply"),
    ]
}

#[test]
fn a_login_ends_in_a_session_however_it_is_cut() {
    for size in [1, 2, 7, 1000] {
        let ((_, session), calls) = log_in(&recorded_login(), size).unwrap();
        assert_eq!(session.server().generation(), Generation::V2);
        // What 2.0.10 gave to the client of the recording.
        let opened = decode::<OpenSessionArgs>(&recorded("open_session_reply"));
        assert_eq!(Some(session.session_id()), opened.session_id);
        assert_eq!(
            session.statement_id(),
            decode::<RequestStatementIdArgs>(&recorded("request_statement_id_reply"))
        );
        let methods: Vec<_> = calls.iter().map(Call::method).collect();
        assert_eq!(
            methods,
            ["getProperties", "openSession", "requestStatementId"]
        );
        let sent = OpenSessionArgs::decode_call(&calls[1], &Limits::default())
            .unwrap()
            .req;
        assert_eq!(
            (sent.username.as_str(), sent.password.as_deref()),
            ("root", Some("root"))
        );
        assert_eq!(sent.configuration.unwrap()["version"], "V_1_0");
    }
}

fn decode<R: Request>(frame: &[u8]) -> R::Response {
    let message = Bytes::copy_from_slice(&frame[4..]);
    R::decode_reply(&message, 0, Protocol::Binary, &Limits::default())
        .unwrap()
        .unwrap()
}

#[test]
fn what_is_no_login_is_an_error() {
    let refused = [properties("2.0.10"), recorded("wrong_password_reply")];
    let error = log_in(&refused, 1000).map(drop).unwrap_err();
    assert_eq!(
        (error.kind(), error.server().unwrap().code()),
        (ErrorKind::Auth, 801)
    );

    let out_of_step = [properties("2.0.10"), recorded("request_statement_id_reply")];
    assert_eq!(
        log_in(&out_of_step, 1000).map(drop).unwrap_err().kind(),
        ErrorKind::Decode
    );

    let mut strange = TSOpenSessionResp::default();
    strange.status.code = 200;
    strange.session_id = Some(1);
    let mut frame = Vec::new();
    OpenSessionArgs::append_reply(&strange, 0, Protocol::Binary, &mut frame).unwrap();
    let error = log_in(&[properties("2.0.10"), frame], 1000)
        .map(drop)
        .unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Unsupported,
        "protocol version 1: {error}"
    );

    for stranger in [
        &b"HTTP/1.1 400 Bad Request\r\n"[..],
        &[21, 3, 3, 0, 2, 2, 10],
        &[0xff; 8],
    ] {
        let error = log_in(&[stranger.to_vec()], 1).map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
    }
    let error = log_in(&[vec![0x7f, 0, 0, 0]], 1).map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
}

/// Versions are only tried one after another if the server does not say its own.
#[test]
fn an_old_server_without_a_version_gets_a_new_connection() {
    let mut login = login(Protocol::Binary);
    let mut asked = Vec::new();
    for expected in ["V_1_0", "V_0_13", "V_0_12"] {
        let (mut out, mut input) = (Vec::new(), RecvBuf::new());
        login.start(&mut out).unwrap();
        input.extend_from_slice(&exception(&mut out));
        assert!(matches!(
            login.handle_bytes(&mut input, &mut out).unwrap(),
            Step::More
        ));
        let call = Call::parse(Bytes::from(out[4..].to_vec())).unwrap();
        let sent = OpenSessionArgs::decode_call(&call, &Limits::default())
            .unwrap()
            .req;
        asked.push(sent.configuration.unwrap()["version"].clone());
        assert_eq!(asked.last().unwrap(), expected);
        input.extend_from_slice(&exception(&mut out));
        match login.handle_bytes(&mut input, &mut out) {
            Ok(Step::Reconnect(next)) => login = next,
            Err(error) => {
                assert_eq!(
                    (error.kind(), expected),
                    (ErrorKind::Server, "V_0_12"),
                    "{error}"
                );
                assert!(error.server().unwrap().is_exception());
                return;
            }
            Ok(_) => panic!("an exception is no answer"),
        }
    }
    panic!("all versions were refused");
}

/// The exception of a server that fails inside, to the call in `out`, which is taken.
fn exception(out: &mut Vec<u8>) -> Vec<u8> {
    let call = Call::parse(Bytes::from(std::mem::take(out).split_off(4))).unwrap();
    let ty = TApplicationExceptionType::InternalError;
    let exception = TApplicationException::new(ty, "Internal error processing openSession");
    let mut reply = Vec::new();
    call.append_exception(&exception, &mut reply).unwrap();
    reply
}

/// A machine with one request of `R` in flight, as the driver has it.
fn in_flight<R: Request + Default>() -> (Connection, Machine<Bytes>) {
    let ((connection, session), _) = log_in(&recorded_login(), 1000).unwrap();
    let mut machine = Machine::new(Settings {
        in_order: true,
        ..Settings::default()
    });
    let request = R::default();
    let prepared = session.prepare(&request).unwrap();
    machine
        .submit(
            Instant::now(),
            Duration::from_secs(1),
            |ticket, out: &mut Outgoing| {
                let sequence = i32::try_from(ticket.sequence()).unwrap();
                session.encode(&prepared, sequence, out.buffer()).map(drop)
            },
        )
        .unwrap();
    (connection, machine)
}

#[test]
fn an_answer_is_cut_out_of_the_stream_whatever_its_pieces() {
    let stream = recorded("select_all_reply");
    let items = chunked_feed(
        || {
            let (mut connection, mut machine) = in_flight::<ExecuteQueryStatementV2Args>();
            move |input: &mut RecvBuf| {
                let Some(Inbound { route, item, last }) = connection.handle_bytes(input)? else {
                    return Ok(None);
                };
                let answer = item.clone();
                machine.deliver(Inbound { route, item, last }, &mut Vec::new())?;
                Ok::<_, wire_core::DecodeError>(Some(answer))
            }
        },
        &stream,
    );
    assert_eq!(items, [&stream[4..]]);
}

#[test]
fn what_nobody_asked_for_is_refused() {
    let mut buf = RecvBuf::new();
    buf.extend_from_slice(&recorded("select_all_reply"));
    // Asked for something else.
    let (mut connection, _) = in_flight::<CloseSessionArgs>();
    let error = connection.handle_bytes(&mut buf).map(drop).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("is executeQueryStatementV2, but"),
        "{error}"
    );
    // Answered twice.
    let (mut connection, _) = in_flight::<CloseSessionArgs>();
    let twice = recorded("close_session_reply").repeat(2);
    buf = RecvBuf::new();
    buf.extend_from_slice(&twice);
    assert!(connection.handle_bytes(&mut buf).unwrap().is_some());
    let error = connection.handle_bytes(&mut buf).map(drop).unwrap_err();
    assert!(error.to_string().contains("no request waits"), "{error}");
    // A call instead of a reply, and a number that no request had.
    let (mut connection, _) = in_flight::<CloseSessionArgs>();
    let mut call = Vec::new();
    CloseSessionArgs::default()
        .append_call(0, Protocol::Binary, &mut call)
        .unwrap();
    buf = RecvBuf::new();
    buf.extend_from_slice(&call);
    assert!(connection.handle_bytes(&mut buf).is_err());
    let (mut connection, _) = in_flight::<CloseSessionArgs>();
    let mut reply = Vec::new();
    CloseSessionArgs::append_reply(&TSStatus::default(), -1, Protocol::Binary, &mut reply).unwrap();
    buf = RecvBuf::new();
    buf.extend_from_slice(&reply);
    assert!(connection.handle_bytes(&mut buf).is_err());
}
