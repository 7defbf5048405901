-- When holders may exercise before a redemption, and what becomes of what they leave alone. Holders are told when it opens
-- and once more on `remind_on`; a right without an end is told when it opens. `opened`, `reminded`: they have been.
CREATE TABLE servicing.exercise_window (
    event_id     uuid PRIMARY KEY REFERENCES servicing.event (id),
    opens_on     date NOT NULL,
    closes_on    date NOT NULL CHECK (closes_on >= opens_on),
    is_automatic boolean NOT NULL,
    remind_on    date NOT NULL CHECK (remind_on <= closes_on),
    opened       boolean NOT NULL DEFAULT false,
    reminded     boolean NOT NULL DEFAULT false,
    CONSTRAINT opened_before_reminded CHECK (opened OR NOT reminded)
);
CREATE INDEX exercise_window_to_open ON servicing.exercise_window (opens_on) WHERE NOT opened;
CREATE INDEX exercise_window_to_remind ON servicing.exercise_window (remind_on) WHERE NOT reminded;
