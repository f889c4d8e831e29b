//! LAUNCH and `LAUNCH_GROUP`: what becomes of the tasks of an ACCEPT.

use super::accept::Acceptance;
use super::acls::Action;
use super::{Master, Offer, Output, task_validation};
use crate::protocol::{ExecutorInfo, Launch, Reason, RunTask, TaskId, TaskState, Tasks, ToAgent};
use policy_api::{AgentId, Allocator, FrameworkId, Resources};

impl<A: Allocator> Master<A> {
    pub(super) fn launch(
        &mut self,
        acceptance: &mut Acceptance,
        launch: Launch,
        out: &mut Vec<Output>,
    ) {
        let Offer { framework, agent, .. } = acceptance.offer;
        let error = (TaskState::Error, Reason::TaskInvalid);
        if !self.may_run(framework) {
            let error = (TaskState::Error, Reason::TaskUnauthorized);
            self.tell_of_task(framework, launch.task, Some(agent), error, None, out);
        } else if self.knows_task(framework, launch.task)
            || task_validation::task(&launch, self.existing(framework, agent, &launch)).is_err()
            || !acceptance.covers(&launch.resources, self.new_executor(framework, agent, &launch))
        {
            self.tell_of_task(framework, launch.task, Some(agent), error, None, out);
        } else {
            self.run(acceptance, Tasks::One(launch), out);
        }
    }

    pub(super) fn launch_group(
        &mut self,
        acceptance: &mut Acceptance,
        launches: Vec<Launch>,
        out: &mut Vec<Output>,
    ) {
        let Offer { framework, agent, .. } = acceptance.offer;
        let reason = if self.may_run(framework) {
            let mut needed = Resources::EMPTY;
            for launch in &launches {
                needed.add(&launch.resources);
            }
            let executor = launches.first();
            let executor = executor.and_then(|it| self.new_executor(framework, agent, it));
            let is_known = |launch: &Launch| self.knows_task(framework, launch.task);
            let book = &self.agents[agent];
            let existing =
                |wanted: &ExecutorInfo| book.executor(framework, wanted.id).map(|it| &*it.info);
            let valid = self.options.profile.task_groups
                && !launches.iter().any(is_known)
                && !has_duplicates(&launches)
                && task_validation::group(&launches, existing).is_ok()
                // No copies of shared volumes are added for a group.
                && acceptance.covers_exactly(&needed, executor);
            if valid { None } else { Some(Reason::TaskGroupInvalid) }
        } else {
            Some(Reason::TaskGroupUnauthorized)
        };
        match reason {
            Some(reason) => {
                for launch in launches {
                    let error = (TaskState::Error, reason);
                    self.tell_of_task(framework, launch.task, Some(agent), error, None, out);
                }
            }
            None => self.run(acceptance, Tasks::Group(launches), out),
        }
    }

    /// Valid tasks: from now on they, and an executor that is new, hold their resources.
    fn run(&mut self, acceptance: &mut Acceptance, tasks: Tasks, out: &mut Vec<Output>) {
        let Offer { framework, role, agent, .. } = acceptance.offer;
        let mut launch_executor =
            tasks.as_slice().first().is_some_and(|it| it.executor().is_none());
        for launch in tasks.as_slice() {
            if let Some(executor) = self.new_executor(framework, agent, launch).cloned() {
                acceptance.take(&executor.resources);
                self.add_executor(framework, role, agent, executor.into());
                launch_executor = true;
            }
            acceptance.take(&launch.resources);
            self.start_task(framework, role, agent, launch, out);
        }
        let partition_aware = self.is_partition_aware(framework);
        let task_killing_state = self.options.profile.task_killing_state
            && self.capabilities(framework).task_killing_state;
        let subscription = &self.frameworks[framework].subscription;
        let checkpoint = subscription.checkpoint;
        let framework_name = subscription.info.name.clone();
        let role = self.roles.path(role).clone();
        let run = RunTask {
            agent,
            framework,
            framework_name,
            role,
            partition_aware,
            task_killing_state,
            checkpoint,
            launch_executor,
            tasks,
        };
        self.send(agent, ToAgent::Run(run), out);
    }

    fn may_run(&self, framework: FrameworkId) -> bool {
        let subscription = &self.frameworks[framework].subscription;
        let (principal, user) = (subscription.principal.as_deref(), Some(&*subscription.user));
        self.options.acls.allow(Action::RunTask, principal, user)
    }

    /// Whether the framework uses this name, also for a task that is out of reach.
    fn knows_task(&self, framework: FrameworkId, id: TaskId) -> bool {
        let book = &self.frameworks[framework];
        book.tasks.get(id).is_some() || book.unreachable.iter().any(|past| past.task == id)
    }

    fn existing(
        &self,
        framework: FrameworkId,
        agent: AgentId,
        launch: &Launch,
    ) -> Option<&ExecutorInfo> {
        let id = launch.executor()?.id;
        self.agents[agent].executor(framework, id).map(|it| &*it.info)
    }

    /// The executor that a launch brings along.
    fn new_executor<'a>(
        &self,
        framework: FrameworkId,
        agent: AgentId,
        launch: &'a Launch,
    ) -> Option<&'a ExecutorInfo> {
        let wanted = launch.executor()?;
        let known = self.agents[agent].executor(framework, wanted.id).is_some();
        (!known).then_some(&**wanted)
    }
}

fn has_duplicates(launches: &[Launch]) -> bool {
    let same = |(index, launch): (usize, &Launch)| {
        launches[..index].iter().any(|other| other.task == launch.task)
    };
    launches.iter().enumerate().any(same)
}
