//! What the public types promise.

use ch_native::{Block, DataType, Error, Limits, Query};

fn is_shareable<T: Clone + Send + Sync + 'static>() {}

#[test]
fn values_can_go_anywhere() {
    is_shareable::<Block>();
    is_shareable::<Query>();
    is_shareable::<DataType>();
    is_shareable::<Limits>();
}

#[test]
fn an_error_is_one_word() {
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}

#[cfg(feature = "client")]
mod client {
    use ch_native::{Client, Config, Rows};

    use super::is_shareable;

    #[test]
    fn a_client_can_go_anywhere() {
        is_shareable::<Client>();
        is_shareable::<Config>();
        is_shareable::<Rows>();
    }

    #[test]
    fn nothing_shows_a_password() {
        let config = Config::new("h").with_credentials("u", "sentinel");
        assert!(!format!("{config:?} {config:#?}").contains("sentinel"));
        let hello = ch_native::message::ClientHello::new(
            ch_native::codec::Revision::MAX,
            "db",
            "user",
            "sentinel".into(),
        );
        assert!(!format!("{hello:?}").contains("sentinel"));
    }

    fn size_of_future<F: Future>(_: impl Fn(Client) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn the_futures_of_requests_are_small() {
        let sizes = [
            size_of_future(|client| async move { client.query("SELECT 1").await }),
            size_of_future(|client| async move { client.execute("SELECT 1").await }),
            size_of_future(|client| async move { client.ping().await }),
        ];
        assert!(sizes.iter().all(|size| *size < 400), "{sizes:?}");
    }
}
