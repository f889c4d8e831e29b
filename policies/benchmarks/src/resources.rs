//! Benchmarks of resources alone (`spec/allocator-benchmarks.md` section 4). The phase says what is
//! done how often.

use crate::specs::{label, parse, reserved};
use crate::trial::{Mismatch, Trial, expect};
use policy_api::resources::{DiskInfo, Persistence, Ranges, Value};
use policy_api::{Resource, Resources};
use std::hint::black_box;
use std::sync::Arc;

const SCALARS: &str = "cpus:1;gpus:1;mem:128;disk:256";

/// Four scalars; the same with a thousand reservations; scalars with a shared volume.
pub(crate) fn arithmetic(trial: &mut Trial<'_>) -> Result<(), Mismatch> {
    let mut reservations = Resources::EMPTY;
    for index in 0..1_000 {
        let labels = [label(&format!("key_{index}"), &format!("value_{index}"))];
        let (role, principal) = (index.to_string(), format!("principal_{index}"));
        reservations.add(&reserved(SCALARS, &role, &principal, &labels));
    }
    let mut with_volume = parse("cpus:1;mem:128");
    let persistence = Persistence { id: "id".into(), principal: None };
    with_volume.add_resource(Resource {
        disk: Some(Arc::new(DiskInfo { persistence: Some(persistence), ..DiskInfo::default() })),
        shared: true,
        ..Resource::plain("disk", Value::Scalar(256_000))
    });
    for (name, resources, times) in [
        ("scalars", parse(SCALARS), 50_000),
        ("reserved", reservations, 10),
        ("volume", with_volume, 50_000),
    ] {
        let mut total = Resources::EMPTY;
        trial.time(format!("{times} x total += r, {name}"), || {
            (0..times).for_each(|_| total.add(black_box(&resources)));
        });
        trial.time(format!("{times} x total -= r, {name}"), || {
            (0..times).for_each(|_| total.subtract(black_box(&resources)));
        });
        trial.time(format!("{times} x total + r, {name}"), || {
            for _ in 0..times {
                let mut sum = total.clone();
                sum.add(black_box(&resources));
                total = sum;
            }
        });
        trial.time(format!("{times} x total - r, {name}"), || {
            for _ in 0..times {
                let mut difference = total.clone();
                difference.subtract(black_box(&resources));
                total = difference;
            }
        });
        expect(name, "", &total.to_string())?;
    }
    Ok(())
}

pub(crate) fn filters(trial: &mut Trial<'_>) -> Result<(), Mismatch> {
    const TIMES: usize = 50_000;
    let scalars = parse(SCALARS);
    let mut revocable = Resources::EMPTY;
    revocable.add_resource(Resource {
        revocable: true,
        ..Resource::plain("cpus", Value::Scalar(1_000))
    });
    let reserved = parse("cpus(role):1;gpus(role):1;mem(role):128;disk(role):256");
    let mut run = |name: &str, resources: &Resources, keep: &dyn Fn(&Resources) -> Resources| {
        trial.time(format!("{TIMES} x {name}"), || {
            (0..TIMES).for_each(|_| drop(black_box(keep(black_box(resources)))));
        });
        expect(name, &resources.to_string(), &keep(resources).to_string())
    };
    run("not revocable", &scalars, &|all| all.filter(true, |resource| !resource.revocable))?;
    run("revocable", &revocable, &|all| all.filter(false, |resource| resource.revocable))?;
    run("unreserved", &scalars, &|all| {
        all.filter(true, |resource| resource.reservations.is_empty())
    })?;
    run("reserved to a role", &reserved, &|all| {
        all.filter(false, |resource| resource.is_reserved_to("role"))
    })
}

