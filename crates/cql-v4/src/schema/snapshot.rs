//! The schema as it was when it was read.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::keyspace::Keyspace;
use super::table::Table;

/// Keyspaces with all that is in them, as they were when they were read.
///
/// Never changes; cheap to clone, since its parts are shared.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Schema {
    keyspaces: Arc<BTreeMap<String, Arc<Keyspace>>>,
}

impl Schema {
    /// A schema of these keyspaces.
    pub fn new(keyspaces: impl IntoIterator<Item = Arc<Keyspace>>) -> Self {
        let by_name = keyspaces.into_iter().map(|k| (k.name.clone(), k)).collect();
        Self {
            keyspaces: Arc::new(by_name),
        }
    }

    /// The keyspaces, by name.
    pub fn keyspaces(&self) -> impl ExactSizeIterator<Item = &Arc<Keyspace>> {
        self.keyspaces.values()
    }

    /// The keyspace of this name; case matters.
    pub fn keyspace(&self, name: &str) -> Option<&Arc<Keyspace>> {
        self.keyspaces.get(name)
    }

    /// The table of this name; case matters.
    pub fn table(&self, keyspace: &str, name: &str) -> Option<&Arc<Table>> {
        self.keyspace(keyspace)?.table(name)
    }

    /// This schema with the keyspaces of these names as `newer` has them: replaced, added, or left out if they are not
    /// there any more. The others are shared with this one.
    #[must_use]
    pub fn replacing<'a>(&self, names: impl IntoIterator<Item = &'a str>, newer: &Self) -> Self {
        let mut keyspaces = BTreeMap::clone(&self.keyspaces);
        for name in names {
            match newer.keyspaces.get(name) {
                Some(keyspace) => keyspaces.insert(name.to_owned(), Arc::clone(keyspace)),
                None => keyspaces.remove(name),
            };
        }
        Self {
            keyspaces: Arc::new(keyspaces),
        }
    }
}
