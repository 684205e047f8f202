//! Execution profiles.

use std::sync::Arc;
use std::time::Duration;

use cql_v4::Consistency;
use cql_v4::policy::{
    ConstantSpeculation, DefaultRetry, DowngradingRetry, MonotonicTimestamps, NeverRetry,
    PercentileSpeculation, Profile, RetryPolicy,
};

#[test]
fn a_profile_says_what_it_was_told_and_nothing_else() {
    let nothing = Profile::new();
    assert_eq!(nothing.consistency(), None);
    assert_eq!(nothing.serial_consistency(), None);
    assert_eq!(nothing.page_size(), None);
    assert_eq!(nothing.request_timeout(), None);
    assert!(nothing.retry().is_none() && nothing.speculation().is_none());
    assert!(nothing.load_balancing().is_none());

    let retry: Arc<dyn RetryPolicy> = Arc::new(DowngradingRetry);
    let second = Duration::from_secs(1);
    let profile = nothing
        .clone()
        .with_consistency(Consistency::Two)
        .with_serial_consistency(Consistency::LocalSerial)
        .with_page_size(7)
        .with_request_timeout(second)
        .with_retry(Arc::clone(&retry))
        .with_speculation(Arc::new(ConstantSpeculation::new(1, second)));
    assert_eq!(profile.consistency(), Some(Consistency::Two));
    assert_eq!(profile.serial_consistency(), Some(Consistency::LocalSerial));
    assert_eq!(profile.page_size(), Some(7));
    assert_eq!(profile.request_timeout(), Some(second));
    assert!(Arc::ptr_eq(profile.retry().unwrap(), &retry));
    assert!(profile.speculation().is_some());
    assert_eq!(nothing.consistency(), None, "the original is as it was");
    let shown = format!("{profile:?}");
    assert!(
        shown.contains("DowngradingRetry") && shown.contains("Two"),
        "{shown}"
    );
    assert_eq!(size_of::<Profile>(), size_of::<usize>());
}

#[test]
fn a_profile_that_cannot_be_is_refused_by_name() {
    let wrong = |profile: Profile| profile.check("reports").unwrap_err().to_string();
    assert_eq!(
        wrong(Profile::new().with_page_size(0)),
        "profile reports: page_size is 0; it can be 1 to 2,147,483,647"
    );
    assert!(wrong(Profile::new().with_page_size(u32::MAX)).contains("4294967295"));
    assert!(wrong(Profile::new().with_request_timeout(Duration::ZERO)).contains("request_timeout"));
    assert_eq!(
        wrong(Profile::new().with_serial_consistency(Consistency::One)),
        "profile reports: serial_consistency is ONE; it can be SERIAL or LOCAL_SERIAL"
    );
    assert!(Profile::new().check("default").is_ok());
}

#[test]
fn policies_are_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>(_: &T) {}
    shared(&Profile::new());
    shared(&MonotonicTimestamps::new());
    shared(&PercentileSpeculation::new(1, 99.0).unwrap());
    let all: [Arc<dyn RetryPolicy>; 3] = [
        Arc::new(DefaultRetry),
        Arc::new(DowngradingRetry),
        Arc::new(NeverRetry),
    ];
    shared(&all);
}
