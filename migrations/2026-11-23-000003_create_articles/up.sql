-- The desk: an article is an identity with a workflow; what it says is in its revisions.

CREATE TABLE articles (
    id                 uuid        CONSTRAINT articles_pkey PRIMARY KEY,
    status             text        NOT NULL CONSTRAINT articles_status CHECK (status IN ('draft', 'in_review', 'scheduled', 'published', 'unpublished', 'archived', 'taken_down')),
    version            integer     NOT NULL DEFAULT 1,
    revision           integer     NOT NULL,
    live_revision      integer,
    -- What the desk lists and filters by, as the head revision has it.
    slug               text        NOT NULL,
    kind               text        NOT NULL CONSTRAINT articles_kind CHECK (kind IN ('news', 'brief', 'analysis', 'opinion', 'feature', 'interview', 'live', 'video', 'gallery')),
    language           text        NOT NULL,
    headline           text        NOT NULL CONSTRAINT articles_headline_length CHECK (char_length(headline) BETWEEN 1 AND 300),
    publish_at         timestamptz,
    unpublish_at       timestamptz,
    embargo_until      timestamptz,
    assignee_id        uuid        CONSTRAINT articles_assignee_fkey REFERENCES users,
    notes              text,
    -- What was said with the last submission or return.
    review_note        text,
    translation_group  uuid        NOT NULL,
    first_published_at timestamptz,
    published_at       timestamptz,
    -- Why a schedule could not be kept, for the desk to read.
    schedule_failure   jsonb,
    lock_user_id       uuid        CONSTRAINT articles_lock_user_fkey REFERENCES users,
    lock_since         timestamptz,
    lock_expires_at    timestamptz,
    created_by         uuid        CONSTRAINT articles_created_by_fkey REFERENCES users,
    updated_by         uuid        CONSTRAINT articles_updated_by_fkey REFERENCES users,
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL,
    CONSTRAINT articles_scheduled_has_time CHECK (status <> 'scheduled' OR publish_at IS NOT NULL),
    CONSTRAINT articles_published_is_live CHECK ((status = 'published') = (live_revision IS NOT NULL))
);
CREATE INDEX articles_by_update ON articles (updated_at DESC, id DESC);
CREATE INDEX articles_by_creation ON articles (created_at DESC, id DESC);
CREATE INDEX articles_by_publication ON articles (published_at DESC, id DESC) WHERE published_at IS NOT NULL;
CREATE INDEX articles_by_status ON articles (status, updated_at DESC, id DESC);
CREATE INDEX articles_by_kind ON articles (kind, updated_at DESC, id DESC);
CREATE INDEX articles_by_language ON articles (language, updated_at DESC, id DESC);
CREATE INDEX articles_by_creator ON articles (created_by, updated_at DESC, id DESC);
CREATE INDEX articles_by_assignee ON articles (assignee_id, updated_at DESC, id DESC) WHERE assignee_id IS NOT NULL;
CREATE INDEX articles_by_translation_group ON articles (translation_group);
-- A live story may wait for an update of itself, so it is the time that says what is due, not the state.
CREATE INDEX articles_publish_due ON articles (publish_at) WHERE publish_at IS NOT NULL;
CREATE INDEX articles_unpublish_due ON articles (unpublish_at) WHERE unpublish_at IS NOT NULL;
CREATE INDEX articles_headline_trigrams ON articles USING gin (lower(headline) gin_trgm_ops);

-- Every slug an article holds: its head's, its live one's, and those it was live under earlier.
CREATE TABLE article_slugs (
    slug       text    CONSTRAINT article_slugs_pkey PRIMARY KEY,
    article_id uuid    NOT NULL CONSTRAINT article_slugs_article_fkey REFERENCES articles ON DELETE CASCADE,
    was_live   boolean NOT NULL DEFAULT false
);
CREATE INDEX article_slugs_by_article ON article_slugs (article_id);

CREATE TABLE article_revisions (
    article_id uuid        NOT NULL CONSTRAINT article_revisions_article_fkey REFERENCES articles ON DELETE CASCADE,
    number     integer     NOT NULL,
    created_at timestamptz NOT NULL,
    created_by uuid        CONSTRAINT article_revisions_created_by_fkey REFERENCES users,
    note       text,
    -- Kept whole, or as what differs from one whole revision before it (see publishing/revisions.rs).
    base       integer,
    content    bytea       NOT NULL,
    CONSTRAINT article_revisions_pkey PRIMARY KEY (article_id, number),
    CONSTRAINT article_revisions_base_fkey FOREIGN KEY (article_id, base) REFERENCES article_revisions
);
ALTER TABLE article_revisions ALTER COLUMN content SET STORAGE EXTERNAL;

-- What the head revision refers to: for filters, for "used by", and so that nothing in use can go.
CREATE TABLE article_authors (
    article_id uuid     NOT NULL CONSTRAINT article_authors_article_fkey REFERENCES articles ON DELETE CASCADE,
    author_id  uuid     NOT NULL CONSTRAINT article_authors_author_fkey REFERENCES authors,
    CONSTRAINT article_authors_pkey PRIMARY KEY (article_id, author_id)
);
CREATE INDEX article_authors_by_author ON article_authors (author_id, article_id);
CREATE TABLE article_tags (
    article_id uuid     NOT NULL CONSTRAINT article_tags_article_fkey REFERENCES articles ON DELETE CASCADE,
    tag_id     uuid     NOT NULL CONSTRAINT article_tags_tag_fkey REFERENCES tags,
    CONSTRAINT article_tags_pkey PRIMARY KEY (article_id, tag_id)
);
CREATE INDEX article_tags_by_tag ON article_tags (tag_id, article_id);
CREATE TABLE article_media (
    article_id uuid     NOT NULL CONSTRAINT article_media_article_fkey REFERENCES articles ON DELETE CASCADE,
    media_id   uuid     NOT NULL CONSTRAINT article_media_media_fkey REFERENCES media,
    CONSTRAINT article_media_pkey PRIMARY KEY (article_id, media_id)
);
CREATE INDEX article_media_by_media ON article_media (media_id);
