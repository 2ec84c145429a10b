-- What articles refer to: credits, media, authors, tags; and the site itself.

CREATE TABLE media_credits (
    id                  uuid        CONSTRAINT media_credits_pkey PRIMARY KEY,
    slug                text        NOT NULL CONSTRAINT media_credits_slug_key UNIQUE,
    name                text        NOT NULL CONSTRAINT media_credits_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    kind                text        NOT NULL CONSTRAINT media_credits_kind CHECK (kind IN ('agency', 'photographer', 'staff', 'stock', 'handout', 'public_domain', 'generated')),
    credit_line         text        NOT NULL CONSTRAINT media_credits_credit_line_length CHECK (char_length(credit_line) BETWEEN 1 AND 300),
    credit_template     text        NOT NULL CONSTRAINT media_credits_credit_template CHECK (credit_template LIKE '%{name}%' OR credit_template LIKE '%{credit_line}%'),
    source              text,
    copyright_notice    text,
    licence_code        text,
    licence_name        text,
    licence_url         text,
    usage_terms         text,
    acquire_licence_url text,
    url                 text,
    valid_from          timestamptz,
    valid_until         timestamptz,
    status              text        NOT NULL CONSTRAINT media_credits_status CHECK (status IN ('active', 'withdrawn')),
    version             integer     NOT NULL DEFAULT 1,
    created_by          uuid        CONSTRAINT media_credits_created_by_fkey REFERENCES users,
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL,
    CONSTRAINT media_credits_validity CHECK (valid_from IS NULL OR valid_until IS NULL OR valid_from < valid_until)
);
CREATE INDEX media_credits_by_name ON media_credits (name, id);
CREATE INDEX media_credits_by_update ON media_credits (updated_at DESC, id DESC);
CREATE INDEX media_credits_name_trigrams ON media_credits USING gin (lower(name) gin_trgm_ops);

CREATE TABLE media (
    id                  uuid        CONSTRAINT media_pkey PRIMARY KEY,
    kind                text        NOT NULL CONSTRAINT media_kind CHECK (kind IN ('image', 'audio', 'video', 'document')),
    filename            text        NOT NULL,
    mime                text        NOT NULL,
    bytes               bigint      NOT NULL,
    sha256              bytea       NOT NULL CONSTRAINT media_sha256_length CHECK (length(sha256) = 32),
    width               integer,
    height              integer,
    blurhash            text,
    focal_x             real        CONSTRAINT media_focal_x CHECK (focal_x BETWEEN 0 AND 1),
    focal_y             real        CONSTRAINT media_focal_y CHECK (focal_y BETWEEN 0 AND 1),
    alt                 text,
    caption             text,
    credit_id           uuid        NOT NULL CONSTRAINT media_credit_fkey REFERENCES media_credits,
    credit_line         text,
    creators            text[]      NOT NULL DEFAULT '{}',
    taken_at            timestamptz,
    source_url          text,
    valid_from          timestamptz,
    valid_until         timestamptz,
    usage_terms         text,
    digital_source_type text,
    extracted           jsonb       NOT NULL DEFAULT '{}',
    status              text        NOT NULL CONSTRAINT media_status CHECK (status IN ('ready', 'withdrawn')),
    version             integer     NOT NULL DEFAULT 1,
    created_by          uuid        CONSTRAINT media_created_by_fkey REFERENCES users,
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL,
    CONSTRAINT media_image_size CHECK (kind <> 'image' OR (width > 0 AND height > 0)),
    CONSTRAINT media_focal_pair CHECK ((focal_x IS NULL) = (focal_y IS NULL)),
    CONSTRAINT media_validity CHECK (valid_from IS NULL OR valid_until IS NULL OR valid_from < valid_until)
);
CREATE INDEX media_by_creation ON media (created_at DESC, id DESC);
CREATE INDEX media_by_update ON media (updated_at DESC, id DESC);
CREATE INDEX media_by_credit ON media (credit_id, created_at DESC, id DESC);
CREATE INDEX media_by_creator ON media (created_by, created_at DESC, id DESC);
CREATE INDEX media_by_sha256 ON media (sha256);
CREATE INDEX media_text_trigrams ON media USING gin (lower(filename || ' ' || coalesce(alt, '') || ' ' || coalesce(caption, '')) gin_trgm_ops);

