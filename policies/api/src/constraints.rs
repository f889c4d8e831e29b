//! Offer constraints: which agents a framework wants to be offered (`spec/allocator.md` 2.8).

use crate::RoleId;
use std::sync::Arc;

/// The constraints of one role: an agent passes when all constraints of one group hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleConstraints {
    pub role: RoleId,
    pub groups: Vec<Vec<AttributeConstraint>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeConstraint {
    pub selector: AttributeSelector,
    pub predicate: AttributePredicate,
}

/// What of an agent is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeSelector {
    /// The first attribute of this name.
    Attribute(Arc<str>),
    Hostname,
    Region,
    Zone,
}

/// Texts and regular expressions apply to text values; all but `NotExists` hold for others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributePredicate {
    Exists,
    NotExists,
    TextEquals(Arc<str>),
    TextNotEquals(Arc<str>),
    /// The whole text matches the regular expression.
    TextMatches(Arc<str>),
    TextNotMatches(Arc<str>),
}
