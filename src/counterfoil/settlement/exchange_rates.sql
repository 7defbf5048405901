-- name: enter
INSERT INTO settlement.exchange_rate (currency, valid_from, rate)
SELECT * FROM unnest(%(currencies)s::text[], %(days)s::date[], %(rates)s::numeric[])
ON CONFLICT (currency, valid_from) DO UPDATE SET rate = excluded.rate;

-- name: valid
SELECT DISTINCT ON (currency) currency, valid_from, rate FROM settlement.exchange_rate
WHERE valid_from <= %(on)s::date
  AND (%(currencies)s::text[] IS NULL OR currency = ANY(%(currencies)s::text[]))
ORDER BY currency, valid_from DESC;
