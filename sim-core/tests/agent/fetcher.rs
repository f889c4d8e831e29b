//! The fetcher by itself: Mesos's tests of its cache, and what its documents say.

use super::support::fetch_desk::check;

#[test]
fn fc_1_local_uncached() {
    check(
        1_000,
        "
        fetch C0 uri=file:///bin/command@30,executable
        go
            C0 has 1 uncached
        sandbox C0
            command 0755
        cache
        used
            0
        ",
    );
}

#[test]
fn fc_2_local_cached() {
    check(
        1_000,
        "
        fetch C0 uri=file:///bin/command@30,executable,cache
            asks for the length of file:///bin/command
        go
            C0 has 1 cached
        cache
            c1-command 30
        fetch C1 uri=file:///bin/command@30,executable,cache
        go
            C1 has 1 from the cache
        sandbox C1
            command 0755
        cache
            c1-command 30
        used
            30
        ",
    );
}

#[test]
fn fc_3_local_cached_missing() {
    check(
        1_000,
        "
        fetch C0 uri=file:///bin/command@30,executable,cache
            asks for the length of file:///bin/command
        go
            C0 has 1 cached
        cache
            c1-command 30
        lose file:///bin/command
        fetch C1 uri=file:///bin/command@30,executable,cache
            asks for the length of file:///bin/command
        go
            C1 has 1 cached
        cache
            c2-command 30
        used
            30
        ",
    );
}

#[test]
fn fc_4_cached_custom_output_file() {
    check(
        1_000,
        "
        fetch C0 uri=file:///bin/command@30,executable,cache,as=my-command
            asks for the length of file:///bin/command
        go
            C0 has 1 cached
        sandbox C0
            my-command 0755
        fetch C1 uri=file:///bin/command@30,executable,cache,as=subdir/my-command
        go
            C1 has 1 from the cache
        sandbox C1
            subdir/my-command 0755
        cache
            c1-command 30
        ",
    );
}

#[test]
fn fc_5_cached_fallback() {
    check(
        1_000,
        "
        fetch C0 uri=file:///bin/command@30,executable,cache
            asks for the length of file:///bin/command
        probed file:///bin/command error
        cache
        go
            C0 has 1 bypassed
        sandbox C0
            command 0755
        cache
        ",
    );
}

#[test]
fn fc_6_local_uncached_extract() {
    check(
        1_000,
        "
        fetch C0 uri=file:///lib/archive.tar.gz@30
        go
            C0 has 1 uncached
        sandbox C0
            archive.tar.gz
            content of archive.tar.gz
        cache
        ",
    );
}

#[test]
fn fc_7_local_cached_extract() {
    check(
        1_000,
        "
        fetch C0 uri=file:///lib/archive.tar.gz@30,cache
            asks for the length of file:///lib/archive.tar.gz
        go
            C0 has 1 cached
        sandbox C0
            content of archive.tar.gz
        fetch C1 uri=file:///lib/archive.tar.gz@30,cache
        go
            C1 has 1 from the cache
        sandbox C1
            content of archive.tar.gz
        cache
            c1-archive.tar.gz 30
        ",
    );
}

#[test]
fn fc_8_http_cached_serialized() {
    check(
        1_000,
        "
        fetch C0 uri=http://host/command@30,executable,cache
            asks for the length of http://host/command
        go
            C0 downloads 30 bytes
            C0 has 1 cached
        requests http://host/command
            1 + 1
        fetch C1 uri=http://host/command@30,executable,cache
        go
            C1 has 1 from the cache
        requests http://host/command
            1 + 1
        fetch C2 uri=http://host/command@30,executable,cache
        go
            C2 has 1 from the cache
        requests http://host/command
            1 + 1
        cache
            c1-command 30
        ",
    );
}

#[test]
fn fc_9_http_cached_concurrent() {
    check(
        1_000,
        "
        fetch C0 uri=http://host/command@30,executable,cache
            asks for the length of http://host/command
        fetch C1 uri=http://host/command@30,executable,cache uri=http://host/archive.tgz@40
        fetch C2 uri=http://host/command@30,executable,cache
        fetch C3 uri=http://host/command@30,executable,cache uri=http://host/archive.tgz@40
        fetch C4 uri=http://host/command@30,executable,cache
        go
            C0 downloads 30 bytes
            C0 has 1 cached
            C1 downloads 40 bytes
            C2 has 1 joined
            C3 downloads 40 bytes
            C4 has 1 joined
            C1 has 1 joined, 1 uncached
            C3 has 1 joined, 1 uncached
        requests http://host/command
            1 + 1
        requests http://host/archive.tgz
            0 + 2
        sandbox C0
            command 0755
        sandbox C1
            command 0755
            archive.tgz
            content of archive.tgz
        sandbox C3
            command 0755
            archive.tgz
            content of archive.tgz
        cache
            c1-command 30
        ",
    );
}

