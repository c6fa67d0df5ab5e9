-- Review scores after late deliveries: what buyers think when the promise was kept, and when it was not.
CREATE OR REPLACE VIEW reviewed_delivery AS
SELECT review.review_id,
       review.score,
       CASE WHEN missed.late_days IS NOT NULL THEN 'late'
            WHEN kept.early_days IS NOT NULL THEN 'on time'
            ELSE 'no delivery recorded' END AS delivery
FROM review_submitted AS review
LEFT JOIN promise_missed AS missed ON missed.shipment.order_id = review.order_id
LEFT JOIN promise_kept AS kept ON kept.shipment.order_id = review.order_id;

SELECT delivery, count(*) AS reviews, round(avg(score), 2) AS score, count(*) FILTER (score <= 2) AS bad
FROM reviewed_delivery
GROUP BY delivery
ORDER BY delivery;
