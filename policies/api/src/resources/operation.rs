//! Operations on resources, as conversions (`spec/allocator.md` 1.10).

use super::{Resource, Resources, Value};
use crate::quantities::Amount;

/// An operation that an accepted offer or an operator asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// The resources as they will be, made of `source` or, without one, of the same ones without
    /// the reservation on top.
    Reserve { resources: Resources, source: Option<Resources> },
    /// The resources as they are.
    Unreserve(Resources),
    /// The volumes to be made.
    Create(Resources),
    /// The volumes to be turned back into disk.
    Destroy(Resources),
    /// A volume becomes larger by some disk.
    GrowVolume { volume: Resource, addition: Resource },
    /// A volume gives back some of its disk, in thousandths of a MB.
    ShrinkVolume { volume: Resource, subtract: Amount },
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
    #[error("{0} is no persistent volume that can change its size")]
    NoVolume(Box<Resource>),
    #[error("{addition} cannot become a part of {volume}")]
    Addition { volume: Box<Resource>, addition: Box<Resource> },
    #[error("{subtract} thousandths cannot be taken from {volume}")]
    Shrink { volume: Box<Resource>, subtract: Amount },
    #[error("the operation would turn a total of {before} into {after}")]
    TotalsChanged { before: Resources, after: Resources },
}

impl Conversion {
    fn new(consumed: Resources, converted: Resources) -> Self {
        Self { consumed, converted, must_vanish: Resources::EMPTY }
    }
}

impl Operation {
    /// What the operation does, in order.
    ///
    /// # Errors
    /// The operation does not make sense whatever there is.
    pub fn conversions(&self) -> Result<Vec<Conversion>, ConversionError> {
        match self {
            Self::Reserve { resources, source } => {
                let consumed = source.clone().map_or_else(|| popped(resources), Ok)?;
                Ok(vec![Conversion::new(consumed, resources.clone())])
            }
            Self::Unreserve(resources) => resources
                .singles()
                .map(|single| Ok(Conversion::new(single.clone(), popped(&single)?)))
                .collect(),
            Self::Create(volumes) => Ok(volumes
                .singles()
                .map(|volume| Conversion::new(volume.stripped_volumes(), volume))
                .collect()),
            Self::Destroy(volumes) => Ok(volumes
                .singles()
                .map(|volume| Conversion {
                    converted: volume.stripped_volumes(),
                    must_vanish: volume.clone(),
                    consumed: volume,
                })
                .collect()),
            Self::GrowVolume { volume, addition } => Ok(vec![grow(volume, addition)?]),
            Self::ShrinkVolume { volume, subtract } => Ok(vec![shrink(volume, *subtract)?]),
        }
    }
}

fn popped(resources: &Resources) -> Result<Resources, ConversionError> {
    let unreserved = || ConversionError::Unreserved(resources.clone());
    resources.pop_reservation().ok_or_else(unreserved)
}

fn grow(volume: &Resource, addition: &Resource) -> Result<Conversion, ConversionError> {
    let (size, disk) = volume_and_disk(volume)?;
    let more = addition.scalar().filter(|&more| more > 0 && disk.is_addable(addition));
    let Some(more) = more else {
        let (volume, addition) = (Box::new(volume.clone()), Box::new(addition.clone()));
        return Err(ConversionError::Addition { volume, addition });
    };
    let larger = Resource { value: Value::Scalar(size.saturating_add(more)), ..volume.clone() };
    let consumed = [volume.clone(), addition.clone()];
    Ok(Conversion::new(Resources::from_iter(consumed), Resources::from_iter([larger])))
}

fn shrink(volume: &Resource, subtract: Amount) -> Result<Conversion, ConversionError> {
    let (size, disk) = volume_and_disk(volume)?;
    if !(1..size).contains(&subtract) {
        return Err(ConversionError::Shrink { volume: Box::new(volume.clone()), subtract });
    }
    let smaller = Resource { value: Value::Scalar(size - subtract), ..volume.clone() };
    let given_back = Resource { value: Value::Scalar(subtract), ..disk };
    let consumed = Resources::from_iter([volume.clone()]);
    Ok(Conversion::new(consumed, Resources::from_iter([smaller, given_back])))
}

/// The size of a volume, and the disk that it is made of. Shared volumes and those that take a
/// whole disk keep their size.
fn volume_and_disk(volume: &Resource) -> Result<(Amount, Resource), ConversionError> {
    let disk = volume.stripped_volume();
    match volume.scalar() {
        Some(size) if volume.is_persistent_volume() && !volume.shared && disk.is_divisible() => {
            Ok((size, disk))
        }
        Some(_) | None => Err(ConversionError::NoVolume(Box::new(volume.clone()))),
    }
}

impl Resources {
    /// Applies an operation. None of them may change how much there is of anything.
    ///
    /// # Errors
    /// The operation makes no sense, is not covered by these resources, or would lose or make some.
    pub fn apply(&self, operation: &Operation) -> Result<Self, ConversionError> {
        let result = self.convert(&operation.conversions()?)?;
        let totals = |all: &Self| (all.scalar_quantities(), all.ports());
        if totals(self) == totals(&result) {
            Ok(result)
        } else {
            Err(ConversionError::TotalsChanged { before: self.clone(), after: result })
        }
    }

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
