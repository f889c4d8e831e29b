//! Containers that need files (`spec/fetcher.md` section 7), with times that are easy to follow: the
//! link brings 10 bytes a second, the disk writes 100.

use super::support::agent_desk::{AgentDesk, OPTIONS, check, check_desk};
use super::support::words::resources;
use policy_api::Span;
use sim_core::agent::AgentOptions;
use sim_core::agent::fetcher::{FetchTls, FetcherOptions};
use sim_core::transport::{Key, TlsCosts};

const SLOW: AgentOptions = AgentOptions {
    fetcher: FetcherOptions {
        cache_size: 1_000,
        has_frameworks_home: false,
        probe_time: Span::from_secs(1),
        download_rate: 10,
        disk_rate: 100,
        extract_rate: 50,
        worker_start: Span::from_secs(2),
    },
    ..OPTIONS
};

#[test]
fn fc_1_a_local_file_is_copied_before_the_task_runs() {
    check(
        SLOW,
        "
        run T0=cpus:1@10s uri=file:///bin/command@100,executable
        at 2s
        at 3s
            3s fetch has 1 uncached
            3s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        at 13s
            13s T0 TASK_FINISHED latest TASK_FINISHED
        cache
        fetcher-metric task_fetches_succeeded
            1
        ",
    );
}

/// Question 1 s, worker 2 s, download 10 s, into the cache 1 s, into the sandbox 1 s. The second one:
/// worker 2 s, into the sandbox 1 s.
#[test]
fn fc_2_a_cached_file_is_there_at_once() {
    check(
        SLOW,
        "
        run T0=cpus:1@forever uri=http://host/command@100,cache
        at 15s
            15s fetch has 1 cached
            15s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        run T1=cpus:1@forever uri=http://host/command@100,cache
        at 18s
            18s fetch has 1 from the cache
            18s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        cache
            c1-command 100
        fetcher-metric cache_size_used_bytes
            100
        fetcher-metric cache_size_total_bytes
            1000
        fetcher-metric downloaded_bytes
            100
        fetcher-metric saved_bytes
            100
        # No URI: it counts, and takes no time.
        run T2=cpus:1@forever
            18s T2 TASK_RUNNING latest TASK_RUNNING
        fetcher-metric task_fetches_succeeded
            3
        ",
    );
}

/// Two downloads at once take twice as long each; unpacking 100 bytes takes 2 s.
#[test]
fn downloads_share_the_link() {
    check(
        SLOW,
        "
        run T0=cpus:1@forever uri=http://host/a@100
        run T1=cpus:1@forever uri=http://host/b.zip@100
        at 22s
        at 23s
            23s fetch has 1 uncached
            23s T0 TASK_RUNNING latest TASK_RUNNING
        at 25s
            25s fetch has 1 uncached
            25s T1 TASK_RUNNING latest TASK_RUNNING
        ",
    );
}

#[test]
fn fc_11_the_cache_does_not_survive_the_agent() {
    check(
        SLOW,
        "
        run T0=cpus:1@forever uri=http://host/command@100,cache checkpoint
        at 15s
            15s fetch has 1 cached
            15s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        cache
            c1-command 100
        crash
        restart
        cache
        at 17s
            17s reregisters A0; F0 T0=TASK_RUNNING
        run T1=cpus:1@forever uri=http://host/command@100,cache
        at 32s
            32s fetch has 1 cached
            32s T1 TASK_RUNNING latest TASK_RUNNING
        cache
            c1-command 100
        ",
    );
}

/// What the last process was fetching is not finished, and its timers do not disturb the next one.
#[test]
fn an_agent_that_restarts_gives_up_what_it_was_fetching() {
    check(
        SLOW,
        "
        run T0=cpus:1@forever uri=http://host/command@100,cache checkpoint
        at 5s
        crash
        restart
        at 7s
            7s reregisters A0; F0 T0=TASK_FAILED/TASK_STAGING
            7s T0 TASK_FAILED latest TASK_FAILED ExecutorTerminated
        acknowledge T0
        run T1=cpus:1@forever uri=http://host/command@100,cache
        at 22s
            22s fetch has 1 cached
            22s T1 TASK_RUNNING latest TASK_RUNNING
        ",
    );
}

