//! Steps about frameworks.

use super::books::FrameworkBook;
use super::catalogue::framework_info;
use super::dice::Dice;
use super::pair::Pair;
use policy_api::{AgentId, DenseId, Fact, FrameworkId, Resources, RoleId};

impl Pair {
    fn some_framework(&self, dice: &mut Dice) -> Option<FrameworkId> {
        dice.pick(&self.books.frameworks.keys().copied().collect::<Vec<_>>())
    }

    pub(super) fn add_framework(&mut self, dice: &mut Dice) {
        if self.books.frameworks.len() >= self.setting.frameworks {
            return;
        }
        let stranger = if dice.one_in(3) { None } else { dice.pick(&self.books.strangers) };
        let framework = stranger.unwrap_or_else(|| {
            self.books.frameworks_made += 1;
            FrameworkId::from_index(self.books.frameworks_made - 1)
        });
        self.books.strangers.retain(|&other| other != framework);
        let used: Vec<(AgentId, RoleId, Resources)> = self
            .books
            .used
            .iter()
            .filter(|(holder, _)| holder.1 == framework)
            .map(|(holder, resources)| (holder.0, holder.2, resources.clone()))
            .collect();
        let (info, active) = (framework_info(framework, dice), !dice.one_in(8));
        self.tell(Fact::AddFramework { framework, info: &info, active, used: &used });
        self.books.frameworks.insert(framework, FrameworkBook { info, active });
    }

    pub(super) fn remove_framework(&mut self, dice: &mut Dice) {
        let Some(framework) = self.some_framework(dice) else { return };
        if self.books.frameworks.len() * 2 < self.setting.frameworks {
            return;
        }
        if dice.one_in(2) {
            // A master removes the tasks first.
            for holder in self.books.uses().into_iter().filter(|holder| holder.1 == framework) {
                let resources = self.books.used[&holder].clone();
                self.recover(holder, &resources, None, true);
            }
        }
        self.tell(Fact::RemoveFramework { framework });
        self.books.frameworks.remove(&framework);
        self.books.forget(|holder| holder.1 == framework);
        self.books.inverse.retain(|it| it.1 != framework);
    }

    pub(super) fn toggle_framework(&mut self, dice: &mut Dice) {
        let all = self.books.frameworks.iter();
        let inactive: Vec<FrameworkId> =
            all.filter(|(_, row)| !row.active).map(|(&framework, _)| framework).collect();
        let framework = if dice.one_in(3) { None } else { dice.pick(&inactive) };
        let Some(framework) = framework.or_else(|| self.some_framework(dice)) else { return };
        let active = &mut self.books.frameworks.get_mut(&framework).expect("picked").active;
        *active = !*active;
        let fact = if *active {
            Fact::ActivateFramework { framework }
        } else {
            Fact::DeactivateFramework { framework }
        };
        self.tell(fact);
    }

    pub(super) fn update_framework(&mut self, dice: &mut Dice) {
        let Some(framework) = self.some_framework(dice) else { return };
        let row = self.books.frameworks.get_mut(&framework).expect("picked");
        let new = framework_info(framework, dice);
        if dice.one_in(2) {
            row.info = new;
        } else {
            // The same roles; only suppression changes.
            row.info.suppressed_roles = dice.some(&row.info.roles, 2);
        }
        let info = row.info.clone();
        self.tell(Fact::UpdateFramework { framework, info: &info });
    }

    pub(super) fn suppress(&mut self, dice: &mut Dice) {
        let Some(framework) = self.some_framework(dice) else { return };
        let roles = self.some_roles(framework, dice);
        self.tell(Fact::Suppress { framework, roles: &roles });
    }

    pub(super) fn revive(&mut self, dice: &mut Dice) {
        let Some(framework) = self.some_framework(dice) else { return };
        let roles = self.some_roles(framework, dice);
        self.tell(Fact::Revive { framework, roles: &roles });
    }

    /// None for all.
    fn some_roles(&self, framework: FrameworkId, dice: &mut Dice) -> Vec<RoleId> {
        dice.some(&self.books.frameworks[&framework].info.roles, 2)
    }
}
