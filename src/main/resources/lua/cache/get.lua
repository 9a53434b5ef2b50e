-- Reads an entry and renews its life: sliding expiry in one step.
--
-- KEYS[1]  the entry
-- ARGV     none
-- returns  the entry's bytes with its renewed times, or nil if there is none
--
-- Header, big-endian (see EntryCodec): 1 format, 2 kind, 3 lease token (8), 11 lease until, 19 version (8), 27 created,
-- 35 fresh until, 43 stale until, 51 error until, 59 ttl; all times in milliseconds of Redis' clock.
local value = redis.call('GET', KEYS[1])
if not value then
  return nil
end
if #value < 66 or string.byte(value, 1) ~= 1 or string.sub(value, 2, 2) ~= 'V' then
  return value
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local fresh, stale, err, ttl = struct.unpack('>I8I8I8I8', value, 35)
if now >= fresh then
  return value
end
local by = now + ttl - fresh
if by > 0 then
  local times = struct.pack('>I8I8I8', fresh + by, stale + by, err + by)
  redis.call('SETRANGE', KEYS[1], 34, times)
  redis.call('PEXPIRE', KEYS[1], math.max(fresh, stale, err) + by - now)
  return string.sub(value, 1, 34) .. times .. string.sub(value, 59)
end
return value
