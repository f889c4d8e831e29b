//! Axes: where a value stands, which values get a tick, and in which unit they are written.

use crate::format;

#[derive(Clone, Debug)]
pub(crate) struct Axis {
    pub(crate) title: String,
    pub(crate) scale: Scale,
    pub(crate) ticks: Vec<Tick>,
}

#[derive(Clone, Debug)]
pub(crate) struct Tick {
    /// In the axis's own values.
    pub(crate) at: f64,
    /// None for a line of the grid between two labels.
    pub(crate) label: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Scale {
    Linear {
        low: f64,
        high: f64,
    },
    /// Exponents of ten. A share `zero` of the axis, at its start, is set apart for the value 0.
    Logarithmic {
        low: f64,
        high: f64,
        zero: f64,
    },
}

impl Scale {
    /// Where `value` stands, as a fraction of the axis; values beyond it stand at its ends.
    pub(crate) fn place(self, value: f64) -> f64 {
        match self {
            Self::Linear { low, high } => ((value - low) / (high - low)).clamp(0.0, 1.0),
            Self::Logarithmic { zero, .. } if value <= 0.0 => zero / 2.0,
            Self::Logarithmic { low, high, zero } => {
                zero + (1.0 - zero) * ((value.log10() - low) / (high - low)).clamp(0.0, 1.0)
            }
        }
    }

    /// Whether `value` stands where it belongs and not at an end for want of room.
    pub(crate) fn holds(self, value: f64) -> bool {
        match self {
            Self::Linear { low, high } => (low..=high).contains(&value),
            Self::Logarithmic { low, high, .. } => (low..=high).contains(&value.log10()),
        }
    }
}

impl Axis {
    /// Virtual time in seconds, written in the unit that suits the length of the run.
    pub(crate) fn time(start: f64, end: f64) -> Self {
        let length = end - start;
        let (unit, seconds, steps): (_, _, &[f64]) = match length {
            length if length > 3.0 * 86_400.0 => {
                ("d", 86_400.0, &[0.5, 1.0, 2.0, 5.0, 7.0, 14.0, 28.0])
            }
            length if length > 3.0 * 3_600.0 => ("h", 3_600.0, &[0.5, 1.0, 2.0, 3.0, 6.0, 12.0]),
            length if length > 180.0 => ("min", 60.0, &[0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0]),
            _ => ("s", 1.0, &[1.0, 2.0, 5.0, 10.0, 15.0, 30.0]),
        };
        let (start, end) = if length > 0.0 { (start, end) } else { (start - 0.5, start + 0.5) };
        let span = (end - start) / seconds;
        let step = match steps.iter().find(|step| span / **step <= 10.0) {
            Some(step) if span / step >= 3.0 => *step,
            _ => round_step(span, 8.0),
        };
        let ticks = multiples(start / seconds, end / seconds, step)
            .map(|at| Tick { at: at * seconds, label: Some(time_label(at)) });
        Self {
            title: format!("virtual time ({unit})"),
            scale: Scale::Linear { low: start, high: end },
            ticks: ticks.collect(),
        }
    }

    /// From zero to a round number not below `most`.
    pub(crate) fn from_zero(title: String, most: f64) -> Self {
        let most = if most > 0.0 { most } else { 1.0 };
        let step = round_step(most, 5.0);
        let high = (most / step - 1e-9).ceil() * step;
        let ticks = multiples(0.0, high, step)
            .map(|at| Tick { at, label: Some(format::short(at)) })
            .collect();
        Self { title, scale: Scale::Linear { low: 0.0, high }, ticks }
    }

    /// A cumulative fraction.
    pub(crate) fn fraction(title: &str) -> Self {
        let ticks = (0..=5).map(|fifths| f64::from(fifths) / 5.0);
        Self {
            title: title.to_owned(),
            scale: Scale::Linear { low: 0.0, high: 1.0 },
            ticks: ticks.map(|at| Tick { at, label: Some(format!("{at:.1}")) }).collect(),
        }
    }

