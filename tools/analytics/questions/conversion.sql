-- Conversion: of the carts of each month, how many became purchases, and how many of those were paid.
CREATE OR REPLACE VIEW conversion AS
SELECT strftime(cart.event.occur_time, '%Y-%m') AS month,
       count(*) AS carts,
       count(purchase.group_id) AS purchases,
       count(paid.group_id) AS paid,
       round(100.0 * count(paid.group_id) / count(*), 1) AS percent_paid
FROM cart_created AS cart
LEFT JOIN order_group_placed AS purchase ON purchase.cart_id = cart.cart_id
LEFT JOIN (SELECT DISTINCT group_id FROM payment_captured) AS paid ON paid.group_id = purchase.group_id
GROUP BY month;

SELECT * FROM conversion ORDER BY month;
