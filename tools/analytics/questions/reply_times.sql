-- Reply times: how long somebody waits for an answer, in hours. The store has no messages between buyers and
-- sellers yet; it has sellers who answer reviews, and buyers who answer the store's invitation to review.
CREATE OR REPLACE VIEW reply AS
SELECT 'seller answers a review' AS what,
       review.review_id AS id,
       epoch(answer.event.occur_time - review.submit_time) / 3600 AS hours
FROM review_submitted AS review
LEFT JOIN review_answered AS answer ON answer.review_id = review.review_id
UNION ALL
SELECT 'buyer answers an invitation',
       invitation.notification_id,
       epoch(review.submit_time - invitation.event.occur_time) / 3600
FROM review_invitation_sent AS invitation
LEFT JOIN review_submitted AS review
       ON review.order_id = invitation.order_id AND review.submit_time >= invitation.event.occur_time;

SELECT what,
       count(*) AS asked,
       count(hours) AS answered,
       round(quantile_disc(hours, 0.5), 2) AS median_hours
FROM reply
GROUP BY what
ORDER BY what;
