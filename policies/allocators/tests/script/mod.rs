//! Random scripts of facts, told to the allocator under test and to the reference.

mod books;
pub(crate) mod catalogue;
mod conservation;
mod dice;
mod pair;
mod parts;
mod shrink;
mod steps_agents;
mod steps_frameworks;
mod steps_resources;

pub(crate) use pair::Pair;
use proptest::prelude::*;
pub(crate) use shrink::check;

/// What happens next. The number decides all details, from what there is when the step comes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) kind: StepKind,
    pub(crate) number: u64,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum StepKind {
    AddAgent,
    RemoveAgent,
    ToggleAgent,
    UpdateAgentInfo,
    UpdateAgentTotal,
    AddResourceProvider,
    UpdateWhitelist,
    UpdateUnavailability,
    AnswerInverseOffer,
    AddFramework,
    RemoveFramework,
    ToggleFramework,
    UpdateFramework,
    Suppress,
    Revive,
    SetWeight,
    SetQuota,
    Decline,
    DeclineAll,
    Launch,
    Finish,
    OperateOnOffer,
    CopySharedVolume,
    OperateOnFree,
    Pause,
    Resume,
    Late,
    Advance,
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    use StepKind as K;
    let kind = prop_oneof![
        6 => Just(K::AddAgent),
        2 => Just(K::RemoveAgent),
        2 => Just(K::ToggleAgent),
        2 => Just(K::UpdateAgentInfo),
        2 => Just(K::UpdateAgentTotal),
        1 => Just(K::AddResourceProvider),
        1 => Just(K::UpdateWhitelist),
        2 => Just(K::UpdateUnavailability),
        3 => Just(K::AnswerInverseOffer),
        5 => Just(K::AddFramework),
        2 => Just(K::RemoveFramework),
        2 => Just(K::ToggleFramework),
        2 => Just(K::UpdateFramework),
        2 => Just(K::Suppress),
        2 => Just(K::Revive),
        6 => Just(K::SetWeight),
        3 => Just(K::SetQuota),
        26 => Just(K::Decline),
        1 => Just(K::DeclineAll),
        16 => Just(K::Launch),
        16 => Just(K::Finish),
        8 => Just(K::OperateOnOffer),
        3 => Just(K::CopySharedVolume),
        3 => Just(K::OperateOnFree),
        1 => Just(K::Pause),
        2 => Just(K::Resume),
        1 => Just(K::Late),
        30 => Just(K::Advance),
    ];
    (kind, any::<u64>()).prop_map(|(kind, number)| Step { kind, number })
}

/// What is left to chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chance {
    Nothing,
    OrderOfAgents,
    OrderOfClients,
    Both,
}

/// The allocator's options, and how large the cluster gets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    pub(crate) chance: Chance,
    /// Without a least amount that is offered, as allocators are made for tests.
    pub(crate) no_minimum: bool,
    pub(crate) exclude_memory: bool,
    /// Tasks take all that is offered and stay long, so that agents are full most of the time.
    pub(crate) busy: bool,
    /// The agents that were expected after a failover.
    pub(crate) recovering: Option<u32>,
    pub(crate) agents: usize,
    pub(crate) frameworks: usize,
    pub(crate) seed: u64,
}

pub(crate) fn setting(
    chance: Chance,
    agents: impl Strategy<Value = usize>,
) -> impl Strategy<Value = Setting> {
    let seldom = || prop::bool::weighted(0.2);
    let recovering = prop::option::weighted(0.2, 1_u32..12);
    let options = (seldom(), seldom(), prop::bool::weighted(0.4), recovering);
    (agents, 2..12_usize, options, any::<u64>()).prop_map(
        move |(agents, frameworks, (no_minimum, exclude_memory, busy, recovering), seed)| Setting {
            chance,
            no_minimum,
            exclude_memory,
            busy,
            recovering,
            agents,
            frameworks,
            seed,
        },
    )
}
