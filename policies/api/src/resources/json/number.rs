//! Doubles as the recordings print them: Grisu2 in the form of `RapidJSON` 1.1, which Mesos writes
//! its JSON with. It does not always find the nearest digits, and the recordings show that.

use std::fmt::Write;

/// `10^k` as `f * 2^e` with 64 bits, for every eighth `k` from -60 on. Enough for all doubles that
/// amounts can be.
const CACHED_POWERS: [(u64, i32); 16] = [
    (0xcdb0_2555_6531_31b6, -263),
    (0x993f_e2c6_d07b_7fac, -236),
    (0xe45c_10c4_2a2b_3b06, -210),
    (0xaa24_2499_6973_92d3, -183),
    (0xfd87_b5f2_8300_ca0e, -157),
    (0xbce5_0864_9211_1aeb, -130),
    (0x8cbc_cc09_6f50_88cc, -103),
    (0xd1b7_1758_e219_652c, -77),
    (0x9c40_0000_0000_0000, -50),
    (0xe8d4_a510_0000_0000, -24),
    (0xad78_ebc5_ac62_0000, 3),
    (0x813f_3978_f894_0984, 30),
    (0xc097_ce7b_c907_15b3, 56),
    (0x8f7e_32ce_7bea_5c70, 83),
    (0xd5d2_38a4_abe9_8068, 109),
    (0x9f4f_2726_179a_2245, 136),
];
const FIRST_POWER: i32 = -60;

/// `significand * 2^exponent`.
#[derive(Clone, Copy)]
struct Binary {
    significand: u64,
    exponent: i32,
}

impl Binary {
    fn normalized(self) -> Self {
        let shift = self.significand.leading_zeros();
        Self {
            significand: self.significand << shift,
            exponent: self.exponent - shift.cast_signed(),
        }
    }

    fn times(self, other: Self) -> Self {
        let product = u128::from(self.significand) * u128::from(other.significand);
        let rounded = (product + (1 << 63)) >> 64;
        Self {
            significand: u64::try_from(rounded).unwrap_or(u64::MAX),
            exponent: self.exponent + other.exponent + 64,
        }
    }
}

/// Writes a finite double that is not negative: `2.0`, `0.25`, `1e30`.
pub(super) fn write_double(value: f64, out: &mut String) {
    if value == 0.0 {
        out.push_str("0.0");
        return;
    }
    if !(1e-12..1e15).contains(&value) {
        // Outside of what amounts can be.
        let _ = write!(out, "{value:?}");
        return;
    }
    let (digits, exponent) = grisu(value);
    let point = digits.len().cast_signed() + exponent as isize;
    let text: String = digits.iter().map(|&digit| char::from(digit)).collect();
    if point <= 0 {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', point.unsigned_abs()));
        out.push_str(&text);
    } else if point.unsigned_abs() >= text.len() {
        out.push_str(&text);
        out.extend(std::iter::repeat_n('0', point.unsigned_abs() - text.len()));
        out.push_str(".0");
    } else {
        let (whole, decimals) = text.split_at(point.unsigned_abs());
        out.push_str(whole);
        out.push('.');
        out.push_str(decimals);
    }
}

