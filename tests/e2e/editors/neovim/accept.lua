-- Lens, hover, implement by the lens, accept by the code action, save, undo.
local user = ...

user.tell('before', { lens = user.see_lens('def total', 'Implement'), hover = user.hover('def total') })
user.click_lens('def total', '^Implement')
user.tell('ready', user.see_lens('def total', 'Accept'))
user.tell('lenses', user.lenses(user.line('def total')))
user.tell('hover', user.hover('def total'))
user.go('def total')
user.tell('actions', user.actions())

local original = user.text()
user.act('def total', '^Accept')
user.wait('the body', function() return user.text() ~= original end)
local accepted = user.text()
vim.cmd('silent undo')
user.tell('undone', user.text() == original)
vim.cmd('silent redo')
user.tell('redone', user.text() == accepted)
user.save()
user.leave()
