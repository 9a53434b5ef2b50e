-- Ends a lease: stores what was loaded, or gives the right back. Does nothing if the lease was taken away meanwhile, by
-- an invalidation, a newer value or its own end: what was loaded may be older than what took it away.
--
-- KEYS[1]  the entry
-- ARGV[1]  the token of the lease, 8 bytes
-- ARGV[2]  the bytes of the entry; '' to give the right back
-- ARGV[3]  how long to keep it, in milliseconds
-- ARGV[4]  the channel and
-- ARGV[5]  the message of the change
-- returns  1 done, 0 the lease was lost
local head = redis.call('GETRANGE', KEYS[1], 0, 17)
if #head < 18 or string.byte(head, 1) ~= 1 or string.sub(head, 3, 10) ~= ARGV[1] then
  return 0
end
if ARGV[2] ~= '' then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
elseif string.sub(head, 2, 2) == 'L' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SETRANGE', KEYS[1], 2, string.rep('\0', 16))
end
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 1
