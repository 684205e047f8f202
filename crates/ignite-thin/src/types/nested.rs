//! Which Java class a collection or a map becomes on the other side.

macro_rules! kinds {
    ($(#[$doc:meta])* $name:ident { $($(#[$kind_doc:meta])* $kind:ident = $code:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$kind_doc])* $kind,)*
            /// A code without a name here.
            Unknown(i8),
        }

        impl $name {
            /// The kind of a code.
            pub const fn from_code(code: i8) -> Self {
                match code {
                    $($code => Self::$kind,)*
                    other => Self::Unknown(other),
                }
            }

            /// The code on the wire.
            pub const fn code(self) -> i8 {
                match self {
                    $(Self::$kind => $code,)*
                    Self::Unknown(code) => code,
                }
            }
        }
    };
}

kinds! {
    /// Kind of a collection (server class `GridBinaryMarshaller`).
    CollectionKind {
        /// A set of the user's own class. The server stores it as [`Self::HashSet`].
        UserSet = -1,
        /// A collection of the user's own class.
        UserCollection = 0,
        /// `java.util.ArrayList`.
        ArrayList = 1,
        /// `java.util.LinkedList`.
        LinkedList = 2,
        /// `java.util.HashSet`.
        HashSet = 3,
        /// `java.util.LinkedHashSet`.
        LinkedHashSet = 4,
        /// `java.util.Collections.singletonList`.
        SingletonList = 5,
    }
}

kinds! {
    /// Kind of a map (server class `GridBinaryMarshaller`).
    MapKind {
        /// A map of the user's own class.
        UserMap = 0,
        /// `java.util.HashMap`.
        HashMap = 1,
        /// `java.util.LinkedHashMap`.
        LinkedHashMap = 2,
    }
}
