//! Settings: names with values, in two forms.
//!
//! ```text
//! since 54429: (name String, flags VarUInt, value String)*, name ""
//! before:      (name String, value VarUInt | zigzag VarUInt | String)*, name ""      by the type of the setting
//! ```
//!
//! In the older form nothing says which of the three a value is: both sides have to know the type of each setting by its
//! name. A wrong guess makes the server read on in the middle of the packet, so names that do not look like their type
//! stand in a table here ([`SettingKind::of`]), and callers can say the kind themselves.
//!
//! Source: ClickHouse, `src/Core/BaseSettings.h`; before 54429 `dbms/src/Interpreters/SettingsCommon.cpp`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use wire_core::{DecodeError, EncodeError, Reader, varint};

use crate::codec::prim::{lossy, put_string, put_varint, string, text};
use crate::codec::text::quote;
use crate::codec::{Feature, Revision};

/// The value of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingValue {
    /// An unsigned number, bool (0 or 1) or duration.
    UInt(u64),
    /// A signed number.
    Int(i64),
    /// Text, an enum's name, or the decimal text of any number.
    Text(String),
}

macro_rules! from_numbers {
    ($($ty:ty => $variant:ident;)*) => {
        $(
            impl From<$ty> for SettingValue {
                fn from(value: $ty) -> Self {
                    Self::$variant(value.into())
                }
            }
        )*
    };
}

from_numbers! {
    u8 => UInt;
    u16 => UInt;
    u32 => UInt;
    u64 => UInt;
    i8 => Int;
    i16 => Int;
    i32 => Int;
    i64 => Int;
    bool => UInt;
    &str => Text;
    String => Text;
}

impl From<f64> for SettingValue {
    /// As text that is never taken for a whole number: 1.0, not 1.
    fn from(value: f64) -> Self {
        Self::Text(format!("{value:?}"))
    }
}

impl SettingValue {
    fn to_text(&self) -> Cow<'_, str> {
        match self {
            Self::UInt(value) => value.to_string().into(),
            Self::Int(value) => value.to_string().into(),
            Self::Text(value) => value.into(),
        }
    }

    fn to_unsigned(&self) -> Option<u64> {
        match self {
            Self::UInt(value) => Some(*value),
            Self::Int(value) => (*value).try_into().ok(),
            Self::Text(text) if text == "true" => Some(1),
            Self::Text(text) if text == "false" => Some(0),
            Self::Text(text) => text.parse().ok(),
        }
    }

    fn to_signed(&self) -> Option<i64> {
        match self {
            Self::UInt(value) => (*value).try_into().ok(),
            Self::Int(value) => Some(*value),
            Self::Text(text) => text.parse().ok(),
        }
    }

    /// As the server writes down a value whose type it does not know (`Field::dump`): what custom settings are sent as.
    fn dumped(&self) -> Self {
        Self::Text(match self {
            Self::UInt(value) => format!("UInt64_{value}"),
            Self::Int(value) => format!("Int64_{value}"),
            Self::Text(value) => quote(value),
        })
    }
}

/// How a setting's value travels to servers from before revision 54429 (2020).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SettingKind {
    /// As VarUInt: unsigned numbers, bools, durations.
    Unsigned,
    /// As zigzag VarUInt: signed numbers.
    Signed,
    /// As String: text, names of enums, characters, and floating-point numbers as decimal text.
    Text,
}

