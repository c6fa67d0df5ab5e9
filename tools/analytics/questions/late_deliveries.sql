-- Late deliveries: of what was delivered in each month, how much came after the day that was promised.
CREATE OR REPLACE VIEW delivery AS
SELECT delivered.order_id,
       delivered.seller_id,
       delivered.delivered_time,
       placed.shipping.arrive_until AS promised,
       CAST(timezone(placed.shipping.time_zone, delivered.delivered_time) AS DATE) AS arrived,
       greatest(0, date_diff('day', promised, arrived)) AS days_late
FROM shipment_delivered AS delivered
JOIN order_placed AS placed ON placed.order_id = delivered.order_id;

SELECT strftime(delivered_time, '%Y-%m') AS month,
       count(*) AS delivered,
       count(*) FILTER (days_late > 0) AS late,
       round(100.0 * count(*) FILTER (days_late > 0) / count(*), 1) AS percent_late,
       round(avg(days_late) FILTER (days_late > 0), 1) AS days_late
FROM delivery
GROUP BY month
ORDER BY month;
