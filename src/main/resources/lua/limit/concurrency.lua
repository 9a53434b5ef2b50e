-- Concurrency: as many slots as the limit, each taken until it is given back or its lease, the window, is over.
--
-- The state: a sorted set of the slots that are taken, one member for each unit of cost, scored by when its lease is over.
algorithms['concurrency'] = function(key, clock, limit, window, burst, cost)
  local function digits(number)
    return string.format('%.0f', number)
  end
  local live = '(' .. digits(clock)
  local used = redis.call('ZCOUNT', key, live, '+inf')
  local last, reset, retry = 0, 0, 0
  if used > 0 then
    last = tonumber(redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')[2])
    reset = last - clock
  end
  if used + cost > limit then
    -- The latest moment at which there is room; a slot that is given back makes it earlier.
    local over = math.min(used, used + cost - limit)
    retry = tonumber(redis.call('ZRANGEBYSCORE', key, live, '+inf', 'WITHSCORES', 'LIMIT', over - 1, 1)[2]) - clock
  end
  return limit - used, reset, retry, function()
    redis.call('ZREMRANGEBYSCORE', key, '-inf', digits(clock))
    local till = clock + window
    for i = 1, cost do
      redis.call('ZADD', key, digits(till), ARGV[2] .. ':' .. i)
    end
    last = math.max(last, till)
    redis.call('PEXPIRE', key, math.ceil((last - clock) / 1000) + 1000)
    return limit - used - cost, last - clock
  end
end
