//! Laws of the resource algebra, over random resources of all kinds.
//!
//! Mesos's own equality is mutual containment, which does not count whole disks. Here two
//! collections are the same when they have the same entries, in whatever order.

use policy_api::resources::json::{read_resources, write_resources};
use policy_api::resources::{
    DiskInfo, DiskSource, DiskSourceKind, Items, Labels, Persistence, Ranges, Reservation,
    ReservationKind, Value, Volume,
};
use policy_api::{ConversionError, NamedQuantities, Operation, Resource, Resources, Scalar};
use proptest::prelude::*;
use std::sync::Arc;

fn value() -> impl Strategy<Value = (&'static str, Value)> {
    let scalar = prop::sample::select(vec!["cpus", "mem", "disk", "disk", "shoes"]);
    let interval = (0..30_u64, 0..5_u64).prop_map(|(begin, length)| (begin, begin + length));
    let intervals = prop::collection::vec(interval, 1..4);
    let items = prop::sample::subsequence(vec!["a", "b", "c", "d"], 1..4).prop_shuffle();
    prop_oneof![
        4 => (scalar, 1..4_i64).prop_map(|(name, amount)| (name, Value::Scalar(amount * 500))),
        1 => intervals.prop_map(|all| ("ports", Value::Ranges(Ranges::new(all)))),
        1 => items.prop_map(|all| ("nics", Value::Set(Items::new(all.into_iter().map(Arc::from))))),
    ]
}

/// Valid stacks, on all of which a reservation for `a/b/c` can lie.
fn stack() -> impl Strategy<Value = Vec<Reservation>> {
    let labels = Labels::new(vec![("key".into(), Some("value".into())), ("other".into(), None)]);
    let labelled = Reservation { labels, ..Reservation::dynamic("a", Some("p")) };
    prop_oneof![
        3 => Just(Vec::new()),
        1 => Just(vec![Reservation::fixed("a")]),
        1 => Just(vec![Reservation::dynamic("a", None)]),
        1 => Just(vec![labelled]),
        1 => Just(vec![Reservation::fixed("a"), Reservation::dynamic("a/b", Some("p"))]),
    ]
}

fn source() -> impl Strategy<Value = Option<DiskSource>> {
    let kind = prop::sample::select(DiskSourceKind::ALL.to_vec());
    let source = (kind, any::<bool>(), any::<bool>()).prop_map(|(kind, has_root, has_id)| {
        let can_have_root = matches!(kind, DiskSourceKind::Path | DiskSourceKind::Mount);
        DiskSource {
            root: (can_have_root && has_root).then(|| "/root".into()),
            id: has_id.then(|| "id".into()),
            metadata: Labels::new(if has_id { vec![("k".into(), None)] } else { Vec::new() }),
            ..DiskSource::new(kind)
        }
    });
    prop::option::of(source)
}

/// The details of a disk: its source, whether it is a volume, and whether that is shared.
fn disk() -> impl Strategy<Value = Option<(Option<DiskSource>, bool, bool)>> {
    prop::option::of((source(), any::<bool>(), any::<bool>()))
}

fn object() -> impl Strategy<Value = Resource> {
    let tags = (prop::bool::weighted(0.2), prop::bool::weighted(0.2), prop::bool::weighted(0.2));
    (value(), stack(), disk(), tags).prop_map(|((name, value), reservations, disk, tags)| {
        let (revocable, of_provider, allocated) = tags;
        let disk = disk.filter(|_| name == "disk");
        let shared = disk.as_ref().is_some_and(|&(_, is_volume, shared)| is_volume && shared);
        let disk = disk.map(|(source, is_volume, _)| {
            let persistence = is_volume.then(|| Persistence { id: "v".into(), principal: None });
            let volume = Some(Volume {
                container_path: "path".into(),
                host_path: None,
                mode: Some("RW".into()),
            });
            Arc::new(DiskInfo { source, persistence, volume })
        });
        Resource {
            allocation: allocated.then(|| "a/b".into()),
            reservations,
            disk,
            revocable,
            shared,
            provider: of_provider.then(|| "provider".into()),
            ..Resource::plain(name, value)
        }
    })
}

