-- Gives a lock back and hands it on.
--
-- KEYS[5]  what says that this token was given back
-- ARGV[4]  the token
-- ARGV[5]  for how long the same call is still understood
-- returns  1 if it was held, or was given back before, else 0
if not lock.holder(ARGV[4]) then
  lock.hand()
  return redis.call('EXISTS', KEYS[5])
end
redis.call('HDEL', KEYS[1], ARGV[4])
redis.call('HDEL', KEYS[3], ARGV[4])
redis.call('SET', KEYS[5], '', 'PX', ARGV[5])
lock.hand()
return 1
