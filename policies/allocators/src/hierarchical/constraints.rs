//! Offer constraints, compiled (`spec/allocator.md` 2.8).

use policy_api::{
    AgentInfo, AttributeConstraint, AttributePredicate, AttributeSelector, RoleConstraints,
};
use regex_lite::Regex;
use std::sync::Arc;

/// The groups of one role: an agent passes when one of them holds as a whole.
#[derive(Clone, Debug)]
pub(super) struct Constraints(Vec<Vec<Constraint>>);

#[derive(Clone, Debug)]
struct Constraint {
    selector: AttributeSelector,
    predicate: Predicate,
}

#[derive(Clone, Debug)]
enum Predicate {
    Exists,
    NotExists,
    TextEquals(Arc<str>),
    TextNotEquals(Arc<str>),
    /// Expressions that cannot be compiled match nothing; whoever takes in a framework's
    /// constraints refuses them.
    TextMatches(Option<Regex>),
    TextNotMatches(Option<Regex>),
}

/// What a selector finds on an agent.
enum Found<'a> {
    Missing,
    Text(&'a str),
    Other,
}

/// Compiles a regular expression so that it matches whole texts only.
pub(crate) fn full_match(pattern: &str) -> Result<Regex, regex_lite::Error> {
    Regex::new(&format!("^(?:{pattern})$"))
}

impl Constraints {
    pub(super) fn new(constraints: &RoleConstraints) -> Self {
        let compile = |constraint: &AttributeConstraint| Constraint {
            selector: constraint.selector.clone(),
            predicate: match &constraint.predicate {
                AttributePredicate::Exists => Predicate::Exists,
                AttributePredicate::NotExists => Predicate::NotExists,
                AttributePredicate::TextEquals(text) => Predicate::TextEquals(Arc::clone(text)),
                AttributePredicate::TextNotEquals(text) => {
                    Predicate::TextNotEquals(Arc::clone(text))
                }
                AttributePredicate::TextMatches(pattern) => {
                    Predicate::TextMatches(full_match(pattern).ok())
                }
                AttributePredicate::TextNotMatches(pattern) => {
                    Predicate::TextNotMatches(full_match(pattern).ok())
                }
            },
        };
        let groups = constraints.groups.iter();
        Self(groups.map(|group| group.iter().map(compile).collect()).collect())
    }

    pub(super) fn exclude(&self, agent: &AgentInfo) -> bool {
        !self.0.iter().any(|group| group.iter().all(|constraint| constraint.holds(agent)))
    }
}

impl Constraint {
    fn holds(&self, agent: &AgentInfo) -> bool {
        let found = find(&self.selector, agent);
        let matches = |regex: &Option<Regex>, text: &str| {
            regex.as_ref().is_some_and(|regex| regex.is_match(text))
        };
        match (&self.predicate, found) {
            (Predicate::Exists, found) => !matches!(found, Found::Missing),
            (Predicate::NotExists, found) => matches!(found, Found::Missing),
            (Predicate::TextEquals(_) | Predicate::TextMatches(_), Found::Missing) => false,
            (Predicate::TextNotEquals(_) | Predicate::TextNotMatches(_), Found::Missing)
            | (_, Found::Other) => true,
            (Predicate::TextEquals(text), Found::Text(found)) => **text == *found,
            (Predicate::TextNotEquals(text), Found::Text(found)) => **text != *found,
            (Predicate::TextMatches(regex), Found::Text(found)) => matches(regex, found),
            (Predicate::TextNotMatches(regex), Found::Text(found)) => !matches(regex, found),
        }
    }
}

fn find<'a>(selector: &AttributeSelector, agent: &'a AgentInfo) -> Found<'a> {
    let text = |text: &'a Option<Arc<str>>| text.as_deref().map_or(Found::Missing, Found::Text);
    match selector {
        AttributeSelector::Hostname => Found::Text(&agent.hostname),
        AttributeSelector::Region => text(&agent.region),
        AttributeSelector::Zone => text(&agent.zone),
        AttributeSelector::Attribute(name) => {
            if let Some((_, value)) = agent.attributes.iter().find(|(own, _)| own == name) {
                Found::Text(value)
            } else if agent.other_attributes.iter().any(|(own, _)| own == name) {
                Found::Other
            } else {
                Found::Missing
            }
        }
    }
}
