-- Stops waiting, and hands on what was handed over meanwhile. What was confirmed is held, and what is waited for through
-- another instance is not this one's to leave: the client may have come back there.
--
-- ARGV[4]  the token
-- ARGV[5]  '1' to keep the lock if it was handed over meanwhile
-- ARGV[6]  the instance that leaves
-- returns  1 if it was handed over and is kept, else 0
local held = lock.holder(ARGV[4])
if held and ARGV[5] == '1' then
  return 1
end
local waiting, _, instance = lock.waiter(ARGV[4])
if waiting and instance == ARGV[6] then
  if held then
    redis.call('HDEL', KEYS[1], ARGV[4])
  end
  lock.forget(ARGV[4])
end
lock.hand()
return 0
