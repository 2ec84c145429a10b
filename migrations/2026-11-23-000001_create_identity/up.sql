-- Who may come in: staff, their sessions, and keys for servers.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE users (
    id            uuid        CONSTRAINT users_pkey PRIMARY KEY,
    email         text        NOT NULL CONSTRAINT users_email_length CHECK (char_length(email) <= 254),
    -- The address in lower case: what makes two accounts the same. Null once the account is deleted.
    email_key     text        CONSTRAINT users_email_key UNIQUE,
    name          text        NOT NULL CONSTRAINT users_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    role          text        NOT NULL CONSTRAINT users_role CHECK (role IN ('contributor', 'author', 'editor', 'admin')),
    password_hash text,
    author_id     uuid        CONSTRAINT users_author_key UNIQUE,
    disabled_at   timestamptz,
    deleted_at    timestamptz,
    version       integer     NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL
);
CREATE INDEX users_by_name ON users (name, id);

CREATE TABLE sessions (
    id           uuid        CONSTRAINT sessions_pkey PRIMARY KEY,
    user_id      uuid        NOT NULL CONSTRAINT sessions_user_fkey REFERENCES users ON DELETE CASCADE,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    user_agent   text,
    address      text
);
CREATE INDEX sessions_by_user ON sessions (user_id, created_at DESC, id DESC);

-- One row a refresh token ever handed out: a second use of one is how theft is noticed.
CREATE TABLE refresh_tokens (
    hash       bytea       CONSTRAINT refresh_tokens_pkey PRIMARY KEY,
    session_id uuid        NOT NULL CONSTRAINT refresh_tokens_session_fkey REFERENCES sessions ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

-- At most one a user: a newer one replaces an older one.
CREATE TABLE password_resets (
    user_id    uuid        CONSTRAINT password_resets_pkey PRIMARY KEY CONSTRAINT password_resets_user_fkey REFERENCES users ON DELETE CASCADE,
    hash       bytea       NOT NULL CONSTRAINT password_resets_hash_key UNIQUE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE api_keys (
    id           uuid        CONSTRAINT api_keys_pkey PRIMARY KEY,
    name         text        NOT NULL CONSTRAINT api_keys_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    role         text        NOT NULL CONSTRAINT api_keys_role CHECK (role IN ('contributor', 'author', 'editor', 'admin')),
    prefix       text        NOT NULL,
    secret_hash  bytea       NOT NULL CONSTRAINT api_keys_secret_key UNIQUE,
    created_by   uuid        NOT NULL CONSTRAINT api_keys_created_by_fkey REFERENCES users ON DELETE CASCADE,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz
);
CREATE INDEX api_keys_by_creation ON api_keys (created_at DESC, id DESC);

CREATE TABLE audit_events (
    id         uuid        CONSTRAINT audit_events_pkey PRIMARY KEY,
    at         timestamptz NOT NULL,
    actor_id   uuid,
    actor      text        NOT NULL,
    action     text        NOT NULL,
    resource   text        NOT NULL,
    target_id  uuid,
    request_id text,
    address    text,
    before     jsonb,
    after      jsonb
);
CREATE INDEX audit_events_by_time ON audit_events (at DESC, id DESC);
CREATE INDEX audit_events_by_target ON audit_events (target_id, at DESC, id DESC);
CREATE INDEX audit_events_by_actor ON audit_events (actor_id, at DESC, id DESC);

-- The first answer to a POST that carried an Idempotency-Key, kept for a day.
CREATE TABLE idempotency_keys (
    caller     text        NOT NULL,
    operation  text        NOT NULL,
    key        text        NOT NULL,
    digest     bytea       NOT NULL,
    status     smallint    NOT NULL,
    headers    jsonb       NOT NULL,
    body       bytea       NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (caller, operation, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Counters that say "something changed": `content` moves with every publish, `references` with
-- every change to an author, tag, credit, picture or site setting.
CREATE TABLE generations (
    name  text   CONSTRAINT generations_pkey PRIMARY KEY,
    value bigint NOT NULL
);
INSERT INTO generations VALUES ('content', 1), ('references', 1);
