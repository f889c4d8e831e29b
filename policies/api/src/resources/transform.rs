//! Collections made of other ones (`spec/allocator.md` 1.6, 1.10).

use super::{DiskInfo, Entry, InvalidResource, Others, Reservation, Resource, Resources, Value};
use std::sync::Arc;

impl Resources {
    /// Tags everything as offered or allocated to `role`, whatever the tags were.
    #[must_use]
    pub fn allocate(&self, role: &str) -> Self {
        let role: Arc<str> = role.into();
        let entries = self.iter().map(|(resource, copies)| {
            let allocation = Some(Arc::clone(&role));
            Entry { resource: Resource { allocation, ..resource.into_owned() }, copies }
        });
        Self::of_entries(entries.collect())
    }

    /// Without the tags of [`allocate`](Self::allocate). As in Mesos, objects that become alike
    /// are not put together, plain scalars excepted.
    #[must_use]
    pub fn unallocate(&self) -> Self {
        let mut sum = self.plain_part();
        let mut others = Vec::new();
        for entry in self.others() {
            let resource = Resource { allocation: None, ..entry.resource.clone() };
            if resource.as_plain_scalar().is_some() {
                sum.add_resource(resource);
            } else {
                others.push(Entry { resource, copies: entry.copies });
            }
        }
        sum.others = Self::of_entries(others).others;
        sum
    }

    /// With one more reservation on top of each stack.
    ///
    /// # Errors
    /// The reservation cannot lie on one of the stacks.
    pub fn push_reservation(&self, reservation: &Reservation) -> Result<Self, InvalidResource> {
        let mut sum = Self::EMPTY;
        for (resource, copies) in self.iter() {
            let mut resource = resource.into_owned();
            resource.reservations.push(reservation.clone());
            resource.validate()?;
            sum.add_copies(resource, copies);
        }
        Ok(sum)
    }

    /// Without the reservation on top of each stack; `None` where something is not reserved.
    pub fn pop_reservation(&self) -> Option<Self> {
        let mut sum = Self::EMPTY;
        for (resource, copies) in self.iter() {
            let mut resource = resource.into_owned();
            resource.reservations.pop()?;
            sum.add_copies(resource, copies);
        }
        Some(sum)
    }

    /// Without any reservation.
    #[must_use]
    pub fn to_unreserved(&self) -> Self {
        let mut sum = self.plain_part();
        for entry in self.others() {
            sum.add_copies(with_stack(&entry.resource, &[]), entry.copies);
        }
        sum
    }

    /// With this stack of reservations on everything, instead of what there was.
    pub(super) fn with_stack(&self, stack: &[Reservation]) -> Self {
        let mut sum = Self::EMPTY;
        for (resource, copies) in self.iter() {
            sum.add_copies(with_stack(&resource, stack), copies);
        }
        sum
    }

    /// Names and amounts of the scalars, without anything else; a shared resource counts once.
    #[must_use]
    pub fn stripped_scalar_quantity(&self) -> Self {
        let mut sum = self.plain_part();
        for entry in self.others() {
            if let Some(amount) = entry.resource.scalar() {
                let name = Arc::clone(&entry.resource.name);
                sum.add_resource(Resource::plain(name, Value::Scalar(amount)));
            }
        }
        sum
    }

    /// What two collections that differ in their reservations only have come from: the same
    /// resources with the reservations that all stacks of both begin with.
    #[must_use]
    pub fn reservation_ancestor(&self, other: &Self) -> Self {
        let mut stacks = self.stacks().chain(other.stacks());
        let first = stacks.next().unwrap_or_default();
        let common = stacks.fold(first, |common, stack| {
            let alike = common.iter().zip(stack).take_while(|(left, right)| left == right);
            &common[..alike.count()]
        });
        self.with_stack(common)
    }

    fn stacks(&self) -> impl Iterator<Item = &[Reservation]> {
        let plain: Option<&[Reservation]> = (!self.plain.is_zero()).then_some(&[]);
        plain.into_iter().chain(self.others().iter().map(|entry| &*entry.resource.reservations))
    }

    /// The disks that volumes are made of.
    pub(super) fn stripped_volumes(&self) -> Self {
        self.iter().map(|(volume, _)| volume.stripped_volume()).collect()
    }

    fn plain_part(&self) -> Self {
        self.filter(true, |_| false)
    }

    /// A list as it is: without empty, invalid and plain objects.
    fn of_entries(entries: Vec<Entry>) -> Self {
        Self { others: Others::of(entries), ..Self::EMPTY }
    }
}

impl Resource {
    /// The disk that a volume is made of.
    pub(super) fn stripped_volume(&self) -> Self {
        let source = self.disk.as_ref().and_then(|info| info.source.clone());
        let info = source.map(|source| DiskInfo { source: Some(source), ..DiskInfo::default() });
        Self { shared: false, disk: info.map(Arc::new), ..self.clone() }
    }
}

fn with_stack(resource: &Resource, stack: &[Reservation]) -> Resource {
    Resource { reservations: stack.to_vec(), ..resource.clone() }
}
