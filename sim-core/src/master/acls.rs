//! Who may do what: Mesos's local authoriser (`spec/master.md` section 6, `docs/authorization.md`).

use std::sync::Arc;

/// Rules by action; the first that names the principal decides about the object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acls {
    pub rules: Vec<Acl>,
    /// Whether what no rule speaks of is refused.
    pub strict: bool,
}

/// Those `principals` may do this to those `objects`, and to no others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acl {
    pub action: Action,
    pub principals: Entity,
    /// Roles; principals of what is to be undone; machines for maintenance.
    pub objects: Entity,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entity {
    Any,
    None,
    Some(Vec<Arc<str>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    RegisterFramework,
    RunTask,
    /// Objects are roles.
    ReserveResources,
    /// Objects are the principals of the reservations.
    UnreserveResources,
    /// Objects are roles.
    CreateVolume,
    /// Objects are the principals of the volumes.
    DestroyVolume,
    /// Objects are roles.
    ResizeVolume,
    /// Objects are roles.
    UpdateQuota,
    /// Objects are roles.
    UpdateWeight,
    /// Objects are the principals of the frameworks.
    TeardownFramework,
    UpdateMaintenanceSchedule,
    StartMaintenance,
    StopMaintenance,
    DrainAgent,
    DeactivateAgent,
    ReactivateAgent,
    MarkAgentGone,
}

impl Acls {
    /// Whether `principal` (`None`: nobody in particular) may do this to `object`.
    pub fn allow(&self, action: Action, principal: Option<&str>, object: Option<&str>) -> bool {
        let of_principal =
            |acl: &&Acl| acl.action == action && acl.principals.covers_principal(principal);
        for acl in self.rules.iter().filter(of_principal) {
            if let Some(decision) = acl.decide(object) {
                return decision;
            }
        }
        !self.strict
    }
}

impl Acl {
    /// `None` where the rule does not speak of the object.
    fn decide(&self, object: Option<&str>) -> Option<bool> {
        if self.principals == Entity::None {
            // "Nobody may touch these".
            return self.objects.names(object).then_some(false);
        }
        match &self.objects {
            Entity::Any => Some(true),
            Entity::None => Some(false),
            Entity::Some(_) => Some(self.objects.names(object)),
        }
    }
}

impl Entity {
    fn covers_principal(&self, principal: Option<&str>) -> bool {
        match self {
            // A rule for nobody is a rule about everybody: it forbids.
            Self::Any | Self::None => true,
            Self::Some(_) => self.names(principal),
        }
    }

    fn names(&self, name: Option<&str>) -> bool {
        match self {
            Self::Any => true,
            Self::None => false,
            Self::Some(names) => name.is_some_and(|name| names.iter().any(|it| **it == *name)),
        }
    }
}
