-- Tells of an entry what a listing shows, without its body.
--
-- KEYS[1]  the entry
-- ARGV     none
-- returns  nil if it is none that a caller would see, else {ms until it ends, the header with its texts}
local head = redis.call('GETRANGE', KEYS[1], 0, 92)
if #head < 93 or string.byte(head, 1) ~= 1 or string.sub(head, 2, 2) ~= 'V' then
  return nil
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local fresh, stale = struct.unpack('>I8I8', head, 35)
local ends = math.max(fresh, stale)
if now >= ends then
  return nil
end
local typeLength, tagsLength, aliasesLength = struct.unpack('>I2I2I2', head, 88)
return {ends - now, redis.call('GETRANGE', KEYS[1], 0, 92 + typeLength + tagsLength + aliasesLength)}
