DROP TABLE site, slug_redirects, tags;
ALTER TABLE users DROP CONSTRAINT users_author_fkey;
DROP TABLE authors, media, media_credits;
