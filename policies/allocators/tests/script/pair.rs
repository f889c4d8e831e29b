//! The allocator under test and the reference, told the same, asked the same.

use super::books::Books;
use super::catalogue::{ROLES, quota};
use super::dice::Dice;
use super::{Chance, Setting, Step, StepKind};
use crate::reference::{Draws, Reference};
use policy_allocators::{AgentOrder, HierarchicalAllocator, HierarchicalOptions, SorterKind};
use policy_api::{Allocator, Decision, DenseId, Fact, RoleId, Scalar, Span, Time};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

pub(crate) struct Pair {
    pub(crate) subject: HierarchicalAllocator,
    pub(crate) reference: Reference,
    pub(crate) books: Books,
    pub(crate) setting: Setting,
    pub(crate) now: Time,
    /// Facts that still come before what is due now is run.
    facts_before_run: usize,
    /// All that was decided, for comparisons of whole scripts.
    pub(crate) decided: Vec<Decision>,
    steps: usize,
}

fn options(setting: Setting) -> HierarchicalOptions {
    let generator = |stream: u64| Pcg64Mcg::seed_from_u64(setting.seed ^ stream);
    let defaults = HierarchicalOptions::default();
    HierarchicalOptions {
        agent_order: match setting.chance {
            Chance::Nothing | Chance::OrderOfClients => AgentOrder::ById,
            Chance::OrderOfAgents | Chance::Both => AgentOrder::Random(generator(1)),
        },
        sorter: match setting.chance {
            Chance::Nothing | Chance::OrderOfAgents => SorterKind::Drf,
            Chance::OrderOfClients | Chance::Both => SorterKind::Random(generator(2)),
        },
        min_allocatable_resources: if setting.no_minimum {
            Vec::new()
        } else {
            defaults.min_allocatable_resources.clone()
        },
        fair_sharing_excluded: if setting.exclude_memory { vec![Scalar::Mem] } else { Vec::new() },
        region: Some("here".into()),
        recovery_timeout: Span::from_millis(7_500),
        ..defaults
    }
}

impl Pair {
    pub(crate) fn new(setting: Setting) -> Self {
        let options = options(setting);
        let mut pair = Self {
            subject: HierarchicalAllocator::new(options.clone()),
            reference: Reference::new(options),
            books: Books::default(),
            setting,
            now: Time::ZERO,
            facts_before_run: 0,
            decided: Vec::new(),
            steps: 0,
        };
        for (index, path) in ROLES.iter().enumerate() {
            pair.tell(Fact::NameRole { role: RoleId::from_index(index), path });
        }
        if let Some(expected_agents) = setting.recovering {
            let role = RoleId::from_index(0);
            let quotas = &[(role, quota(&mut Dice::new(setting.seed)))];
            pair.tell(Fact::Recover { expected_agents, quotas });
        }
        pair
    }

    pub(super) fn tell(&mut self, fact: Fact<'_>) {
        self.reference.apply(self.now, &fact);
        self.subject.apply(self.now, fact);
    }

    pub(crate) fn step(&mut self, step: Step) {
        let mut dice = Dice::new(step.number);
        let dice = &mut dice;
        match step.kind {
            StepKind::AddAgent => self.add_agent(dice),
            StepKind::RemoveAgent => self.remove_agent(dice),
            StepKind::ToggleAgent => self.toggle_agent(dice),
            StepKind::UpdateAgentInfo => self.update_agent_info(dice),
            StepKind::UpdateAgentTotal => self.update_agent_total(dice),
            StepKind::AddResourceProvider => self.add_resource_provider(dice),
            StepKind::UpdateWhitelist => self.update_whitelist(dice),
            StepKind::UpdateUnavailability => self.update_unavailability(dice),
            StepKind::AnswerInverseOffer => self.answer_inverse_offer(dice),
            StepKind::AddFramework => self.add_framework(dice),
            StepKind::RemoveFramework => self.remove_framework(dice),
            StepKind::ToggleFramework => self.toggle_framework(dice),
            StepKind::UpdateFramework => self.update_framework(dice),
            StepKind::Suppress => self.suppress(dice),
            StepKind::Revive => self.revive(dice),
            StepKind::SetWeight => self.set_weight(dice),
            StepKind::SetQuota => self.set_quota(dice),
            StepKind::Decline => self.decline(dice),
            StepKind::DeclineAll => self.decline_all(dice),
            StepKind::Launch => self.launch(dice),
            StepKind::Finish => self.finish(dice),
            StepKind::OperateOnOffer => self.operate_on_offer(dice),
            StepKind::CopySharedVolume => self.copy_shared_volume(dice),
            StepKind::OperateOnFree => self.operate_on_free(dice),
            StepKind::Pause => self.tell(Fact::Pause),
            StepKind::Resume => self.tell(Fact::Resume),
            StepKind::Late => self.tell_late_facts(dice),
            StepKind::Advance => self.advance(dice),
        }
        self.steps += 1;
        assert_eq!(self.subject.is_run_pending(), self.reference.run_posted);
        self.check_books();
        if self.facts_before_run > 0 {
            self.facts_before_run -= 1;
            return;
        }
        self.run_if_due();
        if self.steps.is_multiple_of(8) {
            self.check_metrics();
        }
        if dice.one_in(8) {
            self.facts_before_run = 1 + dice.below(3);
        }
    }

