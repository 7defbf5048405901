-- name: versions
SELECT valid_from, name, kind, on_eve, local_time, lasts FROM settlement.timetable ORDER BY valid_from DESC, ordinal;
