-- Has a holder hold the lock from now on for so long. It is also how one that was handed the lock says that it is there.
--
-- ARGV[4]  the token
-- ARGV[5]  for how long
-- returns  {fence}; {} if it no longer holds
local ends, fence, owner = lock.holder(ARGV[4])
if not ends then
  return {}
end
lock.hold(ARGV[4], fence, tonumber(ARGV[5]), owner)
redis.call('HDEL', KEYS[3], ARGV[4])
return { fence }
