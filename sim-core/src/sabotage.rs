//! Deliberate bugs, by which tests find out whether the checks of [`invariants`](crate::invariants)
//! would notice. Compiled only with the feature `sabotage`, and off unless asked for.

/// One bug of the master or of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// The allocator does not hear of the end of a task.
    LeakAtEnd,
    /// A framework is told of more than it is offered.
    Overstate,
    /// An agent launches each task twice.
    LaunchTwice,
    /// An agent skips a number when an update is acknowledged.
    SkipUpdate,
    /// An agent ignores launches now and then.
    ForgetLaunch,
    /// An agent forgets its reservations and volumes when it starts again.
    ForgetReservations,
    /// The master does not hear of the ends of executors.
    KeepExecutors,
    /// The master takes offers back without a word.
    ForgetRescind,
    /// An agent that lost its master does not look for it.
    StayAway,
    /// The allocator does not hear of limits of quota.
    IgnoreLimits,
    /// The master makes two offers of the same resources.
    OfferTwice,
    /// Master and allocator go on counting what tasks held.
    CountOn,
    /// An agent says that it has done an operation, and has not.
    PretendOperation,
    /// An agent does not answer operations.
    ForgetAnswer,
    /// The allocator does not hear that less can be oversubscribed.
    KeepEstimate,
    /// An agent does not get the ports of its containers back.
    KeepPorts,
    /// The network is not told that a task is gone.
    KeepMoving,
}
