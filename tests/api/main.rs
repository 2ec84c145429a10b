//! Tests of the whole service over HTTP. One binary, a file a resource; `support` says how to write them.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::string_slice, reason = "a test that finds something missing fails, and says where")]

mod support;

mod articles;
mod authorization;
mod authors;
mod bylines;
mod cache;
mod collections;
mod conventions;
mod credits;
mod database;
mod demo;
mod desk;
mod desk_cost;
mod desk_properties;
mod exchange;
mod feed;
mod feed_cost;
mod feeds;
mod identity;
mod leaks;
mod media;
mod media_delivery;
mod metrics;
mod newsroom_day;
mod one_way_out;
mod openapi;
mod processes;
mod purging;
mod races;
mod records;
mod related;
mod rights;
mod search;
mod search_cost;
mod site;
mod sitemaps;
mod standby;
mod storage;
mod tags;
mod takedown_cost;
mod takedowns;
mod workflow_matrix;
mod world;
