-- Stops waiting, and hands on what was handed over meanwhile.
--
-- ARGV[4]  the token
-- ARGV[5]  '1' to keep the lock if it was handed over meanwhile
-- returns  1 if it was handed over and is kept, else 0
if lock.holder(ARGV[4]) then
  if ARGV[5] == '1' then
    return 1
  end
  redis.call('HDEL', KEYS[1], ARGV[4])
end
lock.forget(ARGV[4])
lock.hand()
return 0
