-- The user types between the server's edit and its arrival. Neovim checks no edit of a document that was never changed
-- (its version is 0), so something is typed at the beginning.
local user = ...

user.see_lens('def total', '^Implement')
user.type_above('# typed before')

user.click_lens('def total', '^Implement')
user.see_lens('def total', 'Accept')
local arrive = vim.lsp.handlers['workspace/applyEdit']
local late = true
vim.lsp.handlers['workspace/applyEdit'] = function(...)
  if late then
    late = false
    vim.api.nvim_buf_set_lines(0, 0, 0, true, { '# typed', '# just before' })
  end
  return arrive(...)
end
user.click_lens('def total', 'Accept')
user.wait('the late edit', function() return not late end)
user.tell('text', user.text())
user.see_lens('def total', 'Accept')
user.click_lens('def total', 'Accept')
user.wait('the body', function() return user.text():find('return sum', 1, true) end)
user.save()
user.leave()
