-- Stores an entry, whatever is there or only under a condition, and tells the instances.
--
-- KEYS[1]  the entry
-- ARGV[1]  its bytes
-- ARGV[2]  how long to keep it, in milliseconds
-- ARGV[3]  the condition: '' none, 'absent', 'present', or entity tags of 16 bytes each, one of which must be there
-- ARGV[4]  the channel and
-- ARGV[5]  the message of the change
-- returns  {1 created | 0 replaced | -1 the condition does not hold, the aliases of what was replaced}
local head = redis.call('GETRANGE', KEYS[1], 0, 92)
local there = false
if #head == 93 and string.byte(head, 1) == 1 and string.sub(head, 2, 2) == 'V' then
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local fresh, stale = struct.unpack('>I8I8', head, 35)
  there = now < fresh or now < stale
end
local condition = ARGV[3]
if condition == 'absent' then
  if there then
    return {-1, ''}
  end
elseif condition == 'present' then
  if not there then
    return {-1, ''}
  end
elseif condition ~= '' then
  local found = false
  if there then
    local etag = string.sub(head, 67, 82)
    for i = 1, #condition, 16 do
      found = found or string.sub(condition, i, i + 15) == etag
    end
  end
  if not found then
    return {-1, ''}
  end
end
local aliases = ''
if #head == 93 and string.byte(head, 1) == 1 then
  local typeLength, tagsLength, aliasesLength = struct.unpack('>I2I2I2', head, 88)
  if aliasesLength > 0 then
    local from = 93 + typeLength + tagsLength
    aliases = redis.call('GETRANGE', KEYS[1], from, from + aliasesLength - 1)
  end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('PUBLISH', ARGV[4], ARGV[5])
return {there and 0 or 1, aliases}
