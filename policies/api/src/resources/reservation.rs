//! Reservations, and the forms in which messages carry them (`spec/allocator.md` 1.7, 1.8).

use super::InvalidResource;
use crate::role::{is_strict_subrole, validate_role};
use std::sync::Arc;

/// One entry of a reservation stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    pub kind: ReservationKind,
    pub role: Arc<str>,
    pub principal: Option<Arc<str>>,
    pub labels: Labels,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReservationKind {
    /// From the agent's configuration.
    Static,
    /// Made, and taken back, by operations.
    Dynamic,
}

/// Keys with or without values, in the order in which they came; compared without regard to it.
#[derive(Clone, Debug, Default)]
pub struct Labels(Vec<(Arc<str>, Option<Arc<str>>)>);

/// What a message says about the reservation of a resource.
///
/// Before reservations could be refined, a message had a role and, where the reservation was
/// dynamic, its details. Since then it has a stack. A message to or from an operator may have both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReservationFields {
    /// The older form; `*` or nothing for an unreserved resource.
    pub role: Option<Arc<str>>,
    /// The older form: the reservation for `role` is dynamic.
    pub reservation: Option<DynamicReservation>,
    /// The newer form, bottom first.
    pub reservations: Vec<Reservation>,
}

/// The details of a dynamic reservation in the older form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DynamicReservation {
    pub principal: Option<Arc<str>>,
    pub labels: Labels,
}

/// A stack of several reservations has no older form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a refined reservation for '{role}' cannot be written in the form that has one only")]
pub struct RefinedReservation {
    pub role: Arc<str>,
}

impl Reservation {
    pub fn fixed(role: impl Into<Arc<str>>) -> Self {
        let kind = ReservationKind::Static;
        Self { kind, role: role.into(), principal: None, labels: Labels::default() }
    }

    pub fn dynamic(role: impl Into<Arc<str>>, principal: Option<&str>) -> Self {
        let (kind, principal) = (ReservationKind::Dynamic, principal.map(Arc::from));
        Self { kind, role: role.into(), principal, labels: Labels::default() }
    }
}

impl ReservationKind {
    /// As the protocol writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Static => "STATIC",
            Self::Dynamic => "DYNAMIC",
        }
    }
}

impl Labels {
    pub fn new(labels: Vec<(Arc<str>, Option<Arc<str>>)>) -> Self {
        Self(labels)
    }

    pub fn as_slice(&self) -> &[(Arc<str>, Option<Arc<str>>)] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl PartialEq for Labels {
    fn eq(&self, other: &Self) -> bool {
        let sorted = |labels: &Self| {
            let mut labels = labels.0.clone();
            labels.sort_unstable();
            labels
        };
        self.0 == other.0 || (self.0.len() == other.0.len() && sorted(self) == sorted(other))
    }
}

impl Eq for Labels {}

impl ReservationFields {
    /// The stack that the message means.
    ///
    /// # Errors
    /// The stack is not valid, or the two forms do not say the same.
    pub fn into_stack(self) -> Result<Vec<Reservation>, InvalidResource> {
        let older = self.older()?;
        let stack = match (older, self.reservations.len()) {
            (Some(older), 0) => vec![older],
            (Some(older), 1) if older == self.reservations[0] => self.reservations,
            (Some(_), _) => return Err(InvalidResource::FormsDisagree),
            // A role `*` beside a stack would say that the resource is not reserved.
            (None, 1..) if self.role.is_some() => return Err(InvalidResource::FormsDisagree),
            (None, _) => self.reservations,
        };
        check_stack(&stack)?;
        Ok(stack)
    }

    /// The reservation that the older form means.
    fn older(&self) -> Result<Option<Reservation>, InvalidResource> {
        let role = self.role.as_ref().filter(|role| &***role != "*");
        match (role, &self.reservation) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(InvalidResource::ReservedForAll),
            (Some(role), None) => Ok(Some(Reservation::fixed(Arc::clone(role)))),
            (Some(role), Some(details)) => Ok(Some(Reservation {
                kind: ReservationKind::Dynamic,
                role: Arc::clone(role),
                principal: details.principal.clone(),
                labels: details.labels.clone(),
            })),
        }
    }

    /// Changes the newer form into the older one, for a receiver that does not know stacks.
    ///
    /// # Errors
    /// There are several reservations. Nothing has changed then.
    pub fn downgrade(&mut self) -> Result<(), RefinedReservation> {
        match self.reservations.as_slice() {
            [.., _, top] => return Err(RefinedReservation { role: Arc::clone(&top.role) }),
            [single] => {
                self.role = Some(Arc::clone(&single.role));
                self.reservation = match single.kind {
                    ReservationKind::Static => None,
                    ReservationKind::Dynamic => Some(DynamicReservation {
                        principal: single.principal.clone(),
                        labels: single.labels.clone(),
                    }),
                };
            }
            [] if self.role.is_none() => self.role = Some("*".into()),
            [] => {}
        }
        self.reservations.clear();
        Ok(())
    }

    /// [`downgrade`](Self::downgrade) for all resources of a message, in order.
    ///
    /// # Errors
    /// One of them has several reservations. Those before it have changed then, as in Mesos.
    pub fn downgrade_all(resources: &mut [Self]) -> Result<(), RefinedReservation> {
        resources.iter_mut().try_for_each(Self::downgrade)
    }
}

impl From<&[Reservation]> for ReservationFields {
    fn from(stack: &[Reservation]) -> Self {
        Self { reservations: stack.to_vec(), ..Self::default() }
    }
}

/// Only the bottom of a stack may be static, and each entry must refine the one below.
pub(super) fn check_stack(stack: &[Reservation]) -> Result<(), InvalidResource> {
    for reservation in stack {
        validate_role(&reservation.role)?;
        if &*reservation.role == "*" {
            return Err(InvalidResource::ReservedForAll);
        }
    }
    for pair in stack.windows(2) {
        let (below, above) = (&pair[0], &pair[1]);
        if above.kind == ReservationKind::Static {
            return Err(InvalidResource::StaticAbove);
        }
        if !is_strict_subrole(&above.role, &below.role) {
            let (below, above) = (Arc::clone(&below.role), Arc::clone(&above.role));
            return Err(InvalidResource::NotRefined { above, below });
        }
    }
    Ok(())
}
