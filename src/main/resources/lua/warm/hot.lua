-- Adds what one instance has counted of reads to what all have counted, and lets it fade: every ten minutes all counts are
-- halved, so that what was read long ago makes room.
--
-- KEYS[1]  the counts
-- ARGV[1]  how many keys are kept at most
-- ARGV     then of each key two: the key, by how much
-- returns  how many keys are kept
local time = redis.call('TIME')
local age = '\0age'
local period = math.floor(time[1] / 600)
local last = tonumber(redis.call('ZSCORE', KEYS[1], age))
if last and -last < period then
  local factor = 0.5 ^ math.min(60, period + last)
  redis.call('ZUNIONSTORE', KEYS[1], 1, KEYS[1], 'WEIGHTS', factor)
  redis.call('ZREMRANGEBYSCORE', KEYS[1], 0, '(0.5')
end
for i = 2, #ARGV, 2 do
  redis.call('ZINCRBY', KEYS[1], ARGV[i + 1], ARGV[i])
end
-- Below all counts, so that it is never among the most read.
redis.call('ZREM', KEYS[1], age)
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - tonumber(ARGV[1]))
redis.call('ZADD', KEYS[1], -period, age)
redis.call('EXPIRE', KEYS[1], 86400)
return redis.call('ZCARD', KEYS[1]) - 1
