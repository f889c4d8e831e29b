//! What tasks can use of an offer, and the part that one of them gets.

use policy_api::resources::Value;
use policy_api::{Quantities, Resource, Resources, Scalar};

/// What tasks can use of an offer: scalars that are not revocable and not whole disks or volumes.
pub(super) fn usable(resources: &Resources) -> Quantities {
    if resources.is_plain() {
        return *resources.plain_amounts();
    }
    resources.filter(true, is_usable).scalar_quantities()
}

fn is_usable(resource: &Resource) -> bool {
    !resource.revocable && resource.is_divisible() && resource.disk.is_none()
}

/// The resources for a task of this demand out of an offer that covers it: reserved ones first,
/// because nobody else can use them.
pub(super) fn carve(offered: &Resources, demand: &Quantities) -> Resources {
    let mut missing = *demand;
    let mut part = Resources::EMPTY;
    for entry in offered.others() {
        let resource = &entry.resource;
        if let (true, Some(scalar), Some(amount)) =
            (is_usable(resource), Scalar::from_name(&resource.name), resource.scalar())
        {
            let taken = amount.min(missing[scalar]);
            missing[scalar] -= taken;
            part.add_resource(Resource { value: Value::Scalar(taken), ..resource.clone() });
        }
    }
    part.add(&Resources::plain(missing));
    part
}
