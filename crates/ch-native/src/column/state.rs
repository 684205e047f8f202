//! `AggregateFunction`: states, whose length only the function knows.
//!
//! A state travels without its length. For the functions of [`Rule::of`] the layout is known well enough to find its end;
//! a state is kept as its bytes and not taken apart. Other functions are an error, since nothing behind their column
//! could be read.
//!
//! Source: the `serialize` methods in ClickHouse, `src/AggregateFunctions`, and bytes of the engine 26.9.

use wire_core::{DecodeError, Reader};

use super::data::ColumnData;
use super::fixed::first_reserve;
use super::read::{Context, ReadColumn};
use super::state_rule::{Part, Rule};
use super::string::StringColumn;
use crate::codec::prim::{Step, to_u64, varint, whole};
use crate::types::AggregateFunction;

/// Reads states, each as its bytes.
#[derive(Debug)]
pub(super) struct ReadStates {
    rule: Rule,
    rows: usize,
    column: StringColumn,
    walk: Walk,
    /// Whether the state of the current row has begun.
    open: bool,
}

impl ReadStates {
    /// # Errors
    /// Unsupported if the length of the function's states is not known.
    pub(super) fn new(function: &AggregateFunction) -> Result<Self, DecodeError> {
        let Some(rule) = Rule::of(function) else {
            return Err(DecodeError::unsupported("type", 0, unknown(function)));
        };
        Ok(Self {
            rule,
            rows: 0,
            column: StringColumn::default(),
            walk: Walk::default(),
            open: false,
        })
    }
}

/// Why states of `function` cannot be passed on.
pub(super) fn unknown(function: &AggregateFunction) -> String {
    let name = &function.name;
    format!(
        "states of {name} ({function}): where one ends is known to that function alone; select \
         finalizeAggregation(…) of the column, or aggregate it with {name}Merge"
    )
}

impl ReadColumn for ReadStates {
    fn start(&mut self, rows: usize, cx: &mut Context<'_>) -> Result<(), DecodeError> {
        self.rows = rows;
        self.column.ends.reserve(first_reserve(rows, 8));
        cx.spend("AggregateFunction", to_u64(rows).saturating_mul(8))
    }

    fn data(&mut self, r: &mut Reader<'_>, cx: &mut Context<'_>) -> Result<Step, DecodeError> {
        while self.column.ends.len() < self.rows {
            if !self.open {
                self.walk.begin(&self.rule);
                self.open = true;
            }
            let before = *r;
            let step = self.walk.go(r);
            let used = r.offset().saturating_sub(before.offset());
            let bytes = before.rest().get(..used).unwrap_or_default();
            cx.spend("AggregateFunction", to_u64(used))?;
            self.column.bytes.extend_from_slice(bytes);
            if step? == Step::More {
                return Ok(Step::More);
            }
            self.column.ends.push(to_u64(self.column.bytes.len()));
            self.open = false;
        }
        Ok(Step::Done)
    }

    fn finish(&mut self) -> ColumnData {
        ColumnData::State(std::mem::take(&mut self.column))
    }
}

/// Says why `states` cannot be written as those of `function`, if they cannot: one that is too long or too short would
/// shift everything behind it.
pub(super) fn check(function: &AggregateFunction, states: &StringColumn) -> Result<(), String> {
    let rule = Rule::of(function).ok_or_else(|| unknown(function))?;
    for (row, state) in states.iter().enumerate() {
        let mut r = Reader::new(state);
        let mut walk = Walk::default();
        walk.begin(&rule);
        if !matches!(walk.go(&mut r), Ok(Step::Done)) || r.left() > 0 {
            return Err(format!(
                "row {row} is not a state of {}: it has {} bytes, of which {} were understood",
                function.name,
                state.len(),
                r.offset()
            ));
        }
    }
    Ok(())
}

/// Passes over a state that arrives in pieces.
#[derive(Debug, Default)]
struct Walk {
    /// Bytes to pass over before anything else.
    skip: u64,
    /// What is to come, the next part last.
    parts: Vec<Part>,
}

impl Walk {
    fn begin(&mut self, rule: &Rule) {
        self.parts.extend(rule.0.iter().rev().cloned());
    }

    fn go(&mut self, r: &mut Reader<'_>) -> Result<Step, DecodeError> {
        loop {
            let there = usize::try_from(self.skip)
                .unwrap_or(usize::MAX)
                .min(r.left());
            r.skip("state", there)?;
            self.skip = self.skip.saturating_sub(to_u64(there));
            if self.skip > 0 {
                return Ok(Step::More);
            }
            let Some(part) = self.parts.pop() else {
                return Ok(Step::Done);
            };
            if self.part(r, &part)? == Step::More {
                self.parts.push(part);
                return Ok(Step::More);
            }
        }
    }

    fn part(&mut self, r: &mut Reader<'_>, part: &Part) -> Result<Step, DecodeError> {
        match part {
            Part::Bytes(n) => self.skip = to_u64(*n),
            Part::Repeat(0, _) => {}
            Part::Repeat(n, parts) => {
                self.parts
                    .push(Part::Repeat(n.saturating_sub(1), parts.clone()));
                self.parts.extend(parts.iter().rev().cloned());
            }
            Part::Number | Part::Items(_) | Part::List(_) => {
                let Some(n) = varint(r, "state.count")? else {
                    return Ok(Step::More);
                };
                match part {
                    Part::Items(width) => {
                        let Some(bytes) = n.checked_mul(to_u64(*width)) else {
                            let what = format!("is {n}, which no state holds");
                            return Err(r.invalid("state.count", 1, what));
                        };
                        self.skip = bytes;
                    }
                    Part::List(parts) => self.parts.push(Part::Repeat(n, parts.clone())),
                    _ => {}
                }
            }
            Part::Text => {
                let Some(len) = whole(r, |r| r.i32_le("state.text"))? else {
                    return Ok(Step::More);
                };
                // Negative: there is no text.
                self.skip = u64::try_from(len).unwrap_or(0);
            }
            Part::Flagged(parts) => match r.peek() {
                None => return Ok(Step::More),
                Some(flag) => {
                    r.skip("state.flag", 1)?;
                    if flag != 0 {
                        self.parts.extend(parts.iter().rev().cloned());
                    }
                }
            },
        }
        Ok(Step::Done)
    }
}
