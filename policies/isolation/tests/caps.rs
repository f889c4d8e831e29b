//! Caps of containers and bursts (`spec/network.md` 3.2, 6.3, 6.7 and the vectors of section 7).

use policy_api::{Shaping, Span, Time};
use policy_isolation::caps::{
    BucketEvent, Cap, CapError, CapFlags, CapHost, DEFAULT_MINIMUM, PerCpu, Shape, TokenBucket,
};

const HOST: CapHost =
    CapHost { link_speed: 1_250_000_000, cpus: 32, default_minimum: DEFAULT_MINIMUM };

#[track_caller]
fn cap(flags: CapFlags, host: CapHost) -> Cap {
    Cap::new(&flags, &host).expect("flags that fit").expect("a limit")
}

fn rates<const N: usize>(cap: Cap, cpus: [i64; N]) -> [u64; N] {
    cpus.map(|cpus| cap.shape(cpus).rate)
}

#[test]
fn scale_egress_with_cpu() {
    let flags = CapFlags {
        per_cpu: Some(PerCpu::Rate(1000)),
        minimum: Some(2000),
        maximum: Some(4000),
        ..CapFlags::default()
    };
    assert_eq!(rates(cap(flags, HOST), [1000, 3100, 5000]), [2000, 3000, 4000]);
    assert_eq!(cap(flags, HOST).per_cpu(), Some(1000));
}

/// More than 32 bits of bytes a second.
#[test]
fn scale_egress_with_cpu_large() {
    let flags = CapFlags {
        per_cpu: Some(PerCpu::Auto),
        minimum: Some(625_000_000),
        maximum: Some(11_250_000_000),
        ..CapFlags::default()
    };
    let host = CapHost { link_speed: 12_500_000_000, cpus: 64, ..HOST };
    let cap = cap(flags, host);
    assert_eq!(cap.per_cpu(), Some(195_312_500));
    assert_eq!(rates(cap, [30_000, 1000, 60_000]), [5_859_375_000, 625_000_000, 11_250_000_000]);
}

#[test]
fn scale_egress_with_cpu_auto_config() {
    let flags = CapFlags { per_cpu: Some(PerCpu::Auto), ..CapFlags::default() };
    let cap = cap(flags, CapHost { link_speed: 10_000, cpus: 10, ..HOST });
    assert_eq!(cap.per_cpu(), Some(1000));
    assert_eq!(rates(cap, [2000, 200_000]), [DEFAULT_MINIMUM, 200_000]);
}

/// The default minimum lifts a fixed limit too, but there was none in 0.23.
#[test]
fn the_default_minimum_is_a_trap() {
    let fixed = CapFlags { fixed: Some(2000), ..CapFlags::default() };
    assert_eq!(rates(cap(fixed, HOST), [1000]), [125_000]);
    assert_eq!(rates(cap(CapFlags { minimum: Some(0), ..fixed }, HOST), [1000]), [2000]);
    let old = CapHost { default_minimum: 0, ..HOST };
    assert_eq!(rates(cap(fixed, old), [1000, 9000]), [2000, 2000]);
    assert_eq!(cap(fixed, old).per_cpu(), None);
}

#[test]
fn no_limit_means_no_shaping() {
    let flags = CapFlags { minimum: Some(10), maximum: Some(20), ..CapFlags::default() };
    assert_eq!(Cap::new(&flags, &HOST), Ok(None));
}

#[test]
fn a_ceil_counts_above_the_rate_only() {
    let flags = CapFlags {
        fixed: Some(1_000_000),
        ceil: Some(3_000_000),
        burst: Some(50_000),
        ..CapFlags::default()
    };
    let shape = Shape { rate: 1_000_000, ceil: 3_000_000, burst: Some(50_000) };
    assert_eq!(cap(flags, HOST).shape(1000), shape);
    let low = CapFlags { ceil: Some(1_000_000), ..flags };
    let shape = Shape { rate: 1_000_000, ceil: 1_000_000, burst: None };
    assert_eq!(cap(low, HOST).shape(1000), shape);
}

