-- Reads a subject's override.
--
-- KEYS[1]  the override
-- returns  {bytes, how long it holds yet in milliseconds}; an absent value if there is none
local override = redis.call('GET', KEYS[1])
if not override then
  return false
end
return { override, redis.call('PTTL', KEYS[1]) }
