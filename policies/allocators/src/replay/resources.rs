//! Resources, quantities and limits as scripts write them.

use policy_api::resources::json::{Parsed, Problem, read_resources, text};
use policy_api::{Amount, Limits, NamedLimits, NamedQuantities, Quantities, Resources};
use serde_json::Value;

/// The largest amount accepted: Mesos's own limit on quota, and far from any overflow of sums.
const MAX_AMOUNT: Amount = 1_099_511_627_776_000;

pub(super) fn resources(value: &Value) -> Parsed<Resources> {
    let sum = read_resources(value)?;
    let named = NamedQuantities::of_scalars(&sum);
    check_amounts(named.iter())?;
    Ok(sum)
}

/// Amounts of any names, such as `cpus:2;ports:10`.
pub(super) fn named_quantities(value: &Value) -> Parsed<NamedQuantities> {
    let named: NamedQuantities = text(value)?.parse().map_err(Problem::new)?;
    check_amounts(named.iter())?;
    Ok(named)
}

/// Amounts of scalars such as `cpus:2;mem:512`.
pub(super) fn quantities(value: &Value) -> Parsed<Quantities> {
    Quantities::try_from(&named_quantities(value)?).map_err(Problem::new)
}

/// Limits of scalars such as `cpus:2;mem:512`; zeros are kept.
pub(super) fn limits(value: &Value) -> Parsed<Limits> {
    let named: NamedLimits = text(value)?.parse().map_err(Problem::new)?;
    check_amounts(named.iter())?;
    Limits::try_from(&named).map_err(Problem::new)
}

fn check_amounts<'a>(mut amounts: impl Iterator<Item = (&'a str, Amount)>) -> Parsed<()> {
    match amounts.find(|&(_, amount)| amount > MAX_AMOUNT) {
        Some((name, _)) => Err(Problem::new(format_args!("the amount of {name} is too large"))),
        None => Ok(()),
    }
}
