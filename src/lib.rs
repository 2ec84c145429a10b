//! Masthead: a headless CMS for news.
//!
//! The map. Two sides and a bridge: what editors do (`editorial`) never touches what readers see (`delivery`) but
//! through `publishing`.
//!
//! | room | what for | may import |
//! |---|---|---|
//! | `cli` | the commands | everything |
//! | `routes` | the table of contents: every handler by name | every `api.rs` |
//! | `server` | middleware order, the document, listening | routes, identity, kernel |
//! | `editorial` | the desk: articles, authors, tags, credits, media, site | publishing, body, identity, kernel |
//! | `publishing` | the one bridge from desk to world | body, kernel |
//! | `delivery` | what the world sees: `live_*` tables and public columns of references | body, kernel |
//! | `preview` | the head revision in the delivery shape, for whoever has a link | editorial, publishing, delivery, kernel |
//! | `identity` | who is asking and what they may do | kernel |
//! | `operations` | what operators and integrators ask: is it well, what is here | kernel |
//! | `worker` | every background job by name and how often | every feature |
//! | `demo` | the demo newsroom and the bulk corpus | editorial, publishing, body, identity, kernel |
//! | `body`, `imaging`, `text` | Portable Text; pictures; parsed values. Pure | each other |
//! | kernel: `db`, `http`, `config`, `app`, `error`, `schema`, `search_words`, `timestamp`, `darkroom`, `media_files` | what every feature stands on | no feature |

pub mod app;
pub mod body;
pub mod card;
pub mod cli;
pub mod config;
pub mod darkroom;
pub mod db;
pub mod delivery;
pub mod demo;
pub mod editorial;
pub mod error;
pub mod http;
pub mod identity;
pub mod imaging;
pub mod media_files;
pub mod operations;
pub mod pictures;
pub mod preview;
pub mod publishing;
pub mod rendering;
pub mod renditions;
pub mod routes;
pub mod schema;
pub mod search_words;
pub mod server;
pub mod text;
pub mod text_column;
pub mod timestamp;
pub mod vocabulary;
pub mod worker;
