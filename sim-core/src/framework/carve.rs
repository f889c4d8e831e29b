//! What tasks can use of an offer, and the part that one of them gets.

use policy_api::resources::Value;
use policy_api::{Quantities, Resource, Resources, Scalar};

/// Which resources the tasks of a framework use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResourceKind {
    /// What is not taken away again.
    #[default]
    Regular,
    /// What may be taken away again, and nothing else: best effort.
    Revocable,
}

/// What tasks can use of an offer: scalars of this kind that are not whole disks or volumes.
pub(super) fn usable(resources: &Resources, kind: ResourceKind) -> Quantities {
    let is_regular = kind == ResourceKind::Regular;
    if resources.is_plain() {
        return if is_regular { *resources.plain_amounts() } else { Quantities::ZERO };
    }
    resources.filter(is_regular, |resource| is_usable(resource, kind)).scalar_quantities()
}

fn is_usable(resource: &Resource, kind: ResourceKind) -> bool {
    let is_revocable = kind == ResourceKind::Revocable;
    resource.revocable == is_revocable && resource.is_divisible() && resource.disk.is_none()
}

/// The resources for a task of this demand out of an offer that covers it: reserved ones first,
/// because nobody else can use them.
pub(super) fn carve(offered: &Resources, demand: &Quantities, kind: ResourceKind) -> Resources {
    let mut missing = *demand;
    let mut part = Resources::EMPTY;
    for entry in offered.others() {
        let resource = &entry.resource;
        if let (true, Some(scalar), Some(amount)) =
            (is_usable(resource, kind), Scalar::from_name(&resource.name), resource.scalar())
        {
            let taken = amount.min(missing[scalar]);
            missing[scalar] -= taken;
            part.add_resource(Resource { value: Value::Scalar(taken), ..resource.clone() });
        }
    }
    part.add(&Resources::plain(missing));
    part
}
