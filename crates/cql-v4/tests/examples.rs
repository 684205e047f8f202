//! The examples that need no server do what they say.

#[path = "../examples/cql_server.rs"]
#[allow(dead_code, reason = "an example's own `main` reads arguments")]
mod cql_server;
#[path = "../examples/decode_capture.rs"]
#[allow(dead_code, reason = "an example's own `main` reads arguments")]
mod decode_capture;

#[test]
fn a_server_of_the_codec_alone_answers() {
    cql_server::run(None).unwrap();
}

#[test]
fn a_capture_is_decoded() {
    decode_capture::run(Vec::new()).unwrap();
    let error = decode_capture::run(vec!["tests/fixtures/ORIGIN.md".to_owned()]);
    assert!(error.is_err());
}
