-- For wrk with a thread per connection: takes a lock, gives it back, takes another. Checks each answer.
-- Arguments: THREADS NAMES weir, or THREADS NAMES webdis SHA, of the script that deletes a key if it holds a value. Each thread
-- has its own share of the names, so that nobody ever waits, and picks one at random each time.
-- The line: as of request.lua; an answer that is not what it must be counts as a wrong status.

local all = {}

function setup(thread)
  all[#all + 1] = thread
  thread:set("number", #all)
end

local weir, share, base, release
local counter = 0
wrong = 0

local function name()
  return "job:" .. (number - 1) * share + math.random(share)
end

local taken, token

local function take()
  taken = name()
  if weir then
    return wrk.format("POST", base .. taken, nil, '{"ttl":"30s"}')
  end
  counter = counter + 1
  token = ("t%02d-%020d"):format(number, counter)
  return wrk.format("GET", base .. "SET/lock:" .. taken .. "/" .. token .. "/NX/PX/30000")
end

local function give_back()
  if weir then
    return wrk.format("DELETE", base .. taken, { ["Weir-Lock-Token"] = token, ["Host"] = wrk.headers["Host"] })
  end
  return wrk.format("GET", base .. release .. taken .. "/" .. token)
end

function init(args)
  share = math.floor(tonumber(args[2]) / tonumber(args[1]))
  weir = args[3] == "weir"
  base = wrk.path
  release = "EVALSHA/" .. tostring(args[4]) .. "/1/lock:"
  math.randomseed(number)
end

local held = false

function request()
  return held and give_back() or take()
end

function response(status, headers, body)
  local right
  if held then
    right = weir and status == 204 or body == '{"EVALSHA":1}'
    held = false
  else
    if weir then
      token = body:match('"token":"([^"]+)"')
      right = status == 201 and token ~= nil
    else
      right = body == '{"SET":[true,"OK"]}'
    end
    held = right
  end
  if not right and status < 400 then
    wrong = wrong + 1
  end
end

function done(summary, latency)
  local errors, status = summary.errors, summary.errors.status
  for _, thread in ipairs(all) do
    status = status + thread:get("wrong")
  end
  print(("measured %d %d %d %d %d %d %d %d %d"):format(
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect, errors.read, errors.write, errors.timeout, status))
end