/// Decimal digits and the power of ten that they are multiplied with.
fn grisu(value: f64) -> (Vec<u8>, i32) {
    let bits = value.to_bits();
    let hidden = 1_u64 << 52;
    let biased = i32::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
    let double =
        Binary { significand: (bits & (hidden - 1)) | hidden, exponent: biased - 0x3ff - 52 };
    let upper =
        Binary { significand: (double.significand << 1) + 1, exponent: double.exponent - 1 }
            .normalized();
    let lower = if double.significand == hidden {
        Binary { significand: (double.significand << 2) - 1, exponent: double.exponent - 2 }
    } else {
        Binary { significand: (double.significand << 1) - 1, exponent: double.exponent - 1 }
    };
    let lower = Binary {
        significand: lower.significand << (lower.exponent - upper.exponent),
        exponent: upper.exponent,
    };

    let estimate = f64::from(-61 - upper.exponent) * 0.301_029_995_663_981_14 + 347.0;
    #[expect(clippy::cast_possible_truncation, reason = "a few hundred")]
    let index = ((estimate.ceil() as i32) >> 3) + 1;
    let power = -348 + index * 8;
    let entry = usize::try_from((power - FIRST_POWER) / 8).unwrap_or(0);
    let (significand, exponent) = CACHED_POWERS[entry.min(CACHED_POWERS.len() - 1)];
    let scale = Binary { significand, exponent };

    let middle = double.normalized().times(scale);
    let mut upper = upper.times(scale);
    let mut lower = lower.times(scale);
    lower.significand += 1;
    upper.significand -= 1;
    let (digits, kappa) = digits(middle, upper, upper.significand - lower.significand);
    (digits, kappa - power)
}

fn digits(middle: Binary, upper: Binary, mut delta: u64) -> (Vec<u8>, i32) {
    let shift = upper.exponent.unsigned_abs();
    let one = 1_u64 << shift;
    let distance = upper.significand - middle.significand;
    let mut whole = upper.significand >> shift;
    let mut fraction = upper.significand & (one - 1);
    let mut kappa = whole.checked_ilog10().map_or(0, |log| log.cast_signed() + 1);
    let mut digits = Vec::with_capacity(20);
    while kappa > 0 {
        kappa -= 1;
        let ten = 10_u64.pow(kappa.unsigned_abs());
        push_digit(&mut digits, whole / ten);
        whole %= ten;
        let rest = (whole << shift) + fraction;
        if rest <= delta {
            round(&mut digits, delta, rest, ten << shift, distance);
            return (digits, kappa);
        }
    }
    loop {
        fraction = fraction.wrapping_mul(10);
        delta = delta.wrapping_mul(10);
        push_digit(&mut digits, fraction >> shift);
        fraction &= one - 1;
        kappa -= 1;
        if fraction < delta {
            // RapidJSON's table of powers ends here; beyond it nothing is rounded.
            let scale = if kappa > -9 { 10_u64.pow(kappa.unsigned_abs()) } else { 0 };
            round(&mut digits, delta, fraction, one, distance.wrapping_mul(scale));
            return (digits, kappa);
        }
    }
}

fn push_digit(digits: &mut Vec<u8>, digit: u64) {
    if digit != 0 || !digits.is_empty() {
        digits.push(b'0' + u8::try_from(digit).unwrap_or(9));
    }
}

/// Brings the last digit as near to the value as it can be.
fn round(digits: &mut [u8], delta: u64, mut rest: u64, unit: u64, distance: u64) {
    let Some(last) = digits.last_mut() else { return };
    while rest < distance
        && delta - rest >= unit
        && (rest + unit < distance || distance - rest > rest + unit - distance)
    {
        *last -= 1;
        rest += unit;
    }
}

#[cfg(test)]
mod tests {
    use super::write_double;
    use crate::quantities::amount_to_f64;

    fn text(value: f64) -> String {
        let mut out = String::new();
        write_double(value, &mut out);
        out
    }

    #[test]
    fn doubles_as_in_the_recordings() {
        assert_eq!(text(0.1), "0.1");
        assert_eq!(text(100.5), "100.5");
        assert_eq!(text(4096.0), "4096.0");
        assert_eq!(text(0.012), "0.012");
        assert_eq!(text(100.833_333_333_333_33), "100.83333333333333");
        assert_eq!(text(0.300_000_000_000_000_04), "0.30000000000000007");
        assert_eq!(text(0.700_000_000_000_000_1), "0.7000000000000001");
        assert_eq!(text(amount_to_f64(2687)), "2.6870000000000004");
    }

    #[test]
    fn reads_back_as_the_same_double() {
        for amount in (1..2_000_000).step_by(7) {
            let value = amount_to_f64(amount);
            assert_eq!(text(value).parse::<f64>().map(f64::to_bits), Ok(value.to_bits()));
        }
    }
}
