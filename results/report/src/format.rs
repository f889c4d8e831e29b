//! Numbers as people read them.

/// Narrow no-break space: groups digits and keeps a number with its unit.
pub(crate) const THIN: char = '\u{202f}';

/// Four significant digits at least, all digits of the whole part, in groups of three.
pub(crate) fn number(value: f64) -> String {
    if !value.is_finite() {
        return value.to_string();
    }
    if value.abs() >= 1e15 || (value != 0.0 && value.abs() < 1e-4) {
        return format!("{value:.3e}");
    }
    let decimals = match value.abs() {
        size if size >= 1000.0 || is_whole(value) => 0,
        size if size >= 100.0 => 1,
        size if size >= 10.0 => 2,
        size if size >= 1.0 => 3,
        size if size >= 0.1 => 4,
        size if size >= 0.01 => 5,
        _ => 6,
    };
    let text = format!("{value:.decimals$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{}{point}{fraction}", grouped(whole))
}

/// `1234567` as `1 234 567`; numbers of four digits stay whole.
fn grouped(whole: &str) -> String {
    let digits = whole.trim_start_matches('-').len();
    if digits <= 4 {
        return whole.to_owned();
    }
    let sign = whole.len() - digits;
    let mut out = String::with_capacity(whole.len() + digits);
    for (place, digit) in whole.chars().enumerate() {
        if place > sign && (whole.len() - place).is_multiple_of(3) {
            out.push(THIN);
        }
        out.push(digit);
    }
    out
}

/// Short form for axes: `250`, `1.5k`, `20M`.
pub(crate) fn short(value: f64) -> String {
    const STEPS: [(f64, &str); 5] = [(1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    let (scale, suffix) =
        STEPS.into_iter().find(|(scale, _)| value.abs() >= *scale * 0.999_999).unwrap_or((1.0, ""));
    format!("{}{suffix}", short_exact(value / scale))
}

/// A round number without the tail that arithmetic in doubles leaves: `0.3`, not `0.30000000004`.
pub(crate) fn short_exact(value: f64) -> String {
    if value != 0.0 && value.abs() < 1e-5 {
        return format!("{value:.0e}");
    }
    format!("{value:.7}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A length of time in the largest unit of which it has at least one and a half.
pub(crate) fn duration(seconds: f64) -> String {
    let (scale, unit) = match seconds.abs() {
        size if size >= 1.5 * 86_400.0 => (86_400.0, "d"),
        size if size >= 1.5 * 3_600.0 => (3_600.0, "h"),
        size if size >= 90.0 => (60.0, "min"),
        size if size >= 0.1 || size <= 0.0 => (1.0, "s"),
        _ => (1e-3, "ms"),
    };
    format!("{}{THIN}{unit}", three_digits(seconds / scale))
}

/// An amount of a resource with its unit. Mesos counts memory and disk in MB of 2^20 bytes.
pub(crate) fn amount(resource: &str, value: f64) -> String {
    let (scale, unit) = match (resource, value) {
        ("mem" | "disk", size) if size >= 1024.0 * 1024.0 => (1024.0 * 1024.0, "TiB"),
        ("mem" | "disk", size) if size >= 1024.0 => (1024.0, "GiB"),
        ("mem" | "disk", _) => (1.0, "MiB"),
        ("cpus", _) => (1.0, "cores"),
        ("gpus", _) => (1.0, "GPUs"),
        _ => (1.0, ""),
    };
    format!("{}{THIN}{unit}", three_digits(value / scale))
}

/// Three significant digits, but all of the whole part.
fn three_digits(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        _ => 2,
    };
    let text = format!("{value:.decimals$}");
    let text = if decimals == 0 { &text } else { text.trim_end_matches('0').trim_end_matches('.') };
    grouped(text)
}

pub(crate) fn is_whole(value: f64) -> bool {
    value.fract().abs() < f64::EPSILON
}

/// A name as one line of visible characters, no longer than `most`: control characters would make
/// an SVG file invalid.
pub(crate) fn label(name: &str, most: usize) -> String {
    let clean = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    if name.chars().count() <= most {
        return name.chars().map(clean).collect();
    }
    name.chars().take(most - 1).map(clean).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_four_digits() {
        let cases = [
            (0.0, "0"),
            (1234.0, "1234"),
            (12_345.678, "12\u{202f}346"),
            (-1_234_567.0, "-1\u{202f}234\u{202f}567"),
            (0.75, "0.75"),
            (2.345_67, "2.346"),
            (99.996, "100"),
            (0.000_01, "1.000e-5"),
            (1e12, "1\u{202f}000\u{202f}000\u{202f}000\u{202f}000"),
        ];
        for (value, expected) in cases {
            assert_eq!(number(value), expected);
        }
    }

    #[test]
    fn units_follow_the_size() {
        assert_eq!(short(2500.0), "2.5k");
        assert_eq!(short(0.25), "0.25");
        assert_eq!(short(1e12), "1T");
        assert_eq!(duration(90.0), "1.5\u{202f}min");
        assert_eq!(duration(0.02), "20\u{202f}ms");
        assert_eq!(duration(604_800.0), "7\u{202f}d");
        assert_eq!(amount("mem", 1024.0 * 1536.0), "1.5\u{202f}TiB");
        assert_eq!(amount("cpus", 12_500.0), "12\u{202f}500\u{202f}cores");
    }

    #[test]
    fn labels_are_short_and_visible() {
        assert_eq!(label("a\u{0}b", 8), "a\u{fffd}b");
        assert_eq!(label("production", 6), "produ…");
    }
}
