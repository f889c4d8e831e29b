//! Values with units.

use policy_api::Span;
use proptest::prelude::*;
use serde::Deserialize;
use workloads::units::{Count, Cpus, Duration, Memory};

#[test]
fn durations_are_read_exactly() {
    let cases = [
        ("0s", 0),
        ("1ns", 1),
        ("250ms", 250_000_000),
        ("1.5us", 1_500),
        ("1.5h", 5_400_000_000_000),
        ("10 s", 10_000_000_000),
        ("2m", 120_000_000_000),
        ("2d", 172_800_000_000_000),
        ("0.6ns", 1),
        ("18446744073.709551615s", u64::MAX),
    ];
    for (text, nanos) in cases {
        let duration: Duration = text.parse().unwrap();
        assert_eq!(duration.span(), Span::from_nanos(nanos), "{text}");
    }
}

#[test]
fn memory_counts_in_powers_of_two_as_mesos_does() {
    let cases = [
        ("512MB", 512_000),
        ("512MiB", 512_000),
        ("16GiB", 16_384_000),
        ("16GB", 16_384_000),
        ("0.5TiB", 524_288_000),
        ("1KB", 1),
        ("0.25MB", 250),
        ("1048576B", 1_000),
        ("0MB", 0),
    ];
    for (text, amount) in cases {
        assert_eq!(text.parse::<Memory>().unwrap().amount(), amount, "{text}");
    }
}

#[test]
fn canonical_texts_use_the_largest_fitting_unit() {
    for (text, canonical) in
        [("1.5h", "90m"), ("48h", "2d"), ("0d", "0s"), ("1000ms", "1s"), ("1001us", "1001us")]
    {
        assert_eq!(text.parse::<Duration>().unwrap().to_string(), canonical);
    }
    for (text, canonical) in [
        ("1024MB", "1GiB"),
        ("0.5TB", "512GiB"),
        ("1536MB", "1536MiB"),
        ("0.5MB", "0.5MiB"),
        ("0GB", "0MiB"),
        ("1024GiB", "1TiB"),
    ] {
        assert_eq!(text.parse::<Memory>().unwrap().to_string(), canonical);
    }
}

const DURATION: &str = "a duration with a unit (ns, us, ms, s, m, h, d), as in \"10s\"";

#[test]
fn wrong_durations_are_explained() {
    let cases = [
        ("10", "`10` has no unit: expected"),
        ("-1s", "`-1s` is negative: expected"),
        ("s", "`s` does not start with a number: expected"),
        ("", "`` does not start with a number: expected"),
        ("1.s", "`1.s` does not start with a number: expected"),
        ("1e3s", "`1e3s` has the unknown unit `e3s`: expected"),
        ("10sec", "`10sec` has the unknown unit `sec`; did you mean `10s`?: expected"),
        ("5mins", "`5mins` has the unknown unit `mins`; did you mean `5m`?: expected"),
        ("5MS", "`5MS` has the unknown unit `MS`; did you mean `5ms`?: expected"),
        ("1000000d", "`1000000d` is too large: expected"),
        ("99999999999999999999d", "`99999999999999999999d` is too large: expected"),
    ];
    for (text, expected) in cases {
        assert_eq!(
            text.parse::<Duration>().unwrap_err().to_string(),
            format!("{expected} {DURATION}")
        );
    }
    let error = "16gib".parse::<Memory>().unwrap_err().to_string();
    assert!(error.contains("did you mean `16GiB`?"), "{error}");
    let error = "16 gigabyte".parse::<Memory>().unwrap_err().to_string();
    assert!(error.contains("did you mean `16GiB`?"), "{error}");
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read to see what is refused")]
struct Table {
    #[serde(default)]
    duration: Duration,
    #[serde(default)]
    memory: Memory,
    #[serde(default)]
    cpus: Cpus,
}

#[test]
fn wrong_values_in_a_file_keep_their_place() {
    let cases = [
        (
            "\nduration = 10",
            "line 2, column 12",
            "`10` has no unit: expected a duration with a unit (ns,",
        ),
        ("duration = 1.5", "line 1, column 12", "`1.5` has no unit"),
        (
            "memory = 512",
            "line 1, column 10",
            "`512` has no unit: expected an amount of memory with a unit (B,",
        ),
        ("memory = '512'", "line 1, column 10", "`512` has no unit"),
        ("cpus = -1", "line 1, column 8", "found `-1`, expected a number from 0"),
        ("cpus = 0.0005", "line 1, column 8", "with at most three decimals"),
        ("cpus = nan", "line 1, column 8", "found `NaN`, expected a number from 0"),
        ("cpus = '4'", "line 1, column 8", "expected a number of at least 0"),
        ("duration = true", "line 1, column 12", "expected a duration with a unit"),
    ];
    for (text, place, problem) in cases {
        let error = toml::from_str::<Table>(text).unwrap_err().to_string();
        assert!(error.contains(place) && error.contains(problem), "{text}:\n{error}");
    }
}

#[test]
fn counts_have_three_decimals() {
    for (number, amount) in
        [(0.0, 0), (0.001, 1), (0.1, 100), (64.0, 64_000), (123_456.789, 123_456_789)]
    {
        assert_eq!(Count::try_from(number).unwrap().amount(), amount);
    }
    assert_eq!(serde_json::to_string(&Count::whole(4)).unwrap(), "4");
    assert_eq!(serde_json::to_string(&Count::from_amount(1_500)).unwrap(), "1.5");
}

proptest! {
    #[test]
    fn durations_survive_their_text(nanos in any::<u64>()) {
        let duration = Duration(Span::from_nanos(nanos));
        prop_assert_eq!(duration.to_string().parse(), Ok(duration));
        let json = serde_json::to_string(&duration).unwrap();
        prop_assert_eq!(serde_json::from_str::<Duration>(&json).unwrap(), duration);
    }

    #[test]
    fn memory_survives_its_text(amount in 0_i64..=1 << 53) {
        let memory = Memory::from_amount(amount);
        prop_assert_eq!(memory.to_string().parse(), Ok(memory));
    }

    #[test]
    fn counts_survive_their_text(amount in 0_i64..=1_000_000_000_000) {
        let count = Count::from_amount(amount);
        let json = serde_json::to_string(&count).unwrap();
        prop_assert_eq!(serde_json::from_str::<Count>(&json).unwrap(), count);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,12}|[0-9.]{0,24}[a-zA-Z]{0,4}") {
        let duration = text.parse::<Duration>();
        let memory = text.parse::<Memory>();
        // What is accepted ends with one of the units.
        prop_assert!(duration.is_err() || text.trim().ends_with(['s', 'm', 'h', 'd']));
        prop_assert!(memory.is_err() || text.trim().ends_with('B'));
    }
}