/// Whether a superset contains a subset, the other way round, and itself.
pub(crate) fn contains(trial: &mut Trial<'_>) -> Result<(), Mismatch> {
    let scalars = [parse("cpus:1;mem:128"), parse(SCALARS)];
    let whole = Ranges::new(vec![(1, 16_000)]);
    let fragments = Ranges::new((0..8_000).map(|port| (2 * port + 1, 2 * port + 1)).collect());
    let ranges = [fragments, whole].map(|ports| {
        let ports = Resource::plain("ports", Value::Ranges(ports));
        [ports].into_iter().collect::<Resources>()
    });
    let mut mixed = scalars.clone();
    for (mixed, ranges) in mixed.iter_mut().zip(&ranges) {
        mixed.add(ranges);
    }
    for (name, [subset, superset], times) in [
        ("scalars", scalars, [5_000; 3]),
        ("ranges", ranges, [100, 50, 1]),
        ("mixed", mixed, [100, 50, 1]),
    ] {
        // A copy of its own, so that "the very same" is not the answer.
        let equal: Resources = superset.iter().map(|(resource, _)| resource.into_owned()).collect();
        for (what, left, right, times, expected) in [
            ("superset", &superset, &subset, times[0], true),
            ("subset", &subset, &superset, times[1], false),
            ("equal", &superset, &equal, times[2], true),
        ] {
            let phase = format!("{times} x {what}, {name}");
            let found = trial.time(phase.clone(), || {
                (0..times).filter(|_| black_box(left).contains(black_box(right))).count()
            });
            let expected = if expected { times } else { 0 };
            expect(&phase, &expected.to_string(), &found.to_string())?;
        }
    }
    Ok(())
}

pub(crate) fn parse_text(trial: &mut Trial<'_>) -> Result<(), Mismatch> {
    let text: Vec<String> = (0..100).map(|index| format!("res{index}:{index}")).collect();
    let text = text.join(";");
    for times in [1_000, 10_000, 50_000] {
        let phase = format!("{times} x parse 100 scalars");
        let objects = trial.time(phase.clone(), || {
            (0..times).map(|_| parse(black_box(&text)).others().len()).sum::<usize>()
        });
        // The first has the amount zero and vanishes.
        expect(&phase, &(99 * times).to_string(), &objects.to_string())?;
    }
    Ok(())
}

/// Ranges of which each overlaps with one of the other side.
pub(crate) fn overlapping(trial: &mut Trial<'_>) -> Result<(), Mismatch> {
    const TIMES: usize = 1_000;
    for count in [10, 100, 1_000] {
        let [left, right] = [1, 3].map(|first| {
            let ranges = (0..count).map(|index| (first + 10 * index, first + 10 * index + 5));
            let ports = Resource::plain("ports", Value::Ranges(Ranges::new(ranges.collect())));
            [ports].into_iter().collect::<Resources>()
        });
        let mut sum = left.clone();
        trial.time(format!("{TIMES} x a += b, {count} ranges"), || {
            (0..TIMES).for_each(|_| sum.add(black_box(&right)));
        });
        trial.time(format!("{TIMES} x a -= b, {count} ranges"), || {
            (0..TIMES).for_each(|_| sum.subtract(black_box(&right)));
        });
        let mut result = Resources::EMPTY;
        trial.time(format!("{TIMES} x a + b, {count} ranges"), || {
            for _ in 0..TIMES {
                result = black_box(&left).clone();
                result.add(black_box(&right));
            }
        });
        trial.time(format!("{TIMES} x a - b, {count} ranges"), || {
            for _ in 0..TIMES {
                result = black_box(&left).clone();
                result.subtract(black_box(&right));
            }
        });
        // Of [1-6] without [3-8] two ports are left.
        let left_over = result.others().first().map(|entry| match &entry.resource.value {
            Value::Ranges(ranges) => ranges.count(),
            Value::Scalar(_) | Value::Set(_) => 0,
        });
        let left_over = left_over.unwrap_or_default();
        expect("subtract", &format!("{} ports", 2 * count), &format!("{left_over} ports"))?;
    }
    Ok(())
}
