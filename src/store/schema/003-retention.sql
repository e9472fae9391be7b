-- What removing old rows looks up.
CREATE INDEX exchanges_by_body ON exchanges(body_sha256);
CREATE INDEX ledger_by_run ON ledger(run_id);
CREATE INDEX ledger_by_exchange ON ledger(exchange_id);
CREATE INDEX story_evidence_by_text ON story_evidence(sha256);
CREATE INDEX stories_by_survivor ON stories(merged_into) WHERE merged_into IS NOT NULL;
