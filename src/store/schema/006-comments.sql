ALTER TABLE story_evidence ADD COLUMN kind TEXT NOT NULL DEFAULT 'page';   -- or 'comment': what somebody thinks, and no fact