/// 2.1, numbers 6 and 7; a maximum above the link's speed is no error.
#[test]
fn all_errors_at_once() {
    let flags = CapFlags {
        fixed: Some(2000),
        per_cpu: Some(PerCpu::Auto),
        minimum: Some(1500),
        maximum: Some(1200),
        ..CapFlags::default()
    };
    let host = CapHost { link_speed: 1000, cpus: 0, ..HOST };
    assert_eq!(
        Cap::new(&flags, &host),
        Err(vec![
            CapError::FixedAndPerCpu,
            CapError::MinimumAboveMaximum { minimum: 1500, maximum: 1200 },
            CapError::FixedAboveLink(2000, 1000),
            CapError::MinimumAboveLink(1500, 1000),
            CapError::NoCpus,
        ])
    );
    let maximum = CapFlags { fixed: Some(10), maximum: Some(2000), ..CapFlags::default() };
    assert!(Cap::new(&maximum, &host).is_ok());
}

fn at(secs: f64) -> Time {
    Time::ZERO + Span::from_secs_f64(secs).expect("seconds")
}

fn bucket(rate: u64, ceil: u64, burst: u64) -> TokenBucket {
    TokenBucket::new(Time::ZERO, Shape { rate, ceil, burst: Some(burst) })
}

#[track_caller]
fn assert_close(value: f64, expected: f64) {
    assert!((value - expected).abs() <= 1e-9 * expected.abs(), "{value} instead of {expected}");
}

/// A busy period sends at the ceil for burst / (ceil - rate), then at the rate.
#[test]
fn a_busy_period_begins_with_a_burst() {
    let mut bucket = bucket(100, 300, 1000);
    assert_close(bucket.limit(), 300.0);
    assert_eq!(bucket.use_rate(at(1.0), 300.0), Some((at(6.0), BucketEvent::Empty)));
    assert_eq!(bucket.wake(at(5.0)), None, "nothing was announced for then");
    assert_eq!(bucket.wake(at(6.0)), Some(BucketEvent::Empty));
    assert_close(bucket.limit(), 100.0);
    assert_eq!(bucket.use_rate(at(6.0), 100.0), None);
    assert_eq!(bucket.use_rate(at(16.0), 0.0), Some((at(26.0), BucketEvent::Full)));
    assert_eq!(bucket.throttled(), Span::from_secs(10));
    assert_close(bucket.limit(), 300.0);
    assert_eq!(bucket.wake(at(26.0)), Some(BucketEvent::Full));
    assert_close(bucket.tokens(), 1000.0);
}

#[test]
fn a_change_makes_an_announced_event_stale() {
    let mut bucket = bucket(100, 300, 1000);
    assert_eq!(bucket.use_rate(at(0.0), 300.0), Some((at(5.0), BucketEvent::Empty)));
    assert_eq!(bucket.use_rate(at(4.0), 150.0), Some((at(8.0), BucketEvent::Empty)));
    assert_eq!(bucket.wake(at(5.0)), None);
    assert_eq!(bucket.use_rate(at(6.0), 50.0), Some((at(24.0), BucketEvent::Full)));
    assert_close(bucket.tokens(), 100.0);
    assert_eq!(bucket.wake(at(8.0)), None);
}

#[test]
fn without_a_ceil_there_is_no_burst() {
    let shape = Shape { rate: 100, ceil: 100, burst: None };
    let mut bucket = TokenBucket::new(Time::ZERO, shape);
    assert_close(bucket.limit(), 100.0);
    assert_eq!(bucket.use_rate(at(0.0), 100.0), None);
    assert_eq!(bucket.use_rate(at(1.0), 10.0), None);
    assert_close(bucket.limit(), 100.0);
}

/// `SmallEgressLimit`: 20,480 bytes at 2,000 a second, whatever the burst, take at least what they
/// would without it less the burst.
#[test]
fn small_egress_limit() {
    for (burst, least) in [(0, 10.24), (2048, 9.2)] {
        let mut bucket = bucket(2000, 1_000_000, burst);
        let mut left = 20_480.0;
        let mut now = 0.0;
        while left > 0.0 {
            let limit = bucket.limit();
            let next = bucket.use_rate(at(now), limit);
            let until = next.map_or(f64::INFINITY, |(at, _)| at.as_secs_f64());
            let done = now + left / limit;
            left = if done <= until { 0.0 } else { left - limit * (until - now) };
            now = done.min(until);
            bucket.wake(at(now));
        }
        assert!(now >= least && now < 10.25, "{now}");
    }
}
