//! The agent and its fetcher: files come before the container (`spec/fetcher.md` section 7).

use super::executors::{Container, Executor};
use super::fetcher::{
    self, Call, Client, Downlink, Entry, FetchRecord, FetchTls, Fetcher, FetcherOptions,
};
use super::task::{Run, Task, Update};
use super::{Agent, DownloadOrder, NetworkOrder, Output, Timer};
use crate::arena::Handle;
use crate::observe::Observation;
use crate::protocol::{CommandInfo, LaunchDetails, Reason, TaskState};
use policy_api::{CachePolicy, Time};
use std::sync::Arc;

/// The fetcher with the link that its downloads come over; none where there is a network.
#[derive(Clone, Debug)]
pub(super) struct Fetching {
    pub(super) fetcher: Fetcher,
    link: Option<Downlink>,
    /// What the fetcher asks for, kept for its memory.
    outputs: Vec<fetcher::Output>,
}

/// What the agent waits for on behalf of its fetcher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchTimer {
    /// An origin has answered.
    Probed(Handle<Entry>),
    /// The host has done its work for a call.
    Worked(Handle<Call>),
    /// A download has ended, if none has come or gone since.
    Downloaded { version: u32 },
}

impl Fetching {
    pub(super) fn new(options: FetcherOptions) -> Self {
        Self {
            fetcher: Fetcher::new(options, None),
            link: Some(Downlink::new(options.download_rate)),
            outputs: Vec::new(),
        }
    }

    fn link_version(&self) -> Option<u32> {
        self.link.as_ref().map(Downlink::version)
    }
}

impl Agent {
    /// Who is let into the fetcher's cache, and who leaves it. Without a policy what does not fit is
    /// not cached. To be called before the agent's start.
    pub fn set_cache_policy(&mut self, policy: Box<dyn CachePolicy>) {
        self.fetching.fetcher.set_cache_policy(policy);
    }

    /// What downloads from encrypted origins cost. To be called before the agent's start.
    pub const fn set_fetch_tls(&mut self, tls: FetchTls) {
        self.fetching.fetcher.set_tls(tls);
    }

    /// From now on its downloads are flows of the network.
    pub fn download_over_network(&mut self) {
        self.fetching.link = None;
    }

    /// The process has ended, and its downloads with it.
    pub(super) fn stop_fetching(&mut self, now: Time, out: &mut Vec<Output>) {
        if let Some(link) = &mut self.fetching.link {
            link.clear();
        } else {
            let calls = self.fetching.fetcher.calls().map(|(call, _)| call);
            let stop = |call| Output::Network(NetworkOrder::StopDownload { call });
            out.extend(calls.map(stop));
        }
        let clients: Vec<Client> =
            self.fetching.fetcher.calls().map(|(_, it)| it.client()).collect();
        self.fetching.fetcher.wipe();
        // Their executor waits for the agent's answer in vain.
        for client in clients {
            if let Client::Nested(task) = client
                && self.tasks.get(task).is_some_and(|task| task.run == Run::Starting)
            {
                self.fail_nested(now, task, out);
            }
        }
    }

    pub(super) fn downloaded(&mut self, now: Time, call: Handle<Call>, out: &mut Vec<Output>) {
        self.fetch(now, fetcher::Input::Stepped(call), out);
    }

    pub const fn fetcher(&self) -> &Fetcher {
        &self.fetching.fetcher
    }

    /// What has to be fetched for a container: the executor's files, or those of the command.
    fn command_of(&self, executor: &Executor) -> Option<Arc<CommandInfo>> {
        if let Some(named) = &executor.named {
            return named.info.command.clone();
        }
        let task = executor.tasks.as_slice().first().and_then(|task| self.tasks.get(*task))?;
        let LaunchDetails { command, .. } = task.details.as_deref()?;
        command.clone()
    }

    /// The container gets its files, and is launched when it has them. The patience with its executor
    /// begins now.
    pub(super) fn prepare_container(
        &mut self,
        now: Time,
        handle: Handle<Executor>,
        out: &mut Vec<Output>,
    ) {
        // Isolators prepare before anything is fetched.
        if !self.take_ports(handle) {
            self.fail_launch(now, handle, out);
            return;
        }
        let Some(executor) = self.executors.get(handle) else { return };
        let Some(command) = self.command_of(executor) else {
            self.fetching.fetcher.fetch_nothing();
            self.launch_container(now, handle, out);
            return;
        };
        let at = now + self.options.executor_registration_timeout;
        out.push(Output::Wake { at, timer: Timer::ExecutorRegistrationTimeout(handle) });
        let Some(executor) = self.executors.get_mut(handle) else { return };
        executor.container = Container::Fetching;
        let framework = executor.framework;
        self.fetch(
            now,
            fetcher::Input::Fetch { client: Client::Executor(handle), framework, command },
            out,
        );
    }