    fn set_weight(&mut self, dice: &mut Dice) {
        // Roles with frameworks only below them have weights that may be stale.
        let inner: Vec<usize> = (0..ROLES.len())
            .filter(|&role| self.reference.is_inner(ROLES[role]) && !dice.one_in(3))
            .collect();
        let role = dice.pick(&inner).unwrap_or_else(|| dice.below(ROLES.len()));
        let role = RoleId::from_index(role);
        self.tell(Fact::SetWeight { role, weight: dice.of(&[0.5, 1.0, 1.0, 1.5, 2.0, 3.0]) });
    }

    fn set_quota(&mut self, dice: &mut Dice) {
        let top: Vec<usize> = (0..ROLES.len()).filter(|&role| !ROLES[role].contains('/')).collect();
        let (role, quota) = (RoleId::from_index(dice.of(&top)), quota(dice));
        let (guarantees, limits) = (quota.guarantees, quota.limits.0);
        self.tell(Fact::SetQuota { role, guarantees, limits });
    }

    // Time ---------------------------------------------------------------------------------------

    fn run_if_due(&mut self) {
        if self.reference.is_due(self.now) {
            self.run(true);
        }
        let runs = self.subject.allocation_runs(self.now);
        assert_eq!(runs, self.reference.runs, "the number of runs at {}", self.now);
    }

    /// The reference runs at every tick; the allocator under test when it wants to, or must.
    fn run(&mut self, must: bool) {
        let charged = self.charges();
        let mut decided = Vec::new();
        let wants = self.subject.next_allocation().is_some_and(|next| next <= self.now);
        if wants || must {
            self.subject.allocate(self.now, &mut decided);
        }
        let draws = Draws::of(&self.reference.options, &decided);
        let expected = self.reference.allocate(self.now, &draws);
        assert_eq!(in_any_order(&decided), in_any_order(&expected), "at {}", self.now);
        self.check_offers(&decided, &charged);
        self.books.enter(&decided);
        self.decided.extend(decided);
        self.check_books();
    }

    fn advance(&mut self, dice: &mut Dice) {
        self.run_if_due();
        let quarters = u64::try_from(dice.of(&[1, 2, 3, 4, 4, 4, 5, 8, 13])).expect("small");
        let target = self.now + Span::from_millis(250) * quarters;
        while self.reference.next_tick() < target {
            self.now = self.reference.next_tick();
            self.run(false);
        }
        self.now = target;
        if self.reference.next_tick() == target && dice.one_in(3) {
            // These facts arrive at the time of the tick, but before it.
            self.facts_before_run = 1 + dice.below(3);
        }
    }
}

/// Offers as they are; the order of inverse offers is left open.
fn in_any_order(decisions: &[Decision]) -> (Vec<&Decision>, Vec<(usize, usize)>) {
    let mut inverse = Vec::new();
    let offers = decisions.iter().filter(|decision| match decision {
        Decision::Offer { .. } => true,
        Decision::InverseOffer { framework, agent } => {
            inverse.push((agent.index(), framework.index()));
            false
        }
    });
    let offers = offers.collect();
    inverse.sort_unstable();
    (offers, inverse)
}