CREATE TABLE authors (
    id              uuid        CONSTRAINT authors_pkey PRIMARY KEY,
    slug            text        NOT NULL CONSTRAINT authors_slug_key UNIQUE,
    name            text        NOT NULL CONSTRAINT authors_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    sort_name       text        NOT NULL CONSTRAINT authors_sort_name_length CHECK (char_length(sort_name) BETWEEN 1 AND 200),
    kind            text        NOT NULL CONSTRAINT authors_kind CHECK (kind IN ('staff', 'freelance', 'agency', 'organisation')),
    job_title       text,
    former          boolean     NOT NULL DEFAULT false,
    bio             text,
    bio_long        text,
    avatar_media_id uuid        CONSTRAINT authors_avatar_fkey REFERENCES media,
    links           jsonb       NOT NULL DEFAULT '[]',
    location        text,
    languages       text[]      NOT NULL DEFAULT '{}',
    email           text,
    job_titles      jsonb       NOT NULL DEFAULT '[]',
    version         integer     NOT NULL DEFAULT 1,
    created_by      uuid        CONSTRAINT authors_created_by_fkey REFERENCES users,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL
);
CREATE INDEX authors_by_sort_name ON authors (sort_name, id);
CREATE INDEX authors_by_update ON authors (updated_at DESC, id DESC);
CREATE INDEX authors_by_avatar ON authors (avatar_media_id);
CREATE INDEX authors_name_trigrams ON authors USING gin (lower(name) gin_trgm_ops);
ALTER TABLE users ADD CONSTRAINT users_author_fkey FOREIGN KEY (author_id) REFERENCES authors ON DELETE SET NULL;

CREATE TABLE tags (
    id           uuid        CONSTRAINT tags_pkey PRIMARY KEY,
    slug         text        NOT NULL CONSTRAINT tags_slug_key UNIQUE,
    name         text        NOT NULL CONSTRAINT tags_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    kind         text        NOT NULL CONSTRAINT tags_kind CHECK (kind IN ('topic', 'place', 'country', 'person', 'organisation', 'event', 'series', 'section', 'genre', 'internal')),
    description  text,
    parent_id    uuid        CONSTRAINT tags_parent_fkey REFERENCES tags,
    country_code text        CONSTRAINT tags_country_code CHECK (country_code ~ '^[A-Z]{2}$'),
    names        jsonb       NOT NULL DEFAULT '{}',
    external_ids jsonb       NOT NULL DEFAULT '[]',
    version      integer     NOT NULL DEFAULT 1,
    created_by   uuid        CONSTRAINT tags_created_by_fkey REFERENCES users,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    CONSTRAINT tags_country_has_code CHECK ((kind = 'country') = (country_code IS NOT NULL)),
    CONSTRAINT tags_not_own_parent CHECK (parent_id <> id)
);
CREATE INDEX tags_by_name ON tags (name, id);
CREATE INDEX tags_by_update ON tags (updated_at DESC, id DESC);
CREATE INDEX tags_by_parent ON tags (parent_id);
CREATE INDEX tags_name_trigrams ON tags USING gin (lower(name) gin_trgm_ops);

-- Slugs (and ids of merged tags) that a reference bore earlier, and where they lead now.
CREATE TABLE slug_redirects (
    resource  text        NOT NULL CONSTRAINT slug_redirects_resource CHECK (resource IN ('author', 'tag', 'media_credit')),
    slug      text        NOT NULL,
    target_id uuid        NOT NULL,
    since     timestamptz NOT NULL,
    CONSTRAINT slug_redirects_pkey PRIMARY KEY (resource, slug)
);
CREATE INDEX slug_redirects_by_target ON slug_redirects (target_id);

CREATE TABLE site (
    id                   smallint    CONSTRAINT site_pkey PRIMARY KEY CONSTRAINT site_single CHECK (id = 1),
    name                 text        NOT NULL,
    description          text,
    base_url             text        NOT NULL,
    article_url_template text        NOT NULL,
    languages            text[]      NOT NULL,
    logo_media_id        uuid        CONSTRAINT site_logo_fkey REFERENCES media,
    version              integer     NOT NULL DEFAULT 1,
    updated_at           timestamptz NOT NULL
);
