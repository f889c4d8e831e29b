use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::made_up::MadeUp;

/// Every file that `write` makes of a run, by name.
fn rendered(run: &MadeUp<'_>, threads: usize) -> BTreeMap<String, Vec<u8>> {
    let directory = tempfile::tempdir().unwrap();
    run.write(directory.path());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let written = pool.install(|| report::write(directory.path())).unwrap();
    assert_eq!(written.figures.len(), 10);
    let mut files = BTreeMap::new();
    for path in written.figures.iter().chain([&written.page]) {
        let name = path.strip_prefix(directory.path()).unwrap().to_string_lossy().into_owned();
        files.insert(name, fs::read(path).unwrap());
    }
    assert!(leftovers(directory.path()).is_empty());
    files
}

fn leftovers(directory: &Path) -> Vec<String> {
    [directory.to_owned(), directory.join("figures")]
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with('.'))
        .collect()
}

fn svg(files: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
    String::from_utf8(files[&format!("figures/{name}.svg")].clone()).unwrap()
}

const USUAL: MadeUp<'_> =
    MadeUp { roles: &["analytics", "web", "*"], intervals: 500, interval_s: 60.0, scale: 1.0 };

#[test]
fn the_number_of_threads_does_not_show() {
    let one = rendered(&USUAL, 1);
    let many = rendered(&USUAL, 7);
    assert!(one == many, "files differ");
}

#[test]
fn hostile_names_stay_text() {
    let roles = ["<script>alert(1)</script>", "a\"b'&c", "tab\there", "=\"#0072B2\""];
    let files = rendered(&MadeUp { roles: &roles, intervals: 20, ..USUAL }, 2);
    for (name, bytes) in files.iter().filter(|(name, _)| !name.contains(".png")) {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("<script"), "{name}");
        assert!(!text.contains("&c<"), "{name}");
    }
    let shares = svg(&files, "dominant_share");
    assert!(shares.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(shares.contains("tab\u{fffd}here"));
}

#[test]
fn no_rows_make_an_honest_picture() {
    let files = rendered(&MadeUp { roles: &[], intervals: 0, ..USUAL }, 2);
    for name in ["utilisation", "dominant_share", "waiting_time", "bounded_slowdown", "offers"] {
        assert!(svg(&files, name).contains("no data"), "{name}");
    }
}

#[test]
fn one_row_is_drawn() {
    let files = rendered(&MadeUp { roles: &["web"], intervals: 1, ..USUAL }, 2);
    for name in ["utilisation", "dominant_share", "waiting_time", "bounded_slowdown", "offers"] {
        assert!(!svg(&files, name).contains("no data"), "{name}");
    }
    // A sample of no length has a level but no duration.
    let instant = MadeUp { roles: &["web"], intervals: 1, interval_s: 0.0, ..USUAL };
    assert!(svg(&rendered(&instant, 2), "utilisation").contains("<circle"));
}

#[test]
fn beyond_twelve_roles_the_rest_share_a_band() {
    let names: Vec<String> = (0..30).map(|number| format!("department-{number}/team")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let twelve = rendered(&MadeUp { roles: &names[..12], intervals: 30, ..USUAL }, 2);
    assert!(!svg(&twelve, "dominant_share").contains("others"));
    let thirty = rendered(&MadeUp { roles: &names, intervals: 30, ..USUAL }, 2);
    for name in ["dominant_share", "waiting_time", "bounded_slowdown"] {
        assert!(svg(&thirty, name).contains("others (19), range"), "{name}");
    }
}

#[test]
fn great_numbers_stay_on_the_page() {
    let run = MadeUp { roles: &["web"], intervals: 50, interval_s: 2e10, scale: 2.5e8 };
    let files = rendered(&run, 2);
    let offers = svg(&files, "offers");
    assert!(offers.contains("virtual time (d)"));
    let coordinates = offers.split(['"', ' ', ',']).filter_map(|word| word.parse::<i64>().ok());
    assert!(coordinates.into_iter().all(|coordinate| (-10..=4000).contains(&coordinate)));
    // Far beyond anything real: still pictures, if not pretty ones.
    rendered(&MadeUp { roles: &["web"], intervals: 9, interval_s: 1e100, scale: 1e100 }, 2);
    rendered(&MadeUp { roles: &["web"], intervals: 9, interval_s: 1e-9, scale: 1e-9 }, 2);
}

/// A network has a figure of its links, by kind.
#[test]
fn links_are_drawn_by_kind() {
    let directory = tempfile::tempdir().unwrap();
    USUAL.write(directory.path());
    let table = "time_s,agent/a/b/up,agent/c/up,rack/r0/up,core/down\n\
                 0,10e6,20e6,5e6,0\n1,30e6,0,5e6,7e6\n2,0,0,0,0\n";
    fs::write(directory.path().join("network.csv"), table).unwrap();
    report::write(directory.path()).unwrap();
    let svg = fs::read_to_string(directory.path().join("figures/links.svg")).unwrap();
    for label in ["agents, up (2)", "racks, up (1)", "core, down (1)"] {
        assert!(svg.contains(label), "{label}");
    }
    let links = report::Run::read(directory.path()).unwrap().events.links;
    let second = report::LinkLoad { time_s: 1.0, mean: 15e6, busiest: 30e6 };
    assert_eq!((links[0].count, links[0].loads[1]), (2, second));
}

/// Blocks of ports have a figure and a table.
#[test]
fn ports_that_run_out_are_drawn_and_counted() {
    let directory = tempfile::tempdir().unwrap();
    USUAL.write(directory.path());
    let table = "time_s,agents_without_free_block,blocks,blocks_used,launches_without_ports\n\
                 0,0,8,3,0\n1,1,8,6,2\n2,2,8,8,2\n";
    fs::write(directory.path().join("ports.csv"), table).unwrap();
    report::write(directory.path()).unwrap();
    let svg = fs::read_to_string(directory.path().join("figures/ports.svg")).unwrap();
    for label in ["in use", "limit", "failed launches", "blocks"] {
        assert!(svg.contains(label), "{label}");
    }
    let page = fs::read_to_string(directory.path().join("report.html")).unwrap();
    assert!(page.contains("launches that failed for want of a block</td><td class=\"number\">2<"));
    assert!(page.contains("the first of them, at the latest at"));
    let ports = report::Run::read(directory.path()).unwrap().events.ports;
    assert_eq!((ports.len(), ports[1].used, ports[2].failed), (3, 6.0, 2.0));
}