    /// Logarithmic over the positive ones of `values`, with a place of its own for zero if it is
    /// among them.
    pub(crate) fn logarithmic(title: String, values: impl Iterator<Item = f64>) -> Self {
        let (mut least, mut greatest, mut has_zero) = (f64::INFINITY, 0.0_f64, false);
        for value in values {
            if value > 0.0 {
                (least, greatest) = (least.min(value), greatest.max(value));
            } else {
                has_zero = true;
            }
        }
        let (low, high) = match (least.log10(), greatest.log10()) {
            (low, high) if low > high => (0.0, 1.0), // nothing but zeros
            (low, high) if high - low < 0.5 => (low - 0.25, high + 0.25),
            (low, high) => {
                let margin = 0.03 * (high - low);
                (low - margin, high + margin)
            }
        };
        let mut ticks = logarithmic_ticks(low, high);
        if has_zero {
            ticks.insert(0, Tick { at: 0.0, label: Some("0".to_owned()) });
        }
        let zero = if has_zero { 0.07 } else { 0.0 };
        Self { title, scale: Scale::Logarithmic { low, high, zero }, ticks }
    }
}

fn time_label(at: f64) -> String {
    if at >= 1e5 { format::short(at) } else { format::short_exact(at) }
}

/// Powers of ten with labels, as many as have room; below six decades the digits between them too.
fn logarithmic_ticks(low: f64, high: f64) -> Vec<Tick> {
    let decades = high - low;
    let every = (decades / 10.0).ceil().max(1.0);
    // Two decades hold too few powers of ten to be read by.
    let labelled: &[f64] = if decades < 2.5 { &[2.0, 5.0] } else { &[] };
    let mut ticks = Vec::new();
    let mut exponent = low.floor();
    while exponent <= high {
        for digit in 1_u8..=9 {
            let digit = f64::from(digit);
            let position = exponent + digit.log10();
            let whole = digit < 1.5;
            if position < low || position > high || (!whole && decades > 6.0) {
                continue;
            }
            let at = 10.0_f64.powf(position);
            let marked = labelled.iter().any(|label| (label - digit).abs() < 0.5);
            let label = (marked || whole && (exponent / every).fract().abs() < 1e-9)
                .then(|| decimal(digit, exponent));
            ticks.push(Tick { at, label });
        }
        exponent += 1.0;
    }
    ticks
}

/// `digit` times ten to the `exponent`: in full from thousandths to ten thousands, else as a power.
#[expect(clippy::cast_possible_truncation, reason = "the exponent of a double is small")]
fn decimal(digit: f64, exponent: f64) -> String {
    let whole = exponent.round() as i32;
    if (-3..=4).contains(&whole) {
        return format::short_exact(digit * 10.0_f64.powi(whole));
    }
    let raised = whole.to_string().chars().map(superscript).collect::<String>();
    if digit < 1.5 { format!("10{raised}") } else { format!("{digit}·10{raised}") }
}

fn superscript(c: char) -> char {
    match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '0' => '⁰',
        '4'..='9' => char::from_u32(u32::from('⁴') + u32::from(c) - u32::from('4')).unwrap_or(c),
        other => other,
    }
}

/// 1, 2, 2.5 or 5 times a power of ten, the least of which at most `pieces` go into `length`.
fn round_step(length: f64, pieces: f64) -> f64 {
    let rough = length / pieces;
    let power = 10.0_f64.powf(rough.log10().floor());
    let factor =
        [1.0, 2.0, 2.5, 5.0].into_iter().find(|factor| factor * power >= rough * 0.999_999);
    factor.unwrap_or(10.0) * power
}

/// The multiples of `step` from `low` to `high`.
fn multiples(low: f64, high: f64, step: f64) -> impl Iterator<Item = f64> {
    let first = (low / step - 1e-6).ceil();
    (0..100)
        .map(move |count| (first + f64::from(count)) * step + 0.0)
        .take_while(move |at| *at <= high + 1e-6 * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> String {
        let labels: Vec<_> = axis.ticks.iter().filter_map(|tick| tick.label.clone()).collect();
        format!("{}: {}", axis.title, labels.join(" "))
    }

    #[test]
    fn time_is_written_in_the_unit_of_the_run() {
        let cases = [
            ((0.0, 60.0), "virtual time (s): 0 10 20 30 40 50 60"),
            ((0.0, 3_600.0), "virtual time (min): 0 10 20 30 40 50 60"),
            ((0.0, 86_400.0), "virtual time (h): 0 3 6 9 12 15 18 21 24"),
            ((0.0, 7.0 * 86_400.0), "virtual time (d): 0 1 2 3 4 5 6 7"),
            (
                (0.0, 0.002),
                "virtual time (s): 0 0.00025 0.0005 0.00075 0.001 0.00125 0.0015 0.00175 0.002",
            ),
        ];
        for ((start, end), expected) in cases {
            assert_eq!(labels(&Axis::time(start, end)), expected);
        }
        assert_eq!(labels(&Axis::time(0.0, 1e12)), "virtual time (d): 0 2M 4M 6M 8M 10M");
        assert!(!Axis::time(5.0, 5.0).ticks.is_empty());
    }

    #[test]
    fn linear_axes_end_on_a_round_number() {
        assert_eq!(labels(&Axis::from_zero("x".into(), 93.0)), "x: 0 20 40 60 80 100");
        assert_eq!(labels(&Axis::from_zero("x".into(), 1e12)), "x: 0 200G 400G 600G 800G 1T");
        assert_eq!(labels(&Axis::from_zero("x".into(), 0.0)), "x: 0 0.2 0.4 0.6 0.8 1");
    }

    #[test]
    fn zero_has_its_place_on_a_logarithmic_axis() {
        let values = [0.0, 0.001, 2e6].into_iter();
        let axis = Axis::logarithmic("x".into(), values);
        assert_eq!(labels(&axis), "x: 0 0.001 0.01 0.1 1 10 100 1000 10000 10⁵ 10⁶");
        assert!(axis.scale.place(0.0) < axis.scale.place(0.001));
        let zeros = Axis::logarithmic("x".into(), [0.0, 0.0].into_iter());
        assert_eq!(labels(&zeros), "x: 0 1 2 5 10");
    }
}
