-- The world: the only article tables that delivery reads. Written by publishing, by nobody else.

CREATE TABLE live_articles (
    id                 uuid        CONSTRAINT live_articles_pkey PRIMARY KEY CONSTRAINT live_articles_article_fkey REFERENCES articles,
    slug               text        NOT NULL CONSTRAINT live_articles_slug_key UNIQUE,
    kind               text        NOT NULL,
    language           text        NOT NULL,
    primary_tag_id     uuid        CONSTRAINT live_articles_primary_tag_fkey REFERENCES tags,
    translation_group  uuid        NOT NULL,
    revision           integer     NOT NULL,
    published_at       timestamptz NOT NULL,
    first_published_at timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL,
    -- The list item as JSON text with slots (see publishing/card.rs), never parsed on the way out.
    card               text        NOT NULL,
    -- The body as HTML, escaped as the inside of a JSON string, with slots for its pictures.
    html               text        NOT NULL,
    body               jsonb       NOT NULL
);
ALTER TABLE live_articles ALTER COLUMN card SET STORAGE MAIN, ALTER COLUMN html SET COMPRESSION lz4, ALTER COLUMN body SET COMPRESSION lz4;
CREATE INDEX live_articles_feed ON live_articles (published_at DESC, id DESC);
CREATE INDEX live_articles_by_update ON live_articles (updated_at DESC, id DESC);
CREATE INDEX live_articles_by_kind ON live_articles (kind, published_at DESC, id DESC);
CREATE INDEX live_articles_by_language ON live_articles (language, published_at DESC, id DESC);
CREATE INDEX live_articles_by_primary_tag ON live_articles (primary_tag_id, published_at DESC, id DESC);
CREATE INDEX live_articles_by_translation_group ON live_articles (translation_group);

-- Slugs that a live article was live under earlier.
CREATE TABLE live_article_slugs (
    slug       text CONSTRAINT live_article_slugs_pkey PRIMARY KEY,
    article_id uuid NOT NULL CONSTRAINT live_article_slugs_article_fkey REFERENCES live_articles ON DELETE CASCADE
);
CREATE INDEX live_article_slugs_by_article ON live_article_slugs (article_id);

CREATE TABLE live_article_tags (
    article_id   uuid        NOT NULL CONSTRAINT live_article_tags_article_fkey REFERENCES live_articles ON DELETE CASCADE,
    tag_id       uuid        NOT NULL CONSTRAINT live_article_tags_tag_fkey REFERENCES tags,
    published_at timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    CONSTRAINT live_article_tags_pkey PRIMARY KEY (article_id, tag_id)
);
CREATE INDEX live_article_tags_feed ON live_article_tags (tag_id, published_at DESC, article_id DESC);
CREATE INDEX live_article_tags_by_update ON live_article_tags (tag_id, updated_at DESC, article_id DESC);
CREATE TABLE live_article_authors (
    article_id   uuid        NOT NULL CONSTRAINT live_article_authors_article_fkey REFERENCES live_articles ON DELETE CASCADE,
    author_id    uuid        NOT NULL CONSTRAINT live_article_authors_author_fkey REFERENCES authors,
    published_at timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    CONSTRAINT live_article_authors_pkey PRIMARY KEY (article_id, author_id)
);
CREATE INDEX live_article_authors_feed ON live_article_authors (author_id, published_at DESC, article_id DESC);
CREATE INDEX live_article_authors_by_update ON live_article_authors (author_id, updated_at DESC, article_id DESC);
CREATE TABLE live_article_media (
    article_id uuid NOT NULL CONSTRAINT live_article_media_article_fkey REFERENCES live_articles ON DELETE CASCADE,
    media_id   uuid NOT NULL CONSTRAINT live_article_media_media_fkey REFERENCES media,
    CONSTRAINT live_article_media_pkey PRIMARY KEY (article_id, media_id)
);
CREATE INDEX live_article_media_by_media ON live_article_media (media_id);

-- How many live stories a tag or an author has: a row stands here only while there is at least one.
CREATE TABLE live_tags (
    tag_id              uuid        CONSTRAINT live_tags_pkey PRIMARY KEY CONSTRAINT live_tags_tag_fkey REFERENCES tags,
    article_count       integer     NOT NULL CONSTRAINT live_tags_in_use CHECK (article_count > 0),
    latest_published_at timestamptz NOT NULL
);
CREATE TABLE live_authors (
    author_id           uuid        CONSTRAINT live_authors_pkey PRIMARY KEY CONSTRAINT live_authors_author_fkey REFERENCES authors,
    article_count       integer     NOT NULL CONSTRAINT live_authors_in_use CHECK (article_count > 0),
    latest_published_at timestamptz NOT NULL
);

-- What happened to the world, in the order in which it became visible.
CREATE TABLE changes (
    generation bigint      CONSTRAINT changes_pkey PRIMARY KEY,
    at         timestamptz NOT NULL,
    kind       text        NOT NULL CONSTRAINT changes_kind CHECK (kind IN ('published', 'updated', 'corrected', 'unpublished', 'taken_down')),
    article_id uuid        NOT NULL,
    slug       text        NOT NULL,
    revision   integer
);
CREATE INDEX changes_by_article ON changes (article_id, generation DESC);
