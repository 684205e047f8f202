//! Rows that go to the same node, gathered into batches.

use std::collections::BTreeMap;

use super::request::token_of;
use super::statement::about;
use super::{Batch, Client, Prepared};
use crate::error::Error;
use crate::message::{BatchKind, Bind, RawValues};

/// The node that has the rows first, by its position in the topology, and its shard.
type Owner = Option<(usize, Option<u32>)>;

impl Client {
    /// Gathers rows into unlogged batches of `statement`, each of rows that the same node, and on ScyllaDB the same
    /// shard, is the first to have. Run with [`Self::batch`], each goes to that node, which need not send its rows on
    /// to as many others. Rows whose node cannot be told are gathered as well.
    ///
    /// A batch has `max_rows` rows at most, and at least one. Servers of Cassandra warn of batches above 5 KiB and of
    /// unlogged ones with more than 10 partitions, and refuse those above 50 KiB, unless they are configured otherwise.
    /// An unlogged batch is no transaction: a part of it may be carried out.
    ///
    /// # Errors
    /// [`ErrorKind::Type`](crate::ErrorKind::Type) if the values of a row do not fit the markers.
    ///
    /// ```no_run
    /// # async fn example(client: cql_v4::Client) -> Result<(), cql_v4::Error> {
    /// let insert = client.prepare("INSERT INTO shop.items (id, name) VALUES (?, ?)").await?;
    /// let rows = (0..1_000).map(|id| (id, format!("item {id}")));
    /// for batch in client.group(&insert, rows, 30)? {
    ///     client.batch(&batch).await?;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn group<V: Bind>(
        &self,
        statement: &Prepared,
        rows: impl IntoIterator<Item = V>,
        max_rows: usize,
    ) -> Result<Vec<Batch>, Error> {
        let state = statement.state();
        let topology = self.topology();
        let table = state.markers.first();
        let mut filling: BTreeMap<Owner, Batch> = BTreeMap::new();
        let mut batches = Vec::new();
        for row in rows {
            let values = RawValues::encode(self.version(), Some(&state.markers), &row)
                .map_err(|error| about(error, "group", statement.text()))?;
            let owner = topology.as_deref().and_then(|topology| {
                let token = token_of(&state, &values, topology)?;
                let (keyspace, name) = table.map(|marker| (marker.keyspace(), marker.table()))?;
                let first = topology.replicas(keyspace, name, &token).next()?;
                Some((first.node.index(), first.shard))
            });
            let batch = filling
                .entry(owner)
                .or_insert_with(|| Batch::new(BatchKind::Unlogged));
            batch.add(statement, values)?;
            if batch.len() >= max_rows {
                batches.extend(filling.remove(&owner));
            }
        }
        batches.extend(filling.into_values());
        Ok(batches)
    }
}
