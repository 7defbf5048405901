-- What is matched, for whoever has to know what was traded but not delivered when something fell due.
CREATE VIEW settlement.v_matched AS
SELECT t.id, t.deliver_id, t.receive_id, t.quantity, t.amount, d.currency, t.matched_at, d.isin, d.trade_date, d.transaction_type, d.opt_out,
    d.ex_cum, d.cash_direction, d.party_lei AS deliverer, r.party_lei AS receiver, d.reference AS deliverer_reference,
    r.reference AS receiver_reference, d.account_id AS from_account, r.account_id AS to_account,
    (SELECT c.code FROM settlement.cancelled AS c WHERE c.instruction_id = t.deliver_id) AS cancellation_code
FROM settlement.instruction AS d
JOIN settlement.transaction AS t ON t.deliver_id = d.id
JOIN settlement.instruction AS r ON r.id = t.receive_id;

CREATE VIEW settlement.v_part AS SELECT transaction_id, part_no, quantity, settled_at FROM settlement.settled;

-- What is left to settle of it, and the money that goes with it.
CREATE VIEW settlement.v_left AS
SELECT transaction_id, isin, quantity, currency, amount, payer_account, payee_account FROM settlement.pending;