    /// A container has its files, or will not get them.
    fn fetch_ended(
        &mut self,
        now: Time,
        handle: Handle<Executor>,
        record: FetchRecord,
        out: &mut Vec<Output>,
    ) {
        // It may have been destroyed meanwhile.
        let Some(executor) = self.executors.get_mut(handle) else { return };
        let framework = executor.framework;
        out.push(Output::Observe(Observation::Fetched { host: self.host, framework, record }));
        if executor.container != Container::Fetching {
            return;
        }
        executor.container = Container::Launching;
        if record.succeeded {
            self.launch_container(now, handle, out);
        } else {
            self.fail_launch(now, handle, out);
        }
    }

    /// A task of a group gets its files, if it needs any, before it starts: it has a container of its own
    /// inside of that of its executor. False where it needs none.
    pub(super) fn prepare_nested(
        &mut self,
        now: Time,
        handle: Handle<Task>,
        out: &mut Vec<Output>,
    ) -> bool {
        let Some(task) = self.tasks.get(handle) else { return false };
        let Some(command) = task.nested_command() else { return false };
        let (framework, command) = (task.framework, Arc::clone(command));
        let client = Client::Nested(handle);
        self.fetch(now, fetcher::Input::Fetch { client, framework, command }, out);
        true
    }

    fn nested_fetched(
        &mut self,
        now: Time,
        handle: Handle<Task>,
        record: FetchRecord,
        out: &mut Vec<Output>,
    ) {
        // It may have been killed meanwhile.
        let Some(task) = self.tasks.get(handle) else { return };
        let (framework, starts) = (task.framework, task.run == Run::Starting);
        out.push(Output::Observe(Observation::Fetched { host: self.host, framework, record }));
        if starts && record.succeeded {
            self.start_task(now, handle, out);
        } else if starts {
            self.fail_nested(now, handle, out);
        }
    }

    fn fail_nested(&mut self, now: Time, handle: Handle<Task>, out: &mut Vec<Output>) {
        let reason = Some(Reason::ContainerLaunchFailed);
        self.end_task(now, handle, Update::of_executor(TaskState::Failed, reason), out);
    }

    /// A container is destroyed while its files are on their way.
    pub(super) fn kill_fetch(&mut self, now: Time, client: Client, out: &mut Vec<Output>) {
        self.fetch(now, fetcher::Input::Kill { client }, out);
    }

    pub(super) fn fetch_timer(&mut self, now: Time, timer: FetchTimer, out: &mut Vec<Output>) {
        match timer {
            FetchTimer::Probed(entry) => {
                let length = self.fetching.fetcher.length_of(entry);
                self.fetch(now, fetcher::Input::Probed { entry, length }, out);
            }
            FetchTimer::Worked(call) => {
                self.fetch(now, fetcher::Input::Stepped(call), out);
            }
            FetchTimer::Downloaded { version } => {
                if Some(version) != self.fetching.link_version() {
                    return;
                }
                let ended = |agent: &mut Self| agent.fetching.link.as_mut()?.take_ended(now);
                while let Some(call) = ended(self) {
                    self.tell_fetcher(now, fetcher::Input::Stepped(call), out);
                }
                self.await_download(out);
            }
        }
    }

    /// Hands an input to the fetcher, and waits anew for the link if it has changed.
    fn fetch(&mut self, now: Time, input: fetcher::Input, out: &mut Vec<Output>) {
        let before = self.fetching.link_version();
        self.tell_fetcher(now, input, out);
        if self.fetching.link_version() != before {
            self.await_download(out);
        }
    }

    fn tell_fetcher(&mut self, now: Time, input: fetcher::Input, out: &mut Vec<Output>) {
        let mut outputs = std::mem::take(&mut self.fetching.outputs);
        self.fetching.fetcher.handle(now, input, &mut outputs);
        for output in outputs.drain(..) {
            match output {
                fetcher::Output::Probe { entry, origin } => {
                    let at = now + self.fetching.fetcher.probe_time(&origin);
                    let timer = Timer::Fetch(FetchTimer::Probed(entry));
                    out.push(Output::Wake { at, timer });
                }
                fetcher::Output::Work { call, span } => {
                    let timer = Timer::Fetch(FetchTimer::Worked(call));
                    out.push(Output::Wake { at: now + span, timer });
                }
                fetcher::Output::Download { call, framework, origin: _, bytes } => {
                    if let Some(link) = &mut self.fetching.link {
                        link.start(now, call, bytes);
                    } else {
                        let order = DownloadOrder { call, framework, bytes };
                        out.push(Output::Network(NetworkOrder::Download(order)));
                    }
                }
                fetcher::Output::Abort { call } => match &mut self.fetching.link {
                    Some(link) => link.drop(now, call),
                    None => out.push(Output::Network(NetworkOrder::StopDownload { call })),
                },
                fetcher::Output::Ended { client: Client::Executor(container), record } => {
                    self.fetch_ended(now, container, record, out);
                }
                fetcher::Output::Ended { client: Client::Nested(task), record } => {
                    self.nested_fetched(now, task, record, out);
                }
            }
        }
        self.fetching.outputs = outputs;
    }

    fn await_download(&mut self, out: &mut Vec<Output>) {
        let Some(link) = &self.fetching.link else { return };
        if let Some(at) = link.next_end() {
            let version = link.version();
            let timer = Timer::Fetch(FetchTimer::Downloaded { version });
            out.push(Output::Wake { at, timer });
        }
    }
}
