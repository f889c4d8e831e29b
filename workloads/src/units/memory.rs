//! Amounts of memory and disk: `"512MB"`, `"16GiB"`.

use super::suffix::Units;
use super::{UnitError, string_with_unit};
use policy_api::{Amount, DisplayAmount};
use std::fmt;
use std::str::FromStr;

/// Memory or disk, written as a string with a unit: B, KB, MB, GB or TB.
///
/// Mesos counts in MB of 2^20 bytes, so here `MB` and `MiB` are the same, as are `GB` and `GiB`
/// (2^30), `KB` and `KiB`, `TB` and `TiB`. Kept to the nearest thousandth of a MB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Memory(Amount);

static UNITS: Units = Units {
    kind: "an amount of memory",
    example: "16GiB",
    sizes: &[
        ("B", 1),
        ("KB", KIB),
        ("KiB", KIB),
        ("MB", MIB),
        ("MiB", MIB),
        ("GB", GIB),
        ("GiB", GIB),
        ("TB", TIB),
        ("TiB", TIB),
    ],
    meant: &[
        ("bytes", "B"),
        ("k", "KiB"),
        ("kilobytes", "KiB"),
        ("m", "MiB"),
        ("megabytes", "MiB"),
        ("g", "GiB"),
        ("gigabytes", "GiB"),
        ("t", "TiB"),
        ("terabytes", "TiB"),
    ],
};

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const TIB: u64 = 1 << 40;

/// Thousandths of a MB above this are no longer exact as doubles.
const MAX_AMOUNT: Amount = 1 << 53;

impl Memory {
    pub const ZERO: Self = Self(0);

    /// From thousandths of a MB, as [`policy_api::Quantities`] counts; below zero becomes zero.
    pub const fn from_amount(amount: Amount) -> Self {
        Self(if amount < 0 { 0 } else { amount })
    }

    pub const fn from_mib(mib: u32) -> Self {
        Self(mib as Amount * 1000)
    }

    pub const fn from_gib(gib: u32) -> Self {
        Self(gib as Amount * 1024 * 1000)
    }

    /// To the nearest thousandth of a MB.
    pub fn from_bytes(bytes: u64) -> Self {
        let thousandths = (u128::from(bytes) * 1000 + u128::from(MIB) / 2) / u128::from(MIB);
        Self(Amount::try_from(thousandths).map_or(MAX_AMOUNT, |amount| amount.min(MAX_AMOUNT)))
    }

    /// In whole bytes, rounded down.
    pub fn bytes(self) -> u64 {
        let bytes = u128::from(self.0.unsigned_abs()) * u128::from(MIB) / 1000;
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }

    /// In thousandths of a MB.
    pub const fn amount(self) -> Amount {
        self.0
    }
}

impl FromStr for Memory {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let thousandths = UNITS.parse(text, 1000, MIB)?;
        let amount = Amount::try_from(thousandths).ok().filter(|&amount| amount <= MAX_AMOUNT);
        amount.map(Self).ok_or_else(|| UNITS.too_large(text))
    }
}

/// In the largest unit that leaves no fraction, and at least in MiB: `16GiB`, `0.5MiB`. Parses
/// back to the same value.
impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MIB: Amount = 1000;
        let (size, name) = match self.0 {
            0 => (MIB, "MiB"),
            amount if amount % (MIB << 20) == 0 => (MIB << 20, "TiB"),
            amount if amount % (MIB << 10) == 0 => (MIB << 10, "GiB"),
            amount => return write!(f, "{}MiB", DisplayAmount(amount)),
        };
        write!(f, "{}{name}", self.0 / size)
    }
}

string_with_unit!(
    Memory,
    MemoryVisitor,
    r"^\s*[0-9]+(\.[0-9]+)?\s*(B|KB|KiB|MB|MiB|GB|GiB|TB|TiB)\s*$",
    "An amount of memory or disk with its unit: B, KB, MB, GB or TB. As in Mesos, MB means MiB \
     (2^20 bytes), GB means GiB, and so on.",
    ["512MB", "16GiB", "0.5TiB"]
);
