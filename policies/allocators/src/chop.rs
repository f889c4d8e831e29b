//! Cutting resources down to a guarantee, a limit or spare headroom (`spec/allocator.md` 1.11).

use policy_api::resources::{DiskSourceKind, Value};
use policy_api::{Amount, Limits, Quantities, Resource, Resources, Scalar, amount_to_f64};
use rand::seq::SliceRandom;
use rand_pcg::Pcg64Mcg;
use std::cmp::Ordering;

/// The order in which objects are taken, where several of one name compete.
#[derive(Clone, Debug)]
pub(crate) enum ChopOrder {
    Random(Pcg64Mcg),
    /// By name, disk source and value: the order of the recordings.
    Fixed,
}

/// Cuts scalars down to amounts. What the target does not name is dropped.
pub(crate) fn shrink_to_quantities(
    resources: &Resources,
    target: &Quantities,
    order: &mut ChopOrder,
) -> Resources {
    if target.is_zero() {
        return Resources::EMPTY;
    }
    if resources.is_plain() {
        return resources.clone().with_plain(resources.plain_amounts().min(target));
    }
    let mut left = *target;
    shrink(resources, order, |resource, amount| {
        let scalar = Scalar::from_name(&resource.name)?;
        let cut = shrink_object(resource, amount, left[scalar])?;
        left[scalar] -= cut;
        Some(cut)
    })
}

/// Cuts scalars down to limits. What has no limit is kept whole.
pub(crate) fn shrink_to_limits(
    resources: &Resources,
    limits: &Limits,
    order: &mut ChopOrder,
) -> Resources {
    if limits.is_empty() {
        return resources.clone();
    }
    if resources.is_plain() {
        return resources.clone().with_plain(limits.cap(resources.plain_amounts()));
    }
    let mut left = *limits;
    shrink(resources, order, |resource, amount| {
        let Some(scalar) = Scalar::from_name(&resource.name) else { return Some(amount) };
        let Some(limit) = &mut left.0[scalar as usize] else { return Some(amount) };
        let cut = shrink_object(resource, amount, *limit)?;
        *limit -= cut;
        Some(cut)
    })
}

fn shrink(
    resources: &Resources,
    order: &mut ChopOrder,
    mut keep: impl FnMut(&Resource, Amount) -> Option<Amount>,
) -> Resources {
    let mut objects: Vec<_> = resources.iter().collect();
    match order {
        ChopOrder::Random(generator) => objects.shuffle(generator),
        ChopOrder::Fixed => objects.sort_by(|left, right| compare(&left.0, &right.0)),
    }
    let mut kept = Resources::EMPTY;
    for (resource, copies) in objects {
        let Some(amount) = resource.scalar() else { continue };
        let Some(cut) = keep(&resource, amount) else { continue };
        if let Some((scalar, whole)) = resource.as_plain_scalar() {
            // Not cut, it stays the double that it was.
            let value =
                if cut == whole { resources.plain_double(scalar) } else { amount_to_f64(cut) };
            kept.add_plain_double(scalar, value, cut);
            continue;
        }
        if cut == amount {
            kept.add_copies(&resource, copies);
        } else {
            let mut resource = resource.into_owned();
            resource.value = Value::Scalar(cut);
            kept.add_copies(&resource, copies);
        }
    }
    kept
}

/// The amount to which an object can be cut: whole disks, volumes and shared resources are all or
/// nothing.
fn shrink_object(resource: &Resource, amount: Amount, target: Amount) -> Option<Amount> {
    if amount <= target {
        return Some(amount);
    }
    (resource.disk.is_none() || resource.is_divisible()).then_some(target)
}

fn compare(left: &Resource, right: &Resource) -> Ordering {
    fn source(resource: &Resource) -> (i32, &str, &str, &str) {
        let source = resource.disk.as_ref().and_then(|disk| disk.source.as_ref());
        let Some(source) = source else { return (-1, "", "", "") };
        let number = match source.kind {
            DiskSourceKind::Path => 1,
            DiskSourceKind::Mount => 2,
            DiskSourceKind::Block => 3,
            DiskSourceKind::Raw => 4,
        };
        (
            number,
            source.root.as_deref().unwrap_or(""),
            source.id.as_deref().unwrap_or(""),
            source.profile.as_deref().unwrap_or(""),
        )
    }
    (&*left.name, source(left))
        .cmp(&(&*right.name, source(right)))
        .then_with(|| left.scalar().cmp(&right.scalar()))
}
