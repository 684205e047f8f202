//! Recorded blocks, tablets and records, cut short, made longer and damaged: an error or another value, never a panic.

use bytes::Bytes;
use iotdb_thrift::message::{
    Call, ExecuteQueryStatementV2Args, InsertRecordArgs, InsertTabletArgs, Request,
};
use iotdb_thrift::tablet::{Record, Tablet, TsBlock};
use iotdb_thrift::{DataType, Error, Limits, Rows, Value};
use wire_core::Reader;
use wire_core::testing::{
    BIG_I32_BE, every_change_is_survived, every_prefix_fails, fixture, lying_count_fails,
    trailing_byte_fails,
};

fn message(name: &str) -> Bytes {
    Bytes::from(fixture(&format!("server_2_0_10/{name}")).split_off(4))
}

fn rest(r: &mut Reader<'_>) -> Bytes {
    let n = r.left();
    r.bytes("all", n).unwrap()
}

/// Reads every cell, since decoding alone looks at no value.
fn read_block(r: &mut Reader<'_>) -> Result<Vec<String>, Error> {
    let block = TsBlock::decode(&rest(r), &Limits::default())?;
    let columns = (0..block.column_count())
        .filter_map(|i| block.column(i))
        .chain([block.time()]);
    let cells = columns
        .flat_map(|column| (0..column.len().min(100)).map(|row| format!("{:?}", column.cell(row))));
    Ok(cells.collect())
}

#[test]
fn blocks() {
    for name in [
        "select_all",
        "select_paged",
        "count",
        "show_timeseries",
        "align_by_device",
    ] {
        let message = message(&format!("{name}_reply"));
        let answer = ExecuteQueryStatementV2Args::decode_reply(
            &message,
            0,
            iotdb_thrift::Protocol::Binary,
            &Limits::default(),
        );
        for block in answer.unwrap().unwrap().query_result.unwrap() {
            every_prefix_fails(read_block, &block);
            trailing_byte_fails(read_block, &block);
            every_change_is_survived(read_block, &block);
            // The number of columns comes first; that of positions behind their types.
            lying_count_fails(read_block, &block, 0..4, BIG_I32_BE);
            let columns =
                usize::try_from(i32::from_be_bytes(*block.first_chunk().unwrap())).unwrap();
            lying_count_fails(read_block, &block, 4 + columns..8 + columns, BIG_I32_BE);
        }
    }
}

/// The answer around the blocks as well: header and values are read as a user would.
#[test]
fn answers() {
    let read = |r: &mut Reader<'_>| {
        let message = rest(r);
        let limits = Limits::default();
        let answer = ExecuteQueryStatementV2Args::decode_reply(
            &message,
            0,
            iotdb_thrift::Protocol::Binary,
            &limits,
        )?;
        let rows = match &answer {
            Ok(answer) => Rows::decode(answer, &limits)?,
            Err(_) => return Ok(Vec::new()),
        };
        let values = rows.iter().take(100).map(|row| row.values()).collect();
        Ok::<Vec<Vec<Value>>, Error>(values)
    };
    for name in ["select_all_reply", "select_dup_reply"] {
        every_prefix_fails(read, &message(name));
        every_change_is_survived(read, &message(name));
    }
}

#[test]
fn tablets() {
    let call = Call::parse(message("insert_tablet_call")).unwrap();
    let req = InsertTabletArgs::decode_call(&call, &Limits::default())
        .unwrap()
        .req;
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
    let read = |r: &mut Reader<'_>| Tablet::decode("root.a.d", &names, &req.timestamps, &rest(r));
    // Without its null section a tablet is whole: it has no nulls then.
    let whole = req.values.clone();
    let without = whole.len() - names.len() * 2;
    for cut in (0..whole.len()).filter(|cut| *cut != without) {
        assert!(
            read(&mut Reader::new(&whole[..cut])).is_err(),
            "cut to {cut}"
        );
    }
    trailing_byte_fails(read, &whole);
    every_change_is_survived(read, &whole);
    let times = |r: &mut Reader<'_>| Tablet::decode("root.a.d", &names, &rest(r), &whole);
    every_prefix_fails(times, &req.timestamps);
}

#[test]
fn records() {
    let call = Call::parse(message("insert_record_call")).unwrap();
    let req = InsertRecordArgs::decode_call(&call, &Limits::default())
        .unwrap()
        .req;
    let read = |r: &mut Reader<'_>| Record::decode("root.a.d", 1, &req.measurements, &rest(r));
    every_prefix_fails(read, &req.values);
    trailing_byte_fails(read, &req.values);
    every_change_is_survived(read, &req.values);
}