#[test]
fn fc_10_http_mixed() {
    check(
        1_000,
        "
        fetch C0 uri=http://h/a.tgz@40,cache,no-extract uri=http://h/command@30,executable
            asks for the length of http://h/a.tgz
        fetch C1 uri=http://h/a.tgz@40 uri=http://h/command@30
        fetch C2 uri=http://h/a.tgz@40,cache uri=http://h/command@30
        go
            C1 downloads 40 bytes
            C0 downloads 40 bytes
            C1 downloads 30 bytes
            C0 downloads 30 bytes
            C1 has 2 uncached
            C0 has 1 cached, 1 uncached
            C2 downloads 30 bytes
            C2 has 1 joined, 1 uncached
        requests http://h/command
            0 + 3
        requests http://h/a.tgz
            1 + 2
        sandbox C0
            a.tgz
            command 0755
        sandbox C1
            a.tgz
            content of a.tgz
            command
        sandbox C2
            content of a.tgz
            command
        cache
            c1-a.tgz 40
        ",
    );
}

#[test]
fn fc_11_http_cached_recovery() {
    check(
        1_000,
        "
        fetch C0 uri=http://host/command@30,executable,cache
            asks for the length of http://host/command
        go
            C0 downloads 30 bytes
            C0 has 1 cached
        restart
        cache
        fetch C1 uri=http://host/command@30,executable,cache
            asks for the length of http://host/command
        go
            C1 downloads 30 bytes
            C1 has 1 cached
        fetch C2 uri=http://host/command@30,executable,cache
        go
            C2 has 1 from the cache
        requests http://host/command
            2 + 2
        cache
            c1-command 30
        ",
    );
}

#[test]
fn fc_12_simple_eviction() {
    check(
        60,
        "
        fetch C0 uri=file:///c0@30,cache
            asks for the length of file:///c0
        go
            C0 has 1 cached
        cache
            c1-c0 30
        fetch C1 uri=file:///c1@30,cache
            asks for the length of file:///c1
        go
            C1 has 1 cached
        cache
            c1-c0 30
            c2-c1 30
        fetch C2 uri=file:///c2@30,cache
            asks for the length of file:///c2
        go
            C2 has 1 cached
        cache
            c2-c1 30
            c3-c2 30
        fetch C3 uri=file:///c3@30,cache
            asks for the length of file:///c3
        go
            C3 has 1 cached
        cache
            c3-c2 30
            c4-c3 30
        ",
    );
}

#[test]
fn fc_13_fallback_from_eviction() {
    check(
        40,
        "
        fetch C0 uri=file:///c0@30,cache
            asks for the length of file:///c0
        go
            C0 has 1 cached
        used
            30
        fetch C1 uri=file:///c1@40,cache
            asks for the length of file:///c1
        go
            C1 has 1 cached
        used
            40
        fetch C2 uri=file:///c2@50,cache
            asks for the length of file:///c2
        go
            C2 has 1 bypassed
        cache
            c2-c1 40
        ",
    );
}

#[test]
fn fc_14_remove_lru_cache_entries() {
    check(
        60,
        "
        fetch C0 uri=file:///c0@30,cache
            asks for the length of file:///c0
        go
            C0 has 1 cached
        fetch C1 uri=file:///c1@30,cache
            asks for the length of file:///c1
        go
            C1 has 1 cached
        fetch C2 uri=file:///c1@30,cache
        go
            C2 has 1 from the cache
        fetch C3 uri=file:///c2@30,cache
            asks for the length of file:///c2
        go
            C3 has 1 cached
        cache
            c2-c1 30
            c3-c2 30
        ",
    );
}

#[test]
fn fc_15_duplicate_file_uri() {
    check(
        1_000,
        "
        fetch C0 uri=file:///f@30,cache,as=one uri=file:///f@30,cache,as=two uri=file:///f@30,cache,as=three
            asks for the length of file:///f
        go
            C0 has 3 cached
        sandbox C0
            one
            two
            three
        succeeded
            1
        failed
            0
        used
            30
        ",
    );
}

#[test]
fn fc_16_what_cannot_be_fetched() {
    check(
        1_000,
        "
        # An absolute output file, no output file, an illegal character, no path.
        fetch C0 uri=http://host/f@30,as=/tmp/f
            C0 failed at once
        fetch C1 uri=http://host/f@30,as=
            C1 failed at once
        fetch C2 uri=http://host/f\\'@30,cache
            C2 failed at once
        fetch C3 uri=lala://nopath@30
            C3 failed at once
        fetch C4 uri=lala://nopath/@30
            C4 failed at once
        failed
            5
        # An unknown user and a file that is not there are found out by the worker.
        fetch C5 uri=http://host/f@30 user=nobody
        go
            C5 failed with 1 uncached
        fetch C6 uri=file:///not-there
        go
            C6 failed with 1 uncached
        failed
            7
        succeeded
            0
        ",
    );
}

#[test]
fn fc_17_a_leading_blank() {
    check(
        1_000,
        "
        fetch C0 uri=␣http://host/f@30
        go
            C0 downloads 30 bytes
            C0 has 1 uncached
        sandbox C0
            f
        ",
    );
}
