//! Lengths of time: `"250ms"`, `"1.5h"`, `"2d"`.

use super::suffix::Units;
use super::{UnitError, string_with_unit};
use policy_api::Span;
use std::fmt;
use std::str::FromStr;

/// A length of time, written as a string with a unit: ns, us, ms, s, m, h or d (24 h).
///
/// From 0 to 584 years; kept to the nearest nanosecond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(pub Span);

static UNITS: Units = Units {
    kind: "a duration",
    example: "10s",
    sizes: &[
        ("ns", 1),
        ("us", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
        ("d", 86_400_000_000_000),
    ],
    meant: &[
        ("nanoseconds", "ns"),
        ("nsec", "ns"),
        ("microseconds", "us"),
        ("usec", "us"),
        ("µs", "us"),
        ("milliseconds", "ms"),
        ("msec", "ms"),
        ("seconds", "s"),
        ("secs", "s"),
        ("sec", "s"),
        ("minutes", "m"),
        ("mins", "m"),
        ("min", "m"),
        ("hours", "h"),
        ("hrs", "h"),
        ("hr", "h"),
        ("days", "d"),
    ],
};

impl Duration {
    pub const ZERO: Self = Self(Span::ZERO);

    pub const fn span(self) -> Span {
        self.0
    }
}

impl FromStr for Duration {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let nanos = UNITS.parse(text, 1, 1)?;
        let nanos = u64::try_from(nanos).map_err(|_| UNITS.too_large(text))?;
        Ok(Self(Span::from_nanos(nanos)))
    }
}

/// In the largest unit that leaves no fraction: `90m`, `2d`, `0s`. Parses back to the same value.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.as_nanos();
        if nanos == 0 {
            return write!(f, "0s");
        }
        let exact = UNITS.sizes.iter().rev().find(|(_, size)| nanos.is_multiple_of(*size));
        let (name, size) = exact.unwrap_or(&("ns", 1));
        write!(f, "{}{name}", nanos / size)
    }
}

string_with_unit!(
    Duration,
    DurationVisitor,
    r"^\s*[0-9]+(\.[0-9]+)?\s*(ns|us|ms|s|m|h|d)\s*$",
    "A length of time with its unit: ns, us, ms, s, m, h or d.",
    ["250ms", "10s", "1.5h", "2d"]
);
