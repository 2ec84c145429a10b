DROP TABLE generations, idempotency_keys, audit_events, api_keys, refresh_tokens, sessions, users;
DROP EXTENSION IF EXISTS pg_trgm;
