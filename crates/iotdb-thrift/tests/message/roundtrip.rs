//! Arbitrary messages come back as they were, in both protocols, and Apache's runtime agrees on every byte.

use bytes::Bytes;
use iotdb_thrift::message::*;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use crate::apache::{agrees, agrees_on_reply};

fn binary() -> impl Strategy<Value = Bytes> {
    // One byte many times: values of their own would take the test's time, and find nothing.
    (any::<u8>(), 0..300_usize).prop_map(|(byte, n)| vec![byte; n].into())
}

/// Long enough for lengths of two bytes in the compact protocol, and not only ASCII.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,6}", (120..140_usize).prop_map(|n| "x".repeat(n))]
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    vec(text(), 0..20)
}

fn status() -> impl Strategy<Value = TSStatus> {
    let leaf = (
        any::<i32>(),
        option::of(text()),
        option::of((text(), any::<i32>())),
        option::of(any::<bool>()),
    );
    let leaf = (leaf, option::of(binary())).prop_map(|((code, message, node, retry), data)| {
        let mut status = TSStatus::default();
        status.code = code;
        status.message = message;
        status.redirect_node = node.map(|(ip, port)| {
            let mut node = TEndPoint::default();
            (node.ip, node.port) = (ip, port);
            node
        });
        status.need_retry = retry;
        status.response_data = data;
        status
    });
    leaf.prop_recursive(3, 20, 4, |inner| {
        (inner.clone(), vec(inner, 0..4)).prop_map(|(mut status, parts)| {
            status.sub_status = Some(parts);
            status
        })
    })
}

prop_compose! {
    fn tablet()(
        ids in any::<(i64, i32)>(),
        path in text(),
        measurements in texts(),
        blobs in (binary(), binary()),
        types in vec(any::<i32>(), 0..40),
        flags in any::<[Option<bool>; 3]>(),
        categories in option::of(vec(any::<i8>(), 0..20)),
        encodings in option::of(vec(any::<i8>(), 0..20)),
        compress_type: Option<i8>,
    ) -> TSInsertTabletReq {
        let mut req = TSInsertTabletReq::default();
        (req.session_id, req.size) = ids;
        req.prefix_path = path;
        req.measurements = measurements;
        (req.values, req.timestamps) = blobs;
        req.types = types;
        [req.is_aligned, req.write_to_table, req.is_compressed] = flags;
        req.column_categories = categories;
        req.encoding_types = encodings;
        req.compress_type = compress_type;
        req
    }
}

prop_compose! {
    fn result_set()(
        status in status(),
        query_id: Option<i64>,
        columns in option::of(texts()),
        map in option::of(btree_map(text(), any::<i32>(), 0..20)),
        set in option::of((binary(), vec(binary(), 0..4), vec(binary(), 0..4))),
        tracing in option::of((texts(), vec(any::<i64>(), 0..20), any::<[Option<i64>; 2]>())),
        blocks in option::of(vec(binary(), 0..4)),
        flags in any::<[Option<bool>; 3]>(),
        // Also without the fields in between, so that ids differ by 15 and more.
        database in option::of(text()),
        ordinals in option::of(vec(any::<i32>(), 0..20)),
    ) -> TSExecuteStatementResp {
        let mut response = TSExecuteStatementResp::default();
        response.status = status;
        response.query_id = query_id;
        response.columns = columns;
        response.column_name_index_map = map;
        response.query_data_set = set.map(|(time, values, bitmaps)| {
            let mut set = TSQueryDataSet::default();
            (set.time, set.value_list, set.bitmap_list) = (time, values, bitmaps);
            set
        });
        response.tracing_info = tracing.map(|(activities, elapsed, points)| {
            let mut info = TSTracingInfo::default();
            (info.activity_list, info.elapsed_time_list) = (activities, elapsed);
            [info.sequence_chunk_point_num, info.unsequence_chunk_point_num] = points;
            info
        });
        response.query_result = blocks;
        [response.ignore_time_stamp, response.more_data, response.table_model] = flags;
        response.database = database;
        response.column_index2_ts_block_column_index_list = ordinals;
        response
    }
}

proptest! {
    #[test]
    fn statuses(status in status()) {
        agrees_on_reply::<InsertTabletArgs>(&status);
    }

    #[test]
    fn tablets(req in tablet()) {
        agrees(&InsertTabletArgs::from(req));
    }

    #[test]
    fn results(response in result_set()) {
        agrees_on_reply::<ExecuteStatementV2Args>(&response);
    }

    #[test]
    fn numbers(id: i64, code: i32) {
        agrees_on_reply::<RequestStatementIdArgs>(&id);
        let mut req = TSAggregationQueryReq::default();
        req.session_id = id;
        req.aggregations = vec![TAggregationType::from_code(code), TAggregationType::Percentile];
        agrees(&ExecuteAggregationQueryV2Args::from(req));
    }

    #[test]
    fn maps_and_lists_of_lists(
        paths in texts(),
        tags in option::of(vec(btree_map(text(), text(), 0..17), 0..4)),
        rows in vec(texts(), 0..4),
    ) {
        let mut create = TSCreateMultiTimeseriesReq::default();
        create.paths = paths;
        create.tags_list = tags;
        agrees(&CreateMultiTimeseriesArgs::from(create));
        let mut insert = TSInsertStringRecordsReq::default();
        insert.values_list = rows;
        agrees(&InsertStringRecordsArgs::from(insert));
    }
}
