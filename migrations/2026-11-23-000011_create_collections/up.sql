-- Curated lists of stories, such as a home page. What one says is in its revisions; the world reads what was published of it.

CREATE TABLE collections (
    id            uuid        CONSTRAINT collections_pkey PRIMARY KEY,
    -- What the desk lists by, as the head revision has it.
    slug          text        NOT NULL CONSTRAINT collections_slug_key UNIQUE,
    name          text        NOT NULL CONSTRAINT collections_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    version       integer     NOT NULL DEFAULT 1,
    revision      integer     NOT NULL,
    live_revision integer,
    published_at  timestamptz,
    created_by    uuid        CONSTRAINT collections_created_by_fkey REFERENCES users,
    updated_by    uuid        CONSTRAINT collections_updated_by_fkey REFERENCES users,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    CONSTRAINT collections_live_since CHECK ((live_revision IS NULL) = (published_at IS NULL))
);
CREATE INDEX collections_by_name ON collections (name, id);
CREATE INDEX collections_by_update ON collections (updated_at DESC, id DESC);
CREATE INDEX collections_name_trigrams ON collections USING gin (lower(name) gin_trgm_ops);

CREATE TABLE collection_revisions (
    collection_id uuid        NOT NULL CONSTRAINT collection_revisions_collection_fkey REFERENCES collections ON DELETE CASCADE,
    number        integer     NOT NULL,
    created_at    timestamptz NOT NULL,
    created_by    uuid        CONSTRAINT collection_revisions_created_by_fkey REFERENCES users,
    note          text,
    content       jsonb       NOT NULL,
    CONSTRAINT collection_revisions_pkey PRIMARY KEY (collection_id, number)
);

-- Slots may name stories that are not live (yet, or any more): they are passed over when it is read.
CREATE TABLE live_collections (
    id           uuid        CONSTRAINT live_collections_pkey PRIMARY KEY CONSTRAINT live_collections_collection_fkey REFERENCES collections,
    slug         text        NOT NULL CONSTRAINT live_collections_slug_key UNIQUE,
    name         text        NOT NULL,
    description  text,
    slots        jsonb       NOT NULL,
    fill         jsonb,
    size         smallint    NOT NULL CONSTRAINT live_collections_size CHECK (size BETWEEN 1 AND 100),
    published_at timestamptz NOT NULL
);

ALTER TABLE slug_redirects DROP CONSTRAINT slug_redirects_resource;
ALTER TABLE slug_redirects ADD CONSTRAINT slug_redirects_resource CHECK (resource IN ('author', 'tag', 'media_credit', 'collection'));
