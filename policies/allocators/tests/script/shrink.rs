//! Cutting a long script that fails down to a short one that still does.

use super::{Setting, Step};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};

/// How often a failing script is run to find a shorter one: a minute or so.
const TRIES: u32 = 300;

/// Runs a script. When it fails, it runs the shortest one found that fails as well, for its
/// message, after printing it. Panics on the way to it are not shown.
#[expect(clippy::print_stderr, reason = "what somebody needs to make a small test of it")]
pub(crate) fn check(setting: Setting, steps: &[Step], run: impl Fn(Setting, &[Step])) {
    let fails = |steps: &[Step]| catch_unwind(AssertUnwindSafe(|| run(setting, steps))).is_err();
    if !fails(steps) {
        return;
    }
    let hook = take_hook();
    set_hook(Box::new(|_| ()));
    let mut left = steps.to_vec();
    let mut tries = TRIES;
    let mut chunk = left.len().div_ceil(2);
    while chunk > 0 && tries > 0 {
        let before = left.len();
        let mut start = 0;
        while start < left.len() && tries > 0 {
            tries -= 1;
            let end = (start + chunk).min(left.len());
            let mut fewer = left.clone();
            fewer.drain(start..end);
            if fails(&fewer) {
                left = fewer;
            } else {
                start = end;
            }
        }
        // Steps that could not go before may go now.
        chunk = if chunk == 1 && left.len() < before { 1 } else { chunk / 2 };
    }
    set_hook(hook);
    eprintln!("shortest script that fails: {setting:?}\n{left:?}");
    run(setting, &left);
}
