-- Keeps the addresses of containers right between two reloads of nginx. flatnetd replaces a small file, the table, in one
-- step; each worker looks at its first line ten times a second, and reads the rest when that line has changed.
--
-- The table: a serial; lines "ID [ADDRESS PORT]..."; "end". Before the first table has been read, nginx takes the addresses
-- of its own configuration, which were right when it was written.

local balancer = require "ngx.balancer"

local INTERVAL = 0.1 -- seconds
local BUSY = -3 -- NGX_BUSY: no further server; leads to 502

local M = {}

local path, serial
local entries -- of the table, by ID: lists of {address, port}; nil before the first one
local turn = {} -- by ID: which peer is next

local function parse(file)
  local found, is_whole = {}, false
  for line in file:lines() do
    if line == "end" then
      is_whole = true
      break
    end
    local id, rest = line:match("^(%S+)(.*)$")
    if id then
      local peers = {}
      for address, port in rest:gmatch(" (%S+) (%d+)") do
        peers[#peers + 1] = { address, tonumber(port) }
      end
      found[id] = peers
    end
  end
  return is_whole and found or nil
end

local function load()
  local file = io.open(path, "r")
  if not file then return end
  local first = file:read("*l")
  if first and first ~= serial then
    local found = parse(file)
    if found then
      entries, serial = found, first
    end
  end
  file:close()
end

local function tick(premature)
  if not premature then load() end
end

--- In init_worker_by_lua.
function M.start(table_path)
  path = table_path
  load()
  local ok, problem = ngx.timer.every(INTERVAL, tick)
  if not ok then ngx.log(ngx.ERR, "flatnet: addresses are not followed: ", problem) end
end

local function peers_now()
  local peers = entries and entries[ngx.var.flatnet_route]
  if entries and (not peers or #peers == 0) then return {} end
  return peers
end

--- In access_by_lua: ends a request for which no container is ready, without trying one.
function M.access(status)
  local peers = peers_now()
  if peers and #peers == 0 then return ngx.exit(status) end
end

--- In balancer_by_lua: once for each try of a request.
function M.balance()
  local tried = ngx.ctx.flatnet_tried
  if tried then load() end -- the address that failed may be one of yesterday
  local peers = peers_now()
  if not peers then return end
  if not tried then
    tried = { count = 0 }
    ngx.ctx.flatnet_tried = tried
    balancer.set_more_tries(math.max(#peers, 1))
  end
  local id = ngx.var.flatnet_route
  for _ = 1, #peers do
    local index = (turn[id] or 0) % #peers + 1
    turn[id] = index
    local address, port = peers[index][1], peers[index][2]
    local key = address .. " " .. port
    if not tried[key] then
      tried[key] = true
      return assert(balancer.set_current_peer(address, port))
    end
  end
  return ngx.exit(BUSY)
end

return M
