//! Role paths: validity and ancestry (`spec/allocator.md` 0.1; Mesos `src/common/roles.cpp`).

/// Why a role name is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRole {
    #[error("a role name must not be empty")]
    Empty,
    #[error("role '{0}' must not start or end with a slash, nor contain two in a row")]
    Slash(String),
    #[error("role '{role}' has the component '{component}', which is reserved")]
    Component { role: String, component: String },
    #[error("role '{role}' has the component '{component}', which starts with a dash")]
    Dash { role: String, component: String },
    #[error("role '{0}' contains white space or a control character")]
    Character(String),
}

/// Checks a role name by Mesos's rules.
///
/// ```
/// use policy_api::validate_role;
/// assert!(validate_role("eng/web").is_ok());
/// assert!(validate_role("*").is_ok());
/// assert!(validate_role("eng/*").is_err());
/// ```
pub fn validate_role(role: &str) -> Result<(), InvalidRole> {
    if role == "*" {
        return Ok(());
    }
    if role.is_empty() {
        return Err(InvalidRole::Empty);
    }
    if role.starts_with('/') || role.ends_with('/') || role.contains("//") {
        return Err(InvalidRole::Slash(role.to_owned()));
    }
    if role.bytes().any(|byte| matches!(byte, 0x09..=0x0D | 0x20 | 0x7F)) {
        return Err(InvalidRole::Character(role.to_owned()));
    }
    for component in role.split('/') {
        let owned = || (role.to_owned(), component.to_owned());
        if matches!(component, "." | ".." | "*") {
            let (role, component) = owned();
            return Err(InvalidRole::Component { role, component });
        }
        if component.starts_with('-') {
            let (role, component) = owned();
            return Err(InvalidRole::Dash { role, component });
        }
    }
    Ok(())
}

/// Whether `role` lies strictly below `ancestor`: `a/b` below `a`, but neither `ab` nor `a`.
pub fn is_strict_subrole(role: &str, ancestor: &str) -> bool {
    role.len() > ancestor.len()
        && role.starts_with(ancestor)
        && role.as_bytes()[ancestor.len()] == b'/'
}

/// The role one level up; `None` for a top-level role.
pub fn parent_role(role: &str) -> Option<&str> {
    role.rfind('/').map(|slash| &role[..slash])
}
