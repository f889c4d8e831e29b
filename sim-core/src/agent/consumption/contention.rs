//! Who gets what of processors that all want more of (`spec/agent.md` 8.6).

use policy_api::Amount;

/// What a container wants of the processors.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    /// Its `cpu.shares`.
    pub(super) shares: u64,
    /// In cores.
    pub(super) demand: f64,
    /// Whether its cores may be taken away again.
    pub(super) is_revocable: bool,
    /// What it is granted, in cores.
    pub(super) granted: f64,
}

/// `cpu.shares` of a container with so many thousandths of a core.
pub(super) fn shares(cpus: Amount, low_priority: bool) -> u64 {
    let per_cpu = if low_priority { 10 } else { 1024 };
    u64::try_from(cpus).unwrap_or_default().saturating_mul(per_cpu).div_euclid(1000).max(2)
}

/// The cores that CFS quota lets a container have: 100 ms for each core in 100 ms, and at least 1 ms.
pub(super) fn quota(cpus: Amount) -> f64 {
    (cpus as f64 / 1000.0).max(0.01)
}

/// Grants each what it wants, where there is enough. Where there is not, whoever wants less than its
/// share gets that, and the others divide the rest by their shares.
pub(super) fn divide(capacity: f64, claims: &mut [Claim]) {
    let mut order: Vec<usize> = (0..claims.len()).collect();
    let modesty = |index: &usize| claims[*index].demand / claims[*index].shares as f64;
    order.sort_by(|left, right| modesty(left).total_cmp(&modesty(right)));
    let (mut left, mut shares) = (capacity, claims.iter().map(|it| it.shares as f64).sum::<f64>());
    for index in order {
        let claim = &mut claims[index];
        let own = claim.shares as f64;
        claim.granted = claim.demand.min(left * own / shares);
        left = (left - claim.granted).max(0.0);
        shares -= own;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(capacity: f64, claims: &[(u64, f64)]) -> Vec<f64> {
        let claim = |&(shares, demand)| Claim { shares, demand, is_revocable: false, granted: 0.0 };
        let mut claims: Vec<Claim> = claims.iter().map(claim).collect();
        divide(capacity, &mut claims);
        claims.iter().map(|claim| (claim.granted * 1e6).round() / 1e6).collect()
    }

    #[test]
    fn shares_are_those_of_mesos() {
        assert_eq!(shares(1000, false), 1024);
        assert_eq!(shares(1500, true), 15);
        assert_eq!(shares(10, true), 2);
        assert_eq!(shares(1, false), 2);
        assert!((quota(1500) - 1.5).abs() < 1e-12 && (quota(1) - 0.01).abs() < 1e-12);
    }

    #[test]
    fn who_wants_little_gets_it() {
        assert_eq!(granted(4.0, &[(1024, 1.0), (1024, 2.5)]), [1.0, 2.5]);
        assert_eq!(granted(4.0, &[(1024, 1.0), (1024, 4.0), (2048, 4.0)]), [1.0, 1.0, 2.0]);
        assert_eq!(
            granted(4.0, &[(1024, 0.5), (1024, 4.0), (2048, 4.0)]),
            [0.5, 1.166_667, 2.333_333]
        );
        assert_eq!(granted(2.0, &[]), [0.0; 0]);
    }

    #[test]
    fn a_revocable_core_gets_about_a_hundredth() {
        assert_eq!(granted(1.0, &[(1024, 1.0), (10, 1.0)]), [0.990_329, 0.009_671]);
    }
}
