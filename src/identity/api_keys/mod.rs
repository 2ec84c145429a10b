//! Keys for servers.
