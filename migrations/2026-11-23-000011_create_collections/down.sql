DELETE FROM slug_redirects WHERE resource = 'collection';
ALTER TABLE slug_redirects DROP CONSTRAINT slug_redirects_resource;
ALTER TABLE slug_redirects ADD CONSTRAINT slug_redirects_resource CHECK (resource IN ('author', 'tag', 'media_credit'));
DROP TABLE live_collections, collection_revisions, collections;
