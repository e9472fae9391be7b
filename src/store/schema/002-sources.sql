ALTER TABLE sources ADD COLUMN memory TEXT;               -- what the source wants to be handed in its next run, JSON

-- What a host last said of its own limit; NULL when it said nothing.
ALTER TABLE hosts ADD COLUMN allowed INTEGER;
ALTER TABLE hosts ADD COLUMN remaining INTEGER;
ALTER TABLE hosts ADD COLUMN reset_ms INTEGER;

-- Posts left out on purpose, with the last run in which they were.
CREATE TABLE drops(
  source TEXT NOT NULL,
  id TEXT NOT NULL,
  url TEXT NOT NULL,
  about_url TEXT,                           -- the page it is about
  reason TEXT NOT NULL,
  detail TEXT,
  run_id INTEGER NOT NULL,
  PRIMARY KEY (source, id)
) STRICT, WITHOUT ROWID;
