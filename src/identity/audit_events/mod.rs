//! The audit trail as administrators read it. `identity::audit` writes it; nothing changes it.

pub mod api;
pub mod model;
pub mod store;
