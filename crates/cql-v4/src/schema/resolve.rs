//! Texts of types to types, within one keyspace, whose types may refer to each other.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::keyspace::{DeclaredType, Field, UserType};
use super::parse_type::{MAX_DEPTH, TypeExpr};
use crate::types::{DataType, UdtField, UdtType};

/// Types that one type may be made of, all that it refers to counted as often as it does. A few types that each name the
/// one before twice would otherwise take years to compare or to print.
const MAX_PARTS: u64 = 65_536;

/// A row of `system_schema.types`: the fields with the texts of their types.
#[derive(Debug)]
pub(super) struct RawType {
    pub(super) name: String,
    pub(super) fields: Vec<(String, String)>,
}

/// The types of one keyspace.
#[derive(Debug, Default)]
pub(super) struct Types {
    defined: HashMap<String, (Arc<UdtType>, Size)>,
    /// What was asked already: most columns have one of a few types.
    known: HashMap<String, DataType>,
}

#[derive(Debug, Clone, Copy)]
struct Size {
    depth: u32,
    parts: u64,
}

impl Types {
    /// The type that `text` says.
    pub(super) fn declare(&mut self, text: String) -> DeclaredType {
        let data_type = match self.known.get(&text) {
            Some(known) => known.clone(),
            None => {
                let data_type = self.resolve(&text);
                self.known.insert(text.clone(), data_type.clone());
                data_type
            }
        };
        DeclaredType {
            cql: text.into(),
            data_type,
        }
    }

    fn resolve(&self, text: &str) -> DataType {
        let defined = |name: &str| {
            let (data_type, _) = self.defined.get(name)?;
            Some(DataType::Udt(Arc::clone(data_type)))
        };
        TypeExpr::parse(text)
            .and_then(|expr| expr.resolve(&defined))
            .filter(|data_type| {
                let size = self.size(data_type);
                size.depth <= MAX_DEPTH && size.parts <= MAX_PARTS
            })
            .unwrap_or_else(|| DataType::Custom(text.into()))
    }

    /// How deep `data_type` nests and of how many it is made. Types of this keyspace are not looked into again.
    fn size(&self, data_type: &DataType) -> Size {
        match data_type {
            DataType::List(t) | DataType::Set(t) | DataType::Vector(t, _) => self.around([&**t]),
            DataType::Map(pair) => self.around([&pair.0, &pair.1]),
            DataType::Tuple(types) => self.around(types),
            DataType::Udt(udt) => match self.defined.get(&udt.name) {
                Some((_, size)) => *size,
                None => self.around(udt.fields.iter().map(|field| &field.data_type)),
            },
            _ => Size { depth: 1, parts: 1 },
        }
    }

    fn around<'a>(&self, types: impl IntoIterator<Item = &'a DataType>) -> Size {
        let mut all = Size { depth: 0, parts: 1 };
        for t in types {
            let size = self.size(t);
            all.depth = all.depth.max(size.depth);
            all.parts = all.parts.saturating_add(size.parts);
        }
        all.depth = all.depth.saturating_add(1);
        all
    }

    /// Resolves the types of `keyspace`. Gives them, and their names in an order in which they can be created.
    pub(super) fn define(
        &mut self,
        keyspace: &str,
        raw: Vec<RawType>,
    ) -> (BTreeMap<String, Arc<UserType>>, Vec<String>) {
        let mut raw: BTreeMap<String, RawType> =
            raw.into_iter().map(|t| (t.name.clone(), t)).collect();
        let order = in_order(&raw);
        let mut types = BTreeMap::new();
        for name in &order {
            let Some(raw) = raw.remove(name) else {
                continue;
            };
            types.insert(name.clone(), Arc::new(self.define_one(keyspace, raw)));
            // What was asked before may have named this one in vain.
            self.known.clear();
        }
        (types, order)
    }

    fn define_one(&mut self, keyspace: &str, raw: RawType) -> UserType {
        let mut fields = Vec::new();
        for (name, text) in raw.fields {
            let declared = self.declare(text);
            fields.push(Field { name, declared });
        }
        let udt_fields = fields.iter().map(|field| UdtField {
            name: field.name.clone(),
            data_type: field.declared.data_type.clone(),
        });
        let data_type = Arc::new(UdtType {
            keyspace: keyspace.to_owned(),
            name: raw.name.clone(),
            fields: udt_fields.collect(),
        });
        let size = self.around(fields.iter().map(|field| &field.declared.data_type));
        self.defined
            .insert(raw.name.clone(), (Arc::clone(&data_type), size));
        UserType {
            keyspace: keyspace.to_owned(),
            name: raw.name,
            fields,
            data_type,
        }
    }
}

