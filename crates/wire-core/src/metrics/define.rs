//! What users see of a client's numbers, as types of the protocol crate.

/// Defines `LatencySnapshot` and `ErrorCounts` in the calling crate, which has `Error`,
/// `ErrorKind` and `Sent` (made by [`define_error!`](crate::define_error)) in scope. Nothing of this crate shows in them.
#[macro_export]
macro_rules! define_metrics {
    () => {
        /// How long the requests took that had ended at some time: 1 µs to 71 minutes, told apart with an error below 1.6 %.
        #[derive(Clone)]
        pub struct LatencySnapshot($crate::metrics::LatencySnapshot);

        impl LatencySnapshot {
            /// Requests counted.
            pub fn count(&self) -> u64 {
                self.0.count()
            }

            /// The longest time, exactly; zero if nothing was counted. In a difference of two snapshots, the longest
            /// within the histogram's error.
            pub fn max(&self) -> std::time::Duration {
                self.0.max()
            }

            /// The mean time, within 1.6 %; zero if nothing was counted.
            pub fn mean(&self) -> std::time::Duration {
                self.0.mean()
            }

            /// The time within which this share of the requests ended, in per cent from 0 to 100 and within 1.6 %;
            /// `None` if nothing was counted.
            pub fn percentile(&self, percent: f64) -> Option<std::time::Duration> {
                self.0.percentile(percent)
            }
        }

        impl std::fmt::Debug for LatencySnapshot {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&self.0, f)
            }
        }

        /// Errors by their kind.
        #[derive(Clone, PartialEq, Eq)]
        pub struct ErrorCounts([u64; Self::KINDS.len()]);

        impl ErrorCounts {
            /// All kinds, in the order in which they are counted.
            pub(crate) const KINDS: [ErrorKind; 14] = [
                ErrorKind::Config,
                ErrorKind::Connect,
                ErrorKind::Tls,
                ErrorKind::Auth,
                ErrorKind::Io,
                ErrorKind::Closed,
                ErrorKind::Timeout,
                ErrorKind::Server,
                ErrorKind::Decode,
                ErrorKind::Encode,
                ErrorKind::Type,
                ErrorKind::Limit,
                ErrorKind::Unsupported,
                ErrorKind::Misuse,
            ];

            /// The place of a kind in [`Self::KINDS`]. A kind that is added makes this fail to compile, and so to count.
            pub(crate) fn index_of(kind: ErrorKind) -> usize {
                match kind {
                    ErrorKind::Config => 0,
                    ErrorKind::Connect => 1,
                    ErrorKind::Tls => 2,
                    ErrorKind::Auth => 3,
                    ErrorKind::Io => 4,
                    ErrorKind::Closed => 5,
                    ErrorKind::Timeout => 6,
                    ErrorKind::Server => 7,
                    ErrorKind::Decode => 8,
                    ErrorKind::Encode => 9,
                    ErrorKind::Type => 10,
                    ErrorKind::Limit => 11,
                    ErrorKind::Unsupported => 12,
                    ErrorKind::Misuse => 13,
                }
            }

            /// How the crate's numbers are called where they are exported.
            fn names(system: &'static str, prefix: &'static str) -> $crate::metrics::Names {
                $crate::metrics::Names {
                    system,
                    prefix,
                    kinds: Self::KINDS.map(ErrorKind::name).to_vec(),
                }
            }

            fn read(counters: &$crate::metrics::Counters) -> Self {
                Self(std::array::from_fn(|index| counters.errors(index)))
            }

            /// What the counters are told of an error.
            fn failed(error: &Error) -> $crate::metrics::Failed {
                $crate::metrics::Failed {
                    kind: Self::index_of(error.kind()),
                    unsent: error.sent() == Sent::No,
                }
            }

            /// Errors of this kind.
            pub fn of(&self, kind: ErrorKind) -> u64 {
                self.0.get(Self::index_of(kind)).copied().unwrap_or(0)
            }

            /// Errors of all kinds.
            pub fn total(&self) -> u64 {
                self.iter()
                    .fold(0, |sum, (_, count)| sum.saturating_add(count))
            }

            /// The kinds that there were, with their numbers.
            pub fn iter(&self) -> impl Iterator<Item = (ErrorKind, u64)> + '_ {
                let all = Self::KINDS.into_iter().zip(self.0);
                all.filter(|(_, count)| *count > 0)
            }
        }

        impl std::fmt::Debug for ErrorCounts {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_map().entries(self.iter()).finish()
            }
        }
    };
}
