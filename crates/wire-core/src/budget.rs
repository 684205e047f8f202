//! What a peer may make us spend while one message is decoded.

use crate::DecodeError;

/// Bytes, elements and depth that decoding one message may still use.
///
/// Most counts are bounded by the bytes they claim to describe ([`Reader::count`](crate::Reader::count)). The budget
/// is for what that rule cannot bound: nesting, elements without bytes of their own, and expansion by compression or
/// run lengths.
#[derive(Debug, Clone)]
pub struct Budget {
    bytes: u64,
    elements: u64,
    depth: u32,
    max: (u64, u64, u32),
}

impl Budget {
    /// Levels that values and types of any protocol may nest by default: more than any schema in use, and shallow
    /// enough for a 128 KiB stack, or one of 512 KiB where code is not optimised.
    pub const DEFAULT_DEPTH: u32 = 64;

    /// A budget of `bytes` of expanded data, `elements` and `depth` levels.
    pub const fn new(bytes: u64, elements: u64, depth: u32) -> Self {
        Self {
            bytes,
            elements,
            depth,
            max: (bytes, elements, depth),
        }
    }

    /// The usual budget for a message of `len` bytes: 64 levels, an element a byte and 1,024 more.
    pub fn for_message(len: usize) -> Self {
        let len = u64::try_from(len).unwrap_or(u64::MAX);
        Self::new(len, len.saturating_add(1024), Self::DEFAULT_DEPTH)
    }

    /// Charges `n` bytes of expanded data.
    ///
    /// # Errors
    /// [`DecodeErrorKind::Limit`](crate::DecodeErrorKind::Limit) if the budget is used up.
    #[inline]
    pub fn bytes(&mut self, field: &'static str, offset: usize, n: u64) -> Result<(), DecodeError> {
        match self.bytes.checked_sub(n) {
            Some(left) => self.bytes = left,
            None => {
                return Err(DecodeError::limit(
                    field,
                    offset,
                    "expanded bytes",
                    self.max.0,
                    n,
                ));
            }
        }
        Ok(())
    }

    /// Charges `n` elements.
    ///
    /// # Errors
    /// [`DecodeErrorKind::Limit`](crate::DecodeErrorKind::Limit) if the budget is used up.
    #[inline]
    pub fn elements(
        &mut self,
        field: &'static str,
        offset: usize,
        n: u64,
    ) -> Result<(), DecodeError> {
        match self.elements.checked_sub(n) {
            Some(left) => self.elements = left,
            None => return Err(DecodeError::limit(field, offset, "elements", self.max.1, n)),
        }
        Ok(())
    }

    /// Levels that may still be opened, for readers that do not call themselves for each.
    pub fn depth(&self) -> u32 {
        self.depth
    }

    /// Runs `body` one level deeper.
    ///
    /// # Errors
    /// [`DecodeErrorKind::Limit`](crate::DecodeErrorKind::Limit) if that is too deep; else what `body` returns.
    #[inline]
    pub fn nested<T>(
        &mut self,
        field: &'static str,
        offset: usize,
        body: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        let Some(deeper) = self.depth.checked_sub(1) else {
            let max = u64::from(self.max.2);
            return Err(DecodeError::limit(
                field,
                offset,
                "depth",
                max,
                max.saturating_add(1),
            ));
        };
        let before = std::mem::replace(&mut self.depth, deeper);
        let result = body(self);
        self.depth = before;
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn descend(budget: &mut Budget, levels: u32) -> Result<(), DecodeError> {
        if levels == 0 {
            return Ok(());
        }
        budget.nested("level", 0, |b| descend(b, levels - 1))
    }

    #[test]
    fn depth_ends_where_it_says_and_comes_back() {
        let mut budget = Budget::for_message(10);
        descend(&mut budget, 64).unwrap();
        let error = descend(&mut budget, 65).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("65 is more than the limit depth of 64"),
            "{error}"
        );
        descend(&mut budget, 64).unwrap();
    }

    #[test]
    fn bytes_and_elements_run_out() {
        let mut budget = Budget::new(10, 2, 1);
        budget.bytes("b", 0, 10).unwrap();
        assert!(budget.bytes("b", 0, 1).is_err());
        budget.elements("e", 0, 2).unwrap();
        assert!(budget.elements("e", 0, 1).is_err());
    }
}
