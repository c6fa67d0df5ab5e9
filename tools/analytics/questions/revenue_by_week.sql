-- Revenue by week: what was ordered in each week (from Monday) and not cancelled later, and the store's
-- commission on it. In minor units of the currency.
CREATE OR REPLACE VIEW revenue AS
SELECT placed.order_id,
       placed.seller_id,
       CAST(date_trunc('week', placed.place_time) AS DATE) AS week,
       captured.amount.currency_code AS currency,
       captured.amount.minor_units AS amount,
       captured.commission.minor_units AS commission
FROM order_placed AS placed
JOIN payment_captured AS captured ON captured.order_id = placed.order_id
ANTI JOIN order_cancelled AS cancelled ON cancelled.order_id = placed.order_id;

SELECT week, currency, count(*) AS orders, sum(amount) AS revenue, sum(commission) AS commission
FROM revenue
GROUP BY ALL
ORDER BY week, currency;
