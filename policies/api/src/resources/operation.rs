//! Operations on resources, as conversions (`spec/allocator.md` 1.10).

use super::{DiskInfo, Resource, Resources};
use std::sync::Arc;

/// An operation that an accepted offer or an operator asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// The resources as they will be, with the new reservation on top.
    Reserve(Resources),
    /// The resources as they are.
    Unreserve(Resources),
    /// The volumes to be made.
    Create(Resources),
    /// The volumes to be turned back into disk.
    Destroy(Resources),
}

/// `consumed` becomes `converted`.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversion {
    pub consumed: Resources,
    pub converted: Resources,
    /// Fails while any of these are left afterwards: other copies of a shared volume.
    pub must_vanish: Resources,
}

/// Resources do not allow a conversion.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ConversionError {
    #[error("{available} does not contain {consumed}")]
    Missing { available: Resources, consumed: Resources },
    #[error("copies of the shared volume {0} are still in use")]
    StillShared(Resources),
    #[error("{0} is not reserved: nothing can be unreserved")]
    Unreserved(Resources),
}

impl Operation {
    pub fn conversions(&self) -> Result<Vec<Conversion>, ConversionError> {
        match self {
            Self::Reserve(resources) => Ok(vec![Conversion {
                consumed: popped(resources)?,
                converted: resources.clone(),
                must_vanish: Resources::EMPTY,
            }]),
            Self::Unreserve(resources) => singles(resources)
                .map(|single| {
                    Ok(Conversion {
                        converted: popped(&single)?,
                        consumed: single,
                        must_vanish: Resources::EMPTY,
                    })
                })
                .collect(),
            Self::Create(volumes) => Ok(singles(volumes)
                .map(|volume| Conversion {
                    consumed: stripped(&volume),
                    converted: volume,
                    must_vanish: Resources::EMPTY,
                })
                .collect()),
            Self::Destroy(volumes) => Ok(singles(volumes)
                .map(|volume| Conversion {
                    converted: stripped(&volume),
                    must_vanish: volume.clone(),
                    consumed: volume,
                })
                .collect()),
        }
    }
}

impl Resources {
    /// Applies conversions in order; fails as a whole, leaving nothing changed.
    pub fn convert(&self, conversions: &[Conversion]) -> Result<Self, ConversionError> {
        let mut result = self.clone();
        for conversion in conversions {
            if !result.contains(&conversion.consumed) {
                return Err(ConversionError::Missing {
                    available: result,
                    consumed: conversion.consumed.clone(),
                });
            }
            result.subtract(&conversion.consumed);
            result.add(&conversion.converted);
            let left = &conversion.must_vanish;
            if !left.is_empty() && result.contains(left) {
                return Err(ConversionError::StillShared(left.clone()));
            }
        }
        Ok(result)
    }
}

/// Each object by itself.
fn singles(resources: &Resources) -> impl Iterator<Item = Resources> + '_ {
    resources.iter().map(|(resource, copies)| {
        let mut single = Resources::EMPTY;
        single.add_copies(&resource, copies);
        single
    })
}

fn map(
    resources: &Resources,
    mut change: impl FnMut(&mut Resource) -> bool,
) -> Result<Resources, ConversionError> {
    let mut sum = Resources::EMPTY;
    for (resource, copies) in resources.iter() {
        let mut resource = resource.into_owned();
        if !change(&mut resource) {
            return Err(ConversionError::Unreserved(resources.clone()));
        }
        sum.add_copies(&resource, copies);
    }
    Ok(sum)
}

fn popped(resources: &Resources) -> Result<Resources, ConversionError> {
    map(resources, |resource| resource.reservations.pop().is_some())
}

/// The disk that a volume is made of.
fn stripped(volumes: &Resources) -> Resources {
    let mut sum = Resources::EMPTY;
    for (volume, _) in volumes.iter() {
        let mut disk = volume.into_owned();
        disk.shared = false;
        let source = disk.disk.as_ref().and_then(|info| info.source.clone());
        disk.disk =
            source.map(|source| Arc::new(DiskInfo { source: Some(source), ..DiskInfo::default() }));
        sum.add_resource(disk);
    }
    sum
}
