-- Seller on-time rate: how many sellers dispatch how much of their orders by the promised day. The view
-- seller_on_time has each of them.
CREATE OR REPLACE VIEW seller_on_time AS
SELECT seller_id,
       count(*) AS dispatched,
       count(*) FILTER (on_time) AS on_time,
       100.0 * count(*) FILTER (on_time) / count(*) AS percent_on_time
FROM shipment_dispatched
GROUP BY seller_id;

SELECT CASE WHEN percent_on_time = 100 THEN '100 %'
            WHEN percent_on_time >= 90 THEN '90 to 100 %'
            WHEN percent_on_time >= 50 THEN '50 to 90 %'
            ELSE 'less than 50 %' END AS on_time,
       count(*) AS sellers,
       sum(dispatched) AS shipments,
       sum(on_time) AS shipments_on_time
FROM seller_on_time
GROUP BY ALL
ORDER BY min(percent_on_time) DESC;
