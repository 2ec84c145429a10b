-- What is written once is never changed: revisions, corrections, the audit trail. The program never tries; this is for
-- whatever it or its operators do by mistake.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

-- Deleted only with the article that they belong to, which is gone already when its rows follow.
CREATE FUNCTION refuse_delete_without_article() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM articles WHERE id = OLD.article_id) THEN
        RAISE EXCEPTION 'rows of % go only with their article', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END
$$;

CREATE FUNCTION refuse_delete_without_collection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM collections WHERE id = OLD.collection_id) THEN
        RAISE EXCEPTION 'rows of % go only with their collection', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END
$$;

-- Deleted only by the job that forgets what is older than the operators want: it names the time for its own transaction.
CREATE FUNCTION refuse_delete_of_kept_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.at >= coalesce(nullif(current_setting('masthead.forget_events_before', true), '')::timestamptz, '-infinity') THEN
        RAISE EXCEPTION 'audit events are kept' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END
$$;

CREATE TRIGGER article_revisions_unchanged BEFORE UPDATE ON article_revisions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER article_revisions_undeleted BEFORE DELETE ON article_revisions FOR EACH ROW EXECUTE FUNCTION refuse_delete_without_article();
CREATE TRIGGER article_revisions_untruncated BEFORE TRUNCATE ON article_revisions EXECUTE FUNCTION refuse_change();

CREATE TRIGGER corrections_unchanged BEFORE UPDATE ON corrections FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER corrections_undeleted BEFORE DELETE ON corrections FOR EACH ROW EXECUTE FUNCTION refuse_delete_without_article();
CREATE TRIGGER corrections_untruncated BEFORE TRUNCATE ON corrections EXECUTE FUNCTION refuse_change();

CREATE TRIGGER collection_revisions_unchanged BEFORE UPDATE ON collection_revisions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER collection_revisions_undeleted BEFORE DELETE ON collection_revisions FOR EACH ROW EXECUTE FUNCTION refuse_delete_without_collection();
CREATE TRIGGER collection_revisions_untruncated BEFORE TRUNCATE ON collection_revisions EXECUTE FUNCTION refuse_change();

CREATE TRIGGER audit_events_unchanged BEFORE UPDATE ON audit_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_events_undeleted BEFORE DELETE ON audit_events FOR EACH ROW EXECUTE FUNCTION refuse_delete_of_kept_events();
CREATE TRIGGER audit_events_untruncated BEFORE TRUNCATE ON audit_events EXECUTE FUNCTION refuse_change();
