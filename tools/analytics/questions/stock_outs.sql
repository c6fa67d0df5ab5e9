-- Stock-outs: how often products ran out in each month, and how long they stayed so, in days.
CREATE OR REPLACE VIEW stock_out AS
SELECT depleted.product_id,
       depleted.seller_id,
       depleted.event.occur_time AS since,
       (SELECT min(back.event.occur_time) FROM stock_replenished AS back
        WHERE back.product_id = depleted.product_id AND back.event.position > depleted.event.position) AS until
FROM stock_depleted AS depleted;

SELECT strftime(since, '%Y-%m') AS month,
       count(*) AS times,
       count(DISTINCT product_id) AS products,
       count(until) AS ended,
       round(quantile_disc(epoch(until - since) / 86400, 0.5), 2) AS median_days
FROM stock_out
GROUP BY month
ORDER BY month;
