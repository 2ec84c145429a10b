-- Which sample content this database has got already, so that a second load adds nothing twice.
CREATE TABLE demo_loads (
    name      text        CONSTRAINT demo_loads_pkey PRIMARY KEY,
    -- Numbers of articles handed out so far: a corpus that is added to goes on behind them.
    articles  bigint      NOT NULL CONSTRAINT demo_loads_articles CHECK (articles >= 0),
    loaded_at timestamptz NOT NULL
);
