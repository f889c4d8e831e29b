//! What the fetcher's documents say beyond Mesos's tests (`spec/fetcher.md`).

use super::support::fetch_desk::check;

/// Section 5.2: a joiner waits for the whole worker of the other call, and falls back with it.
#[test]
fn joiners_of_a_call_that_fails_download_for_themselves() {
    check(
        1_000,
        "
        fetch C0 uri=http://h/shared@30,cache uri=http://h/missing
            asks for the length of http://h/shared
        fetch C1 uri=http://h/shared@30,cache
        fetch C2 uri=http://h/shared@30,cache
        go
            C0 downloads 30 bytes
            C0 failed with 1 cached, 1 uncached
            C1 downloads 30 bytes
            C2 downloads 30 bytes
            C1 has 1 bypassed
            C2 has 1 bypassed
        cache
        used
            0
        # The next new call starts a fresh entry.
        fetch C3 uri=http://h/shared@30,cache
            asks for the length of http://h/shared
        go
            C3 downloads 30 bytes
            C3 has 1 cached
        cache
            c2-shared 30
        ",
    );
}

/// Phase B: no byte is fetched before all lengths are known.
#[test]
fn a_call_waits_for_its_slowest_probe() {
    check(
        1_000,
        "
        fetch C0 uri=http://h/a@30,cache uri=http://h/b@40,cache uri=http://h/c@50
            asks for the length of http://h/a
            asks for the length of http://h/b
        probed http://h/b
        used
            40
        cache
            c1-a 0 pending
            c2-b 40 pending
        probed http://h/a
        used
            70
        go
            C0 downloads 30 bytes
            C0 downloads 40 bytes
            C0 downloads 50 bytes
            C0 has 2 cached, 1 uncached
        ",
    );
}

/// Section 4: the sandbox has its copy; the entry goes, and who waits for it falls back.
#[test]
fn a_file_that_is_larger_than_its_origin_said_is_not_kept() {
    check(
        1_000,
        "
        fetch C0 uri=http://h/a@30,claims=20,cache
            asks for the length of http://h/a
        fetch C1 uri=http://h/a@30,claims=20,cache
        go
            C0 downloads 30 bytes
            C0 has 1 cached
            C1 downloads 30 bytes
            C1 has 1 bypassed
        cache
        used
            0
        ",
    );
}

#[test]
fn a_file_that_is_smaller_gives_the_rest_back() {
    check(
        1_000,
        "
        fetch C0 uri=http://h/a@30,claims=50,cache
            asks for the length of http://h/a
        probed http://h/a
        used
            50
        go
            C0 downloads 30 bytes
            C0 has 1 cached
        used
            30
        ",
    );
}

/// A server that claims 0 does not tell; an empty local file is cached and takes nothing (Q5).
#[test]
fn empty_files() {
    check(
        1_000,
        "
        fetch C0 uri=http://h/a@0,cache
            asks for the length of http://h/a
        go
            C0 downloads 0 bytes
            C0 has 1 bypassed
        fetch C1 uri=file:///b@0,cache
            asks for the length of file:///b
        go
            C1 has 1 cached
        cache
            c2-b 0
        ",
    );
}

/// References protect: both files are in use, so that the third finds no room and nothing is evicted.
#[test]
fn what_is_in_use_is_not_evicted() {
    check(
        60,
        "
        fetch C0 uri=http://h/a@30,cache
            asks for the length of http://h/a
        go
            C0 downloads 30 bytes
            C0 has 1 cached
        fetch C1 uri=http://h/a@30,cache
        fetch C2 uri=http://h/b@50,cache
            asks for the length of http://h/b
        probed http://h/b
        cache
            c1-a 30
        go
            C1 has 1 from the cache
            C2 downloads 50 bytes
            C2 has 1 bypassed
        fetch C3 uri=http://h/b@50,cache
            asks for the length of http://h/b
        go
            C3 downloads 50 bytes
            C3 has 1 cached
        cache
            c3-b 50
        ",
    );
}

