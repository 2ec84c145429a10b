-- What search finds live stories by. Written with the live row, gone with it.

CREATE TABLE live_search (
    article_id   uuid        CONSTRAINT live_search_pkey PRIMARY KEY CONSTRAINT live_search_article_fkey REFERENCES live_articles ON DELETE CASCADE,
    published_at timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    -- Words of headline, standfirst, byline, tags and the begin of the text, and marks of what the story is filed under (see search_words).
    words        tsvector    NOT NULL
) WITH (toast_tuple_target = 8160);
-- Read for every candidate: never compressed, never elsewhere.
ALTER TABLE live_search ALTER COLUMN words SET STORAGE MAIN;
CREATE INDEX live_search_words ON live_search USING gin (words) WITH (fastupdate = off);

-- Whether search knows a live row: one that the version before this one wrote is not known yet, and a job sees to it.
ALTER TABLE live_articles ADD COLUMN searchable boolean NOT NULL DEFAULT false;
CREATE INDEX live_articles_unsearchable ON live_articles (id) WHERE NOT searchable;

-- Names as they are typed: without accents and signs. Upper case is written out because not every locale knows it.
CREATE FUNCTION folded_name(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(replace(replace(replace(replace(lower(translate(name,
        'ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöøùúûüýÿĀāĂăĄąĆćĈĉĊċČčĎďĐđĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĦħĨĩĪīĬĭĮįİıĴĵĶķĹĺĻļĽľŁłŃńŅņŇňŌōŎŏŐőŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽžƠơƯưǍǎǏǐǑǒǓǔǕǖǗǘǙǚǛǜǞǟǠǡǦǧǨǩǪǫǬǭǰǴǵǸǹǺǻȀȁȂȃȄȅȆȇȈȉȊȋȌȍȎȏȐȑȒȓȔȕȖȗȘșȚțȞȟȦȧȨȩȪȫȬȭȮȯȰȱȲȳАБВГҐДЕЄЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯÆŒÞЁё-–—/.,:;&()@_+',
        'aaaaaaceeeeiiiinoooooouuuuyaaaaaaceeeeiiiinoooooouuuuyyaaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiijjkkllllllllnnnnnnoooooorrrrrrssssssssttttuuuuuuuuuuuuwwyyyzzzzzzoouuaaiioouuuuuuuuuuaaaaggkkoooojggnnaaaaaaeeeeiiiioooorrrruuuusstthhaaeeooooooooyyабвгґдеєжзиіїйклмнопрстуфхцчшщъыьэюяæœþее              ')),
        'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'), '([а-яґєії])[’''ʼ‘]([а-яґєії])', '\1\2', 'g')
$$;
CREATE INDEX tags_name_words ON tags USING gin (to_tsvector('simple'::regconfig, folded_name(name)));
CREATE INDEX authors_name_words ON authors USING gin (to_tsvector('simple'::regconfig, folded_name(name)));
