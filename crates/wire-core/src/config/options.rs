//! Settings that have a textual form: one line says a setting's builder method, its field, and how it stands in a URL.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Common;
use crate::url::{Url, UrlError};

/// A setting of a `Config` that a URL can say.
#[derive(Debug)]
pub struct UrlOption<C> {
    /// How it is called in a URL.
    pub name: &'static str,
    /// Sets it from text; otherwise says what the text should be.
    pub set: fn(&mut C, &str) -> Result<(), Cow<'static, str>>,
    /// Its text; `None` if it is not set.
    pub text: fn(&C) -> Option<String>,
}

/// How values of a type stand in a URL.
#[derive(Debug)]
pub struct Form<T> {
    expected: Cow<'static, str>,
    read: fn(&str) -> Option<T>,
    show: fn(&T) -> Option<String>,
}

impl<T> Form<T> {
    /// Read by `read`, written by `show`; `expected` completes "should be".
    pub fn new(
        expected: impl Into<Cow<'static, str>>,
        read: fn(&str) -> Option<T>,
        show: fn(&T) -> Option<String>,
    ) -> Self {
        Self {
            expected: expected.into(),
            read,
            show,
        }
    }

    /// The value that `text` stands for.
    ///
    /// # Errors
    /// What the text should be.
    pub fn read(self, text: &str) -> Result<T, Cow<'static, str>> {
        (self.read)(text).ok_or(self.expected)
    }

    /// The text for the value in `field`.
    pub fn show(&self, field: &impl Holds<T>) -> Option<String> {
        field.held().and_then(self.show)
    }
}

impl<T: FromStr + ToString> Form<T> {
    /// As the type's own `FromStr` and `Display` have it: numbers, `true` and `false`, names.
    pub fn parsed(expected: &'static str) -> Self {
        Self::new(
            expected,
            |text| text.parse().ok(),
            |value| Some(value.to_string()),
        )
    }
}

impl Form<bool> {
    /// `true` or `false`.
    pub fn flag() -> Self {
        Self::parsed("true or false")
    }
}

impl Form<String> {
    /// Any text.
    pub fn text() -> Self {
        Self::parsed("a text")
    }
}

impl Form<Duration> {
    /// A whole number with a unit, milliseconds at the least: `250ms`, `5s`, `2m`.
    pub fn duration() -> Self {
        let show = |time: &Duration| match time.subsec_nanos() {
            0 => Some(format!("{}s", time.as_secs())),
            _ => Some(format!("{}ms", time.as_millis())),
        };
        Self::new(
            "a whole number with a unit: 250ms, 5s or 2m",
            parse_duration,
            show,
        )
    }
}

fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits)?;
    let number: u64 = number.parse().ok()?;
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => number.checked_mul(60).map(Duration::from_secs),
        _ => None,
    }
}

/// A field for a value, of its type or an `Option` of it.
pub trait Holds<T> {
    /// The value, if there is one.
    fn held(&self) -> Option<&T>;
}

impl<T> Holds<T> for T {
    fn held(&self) -> Option<&T> {
        Some(self)
    }
}

impl<T> Holds<T> for Option<T> {
    fn held(&self) -> Option<&T> {
        self.as_ref()
    }
}

/// Takes one option out of `url`.
///
/// # Errors
/// What it should be.
pub(super) fn take<T>(
    url: &mut Url,
    name: &'static str,
    form: Form<T>,
) -> Result<Option<T>, UrlError> {
    let Some(text) = url.text(name) else {
        return Ok(None);
    };
    let value = form.read(&text);
    value
        .map(Some)
        .map_err(|expected| wrong(name, &text, &expected))
}

fn wrong(name: &str, text: &str, expected: &str) -> UrlError {
    UrlError(format!("option {name}={text} should be {expected}"))
}

/// Takes the options of a `Config` out of `url`.
///
/// # Errors
/// Which option is wrong, and what it should be.
pub fn take_options<C>(
    config: &mut C,
    options: &[UrlOption<C>],
    url: &mut Url,
) -> Result<(), UrlError> {
    for option in options {
        if let Some(text) = url.text(option.name) {
            (option.set)(config, &text).map_err(|expected| wrong(option.name, &text, &expected))?;
        }
    }
    Ok(())
}

/// What is escaped in paths and values: all but what is read back as it stands, and keeps lists and times readable.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b':')
    .remove(b',')
    .remove(b'*')
    .remove(b'/');

/// A configuration that is to be written as a URL.
#[derive(Debug)]
pub struct Written<'a, C> {
    /// Its scheme.
    pub scheme: &'a str,
    /// Its path: a keyspace, a database.
    pub path: Option<&'a str>,
    /// The configuration.
    pub config: &'a C,
    /// The same with all defaults.
    pub usual: &'a C,
    /// The common part of a configuration.
    pub common: fn(&C) -> &Common,
    /// The options of its own.
    pub options: &'a [UrlOption<C>],
}

