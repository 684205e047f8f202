//! Types with arguments of several kinds: `JSON` and `AggregateFunction`.

use super::DataType;

/// `JSON(…)`: objects whose paths become columns of their own.
///
/// [`JsonType::default`] is `JSON` without arguments: the server then keeps up to 1,024 paths apart, each with up to 32
/// types, and the rest together (ClickHouse, `src/DataTypes/DataTypeObject.h`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct JsonType {
    /// `max_dynamic_types`, if the type names it: types that one path is kept in as columns.
    pub max_dynamic_types: Option<u8>,
    /// `max_dynamic_paths`, if the type names it: paths that are kept as columns.
    pub max_dynamic_paths: Option<u64>,
    /// Paths whose type is given, sorted by path. The steps of a path are joined by dots.
    pub typed: Vec<(String, DataType)>,
    /// Paths that are thrown away (`SKIP`), sorted.
    pub skip: Vec<String>,
    /// Regular expressions of paths that are thrown away (`SKIP REGEXP`).
    pub skip_regexp: Vec<String>,
}

/// `AggregateFunction(…)`: the state of an aggregate function that has not come to its result.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct AggregateFunction {
    /// Version of the state's layout, if the type names it: the server does where it is not the usual one.
    pub version: Option<u64>,
    /// Name with combinators, such as `sumIf`.
    pub name: String,
    /// Literals in the parentheses behind the name, as they are written: `0.5` and `0.9` of `quantiles(0.5, 0.9)`.
    pub parameters: Vec<String>,
    /// Types of what is aggregated.
    pub arguments: Vec<DataType>,
}

impl AggregateFunction {
    /// The state of `name` over `arguments`, of the usual version and without parameters.
    pub fn new(name: impl Into<String>, arguments: Vec<DataType>) -> Self {
        Self {
            version: None,
            name: name.into(),
            parameters: Vec::new(),
            arguments,
        }
    }
}
