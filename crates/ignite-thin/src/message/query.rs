//! Queries: scans of a cache and SQL statements, and the pages after the first.

use std::borrow::Cow;
use std::time::Duration;

use crate::codec::{Decoder, Encoder, prim};
use crate::message::{Args, CacheInfo, Cursor, Op, Page, Request, Serve, SqlCursor};
use crate::types::{Decode, Value};
use crate::{Error, ErrorKind};

/// Values of an entry: key and value.
const ENTRY_VALUES: usize = 2;

/// Reads all entries of a cache, page by page: cache, null filter, `i32` page size, `i32` partition, `bool` local
/// → [`Cursor`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScanQuery {
    /// The cache.
    pub cache: CacheInfo,
    /// Entries a page; at least 1.
    pub page_size: u32,
    /// One partition alone; `None` for all.
    pub partition: Option<u32>,
    /// Only what the answering node holds.
    pub local: bool,
}

impl ScanQuery {
    /// Reads all entries of `cache` with `page_size` entries a page.
    pub const fn new(cache: CacheInfo, page_size: u32) -> Self {
        Self {
            cache,
            page_size,
            partition: None,
            local: false,
        }
    }
}

impl Request for ScanQuery {
    const OP: Op = Op::QueryScan;
    type Response = Cursor;

    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        self.cache.encode(to);
        to.u8(prim::NULL); // the filter: a Java object of a class on the server
        to.i32(page_size(self.page_size)?);
        let partition = self.partition.map(i32::try_from).transpose();
        let partition = partition
            .map_err(|_| Error::new(ErrorKind::Encode, "the partition is above 2147483647"))?;
        to.i32(partition.unwrap_or(-1));
        to.bool(self.local);
        Ok(())
    }

    fn decode_response(&self, from: &mut Decoder<'_>) -> Result<Cursor, Error> {
        Ok(Cursor::new(
            from.i64("cursor id")?,
            Page::decode(from, ENTRY_VALUES)?,
        ))
    }
}

impl Serve for ScanQuery {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        let cache = CacheInfo::decode(from)?;
        no_object(from, "filter")?;
        let page_size = read_page_size(from)?;
        let partition = u32::try_from(from.i32("partition")?).ok();
        Ok(Self {
            cache,
            page_size,
            partition,
            local: from.bool("local")?,
        })
    }

    fn encode_response(&self, cursor: &Cursor, to: &mut Encoder<'_>) -> Result<(), Error> {
        to.i64(cursor.id);
        cursor.page.encode(to)
    }
}

macro_rules! next_page {
    ($(#[$doc:meta])* $name:ident, $op:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct $name {
            /// Id of the cursor.
            pub cursor: i64,
            /// Values of a row, as the first answer said; not on the wire.
            pub columns: usize,
        }

        impl $name {
            /// The next page of `cursor`, whose rows have `columns` values.
            pub const fn new(cursor: i64, columns: usize) -> Self {
                Self { cursor, columns }
            }
        }

        impl Request for $name {
            const OP: Op = Op::$op;
            type Response = Page;

            fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
                to.i64(self.cursor);
                Ok(())
            }

            fn decode_response(&self, from: &mut Decoder<'_>) -> Result<Page, Error> {
                Page::decode(from, self.columns)
            }
        }

        impl Serve for $name {
            fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
                from.i64("cursor id").map(|cursor| Self::new(cursor, ENTRY_VALUES))
            }

            fn encode_response(&self, page: &Page, to: &mut Encoder<'_>) -> Result<(), Error> {
                page.encode(to)
            }
        }
    };
}

next_page! {
    /// The next page of a scan: `i64` cursor → [`Page`]. The answer does not repeat the cursor.
    ScanPage, QueryScanPage
}

next_page! {
    /// The next page of a statement: `i64` cursor → [`Page`].
    SqlPage, QuerySqlFieldsPage
}

/// Which statements are allowed. The server refuses the others with `SQLSTATE` 42000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum StatementKind {
    /// All.
    #[default]
    Any,
    /// Those that answer rows.
    Select,
    /// Those that change data or schema.
    Update,
}

impl StatementKind {
    const fn code(self) -> u8 {
        match self {
            Self::Any => 0,
            Self::Select => 1,
            Self::Update => 2,
        }
    }
}

/// Runs a statement: see [`Request::encode`] of it for the fields → [`SqlCursor`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SqlQuery<'a, A> {
    /// Id of a cache whose schema is used; 0 for none, then [`Self::schema`] is.
    pub cache_id: i32,
    /// The schema of names without one; `None` is `PUBLIC`.
    pub schema: Option<Cow<'a, str>>,
    /// Rows a page; at least 1.
    pub page_size: u32,
    /// One statement, with `?` for arguments.
    pub sql: Cow<'a, str>,
    /// The arguments.
    pub args: A,
    /// Which statements are allowed.
    pub kind: StatementKind,
    /// Whether to join tables that are not collocated.
    pub distributed_joins: bool,
    /// Only what the answering node holds.
    pub local: bool,
    /// Whether to join in the order of the statement.
    pub enforce_join_order: bool,
    /// Whether all data of a group is on one node.
    pub collocated: bool,
    /// After how long the server gives the statement up; `None` for the server's default. Whole milliseconds.
    pub timeout: Option<Duration>,
}

