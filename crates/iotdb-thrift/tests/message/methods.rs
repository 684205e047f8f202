//! Every method, so that tests can go through all of them.

use std::fmt::Debug;

use bytes::Bytes;
use iotdb_thrift::message::*;
use iotdb_thrift::{Error, Limits, Protocol};

/// Decodes and encodes calls and replies of one method, whatever its types.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) recode_call: fn(&Bytes) -> Result<Recoded, Error>,
    pub(crate) recode_reply: fn(&Bytes, i32, Protocol) -> Result<Recoded, Error>,
}

/// What came out.
pub(crate) struct Recoded {
    /// The decoded struct, as `Debug` shows it.
    pub(crate) shown: String,
    /// The frame that it is encoded as.
    pub(crate) frame: Vec<u8>,
}

fn entry<R>() -> Entry
where
    R: Request + Debug + PartialEq,
    R::Response: Debug + PartialEq,
{
    Entry {
        name: R::NAME,
        recode_call: recode_call::<R>,
        recode_reply: recode_reply::<R>,
    }
}

fn recode_call<R: Request + Debug>(message: &Bytes) -> Result<Recoded, Error> {
    let call = Call::parse(message.clone())?;
    let args = R::decode_call(&call, &Limits::default())?;
    let mut frame = Vec::new();
    args.append_call(call.sequence_id(), call.protocol(), &mut frame)?;
    assert_eq!(
        args.call_len(call.sequence_id(), call.protocol())?,
        frame.len()
    );
    Ok(Recoded {
        shown: format!("{args:?}"),
        frame,
    })
}

fn recode_reply<R: Request>(
    message: &Bytes,
    sequence_id: i32,
    protocol: Protocol,
) -> Result<Recoded, Error>
where
    R::Response: Debug,
{
    let limits = Limits::default();
    let response = R::decode_reply(message, sequence_id, protocol, &limits)?.expect("no exception");
    let mut frame = Vec::new();
    R::append_reply(&response, sequence_id, protocol, &mut frame)?;
    Ok(Recoded {
        shown: format!("{response:?}"),
        frame,
    })
}

macro_rules! entries {
    ($($args:ident)*) => {
        /// All methods of the interface.
        pub(crate) fn all() -> Vec<Entry> {
            vec![$(entry::<$args>()),*]
        }
    };
}

entries! {
    AppendSchemaTemplateArgs
    CancelOperationArgs
    CloseOperationArgs
    CloseSessionArgs
    CreateAlignedTimeseriesArgs
    CreateMultiTimeseriesArgs
    CreateSchemaTemplateArgs
    CreateTimeseriesArgs
    CreateTimeseriesUsingSchemaTemplateArgs
    DeallocatePreparedStatementArgs
    DeleteDataArgs
    DeleteStorageGroupsArgs
    DeleteTimeseriesArgs
    DropSchemaTemplateArgs
    ExecuteAggregationQueryArgs
    ExecuteAggregationQueryV2Args
    ExecuteBatchStatementArgs
    ExecuteFastLastDataQueryForOneDeviceV2Args
    ExecuteFastLastDataQueryForOnePrefixPathArgs
    ExecuteGroupByQueryIntervalQueryArgs
    ExecuteLastDataQueryArgs
    ExecuteLastDataQueryV2Args
    ExecuteOperationSyncArgs
    ExecutePreparedStatementArgs
    ExecuteQueryStatementArgs
    ExecuteQueryStatementV2Args
    ExecuteRawDataQueryArgs
    ExecuteRawDataQueryV2Args
    ExecuteStatementArgs
    ExecuteStatementV2Args
    ExecuteUpdateStatementArgs
    ExecuteUpdateStatementV2Args
    FetchAllConnectionsInfoArgs
    FetchMetadataArgs
    FetchResultsArgs
    FetchResultsV2Args
    GetBackupConfigurationArgs
    GetPropertiesArgs
    GetSystemStatusArgs
    GetTimeZoneArgs
    HandshakeArgs
    InsertRecordArgs
    InsertRecordsArgs
    InsertRecordsOfOneDeviceArgs
    InsertStringRecordArgs
    InsertStringRecordsArgs
    InsertStringRecordsOfOneDeviceArgs
    InsertTabletArgs
    InsertTabletsArgs
    OpenSessionArgs
    PipeSubscribeArgs
    PipeTransferArgs
    PrepareStatementArgs
    PruneSchemaTemplateArgs
    QuerySchemaTemplateArgs
    RequestStatementIdArgs
    SendFileArgs
    SendPipeDataArgs
    SetSchemaTemplateArgs
    SetStorageGroupArgs
    SetTimeZoneArgs
    SetUsingTemplateArgs
    ShowConfigurationArgs
    ShowConfigurationTemplateArgs
    TestConnectionEmptyRPCArgs
    TestInsertRecordArgs
    TestInsertRecordsArgs
    TestInsertRecordsOfOneDeviceArgs
    TestInsertStringRecordArgs
    TestInsertStringRecordsArgs
    TestInsertTabletArgs
    TestInsertTabletsArgs
    UnsetSchemaTemplateArgs
    UnsetUsingTemplateArgs
}