#[test]
fn fc_16_a_container_without_its_files_fails() {
    check(
        SLOW,
        "
        sources
        run T0=cpus:1@forever uri=http://host/missing
        at 2s
            2s fetch failed with 1 uncached
            2s T0 TASK_FAILED latest TASK_FAILED ContainerLaunchFailed by Agent
        metric container_launch_errors
            1
        fetcher-metric task_fetches_failed
            1
        fetcher-metric task_fetches_succeeded
            0
        # A broken URI fails at once.
        run T1=cpus:1@forever uri=lala://nopath@10
            2s fetch failed at once
            2s T1 TASK_FAILED latest TASK_FAILED ContainerLaunchFailed by Agent
        ",
    );
}

/// The patience with an executor begins before its files come, and ends the worker. The joiner then
/// downloads for itself, in time.
#[test]
fn a_fetch_that_takes_too_long_is_killed() {
    let options = AgentOptions { executor_registration_timeout: Span::from_secs(60), ..SLOW };
    check(
        options,
        "
        run T0=cpus:1@forever uri=http://host/small@100,cache uri=http://host/large@1000
        at 50s
        run T1=cpus:1@forever uri=http://host/small@100,cache
        at 60s
            60s fetch failed with 1 cached, 1 uncached
            60s T0 TASK_FAILED latest TASK_FAILED ExecutorRegistrationTimeout
        acknowledge T0
        at 73s
            73s fetch has 1 bypassed
            73s T1 TASK_RUNNING latest TASK_RUNNING
        cache
        ",
    );
}

/// The launch comes after the fetch, within what is left of the patience.
#[test]
fn the_launch_delay_comes_on_top() {
    let options = AgentOptions {
        launch_delay: Span::from_secs(5),
        executor_registration_timeout: Span::from_secs(10),
        ..SLOW
    };
    check(
        options,
        "
        run T0=cpus:1@forever uri=file:///a@100
        run T1=cpus:1@forever uri=file:///b@500
        at 3s
            3s fetch has 1 uncached
        at 7s
            7s fetch has 1 uncached
        at 8s
            8s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        at 10s
            10s T1 TASK_FAILED latest TASK_FAILED ExecutorRegistrationTimeout
        acknowledge T1
        at 30s
        ",
    );
}

/// The timer of a patience that is over finds its executor at work.
#[test]
fn the_patience_is_over_when_the_executor_is_there() {
    check(
        SLOW,
        "
        run T0=cpus:1@forever uri=file:///a@100 checkpoint
        at 3s
            3s fetch has 1 uncached
            3s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        at 59s
        crash
        restart
        at 61s
            61s reregisters A0; F0 T0=TASK_RUNNING
        at 70s
        tasks
            F0 T0 TASK_RUNNING
        ",
    );
}

/// A kill while files are on their way ends the task at once; its executor leaves when it comes up.
#[test]
fn a_task_that_is_killed_while_its_files_come() {
    check(
        SLOW,
        "
        run T0=cpus:1@forever uri=http://host/a@100
        at 5s
        kill T0
            5s T0 TASK_KILLED latest TASK_KILLED TaskKilledDuringLaunch
        acknowledge T0
        at 30s
            13s fetch has 1 uncached
        tasks
        in-use
            '{}'
        ",
    );
}

/// The executor's files are fetched once, and its tasks bring none.
#[test]
fn executors_have_files_of_their_own() {
    check(
        SLOW,
        "
        run T0=cpus:1@forever executor=E0 uri=file:///executor@100,executable
        run T1=cpus:1@forever executor=E0 uri=file:///executor@100,executable known-executor
        at 3s
            3s fetch has 1 uncached
            3s T0 TASK_RUNNING latest TASK_RUNNING
            3s T1 TASK_RUNNING latest TASK_RUNNING
        at 10s
        ",
    );
}

/// A host that loses power in the middle of it all comes back with an empty cache and no work.
#[test]
fn a_host_that_loses_power_while_files_come() {
    check(
        SLOW,
        "
        run T0=cpus:1@forever uri=http://host/a@100,cache
        at 5s
        power-off
        at 50s
        cache
        tasks
        power-on
            50s reregisters A0
        run T1=cpus:1@forever uri=http://host/a@100,cache
        at 65s
            65s fetch has 1 cached
            65s T1 TASK_RUNNING latest TASK_RUNNING
        ",
    );
}

