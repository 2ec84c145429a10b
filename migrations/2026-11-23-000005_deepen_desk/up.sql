-- The desk in depth: corrections, bylines as they stood, previews.

CREATE TABLE corrections (
    id         uuid        CONSTRAINT corrections_pkey PRIMARY KEY,
    article_id uuid        NOT NULL CONSTRAINT corrections_article_fkey REFERENCES articles ON DELETE CASCADE,
    kind       text        NOT NULL CONSTRAINT corrections_kind CHECK (kind IN ('correction', 'clarification', 'update', 'editors_note', 'retraction')),
    text       text        NOT NULL CONSTRAINT corrections_text_length CHECK (char_length(text) BETWEEN 1 AND 5000),
    created_by uuid        CONSTRAINT corrections_created_by_fkey REFERENCES users,
    created_at timestamptz NOT NULL
);
CREATE INDEX corrections_by_article ON corrections (article_id, created_at DESC, id DESC);

-- The corrections of live stories, as the world reads them.
CREATE TABLE live_corrections (
    id         uuid        CONSTRAINT live_corrections_pkey PRIMARY KEY,
    article_id uuid        NOT NULL CONSTRAINT live_corrections_article_fkey REFERENCES live_articles ON DELETE CASCADE,
    kind       text        NOT NULL,
    text       text        NOT NULL,
    at         timestamptz NOT NULL
);
CREATE INDEX live_corrections_by_time ON live_corrections (at DESC, id DESC);
CREATE INDEX live_corrections_by_article ON live_corrections (article_id);

-- Names and job titles as they stood when a story went live; a later publish does not change them.
CREATE TABLE bylines (
    article_id uuid NOT NULL CONSTRAINT bylines_article_fkey REFERENCES articles ON DELETE CASCADE,
    author_id  uuid NOT NULL CONSTRAINT bylines_author_fkey REFERENCES authors ON DELETE CASCADE,
    name       text NOT NULL,
    job_title  text,
    CONSTRAINT bylines_pkey PRIMARY KEY (article_id, author_id)
);
CREATE INDEX bylines_by_author ON bylines (author_id);

CREATE TABLE previews (
    id         uuid        CONSTRAINT previews_pkey PRIMARY KEY,
    article_id uuid        NOT NULL CONSTRAINT previews_article_fkey REFERENCES articles ON DELETE CASCADE,
    token_hash bytea       NOT NULL CONSTRAINT previews_token_key UNIQUE,
    created_by uuid        NOT NULL CONSTRAINT previews_created_by_fkey REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX previews_by_article ON previews (article_id, created_at DESC, id DESC);