impl<C> fmt::Display for Written<'_, C> {
    /// Without the password; of the options, those that are not as usual.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (common, usual) = ((self.common)(self.config), (self.common)(self.usual));
        write!(f, "{}://", self.scheme)?;
        if let Some(user) = &common.user {
            write!(f, "{}@", utf8_percent_encode(user, NON_ALPHANUMERIC))?;
        }
        let hosts: Vec<String> = common.hosts.iter().map(ToString::to_string).collect();
        f.write_str(&hosts.join(","))?;
        if let Some(path) = self.path {
            write!(f, "/{}", utf8_percent_encode(path, ESCAPED))?;
        }
        let mut before = '?';
        let mut put = |name: &str, text: String| {
            write!(f, "{before}{name}={}", utf8_percent_encode(&text, ESCAPED))?;
            before = '&';
            Ok(())
        };
        for option in Common::OPTIONS {
            if let Some(text) = changed(option, common, usual) {
                put(option.name, text)?;
            }
        }
        if let Some((name, text)) = common.tls.option() {
            put(name, text)?;
        }
        for option in self.options {
            if let Some(text) = changed(option, self.config, self.usual) {
                put(option.name, text)?;
            }
        }
        Ok(())
    }
}

fn changed<C>(option: &UrlOption<C>, config: &C, usual: &C) -> Option<String> {
    let text = (option.text)(config);
    text.filter(|text| (option.text)(usual).as_ref() != Some(text))
}

/// Settings of a `Config`, called once inside its `impl`. The name before the colon stands for the configuration. Each
/// line is the builder method with its documentation, the field that it sets, and, if the setting has a textual form,
/// its name in URLs and that form:
///
/// ```
/// use wire_core::config::Form;
///
/// struct Config {
///     page_size: u32,
///     retries: Option<u32>,
///     limit: u64,
/// }
///
/// impl Config {
///     wire_core::config_options! { config:
///         /// Rows in a page. Default 5,000.
///         with_page_size(rows: u32) => config.page_size, "page_size" as Form::<u32>::parsed("a number of rows");
///         /// How often a request is repeated. Default: not limited. It has no textual form.
///         with_retries(retries: u32) => config.retries;
///         // Set in another way, and by a URL.
///         => config.limit, "limit" as Form::<u64>::parsed("a number of bytes");
///     }
/// }
///
/// let mut config = Config { page_size: 1, retries: None, limit: 2 }.with_page_size(7).with_retries(3);
/// let names: Vec<&str> = Config::OPTIONS.iter().map(|option| option.name).collect();
/// assert_eq!(names, ["page_size", "limit"]);
/// assert_eq!((Config::OPTIONS[0].text)(&config).as_deref(), Some("7"));
/// assert_eq!((Config::OPTIONS[0].set)(&mut config, "many").unwrap_err(), "a number of rows");
/// (Config::OPTIONS[1].set)(&mut config, "9").unwrap();
/// assert_eq!((config.limit, config.retries), (9, Some(3)));
/// ```
#[macro_export]
macro_rules! config_options {
    ($config:ident: $(
        $( $(#[$doc:meta])* $with:ident($value:ident: $type:ty) )? => $field:expr $(, $name:literal as $form:expr)?;
    )*) => {
        $($(
            $(#[$doc])*
            #[must_use]
            pub fn $with(mut self, $value: $type) -> Self {
                let $config = &mut self;
                $field = $value.into();
                self
            }
        )?)*

        /// What a URL can say, besides what all configurations have.
        pub(crate) const OPTIONS: &'static [$crate::config::UrlOption<Self>] = &[
            $($( $crate::config::UrlOption {
                name: $name,
                set: |$config: &mut Self, text| {
                    $field = $form.read(text)?.into();
                    Ok(())
                },
                text: |$config: &Self| $form.show(&$field),
            }, )?)*
        ];
    };
}

/// What a `Config` has as text: `from_url` with the documentation given here, `FromStr`, and `Display`. The crate has
/// `Config::parse` and `Config::path`, `Config::with_common`, and the table [`config_options!`](crate::config_options);
/// where it is called there are `Error`, `ErrorKind` and `REQUEST_TIMEOUT`.
#[macro_export]
macro_rules! config_as_text {
    ($(#[$doc:meta])* scheme = $scheme:expr) => {
        impl Config {
            $(#[$doc])*
            ///
            /// # Errors
            /// [`ErrorKind::Config`] says what is wrong and, for an unknown option, which ones
            /// there are.
            pub fn from_url(url: &str) -> Result<Self, Error> {
                Self::parse(url).map_err(|e| Error::new(ErrorKind::Config, e.to_string()))
            }
        }

        impl std::str::FromStr for Config {
            type Err = Error;

            /// As [`Config::from_url`].
            fn from_str(url: &str) -> Result<Self, Error> {
                Self::from_url(url)
            }
        }

        /// The URL of this configuration, without the password and with those options only that are not at their
        /// defaults. What has no textual form is not in it.
        impl std::fmt::Display for Config {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let written = $crate::config::Written {
                    scheme: $scheme,
                    path: self.path(),
                    config: self,
                    usual: &Self::with_common(self.common.usual(REQUEST_TIMEOUT)),
                    common: |config: &Self| &config.common,
                    options: Self::OPTIONS,
                };
                std::fmt::Display::fmt(&written, f)
            }
        }
    };
}
