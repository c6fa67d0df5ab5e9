-- Funnel: how many got how far, from the cart to the review.
CREATE OR REPLACE VIEW funnel AS
SELECT 1 AS step, 'carts created' AS what, count(*) AS number FROM cart_created
UNION ALL SELECT 2, 'checkouts started', count(*) FROM checkout_started
UNION ALL SELECT 3, 'purchases placed', count(*) FROM order_group_placed
UNION ALL SELECT 4, 'purchases paid', count(DISTINCT group_id) FROM payment_captured
UNION ALL SELECT 5, 'orders placed', count(*) FROM order_placed
UNION ALL SELECT 6, 'orders paid', count(*) FROM payment_captured
UNION ALL SELECT 7, 'orders dispatched', count(*) FROM order_dispatched
UNION ALL SELECT 8, 'orders received', count(*) FROM order_received
UNION ALL SELECT 9, 'orders reviewed', count(DISTINCT order_id) FROM review_submitted;

SELECT step, what, number FROM funnel ORDER BY step;
