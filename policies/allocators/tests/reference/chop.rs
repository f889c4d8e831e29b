//! Cutting resources down to amounts (1.11).

use policy_api::resources::{DiskSource, DiskSourceKind, Value};
use policy_api::{Amount, Limits, Quantities, Resource, Resources, Scalar};

/// In which order objects of one name are taken.
#[derive(Clone, Copy)]
pub(super) enum CutOrder {
    AsRecorded,
    Any,
}

/// To a guarantee or to headroom: what the target does not name is dropped. One result for each
/// outcome that the order leaves open.
pub(super) fn shrink_to_quantities(
    resources: &Resources,
    target: &Quantities,
    order: CutOrder,
) -> Vec<Resources> {
    shrink_to_limits(resources, &Limits(target.amounts().map(Some)), order)
}

/// To a limit: what has none is kept whole.
pub(super) fn shrink_to_limits(
    resources: &Resources,
    limits: &Limits,
    order: CutOrder,
) -> Vec<Resources> {
    let mut objects: Vec<Resource> = resources.iter().map(|it| it.0.into_owned()).collect();
    match order {
        CutOrder::AsRecorded => {
            objects.sort_by_key(order_of_recordings);
            vec![cut_in_order(objects, *limits)]
        }
        CutOrder::Any => cut_in_any_order(&objects, limits),
    }
}

/// Objects of different names do not compete.
fn cut_in_any_order(objects: &[Resource], limits: &Limits) -> Vec<Resources> {
    let mut results = vec![Resources::EMPTY];
    for scalar in Scalar::ALL {
        let named = objects.iter().filter(|object| &*object.name == scalar.name());
        let cuts = cut_rivals(&named.cloned().collect::<Vec<_>>(), limits.limit(scalar));
        let mut longer = Vec::new();
        for (result, cut) in results.iter().flat_map(|it| cuts.iter().map(move |cut| (it, cut))) {
            let mut sum: Resources = result.clone();
            sum.add(cut);
            longer.push(sum);
        }
        results = longer;
    }
    results
}

fn cut_in_order(objects: Vec<Resource>, mut left: Limits) -> Resources {
    let mut kept = Resources::EMPTY;
    for object in objects {
        let scalar = Scalar::from_name(&object.name).expect("no other scalars are made up");
        let amount = object.scalar().expect("only scalars are cut");
        let Some(limit) = &mut left.0[scalar as usize] else {
            kept.add_resource(object);
            continue;
        };
        let mut cut = object.clone();
        cut.value = Value::Scalar(amount.min(*limit));
        if object.disk.is_none() || object.contains(&cut) {
            *limit -= amount.min(*limit);
            kept.add_resource(cut);
        }
    }
    kept
}

/// Name; disk source type, root, id, profile; value.
type RecordedOrder = (String, i32, [String; 3], Option<i64>);

fn order_of_recordings(resource: &Resource) -> RecordedOrder {
    let source = resource.disk.as_ref().and_then(|disk| disk.source.as_ref());
    let number = match source.map(|source| source.kind) {
        None => -1,
        Some(DiskSourceKind::Path) => 1,
        Some(DiskSourceKind::Mount) => 2,
        Some(DiskSourceKind::Block) => 3,
        Some(DiskSourceKind::Raw) => 4,
    };
    let text = |field: fn(&DiskSource) -> Option<&str>| {
        source.and_then(field).unwrap_or_default().to_owned()
    };
    let texts = [
        text(|source| source.root.as_deref()),
        text(|source| source.id.as_deref()),
        text(|source| source.profile.as_deref()),
    ];
    (resource.name.to_string(), number, texts, resource.scalar())
}

/// What different orders keep of objects of one name. Some come first and are kept whole. Then one
/// that can be divided takes the rest, and nothing is left for the others; or all others are too
/// large for the rest.
fn cut_rivals(objects: &[Resource], limit: Option<Amount>) -> Vec<Resources> {
    let Some(limit) = limit else { return vec![objects.iter().cloned().collect()] };
    let amount = |object: &Resource| object.scalar().expect("only scalars are cut");
    let mut results: Vec<Resources> = Vec::new();
    for subset in 0..1_u32 << objects.len() {
        let is_whole = |index: usize| subset & (1 << index) != 0;
        let whole = pick(objects, is_whole);
        let left = limit - whole.iter().map(amount).sum::<Amount>();
        if left < 0 {
            continue;
        }
        let mut all_too_large = true;
        for object in pick(objects, |index| !is_whole(index)) {
            let cut = Resource { value: Value::Scalar(left), ..object.clone() };
            let is_divisible = object.disk.is_none() || object.contains(&cut);
            all_too_large &= amount(&object) > left && !is_divisible;
            if amount(&object) > left && is_divisible {
                results.push(whole.iter().cloned().chain([cut]).collect());
            }
        }
        if all_too_large {
            results.push(whole.into_iter().collect());
        }
    }
    results
}

fn pick(objects: &[Resource], wanted: impl Fn(usize) -> bool) -> Vec<Resource> {
    let chosen = objects.iter().enumerate().filter(|(index, _)| wanted(*index));
    chosen.map(|(_, object)| object.clone()).collect()
}
