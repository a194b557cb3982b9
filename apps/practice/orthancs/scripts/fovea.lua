-- For any Orthanc: tells Fovea of each study that is complete and of each instance that arrives, each call signed.
-- In Orthanc's settings: "LuaScripts": ["/etc/orthanc/fovea.lua"], "HttpTimeout": 10
local ADDRESS = "@@ADDRESS@@"
local SOURCE = "@@SOURCE@@"
local SECRET = "@@SECRET@@"

-- SHA-256 (FIPS 180-4), in Lua 5.1 too, which has no bitwise operators.
local TWO32 = 4294967296

local function bitwise(table16)
  return function(a, b)
    local result, place = 0, 1
    for _ = 1, 8 do
      local x, y = a % 16, b % 16
      result = result + table16[x * 16 + y] * place
      a, b, place = (a - x) / 16, (b - y) / 16, place * 16
    end
    return result
  end
end

local function nibbles(bit)
  local made = {}
  for x = 0, 15 do
    for y = 0, 15 do
      local value, place, a, b = 0, 1, x, y
      for _ = 1, 4 do
        if bit(a % 2, b % 2) then value = value + place end
        a, b, place = math.floor(a / 2), math.floor(b / 2), place * 2
      end
      made[x * 16 + y] = value
    end
  end
  return made
end

local native = (loadstring or load)("return function(a, b) return a ~ b end, function(a, b) return a & b end")
local xor, both
if native then
  xor, both = native()
else
  xor = bitwise(nibbles(function(a, b) return a ~= b end))
  both = bitwise(nibbles(function(a, b) return a == 1 and b == 1 end))
end

local function right(x, count)
  return math.floor(x / 2 ^ count)
end

local function turn(x, count)
  local low = x % 2 ^ count
  return (x - low) / 2 ^ count + low * 2 ^ (32 - count)
end

local function constants(count, power)
  local found, n = {}, 2
  while #found < count do
    local is_prime = true
    for d = 2, math.floor(math.sqrt(n)) do
      if n % d == 0 then is_prime = false break end
    end
    if is_prime then
      local root = n ^ power
      found[#found + 1] = math.floor((root - math.floor(root)) * TWO32)
    end
    n = n + 1
  end
  return found
end

local START, ROUND = constants(8, 1 / 2), constants(64, 1 / 3)

local function word(text, at)
  local a, b, c, d = string.byte(text, at, at + 3)
  return ((a * 256 + b) * 256 + c) * 256 + d
end

local function bytes(value, count)
  local text = ""
  for _ = 1, count do
    text = string.char(value % 256) .. text
    value = math.floor(value / 256)
  end
  return text
end

local function sha256(text)
  local bits = #text * 8
  text = text .. "\128" .. string.rep("\0", (55 - #text) % 64) .. bytes(bits, 8)
  local state = {}
  for i = 1, 8 do state[i] = START[i] end
  for block = 1, #text, 64 do
    local w = {}
    for i = 1, 16 do w[i] = word(text, block + (i - 1) * 4) end
    for i = 17, 64 do
      local s0 = xor(xor(turn(w[i - 15], 7), turn(w[i - 15], 18)), right(w[i - 15], 3))
      local s1 = xor(xor(turn(w[i - 2], 17), turn(w[i - 2], 19)), right(w[i - 2], 10))
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) % TWO32
    end
    local a, b, c, d, e, f, g, h = (table.unpack or unpack)(state)
    for i = 1, 64 do
      local s1 = xor(xor(turn(e, 6), turn(e, 11)), turn(e, 25))
      local one = (h + s1 + xor(both(e, f), both(TWO32 - 1 - e, g)) + ROUND[i] + w[i]) % TWO32
      local s0 = xor(xor(turn(a, 2), turn(a, 13)), turn(a, 22))
      local two = (s0 + xor(xor(both(a, b), both(a, c)), both(b, c))) % TWO32
      h, g, f, e, d, c, b, a = g, f, e, (d + one) % TWO32, c, b, a, (one + two) % TWO32
    end
    local new = { a, b, c, d, e, f, g, h }
    for i = 1, 8 do state[i] = (state[i] + new[i]) % TWO32 end
  end
  local digest = ""
  for i = 1, 8 do digest = digest .. bytes(state[i], 4) end
  return digest
end

-- HMAC (RFC 2104), in hexadecimal digits.
local function hmac(key, text)
  if #key > 64 then key = sha256(key) end
  key = key .. string.rep("\0", 64 - #key)
  local inner = string.gsub(key, ".", function(c) return string.char(xor(string.byte(c), 54)) end)
  local outer = string.gsub(key, ".", function(c) return string.char(xor(string.byte(c), 92)) end)
  local digest = sha256(outer .. sha256(inner .. text))
  return (string.gsub(digest, ".", function(c) return string.format("%02x", string.byte(c)) end))
end

local count = 0

local function tell(change, kind, id)
  count = count + 1
  local timestamp = string.format("%d", os.time())
  local delivery = string.format("%s-%d-%s", timestamp, count, string.sub(id, 1, 8))
  local body = string.format('{"ChangeType":"%s","ResourceType":"%s","ID":"%s"}', change, kind, id)
  HttpPost(ADDRESS, body, {
    ["Content-Type"] = "application/json",
    ["X-Fovea-Source"] = SOURCE,
    ["X-Fovea-Timestamp"] = timestamp,
    ["X-Fovea-Delivery"] = delivery,
    ["X-Fovea-Signature"] = "sha256=" .. hmac(SECRET, timestamp .. "." .. delivery .. "." .. body),
  })
end

function OnStoredInstance(instanceId, tags, metadata)
  tell("NewInstance", "Instance", instanceId)
end

function OnStableStudy(studyId, tags, metadata)
  tell("StableStudy", "Study", studyId)
end
