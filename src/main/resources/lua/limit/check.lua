-- Decides on any number of checks at once: all of them are spent, or none. An algorithm's file stands before this one and
-- adds to the table `algorithms` a function (key, clock, limit, window, burst, cost) that returns what remains, the time
-- until all of it is back, the time until the cost can be spent (0: now), and a function that spends it and returns the
-- first two anew. Times are microseconds of Redis' own clock. A state is kept a second longer than it counts: Redis may
-- have looked at its clock earlier for when keys end than for what TIME tells.
--
-- KEYS     of each check two: its state, its override
-- ARGV[1]  '1' to spend, '0' to look
-- ARGV[2]  the name of the slot that is taken, where an algorithm has slots
-- ARGV     of each check six: algorithm, limit, window, burst (0: as the limit), cost, '1' if it must never deny
-- ARGV     last, with one check only: how many times it is asked for; as many of them are spent as there is room for
-- returns  {1 if spent, else 0, then of each check: limit, window, burst, remaining, reset, retry}; a retry of -1 says that
--          the cost can never be spent; of one that was asked for several times and spent also how often, and if that was
--          not every time the retry of the others
local time = redis.call('TIME')
local clock = time[1] * 1000000 + time[2]
local times = tonumber(ARGV[#KEYS * 3 + 3] or 1)
local answer, commits, denied = { 0 }, {}, false
for i = 1, #KEYS / 2 do
  local at = i * 6 - 3
  local limit, window = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local override = redis.call('GET', KEYS[i * 2])
  if override then
    limit, window = struct.unpack('>I8I8', override)
  end
  local burst, cost = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  if burst == 0 then
    burst = limit
  end
  local possible = cost <= burst
  local function look(sum)
    return algorithms[ARGV[at]](KEYS[i * 2 - 1], clock, limit, window, burst, sum)
  end
  local remaining, reset, retry, commit = look(possible and cost or 0)
  if not possible then
    retry = -1
  end
  local n = #answer
  answer[n + 1], answer[n + 2], answer[n + 3] = limit, window, burst
  answer[n + 4], answer[n + 5], answer[n + 6] = math.max(0, remaining), reset, retry
  if retry == 0 and times > 1 then
    local granted = math.min(times, math.floor(remaining / cost))
    local _, later
    repeat
      _, _, later, commit = look(granted * cost)
      granted = granted - 1 -- where rounding has found room for one that there is not
    until later == 0
    answer[n + 7] = granted + 1
    commits[n + 4] = function()
      local left, back = commit()
      if granted + 1 < times then
        _, _, answer[n + 8] = look(cost)
      end
      return left, back
    end
  elseif retry == 0 then
    commits[n + 4] = commit
  elseif ARGV[at + 5] == '0' then
    denied = true
  end
end
if ARGV[1] == '1' and not denied then
  answer[1] = 1
  for place, commit in pairs(commits) do
    answer[place], answer[place + 1] = commit()
  end
end
return answer
