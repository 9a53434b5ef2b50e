-- Forgets that entries bear a tag, each only if it was not noted anew since it was read.
--
-- KEYS[1]  the tag's index
-- ARGV     pairs of a key and the score that was read with it
-- returns  nothing
for i = 1, #ARGV, 2 do
  if redis.call('ZSCORE', KEYS[1], ARGV[i]) == ARGV[i + 1] then
    redis.call('ZREM', KEYS[1], ARGV[i])
  end
end
return nil
