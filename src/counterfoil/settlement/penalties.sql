-- name: failing
-- What is pending on or after its intended date, of issues that are not suspended and parties that are not insolvent.
-- That it was matched after the cut-off is the cause on the day of the match only.
SELECT p.transaction_id, p.isin, p.quantity, p.amount, p.currency, d.party_lei, r.party_lei, d.cash_direction = 'DBIT',
    p.deliver_holds, p.receive_holds,
    nullif(p.reason, CASE WHEN p.matched_at <= %(since)s::timestamptz THEN 'LATE' END),
    ARRAY(SELECT jsonb_array_elements_text(p.blocked -> 'who')), (d.accepted_at, d.id) > (r.accepted_at, r.id),
    p.intended_date
FROM settlement.pending AS p
JOIN settlement.transaction AS t ON t.id = p.transaction_id
JOIN settlement.instruction AS d ON d.id = t.deliver_id
JOIN settlement.instruction AS r ON r.id = t.receive_id
JOIN register.v_issue AS i ON i.isin = p.isin AND i.state = 'active'
WHERE p.intended_date <= %(business_date)s::date AND d.party_lei <> r.party_lei AND NOT EXISTS (
    SELECT FROM settlement.insolvency AS n
    WHERE n.party_lei IN (d.party_lei, r.party_lei) AND n.opened_on <= %(business_date)s::date
);

-- name: late_matched
-- What was matched after its intended date since the last end of day, whether it has settled or not.
SELECT t.id, d.isin, d.quantity, t.amount, d.currency, d.party_lei, r.party_lei, d.cash_direction = 'DBIT',
    0::smallint, 0::smallint, 'LATE', '{}'::text[], (d.accepted_at, d.id) > (r.accepted_at, r.id), d.intended_date
FROM settlement.transaction AS t
JOIN settlement.instruction AS d ON d.id = t.deliver_id
JOIN settlement.instruction AS r ON r.id = t.receive_id
JOIN register.v_issue AS i ON i.isin = d.isin AND i.state = 'active'
WHERE t.matched_at > %(since)s::timestamptz AND t.matched_at <= %(now)s::timestamptz
  AND d.intended_date < %(business_date)s::date AND d.party_lei <> r.party_lei AND NOT EXISTS (
    SELECT FROM settlement.insolvency AS n
    WHERE n.party_lei IN (d.party_lei, r.party_lei) AND n.opened_on <= %(business_date)s::date
);

-- name: prices
-- The reference price of each day, or the last one before; without any the row has none.
SELECT k.isin, k.day, x.price, x.quotation, x.currency, x.liquid, x.asset_class, i.cfi
FROM unnest(%(isins)s::text[], %(days)s::date[]) AS k (isin, day)
LEFT JOIN instruments.v_instrument AS i ON i.isin = k.isin
LEFT JOIN LATERAL (
    SELECT p.price, p.quotation, p.currency, p.liquid, p.asset_class FROM settlement.reference_price AS p
    WHERE p.isin = k.isin AND p.business_date <= k.day ORDER BY p.business_date DESC LIMIT 1
) AS x ON true;

-- name: class_rates
SELECT asset_class, valid_from, rate FROM settlement.penalty_rate ORDER BY asset_class, valid_from;

-- name: overnight_rates
SELECT currency, valid_from, rate_percent, day_basis FROM settlement.overnight_rate ORDER BY currency, valid_from;

-- name: add
INSERT INTO settlement.penalty (
    transaction_id, business_date, kind, debtor_lei, basis, creditor_lei, amount, currency, rate, price, quantity,
    charged_on
)
SELECT n.*, %(charged_on)s::date
FROM unnest(
    %(transactions)s::uuid[], %(days)s::date[], %(kinds)s::text[], %(debtors)s::text[], %(bases)s::text[],
    %(creditors)s::text[], %(amounts)s::numeric[], %(currencies)s::text[], %(rates)s::numeric[],
    %(prices)s::numeric[], %(quantities)s::numeric[]
) AS n
ON CONFLICT DO NOTHING;

-- name: penalties
SELECT charged_on, transaction_id, business_date, kind, debtor_lei, basis, creditor_lei, amount, currency, rate, price,
    quantity
FROM settlement.penalty
WHERE charged_on BETWEEN %(first)s::date AND %(last)s::date
  AND (%(party)s::text IS NULL OR %(party)s::text IN (debtor_lei, creditor_lei))
  AND (
      %(after_charged_on)s::date IS NULL
      OR (charged_on, transaction_id, business_date, kind, debtor_lei, basis) > (
          %(after_charged_on)s::date, %(after_transaction)s::uuid, %(after_day)s::date, %(after_kind)s::text,
          %(after_debtor)s::text, %(after_basis)s::text
      )
  )
ORDER BY charged_on, transaction_id, business_date, kind, debtor_lei, basis
LIMIT %(limit)s::integer;

-- name: net
-- What each party owes (negative) or gets over a period, and the two sides of it.
SELECT party, currency, sum(credit) - sum(debit) AS net, sum(debit) AS debit, sum(credit) AS credit
FROM (
    SELECT debtor_lei AS party, currency, amount AS debit, 0 AS credit FROM settlement.penalty
    WHERE charged_on BETWEEN %(first)s::date AND %(last)s::date
    UNION ALL
    SELECT creditor_lei, currency, 0, amount FROM settlement.penalty
    WHERE charged_on BETWEEN %(first)s::date AND %(last)s::date
) AS side
WHERE %(party)s::text IS NULL OR party = %(party)s::text
GROUP BY party, currency ORDER BY party, currency;
