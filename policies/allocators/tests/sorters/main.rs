//! Part B of `spec/allocator-conformance.md`, one test for each entry: what Mesos's own tests ask of
//! its sorters (`src/tests/sorter_tests.cpp`). What concerns amounts alone asks the sorters; what
//! concerns agents, volumes and revocable resources asks the allocator, which keeps those books.

mod allocation;
mod clients;
mod cluster;
mod drf;
mod full_sort;
mod hierarchy;
mod random;
mod role_tree;
mod shared;
mod shuffle;
