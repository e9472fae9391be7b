ALTER TABLE stories ADD COLUMN is_regrouped INTEGER NOT NULL DEFAULT 0;  -- its members are others than those that were scored

ALTER TABLE articles ADD COLUMN told_as TEXT;   -- the story it was first published for, where that was merged; feeds know it so