/// Handshakes of 5 s: two round trips of 1 s, 1 s at each end, and 0.5 s for each of two certificates. A byte
/// is decrypted in 0.1 s, as fast as it comes, and a record in 1 s; a record adds 20 bytes.
const TLS: FetchTls = FetchTls {
    costs: TlsCosts {
        round_trips: 2,
        server_time: Span::from_secs(1),
        client_time: Span::from_secs(1),
        verification_time: Span::from_millis(500),
        certificates: 2,
        name_lookup: Span::ZERO,
        record_bytes: 20,
        record_time: Span::from_secs(1),
        byte_picoseconds: 100_000_000_000,
        hello_bytes: 1,
        certificate_bytes: 10,
        key_bytes: 5,
        ..TlsCosts::year_2015(Key::Rsa2048)
    },
    round_trip: Span::from_secs(1),
};

fn check_encrypted(options: AgentOptions, script: &str) {
    let mut desk = AgentDesk::new(resources("cpus:4;mem:4096"), options);
    desk.agent.set_fetch_tls(TLS);
    check_desk(desk, script);
}

/// Question 1 s and 5 s, worker 2 s, handshake 5 s, download of 120 bytes 12 s, into the cache 1 s, into the
/// sandbox 1 s. It is decrypted while it comes, in 11 s.
#[test]
fn an_encrypted_download_takes_longer() {
    check_encrypted(
        SLOW,
        "
        run T0=cpus:1@forever uri=https://host/command@100,cache
        at 26s
        at 27s
            27s fetch has 1 cached
            27s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        fetcher-metric downloaded_bytes
            100
        fetcher-metric tls_handshakes
            2
        fetcher-metric tls_handshake_bytes
            52
        fetcher-metric tls_record_bytes
            20
        # What comes from the cache was decrypted before.
        run T1=cpus:1@forever uri=https://host/command@100,cache
        at 30s
            30s fetch has 1 from the cache
            30s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        # Without encryption: worker 2 s, download 10 s, sandbox 1 s.
        run T2=cpus:1@forever uri=http://host/command@100
        at 43s
            43s fetch has 1 uncached
            43s T2 TASK_RUNNING latest TASK_RUNNING
        fetcher-metric tls_handshakes
            2
        ",
    );
}

/// Worker 2 s, handshake 5 s, download of 120 bytes at 1,200 a second, decryption 11 s from its start,
/// sandbox 1 s.
#[test]
fn decryption_is_slower_than_a_fast_link() {
    let fetcher = FetcherOptions { download_rate: 1_200, ..SLOW.fetcher };
    check_encrypted(
        AgentOptions { fetcher, ..SLOW },
        "
        run T0=cpus:1@forever uri=https://host/command@100
        at 18s
        at 19s
            19s fetch has 1 uncached
            19s T0 TASK_RUNNING latest TASK_RUNNING
        ",
    );
}

/// Worker 2 s, download 10 s, sandbox 1 s: first for the executor, and then for both tasks, which share the link
/// with each other.
#[test]
fn tasks_of_a_group_have_files_of_their_own() {
    check(
        SLOW,
        "
        run T0=cpus:1@forever T1=cpus:1@forever group executor=E0 uri=http://host/file@100
        at 35s
            13s fetch has 1 uncached
        at 36s
            36s fetch has 1 uncached
            36s T0 TASK_RUNNING latest TASK_RUNNING
            36s fetch has 1 uncached
            36s T1 TASK_RUNNING latest TASK_RUNNING
        ",
    );
}

/// In an executor that is there already, so that its own files do not matter.
#[test]
fn a_task_of_a_group_whose_files_are_missing_ends_with_its_group() {
    check(
        SLOW,
        "
        run T0=cpus:1@forever executor=E0
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        run T1=cpus:1@forever T2=cpus:1@forever group known-executor executor=E0 uri=http://host/missing
        at 2s
            2s fetch failed with 1 uncached
            2s T1 TASK_FAILED latest TASK_FAILED ContainerLaunchFailed
            2s fetch failed with 1 uncached
            2s T2 TASK_KILLED latest TASK_KILLED
        ",
    );
}

/// The executor hears nothing of the agent that was to launch its task, and gives it up.
#[test]
fn a_task_of_a_group_whose_agent_crashes_while_its_files_come_fails() {
    check(
        SLOW,
        "
        run T0=cpus:1@forever executor=E0 checkpoint
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        run T1=cpus:1@forever group known-executor executor=E0 checkpoint uri=http://host/file@100
        at 5s
        crash
        restart
        at 7s
            7s reregisters A0; F0 E0 T0@E0=TASK_RUNNING T1@E0=TASK_FAILED/TASK_STAGING
            7s T1 TASK_FAILED latest TASK_FAILED ContainerLaunchFailed
        ",
    );
}
