DROP TABLE generations, idempotency_keys, audit_events, api_keys, password_resets, refresh_tokens, sessions, users;
DROP EXTENSION IF EXISTS pg_trgm;
