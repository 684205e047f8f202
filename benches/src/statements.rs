//! The statements of the comparison, and their sizes.

/// The statement of the workload `insert`, and of the batches.
pub const INSERT: &str = "INSERT INTO bench.kv (pk, v1, v2) VALUES (?, ?, ?)";
/// The statement of the workload `select`.
pub const SELECT: &str = "SELECT id, name, city, age, score, active, created, ref, payload, weight \
                          FROM bench.wide WHERE id = ?";
/// The statement of the scans; the number of rows stands behind it.
pub const SCAN: &str = "SELECT id, name, city, age, score, active, created, ref, payload, weight \
                        FROM bench.wide LIMIT ";
/// Rows in a page of the scan.
pub const PAGE: u32 = 5_000;
/// Statements in a batch.
pub const BATCH: usize = 64;