/// A collection in which no volume occurs under two identities.
fn collection() -> impl Strategy<Value = Resources> {
    prop::collection::vec((object(), 1..3_u32), 0..7).prop_map(|objects| {
        let mut sum = Resources::EMPTY;
        for (index, (mut object, copies)) in objects.into_iter().enumerate() {
            if let Some(disk) = &mut object.disk
                && let Some(persistence) = &mut Arc::make_mut(disk).persistence
            {
                persistence.id = format!("v{index}").into();
            }
            sum.add_copies(object, copies);
        }
        sum
    })
}

/// A part of the objects of a collection, cut in half where that is possible.
fn part(all: &Resources, mask: u8, halve: bool, of: impl Fn(&Resource) -> bool) -> Resources {
    let mut part = Resources::EMPTY;
    for (index, (resource, copies)) in all.iter().enumerate() {
        let mut resource = resource.into_owned();
        if mask >> (index % 8) & 1 == 1 && of(&resource) {
            if halve
                && resource.is_divisible()
                && let Value::Scalar(amount) = &mut resource.value
            {
                *amount = (*amount / 2).max(1);
            }
            part.add_copies(resource, copies);
        }
    }
    part
}

fn sum(left: &Resources, right: &Resources) -> Resources {
    let mut sum = left.clone();
    sum.add(right);
    sum
}

fn difference(left: &Resources, right: &Resources) -> Resources {
    let mut difference = left.clone();
    difference.subtract(right);
    difference
}

/// All entries, sorted; items of sets as well. Where a volume is in the container is not part of
/// its identity.
fn entries(resources: &Resources) -> Vec<String> {
    let text = |(resource, copies): (std::borrow::Cow<'_, Resource>, u32)| {
        let mut resource = resource.into_owned();
        if let Value::Set(items) = &mut resource.value {
            let mut sorted = items.as_slice().to_vec();
            sorted.sort_unstable();
            *items = Items::new(sorted);
        }
        if let Some(disk) = &mut resource.disk {
            Arc::make_mut(disk).volume = None;
        }
        format!("{copies} of {resource:?}")
    };
    let mut entries: Vec<String> = resources.iter().map(text).collect();
    entries.sort_unstable();
    entries
}

fn assert_same(left: &Resources, right: &Resources) -> Result<(), TestCaseError> {
    prop_assert_eq!(entries(left), entries(right));
    prop_assert!(left == right, "same entries, and not equal: {} and {}", left, right);
    Ok(())
}

fn is_scalar(resource: &Resource) -> bool {
    resource.scalar().is_some()
}

