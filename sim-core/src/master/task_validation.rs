//! What tasks an ACCEPT may launch (`spec/master.md` 6.2). The first rule that is broken decides.

use super::validation::{self, ValidationError};
use crate::protocol::{ExecutorInfo, Launch};
use policy_api::resources::Value;
use policy_api::{Amount, Resources, Scalar};
use std::sync::Arc;

type Validation = Result<(), ValidationError>;

/// The least that an executor of a task group may have.
const LEAST_CPUS: Amount = 10;
const LEAST_MEM: Amount = 32_000;

/// A task by itself and with the executor that it wants.
pub(super) fn task(launch: &Launch, existing: Option<&ExecutorInfo>) -> Validation {
    validation::task(&launch.resources)?;
    one_kind(&launch.resources)?;
    let Some(executor) = launch.executor() else { return Ok(()) };
    if existing.is_some_and(|existing| *existing != **executor) {
        return Err(ValidationError::ExecutorDiffers);
    }
    if executor.resources.has_shared() {
        return Err(ValidationError::SharedExecutor);
    }
    if !executor.resources.is_empty() {
        validation::task(&executor.resources)?;
    }
    together(&launch.resources, &executor.resources)
}

/// The tasks of a group by themselves and with their executor.
pub(super) fn group<'a>(
    launches: &'a [Launch],
    existing: impl Fn(&ExecutorInfo) -> Option<&'a ExecutorInfo>,
) -> Validation {
    let Some(first) = launches.first() else { return Err(ValidationError::EmptyGroup) };
    let Some(executor) = first.executor() else { return Err(ValidationError::GroupExecutor) };
    for launch in launches {
        if launch.executor() != Some(executor) {
            return Err(ValidationError::GroupExecutor);
        }
        task(launch, existing(executor))?;
    }
    let has = |scalar| executor.resources.amount(scalar);
    if has(Scalar::Cpus) < LEAST_CPUS {
        return Err(ValidationError::GroupMinimum("cpus"));
    }
    if has(Scalar::Mem) < LEAST_MEM {
        return Err(ValidationError::GroupMinimum("mem"));
    }
    if has(Scalar::Disk) <= 0 {
        return Err(ValidationError::GroupMinimum("disk"));
    }
    let mut sum = Resources::EMPTY;
    for launch in launches {
        together(&sum, &launch.resources)?;
        sum.add(&launch.resources);
    }
    Ok(())
}

/// Neither ports nor items nor volumes twice, and of each name only one kind.
fn together(left: &Resources, right: &Resources) -> Validation {
    for entry in left.others() {
        let other = right.others().iter().find(|other| {
            other.resource.name == entry.resource.name
                && overlap(&entry.resource.value, &other.resource.value)
        });
        if other.is_some() {
            return Err(ValidationError::Overlap(Arc::clone(&entry.resource.name)));
        }
    }
    let mut sum = left.clone();
    sum.add(right);
    one_kind(&sum)
}

fn overlap(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Ranges(left), Value::Ranges(right)) => left.difference(right) != *left,
        (Value::Set(left), Value::Set(right)) => left.difference(right) != *left,
        (Value::Scalar(_) | Value::Ranges(_) | Value::Set(_), _) => false,
    }
}

/// Revocable and other resources of one name do not mix.
fn one_kind(resources: &Resources) -> Validation {
    if !resources.has_revocable() {
        return Ok(());
    }
    let others = resources.non_revocable().names();
    match resources.revocable().names().intersection(&others).next() {
        Some(name) => Err(ValidationError::MixedRevocable(Arc::clone(name))),
        None => Ok(()),
    }
}
