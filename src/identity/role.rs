//! The four roles, each of which may do what the one before may.

crate::words! {
    /// What somebody may do (see the table of roles in the documentation). Ordered: a later one may do all that an earlier one may.
    Role {
        /// Writes drafts of their own and submits them.
        Contributor = "contributor",
        /// Also publishes what is theirs, and reads everything.
        Author = "author",
        /// Also changes and publishes what others wrote.
        Editor = "editor",
        /// Also manages accounts, keys and settings.
        Admin = "admin",
    }
}
