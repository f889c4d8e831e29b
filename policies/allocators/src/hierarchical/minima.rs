//! What an offer must at least contain, prepared for being asked all the time.

use policy_api::{MinAllocatable, NamedQuantities, Quantities, Resources, Scalar};

/// An offer must contain one of these; anything goes when there are none.
#[derive(Clone, Debug, Default)]
pub(super) struct Minima(Vec<Minimum>);

#[derive(Clone, Debug)]
struct Minimum {
    named: NamedQuantities,
    /// The part of it that quick tables hold.
    standard: Quantities,
    /// A thousandth more than `standard`, where that is all of it. What contains this surely
    /// contains the minimum; at exactly the minimum it depends on how Mesos's doubles add up.
    surely: Option<Quantities>,
}

impl Minima {
    pub(super) fn new(minima: &MinAllocatable) -> Self {
        Self(minima.iter().map(Minimum::new).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the resources are enough for an offer.
    pub(super) fn allow(&self, resources: &Resources) -> bool {
        if resources.is_empty() || self.0.is_empty() {
            return !resources.is_empty();
        }
        let amounts = resources.scalar_quantities();
        self.0.iter().any(|minimum| minimum.is_contained(&amounts, resources))
    }

    /// The standard scalars of each.
    pub(super) fn scalars(&self) -> impl Iterator<Item = &Quantities> {
        self.0.iter().map(|minimum| &minimum.standard)
    }
}

impl Minimum {
    fn new(named: &NamedQuantities) -> Self {
        let (mut standard, mut surely) = (Quantities::ZERO, Quantities::ZERO);
        let mut only_standard = true;
        for (name, amount) in named.iter() {
            if let Some(scalar) = Scalar::from_name(name) {
                standard[scalar] = amount;
                surely[scalar] = amount.saturating_add(1);
            } else {
                only_standard = false;
            }
        }
        Self { named: named.clone(), standard, surely: only_standard.then_some(surely) }
    }

    /// `amounts`: those of the resources.
    fn is_contained(&self, amounts: &Quantities, resources: &Resources) -> bool {
        self.surely.is_some_and(|surely| amounts.contains(&surely))
            || (amounts.contains(&self.standard) && resources.contains_quantities(&self.named))
    }
}