fn totals(resources: &Resources) -> (NamedQuantities, Option<Ranges>, Option<Vec<Arc<str>>>) {
    let items = resources.items("nics").map(|items| {
        let mut items = items.as_slice().to_vec();
        items.sort_unstable();
        items
    });
    (NamedQuantities::of_scalars(resources), resources.ports(), items)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn addition_commutes(a in collection(), b in collection()) {
        assert_same(&sum(&a, &b), &sum(&b, &a))?;
    }

    #[test]
    fn addition_is_associative(a in collection(), b in collection(), c in collection()) {
        assert_same(&sum(&sum(&a, &b), &c), &sum(&a, &sum(&b, &c)))?;
    }

    #[test]
    fn a_sum_contains_its_parts(a in collection(), b in collection()) {
        let both = sum(&a, &b);
        prop_assert!(both.contains(&a) && both.contains(&b), "{a} and {b}");
        // Not so a larger whole disk or volume: it does not contain a smaller one.
        prop_assert_eq!(a.contains(&both), entries_are_within(&both, &a));
    }

    /// Ranges and sets have no copies: what both sides had is gone afterwards.
    #[test]
    fn subtraction_undoes_addition(a in collection(), b in collection()) {
        let back = difference(&sum(&a, &b), &b);
        assert_same(&back.filter(true, is_scalar), &a.filter(true, is_scalar))?;
        let rest = |all: &Resources| all.filter(false, |resource| !is_scalar(resource));
        assert_same(&rest(&back), &rest(&difference(&a, &b)))?;
    }

    #[test]
    fn nothing_is_left_of_a_difference_with_itself(a in collection()) {
        prop_assert!(difference(&a, &a).is_empty());
        assert_same(&difference(&a, &Resources::EMPTY), &a)?;
        assert_same(&sum(&a, &Resources::EMPTY), &a)?;
    }

    #[test]
    fn containment_is_reflexive_and_transitive(
        a in collection(), b in collection(), c in collection(), mask: u8, halve: bool,
    ) {
        prop_assert!(a.contains(&a) && a.contains(&Resources::EMPTY));
        let middle = part(&a, mask, halve, |_| true);
        let inner = part(&middle, mask >> 1, halve, |_| true);
        prop_assert!(a.contains(&middle) && middle.contains(&inner) && a.contains(&inner));
        prop_assert!(a.contains(&difference(&a, &b)));
        for (outer, middle, inner) in [(&a, &b, &c), (&a, &middle, &c), (&b, &c, &middle)] {
            if outer.contains(middle) && middle.contains(inner) {
                prop_assert!(outer.contains(inner), "{outer}, {middle}, {inner}");
            }
        }
    }

    /// A shared resource on both sides counts once.
    #[test]
    fn quantities_are_additive(a in collection(), b in collection()) {
        let mut expected = NamedQuantities::of_scalars(&a) + &NamedQuantities::of_scalars(&b);
        let common = a.shared().filter(false, |resource| b.count(resource) > 0);
        expected = expected.saturating_sub(&NamedQuantities::of_scalars(&common));
        let both = sum(&a, &b);
        prop_assert_eq!(NamedQuantities::of_scalars(&both), expected);
        let stripped = both.stripped_scalar_quantity();
        prop_assert_eq!(NamedQuantities::of(&stripped), NamedQuantities::of_scalars(&both));
        prop_assert!(stripped.others().iter().all(|entry| &*entry.resource.name == "shoes"));
        for scalar in Scalar::ALL {
            let of_name = both.scalar(scalar.name()).unwrap_or(0);
            prop_assert_eq!(both.amount(scalar), of_name);
        }
        let least = NamedQuantities::of(&both);
        prop_assert!(both.contains_quantities(&NamedQuantities::EMPTY));
        let mut more = least.clone();
        more.add_amount("cpus", 1);
        prop_assert!(!both.contains_quantities(&more));
    }

    #[test]
    fn filters_partition(a in collection()) {
        for (left, right) in [
            (a.unreserved(), a.reserved_any()),
            (a.revocable(), a.non_revocable()),
            (a.shared(), a.non_shared()),
            (a.scalars(), a.filter(false, |resource| !is_scalar(resource))),
        ] {
            assert_same(&sum(&left, &right), &a)?;
            prop_assert_eq!(entries(&left).len() + entries(&right).len(), entries(&a).len());
        }
        let union = |parts: Vec<Resources>| parts.iter().fold(Resources::EMPTY, |all, part| sum(&all, part));
        assert_same(&union(a.names().iter().map(|name| a.get(name)).collect()), &a)?;
        let reserved = a.reservations();
        assert_same(&union(reserved.values().cloned().collect()), &a.reserved_any())?;
        for (role, group) in &reserved {
            assert_same(group, &a.reserved(role))?;
        }
        assert_same(&a.reserved_to_subtree("a"), &a.reserved_any())?;
        assert_same(&a.reserved_to_subtree("a/b"), &a.reserved("a/b"))?;
        assert_same(&a.allocatable_to("a/b/c"), &a)?;
        assert_same(&a.allocatable_to("a"), &sum(&a.unreserved(), &a.reserved("a")))?;
        assert_same(&a.allocatable_to("other"), &a.unreserved())?;
        let volumes = a.persistent_volumes();
        prop_assert!(volumes.iter().all(|(volume, _)| volume.is_persistent_volume()));
        assert_same(&union(a.allocations().into_values().collect()), &a.allocated_to_subtree("a"))?;
    }

    #[test]
    fn unallocating_undoes_allocating(a in collection()) {
        let free = a.filter(true, |resource| resource.allocation.is_none());
        let allocated = free.allocate("a/b");
        assert_same(&allocated.unallocate(), &free)?;
        let groups: Vec<_> = allocated.allocations().into_iter().collect();
        prop_assert_eq!(groups.len(), usize::from(!free.is_empty()));
        for (role, group) in groups {
            prop_assert_eq!(&*role, "a/b");
            assert_same(&group, &allocated)?;
        }
        prop_assert_eq!(totals(&a.allocate("x").unallocate()), totals(&a));
    }

    #[test]
    fn popping_undoes_pushing(a in collection()) {
        let pushed = a.push_reservation(&Reservation::dynamic("a/b/c", Some("p")));
        let pushed = pushed.expect("all stacks allow it");
        assert_same(&pushed.pop_reservation().expect("all are reserved"), &a)?;
        assert_same(&pushed.reserved("a/b/c"), &pushed)?;
        prop_assert_eq!(a.pop_reservation().is_some(), a.unreserved().is_empty());
        let unreserved = pushed.to_unreserved();
        assert_same(&unreserved, &a.to_unreserved())?;
        assert_same(&unreserved.unreserved(), &unreserved)?;
        prop_assert_eq!(totals(&unreserved), totals(&a));
        assert_same(&pushed.reservation_ancestor(&unreserved), &unreserved)?;
        // Stacks that part above a common bottom.
        let bottom = unreserved.push_reservation(&Reservation::fixed("a")).expect("unreserved");
        let up = |role| bottom.push_reservation(&Reservation::dynamic(role, None)).expect("refined");
        assert_same(&up("a/b").reservation_ancestor(&up("a/c")), &bottom)?;
        let refused = Reservation { kind: ReservationKind::Static, ..Reservation::fixed("a/b/c") };
        prop_assert_eq!(a.push_reservation(&refused).is_ok(), a.reserved_any().is_empty());
    }

    /// Whatever is there can be found, from where it is.
    #[test]
    fn what_is_there_is_found(a in collection(), mask: u8, halve: bool) {
        let target = part(&a, mask, halve, Resource::is_divisible);
        let found = a.find(&target).expect("it is there");
        assert_same(&found.to_unreserved(), &target.to_unreserved())?;
        prop_assert!(a.contains(&found));
        // And by those of other roles, where that is all there is.
        let elsewhere = target.to_unreserved();
        let fixed = |role| elsewhere.push_reservation(&Reservation::fixed(role)).expect("unreserved");
        assert_same(&fixed("a").find(&fixed("b")).expect("it is there"), &fixed("a"))?;
    }

    #[test]
    fn json_round_trip(a in collection()) {
        let (mut text, mut again) = (String::new(), String::new());
        write_resources(&a, &mut text);
        let json = serde_json::from_str(&text).expect("valid JSON");
        let read = read_resources(&json).expect("what was written can be read");
        assert_same(&read, &a)?;
        write_resources(&read, &mut again);
        prop_assert_eq!(again, text);
    }

    #[test]
    fn text_round_trip(a in collection()) {
        let plain: Resources = a.iter().map(|(resource, _)| {
            Resource::plain(Arc::clone(&resource.name), resource.value.clone())
        }).collect();
        if !plain.is_empty() {
            let read: Resources = plain.to_string().parse().expect("the text form");
            assert_same(&read, &plain)?;
            let read = Resources::parse(&plain.to_string(), "eng").expect("the text form");
            let fixed = Reservation::fixed("eng");
            assert_same(&read, &plain.push_reservation(&fixed).expect("unreserved"))?;
        }
    }

    #[test]
    fn unreserving_undoes_reserving(a in collection(), mask: u8, halve: bool) {
        // A principal of its own: the ports of two reservations do not become one.
        let reservation = Reservation::dynamic("a/b/c", Some("law"));
        let unreserved = part(&a, mask, halve, |resource| !resource.is_reserved());
        let resources = unreserved.push_reservation(&reservation).expect("unreserved");
        let reserve = Operation::Reserve { resources: resources.clone(), source: None };
        let reserved = a.apply(&reserve).expect("it is there");
        assert_same(&reserved.reserved("a/b/c"), &resources)?;
        let back = reserved.apply(&Operation::Unreserve(resources)).expect("it is there");
        let counted = |all: &Resources| all.filter(true, is_scalar);
        assert_same(&counted(&back), &counted(&a))?;
        prop_assert_eq!(totals(&back), totals(&a));
    }

    #[test]
    fn destroying_undoes_creating(a in collection(), mask: u8, halve: bool, shared: bool) {
        let can_be_volume = |resource: &Resource| {
            &*resource.name == "disk"
                && resource.disk.as_ref().is_none_or(|disk| disk.source.is_some() && disk.persistence.is_none())
        };
        let disks = part(&a, mask, halve, can_be_volume);
        let mut number = 0;
        let volumes: Resources = disks.iter().map(|(disk, _)| {
            number += 1;
            let persistence = Some(Persistence { id: format!("new{number}").into(), principal: None });
            let source = disk.disk.as_ref().and_then(|info| info.source.clone());
            let info = DiskInfo { source, persistence, volume: None };
            Resource { disk: Some(info.into()), shared, ..disk.into_owned() }
        }).collect();
        let created = a.apply(&Operation::Create(volumes.clone())).expect("it is there");
        prop_assert!(created.contains(&volumes));
        let back = created.apply(&Operation::Destroy(volumes)).expect("it is there");
        prop_assert_eq!(totals(&back), totals(&a));
        assert_same(&back, &a)?;
    }

    /// Operations on what is there: they are refused, or move resources without losing any.
    #[test]
    fn operations_conserve_totals(a in collection(), mask: u8, halve: bool, kind in 0..6) {
        let some = part(&a, mask, halve, |_| true);
        let first = some.iter().next().map(|(resource, _)| resource.into_owned());
        let Some(first) = first else { return Ok(()) };
        let second = some.iter().nth(1).map_or_else(|| first.clone(), |(it, _)| it.into_owned());
        let operation = match kind {
            0 => Operation::Reserve { resources: some, source: None },
            1 => Operation::Unreserve(some),
            // Another shared volume of an id would only be another copy, made of nothing.
            2 => Operation::Create(some.persistent_volumes().non_shared()),
            3 => Operation::Destroy(some),
            4 => Operation::GrowVolume { volume: first, addition: second },
            _ => Operation::ShrinkVolume { volume: first, subtract: 100 },
        };
        match a.apply(&operation) {
            Ok(result) => prop_assert_eq!(totals(&result), totals(&a)),
            Err(error) => {
                let lost = matches!(error, ConversionError::TotalsChanged { .. });
                prop_assert!(!lost, "{error}");
            }
        }
    }
}

/// Containment entry by entry, as it is defined: only volumes are counted.
fn entries_are_within(inner: &Resources, outer: &Resources) -> bool {
    let mut left: Vec<(Resource, u32)> =
        outer.iter().map(|(resource, copies)| (resource.into_owned(), copies)).collect();
    inner.iter().all(|(resource, copies)| {
        let found = left.iter().position(|(own, own_copies)| {
            own.contains(&resource) && (!own.shared || *own_copies >= copies)
        });
        if let Some(index) = found.filter(|_| resource.is_persistent_volume()) {
            left.remove(index);
        }
        found.is_some()
    })
}
