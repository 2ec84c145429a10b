//! The desk: everything that editors do. A resource folder has `api` (HTTP), `store` (SQL) and `model` (shapes and rules).

pub mod articles;
pub mod authors;
pub mod collections;
pub mod credits;
pub mod images;
pub mod lists;
pub mod media;
pub mod rights;
pub mod site;
pub mod slugs;
pub mod tags;
pub mod takedowns;
