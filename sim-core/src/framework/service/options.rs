//! What a service is to be.

use crate::framework::Spread;
use crate::protocol::CommandInfo;
use policy_api::{Quantities, Span, Time};
use std::sync::Arc;

/// A service: so many instances of one task that never ends by itself.
#[derive(Clone, Debug)]
pub struct ServiceOptions {
    /// What one instance asks for.
    pub demand: Quantities,
    /// The files that each instance needs, by its number, and again from the first where there are more of them.
    pub files: Vec<Arc<CommandInfo>>,
    /// How many instances are wanted from when on; none before the first.
    pub scale: Vec<(Time, u32)>,
    pub spread: Spread,
    /// How long offers that are not used are refused.
    pub decline: Span,
    /// How long an instance whose agent does not answer may come back before it is replaced.
    pub unreachable_timeout: Span,
    /// How long before its maintenance an agent is left: its instances move, its offers are declined.
    pub maintenance_margin: Span,
}
