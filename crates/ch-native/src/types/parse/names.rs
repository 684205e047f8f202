//! Types whose name is all there is.

use crate::types::DataType;

/// The type called `name`, if it has no arguments.
pub(super) fn simple(name: &str) -> Option<DataType> {
    Some(match name {
        "UInt8" => DataType::UInt8,
        "UInt16" => DataType::UInt16,
        "UInt32" => DataType::UInt32,
        "UInt64" => DataType::UInt64,
        "UInt128" => DataType::UInt128,
        "UInt256" => DataType::UInt256,
        "Int8" => DataType::Int8,
        "Int16" => DataType::Int16,
        "Int32" => DataType::Int32,
        "Int64" => DataType::Int64,
        "Int128" => DataType::Int128,
        "Int256" => DataType::Int256,
        "BFloat16" => DataType::BFloat16,
        "Float32" => DataType::Float32,
        "Float64" => DataType::Float64,
        "Bool" => DataType::Bool,
        "String" => DataType::String,
        "Date" => DataType::Date,
        "Date32" => DataType::Date32,
        "Time" => DataType::Time,
        "UUID" => DataType::Uuid,
        "IPv4" => DataType::Ipv4,
        "IPv6" => DataType::Ipv6,
        "Nothing" => DataType::Nothing,
        _ => return geometry(name),
    })
}

/// The geometries, which are names for arrays of points (ClickHouse, `src/DataTypes/DataTypeCustomGeo.cpp`), and
/// `Geometry`, which is a Variant over them.
fn geometry(name: &str) -> Option<DataType> {
    let arrays = match name {
        "Point" => 0,
        "Ring" | "LineString" => 1,
        "Polygon" | "MultiLineString" => 2,
        "MultiPolygon" => 3,
        "Geometry" => {
            let all = [
                "LineString",
                "MultiLineString",
                "MultiPolygon",
                "Point",
                "Polygon",
                "Ring",
            ];
            let all = all.into_iter().filter_map(geometry);
            return Some(DataType::Alias {
                name: name.to_owned(),
                of: Box::new(DataType::variant(all)),
            });
        }
        _ => return None,
    };
    let mut of = DataType::Tuple(vec![(None, DataType::Float64), (None, DataType::Float64)]);
    for _ in 0..arrays {
        of = DataType::Array(Box::new(of));
    }
    Some(DataType::Alias {
        name: name.to_owned(),
        of: Box::new(of),
    })
}
