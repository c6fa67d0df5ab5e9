-- Time from order to dispatch: how long sellers take, by how the order was paid. In hours.
CREATE OR REPLACE VIEW order_to_dispatch AS
SELECT placed.order_id,
       placed.seller_id,
       placed.payment_method,
       epoch(dispatched.dispatch_time - placed.place_time) / 3600 AS hours
FROM order_placed AS placed
JOIN order_dispatched AS dispatched ON dispatched.order_id = placed.order_id;

SELECT payment_method,
       count(*) AS orders,
       round(quantile_disc(hours, 0.5), 2) AS median,
       round(quantile_disc(hours, 0.9), 2) AS nine_of_ten_within,
       round(max(hours), 2) AS longest
FROM order_to_dispatch
GROUP BY payment_method
ORDER BY payment_method;
