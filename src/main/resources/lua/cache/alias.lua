-- Lets an alias name an entry, or live on with it.
--
-- KEYS[1]  the alias
-- ARGV[1]  the entry's key
-- ARGV[2]  how long the alias is to live, in milliseconds
-- ARGV[3]  'take': whatever it named before; 'keep': only if it names this entry, or nothing
-- returns  nothing
local named = redis.call('GET', KEYS[1])
if ARGV[3] == 'take' or not named or named == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return nil
