-- Extends a lease, as long as nothing has taken it away. One that has run out, but that nobody else has got since, is
-- its holder's again.
--
-- KEYS[1]  the entry
-- ARGV[1]  the token of the lease, 8 bytes
-- ARGV[2]  how long it is to last from now, in milliseconds
-- returns  1 extended, 0 the lease was lost
local head = redis.call('GETRANGE', KEYS[1], 0, 17)
if #head < 18 or string.byte(head, 1) ~= 1 or string.sub(head, 3, 10) ~= ARGV[1] then
  return 0
end
local time = redis.call('TIME')
local lease = tonumber(ARGV[2])
redis.call('SETRANGE', KEYS[1], 10, struct.pack('>I8', time[1] * 1000 + math.floor(time[2] / 1000) + lease))
if redis.call('PTTL', KEYS[1]) < lease then
  redis.call('PEXPIRE', KEYS[1], lease)
end
return 1
