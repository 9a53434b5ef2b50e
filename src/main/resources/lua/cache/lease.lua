-- Asks for the right to load an entry. The right is kept inside the entry itself, or in a marker in its place, so that
-- whatever replaces or removes the entry takes the right away, and one key tells all.
--
-- KEYS[1]  the entry
-- ARGV[1]  the token of the one who asks, 8 bytes
-- ARGV[2]  how long the lease is to last, in milliseconds
-- ARGV[3]  the version that the one who asks has seen, 8 bytes; '' if none
-- returns  {0} granted, {1, ms} another has it for so long yet, {2, bytes} here is another version than the one seen
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lease = tonumber(ARGV[2])
local head = redis.call('GETRANGE', KEYS[1], 0, 25)
if #head < 26 or string.byte(head, 1) ~= 1 then
  local marker = '\1L' .. ARGV[1] .. struct.pack('>I8', now + lease) .. string.rep('\0', 8)
  redis.call('SET', KEYS[1], marker, 'PX', lease)
  return {0}
end
local till = struct.unpack('>I8', head, 11)
if string.sub(head, 2, 2) == 'L' then
  if till > now then
    return {1, till - now}
  end
elseif string.sub(head, 19, 26) ~= ARGV[3] then
  return {2, redis.call('GET', KEYS[1])}
elseif till > now then
  return {1, till - now}
end
redis.call('SETRANGE', KEYS[1], 2, ARGV[1] .. struct.pack('>I8', now + lease))
if redis.call('PTTL', KEYS[1]) < lease then
  redis.call('PEXPIRE', KEYS[1], lease)
end
return {0}