impl SettingKind {
    /// The kind of a setting whose kind its value does not always show; `None` for all others.
    ///
    /// Signed and floating-point settings of the servers in question, and settings with text as value, which matter to
    /// whoever reads them. Source: ClickHouse 18.16, `dbms/src/Interpreters/Settings.h`, and what newer servers send to
    /// others.
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "network_zstd_compression_level"
            | "http_zlib_compression_level"
            | "distributed_ddl_task_timeout"
            | "os_thread_priority" => Self::Signed,
            "totals_auto_threshold"
            | "format_csv_delimiter"
            | "format_schema"
            | "count_distinct_implementation"
            | "load_balancing"
            | "totals_mode"
            | "distributed_product_mode"
            | "network_compression_method"
            | "join_default_strictness"
            | "join_algorithm"
            | "date_time_input_format"
            | "date_time_output_format"
            | "send_logs_level"
            | "send_logs_source_regexp"
            | "session_timezone"
            | "log_comment"
            | "dialect"
            | "compatibility"
            | "default_table_engine"
            | "insert_deduplication_token"
            | "cluster_for_parallel_replicas"
            | "storage_file_read_method"
            | "local_filesystem_read_method"
            | "remote_filesystem_read_method" => Self::Text,
            _ if name.ends_with("_mode")
                || name.ends_with("_ratio")
                || name.ends_with("_probability") =>
            {
                Self::Text
            }
            _ => return None,
        })
    }

    /// What a value looks like.
    fn by_look(value: &SettingValue) -> Self {
        // Literals of Rust are signed, settings hardly ever, so what is not negative counts as unsigned.
        if value.to_unsigned().is_some() {
            Self::Unsigned
        } else if value.to_signed().is_some() {
            Self::Signed
        } else {
            Self::Text
        }
    }
}

/// A setting that goes along with a query.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: SettingValue,
    /// ClickHouse's flags: 1 important (the server must know it), 2 custom. Sent since revision 54429.
    pub flags: u64,
    /// How the value travels before revision 54429; by the name and the looks of the value if `None`.
    pub kind: Option<SettingKind>,
}

/// The server must know the setting.
const IMPORTANT: u64 = 1;
/// The setting is of the user's own making.
const CUSTOM: u64 = 2;
/// Most settings in one list: several times what ClickHouse has.
pub(super) const MAX_SETTINGS: u64 = 10_000;

impl Setting {
    /// A setting that the server must know: one that it does not know is an error, not something that silently does
    /// nothing.
    pub fn new(name: impl Into<String>, value: impl Into<SettingValue>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            flags: IMPORTANT,
            kind: None,
        }
    }

    /// A setting of the user's own, with one of the prefixes that the server allows (`custom_settings_prefixes`). Read
    /// it with `getSetting`.
    pub fn custom(name: impl Into<String>, value: impl Into<SettingValue>) -> Self {
        Self {
            value: value.into().dumped(),
            flags: CUSTOM,
            ..Self::new(name, "")
        }
    }

    /// Says how the value travels before revision 54429.
    #[must_use]
    pub fn with_kind(mut self, kind: SettingKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Lets servers that do not know the setting pass over it (since revision 54429).
    #[must_use]
    pub fn unimportant(mut self) -> Self {
        self.flags &= !IMPORTANT;
        self
    }

    fn write(&self, form: Revision, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        if self.name.is_empty() {
            return Err(EncodeError::invalid("setting", "has no name"));
        }
        if form.has(Feature::SettingsAsStrings) {
            put_string(out, self.name.as_bytes());
            put_varint(out, self.flags);
            put_string(out, self.value.to_text().as_bytes());
            return Ok(());
        }
        if self.flags & CUSTOM != 0 {
            let what = format!(
                "is a custom setting, which servers know since revision {}; this one speaks {form}",
                Feature::SettingsAsStrings.since()
            );
            return Err(EncodeError::invalid(self.field(), what));
        }
        let kind = self
            .kind
            .or_else(|| SettingKind::of(&self.name))
            .unwrap_or_else(|| SettingKind::by_look(&self.value));
        // The value itself is not told: it may be a key to something.
        let wrong = |what: &str| {
            EncodeError::invalid(
                self.field(),
                format!("has a value that is no {what} number"),
            )
        };
        put_string(out, self.name.as_bytes());
        match kind {
            SettingKind::Unsigned => {
                let value = self.value.to_unsigned();
                put_varint(out, value.ok_or_else(|| wrong("unsigned"))?);
            }
            SettingKind::Signed => {
                let value = self.value.to_signed();
                put_varint(out, varint::zigzag(value.ok_or_else(|| wrong("signed"))?));
            }
            SettingKind::Text => put_string(out, self.value.to_text().as_bytes()),
        }
        Ok(())
    }

    fn field(&self) -> String {
        format!("setting {}", self.name)
    }
}

