-- Lets an alias name an entry, live on with it, or go with it.
--
-- KEYS[1]  the alias
-- ARGV[1]  the entry's key
-- ARGV[2]  how long the alias is to live, in milliseconds
-- ARGV[3]  'take': whatever it named before; 'keep': only if it names this entry, or nothing; 'drop': it is to name this
--          entry no longer
-- returns  nothing
local named = redis.call('GET', KEYS[1])
if ARGV[3] == 'drop' then
  if named == ARGV[1] then
    redis.call('DEL', KEYS[1])
  end
elseif ARGV[3] == 'take' or not named or named == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return nil
