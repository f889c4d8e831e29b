//! Roles: paths that have been met, numbered for the allocator.

use super::Master;
use policy_api::{Allocator, Fact, IdVec, Lookup, RoleId, Time};
use std::sync::Arc;

#[derive(Clone, Debug, Default)]
pub(super) struct Roles {
    paths: IdVec<RoleId, Arc<str>>,
    ids: Lookup<Arc<str>, RoleId>,
}

impl Roles {
    pub(super) fn path(&self, role: RoleId) -> &Arc<str> {
        &self.paths[role]
    }

    /// The path, where there is such a role.
    pub(super) fn get_path(&self, role: RoleId) -> Option<&str> {
        self.paths.get(role).map(|path| &**path)
    }

    pub(super) fn contains(&self, role: RoleId) -> bool {
        self.paths.get(role).is_some()
    }

    pub(super) fn get(&self, path: &str) -> Option<RoleId> {
        self.ids.get(path).copied()
    }

    /// Whether `role` is `ancestor` or below it.
    pub(super) fn is_in_subtree(&self, role: RoleId, ancestor: &str) -> bool {
        let path = self.path(role);
        **path == *ancestor || policy_api::is_strict_subrole(path, ancestor)
    }
}

impl<A: Allocator> Master<A> {
    /// The number of a role; the allocator is told of one that is new.
    pub(super) fn role_id(&mut self, now: Time, path: &str) -> RoleId {
        if let Some(role) = self.roles.get(path) {
            return role;
        }
        let path: Arc<str> = path.into();
        let role = self.roles.paths.push(Arc::clone(&path));
        self.allocator.apply(now, Fact::NameRole { role, path: &path });
        self.roles.ids.insert(path, role);
        role
    }

    /// The path of a role.
    pub fn role_path(&self, role: RoleId) -> &Arc<str> {
        self.roles.path(role)
    }
}
