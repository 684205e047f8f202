//! Types by the names that schemas call them.

use wire_core::Budget;

use super::DataType;
use super::class;
use super::data_type::SIMPLE;

/// The native type of this CQL name in lower case, if there is one.
pub(crate) fn native_type(name: &str) -> Option<DataType> {
    // The other name of text, which servers accept, and old ones write.
    let name = if name == "varchar" { "text" } else { name };
    let (_, data_type, ..) = SIMPLE.iter().find(|(_, _, cql, _)| *cql == name)?;
    Some(data_type.clone())
}

/// The type that a Java class stands for; [`DataType::Custom`] if it is not known, or nests too deeply.
pub(crate) fn type_of_class(class: &str) -> DataType {
    class::parse(class, &Budget::for_message(class.len()))
}
