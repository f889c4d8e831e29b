//! The order in which objects are taken when resources are cut down to a guarantee, a limit or
//! spare headroom (`spec/allocator.md` 1.11).

use policy_api::Resource;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64Mcg;
use std::borrow::Cow;
use std::cmp::Ordering;

/// Which of several objects of one name comes first.
#[derive(Clone, Debug)]
pub(crate) enum ChopOrder {
    Random(Pcg64Mcg),
    /// By name, disk source and value: the order of the recordings.
    Fixed,
}

impl ChopOrder {
    pub(crate) fn arrange(&mut self, objects: &mut [(Cow<'_, Resource>, u32)]) {
        match self {
            Self::Random(generator) => objects.shuffle(generator),
            Self::Fixed => objects.sort_by(|left, right| compare(&left.0, &right.0)),
        }
    }
}

fn compare(left: &Resource, right: &Resource) -> Ordering {
    fn source(resource: &Resource) -> (i32, &str, &str, &str) {
        let source = resource.disk.as_ref().and_then(|disk| disk.source.as_ref());
        let Some(source) = source else { return (-1, "", "", "") };
        (
            // Mesos's type numbers begin with one.
            source.kind as i32 + 1,
            source.root.as_deref().unwrap_or(""),
            source.id.as_deref().unwrap_or(""),
            source.profile.as_deref().unwrap_or(""),
        )
    }
    (&*left.name, source(left))
        .cmp(&(&*right.name, source(right)))
        .then_with(|| left.scalar().cmp(&right.scalar()))
}

#[cfg(test)]
mod tests {
    use super::ChopOrder;
    use policy_api::resources::{DiskInfo, DiskSource, DiskSourceKind, Value};
    use policy_api::{Quantities, Resource, Resources, Scalar};
    use rand_pcg::Pcg64Mcg;
    use std::sync::Arc;

    #[test]
    fn a_random_order_takes_now_one_disk_and_now_the_other() {
        let plain = Resource::plain("disk", Value::Scalar(10_000));
        let source = Some(DiskSource::new(DiskSourceKind::Mount));
        let disk = Some(Arc::new(DiskInfo { source, ..DiskInfo::default() }));
        let mount = Resource { disk, ..plain.clone() };
        let both: Resources = [plain.clone(), mount.clone()].into_iter().collect();
        let target = Quantities::of(Scalar::Disk, 10_000);
        let mut order = ChopOrder::Random(Pcg64Mcg::new(1));
        let mut taken = [0; 2];
        for _ in 0..1000 {
            let part = both.shrink_to_quantities(&target, |objects| order.arrange(objects));
            taken[0] += part.count(&plain);
            taken[1] += part.count(&mount);
        }
        assert_eq!(taken[0] + taken[1], 1000);
        assert!(taken[0] > 400 && taken[1] > 400, "{taken:?}");
    }
}
