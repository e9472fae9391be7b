-- Times are UTC milliseconds, money is integer micro-dollars, digests are lower-case hex.

CREATE TABLE runs(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  command TEXT NOT NULL,                    -- "run", or the one stage asked for
  now_ms INTEGER NOT NULL,
  config_sha256 TEXT NOT NULL,
  version TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'finished', 'abandoned')),
  started_ms INTEGER NOT NULL,
  ended_ms INTEGER,
  exit_code INTEGER,
  summary TEXT                              -- the document of --json
) STRICT;

CREATE TABLE stages(
  run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  jobs INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  workers INTEGER NOT NULL,
  reason TEXT NOT NULL,                     -- why that many workers
  seconds REAL NOT NULL,
  waited REAL NOT NULL,                     -- seconds of waiting for limits and back-off, over all requests
  counts TEXT NOT NULL,                     -- what the stage did, a JSON object
  PRIMARY KEY (run_id, name)
) STRICT;

CREATE TABLE sources(
  key TEXT PRIMARY KEY,
  last_ok_ms INTEGER,
  failures INTEGER NOT NULL DEFAULT 0,      -- in a row
  last_error TEXT,
  moved_to TEXT,
  disabled INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE hosts(
  host TEXT PRIMARY KEY,
  window TEXT NOT NULL,
  paused_until_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE items(
  id TEXT PRIMARY KEY,
  source TEXT NOT NULL,
  url TEXT NOT NULL,
  canonical_url TEXT,
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  author TEXT NOT NULL,
  language TEXT,
  published_ms INTEGER NOT NULL,
  links TEXT NOT NULL,                      -- a JSON array
  extra TEXT,
  first_run INTEGER NOT NULL,
  last_run INTEGER NOT NULL,                -- last seen
  changed_run INTEGER NOT NULL              -- last run in which title, text or links were new
) STRICT;
CREATE INDEX items_by_canonical_url ON items(canonical_url);

CREATE TABLE engagement(
  item_id TEXT NOT NULL REFERENCES items(id) ON DELETE CASCADE,
  run_id INTEGER NOT NULL,
  likes INTEGER NOT NULL,                   -- -1: the source does not say
  shares INTEGER NOT NULL,
  replies INTEGER NOT NULL,
  score INTEGER NOT NULL,
  PRIMARY KEY (item_id, run_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE stories(
  id TEXT PRIMARY KEY,
  founded_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  lead_item TEXT NOT NULL,
  merged_into TEXT REFERENCES stories(id),
  topics TEXT,
  summary TEXT
) STRICT;

CREATE TABLE members(
  item_id TEXT PRIMARY KEY REFERENCES items(id) ON DELETE CASCADE,
  story_id TEXT NOT NULL REFERENCES stories(id),
  run_id INTEGER NOT NULL,
  probability REAL NOT NULL,
  rule TEXT NOT NULL,
  features TEXT
) STRICT;
CREATE INDEX members_by_story ON members(story_id);

CREATE TABLE corrections(
  item_a TEXT NOT NULL,
  item_b TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('must', 'must_not')),
  made_ms INTEGER NOT NULL,
  PRIMARY KEY (item_a, item_b),
  CHECK (item_a < item_b)
) STRICT, WITHOUT ROWID;

CREATE TABLE scores(
  story_id TEXT NOT NULL REFERENCES stories(id),
  run_id INTEGER NOT NULL,
  predicted REAL NOT NULL,
  given REAL,
  reason TEXT NOT NULL,
  provider TEXT NOT NULL,
  provisional INTEGER NOT NULL,
  features TEXT NOT NULL,
  PRIMARY KEY (story_id, run_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE evidence(
  sha256 TEXT PRIMARY KEY,
  text TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE story_evidence(
  story_id TEXT NOT NULL REFERENCES stories(id),
  rank INTEGER NOT NULL,
  sha256 TEXT NOT NULL REFERENCES evidence(sha256),
  url TEXT NOT NULL,
  title TEXT NOT NULL,
  site_name TEXT NOT NULL,
  fetched_ms INTEGER NOT NULL,
  PRIMARY KEY (story_id, rank)
) STRICT, WITHOUT ROWID;

CREATE TABLE articles(
  story_id TEXT NOT NULL REFERENCES stories(id),
  revision INTEGER NOT NULL,
  slug TEXT NOT NULL,
  state TEXT NOT NULL,
  kind TEXT NOT NULL,
  voice TEXT,
  headline TEXT NOT NULL,
  document TEXT NOT NULL,
  report TEXT,
  cost_micros INTEGER NOT NULL,
  page_sha256 TEXT,                         -- of the page as last written
  page_next_sha256 TEXT,                    -- of the page about to be written
  created_ms INTEGER NOT NULL,
  run_id INTEGER NOT NULL,
  PRIMARY KEY (story_id, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE exchanges(
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  job TEXT NOT NULL,
  pass INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  request_sha256 TEXT NOT NULL,
  kind TEXT NOT NULL,
  source TEXT NOT NULL CHECK (source IN ('sent', 'cached', 'revalidated', 'coalesced', 'error')),
  url TEXT NOT NULL,
  status INTEGER NOT NULL,
  headers TEXT NOT NULL,
  body_sha256 TEXT REFERENCES bodies(sha256),
  outcome TEXT NOT NULL,                    -- "ok", "moved", or an error's code, a space and its text
  sent_ms INTEGER NOT NULL,                 -- by the real clock, 0 when nothing was sent
  answered_ms INTEGER NOT NULL,
  as_of_ms INTEGER NOT NULL,                -- the now of the run that fetched it
  UNIQUE (run_id, job, pass, ordinal)
) STRICT;
CREATE INDEX exchanges_by_request ON exchanges(request_sha256, run_id);

CREATE TABLE bodies(
  sha256 TEXT PRIMARY KEY,
  data BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger(
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES runs(id),
  job TEXT NOT NULL,
  stage TEXT NOT NULL,
  story_id TEXT,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  purpose TEXT NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  reserved INTEGER NOT NULL,
  charged INTEGER NOT NULL,
  state TEXT NOT NULL,
  outcome TEXT,
  exchange_id INTEGER REFERENCES exchanges(id) ON DELETE SET NULL
) STRICT;

CREATE TABLE knowledge(
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  value TEXT NOT NULL,
  run_id INTEGER NOT NULL,
  PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE failures(
  run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  stage TEXT NOT NULL,
  job TEXT NOT NULL,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  input TEXT
) STRICT;
CREATE INDEX failures_by_run ON failures(run_id);
