//! The policies and frameworks that a scenario can choose: closed lists, one line each.

mod allocator;
mod framework;

pub(crate) use allocator::allocator;
pub(crate) use framework::{AnyFramework, FrameworkKind, framework};