/// The names of `types`, each behind those that it refers to; those that refer to themselves by a detour, which no
/// server allows, come last. Without recursion, since a chain of types may be as long as the server likes.
fn in_order(types: &BTreeMap<String, RawType>) -> Vec<String> {
    let mut missing: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, raw) in types {
        let needs = missing.entry(name).or_default();
        for (_, text) in &raw.fields {
            let Some(expr) = TypeExpr::parse(text) else {
                continue;
            };
            expr.names(&mut |used| {
                if let Some((used, _)) = types.get_key_value(used) {
                    needs.insert(used);
                }
            });
        }
        for used in needs.iter() {
            users.entry(used).or_default().push(name);
        }
    }
    let mut order = Vec::new();
    let mut ready: BTreeSet<&str> = BTreeSet::new();
    ready.extend(
        missing
            .iter()
            .filter(|(_, needs)| needs.is_empty())
            .map(|(name, _)| *name),
    );
    while let Some(name) = ready.pop_first() {
        missing.remove(name);
        order.push(name.to_owned());
        for user in users.remove(name).unwrap_or_default() {
            if let Some(needs) = missing.get_mut(user) {
                needs.remove(name);
                if needs.is_empty() {
                    ready.insert(user);
                }
            }
        }
    }
    order.extend(missing.into_keys().map(str::to_owned));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(name: &str, fields: &[&str]) -> RawType {
        RawType {
            name: name.to_owned(),
            fields: (0..)
                .zip(fields)
                .map(|(i, text)| (format!("f{i}"), (*text).to_owned()))
                .collect(),
        }
    }

    fn is_custom(data_type: &DataType) -> bool {
        matches!(data_type, DataType::Custom(_))
    }

    #[test]
    fn types_come_behind_those_that_they_refer_to() {
        let (types, order) = Types::default().define(
            "ks",
            vec![
                raw("a", &["frozen<c>", "map<text, frozen<\"B\">>"]),
                raw("\"B\"", &["int"]),
                raw("B", &["vector<frozen<c>, 2>"]),
                raw("c", &["text"]),
                raw("text", &["text"]),
            ],
        );
        assert_eq!(order, ["\"B\"", "c", "B", "a", "text"]);
        let DataType::Udt(c) = &types["a"].fields[0].declared.data_type else {
            panic!("{types:?}");
        };
        assert_eq!(
            (&c.keyspace[..], &c.name[..], &c.fields[0].data_type),
            ("ks", "c", &DataType::Text)
        );
    }

    #[test]
    fn what_refers_to_itself_or_to_nothing_stays_custom() {
        let (types, order) = Types::default().define(
            "ks",
            vec![
                raw("a", &["frozen<b>"]),
                raw("b", &["frozen<a>", "int"]),
                raw("c", &["frozen<nope>", "frozen<c>"]),
            ],
        );
        assert_eq!(order, ["a", "b", "c"]);
        assert!(is_custom(&types["a"].fields[0].declared.data_type));
        assert!(
            types["c"]
                .fields
                .iter()
                .all(|f| is_custom(&f.declared.data_type))
        );
    }

    #[test]
    fn long_chains_and_wide_trees_of_types_have_an_end() {
        let name = |i: usize| format!("t{i:05}");
        let chain = |fields: usize| {
            (0..10_000)
                .map(|i| match i {
                    0 => raw(&name(0), &["int"]),
                    _ => raw(
                        &name(i),
                        &vec![&format!("frozen<{}>", name(i - 1))[..]; fields],
                    ),
                })
                .collect::<Vec<_>>()
        };
        for (fields, ends) in [(1, 64), (2, 16)] {
            let (types, order) = Types::default().define("ks", chain(fields));
            assert_eq!(order.len(), 10_000);
            let first =
                (1..10_000).find(|i| is_custom(&types[&name(*i)].fields[0].declared.data_type));
            assert_eq!(first, Some(ends), "{fields} fields");
        }
    }
}
