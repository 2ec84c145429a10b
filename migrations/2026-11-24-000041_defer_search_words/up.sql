-- The words of a story wait in the index's list, which every search reads, and are taken in by a job soon after: many at
-- once, which is several times cheaper than word by word, and not while somebody waits for their publish.
ALTER INDEX live_search_words SET (fastupdate = on, gin_pending_list_limit = 1024);
