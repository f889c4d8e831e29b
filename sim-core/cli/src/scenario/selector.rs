//! Which agents are meant.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Agents, as one text or a list of texts. Each is the name of an agent, the name of a group, a pattern
/// in which `*` stands for anything, or an attribute with its value, such as `rack=r3`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(untagged, expecting = "expected a text or a list of texts")]
pub(crate) enum AgentSelector {
    One(String),
    Many(Vec<String>),
}

impl AgentSelector {
    pub(crate) fn texts(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }
}
