-- Refunds: how much money went back to buyers, and why. In minor units of the currency.
CREATE OR REPLACE VIEW refund AS
SELECT refunded.refund_id,
       refunded.order_id,
       coalesce(cancelled.reason, requested.reason) AS reason,
       coalesce(cancelled.cancelled_by, '') AS cancelled_by,
       refunded.amount.currency_code AS currency,
       refunded.amount.minor_units AS amount,
       refunded.event.occur_time AS refund_time
FROM refund_succeeded AS refunded
JOIN refund_requested AS requested ON requested.refund_id = refunded.refund_id
LEFT JOIN order_cancelled AS cancelled ON cancelled.order_id = refunded.order_id;

SELECT reason, cancelled_by, currency, count(*) AS refunds, sum(amount) AS amount
FROM refund
GROUP BY ALL
ORDER BY reason, cancelled_by, currency;
