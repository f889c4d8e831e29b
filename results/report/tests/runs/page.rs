use std::fs;

use crate::made_up::MadeUp;

fn page(run: &MadeUp<'_>) -> String {
    let directory = tempfile::tempdir().unwrap();
    run.write(directory.path());
    let written = report::write(directory.path()).unwrap();
    fs::read_to_string(written.page).unwrap()
}

/// Replaces what stands between each `open` and the next `close` by dots.
fn without(text: &str, open: &str, close: &str) -> String {
    let mut pieces = text.split(open);
    let mut short = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (_, after) = piece.split_once(close).unwrap();
        short = format!("{short}{open}…{close}{after}");
    }
    short
}

#[test]
fn skeleton() {
    let roles = ["eng/web", "<b>batch</b>"];
    let page = page(&MadeUp { roles: &roles, intervals: 10, interval_s: 60.0, scale: 1.0 });
    let page = without(&page, "<style>", "</style>");
    let page = without(&page, "<svg ", "</svg>");
    let page = without(&page, "sha256-", "'");
    // One element a line, to make differences readable.
    insta::assert_snapshot!(page.replace("><", ">\n<"));
}

#[test]
fn the_page_needs_nothing_else() {
    let page = page(&MadeUp { roles: &["web"], intervals: 10, interval_s: 60.0, scale: 1.0 });
    // Figures name their language by an address that nobody visits.
    let page = page.replace("http://www.w3.org/2000/svg", "");
    for outside in ["http:", "https:", "src=", "<script", "<link", " style=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("default-src 'none'") || page.contains("default-src &#39;none&#39;"));
    // No colour is left that a dark page could not change.
    let body = page.split("<body>").nth(1).unwrap();
    assert!(!body.contains("fill=\"#") && !body.contains("stroke=\"#"));
}

#[test]
fn a_run_without_data_has_a_page() {
    let page = page(&MadeUp { roles: &[], intervals: 0, interval_s: 60.0, scale: 1.0 });
    assert!(page.contains("No role had tasks."));
    assert_eq!(page.matches("no data").count(), 5);
}