/// Writes a list and its end.
pub(super) fn write_settings(
    settings: &[Setting],
    form: Revision,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    for setting in settings {
        setting.write(form, out)?;
    }
    put_string(out, b"");
    Ok(())
}

/// Reads a list up to its end. `kinds` are those of settings in the older form that differ from what is known here;
/// what neither knows is told from its surroundings.
pub(super) fn read_settings(
    r: &mut Reader<'_>,
    form: Revision,
    kinds: &BTreeMap<String, SettingKind>,
    max_text: u64,
) -> Result<Vec<Setting>, DecodeError> {
    let mut settings = Vec::new();
    for _ in 0..MAX_SETTINGS {
        let name = string(r, "setting.name", max_text)?;
        if name.is_empty() {
            return Ok(settings);
        }
        let mut setting = Setting::new(lossy(name), "");
        if form.has(Feature::SettingsAsStrings) {
            setting.flags = r.leb128("setting.flags")?;
            setting.value = SettingValue::Text(text(r, "setting.value", max_text)?);
        } else {
            let known = kinds.get(&setting.name).copied();
            let kind = match known.or_else(|| SettingKind::of(&setting.name)) {
                Some(kind) => kind,
                None => by_neighbours(r, &setting.name, max_text)?,
            };
            setting.kind = Some(kind);
            setting.value = match kind {
                SettingKind::Unsigned => SettingValue::UInt(r.leb128("setting.value")?),
                SettingKind::Signed => {
                    SettingValue::Int(varint::unzigzag(r.leb128("setting.value")?))
                }
                SettingKind::Text => SettingValue::Text(text(r, "setting.value", max_text)?),
            };
        }
        settings.push(setting);
    }
    Err(too_many_settings(r))
}

/// A list of settings that has not ended after [`MAX_SETTINGS`].
pub(super) fn too_many_settings(r: &Reader<'_>) -> DecodeError {
    let more = MAX_SETTINGS.saturating_add(1);
    DecodeError::limit("settings", r.offset(), "settings", MAX_SETTINGS, more)
}

/// Longest name of a setting; ClickHouse's own have up to 80 characters.
const MAX_NAME: u64 = 128;

/// What the value at `r` must be so that a name, or the end of the list, follows it. Newer servers send their settings to
/// old ones, and have hundreds with text as value.
fn by_neighbours(r: &Reader<'_>, name: &str, max_text: u64) -> Result<SettingKind, DecodeError> {
    let mut behind = *r;
    behind.leb128("setting.value")?;
    if is_name_or_end(&mut behind)? {
        return Ok(SettingKind::Unsigned);
    }
    let mut behind = *r;
    string(&mut behind, "setting.value", max_text)?;
    if is_name_or_end(&mut behind)? {
        return Ok(SettingKind::Text);
    }
    let what =
        format!("of {name} is neither a number nor text that another setting or the end follows");
    Err(DecodeError::invalid("setting.value", r.offset(), what))
}

fn is_name_or_end(r: &mut Reader<'_>) -> Result<bool, DecodeError> {
    let len = r.leb128("setting.name")?;
    if len > MAX_NAME {
        return Ok(false);
    }
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    let rest = r.rest();
    let there = rest.get(..len).unwrap_or(rest);
    if !there
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || *b == b'_')
    {
        return Ok(false);
    }
    if there.len() < len {
        // So far it could be a name. One more byte may show that it is not: so many may never come.
        return Err(r.short("setting.name", there.len().saturating_add(1)));
    }
    r.skip("setting.name", len).map(|()| true)
}
