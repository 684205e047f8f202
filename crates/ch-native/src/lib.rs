//! ch-native
