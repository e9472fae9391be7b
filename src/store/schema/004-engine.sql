ALTER TABLE stages ADD COLUMN idle REAL NOT NULL DEFAULT 0;    -- seconds with nothing to do but wait for the network

ALTER TABLE ledger ADD COLUMN pass INTEGER NOT NULL DEFAULT 1;
ALTER TABLE ledger ADD COLUMN ordinal INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN latency_ms INTEGER;
