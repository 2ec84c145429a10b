DROP INDEX authors_name_words, tags_name_words;
DROP FUNCTION folded_name;
DROP TABLE live_search;
DROP INDEX live_articles_unsearchable;
ALTER TABLE live_articles DROP COLUMN searchable;
