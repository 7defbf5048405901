-- name: set_prices
INSERT INTO settlement.reference_price (isin, business_date, price, quotation, currency, liquid, asset_class)
SELECT n.* FROM unnest(
    %(isins)s::text[], %(days)s::date[], %(prices)s::numeric[], %(quotations)s::text[], %(currencies)s::text[],
    %(liquid)s::boolean[], %(classes)s::text[]
) AS n
ON CONFLICT (isin, business_date) DO UPDATE
SET price = excluded.price, quotation = excluded.quotation, currency = excluded.currency, liquid = excluded.liquid,
    asset_class = excluded.asset_class;

-- name: set_overnight_rate
INSERT INTO settlement.overnight_rate (currency, valid_from, rate_percent, day_basis)
VALUES (%(currency)s::text, %(valid_from)s::date, %(rate_percent)s::numeric, %(day_basis)s::smallint)
ON CONFLICT (currency, valid_from) DO UPDATE SET rate_percent = excluded.rate_percent, day_basis = excluded.day_basis;

-- name: declare_insolvent
INSERT INTO settlement.insolvency (party_lei, opened_on, recorded_at, actor)
VALUES (%(party)s::text, %(opened_on)s::date, %(now)s::timestamptz, %(actor)s::text)
ON CONFLICT DO NOTHING;

-- name: prices
SELECT isin, business_date, price, currency, quotation, liquid, asset_class FROM settlement.reference_price
WHERE (%(isin)s::text IS NULL OR isin = %(isin)s::text)
  AND (%(business_date)s::date IS NULL OR business_date = %(business_date)s::date)
  AND (business_date, isin) > (%(day)s::date, %(last)s::text)
ORDER BY business_date, isin LIMIT %(limit)s::integer;

-- name: overnight_rates
SELECT currency, valid_from, rate_percent, day_basis FROM settlement.overnight_rate ORDER BY currency, valid_from;

-- name: set_penalty_rate
INSERT INTO settlement.penalty_rate (asset_class, valid_from, rate)
VALUES (%(asset_class)s::text, %(valid_from)s::date, %(rate)s::numeric)
ON CONFLICT (asset_class, valid_from) DO UPDATE SET rate = excluded.rate;

-- name: penalty_rates
SELECT asset_class, valid_from, rate FROM settlement.penalty_rate ORDER BY asset_class, valid_from;

-- name: insolvencies
SELECT party_lei, opened_on, recorded_at, actor FROM settlement.insolvency ORDER BY opened_on, party_lei;
