-- Removes an entry with whatever lease is in it, and tells the instances, which may have it near although Redis has not.
--
-- KEYS[1]  the entry
-- ARGV[1]  only if the entry bears this tag; '' for any
-- ARGV[2]  the channel, '' to tell nobody, and
-- ARGV[3]  the message of the change
-- returns  1 if a caller would have seen it, else 0
local head = redis.call('GETRANGE', KEYS[1], 0, 92)
local there = 0
if #head >= 93 and string.byte(head, 1) == 1 then
  if ARGV[1] ~= '' then
    local typeLength, tagsLength = struct.unpack('>I2I2', head, 88)
    local tags = redis.call('GETRANGE', KEYS[1], 93 + typeLength, 92 + typeLength + tagsLength)
    if tagsLength == 0 or not string.find('\0' .. tags .. '\0', '\0' .. ARGV[1] .. '\0', 1, true) then
      return 0
    end
  end
  if string.sub(head, 2, 2) == 'V' then
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local fresh, stale = struct.unpack('>I8I8', head, 35)
    if now < fresh or now < stale then
      there = 1
    end
  end
elseif ARGV[1] ~= '' then
  return 0
end
redis.call('UNLINK', KEYS[1])
if ARGV[2] ~= '' then
  redis.call('PUBLISH', ARGV[2], ARGV[3])
end
return there
