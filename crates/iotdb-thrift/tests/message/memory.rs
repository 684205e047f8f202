//! Binary fields are parts of the frame they came in, not copies.

use bytes::Bytes;
use iotdb_thrift::message::*;
use iotdb_thrift::{Limits, Protocol};

use crate::golden::message;

fn is_within(part: &Bytes, whole: &Bytes) -> bool {
    whole.as_ptr_range().contains(&part.as_ptr())
        && whole.as_ptr_range().end >= part.as_ptr_range().end
}

#[test]
fn blocks_of_a_result_share_memory_with_the_reply() {
    let mut response = TSExecuteStatementResp::default();
    response.query_result = Some(vec![vec![1; 1000].into(), vec![2; 2000].into()]);
    let mut set = TSQueryDataSet::default();
    set.time = vec![3; 80].into();
    set.value_list = vec![vec![4; 40].into()];
    response.query_data_set = Some(set);
    for protocol in [Protocol::Binary, Protocol::Compact] {
        let mut reply = Vec::new();
        ExecuteStatementV2Args::append_reply(&response, 0, protocol, &mut reply).unwrap();
        let reply = message(&reply);
        let got = ExecuteStatementV2Args::decode_reply(&reply, 0, protocol, &Limits::default());
        let got = got.unwrap().unwrap();
        assert_eq!(got, response);
        let set = got.query_data_set.unwrap();
        let blocks = got.query_result.unwrap();
        let parts = blocks.iter().chain([&set.time]).chain(&set.value_list);
        assert_eq!(parts.clone().count(), 4);
        for part in parts {
            assert!(is_within(part, &reply));
        }
    }
}

#[test]
fn a_tablet_shares_memory_with_the_call() {
    let mut req = TSInsertTabletReq::default();
    req.values = vec![5; 4096].into();
    req.timestamps = vec![6; 512].into();
    let args = InsertTabletArgs::from(req);
    for protocol in [Protocol::Binary, Protocol::Compact] {
        let mut frame = Vec::new();
        args.append_call(1, protocol, &mut frame).unwrap();
        assert_eq!(
            frame.capacity(),
            frame.len(),
            "the exact size was known before"
        );
        let bytes = message(&frame);
        let call = Call::parse(bytes.clone()).unwrap();
        let got = InsertTabletArgs::decode_call(&call, &Limits::default()).unwrap();
        assert!(is_within(&got.req.values, &bytes) && is_within(&got.req.timestamps, &bytes));
    }
}

#[test]
fn large_binaries_are_not_copied_on_the_way_out_either() {
    let mut req = TSInsertTabletsReq::default();
    req.prefix_paths = vec!["root.a".to_owned(), "root.b".to_owned()];
    req.values_list = vec![
        vec![1; 5000].into(),
        vec![2; 4999].into(),
        vec![3; 7000].into(),
    ];
    req.size_list = vec![7];
    let args = InsertTabletsArgs::from(req);
    for protocol in [Protocol::Binary, Protocol::Compact] {
        let mut frame = Vec::new();
        args.append_call(0, protocol, &mut frame).unwrap();
        let parts = args.call_body(protocol, 5000).unwrap();
        assert!(frame.ends_with(&parts.concat()), "the same bytes");
        let blobs = &args.req.values_list;
        assert_eq!(
            parts.len(),
            5,
            "before, 5000 bytes, between, 7000 bytes, behind"
        );
        assert_eq!(parts[1].as_ptr(), blobs[0].as_ptr());
        assert_eq!(parts[3].as_ptr(), blobs[2].as_ptr());
        assert_eq!(args.call_body(protocol, usize::MAX).unwrap().len(), 1);
    }
}

#[test]
fn a_password_is_not_shown() {
    let mut req = TSOpenSessionReq::default();
    req.password = Some("geheim".to_owned());
    let shown = format!("{:?} {:#?}", OpenSessionArgs::from(req.clone()), req);
    assert!(
        !shown.contains("geheim") && shown.contains("password: Some(\"hidden\")"),
        "{shown}"
    );
}