/// Section 7: a call without a worker goes on; a worker is killed, and its downloads are given up.
#[test]
fn kills_before_and_after_the_worker_starts() {
    check(
        1_000,
        "
        fetch C0 uri=http://h/a@30,cache
            asks for the length of http://h/a
        kill C0
        fetch C1 uri=http://h/a@30,cache
        probed http://h/a
        kill C0
            C0 failed with 1 cached
        go
            C1 downloads 30 bytes
            C1 has 1 bypassed
        cache
        failed
            1
        ",
    );
}

/// Q1: the duplicate of a URI whose probe fails bypasses as the first one does.
#[test]
fn a_duplicate_falls_back_with_the_first() {
    check(
        1_000,
        "
        fetch C0 uri=http://h/a@30,cache,as=one uri=http://h/a@30,cache,as=two
            asks for the length of http://h/a
        probed http://h/a error
        go
            C0 downloads 30 bytes
            C0 downloads 30 bytes
            C0 has 2 bypassed
        ",
    );
}

/// Q2, and section 2.1: of equal URIs the later mode counts, and the entry does not stay pinned.
#[test]
fn equal_uris_are_one() {
    check(
        40,
        "
        fetch C0 uri=http://h/a@30,cache uri=http://h/a@30,cache
            asks for the length of http://h/a
        go
            C0 downloads 30 bytes
            C0 has 1 cached
        fetch C1 uri=http://h/b@40,cache
            asks for the length of http://h/b
        go
            C1 downloads 40 bytes
            C1 has 1 cached
        cache
            c2-b 40
        fetch C2 uri=http://h/b@40,cache uri=http://h/b@40
        go
            C2 downloads 40 bytes
            C2 has 1 uncached
        ",
    );
}

/// Section 2.2: each user has files of its own.
#[test]
fn users_do_not_share_files() {
    check(
        1_000,
        "
        fetch C0 uri=http://h/a@30,cache user=U1
            asks for the length of http://h/a
        fetch C1 uri=http://h/a@30,cache user=U2
            asks for the length of http://h/a
        fetch C2 uri=http://h/a@30,cache
            asks for the length of http://h/a
        go
            C0 downloads 30 bytes
            C1 downloads 30 bytes
            C2 downloads 30 bytes
            C0 has 1 cached
            C1 has 1 cached
            C2 has 1 cached
        used
            90
        ",
    );
}

/// Section 2.4: without `frameworks_home` there are no relative paths, and `file://` wants a slash.
#[test]
fn paths() {
    check(
        1_000,
        "
        fetch C0 uri=relative/path@30,cache
            asks for the length of relative/path
        go
            C0 failed with 1 cached
        fetch C1 uri=file://localhost/absolute@30
        go
            C1 has 1 uncached
        fetch C2 uri=file://relative/path@30
        go
            C2 failed with 1 uncached
        fetch C3 uri=hdfs://h/a.zip@30,cache
            asks for the length of hdfs://h/a.zip
        go
            C3 downloads 30 bytes
            C3 has 1 cached
        sandbox C3
            content of a.zip
        ",
    );
}

/// Section 3: long names keep their beginning and their suffix. Section 6: what a query hides is
/// unpacked without the cache only.
#[test]
fn names_in_the_cache_and_in_the_sandbox() {
    check(
        1_000,
        "
        fetch C0 uri=http://h/a-name-of-more-than-twenty.tar.gz@30,cache
            asks for the length of http://h/a-name-of-more-than-twenty.tar.gz
        fetch C1 uri=http://h/get?f=x.tgz&k@40,as=x.tgz
        fetch C2 uri=http://h/get?f=x.tgz&k@40,as=x.tgz,cache
            asks for the length of http://h/get?f=x.tgz&k
        go
            C1 downloads 40 bytes
            C0 downloads 30 bytes
            C2 downloads 40 bytes
            C1 has 1 uncached
            C0 has 1 cached
            C2 has 1 cached
        sandbox C1
            x.tgz
            content of x.tgz
        sandbox C2
            x.tgz
        cache
            c1-a-name-of-_nty.tar.gz 30
            c2-get?f=x.tgz&k 40
        ",
    );
}
