-- Runs one scenario in a real Neovim: `SCENARIO` names its file, `REPORT` the file that it tells its results to.
-- All waits are for conditions. A scenario that fails says where, and Neovim exits with 1.

local PATIENCE = 30000 -- milliseconds

local M = { told = {}, messages = {} }

--- Tell a result to the test.
function M.tell(name, value)
  M.told[name] = value
end

--- Wait until something holds.
function M.wait(what, condition)
  local value
  local function holds()
    value = condition()
    return value
  end
  local function over()
    return holds() or table.concat(M.messages):find('quit with exit code', 1, true)
  end
  if not vim.wait(PATIENCE, over, 10) or not value then
    error('waited in vain for ' .. what .. '; lenses: ' .. vim.inspect(M.lenses()) .. ' messages: ' .. vim.inspect(M.messages), 2)
  end
  return value
end

function M.client()
  return vim.lsp.get_clients({ name = 'soa' })[1]
end

--- What the user sees at the end of a line (from 0), or of the whole buffer.
function M.lenses(line)
  local shown = {}
  for name, namespace in pairs(vim.api.nvim_get_namespaces()) do
    if name:match('^nvim.lsp.codelens') then
      local first, last = line and { line, 0 } or 0, line and { line, -1 } or -1
      for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, namespace, first, last, { details = true })) do
        for _, chunk in ipairs(mark[4].virt_text or {}) do
          if chunk[2] == 'LspCodeLens' then
            table.insert(shown, chunk[1])
          end
        end
      end
    end
  end
  return shown
end

--- The line (from 0) of a text in the buffer.
function M.line(text)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, true)) do
    if line:find(text, 1, true) then
      return number - 1
    end
  end
  error('not in the buffer: ' .. text, 2)
end

function M.go(text)
  vim.api.nvim_win_set_cursor(0, { M.line(text) + 1, 4 })
end

-- What Neovim does after each key, but not while a script runs.
local function typed()
  vim.cmd('doautocmd TextChanged')
end

--- Type over the first occurrence of a text.
function M.type_over(text, other)
  local number = M.line(text)
  local line = vim.api.nvim_buf_get_lines(0, number, number + 1, true)[1]
  local first, last = line:find(text, 1, true)
  vim.api.nvim_buf_set_text(0, number, first - 1, number, last, { other })
  typed()
end

--- Type lines at the top.
function M.type_above(...)
  vim.api.nvim_buf_set_lines(0, 0, 0, true, { ... })
  typed()
end

--- Whether Neovim holds a lens at a line, and does not only still show one that moved there.
local function held(line, title)
  for _, lens in ipairs(vim.lsp.codelens.get(0)) do
    if lens.range.start.line == line and lens.command.title == title then
      return true
    end
  end
end

--- Wait until a lens that matches is shown at the line of a text; its title.
function M.see_lens(text, pattern)
  return M.wait('lens ' .. pattern .. ' at ' .. text, function()
    local line = M.line(text)
    for _, title in ipairs(M.lenses(line)) do
      if title:match(pattern) and held(line, title) then
        return title
      end
    end
  end)
end

--- Click a lens as a user does: go to its line, run, choose.
function M.click_lens(text, pattern)
  M.see_lens(text, pattern)
  M.go(text)
  M.choice = pattern
  vim.lsp.codelens.run()
end

--- Titles of the code actions at the cursor.
function M.actions()
  local params = vim.lsp.util.make_range_params(0, M.client().offset_encoding)
  params.context = { diagnostics = {} }
  local answer = assert(M.client():request_sync('textDocument/codeAction', params, PATIENCE, 0))
  return vim.tbl_map(function(action) return action.title end, answer.result or {})
end

--- Choose a code action through the editor's own menu.
function M.act(text, pattern)
  M.go(text)
  vim.lsp.buf.code_action({ apply = true, filter = function(action) return action.title:match(pattern) ~= nil end })
end

--- The text of the hover window at a text.
function M.hover(text)
  M.go(text)
  vim.lsp.buf.hover()
  return M.wait('a hover window', function()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(window).relative ~= '' then
        local shown = table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, true), '\n')
        vim.api.nvim_win_close(window, true)
        return shown
      end
    end
  end)
end

function M.text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), '\n') .. '\n'
end

function M.save()
  vim.cmd('silent write')
end

--- Stop the server, and wait until it is gone: to quit would not wait.
function M.leave()
  local client = M.client()
  client:stop()
  M.wait('the end of the server', function() return client.rpc.is_closing() end)
end

function vim.ui.select(items, options, on_choice)
  for number, item in ipairs(items) do
    local shown = options.format_item and options.format_item(item) or tostring(item)
    if shown:match(M.choice) then
      return on_choice(item, number)
    end
  end
  error('nothing to choose like ' .. M.choice)
end

function vim.notify(message)
  table.insert(M.messages, message)
end

local function run()
  M.wait('the server', function() return M.client() and M.client().initialized end)
  local scenario = assert(loadfile(vim.env.SCENARIO))
  scenario(M)
  M.tell('messages', M.messages)
  vim.fn.writefile({ vim.json.encode(M.told) }, vim.env.REPORT)
end

local good, problem = xpcall(run, debug.traceback)
if not good then
  io.stderr:write(problem .. '\n')
  vim.cmd('cquit 1')
end
vim.cmd('qall!')