impl<'a, A> SqlQuery<'a, A> {
    /// Runs `sql` with `args` in schema `PUBLIC`, `page_size` rows a page.
    pub fn new(sql: impl Into<Cow<'a, str>>, args: A, page_size: u32) -> Self {
        Self {
            cache_id: 0,
            schema: None,
            page_size,
            sql: sql.into(),
            args,
            kind: StatementKind::Any,
            distributed_joins: false,
            local: false,
            enforce_join_order: false,
            collocated: false,
            timeout: None,
        }
    }
}

/// Flags of the cache header of a statement: none.
const NO_FLAGS: u8 = 0;
/// The most rows in all; the server ignores it (server class `ClientCacheSqlFieldsQueryRequest`).
const NO_MAX_ROWS: i32 = -1;

impl<A: Args> Request for SqlQuery<'_, A> {
    const OP: Op = Op::QuerySqlFields;
    type Response = SqlCursor;

    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        to.i32(self.cache_id);
        to.u8(NO_FLAGS);
        // Without a cache a schema must be given.
        let default = (self.cache_id == 0).then_some("PUBLIC");
        prim::write_opt_str(to, self.schema.as_deref().or(default))?;
        to.i32(page_size(self.page_size)?);
        to.i32(NO_MAX_ROWS);
        prim::write_str(to, &self.sql)?;
        to.count("number of arguments", self.args.count())?;
        self.args.encode(to)?;
        to.u8(self.kind.code());
        to.bool(self.distributed_joins);
        to.bool(self.local);
        to.bool(false); // replicated only: ignored by servers since 2.8
        to.bool(self.enforce_join_order);
        to.bool(self.collocated);
        to.bool(false); // lazy: ignored by the server, which always is
        to.i64(timeout_millis(self.timeout)?);
        to.bool(true); // with the names of the columns
        Ok(())
    }

    fn decode_response(&self, from: &mut Decoder<'_>) -> Result<SqlCursor, Error> {
        SqlCursor::decode(from)
    }
}

impl Serve for SqlQuery<'static, Vec<Value>> {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        let cache_id = from.i32("cache id")?;
        let flags = from.u8("cache flags")?;
        if flags & !1 != NO_FLAGS {
            return Err(from.invalid("cache flags", 1, format!("are {flags}, expected 0 or 1")));
        }
        let schema = prim::read_opt_str(from, "schema")?.map(Cow::Owned);
        let page_size = read_page_size(from)?;
        from.i32("most rows")?;
        let sql = prim::read_str(from, "statement")?;
        let n = from.count("number of arguments", 1)?;
        let args = (0..n)
            .map(|_| Value::decode(from))
            .collect::<Result<_, _>>()?;
        let kind = match from.u8("kind of statement")? {
            0 => StatementKind::Any,
            1 => StatementKind::Select,
            2 => StatementKind::Update,
            other => {
                let what = format!("is {other}, expected 0 to 2");
                return Err(from.invalid("kind of statement", 1, what));
            }
        };
        let distributed_joins = from.bool("distributed joins")?;
        let local = from.bool("local")?;
        from.bool("replicated only")?;
        let enforce_join_order = from.bool("enforce join order")?;
        let collocated = from.bool("collocated")?;
        from.bool("lazy")?;
        let timeout = u64::try_from(from.i64("timeout")?)
            .ok()
            .filter(|millis| *millis > 0);
        from.bool("with names of columns")?;
        Ok(Self {
            cache_id,
            schema,
            page_size,
            sql: sql.into(),
            args,
            kind,
            distributed_joins,
            local,
            enforce_join_order,
            collocated,
            timeout: timeout.map(Duration::from_millis),
        })
    }

    fn encode_response(&self, cursor: &SqlCursor, to: &mut Encoder<'_>) -> Result<(), Error> {
        cursor.encode(to)
    }
}

/// A server closes the connection on a page size of 0, so it is refused here.
fn page_size(n: u32) -> Result<i32, Error> {
    i32::try_from(n).ok().filter(|n| *n > 0).ok_or_else(|| {
        Error::new(
            ErrorKind::Encode,
            format!("the page size is {n}, expected 1 to 2147483647"),
        )
    })
}

fn read_page_size(from: &mut Decoder<'_>) -> Result<u32, Error> {
    let n = from.i32("page size")?;
    u32::try_from(n)
        .ok()
        .filter(|n| *n > 0)
        .ok_or_else(|| from.invalid("page size", 4, format!("is {n}, expected at least 1")))
}

/// Milliseconds; a part of one is rounded up, so that it does not become 0, "the server's default".
fn timeout_millis(timeout: Option<Duration>) -> Result<i64, Error> {
    let Some(timeout) = timeout else { return Ok(0) };
    let millis = timeout.as_nanos().div_ceil(1_000_000).max(1);
    // The server keeps it as a Java int.
    i32::try_from(millis).map(i64::from).map_err(|_| {
        Error::new(
            ErrorKind::Encode,
            format!("the timeout of the statement is {millis} ms, at most 2147483647 can be said"),
        )
    })
}

fn no_object(from: &mut Decoder<'_>, field: &'static str) -> Result<(), Error> {
    match from.u8(field)? {
        prim::NULL => Ok(()),
        other => Err(from.invalid(
            field,
            1,
            format!("has type code {other}, only null (101) is supported"),
        )),
    }
}
